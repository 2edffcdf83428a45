"""Why a duty is short: whom each rule shut out, what one head is worth, and what would fill it."""

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np

from volunteer.scheduling.candidates import Index
from volunteer.scheduling.explain.price import HeadPrice, price_of_head
from volunteer.scheduling.explain.remedy import Remedies, Remedy
from volunteer.scheduling.problem import Plan, Problem, Relaxation, Short, Why
from volunteer.scheduling.roster import Roster
from volunteer.scheduling.rule import Finding
from volunteer.scheduling.rules import COVERAGE, HARD, SEAT


@dataclass(frozen=True, slots=True)
class ShiftReason:
    """What is to be said about one duty.

    Parameters
    ----------
    duty, have, missing
        The id, the people on it, and how many are missing: to the minimum, else to the target.
    lacks
        The WANTED findings: heads, skills, quotas, people told otherwise.
    shut_out
        Per hard rule the people it keeps away (not those who stand there), most first. A person may
        be counted under several rules; the rules about the rest of the roster (place, rest, day,
        total, seats, apart) are counted among the eligible.
    alone
        Per hard rule the people whom it alone keeps away: what giving way on it could win at most.
    free
        How many more people could join right now.
    price
        What one more head would save in the first tier: here, or through somebody set free.
    would_help
        What was tried and helps.
    """

    duty: str
    have: int
    missing: int
    lacks: tuple[Finding, ...]
    shut_out: tuple[Why, ...]
    alone: tuple[Why, ...]
    free: int
    price: HeadPrice
    would_help: tuple[Remedy, ...]


def explain_shift(
    index: Index,
    roster: Roster,
    duty_id: str,
    *,
    with_remedies: bool = True,
) -> ShiftReason:
    """Return the reasons for one duty. Raises KeyError for an unknown id.

    ``with_remedies=False`` leaves out the price and the search for what would help: most of the work.
    """
    duty = roster.book.duties[duty_id]
    have = len(roster.people_on(duty_id))
    short = have < duty.min
    missing = (duty.min if short else duty.target) - have
    shut_out, alone, free = _shut_out(index, roster, duty_id)
    remedies = Remedies(index, roster, duty_id).found() if with_remedies and missing > 0 else []
    return ShiftReason(
        duty=duty_id,
        have=have,
        missing=max(0, missing),
        lacks=tuple(f for rule in COVERAGE for f in rule.on_duty(roster, duty)),
        shut_out=ranked_counts(shut_out),
        alone=ranked_counts(alone),
        free=free,
        price=price_of_head(roster, duty_id) if with_remedies else HeadPrice(0),
        would_help=tuple(remedies),
    )


def ranked_counts(counts: Counter[str]) -> tuple[Why, ...]:
    """Return counts by rule as Why, most first, in the order of the format where equal."""
    order = {rule.code: i for i, rule in enumerate(HARD)}
    ranked = sorted(counts.items(), key=lambda item: (-item[1], order[item[0]]))
    return tuple(Why(rule, people) for rule, people in ranked if people)


def _shut_out(index: Index, roster: Roster, duty_id: str) -> tuple[Counter[str], Counter[str], int]:
    """Count people by the rules that keep them away, by the only rule that does, and the free."""
    columns = index.columns
    outside = np.ones(columns.n_people, np.bool_)
    outside[[columns.person_at[v] for v in roster.people_on(duty_id)]] = False
    who = np.flatnonzero(outside)
    refused = np.stack([~rule.allows(columns, columns.duty_at[duty_id], who) for rule in SEAT])
    reasons = refused.sum(axis=0)
    total: Counter[str] = Counter()
    alone: Counter[str] = Counter()
    for row, rule in zip(refused, SEAT, strict=True):
        total[rule.code] = int(row.sum())
        alone[rule.code] = int((row & (reasons == 1)).sum())
    free = 0
    for _, findings in index.standing(roster, duty_id):
        against = {finding.rule for finding in findings}
        free += not against
        total.update(against)
        if len(against) == 1:
            alone.update(against)
    return total, alone, free


def explained(
    problem: Problem, plan: Plan, *, most: int | None = None, remedies: int | None = None
) -> Plan:
    """Return the plan with reasons for its shortfalls: the first ``most`` of them, as they are listed.

    The first ``remedies`` also get what would help. Left out, both numbers follow from the size of
    the problem: all shortfalls of a unit, some hundred of a core city, twenty of a metropolis. The
    number is bounded, not the time, so that the same plan always gets the same reasons.
    """
    if not plan.short:
        return plan
    crowd = max(1, len(problem.people))
    most = max(20, 600_000 // crowd) if most is None else most
    remedies = max(5, 120_000 // crowd) if remedies is None else remedies
    index = Index(problem)
    roster = Roster(index.book, plan.assignments)
    made: list[Short] = []
    for i, short in enumerate(plan.short):
        if i >= most:
            made.append(short)
            continue
        reason = explain_shift(index, roster, short.shift, with_remedies=i < remedies)
        helps = tuple(Relaxation(r.change, r.to, r.gains) for r in reason.would_help)
        made.append(replace(short, why=reason.shut_out, would_help=helps))
    return replace(plan, short=tuple(made))
