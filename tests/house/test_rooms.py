"""The house stands: floors without a circle, rooms of a size, names that mean something, tests that run."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = sorted(
    p for p in (ROOT / "volunteer").rglob("*.py") if "migrations/versions" not in p.as_posix()
)
TESTS = sorted((ROOT / "tests").rglob("*.py"))
LONGEST_ROOM = 400
LONGEST_FUNCTION = 50
MEANINGLESS = {
    "utils",
    "util",
    "helpers",
    "helper",
    "manager",
    "managers",
    "misc",
    "common",
    "data",
    "info",
}


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_the_floors_hold() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]


@pytest.mark.parametrize("path", ROOMS, ids=_name)
def test_a_room_is_small_and_says_what_it_is_for(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert source.count("\n") <= LONGEST_ROOM, "cut it by act"
    assert path.stem not in MEANINGLESS
    assert ast.get_docstring(ast.parse(source)), (
        "a module opens with one sentence that says what it is for"
    )


@pytest.mark.parametrize("path", ROOMS, ids=_name)
def test_a_function_fits_on_a_screen(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    long = [
        f"{node.name}: {node.end_lineno - node.lineno + 1} lines"
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and node.end_lineno
        and node.end_lineno - node.lineno >= LONGEST_FUNCTION
        if node.name not in ("create_app",)
    ]
    assert long == []


def _is_fixture(node: ast.FunctionDef) -> bool:
    return any(
        "fixture" in ast.unparse(d) or "composite" in ast.unparse(d) for d in node.decorator_list
    )


@pytest.mark.parametrize("path", [p for p in TESTS if p.name.startswith("test_")], ids=_name)
def test_every_function_that_asserts_is_a_test_or_called(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    idle = [
        node.name
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef)
        and not node.name.startswith("test_")
        and not _is_fixture(node)
        and len(re.findall(rf"\b{node.name}\b", source)) < 2
    ]
    assert idle == [], "never run"


@pytest.mark.parametrize("path", TESTS, ids=_name)
def test_nothing_is_skipped(path: Path) -> None:
    if path == Path(__file__):
        return
    source = path.read_text(encoding="utf-8")
    for word in ("mark.skip", "pytest.skip(", "mark.xfail", "importorskip", "unittest.skip"):
        assert word not in source


def test_there_is_no_inline_script_or_style() -> None:
    guilty = []
    for path in (ROOT / "volunteer" / "templates").rglob("*.html"):
        source = path.read_text(encoding="utf-8")
        if re.search(r"\son[a-z]+=|<style|\sstyle=|javascript:", source) or re.search(
            r"<script(?![^>]*\ssrc=)", source
        ):
            guilty.append(_name(path))
    assert guilty == []


def test_every_post_form_carries_a_token() -> None:
    bare = []
    for path in (ROOT / "volunteer" / "templates").rglob("*.html"):
        source = path.read_text(encoding="utf-8")
        for form in re.findall(r"<form[^>]*method=\"post\".*?</form>", source, re.S | re.I):
            if "csrf_token" not in form and "hidden_tag" not in form:
                bare.append(_name(path))
    assert bare == []
