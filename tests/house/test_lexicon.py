import inspect
import re

from volunteer.domain import terms
from volunteer.domain.access import Act

KINDS = [
    kind
    for _, kind in inspect.getmembers(terms, inspect.isclass)
    if issubclass(kind, terms.Term) and kind is not terms.Term
]


def test_every_word_has_a_chinese_label():
    for kind in [*KINDS, Act]:
        labels = [member.label for member in kind]
        assert len(set(labels)) == len(labels), kind
        for member in kind:
            assert re.search(r"[\u4e00-\u9fff]|WGS", member.label), member


def test_values_are_lower_case_words_named_as_the_member():
    for kind in [*KINDS, Act]:
        for member in kind:
            assert member.value == (member.name if kind is terms.Grade else member.name.lower())
            assert str(member) == member.value
