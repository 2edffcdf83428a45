"""The leader's screen: acts leave a word behind, refusals say why, and a decoder reads the code from pixels."""

import contextvars
import io
import re
from datetime import timedelta
from typing import Any

import pytest
import zxingcpp
from flask import Flask
from PIL import Image
from sqlalchemy import select

from tests.browsing import DESK, PHONE, Visit, browser, served
from tests.builders import a_volunteer, an_account, an_assignment, sign_in
from tests.views.test_scan import Place, nonce_in
from volunteer.domain.digits import personal_digits
from volunteer.domain.terms import ShiftState, StampKind
from volunteer.domain.timekeeping import now
from volunteer.domain.token import read, verify
from volunteer.models.attendance import CheckIn
from volunteer.models.base import db
from volunteer.operations.attendance import Touch, call_roll
from volunteer.queries.accounts import actor_of


@pytest.fixture
def place(app: Flask) -> Place:
    place = Place(app)
    place.leader = a_volunteer(place.city.unit, "陈静")  # type: ignore[attr-defined]
    place.shift.leader_id = place.leader.id  # type: ignore[attr-defined]
    place.account = an_account(volunteer=place.leader)  # type: ignore[attr-defined]
    db.session.commit()
    place.screen = sign_in(app, place.account)  # type: ignore[attr-defined]
    return place


def post(place: Any, address: str, **data: Any) -> str:
    page = place.screen.post(
        f"/onsite/{place.shift.id}/{address}", data={"nonce": "nonce-of-a-leader", **data}
    )
    assert page.status_code in (200, 302), page.get_data(as_text=True)[:400]
    return place.screen.get(page.headers["Location"]).get_data(as_text=True)


def test_the_roll_is_called_by_ticks(place: Any) -> None:
    text = post(place, "roll", people=str(place.city.volunteer.id), kind="in")
    assert "点名签到：1 人次已登记" in text
    assert f"迟到 {place.late} 分" in text or not place.late, "nobody is late at midnight"
    again = post(place, "roll", people=str(place.city.volunteer.id), kind="in", nonce="other-nonce")
    assert "王芳：您已于" in again
    assert "还没有勾选人员" in post(place, "roll", kind="in")


def test_a_refused_scan_says_why_on_the_same_screen(place: Any) -> None:
    text = post(place, "scan", scanned="123456")
    assert "本班次没有人现在显示这组数字" in text


def test_a_person_scanned_twice_is_not_sent_off_again(place: Any) -> None:
    volunteer = place.city.volunteer
    place.shift.ends_at = now() + timedelta(hours=1)
    db.session.commit()
    figures = {"scanned": personal_digits(volunteer.personal_secret, volunteer.id, now())}
    came = post(place, "scan", kind="in", **figures)
    assert re.search(r"王芳 \d\d:\d\d 已签到。", came), "the leader reads whom the scan was of"
    again = post(place, "scan", kind="in", **figures | {"nonce": "nonce-of-the-second-scan"})
    assert "您已于" in again
    kinds = db.session.scalars(select(CheckIn.kind).where(CheckIn.volunteer_id == volunteer.id))
    assert list(kinds) == [StampKind.IN]
    gone = post(place, "scan", kind="out", **figures | {"nonce": "nonce-of-going"})
    assert re.search(r"王芳 \d\d:\d\d 已签退。", gone)


def test_in_the_last_minutes_whoever_is_there_is_scanned_to_go(place: Any) -> None:
    volunteer = place.city.volunteer
    place.shift.ends_at = now() + timedelta(minutes=4)
    db.session.commit()
    figures = {"scanned": personal_digits(volunteer.personal_secret, volunteer.id, now())}
    assert "已签到。" in post(place, "scan", kind="in", **figures)
    gone = post(place, "scan", kind="in", **figures | {"nonce": "nonce-of-going"})
    assert "已签退。" in gone, (
        "a screen that was left at the check-in code does not hold anybody up"
    )


def test_marks_forcing_and_undoing_through_the_pages(place: Any) -> None:
    person = f"person/{place.city.volunteer.id}"
    assert "已登记请假" in post(place, f"{person}/excuse", reason="孩子生病")
    assert "已取消标记" in post(place, f"{person}/clear")
    assert "已标记缺岗" in post(place, f"{person}/absent")
    assert "原因已留痕" in post(place, f"{person}/force", kind="in", reason="手机没电")
    page = place.screen.get(f"/onsite/{place.shift.id}/{person}").get_data(as_text=True)
    assert "原因：手机没电" in page
    stamp = re.search(rf"/onsite/{place.shift.id}/stamps/(\d+)/undo", page)
    assert stamp
    assert "已撤销，本人会收到通知" in post(place, f"stamps/{stamp.group(1)}/undo", reason="点错了")


def test_a_helper_is_found_added_and_counted(place: Any) -> None:
    helper = a_volunteer(place.city.unit, "刘洋", pinyin="ly")
    db.session.commit()
    found = place.screen.get(f"/onsite/{place.shift.id}/add?q=ly").get_data(as_text=True)
    assert "刘洋" in found
    assert "已加入名单" in post(place, f"add/{helper.id}", reason="帮忙")


def test_a_leader_does_not_settle_the_desk_does(place: Any) -> None:
    assert place.screen.post(f"/onsite/{place.shift.id}/settle").status_code == 403
    actor = actor_of(place.city.organizer, at=now())
    call_roll(
        actor,
        shift_id=place.shift.id,
        volunteer_ids=[place.city.volunteer.id],
        kind=StampKind.IN,
        touch=Touch(nonce="nonce-of-the-desk"),
        at=now(),
    )
    place.shift.ends_at = now()
    db.session.commit()
    desk = sign_in(place.app, place.city.organizer)
    page = desk.post(f"/onsite/{place.shift.id}/settle")
    assert page.status_code == 302
    db.session.expire_all()
    assert place.shift.state is ShiftState.SETTLED
    assert "已结算：1 人次" in desk.get(page.headers["Location"]).get_data(as_text=True)


def test_outcomes_are_kept(place: Any) -> None:
    from sqlalchemy import select

    from volunteer.models.activities import Activity, ActivityKind

    kind = db.session.scalars(
        select(ActivityKind)
        .join(Activity, Activity.kind_id == ActivityKind.id)
        .where(Activity.id == place.shift.activity_id)
    ).one()
    kind.counters = ["劝导闯红灯"]
    db.session.commit()
    assert 'value="12"' in post(place, "outcome", **{"counter-0": "12"})


def test_an_auditor_sees_the_list_and_no_code(place: Any) -> None:
    auditor = sign_in(place.app, place.city.auditor)
    text = auditor.get(f"/onsite/{place.shift.id}").get_data(as_text=True)
    assert "王芳" in text
    assert "data-qr" not in text
    assert auditor.get(f"/onsite/{place.shift.id}/code").status_code == 403


@pytest.mark.browser
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_the_code_is_read_from_the_pixels_of_the_screen_and_opened(
    place: Any, size: dict[str, int]
) -> None:
    an_assignment(place.shift, a_volunteer(place.city.unit))
    db.session.commit()
    cookies = {
        who: client.get_cookie("session").value
        for who, client in (("leader", place.screen), ("person", place.phone))
    }
    codes = {}
    with (
        browser() as running,
        contextvars.copy_context().run(lambda: served(place.app, with_jobs=False)) as address,
    ):
        screen = Visit(running, address, size=size)
        screen.context.add_cookies(
            [{"name": "session", "value": cookies["leader"], "url": address}]
        )
        for kind in ("in", "out"):
            screen.page.goto(f"/onsite/{place.shift.id}?kind={kind}")
            picture = Image.open(io.BytesIO(screen.page.screenshot(caret="initial")))
            read_codes = zxingcpp.read_barcodes(picture)
            assert len(read_codes) == 1, f"{kind} at {size}"
            codes[kind] = read_codes[0].text
        token = codes["in"].rpartition("/")[2]
        code = verify(read(token), place.city.point.secret, now())
        assert codes["in"].startswith(f"{address}/c/")
        assert (code.stamp, code.subject) == (StampKind.IN, place.shift.id)
        assert codes["in"] != codes["out"]
        first = screen.page.locator("[data-qr] svg").first.inner_html()
        screen.page.wait_for_function(
            "before => document.querySelector('[data-qr] svg').innerHTML !== before",
            arg=first,
            polling=250,
            timeout=14_000,
        )
        phone = Visit(running, address, size=PHONE)
        phone.context.add_cookies([{"name": "session", "value": cookies["person"], "url": address}])
        screen.page.goto(f"/onsite/{place.shift.id}?kind=in")
        picture = Image.open(io.BytesIO(screen.page.screenshot(caret="initial")))
        phone.page.goto(zxingcpp.read_barcodes(picture)[0].text)
        phone.page.click("button.punch")
        phone.page.wait_for_url(re.compile("/scan/done/"))
        assert "签到成功" in phone.page.inner_text("main")
        complaints = screen.complaints + phone.complaints
        screen.close()
        phone.close()
    assert complaints == []


def test_the_page_carries_a_fresh_nonce_each_time(place: Any) -> None:
    pages = [place.screen.get(f"/onsite/{place.shift.id}") for _ in range(2)]
    assert nonce_in(pages[0]) != nonce_in(pages[1])
