"""Keeping and erasing (到期清除): what is due is erased by the clock, and a row says when and how much.

A room that keeps something for a time registers an eraser under a code of :mod:`volunteer.domain.retention`:
``@erases("location")`` over a function of the cutoff that returns how many it erased. Modules of this
package are loaded by :func:`load_erasers`. An eraser takes a bounded bite; the clock comes back.
"""

import pkgutil
from collections.abc import Callable
from datetime import datetime
from importlib import import_module

from sqlalchemy import func, select

from volunteer.domain.retention import BY_CODE, cutoff
from volunteer.domain.timekeeping import beijing, local_date
from volunteer.models.base import db
from volunteer.models.journal import Erasure
from volunteer.queries.policy import policy_on

BITE = 500
"""How many rows one eraser takes in one transaction."""

Eraser = Callable[[datetime, datetime], int]
ERASERS: dict[str, Eraser] = {}


def erases(code: str) -> Callable[[Eraser], Eraser]:
    """Register the eraser of a kind of data: (cutoff, now) to how many were erased."""
    assert code in BY_CODE, f"{code} stands in no line of retention"

    def register(eraser: Eraser) -> Eraser:
        ERASERS[code] = eraser
        return eraser

    return register


def load_erasers() -> None:
    """Import every module of this package, so that its erasers register."""
    for module in pkgutil.iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")


def erase_due(code: str, *, at: datetime) -> int:
    """Erase one bite of what is due; a row is kept when anything was, and once a day when nothing was."""
    policy = policy_on(local_date(at))
    line = cutoff(BY_CODE[code], policy, at)
    count = ERASERS[code](line, at)
    if count or not _ran_today(code, at):
        db.session.add(
            Erasure(what=code, at=at, cutoff_at=line, count=count, rule_version=policy.rule_version)
        )
    return count


def _ran_today(code: str, at: datetime) -> bool:
    today = beijing(local_date(at))
    return bool(
        db.session.scalar(
            select(func.count())
            .where(Erasure.what == code, Erasure.at >= today)
            .select_from(Erasure)
        )
    )
