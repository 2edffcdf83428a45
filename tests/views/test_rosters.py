"""The board, runs, drafts, repair and papers, through the web."""

import io
import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.builders import (
    City,
    a_city,
    a_point,
    a_shift,
    a_volunteer,
    an_activity,
    an_assignment,
    available,
    sign_in,
)
from tests.counting import count_queries
from volunteer.domain.terms import AssignmentState, RunState, ShiftState
from volunteer.domain.timekeeping import local_date, now, week_of
from volunteer.jobs.queue import Worker
from volunteer.models.activities import Shift
from volunteer.models.base import db
from volunteer.models.journal import AuditEntry
from volunteer.models.ledger import ExportLog
from volunteer.models.rosters import Assignment, DraftRoster, DraftSeat, Pin, SchedulingRun


class Desk:
    """An organizer at the desk, with next week's shifts and four people who are free."""

    def __init__(self, app: Flask) -> None:
        app.config["WTF_CSRF_ENABLED"] = False
        self.app = app
        self.city: City = a_city()
        self.monday = week_of(local_date(now())) + timedelta(days=7)
        activity = an_activity(self.city.unit, starts_on=self.monday, ends_on=self.monday)
        self.shifts = [
            a_shift(
                activity,
                self.city.point,
                on=self.monday + timedelta(days=day),
                state=ShiftState.PLANNED,
                is_open=False,
            )
            for day in range(2)
        ]
        self.people = [a_volunteer(self.city.unit, f"王{name}") for name in "甲乙丙丁"]
        for who in (*self.people, self.city.volunteer):
            available(who)
        db.session.commit()
        self.client: FlaskClient = sign_in(app, self.city.organizer)

    def page(self, address: str, **kwargs: Any) -> str:
        answer = self.client.get(address, **kwargs)
        assert answer.status_code == 200, answer.status_code
        return answer.get_data(as_text=True)

    def scope(self) -> str:
        return f"unit:{self.city.unit.id}"

    def run(self) -> SchedulingRun:
        answer = self.client.post(
            "/planning/new",
            data={
                "week": self.monday,
                "scope": self.scope(),
                "seconds": "20",
                "seed": "1",
                "mode": "free",
            },
        )
        assert answer.status_code == 302, answer.get_data(as_text=True)
        Worker(self.app.app_context).step()
        db.session.rollback()
        return db.session.scalars(select(SchedulingRun)).one()

    def draft(self) -> DraftRoster:
        self.run()
        return db.session.scalars(select(DraftRoster)).one()


@pytest.fixture
def desk(app: Flask) -> Desk:
    return Desk(app)


def test_the_board_says_where_people_are_missing(desk: Desk) -> None:
    html = desk.page(f"/rosters?week={desk.monday}")
    assert html.count("缺 2 人") >= 2
    assert "自动排班" in html
    assert desk.city.point.name in html
    narrowed = desk.page(f"/rosters?week={desk.monday}&q=没有这个点位")
    assert "没有符合条件的班次" in narrowed
    assert "这一周还没有班次" in desk.page("/rosters?week=2020-01-06")
    assert desk.page("/rosters?week=nonsense")


def test_from_asking_to_publishing(desk: Desk) -> None:
    outlook = desk.page(f"/planning/new?week={desk.monday}&scope={desk.scope()}")
    assert "待排班次" in outlook
    run = desk.run()
    assert run.state is RunState.FINISHED
    assert "查看草案" in desk.page(f"/planning/runs/{run.id}")
    assert desk.city.unit.name in desk.page("/planning")
    draft = db.session.scalars(select(DraftRoster)).one()
    assert "王甲" in desk.page(f"/planning/drafts/{draft.id}")
    confirm = desk.page(f"/planning/drafts/{draft.id}/publish")
    assert "将通知 5 人，其中 0 人的班次有变化" in confirm
    answer = desk.client.post(f"/planning/drafts/{draft.id}/publish", data={"version": "1"})
    assert answer.status_code == 302
    board = desk.page(answer.headers["Location"])
    assert "排班已发布，通知了 5 人" in board
    db.session.rollback()
    states = set(db.session.scalars(select(Assignment.state)))
    assert states == {AssignmentState.PROPOSED}


def test_the_progress_polls_while_it_runs_and_ends_with_a_new_page(desk: Desk) -> None:
    desk.client.post(
        "/planning/new",
        data={
            "week": desk.monday,
            "scope": desk.scope(),
            "seconds": "20",
            "seed": "1",
            "mode": "free",
        },
    )
    run = db.session.scalars(select(SchedulingRun)).one()
    live = desk.client.get(f"/planning/runs/{run.id}/progress")
    assert 'hx-trigger="every 1s"' in live.get_data(as_text=True)
    assert "HX-Refresh" not in live.headers
    desk.client.post(f"/planning/runs/{run.id}/stop")
    over = desk.client.get(f"/planning/runs/{run.id}/progress")
    assert over.headers["HX-Refresh"] == "true"
    assert "hx-trigger" not in over.get_data(as_text=True)


def test_wrong_questions_keep_what_was_chosen(desk: Desk) -> None:
    form = {
        "week": desk.monday,
        "scope": desk.scope(),
        "seconds": "20",
        "seed": "77777",
        "mode": "free",
    }
    answer = desk.client.post("/planning/new", data=form)
    assert answer.status_code == 422
    assert "请填 0 至 9999" in answer.get_data(as_text=True)
    for wrong in ({"week": "2020-01-06"}, {"scope": "city"}, {"scope": "unit:999"}):
        answer = desk.client.post("/planning/new", data={**form, "seed": "1", **wrong})
        assert answer.status_code in (404, 422)
    assert db.session.scalars(select(SchedulingRun)).all() == []


def test_the_problem_of_a_run_is_replayed_by_the_library(desk: Desk, tmp_path: Path) -> None:
    run = desk.run()
    admin = sign_in(desk.app, desk.city.city_admin)
    answer = admin.get(f"/planning/runs/{run.id}/problem.json.gz")
    download, plan = tmp_path / "download.json.gz", tmp_path / "plan.json"
    download.write_bytes(answer.data)
    file = tmp_path / "problem.json"
    result = desk.app.test_cli_runner().invoke(args=["export-problem", str(run.id), str(file)])
    assert result.exit_code == 0, result.output
    for problem in (download, file):
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "volunteer.scheduling",
                "solve",
                problem,
                plan,
                "--seconds",
                "2",
            ],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        again = json.loads(plan.read_text())
        assert again["cost"]["coverage"] == 0
    missing = desk.app.test_cli_runner().invoke(args=["export-problem", "99", str(file)])
    assert missing.exit_code == 1


def seat_of(draft: DraftRoster) -> DraftSeat:
    return db.session.scalars(select(DraftSeat).where(DraftSeat.draft_id == draft.id)).first()  # type: ignore[return-value]


def test_a_drag_is_reviewed_moved_and_undone(desk: Desk) -> None:
    draft = desk.draft()
    seat = seat_of(draft)
    name = f"{seat.volunteer_id}-{seat.shift_id}"
    other = next(s for s in desk.shifts if s.id != seat.shift_id)
    review = desk.client.get(f"/planning/drafts/{draft.id}/review?seat={name}").get_json()
    found = review["targets"][str(other.id)]
    assert found["level"] in ("ok", "nice", "wanted", "hard")
    assert found["words"]
    move = {"seat": name, "from": seat.shift_id, "to": 0}
    answer = desk.client.post(
        f"/planning/drafts/{draft.id}/move", data=move, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 200
    assert answer.get_data(as_text=True).lstrip().startswith('<div class="stack" id="draft-board"')
    toast = json.loads(answer.headers["HX-Trigger"])["toast"]
    assert "移出" in toast["text"]
    undone = desk.client.post(toast["undo"]["url"], headers={"HX-Request": "true"})
    assert undone.headers["HX-Refresh"] == "true"
    db.session.expire_all()
    assert seat_of(draft).volunteer_id == seat.volunteer_id


def test_a_refused_move_says_every_reason_and_takes_one_by_force(desk: Desk) -> None:
    draft = desk.draft()
    old = a_volunteer(desk.city.unit, "李大爷", birth_year=1940)
    db.session.commit()
    shift = desk.shifts[0]
    move = {"seat": f"{old.id}", "from": 0, "to": shift.id}
    answer = desk.client.post(f"/planning/drafts/{draft.id}/move", data=move)
    html = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "李大爷" in html
    assert "强制安排" in html
    db.session.expire_all()
    forced = desk.client.post(f"/planning/drafts/{draft.id}/move", data={**move, "force": "熟悉"})
    assert forced.status_code == 302
    db.session.rollback()
    seat = db.session.get_one(DraftSeat, (draft.id, shift.id, old.id))
    assert seat.forced_reason == "熟悉"
    assert "强制" in desk.page(f"/planning/drafts/{draft.id}")


def test_menus_of_a_draft_name_people_targets_and_load(desk: Desk) -> None:
    draft = desk.draft()
    seat = seat_of(draft)
    shift = desk.page(f"/planning/drafts/{draft.id}/shifts/{seat.shift_id}")
    assert "移动到…" in shift
    person = desk.page(
        f"/planning/drafts/{draft.id}/people/{seat.volunteer_id}?from={seat.shift_id}"
    )
    assert "移动到" in person
    load = desk.page(f"/planning/drafts/{draft.id}/load")
    assert "本周没有班" in load
    assert desk.city.unit.name in load
    for view in ("short", "changed"):
        assert desk.page(f"/planning/drafts/{draft.id}?view={view}")


def test_two_people_change_places_from_the_menu(desk: Desk) -> None:
    answer = desk.client.post("/planning/drafts", data={"week": desk.monday, "scope": desk.scope()})
    draft = db.session.scalars(select(DraftRoster)).one()
    one, other = desk.people[:2]
    pairs = list(zip((one, other), desk.shifts, strict=True))
    for who, shift in pairs:
        db.session.add(DraftSeat(draft_id=draft.id, shift_id=shift.id, volunteer_id=who.id))
    db.session.commit()
    html = desk.page(f"/planning/drafts/{draft.id}/people/{one.id}?from={desk.shifts[0].id}")
    assert "可以互换的人" in html
    form = {
        name: f"{who.id}-{s.id}" for name, (who, s) in zip(("one", "other"), pairs, strict=True)
    }
    answer = desk.client.post(f"/planning/drafts/{draft.id}/swap", data=form)
    assert answer.status_code == 302
    db.session.rollback()
    seats = {(s.shift_id, s.volunteer_id) for s in db.session.scalars(select(DraftSeat))}
    assert seats == {(desk.shifts[1].id, one.id), (desk.shifts[0].id, other.id)}


def test_a_draft_by_hand_begins_and_is_given_up(desk: Desk) -> None:
    answer = desk.client.post("/planning/drafts", data={"week": desk.monday, "scope": desk.scope()})
    assert answer.status_code == 302
    draft = db.session.scalars(select(DraftRoster)).one()
    assert "有一份未发布的草案" in desk.page(f"/rosters?week={desk.monday}")
    desk.client.post(f"/planning/drafts/{draft.id}/discard")
    assert "有一份未发布的草案" not in desk.page(f"/rosters?week={desk.monday}")


def test_drafts_lie_side_by_side_with_their_price(desk: Desk) -> None:
    desk.draft()
    desk.client.post("/planning/drafts", data={"week": desk.monday, "scope": desk.scope()})
    assert "并排比较 2 份草案" in desk.page(f"/rosters?week={desk.monday}")
    html = desk.page(f"/planning/drafts?week={desk.monday}")
    assert "求总体最好" in html
    assert "手工" in html
    assert "没有未发布的草案" in desk.page("/planning/drafts?week=2020-01-06")


def publish(desk: Desk) -> Shift:
    for shift in desk.shifts:
        shift.state = ShiftState.PUBLISHED
    db.session.commit()
    return desk.shifts[0]


def test_a_decline_is_covered_by_a_candidate(desk: Desk) -> None:
    shift = publish(desk)
    gone = an_assignment(shift, desk.people[0], AssignmentState.DECLINED, answer_reason="出差")
    db.session.commit()
    assert "出差" in desk.page(f"/rosters/shifts/{shift.id}")
    html = desk.page(f"/rosters/shifts/{shift.id}/candidates")
    assert "王乙" in html
    assert "王甲" not in html, "who said no is not asked again"
    answer = desk.client.post(
        f"/rosters/shifts/{shift.id}/offer/{desk.people[1].id}", data={"covers": gone.id}
    )
    assert answer.status_code == 302
    seat = db.session.scalars(
        select(Assignment).where(Assignment.volunteer_id == desk.people[1].id)
    ).one()
    assert seat.covers_id == gone.id


def test_seats_are_pinned_and_released_at_the_desk(desk: Desk) -> None:
    shift, who = publish(desk), desk.people[0]
    an_assignment(shift, who)
    db.session.commit()
    at = f"/rosters/shifts/{shift.id}"
    desk.client.post(f"{at}/pin/{who.id}", data={"verdict": "must"})
    assert "锁定在岗" in desk.page(at)
    desk.client.post(f"{at}/pin/{who.id}", data={"verdict": ""})
    assert db.session.scalars(select(Pin)).all() == []
    answer = desk.client.post(f"{at}/release/{who.id}", data={"reason": "换人"})
    assert answer.status_code == 302
    assert "单位取消" in desk.page(at)


def test_trouble_lists_what_starts_soon_and_lacks_people(desk: Desk) -> None:
    at = now() + timedelta(hours=3)
    soon = a_shift(an_activity(desk.city.unit), desk.city.point)
    soon.starts_at, soon.ends_at = at, at + timedelta(hours=1)
    soon.service_on = local_date(at)
    an_assignment(soon, desk.people[0], AssignmentState.DECLINED)
    an_assignment(soon, desk.people[1], AssignmentState.PROPOSED)
    db.session.commit()
    html = desk.page("/rosters/trouble")
    assert "缺 1 人" in html
    assert "谢绝或逾期：王甲" in html
    assert "还没答复：王乙" in html
    assert "48 小时内的班次都够人" in sign_in(desk.app, desk.city.other_organizer).get(
        "/rosters/trouble"
    ).get_data(as_text=True)


def test_somebody_on_site_is_added_by_name_or_number(desk: Desk) -> None:
    at = now() + timedelta(minutes=30)
    soon = a_shift(an_activity(desk.city.unit), desk.city.point)
    soon.starts_at, soon.ends_at = at, at + timedelta(hours=1)
    soon.service_on = local_date(at)
    twin = a_volunteer(desk.city.unit, "王甲")
    db.session.commit()
    address = f"/rosters/shifts/{soon.id}/add"
    answer = desk.client.post(address, data={"name": "王甲"})
    assert answer.status_code == 422
    assert "有 2 位同名" in answer.get_data(as_text=True)
    assert desk.client.post(address, data={"name": "没有此人"}).status_code == 422
    assert desk.client.post(address, data={"name": twin.number}).status_code == 302
    seat = db.session.scalars(select(Assignment)).one()
    assert (seat.volunteer_id, seat.state) == (twin.id, AssignmentState.ACCEPTED)


def test_one_person_sees_why_and_why_not(desk: Desk) -> None:
    shift, who = publish(desk), desk.people[0]
    an_assignment(shift, who)
    db.session.commit()
    html = desk.page(f"/rosters/people/{who.id}?week={desk.monday}")
    assert "少了此人，这个班次就缺人" in html
    assert "现在还可以去 1 个班次" in html


def test_papers_show_phones_in_the_inner_version_only(desk: Desk) -> None:
    shift, who = publish(desk), desk.people[0]
    who.name = "王小明"
    shift.leader_id = who.id
    an_assignment(shift, who)
    db.session.commit()
    answer = desk.client.post(f"/rosters/print/inner?week={desk.monday}")
    inner = answer.get_data(as_text=True)
    assert answer.status_code == 200
    noted = select(AuditEntry.sentence).where(AuditEntry.act == "print_roster")
    assert "内部版" in db.session.scalars(noted).one(), "a paper with numbers leaves a line"
    public = desk.page(f"/rosters/print/table?week={desk.monday}")
    assert "王小明" in inner
    assert "199" in inner
    assert "王小明" not in public
    assert "王*明" in public
    assert "联系电话</th>" not in public
    assert "王小明" not in desk.page(f"/rosters/print/table?week={desk.monday}&inner=1")
    auditor = sign_in(desk.app, desk.city.auditor)
    assert auditor.post(f"/rosters/print/inner?week={desk.monday}").status_code == 403
    assert "王小明" in desk.page(f"/rosters/print/matrix?week={desk.monday}")


def test_the_excel_file_is_read_back_and_logged(desk: Desk, tmp_path: Path) -> None:
    import python_calamine

    shift = publish(desk)
    an_assignment(shift, desk.people[0])
    db.session.commit()
    answer = desk.client.post(f"/rosters/export?week={desk.monday}&inner=1")
    assert answer.status_code == 200
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(answer.data))
    rows = book.get_sheet_by_name("排班表").to_python()
    assert rows[0][:4] == ["日期", "星期", "时段", "点位"]
    assert "王甲" in rows[1]
    log = db.session.scalars(select(ExportLog)).one()
    assert (log.subject, log.row_count) == ("排班表", 2)


@pytest.mark.parametrize("page", ["board", "draft", "matrix", "table", "runs"])
def test_queries_do_not_grow_with_rows(desk: Desk, page: str) -> None:
    draft = desk.draft()
    address = {
        "board": f"/rosters?week={desk.monday}",
        "draft": f"/planning/drafts/{draft.id}",
        "matrix": f"/rosters/print/matrix?week={desk.monday}",
        "table": f"/rosters/print/table?week={desk.monday}",
        "runs": "/planning",
    }[page]
    counts = []
    for size in (10, 1000):
        fill(desk, draft, size)
        desk.page(address)  # the first visit of a while also notes that the device was seen
        with count_queries() as sent:
            desk.page(address)
        counts.append(len(sent))
    assert counts[0] == counts[1]
    assert counts[0] <= 30


def fill(desk: Desk, draft: DraftRoster, size: int) -> None:
    """Add shifts with a seat each, published and drafted, at many points."""
    activity = an_activity(desk.city.unit)
    points = [a_point(desk.city.district) for _ in range(max(1, size // 10))]
    who = desk.people[0]
    for at in range(size):
        shift = a_shift(
            activity,
            points[at % len(points)],
            on=desk.monday + timedelta(days=at // len(points) % 7),
            corner=str(at),
        )
        an_assignment(shift, who)
        db.session.add(DraftSeat(draft_id=draft.id, shift_id=shift.id, volunteer_id=who.id))
    for _ in range(size // 50):
        db.session.add(
            SchedulingRun(
                week_on=desk.monday,
                unit_id=desk.city.unit.id,
                asked_by_id=1,
                asked_at=now(),
                state=RunState.FINISHED,
            )
        )
    db.session.commit()


def test_names_of_other_units_on_a_shift_lead_nowhere(desk: Desk) -> None:
    shift = desk.shifts[0]
    guest = a_volunteer(desk.city.other_unit, "李外援")
    own = desk.people[0]
    for who in (guest, own):
        an_assignment(shift, who)
    db.session.commit()
    html = desk.page(f"/rosters/shifts/{shift.id}")
    assert "李外援" in html
    assert f"/rosters/people/{guest.id}" not in html
    assert desk.client.get(f"/rosters/people/{guest.id}").status_code == 404
    assert f"/rosters/people/{own.id}" in html
