"""The nightly copy (每日备份): one checked file a day where a folder is set, whichever worker is first."""

import logging
from datetime import datetime

from volunteer.config import Settings
from volunteer.domain.timekeeping import beijing, clock_at, local_date, minutes_of, now
from volunteer.gateways.backup import back_up, copies_in, drop_old, suffix_of
from volunteer.jobs.queue import periodic
from volunteer.models.base import unit_of_work
from volunteer.operations.journal import note

log = logging.getLogger("volunteer.jobs")

AFTER = "02:30"
"""Not before this hour of Beijing, when nobody checks in."""


@periodic("back_up", seconds=300)
def back_up_nightly() -> None:
    """Make the copy of the day where there is none yet, and drop the oldest."""
    copy_of_the_day(Settings(), at=now())


def copy_of_the_day(settings: Settings, *, at: datetime) -> bool:
    """Make the copy of the day if it is due; returns whether one was made. Raises BackupError."""
    folder = settings.backup_dir
    if folder is None or at < beijing(local_date(at), minutes_of(AFTER)):
        return False
    suffix = suffix_of(settings.database_url)
    target = folder / f"volunteer-{local_date(at):%Y-%m-%d}{suffix}"
    if target in copies_in(folder, suffix):
        return False
    made = back_up(settings.database_url, target)
    dropped = drop_old(folder, suffix, settings.backup_keep)
    with unit_of_work():
        note(
            None,
            "back_up",
            "database",
            f"每日备份 {made.path.name}，{made.size} 字节",
            at=at,
            after={"file": made.path.name, "bytes": made.size, "dropped": len(dropped)},
        )
    log.info("backed up to %s at %s", made.path, clock_at(at))
    return True
