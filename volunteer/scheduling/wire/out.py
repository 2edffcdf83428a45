"""Problems and plans to JSON text: canonical, so that equal values give equal bytes."""

import json
from typing import Any

from volunteer.scheduling.problem import Cost, Duty, Person, Plan, Problem, Weights
from volunteer.scheduling.wire import plan_in, problem_in

Tree = dict[str, Any]


def problem_to_json(problem: Problem) -> str:
    """Return the problem in the exchange format, one line, keys in the order of the format."""
    horizon, travel = problem.horizon, problem.travel
    return _text(
        {
            "format": problem_in.FORMAT,
            "name": problem.name,
            "horizon": {"start": horizon.start, "days": horizon.days},
            "travel": {
                "overhead_minutes": travel.overhead_minutes,
                "metres_per_minute": travel.metres_per_minute,
            },
            "rest_minutes": problem.rest_minutes,
            "weights": _weights(problem.weights),
            "sites": [{"id": s.id, "x": s.x, "y": s.y} for s in problem.sites],
            "units": [{"id": u.id, "fair_minutes": u.fair_minutes} for u in problem.units],
            "volunteers": [_person(person) for person in problem.people],
            "shifts": [_duty(duty) for duty in problem.duties],
            "pins": problem.pins,
            "bans": problem.bans,
            "apart": problem.apart,
            "published": problem.published,
        }
    )


def plan_to_json(plan: Plan) -> str:
    """Return the plan in the exchange format; ``report`` is no part of it and stays behind."""
    tree: Tree = {
        "format": plan_in.FORMAT,
        "problem": plan.problem,
        "status": plan.status,
        "assignments": plan.assignments,
        "cost": _cost(plan.cost),
        "bound": _cost(plan.bound),
        "seconds": {key: round(value, 3) for key, value in plan.seconds.items()},
        "seed": plan.seed,
        "short": [
            {
                "shift": short.shift,
                "missing": short.missing,
                "why": [{"rule": why.rule, "people": why.people} for why in short.why],
                "would_help": [
                    {"change": help.change, "to": help.to, "gains": help.gains}
                    for help in short.would_help
                ],
            }
            for short in plan.short
        ],
    }
    if plan.why:
        tree["why"] = [{"rule": refusal.rule, "pins": refusal.pins} for refusal in plan.why]
    return _text(tree)


def _text(tree: Tree) -> str:
    return json.dumps(tree, ensure_ascii=False, separators=(",", ":"), allow_nan=False) + "\n"


def _cost(cost: Cost | None) -> Tree | None:
    return None if cost is None else {"coverage": cost.coverage, "people": cost.people}


def _weights(weights: Weights) -> Tree:
    return {
        "min": weights.min,
        "skill": weights.skill,
        "quota": weights.quota,
        "target": weights.target,
        "dropped": weights.dropped,
        "fairness": weights.fairness,
        "unit_overload": weights.unit_overload,
        "wish": weights.wish,
        "distance": weights.distance,
    }


def _person(person: Person) -> Tree:
    return {
        "id": person.id,
        "unit": person.unit,
        "age": person.age,
        "skills": sorted(person.skills),
        "home": person.home,
        "available": person.available,
        "max_minutes": person.max_minutes,
        "max_shifts_per_day": person.max_shifts_per_day,
        "served_minutes": person.served_minutes,
        "wishes": person.wishes,
    }


def _duty(duty: Duty) -> Tree:
    return {
        "id": duty.id,
        "activity": duty.activity,
        "site": duty.site,
        "start": duty.start,
        "end": duty.end,
        "priority": duty.priority,
        "min": duty.min,
        "target": duty.target,
        "max": duty.max,
        "min_age": duty.min_age,
        "max_age": duty.max_age,
        "requires": sorted(duty.requires),
        "at_least": [{"skill": skill, "count": count} for skill, count in duty.at_least],
        "tied": sorted(duty.tied),
        "quotas": [{"unit": unit, "count": count} for unit, count in duty.quotas],
        "open": duty.open,
        "reach": duty.reach,
    }
