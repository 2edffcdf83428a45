"""The documents keep their word: settings, commands, targets and links exist, and what is shown as code runs."""

import contextlib
import io
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from volunteer.config import Settings
from volunteer.domain.terms import Role

ROOT = Path(__file__).parents[2]
OPERATIONS = ROOT / "docs" / "operations.md"
READMES = [ROOT / "README.md", ROOT / "README.zh-CN.md"]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
FRAMEWORK = {"run", "shell", "routes"}
"""Commands that Flask itself brings along."""


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _blocks(path: Path, language: str) -> list[str]:
    text = path.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, flags=re.S | re.M)


def _own_commands(app: Flask) -> set[str]:
    return set(app.cli.commands) - FRAMEWORK


def _targets() -> set[str]:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z][a-z-]*):.*## ", makefile, flags=re.M))


def test_every_setting_is_explained_with_its_default() -> None:
    rows = dict(
        re.findall(r"^\| `VOLUNTEER_([A-Z_]+)` \| ([^|]+) \|", OPERATIONS.read_text("utf-8"), re.M)
    )
    assert set(rows) == {name.upper() for name in Settings.model_fields}
    for name, field in Settings.model_fields.items():
        if isinstance(field.default, (int, str)) and field.default != "":
            shown = json.dumps(field.default, ensure_ascii=False).strip('"')
            assert f"`{shown}`" in rows[name.upper()], name


def test_every_setting_named_anywhere_exists() -> None:
    for path in DOCUMENTS:
        named = set(re.findall(r"\bVOLUNTEER_([A-Z_]+)\b", path.read_text(encoding="utf-8")))
        assert named <= {name.upper() for name in Settings.model_fields}, _name(path)


@pytest.mark.parametrize("path", DOCUMENTS, ids=_name)
def test_every_command_named_exists(app: Flask, path: Path) -> None:
    named = set(re.findall(r"flask --app wsgi ([a-z][a-z-]*)", path.read_text(encoding="utf-8")))
    assert named <= set(app.cli.commands)


def test_every_command_is_explained(app: Flask) -> None:
    table = set(re.findall(r"^\| `([a-z-]+)[^`]*` \|", OPERATIONS.read_text("utf-8"), re.M))
    assert _own_commands(app) - table == set()


def test_every_target_is_named_and_every_named_target_exists() -> None:
    named: set[str] = set()
    for path in DOCUMENTS:
        text = path.read_text(encoding="utf-8")
        named |= set(re.findall(r"`(?:sudo )?make ([a-z][a-z-]*)", text))
        named |= set(re.findall(r"^make ([a-z][a-z-]*)", text, flags=re.M))
    rows = re.search(r"^\| `make` \|.*?\n\n", OPERATIONS.read_text("utf-8"), re.S | re.M)
    assert rows is not None
    table = set(re.findall(r"`([a-z][a-z-]*)[ `]", rows[0])) - {"make"}
    assert named | table == _targets()


@pytest.mark.parametrize("path", DOCUMENTS, ids=_name)
def test_every_relative_link_leads_somewhere(path: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", path.read_text(encoding="utf-8"), flags=re.S | re.M)
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        target, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", link) or not target:
            continue
        assert (path.parent / target).exists(), link
        assert not anchor, f"{link}: link to the document, headings move"


@pytest.mark.parametrize("path", READMES, ids=_name)
def test_both_readmes_show_the_same_pictures_code_and_roles(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    other = READMES[0].read_text(encoding="utf-8")
    assert re.findall(r"!\[[^\]]*\]\(([^)]+)\)", text) == re.findall(
        r"!\[[^\]]*\]\(([^)]+)\)", other
    )
    assert _blocks(path, "python") == _blocks(READMES[0], "python")
    assert len(re.findall(r"^## ", text, re.M)) == len(re.findall(r"^## ", other, re.M))
    assert len(re.findall(r"^\d\. ", text, re.M)) == len(re.findall(r"^\d\. ", other, re.M))
    assert all(role.label in text for role in Role)


@pytest.fixture
def small_problem(tmp_path: Path) -> dict[str, Any]:
    """The problem of one unit, cut down to a day, in the exchange format."""
    made = tmp_path / "made.json"
    subprocess.run(
        [sys.executable, str(ROOT / "tools" / "make_city.py"), "unit", "1", str(made)],
        check=True,
        capture_output=True,
        timeout=60,
    )
    problem: dict[str, Any] = json.loads(made.read_text(encoding="utf-8"))
    problem["shifts"] = problem["shifts"][:6]
    return problem


def test_the_example_of_the_library_runs(
    small_problem: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (example,) = _blocks(READMES[0], "python")
    (tmp_path / "city.json").write_text(json.dumps(small_problem), encoding="utf-8")
    code = example.replace("city.json.gz", "city.json").replace("workers=2", "workers=1")
    monkeypatch.chdir(tmp_path)
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(code, "README.md", "exec"), {})  # noqa: S102 - our own document
    plan = json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))
    lines = said.getvalue().splitlines()
    assert lines[0].split()[0] == plan["status"] == "optimal"
    assert len(lines) == 1 + min(5, len(plan["short"]))
    assert len(lines) > 1, "the problem must show what a shortage looks like"
    assert all("Why(rule=" in line for line in lines[1:])
