"""How the demo city thanks (激励): its own star rule, stars in force and being published, targets, an honour.

The city has lived four weeks only, so that it follows the communities that give stars for 10, 20 … hours.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from sqlalchemy import func, select

from volunteer.demo.history import day_start
from volunteer.domain.access import Actor
from volunteer.domain.standing import hours_of
from volunteer.domain.terms import Nature, VolunteerState
from volunteer.models.base import db, unit_of_work
from volunteer.models.ledger import LedgerEntry
from volunteer.models.people import Unit, Volunteer
from volunteer.models.places import RuleVersion
from volunteer.operations.honours import HonourFacts, found_honour, give_honour
from volunteer.operations.stars import grant_stars, hold_stars
from volunteer.operations.targets import set_unit_target
from volunteer.queries.stars import Wanted, candidates

STARS = (10, 20, 30, 40, 50)
HELD_EACH = 7
"""Of those eligible in the last round every seventh is held back."""


def make_star_rule(monday: date, at: datetime) -> None:
    """The city's own thresholds, in force for all weeks told."""
    with unit_of_work():
        db.session.add(
            RuleVersion(
                version="2026.2",
                effective_on=monday - timedelta(weeks=8),
                figures={"star_hours": list(STARS), "yearly_target_hours": 5},
                why="10 月下旬启用，今年每人 5 小时；星级参照部分社区，按 10、20、30、40、50 小时",
                made_at=at - timedelta(weeks=9),
                made_by_name="李建国",
            )
        )


def give_stars(admin: Actor, monday: date, until: datetime) -> int:
    """Two rounds: on the Monday two weeks ago, which holds by now, and on this one; returns how many."""
    given = 0
    for back in (2, 0):
        day = monday - timedelta(weeks=back, days=1)
        at = min(until, day_start(monday - timedelta(weeks=back), 9, 30))
        with unit_of_work():
            rows = candidates(admin, Wanted(day)).rows
            chosen = {row.volunteer_id: row.level for row in rows if back or row.volunteer_id % 3}
            held = dict(list(chosen.items())[HELD_EACH - 1 :: HELD_EACH]) if not back else {}
            levels = {person: level for person, level in chosen.items() if person not in held}
            if levels:
                given += len(grant_stars(admin, levels, as_of=day, at=at))
            if held:
                why = "本月有一次缺岗未说明原因，核实后再评"
                hold_stars(admin, held, reason=why, as_of=day, at=at)
    return given


TARGETS = (("市医保局", 6, None), ("市公安局", 8, None), ("观音塘社区居委会", 4, 200))
"""Units that ask for something of their own: hours of each person, hours of the whole."""


def set_targets(admin: Actor, units: Mapping[str, Unit], at: datetime) -> int:
    """What some units ask for this year; returns how many."""
    done = 0
    for name, person, whole in TARGETS:
        if name in units:
            with unit_of_work():
                set_unit_target(
                    admin,
                    units[name].id,
                    person_hours=person,
                    unit_hours=whole,
                    reason="本单位志愿服务计划",
                    at=at,
                )
            done += 1
    return done


def give_honours(admin: Actor, monday: date, until: datetime) -> int:
    """The honour of the month for those with most hours a fortnight ago; returns how many hold it."""
    at = min(until, day_start(monday - timedelta(days=12), 10))
    with unit_of_work():
        honour = found_honour(
            admin,
            HonourFacts(
                title="文明劝导之星",
                year=at.year,
                body="市创文办",
                criteria="当月扫码认证时长居前，守时、无缺岗，按路口要求站位",
                document="创文办〔2026〕11号",
            ),
            at=at,
        )
        rows = db.session.execute(
            select(LedgerEntry.volunteer_id, func.sum(LedgerEntry.minutes))
            .join(Volunteer, Volunteer.id == LedgerEntry.volunteer_id)
            .where(
                LedgerEntry.service_on < at.date(),
                LedgerEntry.nature == Nature.VOLUNTEER,
                Volunteer.state == VolunteerState.ACTIVE,
            )
            .group_by(LedgerEntry.volunteer_id)
            .order_by(func.sum(LedgerEntry.minutes).desc(), LedgerEntry.volunteer_id)
            .limit(5)
        ).all()
        for person, minutes in rows:
            citation = f"两周服务 {hours_of(int(minutes))} 小时，早晚高峰坚持在岗"
            give_honour(admin, honour.id, person, citation=citation, at=at)
    return len(rows)
