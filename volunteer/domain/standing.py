"""Standings (排行), hours as people read them, and star levels (星级).

Minutes are summed first and rounded once, half up. Equal values share a place and say so.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from volunteer.domain.policy import STANDARD, Policy
from volunteer.domain.terms import StandingBasis

#: Figures of fewer people than this could be traced to a person and are not shown in public.
SMALL_GROUP = 5


def _half_up(value: Fraction) -> int:
    """Round half away from zero."""
    sign = -1 if value < 0 else 1
    return sign * int(abs(value) + Fraction(1, 2))


def hours_of(minutes: int | Fraction, step_hundredths: int = 10) -> Decimal:
    """Return summed minutes as hours, rounded half up to 0.1 (10), 0.01 (1) or 0.5 (50).

    Call it once on a sum, never on the parts: three records of 50 minutes are 2.5 hours.
    """
    steps = _half_up(Fraction(minutes) * 100 / (60 * step_hundredths))
    places = Decimal("0.01") if step_hundredths % 10 else Decimal("0.1")
    return (Decimal(steps * step_hundredths) / 100).quantize(places)


@dataclass(frozen=True, slots=True)
class Tally:
    """What one unit, district, kind or person has in a period.

    ``registered`` are the people on the roll at the end of the period, ``active`` those of them
    with a record in it, ``participations`` person-days, ``earliest_on`` the first day of service.
    """

    owner_id: int
    name: str
    minutes: int = 0
    participations: int = 0
    registered: int = 0
    active: int = 0
    earliest_on: date | None = None

    @property
    def minutes_per_head(self) -> Fraction | None:
        """Minutes per registered person; nothing where nobody is registered."""
        return Fraction(self.minutes, self.registered) if self.registered else None

    @property
    def active_rate(self) -> Fraction | None:
        """Active of registered people, 0 to 1; nothing where nobody is registered."""
        return Fraction(self.active, self.registered) if self.registered else None

    @property
    def is_small_group(self) -> bool:
        """Whether so few served that the figure would point at a person."""
        return 0 < self.active < SMALL_GROUP

    def value(self, basis: StandingBasis) -> Fraction | None:
        """Return the exact figure by which a standing orders."""
        if basis is StandingBasis.TOTAL:
            return Fraction(self.minutes)
        if basis is StandingBasis.PARTICIPATIONS:
            return Fraction(self.participations)
        return self.minutes_per_head if basis is StandingBasis.PER_HEAD else self.active_rate


@dataclass(frozen=True, slots=True)
class Placed:
    """A tally with its place; ``place`` is None where the basis has no figure for it."""

    place: int | None
    is_tied: bool
    tally: Tally
    value: Fraction | None


def standing_of(
    tallies: Iterable[Tally], basis: StandingBasis = StandingBasis.TOTAL
) -> list[Placed]:
    """Order tallies by the exact figure, highest first; equal figures share a place (1, 2, 2, 4).

    Among equals the one with more participations is listed first, then the one that served
    earlier, then by name, so that the list is always the same.
    """
    ordered = sorted(tallies, key=lambda tally: _order(tally, basis))
    values = [tally.value(basis) for tally in ordered]
    placed: list[Placed] = []
    for index, (tally, value) in enumerate(zip(ordered, values, strict=True)):
        if value is None:
            placed.append(Placed(None, False, tally, None))
            continue
        is_same_as_before = index > 0 and values[index - 1] == value
        is_tied = is_same_as_before or values[index + 1 : index + 2] == [value]
        place = placed[-1].place if is_same_as_before else index + 1
        placed.append(Placed(place, is_tied, tally, value))
    return placed


def _order(tally: Tally, basis: StandingBasis) -> tuple[object, ...]:
    value = tally.value(basis)
    first = tally.earliest_on or date.max
    figure = Fraction(0) if value is None else -value
    return value is None, figure, -tally.participations, first, tally.name, tally.owner_id


def percent_of(share: Fraction | None) -> Decimal | None:
    """Return a share as per cent, rounded half up to one place."""
    return None if share is None else Decimal(_half_up(share * 1000)) / 10


def eligible_star(minutes: int, policy: Policy = STANDARD) -> int:
    """Return the star level that minutes make a person eligible for, 0 for none.

    The thresholds 100, 300, 600, 1000 and 1500 hours are those of 民函〔2012〕340号. Eligible is
    not granted: a grant is somebody's decision, 《志愿服务记录与证明出具办法（试行）》第十条. Exact
    minutes count, not the rounded hours on the screen.
    """
    return sum(minutes >= hours * 60 for hours in policy.star_hours)


def minutes_to_next_star(minutes: int, policy: Policy = STANDARD) -> int | None:
    """Return how many minutes are missing to the next level; nothing above the last."""
    level = eligible_star(minutes, policy)
    if level == len(policy.star_hours):
        return None
    return policy.star_hours[level] * 60 - minutes
