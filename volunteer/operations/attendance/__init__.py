"""Checking in and out (签到、签退): the only door by which stamps enter, and by which they are taken back.

Four ways lead in. The person scans the rotating code or types its figures (*own*); the leader scans the
person's code, calls the roll, or declares that the system failed (*site*); a leader's marks, added seats
and counters stand beside them (*marks*). The machine closes what was forgotten (*forgotten*). All of them
ask the same gate, write one kind of row and leave one kind of audit line (*stamping*). Own taps that are plain
are judged and written several at a time (*intake*).
"""

from volunteer.operations.attendance.forgotten import close_forgotten
from volunteer.operations.attendance.intake import Tap, TapWriter, keys_of, tap_of
from volunteer.operations.attendance.marks import (
    add_seat,
    clear_mark,
    excuse,
    mark_absent,
    record_outcome,
)
from volunteer.operations.attendance.own import note_refused_scan, stamp_by_code, stamp_by_digits
from volunteer.operations.attendance.paper import PaperLine, call_paper_roll
from volunteer.operations.attendance.site import (
    RollCall,
    call_roll,
    declare_failure,
    force_stamp,
    stamp_scanned,
)
from volunteer.operations.attendance.stamping import Touch
from volunteer.operations.attendance.undo import undo_own_stamp, undo_stamp

__all__ = [
    "PaperLine",
    "RollCall",
    "Tap",
    "Touch",
    "add_seat",
    "call_paper_roll",
    "call_roll",
    "clear_mark",
    "close_forgotten",
    "declare_failure",
    "excuse",
    "force_stamp",
    "keys_of",
    "mark_absent",
    "note_refused_scan",
    "record_outcome",
    "stamp_by_code",
    "stamp_by_digits",
    "stamp_scanned",
    "TapWriter",
    "tap_of",
    "undo_own_stamp",
    "undo_stamp",
]
