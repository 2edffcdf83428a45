"""Take one way to mend a published week (采用补位方案): it becomes a draft, nobody is told yet."""

from datetime import date, datetime

from sqlalchemy import insert

from volunteer.domain.access import Act, Actor
from volunteer.domain.refusal import Refused
from volunteer.domain.words import N_
from volunteer.models.base import db
from volunteer.models.rosters import DraftRoster, DraftSeat
from volunteer.operations import journal
from volunteer.operations.planning import require_scope
from volunteer.queries.planning import PlanScope, number_of
from volunteer.queries.rosters.mending import mending
from volunteer.queries.runs import base_of
from volunteer.scheduling.problem import Problem
from volunteer.scheduling.repair import Option


def draft_of_way(
    actor: Actor, *, week_on: date, scope: PlanScope, moves: int, kind: str, at: datetime
) -> DraftRoster:
    """Make a draft of one way to mend, computed from the rows as they are at this moment.

    Raises
    ------
    Refused
        ``not_allowed``, ``not_yours``; ``pins_broken`` when pins break a hard rule, ``no_such_way``
        when the week has changed and the way is no longer there.
    """
    require_scope(actor, Act.MANAGE_ROSTERS, scope)
    problem, found = mending(week_on, scope, moves=moves, at=at)
    if found.refused:
        raise Refused(
            "pins_broken",
            N_("锁定的安排互相冲突或违反硬性规则。"),
            N_("请先解除冲突的锁定。"),
        )
    taken = next((option for option in found.options if option.kind == kind), None)
    if taken is None or taken.gain <= 0:
        raise Refused(
            "no_such_way",
            N_("情况已有变化，这个补位方案不再适用。"),
            N_("请重新打开补位方案。"),
        )
    draft = DraftRoster(
        week_on=week_on,
        unit_id=scope.unit_id,
        district_id=scope.district_id,
        created_at=at,
        base=base_of([number_of(duty.id) for duty in problem.duties]),
    )
    db.session.add(draft)
    db.session.flush()
    _seat(draft, problem, taken)
    journal.note(
        actor,
        "draft_of_way",
        draft,
        f"采用补位方案：{week_on.isoformat()} 起一周，新请 {len(taken.called)} 人次，调动 {taken.moves} 人",
        at=at,
        unit_id=scope.unit_id,
        after={"kind": kind, "called": len(taken.called), "moves": taken.moves},
    )
    return draft


def _seat(draft: DraftRoster, problem: Problem, way: Option) -> None:
    """Write the seats of the way into the draft."""
    told = set(problem.published)
    seats = [
        {
            "draft_id": draft.id,
            "shift_id": number_of(duty),
            "volunteer_id": number_of(person),
            "source": "kept" if (person, duty) in told else "solver",
            "forced_reason": "",
        }
        for person, duty in way.plan.assignments
    ]
    if seats:
        db.session.execute(insert(DraftSeat), seats)
