"""The register (志愿者名单): searched, narrowed, sorted and paged in SQL, hours of the year beside each name."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select

from volunteer.domain.access import Act, Actor
from volunteer.domain.identity import local_phone, mask_phone
from volunteer.domain.policy import STANDARD
from volunteer.domain.terms import AvailabilityLevel, Nature, Sex, VolunteerState
from volunteer.domain.timekeeping import local_date
from volunteer.domain.week import PART_BY_CODE
from volunteer.models.base import db
from volunteer.models.cipher import decrypt
from volunteer.models.ledger import LedgerEntry, ServiceRecord
from volunteer.models.people import Availability, Pause, Qualification, Skill, Unit, Volunteer
from volunteer.queries.accounts import phone_index_of
from volunteer.queries.scope import visible

PAGE_SIZE = 30
MOST_SKILLS = 4
"""Skills named in a line; more are counted."""

SORTS = ("name", "number", "hours", "joined")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the reader looks for; empty means everybody. ``sees_minors`` asks for a reason given before."""

    words: str = ""
    unit_id: int | None = None
    state: VolunteerState | None = None
    skill_id: int | None = None
    age_from: int | None = None
    age_until: int | None = None
    never_served: bool = False
    weekday: int | None = None
    part: str = ""
    roll_import_id: int | None = None
    sort: str = "name"
    sees_minors: bool = False

    @property
    def is_narrowed(self) -> bool:
        """Whether anything is narrowed beyond the sort."""
        return replace(self, sort="name", sees_minors=False) != Wanted()


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One person in a list. ``minutes`` are those of the year, ``phone`` is masked."""

    id: int
    number: str
    name: str
    unit_id: int
    unit_name: str
    state: VolunteerState
    sex: Sex | None
    age: int | None
    phone: str
    minutes: int
    paused_until: date | None
    is_paused: bool
    skills: tuple[str, ...] = ()

    @property
    def skill_words(self) -> str:
        """The first skills and how many more."""
        shown = "、".join(self.skills[:MOST_SKILLS])
        more = len(self.skills) - MOST_SKILLS
        return f"{shown} 等 {len(self.skills)} 项" if more > 0 else shown


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """A page of the register; ``hidden_minors`` counts those left out for want of a reason."""

    rows: list[PersonLine]
    page: int
    pages: int
    total: int
    hidden_minors: int = 0
    counts: dict[VolunteerState, int] = field(default_factory=dict)


def escaped(words: str) -> str:
    """Typed words with the wildcards of LIKE made literal."""
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def matching(words: str) -> ColumnElement[bool] | None:
    """The clause for typed words: part of a name, first letters, a number, or a whole phone number."""
    words = words.strip()
    if not words:
        return None
    like = escaped(words)
    clauses: list[ColumnElement[bool]] = [
        Volunteer.name.like(f"%{like}%", escape="\\"),
        Volunteer.number.like(f"{like.upper()}%", escape="\\"),
    ]
    if words.isascii():
        clauses.append(Volunteer.pinyin.like(f"{like.lower()}%", escape="\\"))
    index = phone_index_of(words)
    if index is not None:
        clauses.append(Volunteer.phone_index == index)
    return or_(*clauses)


def is_minor(year: int) -> ColumnElement[bool]:
    """The clause for people who do not reach the age of majority before this year ends."""
    return func.coalesce(Volunteer.birth_year, 0) > year - STANDARD.adult_age


def pause_covers(on: date) -> ColumnElement[bool]:
    """The clause, joined to a volunteer, for a pause that holds on a day."""
    return and_(
        Pause.volunteer_id == Volunteer.id,
        Pause.ended_at.is_(None),
        Pause.since_on <= on,
        or_(Pause.until_on.is_(None), Pause.until_on >= on),
    )


def _clauses(wanted: Wanted, on: date) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [Volunteer.merged_into_id.is_(None)]
    words = matching(wanted.words)
    if words is not None:
        found.append(words)
    if wanted.unit_id is not None:
        found.append(Volunteer.unit_id == wanted.unit_id)
    if wanted.roll_import_id is not None:
        found.append(Volunteer.roll_import_id == wanted.roll_import_id)
    if wanted.state is VolunteerState.PAUSED:
        found.append(
            or_(
                Volunteer.state == VolunteerState.PAUSED,
                and_(Volunteer.state == VolunteerState.ACTIVE, exists().where(pause_covers(on))),
            )
        )
    elif wanted.state is not None:
        found.append(Volunteer.state == wanted.state)
    elif not wanted.words:
        found.append(Volunteer.state != VolunteerState.LEFT)
    if wanted.age_from is not None:
        found.append(Volunteer.birth_year <= on.year - wanted.age_from)
    if wanted.age_until is not None:
        found.append(Volunteer.birth_year >= on.year - wanted.age_until)
    return [*found, *_skilled(wanted, on), *_free(wanted)]


def _skilled(wanted: Wanted, on: date) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.skill_id is not None:
        found.append(
            exists().where(
                Qualification.volunteer_id == Volunteer.id,
                Qualification.skill_id == wanted.skill_id,
                or_(Qualification.expires_on.is_(None), Qualification.expires_on >= on),
            )
        )
    if wanted.never_served:
        found.append(~exists().where(ServiceRecord.volunteer_id == Volunteer.id))
    return found


def _free(wanted: Wanted) -> list[ColumnElement[bool]]:
    part = PART_BY_CODE.get(wanted.part)
    if wanted.weekday is None and part is None:
        return []
    window: list[ColumnElement[bool]] = [
        Availability.volunteer_id == Volunteer.id,
        Availability.level == AvailabilityLevel.CAN,
    ]
    if wanted.weekday is not None:
        window.append(Availability.weekday == wanted.weekday)
    if part is not None:
        middle = (part.start + part.end) // 2
        window += [Availability.start_minute <= middle, Availability.end_minute > middle]
    return [exists().where(*window)]


def _seen(statement: Select[Any], actor: Actor) -> Select[Any]:
    return visible(statement, actor, Act.VIEW_PEOPLE, unit=Volunteer.unit_id)


def hours_of_year(year: int) -> Any:
    """Minutes of volunteer service per person in a year, merged profiles counted with the kept one."""
    owner = func.coalesce(Volunteer.merged_into_id, Volunteer.id)
    return (
        select(owner.label("owner_id"), func.sum(LedgerEntry.minutes).label("minutes"))
        .join(Volunteer, Volunteer.id == LedgerEntry.volunteer_id)
        .where(
            LedgerEntry.nature == Nature.VOLUNTEER,
            LedgerEntry.service_on.between(date(year, 1, 1), date(year, 12, 31)),
        )
        .group_by(owner)
    )


def people_page(actor: Actor, wanted: Wanted, *, at: datetime, page: int = 1) -> PeoplePage:
    """One page of the people whom the actor may see, in a fixed number of statements."""
    on = local_date(at)
    clauses = _clauses(wanted, on)
    minor = is_minor(on.year)
    tally: Any = select(Volunteer.state, minor, func.count()).group_by(Volunteer.state, minor)
    states = db.session.execute(_seen(tally, actor).where(*clauses)).all()
    if not wanted.sees_minors:
        clauses.append(~minor)
    counts: dict[VolunteerState, int] = {}
    for state, young, count in states:
        if wanted.sees_minors or not young:
            counts[state] = counts.get(state, 0) + count
    hidden = 0 if wanted.sees_minors else sum(count for _, young, count in states if young)
    total = sum(counts.values())
    pages = max(1, -(-total // PAGE_SIZE))
    page = min(max(1, page), pages)
    rows = db.session.execute(_page_of(actor, wanted, clauses, on, page)).all()
    skills = _skills_of([row[0].id for row in rows], on)
    lines = [_line(row, skills.get(row[0].id, ()), on) for row in rows]
    return PeoplePage(lines, page, pages, total, hidden, counts)


def _pauses_among(ids: Any, on: date) -> Any:
    """When the pause began that holds on a day, for those of the people who have one."""
    return (
        select(Pause.volunteer_id, func.max(Pause.since_on).label("since"))
        .where(
            Pause.volunteer_id.in_(select(ids.c.id)),
            Pause.ended_at.is_(None),
            Pause.since_on <= on,
            or_(Pause.until_on.is_(None), Pause.until_on >= on),
        )
        .group_by(Pause.volunteer_id)
        .subquery()
    )


def _page_of(
    actor: Actor, wanted: Wanted, clauses: list[ColumnElement[bool]], on: date, page: int
) -> Select[Any]:
    """People of the page with unit, hours and pause; hours are summed for the page's people alone.

    Only where the list is sorted by hours must everybody's be summed.
    """
    chosen = _seen(select(Volunteer.id), actor).where(*clauses)
    key, descending = wanted.sort.lstrip("-"), wanted.sort.startswith("-")
    sums = hours_of_year(on.year)
    if key == "hours":
        everyone = sums.subquery()
        chosen = chosen.outerjoin(everyone, everyone.c.owner_id == Volunteer.id)
        column: Any = func.coalesce(everyone.c.minutes, 0)
    else:
        column = {"number": Volunteer.number, "joined": Volunteer.joined_on}.get(
            key, Volunteer.name_key
        )
    order = (column.desc() if descending else column, Volunteer.name, Volunteer.id)
    ids = chosen.order_by(*order).limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE).subquery()
    named = func.coalesce(Volunteer.merged_into_id, Volunteer.id)
    hours = sums.where(named.in_(select(ids.c.id))).subquery()
    until = _pauses_among(ids, on)
    statement = (
        select(
            Volunteer,
            Unit.name,
            func.coalesce(hours.c.minutes, 0).label("minutes"),
            Pause.id,
            Pause.until_on,
        )
        .join(ids, ids.c.id == Volunteer.id)
        .join(Unit, Unit.id == Volunteer.unit_id)
        .outerjoin(hours, hours.c.owner_id == Volunteer.id)
        .outerjoin(until, until.c.volunteer_id == Volunteer.id)
        .outerjoin(
            Pause,
            and_(
                Pause.volunteer_id == Volunteer.id,
                Pause.since_on == until.c.since,
                Pause.ended_at.is_(None),
            ),
        )
    )
    shown = hours.c.minutes if key == "hours" else column
    if key == "hours":
        shown = func.coalesce(shown, 0)
    return statement.order_by(shown.desc() if descending else shown, Volunteer.name, Volunteer.id)


def _skills_of(people: list[int], on: date) -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    rows = db.session.execute(
        select(Qualification.volunteer_id, Skill.name)
        .join(Skill, Skill.id == Qualification.skill_id)
        .where(
            Qualification.volunteer_id.in_(people),
            or_(Qualification.expires_on.is_(None), Qualification.expires_on >= on),
        )
        .order_by(Skill.id)
    )
    for volunteer_id, name in rows:
        found[volunteer_id] = (*found.get(volunteer_id, ()), name)
    return found


def masked_phone(cipher: bytes | None) -> str:
    """A stored phone with its middle hidden; empty where there is none."""
    phone = decrypt(cipher)
    return mask_phone(phone) if phone else ""


def full_phone(cipher: bytes | None) -> str:
    """A stored phone as people write it; only for the person and after a reason was noted."""
    phone = decrypt(cipher)
    return local_phone(phone) if phone else ""


def _line(row: Any, skills: tuple[str, ...], on: date) -> PersonLine:
    person = row[0]
    return PersonLine(
        id=person.id,
        number=person.number,
        name=person.name,
        unit_id=person.unit_id,
        unit_name=row[1],
        state=person.state,
        sex=person.sex,
        age=on.year - person.birth_year if person.birth_year else None,
        phone=masked_phone(person.phone_cipher),
        minutes=int(row[2]),
        paused_until=row[4],
        is_paused=row[3] is not None or person.state is VolunteerState.PAUSED,
        skills=skills,
    )
