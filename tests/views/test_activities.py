"""Activities and shifts in the browser's eyes: forms keep what was typed, faults stand at their fields."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.builders import City, a_city, a_kind, a_shift, an_activity, an_assignment, sign_in
from volunteer.domain.terms import ActivityState, ShiftState
from volunteer.domain.timekeeping import local_date, now
from volunteer.models.activities import Activity, Shift, ShiftBatch
from volunteer.models.base import db
from volunteer.models.journal import Message
from volunteer.models.rosters import Assignment


@pytest.fixture
def city(app: Flask) -> City:
    app.config["WTF_CSRF_ENABLED"] = False
    return a_city()


@pytest.fixture
def desk(app: Flask, city: City) -> FlaskClient:
    return sign_in(app, city.organizer)


def ahead() -> date:
    """The Monday to come, seen from the clock by which the views judge."""
    today = local_date(now())
    return today + timedelta(days=7 - today.weekday())


def rows(table: type[Any]) -> list[Any]:
    """What stands in a table after the last request; the test's own snapshot is left behind."""
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.scalars(select(table).order_by(table.id)))


def fields(page: str) -> dict[str, str]:
    """The text inputs of a page by name."""
    return dict(re.findall(r'<input[^>]*?name="([a-z_0-9]+)"[^>]*?value="([^"]*)"', page))


def activity_form(city: City, kind_id: int, **given: str) -> dict[str, str]:
    first = ahead()
    return {
        "version": "1",
        "title": "路口文明劝导",
        "kind_id": str(kind_id),
        "unit_id": str(city.unit.id),
        "nature": "volunteer",
        "starts_on": first.isoformat(),
        "ends_on": (first + timedelta(days=27)).isoformat(),
        **{
            name: "已写明"
            for name in (
                "purpose", "content", "conditions", "risk_note", "safeguards",
                "contact_name", "contact_phone", "person_in_charge",
            )
        },
        **given,
    }  # fmt: skip


def series_form(city: City, **given: object) -> dict[str, object]:
    first = ahead()
    return {
        "first_on": first.isoformat(),
        "last_on": (first + timedelta(days=6)).isoformat(),
        "rule": "every",
        "start_1": "07:30",
        "end_1": "08:30",
        "point_ids": [str(city.point.id)],
        "min_heads": "2",
        "target_heads": "3",
        "max_heads": "4",
        "min_age": "18",
        "max_age": "65",
        "priority": "3",
        **{f"mix_skill_{n}": "0" for n in (1, 2, 3)},
        **{f"quota_unit_{n}": "0" for n in (1, 2, 3)},
        **given,
    }


def an_activity_ahead(city: City, **given: object) -> Activity:
    first = ahead()
    made = an_activity(city.unit, starts_on=first, ends_on=first + timedelta(days=27), **given)
    db.session.commit()
    return made


def test_an_activity_from_draft_to_published_with_its_shifts(desk: FlaskClient, city: City) -> None:
    kind = a_kind(safety_note="站在路沿石以内")
    db.session.commit()
    page = desk.get(f"/activities/new?kind={kind.id}&unit={city.unit.id}").text
    assert "站在路沿石以内" in page
    made = desk.post("/activities", data=activity_form(city, kind.id, risk_note=""))
    address = made.headers["Location"]
    assert made.status_code == 302
    assert "请填写可能的风险。" in desk.get(address).text
    assert "请至少安排一个班次" in desk.get(address).text
    refused = desk.post(f"{address}/publish", data={"version": "1"})
    assert refused.status_code == 422
    assert "暂不能发布" in refused.text
    saved = desk.post(f"{address}/edit", data=activity_form(city, kind.id))
    assert saved.status_code == 302
    preview = desk.post(f"{address}/shifts/preview", data=series_form(city)).text
    assert "将创建" in preview
    assert rows(Shift) == []
    assert desk.post(f"{address}/shifts", data=series_form(city)).status_code == 302
    assert len(rows(Shift)) == 7
    assert desk.post(f"{address}/publish", data={"version": "2"}).status_code == 302
    assert rows(Activity)[0].state is ActivityState.PUBLISHED


def test_a_wrong_form_keeps_what_was_typed_and_says_where(desk: FlaskClient, city: City) -> None:
    kind = a_kind()
    db.session.commit()
    answer = desk.post(
        "/activities", data=activity_form(city, kind.id, title="补给站", ends_on="2020-01-01")
    )
    assert answer.status_code == 422
    assert fields(answer.text)["title"] == "补给站"
    assert "结束日期早于开始日期。" in answer.text
    assert rows(Activity) == []


def test_every_fault_of_a_series_stands_at_its_field(desk: FlaskClient, city: City) -> None:
    activity = an_activity_ahead(city)
    bad = series_form(city, point_ids=[], min_heads="9", rule="weekdays", leader="")
    answer = desk.post(f"/activities/{activity.id}/shifts/preview", data=bad)
    assert answer.status_code == 422
    for sentence in ("请至少选择一个点位", "人数应当是", "请至少选择一个星期几"):
        assert sentence in answer.text


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"breaks": "中午"}, "看不懂这个休息时间"),
        ({"end_1": ""}, "时段 1 请写明开始和结束时间"),
        ({"except_on": "下周三"}, "看不懂除外日期"),
        ({"leader": "没有这个人"}, "没有找到这位志愿者"),
        ({"first_on": "2020-01-01"}, "班次日期应在活动起止日期"),
    ],
)
def test_what_cannot_be_read_is_said(
    desk: FlaskClient, city: City, given: dict[str, str], sentence: str
) -> None:
    activity = an_activity_ahead(city)
    for address in ("shifts/preview", "shifts"):
        answer = desk.post(f"/activities/{activity.id}/{address}", data=series_form(city, **given))
        assert answer.status_code == 422
        assert sentence in answer.text
    assert rows(Shift) == []


def test_points_can_be_narrowed_and_the_chosen_stay(desk: FlaskClient, city: City) -> None:
    activity = an_activity_ahead(city)
    form = series_form(city, step="points", point_words="没有这样的点位")
    page = desk.post(f"/activities/{activity.id}/shifts/preview", data=form).text
    assert f'value="{city.point.id}" checked' in page
    assert "预览" in page


def test_a_leader_is_found_by_number_and_namesakes_are_told_apart(
    desk: FlaskClient, city: City
) -> None:
    activity = an_activity_ahead(city)
    words = f"{city.volunteer.number} {city.volunteer.name}"
    desk.post(f"/activities/{activity.id}/shifts", data=series_form(city, leader=words))
    assert {s.leader_id for s in rows(Shift)} == {city.volunteer.id}
    options = desk.get(f"/shifts/people?leader={city.volunteer.name[:1]}").text
    assert f'value="{words}"' in options


def test_a_batch_is_taken_back(desk: FlaskClient, city: City) -> None:
    activity = an_activity_ahead(city)
    desk.post(f"/activities/{activity.id}/shifts", data=series_form(city))
    batch = rows(ShiftBatch)[0]
    answer = desk.post(f"/shift-batches/{batch.id}/undo", follow_redirects=True)
    assert "已撤销：删除 7 个班次。" in answer.text
    assert rows(Shift) == []


def test_all_that_is_wrong_with_an_activity_is_said_at_once(desk: FlaskClient, city: City) -> None:
    kind = a_kind()
    db.session.commit()
    answer = desk.post(
        "/activities", data=activity_form(city, kind.id, title="", ends_on="2020-01-01")
    )
    assert answer.status_code == 422
    assert "有 2 处需要修改" in answer.text
    assert "结束日期早于开始日期" in answer.text


def test_a_published_activity_leads_to_the_board_of_the_week_that_lacks_people(
    desk: FlaskClient, city: City
) -> None:
    activity = an_activity_ahead(city)
    a_shift(activity, city.point, on=ahead() + timedelta(days=7))
    db.session.commit()
    page = desk.get(f"/activities/{activity.id}").text
    link = re.search(r'<a class="([^"]*)" href="(/rosters[^"]*)"[^>]*>.*?去排班', page)
    assert link
    assert "button-main" in link[1]
    assert link[2] == f"/rosters?week={(ahead() + timedelta(days=7)).isoformat()}"


def test_one_shift_is_moved_split_called_off_and_restored(desk: FlaskClient, city: City) -> None:
    activity = an_activity_ahead(city)
    shift = a_shift(activity, city.point, on=ahead(), breaks=[[20, 30]])
    an_assignment(shift, city.volunteer)
    db.session.commit()
    form = fields(desk.get(f"/shifts/{shift.id}/edit").text)
    assert (form["start"], form["end"], form["breaks"]) == ("07:30", "08:30", "07:50-08:00")
    wanted = {
        **form,
        "point_id": str(city.point.id),
        "priority": "3",
        "end": "09:30",
        "is_open": "y",
        **{f"mix_skill_{n}": "0" for n in (1, 2, 3)},
        **{f"quota_unit_{n}": "0" for n in (1, 2, 3)},
    }
    saved = desk.post(f"/shifts/{shift.id}/edit", data=wanted, follow_redirects=True)
    assert "已通知 1 人" in saved.text
    assert "其中 1 人需要重新确认" in saved.text
    bad = desk.post(f"/shifts/{shift.id}/split", data={"version": "2", "divide_at": "09:25"})
    assert bad.status_code == 422
    assert "拆分后每段至少 15 分钟" in bad.text
    split = desk.post(f"/shifts/{shift.id}/split", data={"version": "2", "divide_at": "08:30"})
    assert split.status_code == 302
    gone = desk.post(
        f"/shifts/{shift.id}/cancel",
        data={"cause": "weather", "reason": "暴雨"},
        follow_redirects=True,
    )
    assert "班次已取消，已通知 1 人。" in gone.text
    assert "暴雨" in gone.text
    back = desk.post(f"/shifts/{shift.id}/restore", follow_redirects=True)
    assert "已恢复为待排班" in back.text


def test_weather_shows_its_effect_first_and_asks_again_if_it_changed(
    desk: FlaskClient, city: City
) -> None:
    activity = an_activity_ahead(city)
    on = ahead()
    shift = a_shift(activity, city.point, on=on)
    an_assignment(shift, city.volunteer)
    db.session.commit()
    storm = {"from": f"{on}T06:00", "until": f"{on}T22:00", "district": str(city.district.id)}
    page = desk.get("/shifts/cancel", query_string=storm).text
    assert "取消 1 个班次并通知 1 人" in page
    said = {"cause": "weather", "reason": "暴雨橙色预警"}
    stale = desk.post("/shifts/cancel", data={**storm, **said, "expected": "3"})
    assert stale.status_code == 422
    assert "班次刚刚有变化" in stale.text
    done = desk.post("/shifts/cancel", data={**storm, **said, "expected": "1"})
    assert done.status_code == 302
    assert rows(Shift)[0].state is ShiftState.CANCELLED
    assert len(rows(Message)) == 1


def test_a_refused_cancellation_leaves_nothing_behind(desk: FlaskClient, city: City) -> None:
    activity = an_activity_ahead(city)
    shift = a_shift(activity, city.point, on=ahead())
    an_assignment(shift, city.volunteer)
    db.session.commit()
    answer = desk.post(f"/activities/{activity.id}/cancel", data={"version": "9", "reason": "雨"})
    assert answer.status_code == 409
    assert rows(Shift)[0].state is ShiftState.PUBLISHED
    assert {s.cancel_cause for s in rows(Assignment)} == {None}


def test_the_desk_greets_with_what_needs_attention(desk: FlaskClient, city: City) -> None:
    activity = an_activity_ahead(city, state=ActivityState.DRAFT, title="等着发布")
    a_shift(activity, city.point, on=local_date(now()) + timedelta(days=1))
    db.session.commit()
    page = desk.get("/desk").text
    assert "等着发布" in page
    assert "缺 2 人" in page


def test_a_reader_sees_no_buttons(app: Flask, city: City) -> None:
    activity = an_activity_ahead(city)
    shift = a_shift(activity, city.point, on=ahead())
    db.session.commit()
    auditor = sign_in(app, city.auditor)
    for address in (f"/activities/{activity.id}", f"/shifts/{shift.id}", "/activities"):
        page = auditor.get(address)
        assert page.status_code == 200
        assert "取消班次</" not in page.text
        assert "新建活动" not in page.text
        assert "/edit" not in page.text
