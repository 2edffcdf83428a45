"""Rosters (排班表): drafts changed by hand, published, and mended after that.

``drafts`` moves people in a draft, ``pins`` fixes or forbids seats before a run, ``publish`` turns a draft
into assignments, ``live`` mends what is published, ``guard`` keeps a shift from having more people than
seats. Everything is judged by the rules of the optimiser, and everything leaves an audit line.
"""

from volunteer.operations.rosters.drafts import (
    Moved,
    discard_draft,
    move_seat,
    open_draft,
    place_seat,
    remove_seat,
    swap_seats,
    undo_move,
)
from volunteer.operations.rosters.guard import require_seat
from volunteer.operations.rosters.live import add_on_the_spot, offer_seat, release_seat
from volunteer.operations.rosters.pins import pin_seat, unpin_seat
from volunteer.operations.rosters.publish import publish_roster

__all__ = [
    "Moved",
    "add_on_the_spot",
    "discard_draft",
    "move_seat",
    "offer_seat",
    "open_draft",
    "pin_seat",
    "place_seat",
    "publish_roster",
    "release_seat",
    "remove_seat",
    "require_seat",
    "swap_seats",
    "undo_move",
    "unpin_seat",
]
