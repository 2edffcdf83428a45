"""The certificate (志愿服务记录证明): its number, its figures, and the bytes that are signed.

A certificate is frozen when it is issued: a *statement* that strangers may read (masked name,
figures, the list of entries) and a *content* with all that is printed. The statement names the
SHA-256 of the content, and the signature covers the statement, so neither can change in silence.
《志愿服务记录与证明出具办法（试行）》（民政部令第67号）第十四条至第十七条.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from hashlib import sha256
from typing import Any

from volunteer.domain.refusal import Refused
from volunteer.domain.words import N_

FORMAT = "volunteer-certificate/1"
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Letters that are not mistaken for one another: no I, L, O, U."""
NUMBER_LETTERS = 20
"""Letters of a number: 100 bits, nobody finds one by trying."""
CODE_LETTERS = 16
"""Letters of the check code that stands on the paper only: 80 bits."""
_GROUP = 4
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})


def spelled(chance: bytes, letters: int) -> str:
    """Spell random bytes in the alphabet of numbers, five bits a letter.

    Raises
    ------
    ValueError
        When there are too few bytes.
    """
    if len(chance) * 8 < letters * 5:
        raise ValueError(f"{letters} letters need {-(-letters * 5 // 8)} bytes of chance")
    number = int.from_bytes(chance, "big")
    return "".join(ALPHABET[number >> (5 * place) & 31] for place in range(letters))


def grouped(number: str) -> str:
    """Return a number as it is printed: 7KQ2-M9XD-3F8T-WZ4R-N6HP."""
    return "-".join(number[i : i + _GROUP] for i in range(0, len(number), _GROUP))


def read_number(text: str) -> str:
    """Return a number as it is stored, from what a person typed or a code held.

    Raises
    ------
    Refused
        ``certificate_number_shape``.
    """
    plain = re.sub(r"[\s\-—–]", "", text[:60]).upper().translate(_READ_AS)
    if len(plain) != NUMBER_LETTERS or any(letter not in ALPHABET for letter in plain):
        hint = N_("编号共 20 位，印在证明的右上角；扫描证明上的二维码更方便。")
        raise Refused(
            "certificate_number_shape", N_("证明编号不完整。"), hint, field="number", status=404
        )
    return plain


def hours_text(minutes: int, step: int = 10) -> str:
    """Return minutes in hours, rounded half up once; ``step`` in hundredths of an hour (10 is 0.1 h)."""
    exact = Decimal(minutes) / 60 * 100 / step
    rounded = exact.quantize(Decimal(1), ROUND_HALF_UP) * step / 100
    return f"{rounded:.2f}" if step == 1 else f"{rounded:.1f}"


def name_commitment(code: str, name: str) -> str:
    """Return what the statement holds instead of the full name: whoever has the paper can compare.

    The check code of the paper goes in, so that a masked name cannot be found by trying names.
    """
    return sha256(f"{FORMAT}/name\x1f{code}\x1f{name}".encode()).hexdigest()


def canonical_json(value: Any) -> str:
    """Return the one way to write a value as JSON: sorted keys, no spaces, UTF-8 as it is."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest_of(text: str) -> bytes:
    """Return the SHA-256 of a text in UTF-8."""
    return sha256(text.encode()).digest()


@dataclass(frozen=True, slots=True)
class Line:
    """One record on a certificate, with the number of its entry in the ledger."""

    seq: int
    record_id: int
    volunteer_id: int
    on: date
    minutes: int
    grade: str
    unit_id: int
    unit: str
    kind: str
    title: str
    content: str
    place: str
    person_in_charge: str


@dataclass(frozen=True, slots=True)
class Sum:
    """Minutes and times under one heading."""

    name: str
    minutes: int
    times: int


def total(lines: Iterable[Line]) -> int:
    """Return the minutes of all lines together; hours are rounded from this sum only."""
    return sum(line.minutes for line in lines)


def sums(pairs: Iterable[tuple[str, int]]) -> list[Sum]:
    """Add up minutes by heading, in the order in which the headings first came."""
    minutes: dict[str, int] = {}
    times: dict[str, int] = {}
    for name, value in pairs:
        minutes[name] = minutes.get(name, 0) + value
        times[name] = times.get(name, 0) + 1
    return [Sum(name, minutes[name], times[name]) for name in minutes]


def by_grade(lines: Sequence[Line]) -> list[Sum]:
    """Return the sums by strength of evidence, the strongest first."""
    return sorted(sums((line.grade, line.minutes) for line in lines), key=lambda each: each.name)


def by_unit(lines: Sequence[Line]) -> list[Sum]:
    """Return the sums by recording unit, the largest first."""
    return _largest(sums((line.unit, line.minutes) for line in lines))


def by_kind(lines: Sequence[Line]) -> list[Sum]:
    """Return the sums by kind of service, the largest first."""
    return _largest(sums((line.kind, line.minutes) for line in lines))


def by_month(lines: Sequence[Line]) -> list[Sum]:
    """Return the sums by month of service, ``2026-11``, the earliest first."""
    return sorted(sums((f"{line.on:%Y-%m}", line.minutes) for line in lines), key=lambda s: s.name)


def _largest(found: list[Sum]) -> list[Sum]:
    return sorted(found, key=lambda each: (-each.minutes, each.name))
