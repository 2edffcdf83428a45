"""Collect the sentences of a Python file for the catalogue: what is marked, and what refusals say.

A ``Refused("code", "sentence", "hint")`` is a sentence for a person like any other, translated
where it is shown. So its second and third argument count as marked, without a word around them.
"""

import ast
from collections.abc import Iterator
from io import BytesIO
from typing import IO, Any

from babel.messages.extract import extract_python

Found = tuple[int, str | None, Any, list[str]]
SAID = ("sentence", "hint")


def extract(
    source: IO[bytes], keywords: Any, comment_tags: Any, options: dict[str, Any]
) -> Iterator[Found]:
    """Yield line, function, text and comments of each text, as Babel asks of an extractor."""
    content = source.read()
    yield from extract_python(BytesIO(content), keywords, comment_tags, options)
    for node in ast.walk(ast.parse(content)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Refused":
            yield from ((line, None, text, []) for line, text in _said(node))


def _said(call: ast.Call) -> Iterator[tuple[int, str]]:
    """The texts of a refusal: the words that may stand as its sentence and as its hint."""
    named = [keyword.value for keyword in call.keywords if keyword.arg in SAID]
    for argument in [*call.args[1:3], *named]:
        yield from _texts(argument)


def _texts(node: ast.expr) -> Iterator[tuple[int, str]]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
        yield node.lineno, node.value
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)
