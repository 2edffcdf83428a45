"""Standings are sums of the ledger: ties told, reversals gone, people named only where they may be."""

from datetime import date, timedelta

from flask import Flask

from tests.builders import (
    MONDAY,
    NOW,
    a_city,
    a_kind,
    a_shift,
    a_unit,
    a_volunteer,
    an_activity,
    an_entry,
)
from tests.counting import count_queries
from volunteer.domain.compliance import PERSONAL_BOARDS
from volunteer.domain.terms import Grade, Nature, Source, StandingBasis, VolunteerState
from volunteer.models.base import db
from volunteer.models.people import Account
from volunteer.operations.compliance import let_guard_in
from volunteer.queries.accounts import actor_of
from volunteer.queries.standings import By, StandingFilter, by_month, standing

WEEK = StandingFilter(MONDAY, MONDAY + timedelta(days=6))


def _named(result) -> dict[str, tuple[int | None, int]]:  # type: ignore[no-untyped-def]
    return {
        row.tally.name: (row.place, row.tally.minutes) for row in result.rows if row.tally.minutes
    }


def test_units_are_ordered_by_minutes_and_ties_share_a_place(app: Flask) -> None:
    city = a_city()
    an_entry(city.volunteer, 60)
    an_entry(a_volunteer(city.unit), 30)
    an_entry(city.other_volunteer, 90)
    result = standing(actor_of(city.city_admin, at=NOW), WEEK)
    assert _named(result) == {"市医保局": (1, 90), "双清交警大队": (1, 90)}
    assert [row.is_tied for row in result.rows if row.tally.minutes] == [True, True]
    assert (result.minutes, result.participations, result.people) == (180, 3, 3)


def test_a_reversal_takes_the_visit_away_and_a_correction_counts_once(app: Flask) -> None:
    city = a_city()
    shift = a_shift()
    wrong = an_entry(city.volunteer, 60, shift=shift)
    from volunteer.domain.terms import EntryKind
    from volunteer.models.ledger import LedgerEntry

    db.session.add(
        LedgerEntry(
            seq=10**6,
            kind=EntryKind.REVERSAL,
            record_id=wrong.record_id,
            reverses_id=wrong.id,
            volunteer_id=wrong.volunteer_id,
            unit_id=wrong.unit_id,
            district_id=wrong.district_id,
            kind_id=wrong.kind_id,
            nature=wrong.nature,
            service_on=wrong.service_on,
            minutes=-60,
            source=wrong.source,
            grade=wrong.grade,
            posted_at=NOW,
            previous_seal=bytes(32),
            seal=b"r" * 32,
        )
    )
    db.session.flush()
    result = standing(actor_of(city.city_admin, at=NOW), WEEK)
    assert (result.minutes, result.participations) == (0, 0)


def test_duty_never_counts_and_verified_only_leaves_hand_made_hours_out(app: Flask) -> None:
    city = a_city()
    an_entry(city.volunteer, 60)
    an_entry(city.volunteer, 240, nature=Nature.DUTY)
    an_entry(city.volunteer, 45, source=Source.ORGANIZER_MANUAL, grade=Grade.D)
    actor = actor_of(city.city_admin, at=NOW)
    every = standing(actor, WEEK)
    proven = standing(actor, StandingFilter(WEEK.first, WEEK.last, verified_only=True))
    assert (every.minutes, every.verified_minutes, proven.minutes) == (105, 60, 60)
    assert every.by_grade == {Grade.A: 60, Grade.D: 45}


def test_the_period_has_both_its_days(app: Flask) -> None:
    city = a_city()
    for on in (
        MONDAY - timedelta(days=1),
        MONDAY,
        MONDAY + timedelta(days=6),
        MONDAY + timedelta(days=7),
    ):
        an_entry(city.volunteer, 60, on=on)
    assert standing(actor_of(city.city_admin, at=NOW), WEEK).minutes == 120


def test_per_head_divides_by_the_people_on_the_roll(app: Flask) -> None:
    city = a_city()
    a_volunteer(city.unit)
    a_volunteer(city.unit, joined_on=MONDAY + timedelta(days=30))
    an_entry(city.volunteer, 100)
    result = standing(
        actor_of(city.city_admin, at=NOW),
        StandingFilter(WEEK.first, WEEK.last, basis=StandingBasis.PER_HEAD),
    )
    unit = next(row for row in result.rows if row.tally.name == "市医保局")
    assert (unit.tally.registered, unit.value) == (2, 50)


def test_kinds_and_districts_are_compared_too(app: Flask) -> None:
    city = a_city()
    care = a_kind(name="关爱老人")
    an_entry(city.volunteer, 60, shift=a_shift(an_activity(city.unit, kind_id=care.id), city.point))
    actor = actor_of(city.city_admin, at=NOW)
    kinds = standing(actor, StandingFilter(WEEK.first, WEEK.last, by=By.KIND))
    districts = standing(actor, StandingFilter(WEEK.first, WEEK.last, by=By.DISTRICT))
    assert _named(kinds) == {"关爱老人": (1, 60)}
    assert _named(districts) == {"大祥区": (1, 60)}


def test_a_person_is_named_outside_the_own_unit_only_after_agreeing(app: Flask) -> None:
    city = a_city()
    open_hearted = a_volunteer(city.other_unit, "欧阳愿", is_public=True)
    minor = a_volunteer(city.other_unit, "小明", is_public=True, birth_year=MONDAY.year - 15)
    for person in (city.volunteer, city.other_volunteer, open_hearted, minor):
        an_entry(person, 60)
    persons = StandingFilter(WEEK.first, WEEK.last, by=By.PERSON)
    reason = "市文明委二〇二六年第九号文件"
    let_guard_in(actor_of(city.city_admin, at=NOW), PERSONAL_BOARDS, reason=reason, at=NOW)
    seen = standing(actor_of(city.organizer, at=NOW), persons)
    names = {row.tally.name for row in seen.rows}
    assert names == {"王芳（市医保局）", "欧阳愿（双清交警大队）"}
    assert (seen.unnamed, seen.minutes) == (2, 240)
    mine = standing(actor_of(city.other_volunteer_account, at=NOW), persons)
    assert {row.tally.name for row in mine.rows} == {
        "赵强（双清交警大队）",
        "欧阳愿（双清交警大队）",
    }
    citywide = standing(actor_of(city.city_admin, at=NOW), persons)
    assert {row.tally.name for row in citywide.rows} == {"欧阳愿（双清交警大队）"}


def test_compliance_mode_compares_persons_inside_one_unit_only(app: Flask) -> None:
    city = a_city()
    open_hearted = a_volunteer(city.other_unit, "欧阳愿", is_public=True)
    third = a_volunteer(a_unit("区民政局", district_id=city.district.id), "区内人")
    for person in (city.volunteer, city.other_volunteer, open_hearted, third):
        an_entry(person, 60)

    def named(account: Account | None, unit_id: int | None = None) -> set[str]:
        asked = StandingFilter(WEEK.first, WEEK.last, by=By.PERSON, unit_id=unit_id)
        actor = account and actor_of(account, at=NOW)
        return {row.tally.name.split("（")[0] for row in standing(actor, asked).rows}

    assert named(None) == set()
    assert named(city.organizer) == {"王芳"}
    assert named(city.volunteer_account) == {"王芳"}
    assert named(city.other_volunteer_account) == {"赵强"}
    assert named(city.district_admin) == named(city.city_admin) == named(city.auditor) == set()
    assert named(city.district_admin, city.unit.id) == {"王芳"}
    assert named(city.district_admin, city.other_unit.id) == set()
    assert named(city.city_admin, city.other_unit.id) == {"赵强", "欧阳愿"}


def test_who_left_stands_under_the_number_and_not_the_name(app: Flask) -> None:
    city = a_city()
    an_entry(city.volunteer, 60)
    city.volunteer.state = VolunteerState.LEFT
    asked = StandingFilter(WEEK.first, WEEK.last, by=By.PERSON, unit_id=city.unit.id)
    seen = standing(actor_of(city.organizer, at=NOW), asked)
    assert [row.tally.name for row in seen.rows] == [f"已退出志愿者 {city.volunteer.number}"]


def test_the_city_office_reads_one_units_people_when_it_asks_for_the_unit(app: Flask) -> None:
    city = a_city()
    an_entry(city.volunteer, 60)
    persons = StandingFilter(WEEK.first, WEEK.last, by=By.PERSON, unit_id=city.unit.id)
    seen = standing(actor_of(city.city_admin, at=NOW), persons)
    assert [row.tally.name for row in seen.rows] == ["王芳"]
    stranger = standing(actor_of(city.other_organizer, at=NOW), persons)
    assert [row.tally.name for row in stranger.rows] == []


def test_a_merged_profile_counts_under_the_one_that_was_kept(app: Flask) -> None:
    city = a_city()
    double = a_volunteer(city.unit, "王芳")
    an_entry(city.volunteer, 60)
    an_entry(double, 30)
    double.merged_into_id = city.volunteer.id
    db.session.flush()
    persons = StandingFilter(WEEK.first, WEEK.last, by=By.PERSON)
    seen = standing(actor_of(city.organizer, at=NOW), persons)
    assert _named(seen) == {"王芳（市医保局）": (1, 90)}


def test_months_tell_all_and_verified(app: Flask) -> None:
    city = a_city()
    an_entry(city.volunteer, 60, on=date(2026, 10, 30))
    an_entry(city.volunteer, 30, on=date(2026, 11, 2), source=Source.ORGANIZER_MANUAL)
    assert by_month(StandingFilter(date(2026, 1, 1), date(2026, 12, 31))) == [
        ("2026-10", 60, 60),
        ("2026-11", 30, 0),
    ]


def test_the_number_of_statements_does_not_grow_with_rows(app: Flask) -> None:
    city = a_city()
    actor = actor_of(city.city_admin, at=NOW)
    shift = a_shift(max_heads=4)
    counts = []
    for size in (10, 200):
        for _ in range(size):
            an_entry(a_volunteer(city.unit), 60, shift=shift)
        db.session.flush()
        with count_queries() as sent:
            standing(actor, WEEK)
        counts.append(len(sent))
    assert counts[0] == counts[1]
