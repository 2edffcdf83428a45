"""Changing a draft by hand (调整草案): place, move, remove, swap, undo; each step is judged and kept."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, insert, select, update

from volunteer.domain.access import Act, Actor
from volunteer.domain.lifecycle import advance
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import DraftState
from volunteer.domain.words import N_, Sentence, sentence
from volunteer.models.activities import Shift
from volunteer.models.base import db
from volunteer.models.rosters import DraftMove, DraftRoster, DraftSeat
from volunteer.operations import journal
from volunteer.operations.planning import require_scope
from volunteer.queries.planning import PlanScope, plannable
from volunteer.queries.rosters.changes import Seat
from volunteer.queries.rosters.drafts import (
    draft_for,
    last_move,
    names_of,
    scope_of_draft,
    seats_of,
)
from volunteer.queries.rosters.judge import Said, Verdict, judge
from volunteer.queries.rosters.table import shift_names, table_of_draft
from volunteer.queries.runs import base_of

HAND = "hand"


@dataclass(frozen=True, slots=True)
class Moved:
    """A change that was made: the step to undo, the draft's new version, what it means."""

    move_id: int
    version: int
    verdict: Verdict
    words: str


def open_draft(actor: Actor, *, week_on: date, scope: PlanScope, at: datetime) -> DraftRoster:
    """Begin a draft from what is published, to change it by hand without a run.

    Raises
    ------
    Refused
        ``not_allowed``, ``not_yours``, ``nothing_to_plan``.
    """
    require_scope(actor, Act.MANAGE_ROSTERS, scope)
    shift_ids = list(db.session.scalars(plannable(select(Shift.id), week_on, scope, at)))
    if not shift_ids:
        raise Refused(
            "nothing_to_plan",
            N_("这一周在所选范围内没有待排的班次。"),
            N_("请先在活动中创建班次并发布活动，或换一周、换一个范围。"),
        )
    draft = DraftRoster(
        week_on=week_on,
        unit_id=scope.unit_id,
        district_id=scope.district_id,
        created_at=at,
        base=base_of(shift_ids),
    )
    db.session.add(draft)
    db.session.flush()
    seats = [
        {"draft_id": draft.id, "shift_id": s, "volunteer_id": v, "source": "kept"}
        for s, v, _ in draft.base
    ]
    if seats:
        db.session.execute(insert(DraftSeat), seats)
    journal.note(
        actor,
        "open_draft",
        draft,
        f"新建手工草案：{week_on.isoformat()} 起一周，{len(seats)} 人次",
        at=at,
        unit_id=scope.unit_id,
    )
    return draft


def place_seat(
    actor: Actor,
    draft_id: int,
    *,
    shift_id: int,
    volunteer_id: int,
    version: int | None = None,
    force: str = "",
    at: datetime,
) -> Moved:
    """Put a person on a shift of the draft. Hard rules refuse it unless ``force`` gives a reason.

    Raises
    ------
    Refused
        ``not_found``, ``not_allowed``, ``draft_closed``, ``changed_meanwhile``, ``already_there``,
        ``breaks_rules`` (with every rule in ``details``).
    """
    return _change(
        _Step(actor, draft_id, version, force, at), volunteer_id, to=shift_id, away_from=None
    )


def move_seat(
    actor: Actor,
    draft_id: int,
    seat: Seat,
    *,
    to: int,
    version: int | None = None,
    force: str = "",
    at: datetime,
) -> Moved:
    """Move the person of a seat (shift, volunteer) to another shift; refused as :func:`place_seat` is."""
    step = _Step(actor, draft_id, version, force, at)
    return _change(step, seat[1], to=to, away_from=seat[0])


def remove_seat(
    actor: Actor,
    draft_id: int,
    *,
    shift_id: int,
    volunteer_id: int,
    version: int | None = None,
    at: datetime,
) -> Moved:
    """Take a person off a shift of the draft."""
    return _change(
        _Step(actor, draft_id, version, "", at), volunteer_id, to=None, away_from=shift_id
    )


@dataclass(frozen=True, slots=True)
class _Step:
    actor: Actor
    draft_id: int
    version: int | None
    force: str
    at: datetime


def _change(step: _Step, volunteer_id: int, *, to: int | None, away_from: int | None) -> Moved:
    draft = _for_change(step.actor, step.draft_id, step.version)
    seats = seats_of(draft.id)
    if away_from is not None and (away_from, volunteer_id) not in seats:
        raise _moved_on()
    if to is not None and (to, volunteer_id) in seats:
        raise Refused("already_there", N_("此人已经在这个班次上。"))
    table = table_of_draft(draft, at=step.at, also=[volunteer_id])
    verdict = judge(table, volunteer_id, to=to, away_from=away_from)
    can_force = table.knows(volunteer_id) and (to is None or table.has(to))
    reason = require_sound(verdict, step.force, can_force=can_force)
    added = [] if to is None else [(to, volunteer_id)]
    removed = [] if away_from is None else [(away_from, volunteer_id)]
    words = _words(volunteer_id, to, away_from)
    move = _carry_out(draft, step, added, removed, reason)
    journal.note(
        step.actor,
        "change_draft",
        draft,
        f"调整草案：{words}",
        at=step.at,
        unit_id=draft.unit_id,
        before={"seats": removed},
        after={"seats": added},
        reason=reason,
    )
    return Moved(move.id, draft.version, verdict, words)


def require_sound(verdict: Verdict, force: str, *, can_force: bool) -> str:
    """Pass if nothing forbids the change, or a reason overrules it; return the reason that was needed.

    Raises
    ------
    Refused
        ``breaks_rules`` with every sentence in ``details``.
    """
    if verdict.is_allowed:
        return ""
    if force.strip() and can_force:
        return force.strip()[:200]
    raise Refused(
        "breaks_rules",
        N_("这样安排不符合规则：%(first)s"),
        N_("可以换一个班次或换一个人；确有需要时，请填写理由后强制安排。") if can_force else "",
        field="force",
        details=verdict.objections,
        values={"first": verdict.objections[0]},
    )


def swap_seats(
    actor: Actor,
    draft_id: int,
    *,
    one: Seat,
    other: Seat,
    version: int | None = None,
    force: str = "",
    at: datetime,
) -> Moved:
    """Exchange two people between their shifts, as one step; refused as :func:`place_seat` is."""
    step = _Step(actor, draft_id, version, force, at)
    draft = _for_change(actor, draft_id, version)
    seats = seats_of(draft.id)
    crossed = [(other[0], one[1]), (one[0], other[1])]
    if one not in seats or other not in seats:
        raise _moved_on()
    if any(seat in seats for seat in crossed) or one[0] == other[0]:
        raise Refused("already_there", N_("两人中有一人已在对方的班次上，不能互换。"))
    table = table_of_draft(draft, at=at)
    table.seats -= {one, other}
    said: list[Said] = []
    change = [0, 0]
    for shift_id, volunteer_id in crossed:
        verdict = judge(table, volunteer_id, to=shift_id)
        said += verdict.said
        change[0] += verdict.coverage
        change[1] += verdict.people
        table = table.with_seat((shift_id, volunteer_id))
    whole = Verdict(tuple(dict.fromkeys(said)), *change)
    reason = require_sound(whole, force, can_force=True)
    move = _carry_out(draft, step, crossed, [one, other], reason)
    named = names_of([one[1], other[1]])
    words = sentence(
        N_("%(one)s与%(other)s互换班次"),
        {"one": named[one[1]].name, "other": named[other[1]].name},
    )
    journal.note(
        actor,
        "change_draft",
        draft,
        f"调整草案：{words}",
        at=at,
        unit_id=draft.unit_id,
        before={"seats": [one, other]},
        after={"seats": crossed},
        reason=reason,
    )
    return Moved(move.id, draft.version, whole, words)


def undo_move(actor: Actor, draft_id: int, *, at: datetime) -> str:
    """Take back the newest change by hand; return what was taken back.

    Raises
    ------
    Refused
        ``not_found``, ``not_allowed``, ``draft_closed``, ``nothing_to_undo``.
    """
    draft = _for_change(actor, draft_id, None)
    move = last_move(draft_id)
    if move is None:
        raise Refused("nothing_to_undo", N_("没有可以撤销的调整。"))
    _delete(draft_id, [(s, v) for s, v, *_ in move.added])
    _insert(draft_id, [(s, v, source, reason) for s, v, source, reason in move.removed])
    move.undone_at = at
    _raise_version(draft, None)
    people = names_of({entry[1] for entry in (*move.added, *move.removed)})
    words = "、".join(named.name for named in people.values())
    journal.note(
        actor, "undo_move", draft, f"撤销对草案的调整：{words}", at=at, unit_id=draft.unit_id
    )
    return words


def discard_draft(actor: Actor, draft_id: int, *, at: datetime) -> DraftRoster:
    """Give a draft up; what is published stays as it is."""
    draft = _for_change(actor, draft_id, None)
    draft.state = advance(draft.state, DraftState.DISCARDED)
    _raise_version(draft, None)
    journal.note(actor, "discard_draft", draft, "弃用排班草案", at=at, unit_id=draft.unit_id)
    return draft


def _for_change(actor: Actor, draft_id: int, version: int | None) -> DraftRoster:
    draft = draft_for(actor, draft_id)
    require_scope(actor, Act.MANAGE_ROSTERS, scope_of_draft(draft))
    if draft.state is not DraftState.OPEN:
        raise Refused(
            "draft_closed",
            N_("这份草案%(state)s，不能再修改。"),
            N_("已发布的排班请在排班看板上调整。"),
            values={"state": draft.state.label},
        )
    if version is not None and draft.version != version:
        raise _moved_on()
    return draft


def _moved_on() -> Refused:
    return Refused(
        "changed_meanwhile",
        N_("草案刚刚被其他人改动过。"),
        N_("请刷新页面，看到最新内容后再操作。"),
    )


def _raise_version(draft: DraftRoster, version: int | None) -> None:
    """Compare and swap: whoever saw an older version is told to look again."""
    seen = draft.version if version is None else version
    changed = db.session.execute(
        update(DraftRoster)
        .where(DraftRoster.id == draft.id, DraftRoster.version == seen)
        .values(version=seen + 1)
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]
        raise _moved_on()
    db.session.refresh(draft, ["version"])


def _carry_out(
    draft: DraftRoster, step: _Step, added: list[Seat], removed: list[Seat], reason: str
) -> DraftMove:
    _raise_version(draft, step.version)
    before = seats_of(draft.id)
    gone = [[s, v, before[s, v].source, before[s, v].forced_reason] for s, v in removed]
    _delete(draft.id, removed)
    _insert(draft.id, [(s, v, HAND, reason) for s, v in added])
    move = DraftMove(
        draft_id=draft.id,
        added=[[s, v] for s, v in added],
        removed=gone,
        made_by_id=step.actor.account_id or 0,
        made_at=step.at,
    )
    db.session.add(move)
    db.session.flush()
    return move


def _delete(draft_id: int, seats: list[Seat]) -> None:
    for shift_id, volunteer_id in seats:
        db.session.execute(
            delete(DraftSeat)
            .where(
                DraftSeat.draft_id == draft_id,
                DraftSeat.shift_id == shift_id,
                DraftSeat.volunteer_id == volunteer_id,
            )
            .execution_options(synchronize_session="fetch")
        )


def _insert(draft_id: int, seats: list[tuple[int, int, str, str]]) -> None:
    for shift_id, volunteer_id, source, reason in seats:
        db.session.execute(
            insert(DraftSeat).values(
                draft_id=draft_id,
                shift_id=shift_id,
                volunteer_id=volunteer_id,
                source=source,
                forced_reason=reason,
            )
        )


def _words(volunteer_id: int, to: int | None, away_from: int | None) -> Sentence:
    named = names_of([volunteer_id])
    name = named[volunteer_id].name if volunteer_id in named else ""
    shifts = shift_names(s for s in (to, away_from) if s is not None)
    values = {
        "name": name,
        "left": shifts.get(away_from or 0, ""),
        "to": shifts.get(to or 0, ""),
    }
    if to is None:
        return sentence(N_("%(name)s 从 %(left)s 移出"), values)
    if away_from is None:
        return sentence(N_("%(name)s 安排到 %(to)s"), values)
    return sentence(N_("%(name)s 从 %(left)s 移到 %(to)s"), values)
