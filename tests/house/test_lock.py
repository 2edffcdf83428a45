"""The locks pin every dependency by hash, from no particular registry, and follow the wish lists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ["requirements.txt", "requirements-dev.txt"]


def bare(name):
    return re.sub(r"[-_.]+", "-", re.split(r"[\[;=<> ]", name, maxsplit=1)[0]).lower()


def pins(lock):
    text = (ROOT / lock).read_text(encoding="utf-8").replace("\\\n", " ")
    return {bare(line): line for line in text.splitlines() if line and not line.startswith("#")}


def wishes(name):
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return {bare(line) for line in lines if line.strip() and not line.startswith(("#", "-"))}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_is_exact_and_hashed(lock):
    assert len(pins(lock)) > 30
    for line in pins(lock).values():
        assert re.match(r"[\w.\-\[\]]+==[\w.+!]+ ", line), line
        assert "--hash=sha256:" in line, line


@pytest.mark.parametrize("lock", LOCKS)
def test_no_registry_and_no_path_is_written_down(lock):
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert not re.search(r"://|--index-url|--extra-index|--find-links|file:|/home/", text)


def test_everything_wished_for_is_locked():
    assert wishes("requirements.in") <= set(pins("requirements.txt"))
    assert wishes("requirements-dev.in") <= set(pins("requirements-dev.txt"))


def test_both_locks_agree():
    runtime, dev = pins("requirements.txt"), pins("requirements-dev.txt")
    assert set(runtime) <= set(dev)
    differing = {name for name, line in runtime.items() if line.split()[0] != dev[name].split()[0]}
    assert not differing
