"""F12: phones without a signal. Thirty scans of one person by two phones, out of order, sent three times, 26 hours late.

Passes when there is one record for each nonce, the phones' times are kept and flagged, what is older than a
day waits for the leader's word, and what does not fit together is listed. Nothing is dropped.
"""

import json
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser
from sqlalchemy import func, select

from tests.browsing import PHONE, Visit, browser, served
from tests.builders import (
    a_city,
    a_shift,
    a_volunteer,
    an_account,
    an_activity,
    an_assignment,
    sign_in,
)
from volunteer.domain.terms import DeferredConflict, DeferredProblem, DeferredState, StampKind, Way
from volunteer.domain.timekeeping import local_date, now
from volunteer.domain.token import rotating_code
from volunteer.models.attendance import CheckIn, DeferredStamp
from volunteer.models.base import db
from volunteer.operations.offline import accept_deferred
from volunteer.queries.accounts import actor_of
from volunteer.queries.deferred_lists import conflicts_within, waiting_deferred

pytestmark = pytest.mark.faults

SCANS = 30
LATE = timedelta(hours=26)


class Crossing:
    """A shift, its leader's phone and the volunteer's own, and what both tapped without a signal."""

    def __init__(self, app: Flask, *, began: timedelta) -> None:
        self.app = app
        self.city = a_city()
        self.leader = a_volunteer(self.city.unit, "陈静")
        self.leader_account = an_account(volunteer=self.leader)
        self.start = (now() - began).replace(second=0, microsecond=0)
        self.shift = a_shift(
            an_activity(self.city.unit),
            self.city.point,
            on=local_date(self.start),
            leader_id=self.leader.id,
        )
        self.shift.starts_at = self.start
        self.shift.ends_at = self.start + timedelta(hours=1)
        an_assignment(self.shift, self.city.volunteer)
        db.session.commit()

    def item(self, number: int, when: datetime) -> dict[str, Any]:
        """The scan of one phone: odd ones the volunteer's own, even ones the leader's."""
        is_own = number % 2 == 1
        act = "in" if number < SCANS // 2 else "out"
        shared = {
            "nonce": f"scan-{number:04d}-{self.shift.id}",
            "act": act,
            "device_at": int(when.timestamp() * 1000) - 480_000,
            "offset": 480,  # both phones are eight minutes behind
            "shift": self.shift.id,
        }
        if not is_own:
            return {**shared, "source": "roll", "person": self.city.volunteer.id}
        kind = StampKind.OUT if act == "out" else StampKind.IN
        code = rotating_code(self.city.point.secret, self.shift.id, kind, when)
        return {**shared, "source": "own", "code": code}

    def items(self) -> list[dict[str, Any]]:
        """Thirty scans over an hour, coming first, going last."""
        return [
            self.item(number, self.start + timedelta(minutes=2 * number)) for number in range(SCANS)
        ]

    def send(self, items: list[dict[str, Any]], seed: int) -> None:
        """Both phones send what is theirs, shuffled, in chunks that repeat."""
        self.app.config["WTF_CSRF_ENABLED"] = False
        phones = {
            "own": sign_in(self.app, self.city.volunteer_account),
            "roll": sign_in(self.app, self.leader_account),
        }
        pick = random.Random(seed)
        for _ in range(3):
            order = list(items)
            pick.shuffle(order)
            for source, phone in phones.items():
                mine = [item for item in order if item["source"] == source]
                for first in range(0, len(mine), 7):
                    answer = phone.post("/offline/items", json={"items": mine[first : first + 7]})
                    assert answer.status_code == 200, answer.get_data(as_text=True)


def count(model: Any) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_f12_twenty_six_hours_late_waits_for_the_leader(app: Flask) -> None:
    place = Crossing(app, began=LATE)
    items = place.items()
    place.send(items, seed=12)
    assert count(DeferredStamp) == SCANS
    rows = db.session.scalars(select(DeferredStamp)).all()
    assert {row.nonce for row in rows} == {item["nonce"] for item in items}
    assert {row.state for row in rows} == {DeferredState.WAITING}
    assert {row.problem for row in rows} == {DeferredProblem.LATE}
    assert count(CheckIn) == 0
    for row in rows:
        claimed = {item["nonce"]: item for item in items}[row.nonce]
        assert row.claimed_at - row.device_at == timedelta(minutes=8)
        assert int(row.device_at.timestamp() * 1000) == claimed["device_at"]
        assert row.received_at - row.claimed_at > timedelta(hours=24)
        assert "clock_differs" in row.signals
        assert "late_upload" in row.signals
    desk = actor_of(place.city.organizer, at=now())
    assert waiting_deferred(desk).total == SCANS
    for row in rows:
        accept_deferred(desk, deferred_id=row.id, reason="带队证实", at=now())
    db.session.commit()
    stamps = db.session.scalars(select(CheckIn)).all()
    assert {stamp.nonce for stamp in stamps} == {item["nonce"] for item in items}
    assert all(stamp.received_at > stamp.at for stamp in stamps)
    again = db.session.scalar(select(func.count()).where(DeferredStamp.stamp_id.is_(None)))
    assert again == 0


def test_f12_within_the_day_all_is_kept_and_the_misfits_are_listed(app: Flask) -> None:
    place = Crossing(app, began=timedelta(hours=3))
    items = place.items()
    seen = set()
    for seed in (1, 2):
        place.send(items, seed=seed)
        rows = db.session.scalars(select(DeferredStamp).order_by(DeferredStamp.nonce)).all()
        seen.add(repr([(r.nonce, r.state, r.way, r.grade, r.conflict) for r in rows]))
    assert len(seen) == 1
    assert count(DeferredStamp) == SCANS
    assert count(CheckIn) == SCANS
    seats, _page, _pages = conflicts_within(actor_of(place.city.organizer, at=now()))
    assert len(seats) == 1
    assert len(seats[0].stamps) == SCANS
    assert {row.conflict for row in seats[0].rows} == {DeferredConflict.DUPLICATE}


@pytest.fixture(scope="module")
def running() -> Iterator[Browser]:
    """One Chromium for the module."""
    with browser() as chromium:
        yield chromium


def _enter(visit: Visit, app: Flask, account: Any) -> None:
    cookie = sign_in(app, account).get_cookie("session")
    assert cookie is not None
    visit.context.add_cookies([{"name": "session", "value": cookie.value, "url": visit.address}])


def _queue(visit: Visit) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = visit.page.evaluate("window.volunteer.queue.rows()")
    return rows


def _until(visit: Visit, question: str) -> None:
    """Ask the page again and again until the answer is yes; the content policy forbids asking inside it."""
    for _ in range(75):
        if visit.page.evaluate(question):
            return
        visit.page.wait_for_timeout(200)
    raise AssertionError(f"never came true: {question}; {visit.complaints}")


EMPTY = "async () => (await window.volunteer.queue.rows()).length === 0"
KEPT = "async () => navigator.serviceWorker.controller !== null && !!(await caches.match('/offline/site'))"


@pytest.mark.browser
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
def test_f12_a_real_browser_without_a_network(app: Flask, running: Browser) -> None:
    """The leader's page stays at work, survives a reload, and is empty only after the server's answer."""
    place = Crossing(app, began=timedelta(minutes=5))
    with served(app, with_jobs=False) as address:
        visit = Visit(running, address, size=PHONE)
        _enter(visit, app, place.leader_account)
        visit.page.goto(f"/onsite/{place.shift.id}")
        _until(visit, KEPT)
        visit.context.set_offline(True)
        visit.page.check("#people input[name=people]")
        visit.page.click("#people button[value=in]")
        visit.page.wait_for_selector(".queue-box >> text=待确认 1 条")
        assert "成功" not in visit.page.inner_text("#content")
        assert count(CheckIn) == 0
        visit.page.goto(f"/onsite/{place.shift.id}")  # closed and opened again, still no network
        visit.page.wait_for_selector("[data-shell=site] >> text=王*")
        assert "王芳" not in visit.page.inner_text("body")
        visit.page.check("[data-shell] input[type=checkbox]")
        visit.page.click("text=勾选的人签到")
        visit.page.wait_for_selector(".queue-box >> text=待确认 2 条")
        kept = _queue(visit)
        assert [row["answer"] for row in kept] == [None, None]
        visit.context.set_offline(False)
        _until(visit, EMPTY)
        visit.close()
    assert count(DeferredStamp) == 2
    assert count(CheckIn) == 2
    stamps = db.session.scalars(select(CheckIn)).all()
    assert {stamp.way for stamp in stamps} == {Way.ROLL_CALL}
    assert {stamp.nonce for stamp in stamps} == {row["item"]["nonce"] for row in kept}


@pytest.mark.browser
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
def test_f12_the_volunteers_scan_without_a_network(app: Flask, running: Browser) -> None:
    """A code opened without a network waits on the phone; an ended session keeps it and says so."""
    place = Crossing(app, began=timedelta(minutes=5))
    with served(app, with_jobs=False) as address:
        visit = Visit(running, address, size=PHONE)
        _enter(visit, app, place.city.volunteer_account)
        visit.page.goto("/scan")
        _until(visit, KEPT)
        _until(visit, "() => window.volunteer.queue.state.who !== ''")
        visit.context.set_offline(True)
        code = rotating_code(place.city.point.secret, place.shift.id, StampKind.IN, now())
        visit.page.goto(f"/c/{code}")
        visit.page.click("[data-shell] .button-main")
        visit.page.wait_for_selector(".queue-box >> text=待确认 1 条")
        assert "成功" not in visit.page.inner_text("#content")
        visit.context.clear_cookies()
        visit.context.set_offline(False)
        visit.page.wait_for_selector("text=登录已过期")
        assert len(_queue(visit)) == 1
        assert count(DeferredStamp) == 0
        _enter(visit, app, place.city.volunteer_account)
        visit.page.goto("/scan")
        _until(visit, EMPTY)
        visit.close()
    stamp = db.session.scalars(select(CheckIn)).one()
    assert (stamp.way, stamp.grade.value) == (Way.ROTATING_CODE, "A")
    assert count(DeferredStamp) == 1


@pytest.mark.browser
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
def test_f12_an_old_browser_keeps_its_queue_too(app: Flask, running: Browser) -> None:
    """No service worker and no IndexedDB: the open page and localStorage do, and another account's queue stays."""
    place = Crossing(app, began=timedelta(minutes=5))
    hide = "Object.defineProperty(window, 'indexedDB', {value: undefined});"
    hide += "delete Navigator.prototype.serviceWorker;"
    with served(app, with_jobs=False) as address:
        visit = Visit(running, address, size=PHONE)
        visit.context.add_init_script(hide)
        _enter(visit, app, place.leader_account)
        visit.page.goto(f"/onsite/{place.shift.id}")
        _until(visit, "() => window.volunteer.queue.state.who !== ''")
        visit.context.set_offline(True)
        visit.page.check("#people input[name=people]")
        visit.page.click("#people button[value=in]")
        visit.page.wait_for_selector(".queue-box >> text=待确认 1 条")
        stored = visit.page.evaluate("JSON.stringify(localStorage)")
        assert "volunteer.queue." in stored
        assert "王芳" not in json.dumps(json.loads(stored), ensure_ascii=False)
        visit.context.set_offline(False)
        visit.context.clear_cookies()
        _enter(visit, app, place.city.volunteer_account)  # somebody else on the same phone
        visit.page.goto("/scan")
        visit.page.wait_for_selector("text=另一个账号")
        assert count(DeferredStamp) == 0
        visit.context.clear_cookies()
        _enter(visit, app, place.leader_account)
        visit.page.goto(f"/onsite/{place.shift.id}")
        _until(visit, EMPTY)
        visit.close()
    assert count(CheckIn) == 1


@pytest.mark.browser
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
def test_f12_signing_out_forgets_the_people_and_keeps_the_queue(
    app: Flask, running: Browser
) -> None:
    place = Crossing(app, began=timedelta(minutes=5))
    kept = "async (start) => (await window.volunteer.queue.kept(start)).length"
    with served(app, with_jobs=False) as address:
        visit = Visit(running, address, size=PHONE)
        _enter(visit, app, place.leader_account)
        visit.page.goto(f"/onsite/{place.shift.id}")
        _until(visit, KEPT)
        _until(visit, f"async () => (await ({kept})('roll:')) === 1")
        visit.context.set_offline(True)
        visit.page.check("#people input[name=people]")
        visit.page.click("#people button[value=in]")
        visit.page.wait_for_selector(".queue-box >> text=待确认 1 条")
        visit.context.clear_cookies()
        visit.context.set_offline(False)
        visit.page.goto("/sign-in")
        visit.page.wait_for_timeout(300)
        visit.page.goto("/offline/site")
        assert visit.page.evaluate(kept, "roll:") == 0
        assert len(_queue(visit)) == 1
        visit.close()
