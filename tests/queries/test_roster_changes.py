"""Three ways: the draft, what it was made over, and what is so now. No database."""

from volunteer.domain.terms import AssignmentState
from volunteer.queries.rosters.changes import Now, compare

P, A = AssignmentState.PROPOSED, AssignmentState.ACCEPTED
OPEN = {1: 3, 2: 3}
ALL = frozenset(range(10, 40))


def now(live: dict[tuple[int, int], AssignmentState], **more: object) -> Now:
    values = {"open_shifts": OPEN, "askable": ALL, **more}
    return Now(live=live, **values)  # type: ignore[arg-type]


def test_gains_losses_and_what_stays() -> None:
    base = {(1, 10): P, (1, 11): A}
    found = compare(base, {(1, 10): "kept", (2, 12): "solver"}, now({(1, 10): P, (1, 11): A}))
    assert found.added == ((2, 12),)
    assert found.dropped == ((1, 11),)
    assert found.unchanged == ((1, 10),)
    assert (found.kept, found.skipped) == ((), {})
    assert found.people == {11, 12}
    assert found.changed_people == {11}


def test_a_seat_accepted_since_is_kept_though_the_draft_drops_it() -> None:
    found = compare({(1, 10): P}, {}, now({(1, 10): A}))
    assert found.kept == ((1, 10),)
    assert found.dropped == ()


def test_a_seat_added_since_is_kept_and_counts_against_the_seats() -> None:
    live = {(1, v): P for v in (20, 21, 22)}
    found = compare({}, {(1, 10): "solver"}, now(live))
    assert set(found.kept) == set(live)
    assert found.skipped == {(1, 10): "full"}


def test_a_seat_declined_since_is_not_asked_again_unless_by_hand() -> None:
    seat = (1, 10)
    refused = frozenset({seat})
    assert compare({seat: P}, {seat: "kept"}, now({}, refused=refused)).skipped == {seat: "refused"}
    assert compare({}, {seat: "solver"}, now({}, refused=refused)).skipped == {seat: "refused"}
    assert compare({}, {seat: "hand"}, now({}, refused=refused)).added == (seat,)


def test_a_seat_released_since_stays_released() -> None:
    seat = (1, 10)
    assert compare({seat: A}, {seat: "kept"}, now({})).skipped == {seat: "released"}


def test_closed_gone_and_busy_are_said() -> None:
    draft = {(3, 10): "solver", (1, 50): "solver", (1, 11): "solver"}
    found = compare({}, draft, now({}, busy=frozenset({(1, 11)})))
    assert found.skipped == {(3, 10): "closed", (1, 50): "gone", (1, 11): "busy"}
    assert found.is_empty


def test_seats_by_hand_come_first_when_they_run_out() -> None:
    draft = {(1, v): "solver" for v in (10, 11, 12)} | {(1, 30): "hand"}
    found = compare({}, draft, now({}))
    assert (1, 30) in found.added
    assert len(found.added) == 3
    assert list(found.skipped.values()) == ["full"]
