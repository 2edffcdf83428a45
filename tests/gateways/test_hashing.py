"""Passwords are checked by a child that makes way for others, and that may die."""

import os
import time
from collections.abc import Iterator

import pytest

from volunteer.domain.refusal import Refused
from volunteer.gateways.hashing import HASHER, POLITENESS, Checker
from volunteer.operations import passwords


@pytest.fixture
def checker() -> Iterator[Checker]:
    checker = Checker()
    yield checker
    checker.close()


def test_right_and_wrong_and_what_is_no_hash(checker: Checker) -> None:
    stored = HASHER.hash("每天走一万步 \"'\\\n")
    assert checker.is_right(stored, "每天走一万步 \"'\\\n")
    assert not checker.is_right(stored, "每天走一万步")
    assert not checker.is_right("no hash at all", "x")


def test_the_child_makes_way_for_others(checker: Checker) -> None:
    checker.is_right("x", "x")
    assert checker._child is not None
    assert os.getpriority(os.PRIO_PROCESS, checker._child.pid) == min(
        19, os.getpriority(os.PRIO_PROCESS, 0) + POLITENESS
    )


def test_a_dead_child_is_replaced(checker: Checker) -> None:
    stored = HASHER.hash("a good long phrase")
    assert checker.is_right(stored, "a good long phrase")
    first = checker._child
    assert first is not None
    first.kill()
    assert checker.is_right(stored, "a good long phrase")
    assert checker._child is not first


def test_the_child_ends_with_its_parent(checker: Checker) -> None:
    checker.is_right("x", "x")
    child = checker._child
    assert child is not None
    assert child.stdin is not None
    child.stdin.close()
    until = time.monotonic() + 10
    while child.poll() is None and time.monotonic() < until:
        time.sleep(0.05)
    assert child.returncode == 0
    assert child.stdout is not None
    child.stdout.close()
    checker._child = None


def test_who_comes_when_all_places_are_taken_is_told_at_once() -> None:
    for _ in range(passwords.MOST_WAITING):
        assert passwords._places.acquire(blocking=False)
    try:
        for ask in (passwords.require_room, lambda: passwords.matches(None, "x")):
            with pytest.raises(Refused) as refused:
                ask()
            assert (refused.value.code, refused.value.status) == ("busy", 503)
    finally:
        for _ in range(passwords.MOST_WAITING):
            passwords._places.release()
    passwords.require_room()
    assert not passwords.matches(None, "x")
