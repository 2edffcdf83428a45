"""F5: a form with a key acts once: again the same answer, other contents are refused, also at once and after a restart.

And without a key: every form that creates hours, sign-ups or imports says so the second time and writes nothing.
"""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text

from tests.builders import City, a_city, a_kind, a_shift, an_activity, an_assignment, sign_in
from tests.conftest import FreshClient
from tests.faults.test_all_or_nothing import picture
from tests.operations.test_people_rolls import AI, ZHANG, a_roll
from tests.views.test_activities import activity_form
from volunteer.app import create_app
from volunteer.domain.terms import AssignmentState
from volunteer.domain.timekeeping import local_date, now
from volunteer.jobs.tasks_answers import KEPT, forget_old_answers
from volunteer.models.activities import Activity
from volunteer.models.base import db
from volunteer.models.journal import KeptAnswer
from volunteer.operations.people.rolls import take_roll
from volunteer.queries.accounts import actor_of
from volunteer.web import once

KEY = "a-key-of-this-form-0001"


@pytest.fixture
def city(app: Flask) -> City:
    app.config["WTF_CSRF_ENABLED"] = False
    return a_city()


@pytest.fixture
def desk(app: Flask, city: City) -> FlaskClient:
    return sign_in(app, city.organizer)


def _count(table: Any) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def _said(answer: Any) -> tuple[int, str, bytes]:
    return answer.status_code, answer.headers.get("Location", ""), answer.data


def _form(city: City, **given: str) -> dict[str, str]:
    kind = a_kind()
    db.session.commit()
    return activity_form(city, kind.id, **given)


def test_the_same_form_twice_is_one_activity_and_one_answer(city: City, desk: FlaskClient) -> None:
    form = _form(city, once=KEY)
    first = desk.post("/activities", data=form)
    assert first.status_code == 302
    assert _said(desk.post("/activities", data=form)) == _said(first)
    assert _count(Activity) == 1


def test_without_a_key_there_would_be_two(city: City, desk: FlaskClient) -> None:
    """The harness can fail."""
    form = _form(city)
    for _ in range(2):
        assert desk.post("/activities", data=form).status_code == 302
    assert _count(Activity) == 2


def test_the_form_of_the_page_brings_a_key_of_its_own(city: City, desk: FlaskClient) -> None:
    kind = _form(city)["kind_id"]
    pages = [desk.get(f"/activities/new?kind={kind}").get_data(as_text=True) for _ in range(2)]
    keys = {page.partition('name="once" value="')[2].partition('"')[0] for page in pages}
    assert len(keys) == 2
    assert all(len(key) > 15 for key in keys)


def test_the_same_key_with_other_contents_is_refused(city: City, desk: FlaskClient) -> None:
    form = _form(city, once=KEY)
    assert desk.post("/activities", data=form).status_code == 302
    answer = desk.post("/activities", data={**form, "title": "另一个活动"})
    assert answer.status_code == 422
    assert "已经提交过" in answer.get_data(as_text=True)
    assert _count(Activity) == 1


def test_a_refusal_is_not_kept(city: City, desk: FlaskClient) -> None:
    form = _form(city, once=KEY)
    answer = desk.post("/activities", data={**form, "title": ""})
    assert answer.status_code == 422
    assert f'value="{KEY}"' in answer.get_data(as_text=True), "the form keeps its key"
    assert desk.post("/activities", data=form).status_code == 302
    assert (_count(Activity), _count(KeptAnswer)) == (1, 1)


def test_a_key_belongs_to_one_account_and_one_address(
    app: Flask, city: City, desk: FlaskClient
) -> None:
    form = _form(city, once=KEY)
    other = sign_in(app, city.city_admin)
    places = {client.post("/activities", data=form).headers["Location"] for client in (desk, other)}
    assert len(places) == 2
    assert _count(Activity) == 2


def test_a_program_sends_its_key_as_a_header(city: City, desk: FlaskClient) -> None:
    activity = an_activity(city.unit)
    db.session.commit()
    answers = [
        desk.post(f"/activities/{activity.id}/copy", headers={"Idempotency-Key": "copy-1"})
        for _ in range(3)
    ]
    assert len({_said(answer) for answer in answers}) == 1
    assert _count(Activity) == 2
    long = desk.post(f"/activities/{activity.id}/copy", headers={"Idempotency-Key": "k" * 256})
    assert long.status_code == 422


def test_at_once_all_get_the_answer_of_the_one_that_acted(app: Flask, city: City) -> None:
    form, many = _form(city, once=KEY), 12
    clients = [sign_in(app, city.organizer) for _ in range(many)]
    start = threading.Barrier(many)
    db.session.remove()

    def send(client: FlaskClient) -> tuple[int, str, bytes]:
        start.wait(30)
        return _said(client.post("/activities", data=form))

    with ThreadPoolExecutor(many) as pool:
        answers = set(pool.map(send, clients))
    assert len(answers) == 1
    assert next(iter(answers))[0] == 302
    assert _count(Activity) == 1


def test_who_comes_while_the_first_is_at_work_is_told_to_wait(
    app: Flask, city: City, desk: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On PostgreSQL a claim that is not committed is waited for, then 409; SQLite has one writer at a time."""
    form = _form(city, once=KEY)
    db.session.remove()
    if db.engine.dialect.name == "sqlite":
        done = threading.Event()
        holder = threading.Thread(target=_write_for_a_while, args=(db.engine, done))
        holder.start()
        done.wait(5)
        assert desk.post("/activities", data=form).status_code == 302  # it waited for its turn
        holder.join()
        return
    monkeypatch.setattr(once, "WAIT", "200ms")
    seen: list[bytes] = []
    real = once._claim
    monkeypatch.setattr(once, "_claim", lambda d, c, at: seen.append(d) or real(d, c, at=at))
    assert desk.post("/activities", data={**form, "title": ""}).status_code == 422
    with db.engine.connect() as first:
        first.execute(
            text(
                "INSERT INTO kept_answer (digest, contents, status, location, content_type, body,"
                " flashes, created_at) VALUES (:digest, '', 0, '', '', '', '[]', now())"
            ),
            {"digest": seen[0]},
        )
        answer = desk.post("/activities", data=form)
        first.rollback()
    assert answer.status_code == 409
    assert "还在处理" in answer.get_data(as_text=True)
    assert desk.post("/activities", data=form).status_code == 302
    assert _count(Activity) == 1


def _write_for_a_while(engine: Any, began: threading.Event) -> None:
    with engine.connect() as connection:
        connection.exec_driver_sql("UPDATE ledger_head SET seq = seq")
        began.set()
        threading.Event().wait(0.4)
        connection.rollback()


def test_after_a_restart_the_answer_is_still_there(
    app: Flask, city: City, desk: FlaskClient
) -> None:
    form = _form(city, once=KEY)
    first = _said(desk.post("/activities", data=form))
    again = create_app(app.config["SETTINGS"])
    again.config["WTF_CSRF_ENABLED"] = False
    again.test_client_class = FreshClient
    client = again.test_client()
    cookie = desk.get_cookie("session")
    assert cookie is not None
    client.set_cookie("session", cookie.value)
    assert _said(client.post("/activities", data=form)) == first
    with again.app_context():
        db.engine.dispose()
    assert _count(Activity) == 1


def test_kept_answers_are_erased_after_a_week(city: City, desk: FlaskClient) -> None:
    assert desk.post("/activities", data=_form(city, once=KEY)).status_code == 302
    assert forget_old_answers() == 0
    row = db.session.scalars(select(KeptAnswer)).one()
    row.created_at = now() - KEPT - timedelta(minutes=1)
    db.session.commit()
    assert forget_old_answers() == 1


def _accept(app: Flask, city: City) -> tuple[FlaskClient, str, dict[str, str]]:
    at = now()
    shift = a_shift(
        an_activity(city.unit),
        city.point,
        starts_at=at + timedelta(hours=5),
        ends_at=at + timedelta(hours=6),
        service_on=local_date(at + timedelta(hours=5)),
    )
    an_assignment(shift, city.volunteer, AssignmentState.PROPOSED)
    db.session.commit()
    return sign_in(app, city.volunteer_account), f"/me/duties/{shift.id}/accept", {}


def _over(city: City) -> Any:
    at = now()
    shift = a_shift(
        an_activity(city.unit),
        city.point,
        starts_at=at - timedelta(hours=2),
        ends_at=at - timedelta(minutes=2),
        service_on=local_date(at - timedelta(hours=2)),
    )
    an_assignment(shift, city.volunteer)
    db.session.commit()
    return shift


def _failure(app: Flask, city: City) -> tuple[FlaskClient, str, dict[str, str]]:
    shift = _over(city)
    form = {"people": str(city.volunteer.id), "reason": "网络不通", "nonce": "one-page-one-nonce"}
    return sign_in(app, city.organizer), f"/onsite/{shift.id}/failure", form


def _settle(app: Flask, city: City) -> tuple[FlaskClient, str, dict[str, str]]:
    desk, place, form = _failure(app, city)
    assert desk.post(place, data=form).status_code == 302
    return desk, place.replace("/failure", "/settle"), {}


def _import(app: Flask, city: City) -> tuple[FlaskClient, str, dict[str, str]]:
    kept = take_roll(
        actor_of(city.organizer, at=now()),
        a_roll(ZHANG, AI),
        file_name="花名册.xlsx",
        unit_id=city.unit.id,
        at=now(),
    )
    db.session.commit()
    return sign_in(app, city.organizer), f"/people/rolls/{kept.id}/confirm", {}


SECOND_TIME = {
    "me/duties": 409,
    "failure": 302,
    "settle": 409,
    "rolls": 302,
}  # 302: told on the page
UNTOUCHED = ("check_in", "service_record", "ledger_entry", "assignment", "volunteer", "account")


@pytest.mark.parametrize("prepare", [_accept, _failure, _settle, _import])
@pytest.mark.parametrize("has_key", [False, True])
def test_hours_sign_ups_and_imports_happen_once(
    app: Flask, city: City, prepare: Callable[[Flask, City], Any], has_key: bool
) -> None:
    client, place, form = prepare(app, city)
    headers = {"Idempotency-Key": KEY} if has_key else {}
    before = picture()
    first = client.post(place, data=form, headers=headers)
    assert first.status_code == 302, first.get_data(as_text=True)[:500]
    after = picture()
    assert before != after
    second = client.post(place, data=form, headers=headers)
    if has_key:
        assert _said(second) == _said(first)
    else:
        expected = next(code for part, code in SECOND_TIME.items() if part in place)
        assert second.status_code == expected, second.get_data(as_text=True)[:500]
    now_there = picture()
    assert [name for name in UNTOUCHED if now_there[name] != after[name]] == []
