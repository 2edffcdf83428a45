"""The one way in which input is refused: the path of the value, and one sentence about it."""

import re

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_LONGEST = 60


class BadInput(Exception):
    """Input that the format does not allow.

    Parameters
    ----------
    path
        The path of the offending value (``shifts[12].site``), ``$`` for the whole document, or a
        file name where the file itself is at fault.
    sentence
        What is wrong with it, in one line.
    """

    def __init__(self, path: str, sentence: str) -> None:
        super().__init__(path, sentence)
        self.path = path
        self.sentence = sentence

    def __str__(self) -> str:
        return one_line(f"{self.path}: {self.sentence}")


def one_line(text: str) -> str:
    """Return ``text`` without any character that would break a line or cannot be printed."""
    if text.isprintable():
        return text
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text
    )


def key_path(key: str) -> str:
    """Return the step of a path that leads to a key: ``.site``, or ``["odd key"]``."""
    if _NAME.match(key):
        return "." + (key if len(key) <= _LONGEST else key[:_LONGEST] + "…")
    return f"[{quoted(key)}]"


def quoted(text: str) -> str:
    """Return ``text`` in quotes, printable and cut to a sensible length."""
    return repr(text if len(text) <= _LONGEST else text[:_LONGEST] + "…")
