"""Sealing the ledger as it should be (台账封存): every worker looks, the first one after midnight seals."""

import logging

from volunteer.domain.timekeeping import now
from volunteer.jobs.queue import periodic
from volunteer.models.base import unit_of_work
from volunteer.operations.sealing import seal_due
from volunteer.queries.roots import is_sealed_until

log = logging.getLogger("volunteer.jobs")


@periodic("seal_ledger", seconds=300)
def seal() -> None:
    """Seal the days that are over; reads only, and takes no lock, while there is none."""
    if is_sealed_until(now()):
        return
    with unit_of_work():
        sealed = seal_due(at=now())
    if sealed:
        log.info("sealed %s days of the ledger, the last %s", len(sealed), sealed[-1].day)
