"""Reminders of the duty of recording (记录期限提醒): before the last day, on it, and every week after it."""

from datetime import datetime

from volunteer.domain.terms import TicketLevel
from volunteer.domain.timekeeping import day_words
from volunteer.models.base import db
from volunteer.models.people import Unit
from volunteer.operations.journal import tell
from volunteer.queries.deciders import deciders
from volunteer.queries.recording import Recording

TITLES = {
    "soon": "有活动快到记录期限",
    "today": "有活动今天到记录期限",
    "late": "有活动已超过记录期限",
}


def remind_recording(found: Recording, *, at: datetime) -> int:
    """Tell the organizers of one activity that its records are due; when overdue the office above, too.

    Once before the last day, once on it, and once in each week after it. Returns how many were told.
    """
    stage = found.stage
    if stage not in TITLES:
        return 0
    unit = db.session.get(Unit, found.unit_id)
    assert unit is not None, "an activity has a unit"
    people = deciders(TicketLevel.UNIT, unit)
    if stage == "late":
        above = TicketLevel.DISTRICT if unit.district_id is not None else TicketLevel.CITY
        people = [*people, *deciders(above, unit)]
    week = f":{at.isocalendar().week}" if stage == "late" else ""
    told = 0
    for account_id in sorted({one.account_id for one in people}):
        told += (
            tell(
                topic="recording",
                title=TITLES[stage],
                body=f"“{found.title}”有 {found.unsettled} 个班次没有结算，"
                f"记录期限是{day_words(found.due_on)}。",
                at=at,
                account_id=account_id,
                link=f"/activities/{found.activity_id}",
                dedupe=f"recording:{found.activity_id}:{found.due_on}:{stage}{week}:{account_id}",
            )
            is not None
        )
    return told
