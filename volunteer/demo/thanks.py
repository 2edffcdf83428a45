"""How the demo city thanks (激励): its own star rule, stars granted after the third week, some being published.

The city has lived four weeks only, so that it follows the communities that give stars for 10, 20 … hours.
"""

from datetime import date, datetime, timedelta

from volunteer.demo.history import day_start
from volunteer.domain.access import Actor
from volunteer.models.base import db, unit_of_work
from volunteer.models.places import RuleVersion
from volunteer.operations.stars import grant_stars, hold_stars
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
                figures={"star_hours": list(STARS)},
                why="参照部分社区的做法，星级按 10、20、30、40、50 小时评定",
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
