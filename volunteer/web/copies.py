"""Whether the nightly copy (每日备份) is fresh, as the settings ask for it."""

from datetime import datetime, timedelta

from volunteer.config import Settings
from volunteer.gateways.backup import is_late, suffix_of


def are_late(settings: Settings, *, at: datetime, allowed: timedelta) -> bool | None:
    """Whether the newest copy is older than allowed; None where no folder is set."""
    if settings.backup_dir is None:
        return None
    return is_late(settings.backup_dir, suffix_of(settings.database_url), at, allowed)
