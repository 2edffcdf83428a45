"""Publishing (发布排班): a draft becomes assignments, in one transaction, and people are told once each."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from volunteer.domain.access import Act, Actor
from volunteer.domain.lifecycle import advance
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import AssignmentState, CancelCause, DraftState, ShiftState
from volunteer.domain.words import N_
from volunteer.models.activities import Shift
from volunteer.models.base import db
from volunteer.models.people import Qualification, Skill, Volunteer
from volunteer.models.rosters import Assignment, DraftRoster
from volunteer.operations import journal
from volunteer.operations.planning import require_scope
from volunteer.operations.rosters.seating import Seating, renew
from volunteer.queries.planning import plannable
from volunteer.queries.rosters.changes import Changes, Seat
from volunteer.queries.rosters.drafts import changes_of, draft_for, parts, scope_of_draft
from volunteer.queries.rosters.table import shift_names

LISTED = 6
"""Shifts named in one message; more are counted."""
LEADER = "leader"


@dataclass(frozen=True, slots=True)
class Published:
    """What publishing did."""

    changes: Changes
    told: int
    leaders: int


def publish_roster(actor: Actor, draft_id: int, *, version: int, at: datetime) -> Published:
    """Publish a draft as it was seen (``version``); assignments, messages and audit in one step.

    Seats accepted, declined or added since the draft was made are kept as they are; see
    :func:`volunteer.queries.rosters.changes.compare`. Planned shifts of the scope become published, and
    one without a leader is led by somebody on it who may lead.

    Raises
    ------
    Refused
        ``not_found``, ``not_allowed``, ``draft_closed``; ``changed_meanwhile`` when the draft is not what
        the person saw.
    """
    draft = draft_for(actor, draft_id)
    require_scope(actor, Act.MANAGE_ROSTERS, scope_of_draft(draft))
    _close(draft, version, at)
    changes = changes_of(draft, at=at, lock=True)
    _drop(actor, changes, at)
    fresh = _add(draft, changes, at)
    _publish_shifts(draft, at)
    leaders = _name_leaders(draft, at)
    _note_seats(actor, fresh, at)
    told = _tell(draft, changes, leaders, at)
    journal.note(
        actor,
        "publish_roster",
        draft,
        f"发布排班：新增 {len(changes.added)} 人次，取消 {len(changes.dropped)} 人次，"
        f"不变 {len(changes.unchanged)} 人次，通知 {told} 人",
        at=at,
        unit_id=draft.unit_id,
        after={
            "added": len(changes.added),
            "dropped": len(changes.dropped),
            "kept": len(changes.kept),
            "skipped": len(changes.skipped),
            "told": told,
        },
    )
    return Published(changes, told, len(leaders))


def _close(draft: DraftRoster, version: int, at: datetime) -> None:
    """Compare and swap: of two who publish, or publish and edit, one is told to look again."""
    if draft.state is not DraftState.OPEN:
        raise Refused(
            "draft_closed",
            N_("这份草案%(state)s，不能再次发布。"),
            N_("请刷新页面查看最新状态。"),
            values={"state": draft.state.label},
        )
    taken = db.session.execute(
        update(DraftRoster)
        .where(
            DraftRoster.id == draft.id,
            DraftRoster.version == version,
            DraftRoster.state == DraftState.OPEN,
        )
        .values(version=version + 1, state=DraftState.PUBLISHED, published_at=at)
        .execution_options(synchronize_session=False)
    )
    if taken.rowcount != 1:  # type: ignore[attr-defined]
        raise Refused(
            "changed_meanwhile",
            N_("草案刚刚被其他人改动或发布过。"),
            N_("请刷新页面，看到最新内容后再发布。"),
        )
    db.session.refresh(draft)


def _rows(seats: tuple[Seat, ...]) -> dict[Seat, Assignment]:
    wanted = set(seats)
    found: dict[Seat, Assignment] = {}
    for part in parts(shift for shift, _ in wanted):
        for row in db.session.scalars(
            select(Assignment)
            .where(Assignment.shift_id.in_(part))
            .with_for_update()
            .execution_options(populate_existing=True)
        ):
            if (row.shift_id, row.volunteer_id) in wanted:
                found[row.shift_id, row.volunteer_id] = row
    return found


def _drop(actor: Actor, changes: Changes, at: datetime) -> None:
    for row in _rows(changes.dropped).values():
        before = row.state
        row.state = advance(row.state, AssignmentState.CANCELLED)
        row.cancel_cause = CancelCause.REPLACED
        row.version += 1
        journal.note(
            actor,
            "cancel_assignment",
            row,
            "发布排班时换人，取消派班",
            at=at,
            unit_id=row.unit_id,
            before={"state": before.value},
            after={"state": row.state.value, "cause": CancelCause.REPLACED.value},
        )


def _add(draft: DraftRoster, changes: Changes, at: datetime) -> list[Assignment]:
    how = Seating(AssignmentState.PROPOSED, "solver", draft_id=draft.id)
    known = _rows(changes.added)
    units: dict[int, int] = {}
    for part in parts(volunteer for _, volunteer in changes.added):
        rows = db.session.execute(
            select(Volunteer.id, Volunteer.unit_id).where(Volunteer.id.in_(part))
        )
        units.update({row[0]: row[1] for row in rows})
    seated = []
    for seat in changes.added:
        shift_id, volunteer_id = seat
        row = known.get(seat)
        if row is None:
            row = Assignment(
                shift_id=shift_id, volunteer_id=volunteer_id, unit_id=units[volunteer_id]
            )
            db.session.add(row)
        renew(row, how, at=at)
        seated.append(row)
    db.session.flush()
    return seated


def _note_seats(actor: Actor, seats: list[Assignment], at: datetime) -> None:
    for seat in seats:
        journal.note(
            actor,
            "propose_assignment",
            seat,
            "发布排班，待本人确认",
            at=at,
            unit_id=seat.unit_id,
            after={"state": seat.state.value, "shift": seat.shift_id},
        )


def _publish_shifts(draft: DraftRoster, at: datetime) -> None:
    planned = plannable(select(Shift.id), draft.week_on, scope_of_draft(draft), at).where(
        Shift.state == ShiftState.PLANNED
    )
    for part in parts(db.session.scalars(planned)):
        db.session.execute(
            update(Shift)
            .where(Shift.id.in_(part), Shift.state == ShiftState.PLANNED)
            .values(state=ShiftState.PUBLISHED, version=Shift.version + 1)
            .execution_options(synchronize_session="fetch")
        )


def _name_leaders(draft: DraftRoster, at: datetime) -> set[Seat]:
    """Let somebody on the shift who is qualified to lead lead it, where nobody is named yet."""
    ids = list(
        db.session.scalars(
            plannable(select(Shift.id), draft.week_on, scope_of_draft(draft), at).where(
                Shift.leader_id.is_(None)
            )
        )
    )
    chosen: dict[int, int] = {}
    for part in parts(ids):
        for shift_id, volunteer_id in db.session.execute(
            select(Assignment.shift_id, Assignment.volunteer_id)
            .join(Shift, Shift.id == Assignment.shift_id)
            .join(Qualification, Qualification.volunteer_id == Assignment.volunteer_id)
            .join(Skill, Skill.id == Qualification.skill_id)
            .where(
                Assignment.shift_id.in_(part),
                Assignment.state.in_((AssignmentState.PROPOSED, AssignmentState.ACCEPTED)),
                Skill.code == LEADER,
                Qualification.expires_on.is_(None) | (Qualification.expires_on >= Shift.service_on),
            )
            .order_by(Assignment.state, Assignment.volunteer_id)  # "accepted" sorts first
        ):
            chosen.setdefault(shift_id, volunteer_id)
    for shift_id, volunteer_id in chosen.items():
        db.session.execute(
            update(Shift)
            .where(Shift.id == shift_id, Shift.leader_id.is_(None))
            .values(leader_id=volunteer_id, version=Shift.version + 1)
            .execution_options(synchronize_session="fetch")
        )
    return set(chosen.items())


def _tell(draft: DraftRoster, changes: Changes, leaders: set[Seat], at: datetime) -> int:
    """Tell each person once, whatever changed: what is new, what fell away, where one leads."""
    gained: dict[int, list[int]] = defaultdict(list)
    lost: dict[int, list[int]] = defaultdict(list)
    for shift_id, volunteer_id in changes.added:
        gained[volunteer_id].append(shift_id)
    for shift_id, volunteer_id in changes.dropped:
        lost[volunteer_id].append(shift_id)
    said = shift_names(shift_id for shift_id, _ in (*changes.added, *changes.dropped))
    messages = []
    for volunteer_id in sorted(gained.keys() | lost.keys()):
        new, gone = gained[volunteer_id], lost[volunteer_id]
        lines = []
        if new:
            leading = [said[s] for s in new if (s, volunteer_id) in leaders]
            lines.append(f"请确认：{_listed([said[s] for s in new])}。")
            if leading:
                lines.append(f"您带队：{_listed(leading)}。")
        if gone:
            lines.append(f"已取消，请不要前往：{_listed([said[s] for s in gone])}。")
        title = "班次有变化，请查看" if gone else "新的服务班次，请确认"
        messages.append(
            {
                "topic": "roster_published",
                "title": title,
                "body": "".join(lines),
                "volunteer_id": volunteer_id,
                "link": f"/me/duties/{new[0]}" if len(new) == 1 and not gone else "/me/duties",
                "dedupe": f"draft:{draft.id}:{volunteer_id}",
            }
        )
    return journal.tell_many(messages, at=at)


def _listed(shifts: list[str]) -> str:
    listed = "；".join(shifts[:LISTED])
    return listed if len(shifts) <= LISTED else f"{listed}；等共 {len(shifts)} 个班次"
