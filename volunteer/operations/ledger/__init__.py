"""The ledger (时长台账): from stamps to sealed minutes, and from a mistake to a reversal. Nothing is edited.

A shift is *settled* once: stamps become service records with their arithmetic, records become entries. A
record is *restated* when it was wrong or when waiting minutes were looked at: a reversal, a new version, a
new entry. *Posting* seals entries one after the other under a lock on the head of the chain.
"""

from volunteer.operations.ledger.posting import post
from volunteer.operations.ledger.recount import recount_seat
from volunteer.operations.ledger.restate import (
    approve_pending,
    correct_record,
    refuse_pending,
    void_record,
)
from volunteer.operations.ledger.settle import Settlement, settle_due, settle_shift

__all__ = [
    "Settlement",
    "approve_pending",
    "correct_record",
    "post",
    "recount_seat",
    "refuse_pending",
    "settle_due",
    "settle_shift",
    "void_record",
]
