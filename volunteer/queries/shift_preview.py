"""What a series would make (批量预览): new shifts, those that exist, clashes, past days, key points.

The page shows it before anything is written, and creation asks it again under the lock: one rule for both.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from volunteer.domain.refusal import Refused
from volunteer.domain.series import MOST_SHIFTS, Series, Slot, Terms, require_sound
from volunteer.domain.terms import ShiftState, Term
from volunteer.domain.timekeeping import local_date
from volunteer.domain.words import N_
from volunteer.models.activities import Activity
from volunteer.queries.calendar import day_names, work_calendar
from volunteer.queries.choices import point_names
from volunteer.queries.shifts import inspection_badges, leader_windows, overlapping


class Verdict(Term):
    """What becomes of one shift of a series (预览结果)."""

    NEW = "new", N_("将创建")
    CLASH = "clash", N_("时间冲突")
    EXISTS = "exists", N_("已存在")
    CALLED_OFF = "called_off", N_("已取消过")
    PAST = "past", N_("已过时间")


@dataclass(frozen=True, slots=True)
class Planned:
    """One shift of a series with what was found about it. ``day_name`` is a holiday's or adjusted day's."""

    on: date
    slot: Slot
    starts_at: datetime
    ends_at: datetime
    point_id: int
    point_name: str
    corner: str
    verdict: Verdict
    other: str = ""
    is_leader_busy: bool = False
    badge: str = ""
    day_name: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """A whole series judged; ``unpublished_years`` are judged by the week alone."""

    rows: tuple[Planned, ...]
    unpublished_years: tuple[int, ...]

    def of(self, verdict: Verdict) -> list[Planned]:
        """The rows of one verdict."""
        return [row for row in self.rows if row.verdict is verdict]

    def count(self, word: str) -> int:
        """How many rows have the verdict of this value."""
        return len(self.of(Verdict[word.upper()]))

    @property
    def leader_busy(self) -> int:
        """How many new shifts would go without the named leader, who is elsewhere then."""
        return sum(row.is_leader_busy for row in self.of(Verdict.NEW))

    @property
    def inspected(self) -> int:
        """How many new shifts stand at key points during an inspection."""
        return sum(bool(row.badge) for row in self.of(Verdict.NEW))

    @property
    def days(self) -> int:
        """On how many days new shifts fall."""
        return len({row.on for row in self.of(Verdict.NEW)})


def preview_of(activity: Activity, series: Series, terms: Terms, *, at: datetime) -> Preview:
    """Judge every shift that the series would make in this activity.

    Raises Refused ``not_sound`` (422) with all faults and their fields at once.
    """
    calendar = work_calendar(years=range(series.first_on.year, series.last_on.year + 1))
    names = point_names(series.point_ids)
    faults = [*series.faults(), *terms.faults([slot.minutes for slot in series.slots])]
    faults += _faults_here(activity, series, known=len(names))
    if not faults:
        faults += _count_faults(series.count(calendar))
    require_sound(faults)
    rows = [
        (on, slot, *slot.on(on), point_id, corner)
        for on, slot, point_id, corner in series.laid_out(calendar)
    ]
    judge = _Judge(activity, series, terms, at)
    special = day_names(years=range(series.first_on.year, series.last_on.year + 1))
    return Preview(
        rows=tuple(
            judge.row(on, slot, (start, end), (point_id, names[point_id], corner), special)
            for on, slot, start, end, point_id, corner in rows
        ),
        unpublished_years=tuple(calendar.unpublished_years(series.first_on, series.last_on)),
    )


def _faults_here(activity: Activity, series: Series, *, known: int) -> list[Refused]:
    faults = []
    if series.first_on < activity.starts_on or series.last_on > activity.ends_on:
        faults.append(
            Refused(
                "outside_activity",
                N_("班次日期应在活动起止日期 %(first)s 至 %(last)s 之内。"),
                N_("可以先在活动页修改起止日期。"),
                field="first_on",
                status=422,
                values={"first": activity.starts_on, "last": activity.ends_on},
            )
        )
    if known != len(set(series.point_ids)):
        faults.append(
            Refused(
                "no_such_point", N_("有的点位已停用，请重新选择。"), field="point_ids", status=422
            )
        )
    return faults


def _count_faults(count: int) -> list[Refused]:
    if count == 0:
        sentence = N_("按这些条件没有任何一天需要班次，请检查日期规则。")
        return [Refused("no_day", sentence, field="rule", status=422)]
    if count > MOST_SHIFTS:
        sentence = N_("一次最多创建 %(most)s 个班次，这样会有 %(count)s 个，请缩小日期或点位。")
        values = {"most": MOST_SHIFTS, "count": count}
        return [Refused("too_many", sentence, field="last_on", status=422, values=values)]
    return []


class _Judge:
    """Knows what stands at the points already and where the leader is, from two reads."""

    def __init__(self, activity: Activity, series: Series, terms: Terms, at: datetime) -> None:
        start = min(slot.on(series.first_on)[0] for slot in series.slots)
        end = max(slot.on(series.last_on)[1] for slot in series.slots)
        self.activity_id, self.at = activity.id, at
        self.standing: dict[int, list[tuple[str, datetime, datetime, int, str, ShiftState]]]
        self.standing = defaultdict(list)
        for row in overlapping(point_ids=series.point_ids, from_at=start, until_at=end):
            _shift_id, point_id, *rest = row
            self.standing[point_id].append(tuple(rest))  # type: ignore[arg-type]
        self.busy: list[tuple[datetime, datetime]] = []
        self.has_leader = terms.leader_id is not None
        if terms.leader_id is not None:
            windows = leader_windows(terms.leader_id, from_at=start, until_at=end)
            self.busy = [(first, last) for _, first, last in windows]
        self.badges = inspection_badges(local_date(start), local_date(end))

    def row(
        self,
        on: date,
        slot: Slot,
        window: tuple[datetime, datetime],
        place: tuple[int, str, str],
        special: dict[date, str],
    ) -> Planned:
        verdict, other = self._verdict(window, place[0], place[2])
        return Planned(
            on=on,
            slot=slot,
            starts_at=window[0],
            ends_at=window[1],
            point_id=place[0],
            point_name=place[1],
            corner=place[2],
            verdict=verdict,
            other=other,
            is_leader_busy=verdict is Verdict.NEW and self._take_leader(window),
            badge=self.badges.get((place[0], on), ""),
            day_name=special.get(on, ""),
        )

    def _verdict(
        self, window: tuple[datetime, datetime], point_id: int, corner: str
    ) -> tuple[Verdict, str]:
        clash = ""
        for other_corner, start, end, activity_id, title, state in self.standing[point_id]:
            if activity_id == self.activity_id and (start, other_corner) == (window[0], corner):
                is_off = state is ShiftState.CANCELLED
                return (Verdict.CALLED_OFF if is_off else Verdict.EXISTS), title
            same_corner = not corner or not other_corner or corner == other_corner
            overlaps = start < window[1] and window[0] < end
            if state is not ShiftState.CANCELLED and same_corner and overlaps:
                clash = title
        if window[0] <= self.at:
            return Verdict.PAST, ""
        return (Verdict.CLASH, clash) if clash else (Verdict.NEW, "")

    def _take_leader(self, window: tuple[datetime, datetime]) -> bool:
        """Whether the leader is elsewhere; if not, the window becomes theirs."""
        if not self.has_leader:
            return False
        if any(start < window[1] and window[0] < end for start, end in self.busy):
            return True
        self.busy.append(window)
        return False


def rows_to_make(preview: Preview, insisted: frozenset[Verdict]) -> list[Planned]:
    """The rows that become shifts: the new ones, and those of verdicts on which the organizer insists."""
    return [row for row in preview.rows if row.verdict is Verdict.NEW or row.verdict in insisted]
