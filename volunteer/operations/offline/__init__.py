"""Deferred stamps (离线记录): the door by which what a phone kept without a signal comes in, and how it is settled.

Every item that arrives leaves one row, known by its nonce, whatever comes of it (*receiving*). What is in
order becomes a stamp at once (*making*); what is late or does not fit waits for a person's word (*reviewing*).
"""

from volunteer.operations.offline.receiving import MOST_ITEMS, check_room, receive
from volunteer.operations.offline.reviewing import (
    accept_deferred,
    decline_deferred,
    settle_conflict,
)

__all__ = [
    "MOST_ITEMS",
    "accept_deferred",
    "check_room",
    "decline_deferred",
    "receive",
    "settle_conflict",
]
