"""What a single text cell needs before a spreadsheet may see it, and how to take it back.

A spreadsheet runs a text that looks like a formula (公式注入) and turns a long number into
4.30502E+17. `guarded` puts an apostrophe before such a text in a CSV file, `unguarded` takes it off
again when the file comes back; the two are exact inverses. XLSX needs no mark, its cells are typed.
"""

from __future__ import annotations

import re
import unicodedata

LONGEST_TEXT = 32_767
"""UTF-16 units that a cell of Excel can hold."""

_BLANK = (
    r"\s\u00a0\u00ad\u180e\u200b-\u200f\u2028-\u202f\u2060-\u2064\u2066-\u2069\u3000\ufeff\x00-\x20"
)
_DANGER = re.compile(
    rf"[{_BLANK}]*[;,|]?[{_BLANK}]*[=+\-@＝＋－＠]"  # a formula, also behind blanks or a separator
    r"|[\t\r\n\x00]"  # cut off by some readers, the rest then stands first
    r"|(?:\d{12,}|0\d+|\d+[eE]\d+)\Z"  # digits that would be rounded, shortened or blown up
)
_ILLEGAL_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_WIDE = {"W", "F", "A"}


def guarded(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet would not take as plain text."""
    return "'" + text if _DANGER.match(text.lstrip("'")) else text


def unguarded(text: str) -> str:
    """Take off the apostrophe that `guarded` put before a text."""
    return text[1:] if text[:1] == "'" and _DANGER.match(text.lstrip("'")) else text


def storable(text: str) -> str:
    """Drop what XML cannot carry, cut what a cell cannot hold, and disarm markup.

    XlsxWriter writes a text between `<r>` and `</r>` as markup of its own, unescaped: a blank
    behind it keeps it a text.
    """
    text = _ILLEGAL_IN_XML.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    if len(text.encode("utf-16-le")) // 2 > LONGEST_TEXT:
        shorter = text.encode("utf-16-le")[: 2 * (LONGEST_TEXT - 1)]
        text = shorter.decode("utf-16-le", errors="ignore") + "…"
    return text + " " if text.startswith("<r>") and text.endswith("</r>") else text


def width_of(text: str) -> int:
    """Columns that the longest line of `text` takes: two for a Chinese character, one for a digit."""
    lines = text.splitlines() or [""]
    return max(sum(2 if unicodedata.east_asian_width(c) in _WIDE else 1 for c in s) for s in lines)
