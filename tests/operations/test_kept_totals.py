"""Kept totals are what the entries say, whatever was posted and taken back; and a wrong one is found."""

import random
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.builders import NOW, a_city, a_district, a_kind, a_unit, a_volunteer
from tests.records import a_record
from volunteer.domain.ledger import reversal_of
from volunteer.domain.terms import Grade, Nature, Source, StandingBasis
from volunteer.models.base import db
from volunteer.models.ledger import OwnerTotal, PersonMonth
from volunteer.operations.ledger import post
from volunteer.operations.ledger.posting import entry_of
from volunteer.operations.ledger.recounting import check_totals, rebuild_totals
from volunteer.queries import standings
from volunteer.queries.ledger import total_of
from volunteer.queries.standings import By, StandingFilter, by_month, standing

FIRST = date(2025, 1, 1)
DAYS = 700
OPERATIONS = 2_500


class Ledger:
    """A random ledger: credits of few people on few days, so that they meet, and reversals of them."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        city = a_city()
        self.units = [city.unit.id, city.other_unit.id, a_unit().id]
        self.districts = [city.point.district_id, a_district().id]
        self.kinds = [a_kind().id for _ in range(3)]
        self.people = [city.volunteer.id, *(a_volunteer(city.unit).id for _ in range(11))]
        record = a_record(city.unit, city.volunteer, on=FIRST)
        self.like = entry_of(record, 60, at=NOW, by=7)
        self.live: list[Any] = []

    def credit(self) -> Any:
        dice = self.dice
        return replace(
            self.like,
            volunteer_id=dice.choice(self.people),
            unit_id=dice.choice(self.units),
            district_id=dice.choice(self.districts),
            kind_id=dice.choice(self.kinds),
            nature=dice.choice([*Nature, Nature.VOLUNTEER]),
            source=dice.choice(list(Source)),
            grade=dice.choice(list(Grade)),
            service_on=FIRST + timedelta(days=dice.randrange(DAYS // 7) * 7),
            minutes=dice.randrange(1, 400),
        )

    def step(self) -> int:
        """Post some credits, some reversals, or a reversal with what takes its place."""
        taken = [
            self.live.pop(self.dice.randrange(len(self.live)))
            for _ in range(self.dice.randrange(2))
            if self.live
        ]
        reversals = [
            reversal_of(entry, number, at=NOW, by=7, reason="随机更正") for number, entry in taken
        ]
        credits = [self.credit() for _ in range(self.dice.randrange(4))]
        rows = post([*reversals, *credits])
        self.live += [
            (row.id, entry) for row, entry in zip(rows[len(reversals) :], credits, strict=True)
        ]
        return len(rows)


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_after_thousands_of_postings_every_total_is_what_the_entries_say(
    app: Flask, seed: int
) -> None:
    ledger, posted, checked = Ledger(seed), 0, 0
    while posted < OPERATIONS:
        posted += ledger.step()
        if posted // 500 > checked:
            checked = posted // 500
            assert check_totals().differing == 0, f"seed {seed} after {posted} postings"
    assert check_totals().rows > 500
    db.session.commit()


def test_what_is_kept_and_what_is_counted_answer_alike(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = Ledger(5)
    for _ in range(120):
        ledger.step()
    asked = [
        StandingFilter(first, last, by=by, basis=basis, verified_only=proven)
        for first, last in (
            (date(2025, 3, 1), date(2025, 3, 31)),
            (date(2025, 4, 1), date(2025, 6, 30)),
            (date(2026, 1, 1), date(2026, 12, 30)),
            (date(2025, 1, 1), date(2025, 12, 31)),
        )
        for by in By
        for basis in (StandingBasis.TOTAL, StandingBasis.ACTIVE_RATE)
        for proven in (False, True)
    ]
    kept = [(standing(None, one), by_month(one)) for one in asked]
    assert all(standings.kept_for(one) is not None for one in asked)
    monkeypatch.setattr(standings, "kept_for", lambda _asked: None)
    assert [(standing(None, one), by_month(one)) for one in asked] == kept
    assert sum(result.minutes for result, _ in kept) > 1000


def test_a_span_with_service_after_the_last_day_is_counted_day_by_day(app: Flask) -> None:
    city = a_city()
    for day in (3, 20):
        a_record(city.unit, city.volunteer, on=date(2026, 3, day), minutes=day)
    part = StandingFilter(date(2026, 3, 1), date(2026, 3, 10))
    assert standings.kept_for(part) is None
    assert standing(None, part).minutes == 3
    until_today = StandingFilter(date(2026, 3, 1), date(2026, 3, 25))
    assert standings.kept_for(until_today) is not None
    assert standing(None, until_today).minutes == 23


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (None, None),
        (date(2025, 2, 1), date(2025, 5, 31)),
        (date(2025, 2, 11), date(2025, 5, 17)),
        (date(2025, 2, 11), date(2025, 2, 20)),
        (date(2025, 2, 11), date(2025, 3, 20)),
        (None, date(2025, 9, 9)),
        (date(2025, 9, 9), None),
    ],
)
def test_a_persons_total_is_the_sum_of_their_entries(
    app: Flask, first: date | None, last: date | None
) -> None:
    ledger = Ledger(6)
    for _ in range(60):
        ledger.step()
    lines = [entry for _, entry in ledger.live]
    for person in ledger.people[1:]:
        mine = [
            line
            for line in lines
            if line.volunteer_id == person
            and line.nature is Nature.VOLUNTEER
            and (first is None or line.service_on >= first)
            and (last is None or line.service_on <= last)
        ]
        total = total_of(person, first=first, last=last)
        assert (total.minutes, total.times) == (sum(line.minutes for line in mine), len(mine))


def test_a_wrong_total_is_found_and_counted_anew(app: Flask) -> None:
    ledger = Ledger(7)
    for _ in range(20):
        ledger.step()
    before = db.session.execute(select(OwnerTotal.__table__)).all()
    db.session.execute(
        update(OwnerTotal)
        .where(OwnerTotal.owner == "city", OwnerTotal.span == "year")
        .values(minutes=OwnerTotal.minutes + 1)
    )
    somebody = db.session.execute(select(PersonMonth.volunteer_id).limit(1)).scalar_one()
    db.session.execute(PersonMonth.__table__.delete().where(PersonMonth.volunteer_id == somebody))
    assert check_totals().differing >= 2
    assert rebuild_totals().differing >= 2
    assert check_totals().differing == 0
    assert sorted(db.session.execute(select(OwnerTotal.__table__)).all()) == sorted(before)
