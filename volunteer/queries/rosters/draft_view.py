"""A draft as its page shows it (草案对照): cards with people, gains and losses by name, load before and after."""

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from volunteer.domain.access import Actor
from volunteer.domain.terms import AssignmentState, PinVerdict
from volunteer.domain.words import N_
from volunteer.models.base import db
from volunteer.models.rosters import DraftRoster, DraftSeat, SchedulingRun
from volunteer.queries.accounts import units_below
from volunteer.queries.planning import names as words_for
from volunteer.queries.planning import number_of, people_in_reach, problem_of
from volunteer.queries.rosters.board import Board, board_of, pins_on
from volunteer.queries.rosters.changes import Changes, Seat
from volunteer.queries.rosters.drafts import Named, changes_of, names_of, scope_of_draft, seats_of
from volunteer.queries.rosters.table import Table, shift_names
from volunteer.queries.shifts import ShiftLine, shifts_of_week

SKIPPED = {
    "refused": N_("本人已谢绝，不再安排"),
    "released": N_("之后已被取消派班，不再安排"),
    "closed": N_("班次已开始、取消或结算"),
    "gone": N_("已暂停服务或退出"),
    "busy": N_("同一时间已有别的班次"),
    "full": N_("名额已被占满"),
}


@dataclass(frozen=True, slots=True)
class Chip:
    """One person on one shift of the draft. ``mark``: new, kept; ``state`` is what was published."""

    volunteer_id: int
    name: str
    unit_name: str
    mark: str
    state: AssignmentState | None
    pin: PinVerdict | None
    forced_reason: str


@dataclass(frozen=True, slots=True)
class DraftPage:
    """The draft beside what is published."""

    board: Board
    chips: dict[int, list[Chip]]
    lost: dict[int, list[str]]
    heads: dict[int, int]
    needed: int
    seated: int
    missing: int
    short_shifts: int
    missing_now: int
    short_days: frozenset[int]
    changes: Changes


def draft_page(
    actor: Actor, draft: DraftRoster, *, at: datetime, view: str = "", page: int = 1, per: int = 30
) -> DraftPage:
    """Return a page of the draft's board; ``view`` narrows to ``short`` or ``changed`` shifts."""
    seats = seats_of(draft.id)
    changes = changes_of(draft, at=at)
    heads = Counter(shift for shift, _ in (*changes.added, *changes.unchanged, *changes.kept))
    scope_lines = _lines(actor, draft)
    touched = {shift for shift, _ in (*changes.added, *changes.dropped)}
    short = {line.id for line in scope_lines if heads[line.id] < line.min_heads}
    keep = {"short": short, "changed": touched}.get(view)
    lines = [line for line in scope_lines if keep is None or line.id in keep]
    board = board_of(lines, draft.week_on, page=page, per=per)
    chips, lost = _people(draft, board, seats, changes)
    return DraftPage(
        board=board,
        chips=chips,
        lost=lost,
        heads=dict(heads),
        needed=sum(line.min_heads for line in scope_lines),
        seated=sum(heads[line.id] for line in scope_lines),
        missing=sum(max(0, line.min_heads - heads[line.id]) for line in scope_lines),
        short_shifts=len(short),
        missing_now=sum(line.short for line in scope_lines),
        short_days=frozenset(
            (line.service_on - draft.week_on).days for line in scope_lines if line.id in short
        ),
        changes=changes,
    )


def _people(
    draft: DraftRoster, board: Board, seats: dict[Seat, DraftSeat], changes: Changes
) -> tuple[dict[int, list[Chip]], dict[int, list[str]]]:
    """Who stands on the shifts of the page, and who was dropped from them."""
    shown = set(board.shift_ids)
    pairs = [pair for pair in (*seats, *changes.kept) if pair[0] in shown]
    dropped = [pair for pair in changes.dropped if pair[0] in shown]
    named = names_of(volunteer for _, volunteer in (*pairs, *dropped))
    pins = pins_on(shown)
    before = {(s, v): state for s, v, state in draft.base}
    states = {state.value: state for state in AssignmentState}
    added = set(changes.added)
    chips: dict[int, list[Chip]] = defaultdict(list)
    for pair in pairs:
        shift, volunteer = pair
        if volunteer not in named or pair in changes.skipped:
            continue
        chips[shift].append(
            _chip(
                named[volunteer],
                mark="new" if pair in added else "kept",
                state=states.get(before.get(pair, "")),
                pin=pins.get(pair),
                reason=seats[pair].forced_reason if pair in seats else "",
            )
        )
    lost: dict[int, list[str]] = defaultdict(list)
    for shift, volunteer in dropped:
        if volunteer in named:
            lost[shift].append(named[volunteer].name)
    return chips, lost


def _lines(actor: Actor, draft: DraftRoster) -> list[ShiftLine]:
    lines = shifts_of_week(actor, draft.week_on, district_id=draft.district_id)
    if draft.unit_id is not None:
        family = units_below({draft.unit_id})
        lines = [line for line in lines if line.unit_id in family]
    return [line for line in lines if not line.is_off and line.activity_state.value == "published"]


def _chip(
    who: Named,
    *,
    mark: str,
    state: AssignmentState | None,
    pin: PinVerdict | None,
    reason: str,
) -> Chip:
    return Chip(who.id, who.name, who.unit_name, mark, state, pin, reason)


@dataclass(frozen=True, slots=True)
class Price:
    """What one draft would give and cost, to lay several side by side."""

    draft: DraftRoster
    keeps_published: bool | None
    missing: int
    missing_now: int
    added: int
    dropped: int
    people: int
    changed_people: int


def prices_of(actor: Actor, drafts: list[DraftRoster], *, at: datetime) -> list[Price]:
    """Price each draft: the gaps it leaves, and how many people are told what."""
    ids = [draft.run_id for draft in drafts if draft.run_id is not None]
    rows = db.session.execute(
        select(SchedulingRun.id, SchedulingRun.keeps_published).where(SchedulingRun.id.in_(ids))
    )
    modes = {row[0]: row[1] for row in rows}
    found = []
    for draft in drafts:
        changes = changes_of(draft, at=at)
        heads = Counter(s for s, _ in (*changes.added, *changes.unchanged, *changes.kept))
        lines = _lines(actor, draft)
        found.append(
            Price(
                draft=draft,
                keeps_published=modes.get(draft.run_id or 0),
                missing=sum(max(0, line.min_heads - heads[line.id]) for line in lines),
                missing_now=sum(line.short for line in lines),
                added=len(changes.added),
                dropped=len(changes.dropped),
                people=len(changes.people),
                changed_people=len(changes.changed_people),
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One gain, loss, or seat that the world has moved on from, by name."""

    name: str
    unit_name: str
    shift: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class ChangeList:
    """What publishing would do, by name."""

    added: list[ChangeLine]
    dropped: list[ChangeLine]
    kept: list[ChangeLine]
    skipped: list[ChangeLine]
    people: int
    changed_people: int
    unchanged: int


def change_list(draft: DraftRoster, *, at: datetime) -> ChangeList:
    """Name everything that publishing the draft now would change."""
    changes = changes_of(draft, at=at)
    groups = (changes.added, changes.dropped, changes.kept, tuple(changes.skipped))
    pairs = [pair for group in groups for pair in group]
    named = names_of(volunteer for _, volunteer in pairs)
    shifts = shift_names(shift for shift, _ in pairs)

    def lines(group: tuple[tuple[int, int], ...], note: str = "") -> list[ChangeLine]:
        return [
            ChangeLine(
                named[v].name if v in named else "",
                named[v].unit_name if v in named else "",
                shifts.get(s, ""),
                note or SKIPPED.get(changes.skipped.get((s, v), ""), ""),
            )
            for s, v in group
        ]

    return ChangeList(
        added=lines(changes.added),
        dropped=lines(changes.dropped),
        kept=lines(changes.kept, N_("草案生成后已接受或加入，保留")),
        skipped=lines(tuple(changes.skipped)),
        people=len(changes.people),
        changed_people=len(changes.changed_people),
        unchanged=len(changes.unchanged),
    )


@dataclass(frozen=True, slots=True)
class Load:
    """How hours spread over people and units, as published and as drafted."""

    steps: list[tuple[str, int, int]]  # label, people now, people in the draft
    units: list[
        tuple[str, int, int, int, int]
    ]  # name, people, minutes now, in the draft, fair share
    idle: int
    people: int


STEPS = (
    (N_("没有班次"), 0),
    (N_("1 小时以内"), 60),
    (N_("1—2 小时"), 120),
    (N_("2—3 小时"), 180),
    (N_("3—4 小时"), 240),
)
MORE = N_("4 小时以上")


def load_of(draft: DraftRoster, *, at: datetime) -> Load:
    """Count people by their hours of the week, before and after, and add hours up by unit.

    Of people only the units are read: nobody's times, skills and wishes matter here.
    """
    scope = scope_of_draft(draft)
    table = Table(problem_of(draft.week_on, scope, at=at, only=()), set(seats_of(draft.id)))
    people = people_in_reach(draft.week_on, scope, at=at)
    minutes = {number_of(duty.id): duty.minutes for duty in table.problem.duties}
    before: Counter[int] = Counter()
    for shift, volunteer, _ in draft.base:
        before[int(str(volunteer))] += minutes.get(int(str(shift)), 0)
    after: Counter[int] = Counter()
    for shift_id, volunteer_id in table.seats:
        after[volunteer_id] += minutes.get(shift_id, 0)
    steps = [_step(before, after, people, i) for i in range(len(STEPS) + 1)]
    by_unit: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for volunteer_id, unit_id in people.items():
        sums = by_unit[words_for.unit(unit_id)]
        sums[0] += 1
        sums[1] += before[volunteer_id]
        sums[2] += after[volunteer_id]
    fair = {unit.id: unit.fair_minutes for unit in table.problem.units}
    units = [
        (table.name("unit", unit), sums[0], sums[1], sums[2], fair.get(unit, 0))
        for unit, sums in by_unit.items()
    ]
    units.sort(key=lambda unit: (-unit[3], unit[0]))
    return Load(steps, units, steps[0][2], len(people))


def _step(
    before: Counter[int], after: Counter[int], people: Collection[int], at: int
) -> tuple[str, int, int]:
    low = -1 if at == 0 else STEPS[at - 1][1]
    high = STEPS[at][1] if at < len(STEPS) else 10**9
    label = STEPS[at][0] if at < len(STEPS) else MORE
    return (
        label,
        sum(low < before[who] <= high for who in people),
        sum(low < after[who] <= high for who in people),
    )
