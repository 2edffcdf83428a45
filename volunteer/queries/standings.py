"""Standings (排行): sums of the ledger by unit, district, kind and person, for any period.

All figures come from ledger entries: counted anew, or as kept with them (汇总) where a whole month, quarter or
year is asked for without further filters. A person stands outside the own unit only after
agreeing to it: 《个人信息保护法》第二十五条, 《志愿服务记录与证明出具办法（试行）》第十六条.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, false, func, or_, select

from volunteer.domain.access import Act, Actor, scope_of
from volunteer.domain.compliance import PERSONAL_BOARDS
from volunteer.domain.standing import Placed, Tally, standing_of
from volunteer.domain.terms import Grade, StandingBasis, VolunteerState
from volunteer.domain.totals import PROVEN
from volunteer.models.activities import ActivityKind
from volunteer.models.base import db
from volunteer.models.ledger import LedgerEntry, LedgerHead
from volunteer.models.people import Unit, Volunteer
from volunteer.models.places import Community, District
from volunteer.queries.compliance import is_kept_away
from volunteer.queries.ledger import counted_natures
from volunteer.queries.policy import current_policy
from volunteer.queries.totals import Kept, kept_totals

VERIFIED = tuple(sorted(PROVEN))
"""Sources that a scan on site proves (认证时长); the others are told apart."""


class By(StrEnum):
    """Whose figures are compared."""

    UNIT = "unit"
    DISTRICT = "district"
    KIND = "kind"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class StandingFilter:
    """What a standing is asked for. ``last`` is included; None means any."""

    first: date
    last: date
    by: By = By.UNIT
    basis: StandingBasis = StandingBasis.TOTAL
    verified_only: bool = False
    unit_id: int | None = None
    district_id: int | None = None
    kind_id: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A standing in order, its sums, and how many people are counted but not named."""

    rows: list[Placed]
    minutes: int
    verified_minutes: int
    participations: int
    people: int
    registered: int
    unnamed: int = 0
    by_grade: dict[Grade, int] = field(default_factory=dict)

    @property
    def verified_share(self) -> float | None:
        """Share of minutes that a scan proves."""
        return self.verified_minutes / self.minutes if self.minutes else None


_OWNER: dict[By, Any] = {
    By.UNIT: LedgerEntry.unit_id,
    By.DISTRICT: LedgerEntry.district_id,
    By.KIND: LedgerEntry.kind_id,
    By.PERSON: LedgerEntry.volunteer_id,
}


def _chosen(asked: StandingFilter) -> list[ColumnElement[bool]]:
    clauses: list[ColumnElement[bool]] = [
        LedgerEntry.service_on.between(asked.first, asked.last),
        LedgerEntry.nature.in_(counted_natures(current_policy())),
    ]
    if asked.verified_only:
        clauses.append(LedgerEntry.source.in_(VERIFIED))
    if asked.unit_id is not None:
        clauses.append(LedgerEntry.unit_id == asked.unit_id)
    if asked.district_id is not None:
        clauses.append(LedgerEntry.district_id == asked.district_id)
    if asked.kind_id is not None:
        clauses.append(LedgerEntry.kind_id == asked.kind_id)
    return clauses


def kept_for(asked: StandingFilter) -> Kept | None:
    """The kept totals that answer a question, if any do: no filter, and a span as they are kept."""
    if (asked.unit_id, asked.district_id, asked.kind_id) != (None, None, None):
        return None
    return kept_totals(
        asked.first,
        asked.last,
        training_counts=current_policy().training_counts,
        proven_only=asked.verified_only,
    )


def _days(asked: StandingFilter) -> Subquery:
    """One row per owner, person and day with minutes left after reversals."""
    owner = _OWNER[asked.by].label("owner_id")
    return (
        select(
            owner,
            LedgerEntry.volunteer_id.label("volunteer_id"),
            LedgerEntry.service_on.label("service_on"),
            func.sum(LedgerEntry.minutes).label("minutes"),
        )
        .where(*_chosen(asked))
        .group_by(_OWNER[asked.by], LedgerEntry.volunteer_id, LedgerEntry.service_on)
        .having(func.sum(LedgerEntry.minutes) > 0)
        .subquery()
    )


def _sums(asked: StandingFilter) -> dict[int, Any]:
    """Owner, minutes, visits, people and first day of each owner: kept ones where the question allows it."""
    kept = kept_for(asked)
    if kept is not None and asked.by is not By.PERSON:
        return kept.sums(asked.by.value)
    days = _days(asked)
    rows = db.session.execute(
        select(
            days.c.owner_id,
            func.sum(days.c.minutes),
            func.count(),
            func.count(func.distinct(days.c.volunteer_id)),
            func.min(days.c.service_on),
        ).group_by(days.c.owner_id)
    )
    return {row[0]: row for row in rows}


def _registered(asked: StandingFilter) -> Select[int, int]:
    """Active people on the roll by the end of the period, by unit."""
    return (
        select(Volunteer.unit_id, func.count())
        .where(Volunteer.state == VolunteerState.ACTIVE, Volunteer.joined_on <= asked.last)
        .group_by(Volunteer.unit_id)
    )


def _owners(asked: StandingFilter) -> Iterator[tuple[int, str, int]]:
    """Everything that may stand in the list: number, name, registered people."""
    if asked.by is By.KIND:
        kinds = select(ActivityKind.id, ActivityKind.name).order_by(ActivityKind.id)
        for number, name in db.session.execute(kinds):
            yield number, name, 0
        return
    heads: dict[int, int] = {}
    if asked.by is By.UNIT:
        heads = {row[0]: row[1] for row in db.session.execute(_registered(asked))}
        units = select(Unit.id, Unit.name).order_by(Unit.id)
        if asked.unit_id is not None:
            units = units.where(Unit.id == asked.unit_id)
        named = db.session.execute(units)
    else:
        counts = (
            select(Community.district_id, func.count())
            .join(Volunteer, Volunteer.community_id == Community.id)
            .where(Volunteer.state == VolunteerState.ACTIVE, Volunteer.joined_on <= asked.last)
            .group_by(Community.district_id)
        )
        heads = {row[0]: row[1] for row in db.session.execute(counts)}
        named = db.session.execute(select(District.id, District.name).order_by(District.id))
    for number, name in named:
        yield number, name, heads.get(number, 0)


def _totals(asked: StandingFilter) -> dict[str, Any]:
    roll = select(func.count()).select_from(Volunteer)
    roll = roll.where(Volunteer.state == VolunteerState.ACTIVE, Volunteer.joined_on <= asked.last)
    if asked.unit_id is not None:
        roll = roll.where(Volunteer.unit_id == asked.unit_id)
    return {**_whole(asked), "registered": db.session.scalar(roll) or 0}


def _whole(asked: StandingFilter) -> dict[str, Any]:
    kept = kept_for(asked)
    if kept is None:
        return _counted(asked)
    owner = "city" if asked.by is By.PERSON else asked.by.value
    return {**kept.whole(), "participations": kept.visits(owner)}


def _counted(asked: StandingFilter) -> dict[str, Any]:
    verified = func.sum(case((LedgerEntry.source.in_(VERIFIED), LedgerEntry.minutes), else_=0))
    minutes, proven = db.session.execute(
        select(func.coalesce(func.sum(LedgerEntry.minutes), 0), func.coalesce(verified, 0)).where(
            *_chosen(asked)
        )
    ).one()
    grades = db.session.execute(
        select(LedgerEntry.grade, func.sum(LedgerEntry.minutes))
        .where(*_chosen(asked))
        .group_by(LedgerEntry.grade)
    )
    days = _days(asked)
    visits, people = db.session.execute(
        select(func.count(), func.count(func.distinct(days.c.volunteer_id))).select_from(days)
    ).one()
    return {
        "minutes": int(minutes),
        "verified_minutes": int(proven),
        "participations": visits,
        "people": people,
        "by_grade": {row[0]: int(row[1]) for row in grades if row[1]},
    }


def standing(actor: Actor | None, asked: StandingFilter) -> Standing:
    """The standing that the actor may see; ``actor`` is None for the public page (units only).

    Raises nothing for an empty period: the rows then all have zero.
    """
    sums = _sums(asked)
    if asked.by is By.PERSON:
        return _persons(actor, asked, sums)
    tallies = [
        Tally(
            owner_id=number,
            name=name,
            minutes=int(sums[number][1]) if number in sums else 0,
            participations=sums[number][2] if number in sums else 0,
            registered=registered,
            active=sums[number][3] if number in sums else 0,
            earliest_on=sums[number][4] if number in sums else None,
        )
        for number, name, registered in _owners(asked)
        if registered or number in sums or asked.by is not By.UNIT
    ]
    return Standing(rows=standing_of(tallies, asked.basis), **_totals(asked))


def _may_name(actor: Actor | None, *, in_one_unit: bool) -> ColumnElement[bool]:
    """Which people the actor may see by name: those within reach, and those who agreed.

    While compliance mode keeps personal rankings away, nobody is compared beyond one unit: agreeing shows
    nobody, and an office sees the people of a unit only when it asks for that unit.
    """
    if is_kept_away(PERSONAL_BOARDS):
        return _within_unit(actor, in_one_unit)
    agreed = and_(Volunteer.is_public.is_(True), Volunteer.birth_year <= _adult_before())
    if actor is None:
        return agreed
    scope = scope_of(actor, Act.VIEW_HOURS)
    mine = actor.volunteer_id
    clauses: list[ColumnElement[bool]] = [agreed]
    if scope.unit_ids:
        clauses.append(Volunteer.unit_id.in_(sorted(scope.unit_ids)))
    if mine is not None:
        clauses.append(Volunteer.id == mine)
    return or_(*clauses)


def _within_unit(actor: Actor | None, in_one_unit: bool) -> ColumnElement[bool]:
    if actor is None:
        return false()
    reach = scope_of(actor, Act.VIEW_HOURS).unit_ids
    units = reach if in_one_unit else reach & {actor.unit_id or 0}
    return or_(Volunteer.id == (actor.volunteer_id or 0), Volunteer.unit_id.in_(sorted(units)))


def _adult_before() -> int:
    newest = db.session.scalar(select(func.max(LedgerEntry.service_on)))
    return (newest or date(2000, 1, 1)).year - 18


def _merged(sums: dict[int, Any]) -> dict[int, Any]:
    """The sums with those of merged profiles under the one that was kept; the ledger itself stays."""
    gone = select(Volunteer.id, Volunteer.merged_into_id).where(
        Volunteer.merged_into_id.is_not(None)
    )
    for number, kept in db.session.execute(gone):
        if kept is None or number not in sums:
            continue
        _, minutes, visits, _, earliest = sums.pop(number)
        old = sums.get(kept, (kept, 0, 0, 1, earliest))
        sums[kept] = (kept, old[1] + minutes, old[2] + visits, 1, min(old[4], earliest))
    return sums


def _persons(actor: Actor | None, asked: StandingFilter, sums: dict[int, Any]) -> Standing:
    sums = _merged(sums)
    known = case(
        (Volunteer.state == VolunteerState.LEFT, "已退出志愿者 " + Volunteer.number),
        else_=Volunteer.name,
    )
    named = select(Volunteer.id, known, Unit.name).join(Unit, Unit.id == Volunteer.unit_id)
    is_unit_asked_by_city = (
        actor is not None
        and asked.unit_id is not None
        and scope_of(actor, Act.VIEW_HOURS).everything
    )
    if not is_unit_asked_by_city:
        named = named.where(_may_name(actor, in_one_unit=asked.unit_id is not None))
    if asked.unit_id is not None:
        named = named.where(Volunteer.unit_id == asked.unit_id)
    tallies = [
        Tally(
            owner_id=number,
            name=f"{name}（{unit}）" if asked.unit_id is None else name,
            minutes=int(sums[number][1]),
            participations=sums[number][2],
            registered=1,
            active=1,
            earliest_on=sums[number][4],
        )
        for number, name, unit in db.session.execute(named)
        if number in sums
    ]
    basis = asked.basis if asked.basis is StandingBasis.PARTICIPATIONS else StandingBasis.TOTAL
    return Standing(
        rows=standing_of(tallies, basis), unnamed=len(sums) - len(tallies), **_totals(asked)
    )


def by_month(asked: StandingFilter) -> list[tuple[str, int, int]]:
    """Minutes and proven minutes of each month of the period with any: ("2026-11", minutes, verified)."""
    kept = kept_for(asked)
    if kept is not None:
        return kept.months()
    year, month = (
        func.extract("year", LedgerEntry.service_on),
        func.extract("month", LedgerEntry.service_on),
    )
    verified = func.sum(case((LedgerEntry.source.in_(VERIFIED), LedgerEntry.minutes), else_=0))
    rows = db.session.execute(
        select(year, month, func.sum(LedgerEntry.minutes), verified)
        .where(*_chosen(asked))
        .group_by(year, month)
        .having(func.sum(LedgerEntry.minutes) > 0)
        .order_by(year, month)
    )
    return [(f"{int(y)}-{int(m):02d}", int(total), int(proven)) for y, m, total, proven in rows]


def ledger_end() -> tuple[int, bytes]:
    """The number and seal of the last entry: what an export was computed from."""
    head = db.session.get(LedgerHead, 1)
    return (head.seq, head.seal) if head else (0, bytes(32))


def place_names() -> tuple[list[tuple[int, str]], list[tuple[int, str]], list[tuple[int, str]]]:
    """Number and name of districts, kinds and active units, for choices."""
    districts = db.session.execute(select(District.id, District.name).order_by(District.id)).all()
    kinds = db.session.execute(
        select(ActivityKind.id, ActivityKind.name).order_by(ActivityKind.id)
    ).all()
    units = db.session.execute(
        select(Unit.id, Unit.name).where(Unit.is_active).order_by(Unit.pinyin, Unit.id)
    ).all()
    return (
        [(n, name) for n, name in districts],
        [(n, name) for n, name in kinds],
        [(n, name) for n, name in units],
    )
