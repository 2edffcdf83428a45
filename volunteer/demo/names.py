"""Inventing people (虚构人员) for the demo city: names, numbers and phones that look lived in.

Nobody here exists: names of well-known people are never drawn, the citizen numbers have a valid
check digit but a sequence place (900 and above) that is hardly ever given out, and phones come from
blocks kept for the demo. The same seed gives the same people in the same order.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Any

from volunteer.domain.identity import check_digit
from volunteer.domain.terms import Sex

NAMES = Path(__file__).parent / "data" / "names.json"
PHONE_BLOCKS = ("1990739", "1980739", "1910739")
RESIDENCE_CODES = ("430502", "430503", "430511", "430521", "430522", "430523", "430524", "430525")
"""Districts and counties around the city, as they stand in the first six places."""

DOTTED_SHARE = 0.02
RARE_SHARE = 0.01
BEYOND_BMP_SHARE = 0.5
"""Of the rare names, those with a character outside the first plane of Unicode."""

AGES: dict[str, tuple[int, int, int]] = {
    "office": (24, 59, 38),
    "agency": (23, 59, 41),
    "public institution": (22, 59, 37),
    "state enterprise": (21, 59, 43),
    "mass organisation": (22, 50, 30),
    "street office": (23, 59, 39),
    "residents' committee": (25, 64, 46),
    "school": (14, 18, 16),
    "veterans": (60, 75, 65),
}
"""Youngest, eldest and commonest age of the people of a kind of unit."""


@dataclass(frozen=True)
class InventedPerson:
    """One person of the demo city."""

    name: str
    sex: Sex
    born_on: date
    citizen_number: str
    phone: str

    @property
    def birth_year(self) -> int:
        return self.born_on.year


class Inventor:
    """Invents people, no two with the same citizen number or phone. Names may repeat, as in life."""

    def __init__(self, seed: int) -> None:
        told: dict[str, Any] = json.loads(NAMES.read_text(encoding="utf-8"))
        self._chance = Random(f"people {seed}")
        self._phones = _phones(Random(f"phones {seed}"))
        self._numbers: set[str] = set()
        self._surnames = list(told["surnames"])
        self._surname_weights = list(accumulate(told["surnames"].values()))
        self._given: dict[str, Any] = told["given"]
        self._rare: dict[str, list[str]] = told["rare"]
        self._dotted: dict[str, list[str]] = told["dotted"]
        self._avoided = frozenset(told["avoided"])

    def person(
        self,
        sex: Sex | None = None,
        born_between: tuple[int, int] = (1960, 2004),
        residence_code: str | None = None,
    ) -> InventedPerson:
        """Invent a person born in one of the years (both included), registered at the code."""
        return self._born(sex, self._chance.randint(*born_between), residence_code)

    def member(
        self, unit_kind: str, year: int, sex: Sex | None = None, residence_code: str | None = None
    ) -> InventedPerson:
        """Invent someone of a unit of this kind, of an age that is usual there in `year`."""
        youngest, eldest, commonest = AGES[unit_kind]
        age = round(self._chance.triangular(youngest, eldest, commonest))
        return self._born(sex, year - age, residence_code)

    def _born(self, sex: Sex | None, year: int, residence_code: str | None) -> InventedPerson:
        sex = sex or self._chance.choice((Sex.FEMALE, Sex.MALE))
        code = residence_code or self._chance.choices(RESIDENCE_CODES, (5, 5, 4, 2, 1, 1, 1, 1))[0]
        days = (date(year, 12, 31) - date(year, 1, 1)).days
        born_on = date(year, 1, 1) + timedelta(days=self._chance.randint(0, days))
        name = self._name(sex, year)
        return InventedPerson(
            name, sex, born_on, self._number(code, born_on, sex), next(self._phones)
        )

    def _name(self, sex: Sex, year: int) -> str:
        draw = self._chance.random()
        if draw < DOTTED_SHARE:
            # the second part is the father's name
            own, father = self._dotted[sex.value], self._dotted[Sex.MALE.value]
            first = self._chance.choice(own)
            return f"{first}·{self._chance.choice([name for name in father if name != first])}"
        is_rare = draw < DOTTED_SHARE + RARE_SHARE
        for _ in range(1_000):
            (surname,) = self._chance.choices(self._surnames, cum_weights=self._surname_weights)
            given = self._rare_given(sex, year) if is_rare else self._usual_given(sex, year)
            if surname + given not in self._avoided and surname != given[:1]:
                return surname + given
        raise RuntimeError("every name drawn belongs to somebody well known")

    def _usual_given(self, sex: Sex, year: int) -> str:
        pool = self._given[sex.value][_generation(year)]
        draw = self._chance.random()
        if draw < 0.14:
            return str(self._chance.choice(pool["single"]))
        if draw < 0.62:
            return str(self._chance.choice(pool["whole"]))
        first = self._chance.choice(pool["first"])
        return first + str(self._chance.choice([c for c in pool["second"] if c != first]))

    def _rare_given(self, sex: Sex, year: int) -> str:
        is_beyond = self._chance.random() < BEYOND_BMP_SHARE
        sign = self._chance.choice(
            [c for c in self._rare[sex.value] if (c > "\uffff") == is_beyond]
        )
        if self._chance.random() < 0.5:
            return sign
        return str(self._chance.choice(self._given[sex.value][_generation(year)]["first"])) + sign

    def _number(self, code: str, born_on: date, sex: Sex) -> str:
        """A citizen number (rules of GB 11643): the sequence is odd for men and even for women."""
        parity = 1 if sex is Sex.MALE else 0
        sequences = [number for number in range(900, 990) if number % 2 == parity]
        for sequence in self._chance.sample(sequences, len(sequences)):
            digits = f"{code}{born_on:%Y%m%d}{sequence}"
            number = digits + check_digit(digits)
            if number not in self._numbers:
                self._numbers.add(number)
                return number
        raise RuntimeError("no citizen number is left for this place, day and sex")


def _generation(year: int) -> str:
    """The time whose names were given in that year."""
    for last, name in ((1959, "1950"), (1974, "1965"), (1986, "1980"), (1996, "1990")):
        if year <= last:
            return name
    return "2000"


def _phones(chance: Random) -> Iterator[str]:
    for block in PHONE_BLOCKS:
        for number in chance.sample(range(10_000), 10_000):
            yield f"{block}{number:04}"
    raise RuntimeError("every phone of the demo blocks is taken")
