"""The tables, told as the story of a service hour.

A city has *places* (区、街道、社区、签到点). *People* (单位、志愿者、账号) are tied to them. A unit draws up
*activities* (活动、班次) at a place; *rosters* (排班) say who stands there; *campaigns* (检查) make some
points critical. On the day, *attendance* takes stamps (签到、签退); the *ledger* (时长台账) turns them into
hours that are never edited, *certificates* (志愿服务记录证明) bear them out, *recognition* (星级、表彰) thanks
for them, *tickets* (申诉、补录) put them right, *trust*
(核查、抽查) asks what looks odd. The *journal* (日志) remembers every act, message and job.

Each module points only at modules below it in that story; relationships are never loaded lazily.
"""

from volunteer.models import (
    activities,
    attendance,
    campaigns,
    certificates,
    journal,
    ledger,
    people,
    places,
    recognition,
    rosters,
    tickets,
    trust,
)
from volunteer.models.base import Base, db, unit_of_work, writing

__all__ = [
    "Base",
    "activities",
    "attendance",
    "campaigns",
    "certificates",
    "db",
    "journal",
    "ledger",
    "people",
    "places",
    "recognition",
    "rosters",
    "tickets",
    "trust",
    "unit_of_work",
    "writing",
]
