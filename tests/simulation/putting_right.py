"""Hours put right in the simulation: objections, answers, appeals, make-up hours, the register, and the days that pass."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from tests.simulation.scene import IDLE, Scene
from volunteer.domain.terms import MakeUpCause, MakeUpState, TicketState, TicketTopic
from volunteer.domain.ticket import LIVE, MAKE_UP_LIVE, WITNESS_GRADES
from volunteer.domain.timekeeping import Window
from volunteer.models.activities import Shift
from volunteer.models.base import db
from volunteer.models.ledger import ServiceRecord
from volunteer.models.tickets import MakeUp, Ticket
from volunteer.operations import make_ups, tickets
from volunteer.operations.make_ups import Claim
from volunteer.operations.tickets import Said
from volunteer.queries.ledger import newest
from volunteer.queries.witnesses import witnesses_of

WORDS = "当时的情况是这样的"


def _pick(scene: Scene, statement: Any) -> Any:
    rows = list(db.session.scalars(statement))
    return scene.chance.choice(rows) if rows else None


def _anybody(scene: Scene) -> Any:
    """Somebody of a desk or an office."""
    people = (*scene.cast.organizers, *scene.cast.offices)
    return scene.actor(scene.chance.choice(people))


def object_to(scene: Scene) -> str | None:
    """A person objects to an own record, or to the want of one."""
    shift = scene.settled()
    if shift is None:
        return IDLE
    came, went = scene.times(shift)
    record = _pick(
        scene,
        select(ServiceRecord)
        .where(ServiceRecord.shift_id == shift.id, newest())
        .order_by(ServiceRecord.id),
    )
    if record is None or scene.chance.random() < 0.3:
        _, volunteer_id = scene.seat()
        said = Said(TicketTopic.MISSING, WORDS, came, went, "签到表")
        actor = scene.actor(scene.cast.accounts[volunteer_id])
        tickets.object_to_missing(actor, shift_id=shift.id, said=said, at=scene.at)
        return None
    topic = scene.chance.choice((TicketTopic.TIMES, TicketTopic.TIMES, TicketTopic.NOT_MINE))
    actor = scene.actor(scene.cast.accounts[record.volunteer_id])
    said = Said(topic, WORDS, came, went, "工作群有合影")
    tickets.object_to_record(actor, record_id=record.id, said=said, at=scene.at)
    return None


def answer_objection(scene: Scene) -> str | None:
    """Somebody answers an objection, whether it is theirs to answer or not."""
    ticket = _pick(scene, select(Ticket).where(Ticket.state.in_(LIVE)).order_by(Ticket.id))
    if ticket is None:
        return IDLE
    shift = db.session.get(Shift, ticket.shift_id)
    assert shift is not None
    came, went = scene.times(shift)
    given: dict[str, Any] = {
        "ticket_id": ticket.id,
        "version": ticket.version,
        "answer": "带队证实",
        "at": scene.at,
    }
    times = {"came_at": came, "went_at": went}
    actor = _anybody(scene)
    if scene.chance.random() < 0.3:
        tickets.refuse_ticket(actor, **given)
    elif ticket.topic is TicketTopic.MISSING:
        tickets.uphold_missing(actor, **given, **times)
    elif ticket.topic is TicketTopic.NOT_MINE:
        tickets.uphold_void(actor, **given)
    else:
        tickets.uphold_times(actor, **given, **times)
    return None


def own_objection(scene: Scene) -> str | None:
    """A person takes an objection back, or a refusal one level up."""
    ticket = _pick(scene, select(Ticket).order_by(Ticket.id))
    if ticket is None:
        return IDLE
    who = ticket.volunteer_id if scene.chance.random() < 0.9 else scene.person()
    actor = scene.actor(scene.cast.accounts[who])
    if ticket.state is TicketState.REFUSED:
        tickets.appeal_ticket(actor, ticket_id=ticket.id, words=WORDS, at=scene.at)
    else:
        tickets.withdraw_ticket(actor, ticket_id=ticket.id, at=scene.at)
    return None


def ask_make_up(scene: Scene) -> str | None:
    """Somebody asks for make-up hours: with a seat or without, for themselves, or the desk for others.

    Mostly for a shift on which somebody was scanned, and mostly who has no record there.
    """
    shift = scene.settled()
    seen = _pick(
        scene,
        select(ServiceRecord)
        .where(ServiceRecord.grade.in_(WITNESS_GRADES), newest())
        .order_by(ServiceRecord.id),
    )
    if seen is not None and scene.chance.random() < 0.8:
        shift = db.session.get(Shift, seen.shift_id)
    if shift is None:
        return IDLE
    came, went = scene.times(shift)
    claim = Claim(came, went, MakeUpCause.PHONE, WORDS, "纸质签到表")
    recorded = select(ServiceRecord.volunteer_id).where(ServiceRecord.shift_id == shift.id)
    there = set(db.session.scalars(recorded))
    missing = [one for one in scene.cast.volunteers if one not in there]
    is_missing = bool(missing) and scene.chance.random() < 0.9
    volunteer_id = scene.chance.choice(missing) if is_missing else scene.person()
    if scene.chance.random() < 0.75:
        actor = scene.actor(scene.cast.accounts[volunteer_id])
        make_ups.ask_own(actor, shift_id=shift.id, claim=claim, at=scene.at)
    else:
        make_ups.ask_for(
            scene.site(shift),
            shift_id=shift.id,
            volunteer_id=volunteer_id,
            claim=claim,
            at=scene.at,
        )
    return None


def go_on_with_make_up(scene: Scene) -> str | None:
    """The next step of a request, mostly by who may take it."""
    row = _pick(scene, select(MakeUp).where(MakeUp.state.in_(MAKE_UP_LIVE)).order_by(MakeUp.id))
    if row is None:
        return IDLE
    if scene.chance.random() < 0.08:
        actor = scene.actor(scene.cast.accounts[row.volunteer_id])
        make_ups.withdraw_make_up(actor, make_up_id=row.id, at=scene.at)
        return "withdrawn"
    if scene.chance.random() < 0.1:
        make_ups.refuse_make_up(
            _anybody(scene),
            make_up_id=row.id,
            version=row.version,
            reason="没有依据",
            is_false=scene.chance.random() < 0.3,
            at=scene.at,
        )
        return "refused"
    return _step_of[row.state](scene, row)


def _endorse(scene: Scene, row: MakeUp) -> str:
    shift = db.session.get(Shift, row.shift_id)
    assert shift is not None
    words = scene.chance.choice(("是我安排在北口的", "是我安排在北口的", ""))
    make_ups.endorse_make_up(scene.site(shift), make_up_id=row.id, words=words, at=scene.at)
    return "endorsed"


def _vouch(scene: Scene, row: MakeUp) -> str:
    able = [p for p, _ in witnesses_of(row.shift_id, Window(row.came_at, row.went_at), besides=())]
    is_able = bool(able) and scene.chance.random() < 0.85
    who = scene.chance.choice(able) if is_able else scene.person()
    has_seen = scene.chance.random() < 0.85
    make_ups.say_seen(
        scene.actor(scene.cast.accounts[who]), make_up_id=row.id, has_seen=has_seen, at=scene.at
    )
    return "seen" if has_seen else "not_seen"


def _review(scene: Scene, row: MakeUp) -> str:
    act = (
        make_ups.clear_objections
        if row.state is MakeUpState.CONTESTED
        else make_ups.approve_make_up
    )
    act(_anybody(scene), make_up_id=row.id, version=row.version, words="核实过", at=scene.at)
    return act.__name__


def _contest(scene: Scene, row: MakeUp) -> str:
    if scene.chance.random() < 0.7:
        return IDLE
    make_ups.object_in_register(
        None, make_up_id=row.id, words="那天没有看到", contact="", address="10.0.0.1", at=scene.at
    )
    return "contested"


_step_of = {
    MakeUpState.ASKED: _endorse,
    MakeUpState.WITNESS: _vouch,
    MakeUpState.REVIEW: _review,
    MakeUpState.CONTESTED: _review,
    MakeUpState.ANNOUNCED: _contest,
}


def days_pass(scene: Scene) -> None:
    """Days go by with their jobs: objections and requests are passed on, lapse, or are entered."""
    scene.at += timedelta(hours=scene.chance.choice((6, 24, 48, 72)))
    for number in db.session.scalars(select(Ticket.id).order_by(Ticket.id)).all():
        tickets.tend_ticket(number, at=scene.at)
    for number in db.session.scalars(select(MakeUp.id).order_by(MakeUp.id)).all():
        make_ups.tend_make_up(number, at=scene.at)
