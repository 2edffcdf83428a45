import inspect
import re
from pathlib import Path

import pytest

from volunteer.domain import terms
from volunteer.domain.access import Act

KINDS = [
    kind
    for _, kind in inspect.getmembers(terms, inspect.isclass)
    if issubclass(kind, terms.Term) and kind is not terms.Term
]
GLOSSARY = (Path(__file__).parents[2] / "docs" / "glossary.md").read_text(encoding="utf-8")
ROWS = {
    cells[0]: cells
    for line in GLOSSARY.splitlines()
    if len(cells := [cell.strip() for cell in line.strip("|").split(" | ")]) == 3
}


def test_the_lexicon_is_not_empty():
    assert len(KINDS) > 30
    assert set(terms.__all__) == {kind.__name__ for kind in KINDS} | {"Term"}


@pytest.mark.parametrize("kind", [*KINDS, Act])
def test_every_word_has_a_chinese_label_of_its_own(kind):
    labels = [member.label for member in kind]
    assert len(set(labels)) == len(labels)
    for label in labels:
        assert re.search(r"[\u4e00-\u9fff]|WGS", label)


@pytest.mark.parametrize("kind", [*KINDS, Act])
def test_values_are_lower_case_words_named_as_the_member(kind):
    for member in kind:
        assert member.value == (member.name if kind is terms.Grade else member.name.lower())
        assert str(member) == member.value
        assert kind(member.value) is member


@pytest.mark.parametrize("kind", [*KINDS, Act])
def test_the_glossary_has_every_word_as_it_is(kind):
    words = "、".join(f"`{member.value}` {member.label}" for member in kind)
    assert ROWS[kind.__name__][1] == words
    assert ROWS[kind.__name__][2]


def test_the_glossary_has_no_class_that_is_gone():
    closed = GLOSSARY.split("## Closed sets of words")[1]
    named = set(re.findall(r"^\| (\w+) \| `", closed, flags=re.MULTILINE))
    assert named == {kind.__name__ for kind in [*KINDS, Act]}


def test_one_thing_has_one_word():
    things = GLOSSARY.split("## Closed sets of words")[0].split("| English")[1]
    chinese = re.findall(r"^\| [^|]+ \| ([^|]+) \|", things, flags=re.MULTILINE)
    assert len(set(chinese)) == len(chinese)
