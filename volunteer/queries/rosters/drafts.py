"""Drafts (排班草案): one with its seats, and what publishing it would change."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, or_, select

from volunteer.domain.access import Act, Actor
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import AssignmentState, CancelCause, DraftState, ShiftState
from volunteer.domain.words import N_
from volunteer.models.activities import Shift
from volunteer.models.base import db
from volunteer.models.people import Unit, Volunteer
from volunteer.models.rosters import Assignment, DraftMove, DraftRoster, DraftSeat
from volunteer.queries.planning import PlanScope, plannable
from volunteer.queries.planning.persons import askable
from volunteer.queries.planning.seats import LIVE
from volunteer.queries.rosters.changes import Changes, Now, Seat, compare
from volunteer.queries.scope import visible

PART = 15_000
"""Numbers in one statement: both databases take twice as many."""
STATES = {state.value: state for state in AssignmentState}


def scope_of_draft(draft: DraftRoster) -> PlanScope:
    """Return the scope of a draft."""
    return PlanScope(unit_id=draft.unit_id, district_id=draft.district_id)


def draft_for(actor: Actor, draft_id: int) -> DraftRoster:
    """Return the draft if the actor may see it.

    Raises
    ------
    Refused
        ``not_found`` (404).
    """
    draft = db.session.scalar(
        visible(
            select(DraftRoster)
            .where(DraftRoster.id == draft_id)
            .execution_options(populate_existing=True),
            actor,
            Act.VIEW_PLANNING,
            unit=DraftRoster.unit_id,
            district=DraftRoster.district_id,
        )
    )
    if draft is None:
        raise Refused(
            "not_found", N_("没有找到这份排班草案。"), N_("请从排班任务列表重新进入。"), status=404
        )
    return draft


def open_drafts(actor: Actor, week_on: date) -> list[DraftRoster]:
    """Return the open drafts of a week that the actor may see, newest first."""
    return list(
        db.session.scalars(
            visible(
                select(DraftRoster)
                .where(DraftRoster.week_on == week_on, DraftRoster.state == DraftState.OPEN)
                .order_by(DraftRoster.id.desc()),
                actor,
                Act.VIEW_PLANNING,
                unit=DraftRoster.unit_id,
                district=DraftRoster.district_id,
            )
        )
    )


def seats_of(draft_id: int) -> dict[Seat, DraftSeat]:
    """Return the seats of a draft by (shift, volunteer)."""
    rows = db.session.scalars(
        select(DraftSeat)
        .where(DraftSeat.draft_id == draft_id)
        .order_by(DraftSeat.shift_id, DraftSeat.volunteer_id)
    )
    return {(seat.shift_id, seat.volunteer_id): seat for seat in rows}


def last_move(draft_id: int) -> DraftMove | None:
    """Return the newest change by hand that was not undone."""
    return db.session.scalar(
        select(DraftMove)
        .where(DraftMove.draft_id == draft_id, DraftMove.undone_at.is_(None))
        .order_by(DraftMove.id.desc())
        .limit(1)
    )


def parts(ids: Iterable[int]) -> Iterable[list[int]]:
    """Yield sorted ids in parts that any database takes as parameters."""
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), PART):
        yield wanted[start : start + PART]


def changes_of(draft: DraftRoster, *, at: datetime, lock: bool = False) -> Changes:
    """Return what publishing the draft now would change.

    ``lock`` takes hold of the shift rows first (those who take seats wait), for publishing itself.
    """
    base = {(s, v): STATES[state] for s, v, state in draft.base}
    seats = {pair: seat.source for pair, seat in seats_of(draft.id).items()}
    shift_ids = {s for s, _ in (*base, *seats)}
    open_shifts = _open_shifts(draft, at, lock)
    live, refused = _standing(shift_ids | set(open_shifts))
    fresh = {pair for pair in seats if pair not in live}
    now = Now(
        live=live,
        refused=frozenset(refused),
        open_shifts=open_shifts,
        askable=_still_askable({v for _, v in fresh}),
        busy=frozenset(_meeting(fresh, shift_ids)),
    )
    return compare(base, seats, now)


def _open_shifts(draft: DraftRoster, at: datetime, lock: bool) -> dict[int, int]:
    statement: Any = plannable(
        select(Shift.id, Shift.max_heads), draft.week_on, scope_of_draft(draft), at
    ).order_by(Shift.id)
    if lock:
        statement = statement.with_for_update(of=Shift)
    return {shift_id: most for shift_id, most in db.session.execute(statement)}


def _standing(shift_ids: set[int]) -> tuple[dict[Seat, AssignmentState], set[Seat]]:
    live: dict[Seat, AssignmentState] = {}
    refused: set[Seat] = set()
    for part in parts(shift_ids):
        for shift, volunteer, state in db.session.execute(
            select(Assignment.shift_id, Assignment.volunteer_id, Assignment.state).where(
                Assignment.shift_id.in_(part),
                or_(
                    Assignment.state.in_((*LIVE, AssignmentState.DECLINED)),
                    and_(
                        Assignment.state == AssignmentState.CANCELLED,
                        Assignment.cancel_cause == CancelCause.BY_PERSON,
                    ),
                ),
            )
        ):
            if state in LIVE:
                live[shift, volunteer] = state
            else:
                refused.add((shift, volunteer))
    return live, refused


def _still_askable(volunteers: set[int]) -> frozenset[int]:
    nobody = select(Assignment.volunteer_id).where(Assignment.id < 0)
    found: set[int] = set()
    for part in parts(volunteers):
        found.update(
            db.session.scalars(
                select(Volunteer.id).where(Volunteer.id.in_(part), *askable(None, nobody))
            )
        )
    return frozenset(found)


def _meeting(fresh: set[Seat], own_shifts: set[int]) -> set[Seat]:
    """Return the additions whose hours meet a live seat of the person outside the draft's shifts."""
    windows = windows_of({shift for shift, _ in fresh})
    wanted: dict[int, list[int]] = {}
    for shift, volunteer in fresh:
        wanted.setdefault(volunteer, []).append(shift)
    first = min((w[0] for w in windows.values()), default=None)
    if first is None:
        return set()
    last = max(w[1] for w in windows.values())
    meeting: set[Seat] = set()
    for part in parts(wanted):
        for volunteer, shift, starts_at, ends_at in db.session.execute(
            select(Assignment.volunteer_id, Shift.id, Shift.starts_at, Shift.ends_at)
            .join(Shift, Shift.id == Assignment.shift_id)
            .where(
                Assignment.volunteer_id.in_(part),
                Assignment.state.in_(LIVE),
                Shift.state != ShiftState.CANCELLED,
                Shift.starts_at < last,
                Shift.ends_at > first,
            )
        ):
            if shift in own_shifts:
                continue
            for mine in wanted[volunteer]:
                if mine in windows and windows[mine][0] < ends_at and starts_at < windows[mine][1]:
                    meeting.add((mine, volunteer))
    return meeting


def windows_of(shift_ids: Iterable[int]) -> dict[int, tuple[datetime, datetime]]:
    """Return when the shifts start and end."""
    found: dict[int, tuple[datetime, datetime]] = {}
    for part in parts(shift_ids):
        for shift, starts_at, ends_at in db.session.execute(
            select(Shift.id, Shift.starts_at, Shift.ends_at).where(Shift.id.in_(part))
        ):
            found[shift] = (starts_at, ends_at)
    return found


@dataclass(frozen=True, slots=True)
class Named:
    """A person as lists show one."""

    id: int
    name: str
    unit_id: int
    unit_name: str


def names_of(volunteer_ids: Iterable[int]) -> dict[int, Named]:
    """Return names and units of people, in a few statements however many there are."""
    found: dict[int, Named] = {}
    for part in parts(volunteer_ids):
        for row in db.session.execute(
            select(Volunteer.id, Volunteer.name, Unit.id, Unit.name)
            .join(Unit, Unit.id == Volunteer.unit_id)
            .where(Volunteer.id.in_(part))
        ):
            found[row[0]] = Named(*row)
    return found
