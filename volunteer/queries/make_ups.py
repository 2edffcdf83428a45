"""Make-up hours (补录) as lists and pages show them: own, asked of a witness, the desk's, and the public register."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, func, or_, select

from volunteer.domain.access import Act, Actor, holds, require, scope_of
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import MakeUpState, TicketStep
from volunteer.domain.ticket import MAKE_UP_LIVE, WITNESS_GRADES
from volunteer.domain.timekeeping import Window, local_date
from volunteer.domain.words import N_
from volunteer.models.activities import Activity, Shift
from volunteer.models.base import db
from volunteer.models.cipher import decrypt
from volunteer.models.ledger import ServiceRecord
from volunteer.models.people import Unit, Volunteer
from volunteer.models.places import CheckPoint
from volunteer.models.tickets import MakeUp, MakeUpEvent, MakeUpWord, RegisterObjection
from volunteer.queries.choices import like_words
from volunteer.queries.deciders import calendar_around, may_answer
from volunteer.queries.ledger import newest
from volunteer.queries.matters import beside, with_days_left
from volunteer.queries.scope import visible
from volunteer.queries.witnesses import witnesses_of

PAGE = 25
WAITING = (MakeUpState.ASKED, MakeUpState.REVIEW, MakeUpState.CONTESTED)
"""States in which a desk or an office has something to do."""
PUBLIC = (MakeUpState.ANNOUNCED, MakeUpState.CONTESTED)


@dataclass(frozen=True, slots=True)
class MakeUpLine:
    """One request of a list; ``days_left`` are working days, negative when overdue."""

    make_up: MakeUp
    volunteer: Volunteer
    unit: Unit
    shift: Shift
    point: CheckPoint
    activity: Activity
    days_left: int

    @property
    def is_listed(self) -> bool:
        """Whether the person was on the list, or has been put there since: before the entry, who was not has no seat."""
        return self.make_up.assignment_id is not None

    @property
    def is_live(self) -> bool:
        """Whether it is under way."""
        return self.make_up.state in MAKE_UP_LIVE


@dataclass(frozen=True, slots=True)
class MakeUpPage:
    """One page of requests, and how many wait and are overdue in all that the actor reaches."""

    lines: list[MakeUpLine]
    total: int
    open: int
    late: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class EventLine:
    """One step of the story as the reader may see it."""

    at: datetime
    by_name: str
    event: TicketStep
    words: str


@dataclass(frozen=True, slots=True)
class MakeUpStory:
    """One request with all that was said of it, and what the actor may do."""

    line: MakeUpLine
    events: list[EventLine]
    words: list[tuple[MakeUpWord, str]]
    objections: list[tuple[RegisterObjection, str]]
    requester: str
    witness: str
    may_endorse: bool = False
    may_review: bool = False
    may_refuse: bool = False


def _seen(statement: Any, actor: Actor) -> Any:
    """Requests of the own units and districts; a leader sees those of the shifts led."""
    led = sorted(scope_of(actor, Act.RUN_ONSITE).shift_ids)
    owners = {"unit": MakeUp.unit_id, "district": MakeUp.district_id}
    if not led:
        return visible(statement, actor, Act.VIEW_TICKETS, **owners)
    kept = visible(select(MakeUp.id), actor, Act.VIEW_TICKETS, **owners)
    return statement.where(or_(MakeUp.shift_id.in_(led), MakeUp.id.in_(kept)))


def make_ups_page(
    actor: Actor, *, at: datetime, stand: str = "open", q: str = "", page: int = 1
) -> MakeUpPage:
    """Requests within reach. ``stand``: open (an office has to act), late, public, live, done, all."""
    today = local_date(at)
    waits = MakeUp.state.in_(WAITING)
    base = _seen(beside(MakeUp), actor)
    open_, late = db.session.execute(
        base.with_only_columns(
            func.count().filter(waits), func.count().filter(waits, MakeUp.due_on < today)
        )
    ).one()
    narrowing: dict[str, list[Any]] = {
        "open": [waits],
        "late": [waits, MakeUp.due_on < today],
        "public": [MakeUp.state.in_(PUBLIC)],
        "live": [MakeUp.state.in_(MAKE_UP_LIVE)],
        "done": [MakeUp.state.not_in(MAKE_UP_LIVE)],
    }
    found = base.where(*narrowing.get(stand, []))
    if q:
        like = like_words(q)
        found = found.where(
            or_(
                Volunteer.name.like(like, escape="\\"),
                Volunteer.pinyin.like(like_words(q.lower())[1:], escape="\\"),
                CheckPoint.name.like(like, escape="\\"),
                Unit.name.like(like, escape="\\"),
            )
        )
    total = db.session.scalar(found.with_only_columns(func.count())) or 0
    pages = max(1, -(-total // PAGE))
    page = min(max(1, page), pages)
    newest_first = stand in ("done", "all")
    order = (MakeUp.id.desc(),) if newest_first else (MakeUp.due_on, MakeUp.id)
    rows = db.session.execute(found.order_by(*order).limit(PAGE).offset((page - 1) * PAGE))
    return MakeUpPage(with_days_left(MakeUpLine, rows, today), total, open_, late, page, pages)


def waiting_make_ups(actor: Actor, *, at: datetime) -> tuple[int, int]:
    """How many requests within reach wait for a desk or an office, and how many of them are overdue."""
    row = db.session.execute(
        _seen(
            select(func.count(), func.count().filter(MakeUp.due_on < local_date(at))).where(
                MakeUp.state.in_(WAITING)
            ),
            actor,
        )
    ).one()
    return row[0], row[1]


def _one(statement: Any, at: datetime) -> MakeUpLine:
    row = db.session.execute(statement).one_or_none()
    if row is None:
        raise Refused("not_found", "没有找到这件补录。", "请从列表重新进入。", status=404)
    return with_days_left(MakeUpLine, [row], local_date(at))[0]


def make_up_story(actor: Actor, make_up_id: int, *, at: datetime) -> MakeUpStory:
    """One request within reach, for the desk. Raises Refused ``not_found``."""
    line = _one(_seen(beside(MakeUp), actor).where(MakeUp.id == make_up_id), at)
    row = line.make_up
    is_own = actor.volunteer_id == row.volunteer_id
    has_part = any(
        (mine is not None and mine == theirs)
        for mine, theirs in (
            (actor.account_id, row.endorsed_by_id),
            (actor.account_id, row.asked_by_id),
            (actor.account_id, row.witness_account_id),
            (actor.account_id, row.reviewed_by_id),
            (actor.volunteer_id, row.witness_id),
            (actor.volunteer_id, row.endorsed_by_volunteer_id),
        )
    )
    at_level = may_answer(actor, row.level, row.unit_id, row.district_id)
    leads = row.shift_id in scope_of(actor, Act.RUN_ONSITE).shift_ids
    same_unit = actor.unit_id is not None and actor.unit_id in (line.volunteer.unit_id, row.unit_id)
    in_review = row.state in (MakeUpState.REVIEW, MakeUpState.CONTESTED)
    return MakeUpStory(
        line,
        _events(row.id),
        _words(row.id),
        _objections(row.id) if at_level and holds(actor, Act.DECIDE_TICKETS) else [],
        *_names(row),
        may_endorse=row.state is MakeUpState.ASKED and not is_own and (at_level or leads),
        may_review=in_review and at_level and not (is_own or has_part or same_unit),
        may_refuse=line.is_live and at_level and not is_own,
    )


SAID_BY_MATES = (TicketStep.SEEN, TicketStep.NOT_SEEN)
"""Steps whose author is not named to the person: who vouches must be free to say no."""


def _events(make_up_id: int, *, for_person: bool = False) -> list[EventLine]:
    rows = db.session.scalars(
        select(MakeUpEvent)
        .where(MakeUpEvent.make_up_id == make_up_id)
        .order_by(MakeUpEvent.id.desc())
    )
    return [
        EventLine(row.at, N_("同班志愿者"), row.event, "")
        if for_person and row.event in SAID_BY_MATES
        else EventLine(row.at, row.by_name, row.event, row.words)
        for row in rows
    ]


def _words(make_up_id: int) -> list[tuple[MakeUpWord, str]]:
    rows = db.session.execute(
        select(MakeUpWord, Volunteer.name)
        .join(Volunteer, Volunteer.id == MakeUpWord.volunteer_id)
        .where(MakeUpWord.make_up_id == make_up_id)
        .order_by(MakeUpWord.at)
    )
    return [(row[0], row[1]) for row in rows]


def _objections(make_up_id: int) -> list[tuple[RegisterObjection, str]]:
    rows = db.session.scalars(
        select(RegisterObjection)
        .where(RegisterObjection.make_up_id == make_up_id)
        .order_by(RegisterObjection.id)
    )
    return [(row, decrypt(row.contact_cipher) or "") for row in rows]


def _names(row: MakeUp) -> tuple[str, str]:
    """The requester's and the witness's names."""
    rows = db.session.execute(
        select(MakeUpEvent.event, MakeUpEvent.by_name).where(MakeUpEvent.make_up_id == row.id)
    )
    by_event = {event.value: name for event, name in rows}
    return by_event.get("endorsed", ""), by_event.get("seen", "")


def my_make_ups(actor: Actor, *, at: datetime) -> list[MakeUpLine]:
    """The own requests, the newest first; at most a hundred."""
    require(actor, Act.OWN_TICKETS)
    rows = db.session.execute(
        beside(MakeUp)
        .where(MakeUp.volunteer_id == actor.volunteer_id)
        .order_by(MakeUp.id.desc())
        .limit(100)
    )
    return with_days_left(MakeUpLine, rows, local_date(at))


def my_make_up(actor: Actor, make_up_id: int, *, at: datetime) -> MakeUpStory:
    """One of the own requests; who saw it is not named to the person. Raises Refused ``not_found``."""
    require(actor, Act.OWN_TICKETS)
    mine = beside(MakeUp).where(MakeUp.id == make_up_id, MakeUp.volunteer_id == actor.volunteer_id)
    line = _one(mine, at)
    return MakeUpStory(line, _events(line.make_up.id, for_person=True), [], [], "", "")


def witness_requests(actor: Actor, *, at: datetime) -> list[MakeUpLine]:
    """Requests that wait for the actor's word as somebody of the same shift."""
    require(actor, Act.OWN_TICKETS)
    said = exists().where(
        MakeUpWord.make_up_id == MakeUp.id, MakeUpWord.volunteer_id == actor.volunteer_id
    )
    served = exists().where(
        ServiceRecord.shift_id == MakeUp.shift_id,
        ServiceRecord.volunteer_id == actor.volunteer_id,
        ServiceRecord.grade.in_(WITNESS_GRADES),
        ServiceRecord.first_in_at < MakeUp.went_at,
        ServiceRecord.last_out_at > MakeUp.came_at,
        newest(),
    )
    others = (MakeUp.asked_by_volunteer_id, MakeUp.endorsed_by_volunteer_id)
    has_no_part = [func.coalesce(other, 0) != actor.volunteer_id for other in others]
    rows = db.session.execute(
        beside(MakeUp)
        .where(
            MakeUp.state == MakeUpState.WITNESS,
            MakeUp.volunteer_id != actor.volunteer_id,
            served,
            ~said,
            *has_no_part,
        )
        .order_by(MakeUp.due_on, MakeUp.id)
        .limit(20)
    )
    return with_days_left(MakeUpLine, rows, local_date(at))


def _may_vouch(actor: Actor, row: MakeUp) -> bool:
    besides = (row.volunteer_id, row.asked_by_volunteer_id, row.endorsed_by_volunteer_id)
    claimed = Window(row.came_at, row.went_at)
    people = {person for person, _ in witnesses_of(row.shift_id, claimed, besides=besides)}
    return actor.volunteer_id in people


def witness_page(actor: Actor, make_up_id: int, *, at: datetime) -> tuple[MakeUpLine, bool]:
    """A request for somebody who can vouch, and whether the word was given already.

    Raises Refused ``not_found`` for everybody else.
    """
    require(actor, Act.OWN_TICKETS)
    line = _one(beside(MakeUp).where(MakeUp.id == make_up_id), at)
    said = db.session.get(MakeUpWord, (make_up_id, actor.volunteer_id)) is not None
    if not said and not _may_vouch(actor, line.make_up):
        raise Refused("not_found", "没有找到这件补录。", "请从通知重新进入。", status=404)
    return line, said


def due_make_ups(*, at: datetime) -> list[int]:
    """Requests under way whose day is near or past, the oldest first; at most five hundred."""
    today = local_date(at)
    soon = calendar_around(today).add_workdays(today, 2)
    return list(
        db.session.scalars(
            select(MakeUp.id)
            .where(MakeUp.state.in_(MAKE_UP_LIVE), MakeUp.due_on <= soon)
            .order_by(MakeUp.due_on, MakeUp.id)
            .limit(500)
        )
    )
