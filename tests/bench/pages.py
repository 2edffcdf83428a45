"""Every main page for whom it is made, over real HTTP: milliseconds, statements, bytes on the wire."""

import http.client
import re
import statistics
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select

from tests.bench.serving import Server, get, serving
from tests.conftest import FreshClient
from tests.counting import count_queries
from tests.showcase import account_named, account_of, city_app, session_cookie
from volunteer.demo.history import roster_week
from volunteer.domain.terms import AssignmentState, ShiftState
from volunteer.domain.timekeeping import local_date, now, week_of
from volunteer.models.activities import Activity, Shift
from volunteer.models.base import db
from volunteer.models.ledger import ServiceRecord
from volunteer.models.people import Volunteer
from volunteer.models.rosters import Assignment, DraftSeat
from volunteer.queries.accounts import actor_of

TIMES = 30
LONGEST_SECONDS = 1.5
"""A page that is slow is asked less often, so that the whole stays short."""
MEDIAN_MS, P95_MS, PHONE_BYTES = 100, 300, 60_000


@dataclass(frozen=True, slots=True)
class Target:
    """One page and whose it is."""

    who: str
    place: str
    is_phone: bool = False


@dataclass(frozen=True, slots=True)
class Measured:
    """What a page costs."""

    target: Target
    median: float
    p95: float
    busy: float
    statements: int
    bytes: int

    @property
    def faults(self) -> list[str]:
        """Which bars it misses."""
        found = []
        if self.median > MEDIAN_MS:
            found.append(f"median > {MEDIAN_MS} ms")
        if self.p95 > P95_MS:
            found.append(f"p95 > {P95_MS} ms")
        if self.target.is_phone and self.bytes > PHONE_BYTES:
            found.append(f"> {PHONE_BYTES // 1000} kB")
        return found


def _row(statement: Any) -> Any:
    row = db.session.execute(statement.limit(1)).first()
    assert row is not None, f"the demo city lacks a row for {statement}"
    return row


def prepare(app: Flask) -> tuple[list[Target], dict[str, str]]:
    """Make a draft of next week and name the pages; returns them with a session cookie for each person."""
    monday = week_of(local_date(now())) + timedelta(days=7)
    admin = actor_of(account_named("shi"), at=now())
    draft = roster_week(admin, monday, at=now(), seconds=0, seed=1)
    seat = _row(
        select(DraftSeat.shift_id, DraftSeat.volunteer_id).where(DraftSeat.draft_id == draft.id)
    )
    unit = account_named("yibaoju").unit_id
    own = select(Shift.id, Activity.id).join(Activity, Activity.id == Shift.activity_id)
    shift, activity = _row(
        own.where(
            Activity.unit_id == unit,
            Shift.starts_at > now(),
            Shift.state == ShiftState.PUBLISHED,
        ).order_by(Shift.starts_at)
    )
    asked = _row(
        select(Assignment.volunteer_id, Assignment.shift_id)
        .join(Shift, Shift.id == Assignment.shift_id)
        .join(ServiceRecord, ServiceRecord.volunteer_id == Assignment.volunteer_id)
        .where(Assignment.state == AssignmentState.PROPOSED, Shift.starts_at > now())
    )
    record = _row(select(ServiceRecord.id).where(ServiceRecord.volunteer_id == asked[0]))[0]
    recorded = _row(select(ServiceRecord.id).where(ServiceRecord.recording_unit_id == unit))[0]
    person = _row(select(Volunteer.id).where(Volunteer.unit_id == unit))[0]
    desk = f"""
        shi /desk
        shi /rosters
        shi /rosters/trouble
        shi /planning
        shi /planning/new
        shi /planning/runs/{draft.run_id}
        shi /planning/drafts?week={monday}
        shi /planning/drafts/{draft.id}
        shi /planning/drafts/{draft.id}/load
        shi /planning/drafts/{draft.id}/publish
        shi /planning/drafts/{draft.id}/shifts/{seat[0]}
        shi /planning/drafts/{draft.id}/people/{seat[1]}
        shi /planning/drafts/{draft.id}/review?seat={seat[1]}-{seat[0]}
        shi /activities
        shi /people
        shi /onsite
        shi /hours
        shi /standings
        shi /city/units/
        shi /city/points/
        shi /city/accounts/
        shi /city/calendar/
        shi /city/campaigns/
        qu /desk
        qu /rosters
        yibaoju /desk
        yibaoju /rosters
        yibaoju /rosters/shifts/{shift}
        yibaoju /rosters/shifts/{shift}/candidates
        yibaoju /activities/{activity}
        yibaoju /activities/{activity}/shifts/new
        yibaoju /shifts/{shift}
        yibaoju /people
        yibaoju /people/{person}
        yibaoju /people/rolls
        yibaoju /onsite
        yibaoju /onsite/{shift}
        yibaoju /onsite/{shift}/people
        yibaoju /hours/due
        yibaoju /hours/{recorded}
        shenji /standings
    """
    phone = f"""
        - /sign-in
        volunteer /me
        volunteer /me/duties
        volunteer /me/duties/{asked[1]}
        volunteer /me/record
        volunteer /me/record/{record}
        volunteer /me/profile
        volunteer /me/profile/availability
        volunteer /messages
        volunteer /scan
        volunteer /scan/my-code
    """
    targets = [
        *_targets(desk, is_phone=False),
        Target("-", "/public"),
        *_targets(phone, is_phone=True),
    ]
    people = {name: account_named(name) for name in ("shi", "qu", "yibaoju", "shenji")}
    people["volunteer"] = account_of(asked[0])
    return targets, {name: session_cookie(app, account) for name, account in people.items()}


def _targets(table: str, *, is_phone: bool) -> list[Target]:
    pairs = (line.split() for line in table.strip().splitlines())
    return [Target(who, place, is_phone) for who, place in pairs]


def measure(server: Server, target: Target, cookie: str) -> Measured | str:
    """Ask for one page again and again, one request after the other."""
    line = server.line()
    status, _body, size = get(line, target.place, cookie)
    if status != 200:
        return f"answered {status}"
    spent: list[float] = []
    busy = server.busy_ms()
    began = time.perf_counter()
    while len(spent) < TIMES and (len(spent) < 5 or time.perf_counter() - began < LONGEST_SECONDS):
        asked = time.perf_counter()
        get(line, target.place, cookie)
        spent.append((time.perf_counter() - asked) * 1000)
    busy = (server.busy_ms() - busy) / len(spent)
    line.close()
    spent.sort()
    p95 = spent[min(len(spent) - 1, round(0.95 * len(spent)))]
    return Measured(target, statistics.median(spent), p95, busy, 0, size)


def _parts(html: str) -> set[str]:
    """Styles and scripts that a page loads from here."""
    return set(re.findall(r'(?:src|href)="(/static/[^"]+\.(?:css|js)[^"]*)"', html))


def statements_and_parts(app: Flask, target: Target, cookie: str) -> tuple[int, set[str]]:
    """How many statements one request sends, and which files the page loads."""
    app.test_client_class = FreshClient
    client = app.test_client()
    if cookie:
        client.set_cookie("session", cookie)
    client.get(target.place)
    with count_queries() as sent:
        answer = client.get(target.place)
    return len(sent), _parts(answer.get_data(as_text=True))


def report(folder: Path) -> list[Measured]:
    """Measure all pages of the demo city and print a table."""
    app = city_app(folder)
    found: list[Measured] = []
    with app.app_context():
        targets, cookies = prepare(app)
        db.session.commit()
        counted = {t: statements_and_parts(app, t, cookies.get(t.who, "")) for t in targets}
    print(f"\n{'who':10} {'page':48} {'median':>7} {'p95':>7} {'cpu':>6} {'sql':>4} {'bytes':>7}")
    with serving(folder) as server:
        sizes = {
            part: get(server.line(), part)[2]
            for part in set().union(*(p for _, p in counted.values()))
        }
        for target in targets:
            try:
                got = measure(server, target, cookies.get(target.who, ""))
            except (OSError, http.client.HTTPException) as error:
                got = f"no answer: {error!r}"
            if isinstance(got, str):
                print(f"{target.who:10} {target.place:48} {got}")
                continue
            statements, parts = counted[target]
            whole = Measured(
                target,
                got.median,
                got.p95,
                got.busy,
                statements,
                got.bytes + sum(sizes[part] for part in parts),
            )
            found.append(whole)
            verdict = "; ".join(whole.faults) or "ok"
            print(
                f"{target.who:10} {target.place:48} {whole.median:7.1f} {whole.p95:7.1f} {whole.busy:6.1f}"
                f" {whole.statements:4} {whole.bytes:7} {verdict}",
                flush=True,
            )
    missed = sum(1 for page in found if page.faults)
    print(
        f"{len(found)} pages, {missed} over a bar (median {MEDIAN_MS} ms, p95 {P95_MS} ms; phone pages,"
        f" styles and scripts included, {PHONE_BYTES // 1000} kB); cpu: the server's own ms a request"
    )
    return found
