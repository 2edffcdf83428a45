"""Asking for make-up hours (申请补录): by the person, or by the leader or the desk in the person's stead."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.exc import IntegrityError

from volunteer.domain.access import Act, Actor, require, require_other
from volunteer.domain.attendance import Interval, Stamp
from volunteer.domain.credit import credited_minutes
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import (
    MakeUpCause,
    MakeUpState,
    Nature,
    ShiftState,
    StampKind,
    TicketLevel,
    TicketStep,
    VolunteerState,
    Way,
)
from volunteer.domain.ticket import (
    CAME,
    require_age,
    require_not_barred,
    require_quota,
    require_times,
    require_window,
)
from volunteer.domain.timekeeping import Window, local_date
from volunteer.models.activities import Activity, Shift
from volunteer.models.base import db
from volunteer.models.ledger import ServiceRecord
from volunteer.models.people import Unit, Volunteer
from volunteer.models.rosters import Assignment
from volunteer.models.tickets import MakeUp, Ticket
from volunteer.operations.ledger.counting import breaks_of
from volunteer.operations.make_ups.story import (
    ask_witnesses,
    step_to,
    tell_desk,
    tell_person,
    write_down,
)
from volunteer.queries.deciders import calendar_around, first_level
from volunteer.queries.policy import policy_on
from volunteer.queries.witnesses import (
    earned_since,
    false_request,
    overlapping_claims,
    used_quota,
    witnesses_of,
)

LEAST_WORDS = 4


@dataclass(frozen=True, slots=True)
class _Place:
    """Whose hours on which shift, with the seat, or without one where the person was not on the list."""

    volunteer_id: int
    shift: Shift
    unit: Unit
    nature: Nature
    seat_id: int | None


@dataclass(frozen=True, slots=True)
class Claim:
    """What is claimed: the times on site, why there is no stamp, and what there is to show for it."""

    came_at: datetime
    went_at: datetime
    cause: MakeUpCause
    words: str
    evidence: str


def ask_own(actor: Actor, *, shift_id: int, claim: Claim, at: datetime) -> MakeUp:
    """Ask for the own make-up hours; the leader or the desk then has to take the request up.

    Who was not on the list may ask too: of the right age, with a profile in force. Raises Refused
    ``not_found``, ``not_over``, ``not_settled``, ``has_record``, ``barred``, ``out_of_window``,
    ``over_quota``, ``overlaps``, ``no_witness``, ``already_asked``, ``words_needed``,
    ``evidence_needed``, ``out_before_in``, ``outside_plan``, ``not_active``, ``wrong_age``.
    """
    require(actor, Act.OWN_TICKETS)
    assert actor.volunteer_id is not None, "only a volunteer holds this act"
    seat_id = db.session.scalar(
        select(Assignment.id).where(
            Assignment.shift_id == shift_id,
            Assignment.volunteer_id == actor.volunteer_id,
            Assignment.state.in_(CAME),
        )
    )
    if seat_id is not None:
        return open_make_up(actor, seat_id, claim, at=at)
    return _open(actor, _unlisted(actor.volunteer_id, shift_id), claim, at=at)


def ask_for(
    actor: Actor, *, shift_id: int, volunteer_id: int, claim: Claim, at: datetime
) -> MakeUp:
    """Ask for make-up hours of somebody on a shift that the actor leads or organizes.

    Raises Refused ``own_case``, and what :func:`ask_own` raises.
    """
    unit_id = db.session.scalar(
        select(Activity.unit_id)
        .join(Shift, Shift.activity_id == Activity.id)
        .where(Shift.id == shift_id)
    )
    if unit_id is None:
        raise Refused("not_found", "没有找到这个班次。", status=404)
    require(actor, Act.RUN_ONSITE, unit_id=unit_id, shift_id=shift_id)
    require_other(actor, volunteer_id)
    seat = db.session.scalar(
        select(Assignment).where(
            Assignment.shift_id == shift_id, Assignment.volunteer_id == volunteer_id
        )
    )
    if seat is None or seat.state not in CAME:
        raise Refused(
            "not_found",
            "这个人不在本班次的名单中。",
            "不在名单里却到过岗的，请本人在手机上申请补录。",
            status=404,
        )
    return open_make_up(actor, seat.id, claim, at=at)


def open_make_up(
    actor: Actor, assignment_id: int, claim: Claim, *, at: datetime, ticket: Ticket | None = None
) -> MakeUp:
    """Open a request for a seat, whose rights were checked by the caller.

    With a ``ticket`` (an objection that was adopted in time) the window is that of the objection.
    """
    return _open(actor, _held(assignment_id), claim, at=at, ticket=ticket)


def _open(
    actor: Actor, place: _Place, claim: Claim, *, at: datetime, ticket: Ticket | None = None
) -> MakeUp:
    shift, unit = place.shift, place.unit
    on = local_date(at)
    policy = policy_on(on)
    _require_missing(place, at)
    false_at = false_request(place.volunteer_id)
    false_on = local_date(false_at) if false_at else None
    earned = earned_since(place.volunteer_id, false_on) if false_on else 0
    require_not_barred(false_on, earned, on, policy)
    if ticket is None:
        require_window(shift.service_on, on, policy)
    require_quota(used_quota(unit.id, on.replace(day=1)), policy)
    _require_told(claim)
    plan = Window(shift.starts_at, shift.ends_at)
    require_times(claim.came_at, claim.went_at, plan)
    _require_free(actor, place, Window(claim.came_at, claim.went_at))
    is_own = actor.volunteer_id == place.volunteer_id
    row = _row(actor, place, claim, at, ticket=ticket)
    stay = Interval(
        Stamp(StampKind.IN, claim.came_at, Way.MAKE_UP),
        Stamp(StampKind.OUT, claim.went_at, Way.MAKE_UP),
    )
    sums = credited_minutes([stay], plan, breaks_of(shift), policy, place.nature)
    row.minutes = sums.served_minutes
    _add(row)
    write_down(actor, row, TicketStep.ASKED, words=claim.words, at=at)
    if is_own:
        row.level = first_level(unit, volunteer_id=place.volunteer_id)
        tell_desk(row, "有人申请补录，请核实后提请", at=at, key="asked")
        tell_person(row, "补录申请已提出", "带队或单位核实后提请，再由同班的人证明。", at=at)
    else:
        take_up(actor, row, at=at)
    return row


def take_up(actor: Actor, row: MakeUp, *, at: datetime, words: str = "") -> None:
    """The actor becomes the requester; all who can vouch are asked."""
    row.endorsed_at, row.endorsed_by_id = at, actor.account_id
    row.endorsed_by_volunteer_id = actor.volunteer_id
    before = row.state.value
    step_to(row, MakeUpState.WITNESS, at=at, level=TicketLevel.UNIT)
    write_down(actor, row, TicketStep.ENDORSED, words=words, at=at, before=before)
    ask_witnesses(row, at=at)
    tell_person(row, "补录已提请", "正在请同班扫码到岗的人证明。", at=at)


def _held(assignment_id: int) -> _Place:
    """The seat with its shift and unit; the unit is locked, for its quota is read before it is used."""
    row = db.session.execute(
        select(Assignment.volunteer_id, Shift, Activity.unit_id, Activity.nature)
        .join(Shift, Shift.id == Assignment.shift_id)
        .join(Activity, Activity.id == Shift.activity_id)
        .where(Assignment.id == assignment_id)
    ).one()
    return _Place(row[0], row[1], _locked_unit(row[2]), row[3], assignment_id)


def _unlisted(volunteer_id: int, shift_id: int) -> _Place:
    """A shift on which the person held no seat; the rules of age and profile are those of a seat."""
    row = db.session.execute(
        select(Shift, Activity.unit_id, Activity.nature, Volunteer)
        .join(Activity, Activity.id == Shift.activity_id)
        .join(Volunteer, Volunteer.id == volunteer_id)
        .where(Shift.id == shift_id, Shift.state == ShiftState.SETTLED)
    ).one_or_none()
    if row is None:
        raise Refused(
            "not_found",
            "没有找到可以补录的班次。",
            "不在名单里的，要等班次结算后再申请。",
            status=404,
        )
    shift, unit_id, nature, person = row
    if person.state is not VolunteerState.ACTIVE:
        raise Refused("not_active", "您的资料尚未确认或已停用。", "请先联系本单位的组织者。")
    require_age(person.birth_year, shift.service_on, shift.min_age, shift.max_age)
    return _Place(volunteer_id, shift, _locked_unit(unit_id), nature, None)


def _locked_unit(unit_id: int) -> Unit:
    unit = db.session.scalar(select(Unit).where(Unit.id == unit_id).with_for_update())
    assert unit is not None, "an activity has a unit"
    return unit


def _require_missing(place: _Place, at: datetime) -> None:
    if at < place.shift.ends_at:
        raise Refused("not_over", "班次还没有结束。", "现在仍可以签到，或请带队登记。")
    if place.shift.state is not ShiftState.SETTLED:
        raise Refused(
            "not_settled", "这个班次还没有结算。", "请先联系带队或组织者登记到岗，不必补录。"
        )
    recorded = exists().where(
        ServiceRecord.shift_id == place.shift.id, ServiceRecord.volunteer_id == place.volunteer_id
    )
    if db.session.scalar(select(recorded)):
        raise Refused("has_record", "这个班次已经有这个人的记录。", "如有出入，请提出申诉。")


def _require_told(claim: Claim) -> None:
    if len(claim.words.strip()) < LEAST_WORDS:
        raise Refused("words_needed", "请写一两句当时的情况。", field="words", status=422)
    if len(claim.evidence.strip()) < 2:
        raise Refused(
            "evidence_needed",
            "请写明有什么可以证明，例如签到表、照片在谁那里。",
            field="evidence",
            status=422,
        )


def _require_free(actor: Actor, place: _Place, claimed: Window) -> None:
    if overlapping_claims(place.volunteer_id, claimed, besides_shift=place.shift.id):
        raise Refused(
            "overlaps", "这段时间已有另一条记录或补录。", "同一段时间只能记一次。", field="came"
        )
    requester = None if actor.volunteer_id == place.volunteer_id else actor.volunteer_id
    if not witnesses_of(place.shift.id, claimed, besides=(place.volunteer_id, requester)):
        raise Refused(
            "no_witness",
            "同一时间没有扫码到岗的同班志愿者，无人可以证明，不能补录。",
            "补录要有同班的人证明，这是规定。",
        )


def _row(
    actor: Actor, place: _Place, claim: Claim, at: datetime, *, ticket: Ticket | None
) -> MakeUp:
    on = local_date(at)
    due_on = calendar_around(on).add_workdays(on, policy_on(on).make_up_answer_workdays)
    return MakeUp(
        volunteer_id=place.volunteer_id,
        assignment_id=place.seat_id,
        shift_id=place.shift.id,
        unit_id=place.unit.id,
        district_id=place.unit.district_id,
        ticket_id=ticket.id if ticket else None,
        month=on.replace(day=1),
        came_at=claim.came_at,
        went_at=claim.went_at,
        cause=claim.cause,
        words=claim.words.strip()[:400],
        evidence=claim.evidence.strip()[:400],
        asked_at=at,
        asked_by_id=actor.account_id,
        asked_by_volunteer_id=actor.volunteer_id,
        state=MakeUpState.ASKED,
        level=TicketLevel.UNIT,
        due_on=due_on,
        live_seat_id=place.seat_id,
    )


def _add(row: MakeUp) -> None:
    try:
        with db.session.begin_nested():
            db.session.add(row)
            db.session.flush()
    except IntegrityError:
        raise Refused("already_asked", "这一次已经在申请补录。", "请在列表里查看进展。") from None
