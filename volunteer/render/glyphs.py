"""Which characters the paper fonts can draw (字库): read from the fonts themselves, before anything is issued.

The typesetter leaves a missing character out without a word, so the check comes first. A city adds fonts
for rarer characters by putting them into ``fonts/`` of its instance folder.
"""

from __future__ import annotations

import struct
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

OWN_FONTS = Path(__file__).parent / "fonts"
GETA = "\u3013"
"""〓, the printer's mark for a character that the case does not hold."""


class _Case:
    folders: tuple[Path, ...] = (OWN_FONTS,)


def configure(extra: Path) -> None:
    """Let fonts in a further folder be used, if there is one."""
    _Case.folders = (OWN_FONTS, extra) if extra.is_dir() else (OWN_FONTS,)


def folders() -> tuple[Path, ...]:
    """Where fonts are taken from, the product's own first."""
    return _Case.folders


def missing(text: str) -> list[str]:
    """The characters of a text that no font can draw, each once, in their order; spaces count as drawn."""
    known = _covered(_Case.folders)
    return [
        letter
        for letter in dict.fromkeys(text)
        if ord(letter) not in known and unicodedata.category(letter) not in ("Zs", "Cf", "Cc")
    ]


def drawable(text: str) -> str:
    """The text with 〓 for each character that no font can draw."""
    gone = set(missing(text))
    return "".join(GETA if letter in gone else letter for letter in text) if gone else text


@lru_cache(maxsize=4)
def _covered(places: tuple[Path, ...]) -> frozenset[int]:
    found: set[int] = set()
    for folder in places:
        for path in sorted(folder.iterdir()):
            if path.name.endswith(("-Regular.otf", "-Regular.ttf")) or (
                folder != OWN_FONTS and path.suffix in (".otf", ".ttf")
            ):
                found.update(characters_of(path))
    return frozenset(found)


def characters_of(path: Path) -> set[int]:
    """The code points that a font file maps to a glyph (its ``cmap``, formats 4 and 12)."""
    font = path.read_bytes()
    (count,) = struct.unpack_from(">H", font, 4)
    for place in range(count):
        tag, _sum, start, length = struct.unpack_from(">4sLLL", font, 12 + 16 * place)
        if tag == b"cmap":
            return _read(font[start : start + length])
    return set()


def _read(table: bytes) -> set[int]:
    found: set[int] = set()
    (count,) = struct.unpack_from(">H", table, 2)
    for place in range(count):
        platform, encoding, start = struct.unpack_from(">HHL", table, 4 + 8 * place)
        if (platform, encoding) not in ((3, 1), (3, 10), (0, 3), (0, 4)):
            continue
        (kind,) = struct.unpack_from(">H", table, start)
        if kind == 12:
            found.update(_groups(table[start:]))
        elif kind == 4:
            found.update(_segments(table[start:]))
    return found


def _groups(table: bytes) -> Iterator[int]:
    (count,) = struct.unpack_from(">L", table, 12)
    for place in range(count):
        first, last, glyph = struct.unpack_from(">LLL", table, 16 + 12 * place)
        yield from range(first if glyph else first + 1, last + 1)


def _segments(table: bytes) -> Iterator[int]:
    (twice,) = struct.unpack_from(">H", table, 6)
    for place in range(0, twice, 2):
        (last,) = struct.unpack_from(">H", table, 14 + place)
        (first,) = struct.unpack_from(">H", table, 16 + twice + place)
        (shift,) = struct.unpack_from(">h", table, 16 + 2 * twice + place)
        at = 16 + 3 * twice + place
        (offset,) = struct.unpack_from(">H", table, at)
        for code in range(first, last + 1):
            if code == 0xFFFF:
                continue
            if offset:
                (glyph,) = struct.unpack_from(">H", table, at + offset + 2 * (code - first))
                glyph = (glyph + shift) & 0xFFFF if glyph else 0
            else:
                glyph = (code + shift) & 0xFFFF
            if glyph:
                yield code
