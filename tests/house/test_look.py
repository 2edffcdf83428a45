"""The look keeps its promises: weight, checksums, no inline style or script, old engines."""

import base64
import gzip
import hashlib
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "volunteer/templates").rglob("*.html"))
STATIC = ROOT / "volunteer/static"


def _named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize(
    "inventory", ["volunteer/static/vendor/vendor.json", "tests/vendor/vendor.json"]
)
def test_vendored_files_are_what_they_say(inventory: str) -> None:
    entries = json.loads((ROOT / inventory).read_text())
    assert entries
    for entry in entries:
        digest = base64.b64encode(hashlib.sha384((ROOT / entry["file"]).read_bytes()).digest())
        assert digest.decode() == entry["sha384"], entry["file"]
        assert entry["licence"]
        assert entry["version"]


@pytest.mark.parametrize("folder", ["volunteer/static/vendor", "tests/vendor"])
def test_every_vendored_script_is_in_the_inventory(folder: str) -> None:
    listed = {entry["file"] for entry in json.loads((ROOT / folder / "vendor.json").read_text())}
    assert {_named(path) for path in (ROOT / folder).glob("*.js")} <= listed


@pytest.mark.parametrize("path", TEMPLATES, ids=_named)
def test_templates_carry_no_inline_style_or_script(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"\sstyle\s*=", text)
    assert not re.search(r"<style\b", text)
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text)
    for tag in re.findall(r"<script\b[^>]*>", text):
        assert "src=" in tag
    assert not re.search(r"(?:src|href)\s*=\s*[\"'](?:https?:)?//", text), "a foreign origin"


def test_a_phone_page_is_light() -> None:
    parts = ["css/app.css", "vendor/htmx.min.js", "js/app.js", "img/mark.svg", "img/chevron.svg"]
    weight = sum(len(gzip.compress((STATIC / part).read_bytes(), 6)) for part in parts)
    assert weight < 40_000


@pytest.mark.parametrize("path", sorted((STATIC / "js").glob("*.js")), ids=_named)
def test_scripts_suit_old_engines(path: Path) -> None:
    text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S)
    assert "?." not in re.sub(r"\?\.\d", "", text)
    assert "??" not in text
    assert not re.search(r"\beval\(|new Function|innerHTML|\.at\(-", text)


def test_every_icon_that_a_template_names_is_drawn() -> None:
    drawn = set(
        re.findall(
            r'^  "([a-z0-9-]+)":',
            (ROOT / "volunteer/templates/components/icons.html").read_text(),
            flags=re.M,
        )
    )
    for path in TEMPLATES:
        for name in re.findall(r'(?:icon\(|glyph=|"glyph": )"([a-z0-9-]+)"', path.read_text()):
            assert name in drawn, f"{_named(path)}: {name}"


def test_stylesheet_knows_every_class_that_components_name() -> None:
    css = "".join(path.read_text() for path in (STATIC / "css").glob("*.css"))
    known = set(re.findall(r"\.([a-z][a-z0-9_-]*)", css))
    hooks = {
        "has-script",
        "person-name",
        "pager",
        "timeline-plain",
        "tone-plain",
        "pill-plain",
        "button-plain",
    }
    for path in TEMPLATES:
        for value in re.findall(r'class="([^"{}]+)"', path.read_text()):
            for name in value.split():
                assert name in known | hooks, f"{_named(path)}: class {name} is in no stylesheet"


def test_words_of_scripts_can_be_translated() -> None:
    said: set[str] = set()
    for path in (STATIC / "js").glob("*.js"):
        text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S)
        said |= set(re.findall(r"word\(\"([^\"]+)\"", text))
        for sentence in re.findall(r'"([^"]*[\u4e00-\u9fff][^"]*)"', text):
            assert sentence in said or sentence in ("：",), (
                f"{path.name}: {sentence} is not wrapped in word()"
            )
    listed = set(
        re.findall(
            r'^  "([^"]+)":',
            (ROOT / "volunteer/templates/layouts/words.html").read_text(),
            flags=re.M,
        )
    )
    assert said == listed
