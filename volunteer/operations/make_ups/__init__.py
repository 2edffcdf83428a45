"""Make-up hours (补录): asked for, vouched for, reviewed, made public, and only then entered.

Four people, all different: who gains, who asks (the leader or the desk, who takes up a volunteer's own
request), who saw it from the same shift with a scanned record of his own, and who reviews it above the
unit. Five working days in a register that anybody can read and object to come before the ledger.
"""

from volunteer.operations.make_ups.ask import Claim, ask_for, ask_own
from volunteer.operations.make_ups.confirm import (
    approve_make_up,
    clear_objections,
    endorse_make_up,
    refuse_make_up,
    say_seen,
    withdraw_make_up,
)
from volunteer.operations.make_ups.register import object_in_register
from volunteer.operations.make_ups.story import note_refused
from volunteer.operations.make_ups.tend import tend_make_up

__all__ = [
    "Claim",
    "approve_make_up",
    "ask_for",
    "ask_own",
    "clear_objections",
    "endorse_make_up",
    "note_refused",
    "object_in_register",
    "refuse_make_up",
    "say_seen",
    "tend_make_up",
    "withdraw_make_up",
]
