"""Activities (活动): drawn up, checked against the law and published, changed with notice, called off, closed."""

from volunteer.operations.activities.draft import (
    Particulars,
    copy_activity,
    draft_activity,
    proposal_for,
)
from volunteer.operations.activities.edit import edit_activity
from volunteer.operations.activities.ending import cancel_activity, close_activity, close_finished
from volunteer.operations.activities.publish import publish_activity, what_is_missing

__all__ = [
    "Particulars",
    "cancel_activity",
    "close_activity",
    "close_finished",
    "copy_activity",
    "draft_activity",
    "edit_activity",
    "proposal_for",
    "publish_activity",
    "what_is_missing",
]
