"""The express lane behind the ordinary route: the same door, the same CSRF, and an honest no when it is full."""

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.views.test_scan import Place, nonce_in
from volunteer.models.base import db
from volunteer.models.group_commit import Crowded, GroupCommit
from volunteer.models.journal import AuditEntry
from volunteer.models.people import Account, DeviceSession
from volunteer.operations.attendance import TapWriter


@pytest.fixture
def place(app: Flask) -> Any:
    place = Place(app)
    yield place
    for writer in app.extensions.get("writers", {}).values():
        writer.close()


def _writer(place: Place) -> GroupCommit[Any, Any]:
    return place.app.extensions["writers"][TapWriter]  # type: ignore[no-any-return]


def test_a_plain_tap_is_written_by_the_lane(place: Place) -> None:
    token = place.token()
    nonce = nonce_in(place.phone.get(f"/c/{token}"))
    answer = place.phone.post(f"/c/{token}", data={"nonce": nonce})
    assert re.fullmatch(r"/scan/done/\d+", answer.headers["Location"])
    assert answer.headers["Content-Security-Policy"]
    assert (_writer(place).written, place.count()) == (1, 1)
    line = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "check_in")).one()
    assert line.request_id == answer.headers["X-Request-ID"]
    again = place.phone.post(f"/c/{token}", data={"nonce": nonce})
    assert again.headers["Location"] == answer.headers["Location"]
    assert (_writer(place).written, place.count()) == (2, 1)


def test_a_copy_that_goes_the_ordinary_way_gets_the_same_bytes(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = place.token()
    tap = {"nonce": nonce_in(place.phone.get(f"/c/{token}"))}
    fast = place.phone.post(f"/c/{token}", data=tap)
    monkeypatch.delattr(place.app.view_functions["scan.stamp"], "_lane")
    slow = place.phone.post(f"/c/{token}", data=tap)
    assert (_writer(place).written, place.count()) == (1, 1)
    assert (slow.status, slow.headers["Location"], slow.data) == (
        fast.status,
        fast.headers["Location"],
        fast.data,
    )
    assert slow.headers["Content-Type"] == fast.headers["Content-Type"]


def test_the_lane_has_the_door_and_the_csrf_of_the_route(place: Place) -> None:
    token = place.token()
    place.app.config["WTF_CSRF_ENABLED"] = True
    page = place.phone.get(f"/c/{token}")
    nonce = nonce_in(page)
    assert place.phone.post(f"/c/{token}", data={"nonce": nonce}).status_code == 400
    wrong = {"nonce": nonce, "csrf_token": "forged"}
    assert place.phone.post(f"/c/{token}", data=wrong).status_code == 400
    visitor = place.app.test_client()
    assert visitor.post(f"/c/{token}", data={"nonce": nonce}).status_code == 400
    assert place.count() == 0
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.get_data(as_text=True))
    assert found
    right = {"nonce": nonce, "csrf_token": found.group(1)}
    assert place.phone.post(f"/c/{token}", data=right).status_code == 302
    assert place.count() == 1


def test_an_ended_session_and_a_first_password_are_stopped_at_the_door(place: Place) -> None:
    token = place.token()
    db.session.execute(update(Account).values(must_change_password=True, password_hash="x"))
    db.session.commit()
    answer = place.phone.post(f"/c/{token}", data={"nonce": "a-nonce-of-mine"})
    assert answer.headers["Location"] == "/account/password"
    db.session.execute(update(Account).values(must_change_password=False))
    db.session.execute(update(DeviceSession).values(revoked_at=DeviceSession.created_at))
    db.session.commit()
    assert place.phone.post(f"/c/{token}", data={"nonce": "a-nonce-of-mine"}).status_code == 401
    assert place.count() == 0


def test_when_too_many_wait_the_page_says_so_and_when_to_come_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = place.token()

    def crowded(*_: Any) -> None:
        raise Crowded

    with monkeypatch.context() as full:
        full.setattr(GroupCommit, "ask", crowded)
        answer = place.phone.post(f"/c/{token}", data={"nonce": "the-same-nonce"})
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    text = answer.get_data(as_text=True)
    assert "现在签到的人太多" in text
    assert "没有丢失任何记录" in text
    assert place.count() == 0
    assert place.phone.post(f"/c/{token}", data={"nonce": "the-same-nonce"}).status_code == 302
    assert place.count() == 1


@pytest.mark.parametrize(
    ("lat", "lon", "accuracy"),
    [("91", "111", "10"), ("x", "111", "10"), ("nan", "111", "10"), ("27", "111", "")],
)
def test_a_place_that_makes_no_sense_is_no_place(
    place: Place, lat: str, lon: str, accuracy: str
) -> None:
    fix = {"lat": lat, "lon": lon, "accuracy": accuracy, "phone_clock": "-5"}
    answer = place.phone.post(f"/c/{place.token()}", data={"nonce": "a-nonce-of-mine", **fix})
    assert answer.status_code == 302
    assert place.count() == 1
