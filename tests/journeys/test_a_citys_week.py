"""The whole story in a real browser: from an empty programme to ranked hours, worked by the people who do it.

Two browsers (a desk and a phone), real passwords, the optimiser in a worker, the code read from the pixels
of the screen. The clock is moved, nothing else.
"""

import io
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import openpyxl
import pytest
import time_machine
import zxingcpp
from flask import Flask
from PIL import Image
from sqlalchemy import func, select

from tests.browsing import DESK, PHONE, Visit, browser, served
from tests.builders import MONDAY, NOW, City, a_city, a_kind, a_skill, a_volunteer, available
from volunteer.domain.terms import AssignmentState, Grade, Role, Source
from volunteer.models.activities import Shift
from volunteer.models.base import db
from volunteer.models.journal import AuditEntry
from volunteer.models.ledger import LedgerEntry, ServiceRecord
from volunteer.models.people import Account, PointContract, Qualification, RoleGrant
from volunteer.models.rosters import Assignment
from volunteer.operations.passwords import hash_password

PASSWORD = "三江口的春天 2026"
MORNING = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # Monday 10:00 in Beijing
TUESDAY = MONDAY + timedelta(days=1)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning"),
]


def _a_unit_ready_for_work() -> City:
    """An organizer, the city office and nine volunteers who may stand at a crossing."""
    city = a_city()
    leader = a_skill()
    a_kind(name="文明交通劝导", code="traffic", counters=["劝导闯红灯"], is_dangerous=True)
    db.session.add(
        PointContract(
            unit_id=city.unit.id, point_id=city.point.id, since_on=MONDAY - timedelta(days=90)
        )
    )
    people = [city.volunteer, *(a_volunteer(city.unit) for _ in range(8))]
    for person in people:
        available(person)
    for person in people[1:3]:
        db.session.add(Qualification(volunteer_id=person.id, skill_id=leader.id, confirmed_at=NOW))
    stored = hash_password(PASSWORD)
    for account, login in (
        (city.organizer, "yibaoju"),
        (city.city_admin, "shi"),
        (city.volunteer_account, "wangfang"),
    ):
        account.login, account.password_hash = login, stored
    db.session.commit()
    return city


def _draw_up_activity(desk: Any) -> None:
    desk.goto("/activities")
    desk.click("a:has-text('新建活动') >> nth=0")
    desk.click("a.list-row:has-text('文明交通劝导')")
    desk.fill("[name=title]", "周二早高峰文明交通劝导")
    desk.fill("[name=starts_on]", MONDAY.isoformat())
    desk.fill("[name=ends_on]", (MONDAY + timedelta(days=13)).isoformat())
    for name, words in {
        "purpose": "维护路口秩序",
        "content": "在斑马线两侧劝导行人",
        "conditions": "18 至 65 岁，身体健康",
        "risk_note": "站在路沿石以内",
        "safeguards": "意外伤害保险、马甲、饮水",
        "insurance_reference": "湘保志愿2026第0001号",
        "contact_name": "李主任",
        "contact_phone": "0739-5320001",
        "person_in_charge": "李主任",
    }.items():
        desk.fill(f"[name={name}]", words)
    desk.click("button:has-text('保存草稿')")


def _make_shifts(desk: Any) -> None:
    desk.click("a:has-text('创建班次') >> nth=0")
    desk.fill("[name=first_on]", TUESDAY.isoformat())
    desk.fill("[name=last_on]", (TUESDAY + timedelta(days=2)).isoformat())
    desk.fill("[name=start_1]", "07:30")
    desk.fill("[name=end_1]", "08:30")
    point = desk.locator("input[name=point_ids]").first
    if not point.is_checked():
        point.check()
    desk.click("button[name=step][value=preview]")
    desk.wait_for_selector("text=将创建")
    desk.click("button:has-text('创建 3 个班次')")
    desk.wait_for_url("**/activities/*")


def _publish_activity(desk: Any) -> None:
    desk.click("button:has-text('发布活动'), summary:has-text('发布活动'), a:has-text('发布活动')")
    desk.locator(
        "dialog[open] button:has-text('发布'), .sheet button.button-main:has-text('发布')"
    ).last.click()
    desk.wait_for_selector("text=已发布")


def _run_the_solver(desk: Any) -> None:
    desk.goto(f"/planning/new?week={MONDAY.isoformat()}")
    desk.select_option("[name=week]", MONDAY.isoformat())
    desk.locator("[name=seconds]").first.evaluate("field => field.form.elements.seconds")
    desk.click("button:has-text('开始排班')")
    desk.wait_for_selector("a:has-text('查看草案')", timeout=90_000)
    desk.click("a:has-text('查看草案') >> nth=0")


def _move_one(desk: Any, draft_url: str, city: City) -> None:
    """Seat the volunteer of the story on Tuesday's shift, by the menu if the solver did not."""
    with_seat = desk.request.get(draft_url)
    assert with_seat.ok
    shift_id = db.session.scalars(select(Shift.id).order_by(Shift.starts_at)).first()
    db.session.rollback()
    desk.goto(f"{draft_url}/shifts/{shift_id}")
    rows = desk.locator("table tbody tr:has-text('移出')")
    first = rows.first.locator("th").inner_text().split()[0]
    if desk.locator("table tbody tr:has-text('移出'):has-text('王芳')").count() == 0:
        desk.locator("tr:has-text('王芳')").get_by_role("button", name="安排", exact=True).click()
        first = "王芳"
    else:
        other = rows.filter(has_not_text="王芳").first
        other.get_by_role("button", name="移出", exact=True).click()
    desk.wait_for_load_state()
    assert first
    desk.goto(draft_url)


def _publish_roster(desk: Any, draft_url: str) -> None:
    desk.goto(f"{draft_url}/publish")
    desk.click(
        "button:has-text('发布排班'), summary:has-text('发布排班'), a.button:has-text('发布排班')"
    )
    desk.locator(
        "dialog[open] button:has-text('发布并通知'), button.button-main:has-text('发布并通知')"
    ).last.click()
    desk.wait_for_url(lambda url: "/publish" not in url)


def _read_code(desk: Any, shift_id: int, kind: str) -> str:
    """Decode the code from a screenshot of the leader's screen."""
    desk.goto(f"/onsite/{shift_id}?kind={kind}")
    desk.wait_for_selector("svg")
    shot = Image.open(io.BytesIO(desk.screenshot()))
    found = zxingcpp.read_barcodes(shot)
    assert len(found) == 1, "one code stands on the screen"
    return urlsplit(found[0].text).path


def _stamp(phone: Any, path: str, word: str) -> None:
    phone.goto(path)
    before = phone.url
    assert "签" in phone.inner_text("main")
    phone.locator("form[data-stamp] button[type=submit]").click()
    phone.wait_for_url(lambda url: url != before)
    assert word in phone.inner_text("main")


def _export(desk: Any) -> Any:
    desk.goto(
        f"/standings?period=custom&first={MONDAY.isoformat()}&last={(MONDAY + timedelta(days=6)).isoformat()}"
    )
    with desk.expect_download() as waiting:
        desk.click("button:has-text('导出 Excel')")
    return openpyxl.load_workbook(io.BytesIO(waiting.value.path().read_bytes()))


def test_a_city_works_a_week(app: Flask, request: pytest.FixtureRequest) -> None:
    with time_machine.travel(MORNING, tick=True) as clock:
        city = _a_unit_ready_for_work()
        app.config["SETTINGS"].solver_workers = 1
        with browser() as chromium, served(app) as address:
            organizer = Visit(chromium, address, size=DESK)
            volunteer = Visit(chromium, address, size=PHONE, has_touch=True, is_mobile=True)
            admin = Visit(chromium, address, size=DESK)
            desk, phone = organizer.page, volunteer.page

            organizer.sign_in("yibaoju", PASSWORD, keep=True)
            _draw_up_activity(desk)
            _make_shifts(desk)
            _publish_activity(desk)
            _run_the_solver(desk)
            draft_url = urlsplit(desk.url).path
            _move_one(desk, draft_url, city)
            _publish_roster(desk, draft_url)

            volunteer.sign_in("wangfang", PASSWORD, keep=True)
            phone.goto("/me")
            phone.locator("button:has-text('接受')").first.click()
            phone.wait_for_selector("text=已接受")
            db.session.rollback()
            seat = db.session.scalars(
                select(Assignment)
                .join(Shift, Shift.id == Assignment.shift_id)
                .where(Assignment.volunteer_id == city.volunteer.id, Shift.service_on == TUESDAY)
            ).one()
            assert seat.state is AssignmentState.ACCEPTED
            shift_id = seat.shift_id
            db.session.rollback()

            clock.move_to(datetime(2026, 11, 23, 23, 26, tzinfo=UTC))  # Tuesday 07:26
            _stamp(phone, _read_code(desk, shift_id, "in"), "07:2")
            clock.move_to(datetime(2026, 11, 24, 0, 31, tzinfo=UTC))  # Tuesday 08:31
            _stamp(phone, _read_code(desk, shift_id, "out"), "08:3")

            clock.move_to(datetime(2026, 11, 24, 1, 5, tzinfo=UTC))  # Tuesday 09:05
            desk.goto(f"/onsite/{shift_id}")
            if desk.locator("text=已记入台账").count() == 0:
                desk.click("button:has-text('结束并结算'), summary:has-text('结束并结算')")
                desk.locator(
                    "dialog[open] button:has-text('结算'), .sheet button.button-main:has-text('结算')"
                ).last.click()
                desk.wait_for_selector("text=已记入台账")
            phone.goto("/me/record")
            assert "1.0" in phone.inner_text("main")

            admin.sign_in("shi", PASSWORD)
            book = _export(admin.page)
            assert [*organizer.complaints, *volunteer.complaints, *admin.complaints] == []
            for visit in (organizer, volunteer, admin):
                visit.close()
        _hold_to_the_ledger(city, book)


def _hold_to_the_ledger(city: City, book: Any) -> None:
    db.session.rollback()
    record = db.session.scalars(
        select(ServiceRecord).where(ServiceRecord.volunteer_id == city.volunteer.id)
    ).one()
    assert (record.credited_minutes, record.grade) == (60, Grade.A)
    assert record.source in (Source.QR, Source.QR_GEO)
    assert record.arithmetic != []
    total = db.session.scalar(select(func.sum(LedgerEntry.minutes)))
    sheet = book["单位"]
    heads = [cell.value for cell in sheet[1]]
    column = heads.index("志愿服务时长（分钟）")
    figures = [row[column] for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert sum(figures[:-1]) == figures[-1] == total == 60
    acts = set(db.session.scalars(select(AuditEntry.act)))
    assert {"sign_in", "export"} <= acts
    assert (
        db.session.scalar(
            select(func.count()).select_from(RoleGrant).where(RoleGrant.role == Role.ORGANIZER)
        )
        == 2
    )
    assert db.session.scalar(select(func.count()).select_from(Account)) == 7
