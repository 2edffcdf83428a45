"""The door for what phones kept: JSON in, one answer for each item, whoever sends it; and what a phone may keep."""

import json
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.builders import (
    a_city,
    a_shift,
    a_volunteer,
    an_account,
    an_activity,
    an_assignment,
    sign_in,
)
from volunteer.domain.terms import DeferredState, StampKind
from volunteer.domain.timekeeping import clock_of, day_minutes, local_date, now
from volunteer.domain.token import rotating_code
from volunteer.models.attendance import CheckIn, DeferredStamp
from volunteer.models.base import db


class Place:
    """A shift that began some minutes ago, a volunteer's and a leader's phone."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.city = a_city()
        at = now()
        start = max(0, day_minutes(at) - 5)
        self.leader = a_volunteer(self.city.unit, "陈静")
        self.shift = a_shift(
            an_activity(self.city.unit),
            self.city.point,
            on=local_date(at),
            start=clock_of(start),
            end=clock_of(min(1440, start + 60)),
            leader_id=self.leader.id,
        )
        an_assignment(self.shift, self.city.volunteer)
        account = an_account(volunteer=self.leader)
        db.session.commit()
        self.phone: FlaskClient = sign_in(app, self.city.volunteer_account)
        self.leader_phone: FlaskClient = sign_in(app, account)
        self.serial = 0

    def item(self, **more: Any) -> dict[str, Any]:
        self.serial += 1
        at = now()
        return {
            "nonce": f"nonce-{self.serial:06d}",
            "source": "own",
            "act": "in",
            "device_at": int(at.timestamp() * 1000),
            "offset": 0,
            "shift": self.shift.id,
            "code": rotating_code(self.city.point.secret, self.shift.id, StampKind.IN, at),
            **more,
        }

    def send_free(self, client: FlaskClient, items: Any) -> None:
        assert client.post("/offline/items", json={"items": items}).status_code == 200

    def send(self, client: FlaskClient, items: Any) -> Any:
        token = client.get("/offline/contact").get_json()["csrf"]
        return client.post(
            "/offline/items",
            json={"items": items},
            headers={"X-CSRFToken": token, "Accept": "application/json"},
        )


@pytest.fixture
def place(app: Flask) -> Place:
    return Place(app)


def count(model: Any) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_contact_tells_the_time_a_token_and_only_the_own_duties(place: Place) -> None:
    said = place.phone.get("/offline/contact").get_json()
    assert abs(said["now"] - now().timestamp() * 1000) < 5000
    assert said["who"] == str(place.city.volunteer_account.id)
    assert [duty["shift"] for duty in said["duties"]] == [place.shift.id]
    assert said["duties"][0]["next"] == "in"
    assert "王芳" not in json.dumps(said, ensure_ascii=False)
    assert place.leader_phone.get("/offline/contact").get_json()["duties"] == []
    away = place.app.test_client().get("/offline/contact")
    assert away.status_code == 302


def test_a_batch_has_an_answer_for_each_item(place: Place) -> None:
    good, odd = place.item(), {"nonce": "?"}
    answer = place.send(place.phone, [good, odd, dict(good)])
    assert answer.status_code == 200
    results = answer.get_json()["results"]
    assert [r["state"] for r in results] == ["recorded", "refused", "recorded"]
    assert results[0]["nonce"] == good["nonce"]
    assert "内容不完整" in results[1]["words"]
    assert (count(CheckIn), count(DeferredStamp)) == (1, 2)
    device = db.session.scalars(select(CheckIn.device_id)).one()
    assert device is not None


def test_no_token_no_entry(place: Place) -> None:
    answer = place.phone.post(
        "/offline/items", json={"items": [place.item()]}, headers={"Accept": "application/json"}
    )
    assert answer.status_code == 400
    assert answer.get_json()["code"] == "csrf"
    anonymous = place.app.test_client()
    place.app.config["WTF_CSRF_ENABLED"] = False
    away = anonymous.post(
        "/offline/items", json={"items": []}, headers={"Accept": "application/json"}
    )
    assert away.status_code == 401
    assert count(DeferredStamp) == 0


@pytest.mark.parametrize("body", [{}, {"items": []}, {"items": "x"}, [], {"items": [1] * 51}])
def test_a_senseless_upload_is_told_so(place: Place, body: Any) -> None:
    place.app.config["WTF_CSRF_ENABLED"] = False
    answer = place.phone.post("/offline/items", json=body, headers={"Accept": "application/json"})
    assert answer.status_code == 422
    assert count(DeferredStamp) == 0


def test_a_huge_upload_is_refused_before_it_is_read(place: Place) -> None:
    place.app.config["WTF_CSRF_ENABLED"] = False
    answer = place.phone.post(
        "/offline/items",
        data=b"[" * 70_000,
        headers={"Accept": "application/json", "Content-Type": "application/json"},
    )
    assert answer.status_code == 413


def test_the_roll_is_masked_and_only_for_who_runs_the_shift(place: Place) -> None:
    roll = place.leader_phone.get(f"/offline/roll/{place.shift.id}").get_json()
    assert [one["name"] for one in roll["people"]] == ["王*"]
    text = json.dumps(roll, ensure_ascii=False)
    assert "王芳" not in text
    assert "139" not in text
    assert roll["forget"] > roll["ends"]
    assert place.phone.get(f"/offline/roll/{place.shift.id}").status_code == 403


def test_what_a_phone_keeps_for_good_names_nobody(place: Place) -> None:
    for address in ("/offline/duty", "/offline/site"):
        mine = place.phone.get(address).get_data(as_text=True)
        others = place.leader_phone.get(address).get_data(as_text=True)
        visitors = place.app.test_client().get(address).get_data(as_text=True)
        assert mine == others == visitors
        assert "王芳" not in mine
        assert "csrf" not in mine
    worker = place.phone.get("/service-worker.js")
    assert worker.headers["Content-Type"].startswith("text/javascript")
    assert "worker-src 'self'" in worker.headers["Content-Security-Policy"]
    files = json.loads(worker.get_data(as_text=True).split("var FILES = ")[1].split(";\n")[0])
    assert len(files) == 9
    for file in files:
        answer = place.phone.get(file)
        assert answer.status_code == 200, file
        answer.close()


def test_the_desk_settles_what_waits_and_what_does_not_fit(place: Place) -> None:
    place.app.config["WTF_CSRF_ENABLED"] = False
    bare = place.item(code="", digits="123456")
    roll = place.item(source="roll", code="", person=place.city.volunteer.id)
    again = place.item(source="roll", code="", person=place.city.volunteer.id)
    place.send_free(place.phone, [bare])
    place.send_free(place.leader_phone, [roll, again])
    desk = sign_in(place.app, place.city.organizer)
    waits = desk.get("/onsite/deferred").get_data(as_text=True)
    assert "没有现场码" in waits
    assert "与屏幕不符" in waits
    odd = desk.get("/onsite/deferred/conflicts").get_data(as_text=True)
    assert "同一次签到或签退有几条" in odd
    rows = {row.nonce: row for row in db.session.scalars(select(DeferredStamp))}
    unsaid = desk.post(f"/onsite/deferred/{rows[bare['nonce']].id}/decline", data={"reason": ""})
    assert "请写明原因" in desk.get(unsaid.headers["Location"]).get_data(as_text=True)
    desk.post(f"/onsite/deferred/{rows[bare['nonce']].id}/decline", data={"reason": "人不在现场"})
    stamps = [row.stamp_id for row in rows.values() if row.stamp_id]
    desk.post(
        f"/onsite/deferred/seat/{place.shift.id}/{place.city.volunteer.id}",
        data={"stamp": stamps, "keep": stamps[:1], "reason": "重复"},
    )
    db.session.rollback()
    db.session.expire_all()
    assert rows[bare["nonce"]].state is DeferredState.DECLINED
    assert "没有待核实的离线记录" in desk.get("/onsite/deferred").get_data(as_text=True)
    assert "没有对不上" in desk.get("/onsite/deferred/conflicts").get_data(as_text=True)
    assert "人不在现场" in desk.get("/onsite/deferred/all").get_data(as_text=True)
    page = place.phone.get(f"/me/duties/{place.shift.id}").get_data(as_text=True)
    assert "未采信" in page


def test_a_list_on_paper_is_entered_afterwards(place: Place) -> None:
    place.app.config["WTF_CSRF_ENABLED"] = False
    shift, person = place.shift, place.city.volunteer.id
    shift.starts_at -= timedelta(hours=3)
    shift.ends_at -= timedelta(hours=3)
    db.session.commit()
    page = place.leader_phone.get(f"/onsite/{shift.id}/paper").get_data(as_text=True)
    assert "事后点名" in page
    came, went = (clock_of(day_minutes(t)) for t in (shift.starts_at, shift.ends_at))
    form = {"people": str(person), f"came-{person}": came, f"went-{person}": went}
    silent = place.leader_phone.post(f"/onsite/{shift.id}/paper", data={**form, "nonce": "n" * 12})
    assert silent.headers["Location"].endswith("/paper")
    assert count(CheckIn) == 0
    full = {**form, "nonce": "p" * 12, "reason": "路口全程没有网络"}
    for _ in range(2):
        done = place.leader_phone.post(f"/onsite/{shift.id}/paper", data=full)
        assert done.headers["Location"].endswith(f"/onsite/{shift.id}")
    assert count(CheckIn) == 2
    stamps = list(db.session.scalars(select(CheckIn).order_by(CheckIn.at)))
    assert [(s.kind, s.is_forced, s.at) for s in stamps] == [
        (StampKind.IN, True, shift.starts_at),
        (StampKind.OUT, True, shift.ends_at),
    ]
