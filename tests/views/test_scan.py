"""The page behind a code: shows, never acts by itself; one tap, one stamp; and the way of who is not signed in."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.builders import a_city, a_shift, an_activity, an_assignment, sign_in
from volunteer.domain.digits import shift_digits
from volunteer.domain.terms import StampKind
from volunteer.domain.timekeeping import clock_of, day_minutes, local_date, now
from volunteer.domain.token import rotating_code
from volunteer.models.attendance import CheckIn, StampCancellation
from volunteer.models.base import db
from volunteer.models.journal import AuditEntry
from volunteer.models.people import DeviceSession
from volunteer.operations.passwords import hash_password
from volunteer.web import seen_code


class Place:
    """A shift that began some minutes ago, with a phone on which the volunteer is signed in."""

    def __init__(self, app: Flask) -> None:
        app.config["WTF_CSRF_ENABLED"] = False
        self.app = app
        self.city = a_city()
        at = now()
        minutes = day_minutes(at)
        start = max(0, minutes - 5)
        self.late = minutes - start
        self.shift = a_shift(
            an_activity(self.city.unit),
            self.city.point,
            on=local_date(at),
            start=clock_of(start),
            end=clock_of(min(1440, start + 60)),
        )
        an_assignment(self.shift, self.city.volunteer)
        db.session.commit()
        self.phone: FlaskClient = sign_in(app, self.city.volunteer_account)

    def token(self, kind: StampKind = StampKind.IN, ago: int = 0) -> str:
        moment = now() - timedelta(seconds=ago)
        return rotating_code(self.city.point.secret, self.shift.id, kind, moment)

    def count(self) -> int:
        db.session.rollback()
        return db.session.scalar(select(func.count()).select_from(CheckIn)) or 0


@pytest.fixture
def place(app: Flask) -> Place:
    return Place(app)


def nonce_in(page: Any) -> str:
    found = re.search(r'name="nonce"[^>]*value="([^"]+)"', page.get_data(as_text=True))
    assert found
    return found.group(1)


def test_opening_a_code_changes_nothing_and_the_button_does(place: Place) -> None:
    token = place.token()
    page = place.phone.get(f"/c/{token}")
    assert page.status_code == 200
    assert "已过 5 分钟" in page.get_data(as_text=True)
    assert place.count() == 0
    nonce = nonce_in(page)
    answer = place.phone.post(f"/c/{token}", data={"nonce": nonce})
    assert answer.status_code == 302
    done = place.phone.get(answer.headers["Location"])
    assert "签到成功" in done.get_data(as_text=True)
    again = place.phone.post(f"/c/{token}", data={"nonce": nonce})
    assert again.headers["Location"] == answer.headers["Location"]
    assert place.count() == 1
    device = db.session.scalars(select(CheckIn.device_id)).one()
    assert device in db.session.scalars(select(DeviceSession.id)).all()


def test_head_and_get_of_every_address_of_a_scan_change_nothing(place: Place) -> None:
    for _ in range(3):
        place.phone.get(f"/c/{place.token()}")
        place.phone.head(f"/c/{place.token()}")
        place.phone.get("/scan/digits")
    assert place.count() == 0


def test_an_old_code_is_refused_with_a_way_out_and_logged(place: Place) -> None:
    page = place.phone.get(f"/c/{place.token(ago=40)}")
    assert page.status_code == 409
    text = page.get_data(as_text=True)
    assert "二维码已过期" in text
    assert "出示我的二维码" in text
    answer = place.phone.post(f"/c/{place.token(ago=40)}", data={"nonce": "a-nonce-of-mine"})
    assert answer.status_code == 409
    assert place.count() == 0
    lines = db.session.scalars(
        select(AuditEntry).where(AuditEntry.act == "scan_refused:old_code")
    ).all()
    assert len(lines) == 1


def test_who_goes_back_to_an_old_code_reads_that_the_stamp_is_there(place: Place) -> None:
    token = place.token()
    place.phone.post(f"/c/{token}", data={"nonce": "a-nonce-of-mine"})
    place.phone.delete_cookie("scan")
    text = place.phone.get(f"/c/{place.token(ago=40)}").get_data(as_text=True)
    came = clock_of(day_minutes(db.session.scalars(select(CheckIn.at)).one()))
    assert f"本班次您已于 {came} 签到，记录在" in text
    assert "没有签到成功" not in text


def test_who_signs_in_first_still_arrives_in_time(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = place.city.volunteer_account
    account.password_hash = hash_password("a good long phrase")
    db.session.commit()
    visitor = place.app.test_client()
    token = place.token()
    page = visitor.get(f"/c/{token}")
    assert page.status_code == 302
    assert "/sign-in" in page.headers["Location"]
    assert "HttpOnly" in page.headers["Set-Cookie"]
    real = now()
    for module in ("volunteer.views.me.scan",):
        monkeypatch.setattr(f"{module}.now", lambda: real + timedelta(seconds=90))
    signed = visitor.post(
        page.headers["Location"], data={"name": account.login, "password": "a good long phrase"}
    )
    assert signed.headers["Location"].endswith(f"/c/{token}")
    landing = visitor.get(signed.headers["Location"])
    assert landing.status_code == 200
    answer = visitor.post(f"/c/{token}", data={"nonce": nonce_in(landing)})
    assert answer.status_code == 302
    assert place.count() == 1
    other = sign_in(place.app, place.city.other_volunteer_account)
    assert other.get(f"/c/{token}").status_code == 409


def test_the_ticket_of_a_code_opens_no_other_code_and_not_for_ever(place: Place) -> None:
    with place.app.test_request_context():
        signer = seen_code._signer()
        good, other = signer.dumps("code-a"), signer.dumps("code-b")
    for cookie, expected in ((good, True), (other, False), (good[:-2] + "xx", False)):
        with place.app.test_request_context(headers={"Cookie": f"scan={cookie}"}):
            assert (seen_code.seen_at("code-a") is not None) is expected


def test_six_figures_work_and_wrong_ones_keep_what_was_typed(place: Place) -> None:
    wrong = place.phone.post("/scan/digits", data={"digits": "000000", "nonce": "nonce-number-1"})
    assert wrong.status_code == 422
    assert 'value="000000"' in wrong.get_data(as_text=True)
    typed = shift_digits(place.city.point.secret, place.shift.id, StampKind.IN, now())
    right = place.phone.post("/scan/digits", data={"digits": typed, "nonce": "nonce-number-2"})
    assert right.status_code == 302
    assert place.count() == 1


def test_a_stranger_learns_whom_to_ask(place: Place) -> None:
    other = sign_in(place.app, place.city.other_volunteer_account)
    page = other.get(f"/c/{place.token()}")
    assert "您不在本班次的名单中" in page.get_data(as_text=True)
    assert "请带队将您加入本班次" in page.get_data(as_text=True)


def test_a_mistaken_tap_is_taken_back(place: Place) -> None:
    page = place.phone.get(f"/c/{place.token()}")
    done = place.phone.post(f"/c/{place.token()}", data={"nonce": nonce_in(page)})
    undone = place.phone.post(done.headers["Location"] + "/undo")
    assert undone.status_code == 302
    db.session.rollback()
    assert db.session.scalars(select(StampCancellation)).one()


def test_the_own_code_shows_and_leads_the_owner_to_it(place: Place) -> None:
    from volunteer.domain.token import personal_code

    mine = place.phone.get("/scan/my-code")
    assert "<svg" in mine.get_data(as_text=True)
    volunteer = place.city.volunteer
    token = personal_code(volunteer.personal_secret, volunteer.id, now())
    assert place.phone.get(f"/c/{token}").headers["Location"] == "/scan/my-code"
    desk = sign_in(place.app, place.city.organizer)
    hop = desk.get(f"/c/{token}")
    assert hop.headers["Location"] == f"/onsite/scanned/{token}"
    page = desk.get(hop.headers["Location"])
    assert "王芳" in page.get_data(as_text=True)


def test_the_home_says_what_to_do_and_thanks(place: Place) -> None:
    text = place.phone.get("/me").get_data(as_text=True)
    assert "可以签到" in text
    assert "王芳，您好" in text
