"""What the clock does for trust (定时核查): spot checks, a look at what was settled, a look at each day, appeals that lapse."""

import logging
from datetime import timedelta

from volunteer.domain.timekeeping import local_date, now
from volunteer.jobs.queue import periodic
from volunteer.models.base import db, unit_of_work
from volunteer.operations.trust import (
    begin_spot_checks,
    end_spot_checks,
    lapse_appeal,
    look_at_settled,
    look_at_units,
)
from volunteer.queries.policy import policy_on
from volunteer.queries.trust.cases import appeals_run_out
from volunteer.queries.trust.looking import shifts_to_look_at
from volunteer.queries.trust.spots import is_looked_at

log = logging.getLogger("volunteer.jobs")


@periodic("spot_checks", seconds=60)
def spot_checks() -> int:
    """Begin and end checks on site."""
    with unit_of_work():
        begun = begin_spot_checks(at=now())
        end_spot_checks(at=now())
    return len(begun)


@periodic("look_at_settled", seconds=120)
def look_at_all_settled() -> int:
    """Look at the shifts that were settled since the last time, each in a transaction of its own."""
    at = now()
    shifts = shifts_to_look_at(at=at, days=policy_on(local_date(at)).look_back_days)
    db.session.rollback()
    opened = 0
    for shift_id in shifts:
        with unit_of_work():
            opened += len(look_at_settled(shift_id, at=now()))
    if opened:
        log.info("%s cases opened", opened)
    return opened


@periodic("look_at_units", seconds=3600)
def look_at_yesterday() -> int:
    """Look at the units' month up to yesterday; reads only while that has been done."""
    yesterday = local_date(now()) - timedelta(days=1)
    done = is_looked_at(yesterday)
    db.session.rollback()
    if done:
        return 0
    with unit_of_work():
        return len(look_at_units(yesterday, at=now()))


@periodic("lapse_appeals", seconds=3600)
def lapse_appeals() -> int:
    """Close what nobody appealed against in time."""
    at = now()
    cases = appeals_run_out(at, local_date(at))
    db.session.rollback()
    for case_id in cases:
        with unit_of_work():
            lapse_appeal(case_id, at=at)
    return len(cases)
