"""Erasing what is left of positions (定位摘要): coordinates are never kept, only digests that tell fixes apart."""

from datetime import datetime

from volunteer.domain import retention
from volunteer.operations.attendance.traces import forget_traces
from volunteer.operations.keeping import erases


@erases(retention.LOCATION)
def forget_positions(cutoff: datetime, at: datetime) -> int:
    """Erase the digests of fixes."""
    return forget_traces(before=cutoff)
