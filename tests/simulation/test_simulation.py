"""The simulated city: some seeds in every run, many in the fault suite; and broken rules are found."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.simulation.run import live
from tests.simulation.world import World, a_world
from volunteer.operations.attendance import marks, stamping
from volunteer.operations.ledger import enter, recount, restate, settle
from volunteer.operations.rosters import guard

FIRST, PART, PARTS = 1, 100, 10
FEW = 15


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """The city, built once."""
    with a_world() as made:
        yield made


def _broken(world: World, seeds: range) -> tuple[list[str], Counter[str]]:
    found, outcomes = [], Counter[str]()
    for seed in seeds:
        life = live(world, seed)
        outcomes += life.outcomes
        if life.broken:
            found.append(f"seed {seed}: {life.broken}")
    return found, outcomes


def test_some_lives_of_the_city(world: World) -> None:
    found, outcomes = _broken(world, range(FIRST, FIRST + FEW))
    assert found == []
    on_site = ("scan", "scan_person", "roll_call", "force", "settle", "restate", "undo", "answer")
    later = ("begin_draft", "publish_draft", "decide_late", "object_to", "ask_make_up", "days_pass")
    for act in (*on_site, *later):
        assert outcomes[f"{act} done"], f"nobody ever managed to {act}: {outcomes}"
    assert sum(count for name, count in outcomes.items() if name.endswith(" cut")) > FEW / 5


def test_a_seed_is_lived_the_same_way_twice(world: World) -> None:
    assert live(world, 7).log == live(world, 7).log
    assert live(world, 7).log != live(world, 8).log


@pytest.mark.faults
@pytest.mark.parametrize("part", range(PARTS))
def test_a_thousand_lives_of_the_city(
    world: World, part: int, figure: Callable[[str], None]
) -> None:
    begin = FIRST + part * PART
    found, outcomes = _broken(world, range(begin, begin + PART))
    cut = sum(count for name, count in outcomes.items() if name.endswith(" cut"))
    done = sum(count for name, count in outcomes.items() if name.endswith(" done"))
    figure(f"{PART} seeds, {sum(outcomes.values())} acts: {done} done, {cut} cut by a fault")
    assert found == []


def _no_seat_guard(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(guard, "require_seat", lambda shift_id: None)
    monkeypatch.setattr(marks, "_check_room", lambda seat, at: None)
    return "I4"


def _no_other_person(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(restate, "require_other", lambda *_: None)
    return "I7"


def _no_cutting_of_doubles(monkeypatch: pytest.MonkeyPatch) -> str:
    for module in (settle, restate, recount, enter):
        monkeypatch.setattr(module, "hours_elsewhere", lambda *_: {})
    return "I4"


def _no_audit_line(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(stamping, "_note", lambda *_: None)
    return "I5"


def _reversal_forgotten(monkeypatch: pytest.MonkeyPatch) -> str:
    real: Any = restate.post
    monkeypatch.setattr(
        restate, "post", lambda entries: real([e for e in entries if e.minutes > 0])
    )
    return "I3"


@pytest.mark.parametrize(
    ("rule", "first"),
    [
        (_no_seat_guard, FIRST),
        (_no_other_person, FIRST),
        (_no_cutting_of_doubles, 400),  # two shifts at once, both by hand: one life in fifty
        (_no_audit_line, FIRST),
        (_reversal_forgotten, FIRST),
    ],
    ids=lambda given: getattr(given, "__name__", "").strip("_"),
)
def test_a_rule_that_is_taken_away_is_missed(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    rule: Callable[[pytest.MonkeyPatch], str],
    first: int,
) -> None:
    """The simulator can fail: without one rule it finds the damage within some seeds."""
    expected = rule(monkeypatch)
    for seed in range(first, first + 120):
        life = live(world, seed)
        if life.broken:
            assert life.broken.startswith(expected), life.broken
            return
    raise AssertionError("nobody noticed")
