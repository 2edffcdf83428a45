"""Shifts (班次): made in bulk and undone as one, changed one by one with notice, split, called off, restored."""

from volunteer.operations.shifts.batch import Undone, create_batch, undo_batch
from volunteer.operations.shifts.cancel import Cancelled, cancel_shifts, restore_shift
from volunteer.operations.shifts.edit import Change, edit_shift, split_shift

__all__ = [
    "Cancelled",
    "Change",
    "Undone",
    "cancel_shifts",
    "create_batch",
    "edit_shift",
    "restore_shift",
    "split_shift",
    "undo_batch",
]
