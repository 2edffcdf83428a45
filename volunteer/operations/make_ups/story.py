"""The story of a make-up request (补录经过): its steps, audit lines, and word to those whose turn it is."""

from datetime import datetime

from sqlalchemy import select

from volunteer.domain.access import Actor
from volunteer.domain.lifecycle import advance
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import MakeUpState, TicketLevel, TicketStep
from volunteer.domain.ticket import MAKE_UP_LIVE, Party
from volunteer.domain.timekeeping import Window, day_words, local_date
from volunteer.models.activities import Shift
from volunteer.models.base import db
from volunteer.models.journal import AuditEntry
from volunteer.models.people import Account, Unit, Volunteer
from volunteer.models.tickets import MakeUp, MakeUpEvent
from volunteer.operations.journal import note, tell
from volunteer.queries.deciders import calendar_around, deciders
from volunteer.queries.occasion import occasion
from volunteer.queries.policy import policy_on
from volunteer.queries.witnesses import witnesses_of

GRAVE = {
    "same_person", "own_case", "same_unit", "out_of_window", "over_quota", "barred", "not_witness",
}  # fmt: skip
"""Refusals that somebody should see: they are logged even though nothing was done."""


def held_make_up(make_up_id: int) -> MakeUp:
    """Lock a request until the commit and read it anew. Raises Refused ``not_found``."""
    row = db.session.scalar(
        select(MakeUp)
        .where(MakeUp.id == make_up_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise Refused("not_found", "没有找到这件补录。", "请从列表重新进入。", status=404)
    return row


def party_of(actor: Actor) -> Party:
    """The actor as a party."""
    return Party(actor.account_id, actor.volunteer_id)


def parties(row: MakeUp, *, asker: bool = True) -> list[Party]:
    """Everybody who had a part so far: who gains, asked, requested, saw it, reviewed it."""
    found = [
        Party(volunteer_id=row.volunteer_id),
        Party(row.endorsed_by_id, row.endorsed_by_volunteer_id),
        Party(row.witness_account_id, row.witness_id),
        Party(row.reviewed_by_id, row.reviewed_by_volunteer_id),
    ]
    return [*found, Party(row.asked_by_id, row.asked_by_volunteer_id)] if asker else found


def step_to(row: MakeUp, state: MakeUpState, *, at: datetime, level: TicketLevel) -> None:
    """Move a request on; the next step has the working days of the policy.

    Raises Refused ``already_so``, ``wrong_state``.
    """
    row.state = advance(row.state, state)
    today = local_date(at)
    row.level = level
    row.due_on = calendar_around(today).add_workdays(
        today, policy_on(today).make_up_answer_workdays
    )
    row.live_seat_id = row.assignment_id if state in MAKE_UP_LIVE else None
    if row.live_seat_id is None:
        row.ended_at = at
    row.version += 1


def claimed(row: MakeUp) -> Window:
    """The times that are claimed."""
    return Window(row.came_at, row.went_at)


def write_down(
    actor: Actor | None,
    row: MakeUp,
    event: TicketStep,
    *,
    words: str = "",
    at: datetime,
    before: str = "",
) -> None:
    """Add a step to the story, and its audit line."""
    db.session.flush()
    db.session.add(
        MakeUpEvent(
            make_up_id=row.id,
            at=at,
            by_account_id=actor.account_id if actor else None,
            by_name=actor.name if actor else "系统",
            event=event,
            words=words.strip()[:400],
        )
    )
    name = db.session.scalar(select(Volunteer.name).where(Volunteer.id == row.volunteer_id))
    note(
        actor,
        f"make_up_{event.value}",
        row,
        f"补录（{name}，{occasion(row.shift_id)}）：{event.label}",
        at=at,
        unit_id=row.unit_id,
        before={"state": before} if before else None,
        after={"state": row.state.value, "minutes": row.minutes},
        reason=words,
    )


def note_refused(actor: Actor, refused: Refused, *, what: str, at: datetime) -> AuditEntry | None:
    """Log an attempt that broke a rule of make-up hours, in a transaction of its own."""
    if refused.code not in GRAVE:
        return None
    return note(
        actor,
        f"make_up_refused:{refused.code}"[:60],
        "make_up",
        f"{actor.name} {what}未成功：{refused.sentence}",
        at=at,
        unit_id=actor.unit_id,
        after={"code": refused.code},
    )


def tell_person(row: MakeUp, title: str, body: str, *, at: datetime) -> None:
    """Tell who gains how the request goes on."""
    tell(
        topic="make_up",
        title=title,
        body=f"{occasion(row.shift_id)}：{body}",
        at=at,
        volunteer_id=row.volunteer_id,
        link=f"/me/make-ups/{row.id}",
        dedupe=f"make_up:{row.id}:{row.version}",
    )


def tell_desk(row: MakeUp, title: str, *, at: datetime, key: str) -> None:
    """Tell whose turn it is at the level of the request: the leader and the desk, or the office above."""
    unit = db.session.get(Unit, row.unit_id)
    assert unit is not None, "a request has a unit"
    accounts = {
        one.account_id for one in deciders(row.level, unit) if one.volunteer_id != row.volunteer_id
    }
    if row.level is TicketLevel.UNIT:
        leader = db.session.scalar(
            select(Account.id)
            .join(Shift, Shift.leader_id == Account.volunteer_id)
            .where(Shift.id == row.shift_id, Account.volunteer_id != row.volunteer_id)
        )
        accounts |= {leader} if leader is not None else set()
    for account_id in sorted(accounts):
        tell(
            topic="make_up_desk",
            title=title,
            body=f"{occasion(row.shift_id)}，请在{day_words(row.due_on)}前办理。",
            at=at,
            account_id=account_id,
            link=f"/make-ups/{row.id}",
            dedupe=f"make_up:{row.id}:{key}:{account_id}",
        )


def ask_witnesses(row: MakeUp, *, at: datetime) -> int:
    """Ask all who can vouch; the first who saw the person is enough."""
    people = witnesses_of(
        row.shift_id,
        claimed(row),
        besides=(row.volunteer_id, row.asked_by_volunteer_id, row.endorsed_by_volunteer_id),
    )
    name = db.session.scalar(select(Volunteer.name).where(Volunteer.id == row.volunteer_id))
    for person, account_id in people:
        tell(
            topic="make_up",
            title="请您证明一位同班志愿者到过岗",
            body=f"{occasion(row.shift_id)}，{name}没有签到记录。看到了就点“看到了”，没看到也请照实说。",
            at=at,
            account_id=account_id,
            volunteer_id=person,
            link=f"/me/make-ups/{row.id}/witness",
            dedupe=f"make_up:{row.id}:witness:{person}",
        )
    return len(people)
