"""Star levels (星级), read: who is eligible on a day, what was decided, and where a person stands.

Minutes come from the ledger; those of a merged profile count with the one that was kept.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, case, exists, func, literal, select
from sqlalchemy.orm import aliased

from volunteer.domain.access import Act, Actor, require
from volunteer.domain.policy import Policy
from volunteer.domain.recognition import counted_since, may_decide, registered_by
from volunteer.domain.refusal import Refused
from volunteer.domain.standing import eligible_star, minutes_to_next_star
from volunteer.domain.terms import AwardVerdict, VolunteerState
from volunteer.domain.timekeeping import local_date
from volunteer.models.base import db
from volunteer.models.ledger import LedgerEntry
from volunteer.models.people import Unit, Volunteer
from volunteer.models.recognition import StarDecision
from volunteer.queries.ledger import counted_natures
from volunteer.queries.people.listing import escaped
from volunteer.queries.policy import policy_on
from volunteer.queries.scope import visible
from volunteer.queries.standings import VERIFIED

PAGE = 30
MOST_ANNOUNCED = 200


def counted(on: date, policy: Policy) -> list[ColumnElement[bool]]:
    """Which entries count towards a star on a day."""
    clauses: list[ColumnElement[bool]] = [
        LedgerEntry.nature.in_(counted_natures(policy)),
        LedgerEntry.service_on <= on,
    ]
    since = counted_since(on, policy)
    if since is not None:
        clauses.append(LedgerEntry.service_on > since)
    if policy.star_verified_only:
        clauses.append(LedgerEntry.source.in_(VERIFIED))
    return clauses


def _owner() -> Any:
    return func.coalesce(Volunteer.merged_into_id, Volunteer.id)


def star_minutes(people: Iterable[int], *, on: date, policy: Policy) -> dict[int, int]:
    """What counts towards a star for each of these people on a day, in minutes."""
    wanted, found = sorted(set(people)), {}
    for start in range(0, len(wanted), 400):
        part = wanted[start : start + 400]
        rows = db.session.execute(
            select(_owner(), func.sum(LedgerEntry.minutes))
            .join(Volunteer, Volunteer.id == LedgerEntry.volunteer_id)
            .where(_owner().in_(part), *counted(on, policy))
            .group_by(_owner())
        )
        found.update({row[0]: int(row[1]) for row in rows})
    return {person: found.get(person, 0) for person in wanted}


def _live() -> ColumnElement[bool]:
    """A grant that nothing took back."""
    later = aliased(StarDecision)
    return ~exists(select(later.id).where(later.about_id == StarDecision.id))


def granted_levels(people: Iterable[int], *, held_on: date | None = None) -> dict[int, int]:
    """The highest level granted to each of these people; with a day, only what holds on it."""
    wanted, found = sorted(set(people)), {}
    clauses = [StarDecision.verdict == AwardVerdict.GRANTED, _live()]
    if held_on is not None:
        clauses.append(StarDecision.public_until < held_on)
    for start in range(0, len(wanted), 400):
        rows = db.session.execute(
            select(StarDecision.volunteer_id, func.max(StarDecision.level))
            .where(StarDecision.volunteer_id.in_(wanted[start : start + 400]), *clauses)
            .group_by(StarDecision.volunteer_id)
        )
        found.update({row[0]: row[1] for row in rows})
    return found


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody eligible for a level above what was granted, with the last word on that level."""

    volunteer_id: int
    number: str
    name: str
    unit_id: int
    unit_name: str
    minutes: int
    level: int
    granted: int
    last: StarDecision | None
    may_decide: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the reader looks for; empty means all."""

    on: date
    words: str = ""
    unit_id: int | None = None
    level: int | None = None
    held: bool = False


@dataclass(frozen=True, slots=True)
class Candidates:
    """A page of those eligible."""

    rows: list[Candidate]
    page: int
    pages: int
    total: int


def _levels(minutes: Any, policy: Policy) -> Any:
    """The level that minutes make eligible for, as SQL; the domain's ``eligible_star`` says the same."""
    steps = [(minutes >= hours * 60, n) for n, hours in enumerate(policy.star_hours, 1)]
    return case(*reversed(steps), else_=0)


def _eligible(actor: Actor, wanted: Wanted, policy: Policy) -> Select[Any]:
    sums: Subquery = (
        select(_owner().label("person"), func.sum(LedgerEntry.minutes).label("minutes"))
        .join(Volunteer, Volunteer.id == LedgerEntry.volunteer_id)
        .where(*counted(wanted.on, policy))
        .group_by(_owner())
        .having(func.sum(LedgerEntry.minutes) >= policy.star_hours[0] * 60)
        .subquery()
    )
    level = _levels(sums.c.minutes, policy)
    granted: Subquery = (
        select(StarDecision.volunteer_id, func.max(StarDecision.level).label("level"))
        .where(StarDecision.verdict == AwardVerdict.GRANTED, _live())
        .group_by(StarDecision.volunteer_id)
        .subquery()
    )
    last: Subquery = (
        select(StarDecision.volunteer_id, StarDecision.level, func.max(StarDecision.id).label("id"))
        .group_by(StarDecision.volunteer_id, StarDecision.level)
        .subquery()
    )
    has = func.coalesce(granted.c.level, literal(0))
    statement = (
        select(Volunteer, Unit.name, sums.c.minutes, level, has, StarDecision)
        .join(sums, sums.c.person == Volunteer.id)
        .join(Unit, Unit.id == Volunteer.unit_id)
        .outerjoin(granted, granted.c.volunteer_id == Volunteer.id)
        .outerjoin(last, (last.c.volunteer_id == Volunteer.id) & (last.c.level == level))
        .outerjoin(StarDecision, StarDecision.id == last.c.id)
        .where(
            Volunteer.state.in_([VolunteerState.ACTIVE, VolunteerState.PAUSED]),
            Volunteer.joined_on <= registered_by(wanted.on, policy),
            level > has,
            StarDecision.id.is_not(None) if wanted.held else StarDecision.id.is_(None),
        )
    )
    if wanted.level is not None:
        statement = statement.where(level == wanted.level)
    return visible(_named(statement, wanted), actor, Act.VIEW_HOURS, unit=Volunteer.unit_id)


def _named(statement: Select[Any], wanted: Wanted) -> Select[Any]:
    if wanted.unit_id is not None:
        statement = statement.where(Volunteer.unit_id == wanted.unit_id)
    if wanted.words:
        like = escaped(wanted.words)
        statement = statement.where(
            Volunteer.name.like(f"%{like}%", escape="\\")
            | Volunteer.pinyin.like(f"{like.lower()}%", escape="\\")
            | (Volunteer.number == wanted.words.upper())
        )
    return statement


def candidates(actor: Actor, wanted: Wanted, *, page: int = 1) -> Candidates:
    """Who within reach is eligible on a day and not yet decided, or held back; the most minutes first.

    Raises Refused ``not_allowed``.
    """
    require(actor, Act.VIEW_HOURS)
    policy = policy_on(wanted.on)
    base = _eligible(actor, wanted, policy)
    total = db.session.scalar(select(func.count()).select_from(base.subquery())) or 0
    pages = max(1, -(-total // PAGE))
    page = min(max(1, page), pages)
    columns = list(base.selected_columns)
    minutes = next(column for column in columns if column.name == "minutes")
    rows = db.session.execute(
        base.order_by(minutes.desc(), Volunteer.id).limit(PAGE).offset((page - 1) * PAGE)
    )
    return Candidates([_candidate(actor, row, policy) for row in rows], page, pages, total)


def _candidate(actor: Actor, row: Any, policy: Policy) -> Candidate:
    person, unit_name, minutes, level, granted, last = row
    own = actor.volunteer_id == person.id
    return Candidate(
        person.id,
        person.number,
        person.name,
        person.unit_id,
        unit_name,
        int(minutes),
        level,
        granted,
        last,
        not own and may_decide(actor, level, person.unit_id, policy),
    )


@dataclass(frozen=True, slots=True)
class DecisionLine:
    """One decision with who it is about; ``is_public`` while it is published."""

    decision: StarDecision
    volunteer_id: int
    name: str
    unit_name: str
    is_public: bool
    is_over: bool


@dataclass(frozen=True, slots=True)
class Decisions:
    """A page of decisions, the newest first."""

    rows: list[DecisionLine]
    page: int
    pages: int
    total: int


def decisions(
    actor: Actor, wanted: Wanted, which: str, *, at: datetime, page: int = 1
) -> Decisions:
    """Decisions within reach: ``public`` being published, ``granted`` in force, ``withdrawn``.

    Raises Refused ``not_allowed``.
    """
    require(actor, Act.VIEW_HOURS)
    today = local_date(at)
    base: Any = (
        select(StarDecision, Volunteer, Unit.name)
        .join(Volunteer, Volunteer.id == StarDecision.volunteer_id)
        .join(Unit, Unit.id == StarDecision.unit_id)
    )
    if which == "withdrawn":
        base = base.where(StarDecision.verdict == AwardVerdict.WITHDRAWN)
    else:
        base = base.where(StarDecision.verdict == AwardVerdict.GRANTED, _live())
        is_out = StarDecision.public_until >= today
        base = base.where(is_out if which == "public" else ~is_out)
    if wanted.level is not None:
        base = base.where(StarDecision.level == wanted.level)
    base = visible(_named(base, wanted), actor, Act.VIEW_HOURS, unit=StarDecision.unit_id)
    total = db.session.scalar(base.with_only_columns(func.count())) or 0
    pages = max(1, -(-total // PAGE))
    page = min(max(1, page), pages)
    found = db.session.execute(
        base.order_by(StarDecision.id.desc()).limit(PAGE).offset((page - 1) * PAGE)
    )
    return Decisions([_line(row, today) for row in found], page, pages, total)


def _line(row: Any, today: date) -> DecisionLine:
    decision, person, unit_name = row
    return DecisionLine(
        decision,
        person.id,
        person.name,
        unit_name,
        decision.public_until is not None and decision.public_until >= today,
        decision.verdict is AwardVerdict.WITHDRAWN,
    )


def decision_for(actor: Actor, decision_id: int, act: Act = Act.DECIDE_STARS) -> StarDecision:
    """One decision within reach.

    Raises Refused ``not_found``.
    """
    require(actor, act)
    found = db.session.scalar(
        visible(
            select(StarDecision).where(StarDecision.id == decision_id),
            actor,
            act,
            unit=StarDecision.unit_id,
        )
    )
    if found is None:
        raise Refused("not_found", "没有找到这项评定。", "请从列表重新进入。", status=404)
    return found


def is_withdrawn(decision_id: int) -> bool:
    """Whether a later row took this grant back."""
    return bool(db.session.scalar(select(exists().where(StarDecision.about_id == decision_id))))


@dataclass(frozen=True, slots=True)
class StarStanding:
    """Where a person stands: the level that holds, one being published, and what is missing to the next."""

    minutes: int
    level: int
    public: StarDecision | None
    eligible: int
    missing: int | None
    next_hours: int | None
    policy: Policy
    history: list[tuple[StarDecision, bool]]


def star_standing(volunteer_id: int, *, at: datetime) -> StarStanding:
    """Where a person stands with stars; whoever calls this was allowed to see the person."""
    today = local_date(at)
    policy = policy_on(today)
    minutes = star_minutes([volunteer_id], on=today, policy=policy)[volunteer_id]
    rows = list(
        db.session.scalars(
            select(StarDecision)
            .where(StarDecision.volunteer_id == volunteer_id)
            .order_by(StarDecision.id.desc())
        )
    )
    ended = {row.about_id for row in rows}
    grants = [row for row in rows if row.verdict is AwardVerdict.GRANTED and row.id not in ended]
    held = [row for row in grants if row.public_until is None or row.public_until < today]
    out = [row for row in grants if row.public_until is not None and row.public_until >= today]
    level = max((row.level for row in held), default=0)
    reached = eligible_star(minutes, policy)
    following = policy.star_hours[reached] if reached < len(policy.star_hours) else None
    return StarStanding(
        minutes=minutes,
        level=level,
        public=max(out, key=lambda row: row.level, default=None),
        eligible=reached,
        missing=minutes_to_next_star(minutes, policy),
        next_hours=following,
        policy=policy,
        history=[(row, row.id in ended) for row in rows],
    )


def my_stars(actor: Actor, *, at: datetime) -> StarStanding:
    """Where the actor stands with stars.

    Raises Refused ``not_allowed`` where the account is no volunteer's.
    """
    require(actor, Act.OWN_HOURS)
    assert actor.volunteer_id is not None, "only a volunteer holds this act"
    return star_standing(actor.volunteer_id, at=at)


def announced(actor: Actor, *, at: datetime) -> list[DecisionLine]:
    """Grants being published in the actor's own unit; minors are never among them."""
    require(actor, Act.OWN_HOURS)
    today = local_date(at)
    adult = today.year - policy_on(today).adult_age
    rows = db.session.execute(
        select(StarDecision, Volunteer, Unit.name)
        .join(Volunteer, Volunteer.id == StarDecision.volunteer_id)
        .join(Unit, Unit.id == StarDecision.unit_id)
        .where(
            StarDecision.verdict == AwardVerdict.GRANTED,
            StarDecision.unit_id == actor.unit_id,
            StarDecision.public_until >= today,
            func.coalesce(Volunteer.birth_year, 0) < adult,
            _live(),
        )
        .order_by(StarDecision.id.desc())
        .limit(MOST_ANNOUNCED)
    )
    return [_line(row, today) for row in rows]
