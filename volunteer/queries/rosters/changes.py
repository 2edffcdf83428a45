"""What publishing a draft would change (三方比对): the draft, what it was made over, and what is so now.

A pure comparison: publishing acts on it, the page before the button shows it, and they cannot differ.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from volunteer.domain.terms import AssignmentState

Seat = tuple[int, int]  # (shift id, volunteer id)


@dataclass(frozen=True, slots=True)
class Now:
    """How things stand at this moment, for the shifts and people of the draft."""

    live: Mapping[Seat, AssignmentState]
    refused: frozenset[Seat] = frozenset()
    open_shifts: Mapping[int, int] = field(default_factory=dict)  # shift -> most heads
    askable: frozenset[int] = frozenset()  # volunteers who may still be asked
    busy: frozenset[Seat] = frozenset()  # additions that meet a seat outside the draft


@dataclass(frozen=True, slots=True)
class Changes:
    """What publishing does, seat by seat; ``kept`` and ``skipped`` say where the world moved on.

    ``skipped`` gives the reason: refused (said no since), released (taken off by hand since), closed
    (shift cancelled, begun or gone), gone (person paused or left), busy (has another seat at that
    time), full (others took the seats).
    """

    added: tuple[Seat, ...]
    dropped: tuple[Seat, ...]
    unchanged: tuple[Seat, ...]
    kept: tuple[Seat, ...]
    skipped: Mapping[Seat, str]

    @property
    def people(self) -> frozenset[int]:
        """Everybody who has to be told something."""
        return frozenset(volunteer for _, volunteer in (*self.added, *self.dropped))

    @property
    def changed_people(self) -> frozenset[int]:
        """Those whose published duties change: who lose a seat that they were told of."""
        return frozenset(volunteer for _, volunteer in self.dropped)

    @property
    def is_empty(self) -> bool:
        """Whether publishing would change nothing."""
        return not (self.added or self.dropped)


def compare(
    base: Mapping[Seat, AssignmentState],
    draft: Mapping[Seat, str],
    now: Now,
) -> Changes:
    """Compare a draft (seat -> source) with what it was made over and with the present.

    Nothing that was published changes silently: a seat accepted since the draft was made stays, though
    the draft would drop it; one declined since is not asked again; one added since stays.
    """
    unchanged = [seat for seat in draft if seat in now.live]
    dropped: list[Seat] = []
    kept: list[Seat] = []
    for seat, state in now.live.items():
        if seat in draft:
            continue
        said_yes_since = (
            state is AssignmentState.ACCEPTED and base.get(seat) is AssignmentState.PROPOSED
        )
        (kept if seat not in base or said_yes_since else dropped).append(seat)
    added, skipped = _additions(base, draft, now, Counter(s for s, _ in (*unchanged, *kept)))
    return Changes(
        tuple(sorted(added)),
        tuple(sorted(dropped)),
        tuple(sorted(unchanged)),
        tuple(sorted(kept)),
        skipped,
    )


def _additions(
    base: Mapping[Seat, AssignmentState], draft: Mapping[Seat, str], now: Now, heads: Counter[int]
) -> tuple[list[Seat], dict[Seat, str]]:
    added: list[Seat] = []
    skipped: dict[Seat, str] = {}
    for seat in _by_hand_first(draft):
        if seat in now.live:
            continue
        shift, volunteer = seat
        by_hand = draft[seat] == "hand"
        if shift not in now.open_shifts:
            skipped[seat] = "closed"
        elif volunteer not in now.askable:
            skipped[seat] = "gone"
        elif seat in now.refused and not by_hand:
            skipped[seat] = "refused"
        elif seat in base and seat not in now.refused:
            skipped[seat] = "released"
        elif seat in now.busy:
            skipped[seat] = "busy"
        elif heads[shift] >= now.open_shifts[shift]:
            skipped[seat] = "full"
        else:
            added.append(seat)
            heads[shift] += 1
    return added, skipped


def _by_hand_first(draft: Mapping[Seat, str]) -> Iterable[Seat]:
    return sorted(draft, key=lambda seat: (draft[seat] != "hand", seat))
