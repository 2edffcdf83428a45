"""Erasing by the clock (到期清除): every hour each kind of data is looked at, bite by bite, each bite a transaction."""

import logging

from volunteer.domain.timekeeping import now
from volunteer.jobs.queue import periodic
from volunteer.models.base import db, unit_of_work
from volunteer.operations.keeping import BITE, ERASERS, erase_due, load_erasers

log = logging.getLogger("volunteer.jobs")

MOST_BITES = 20
"""Bites of one kind in one round, so that other work of the worker is not kept waiting."""


@periodic("keeping.erase", seconds=3600)
def erase() -> dict[str, int]:
    """Erase what is due, and return how much of each kind; one that fails does not stop the others."""
    load_erasers()
    erased: dict[str, int] = {}
    for code in ERASERS:
        try:
            erased[code] = _erase(code)
        except Exception:
            db.session.rollback()
            log.exception("erasing %s failed", code)
    return erased


def _erase(code: str) -> int:
    total = 0
    for _ in range(MOST_BITES):
        with unit_of_work():
            count = erase_due(code, at=now())
        total += count
        if count < BITE:
            break
    return total
