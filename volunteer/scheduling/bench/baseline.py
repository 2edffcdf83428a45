"""The plain way, for comparison: CP-SAT with one Boolean per pair and overlap cliques."""

import time

import numpy as np
from ortools.sat.python import cp_model

from volunteer.scheduling.engine import tally
from volunteer.scheduling.engine.arrays import Arrays, Bools


def solve(a: Arrays, seconds: float, workers: int) -> tuple[int | None, int, float]:
    """Coverage reached (None without a plan), the solver's own bound, and seconds taken."""
    began = time.monotonic()
    model = cp_model.CpModel()
    x = [model.new_bool_var("") for _ in range(a.n_pairs)]
    cost = []
    for s in range(a.n_duties):
        mine = [x[p] for p in a.duty_pairs[a.duty_ptr[s] : a.duty_ptr[s + 1]].tolist()]
        below = model.new_int_var(0, int(a.min_heads[s]), "")
        thin = model.new_int_var(0, int(a.target[s] - a.min_heads[s]), "")
        model.add(sum(mine) + below + thin >= int(a.target[s]))
        model.add(sum(mine) <= int(a.max_heads[s]))
        cost += [int(a.min_weight[s]) * below, a.target_weight * thin]
    for i in range(len(a.need_duty)):
        mine = [x[p] for p in a.need_pairs[a.need_ptr[i] : a.need_ptr[i + 1]].tolist()]
        lack = model.new_int_var(0, int(a.need_count[i]), "")
        model.add(sum(mine) + lack >= int(a.need_count[i]))
        cost.append(int(a.need_weight[i]) * lack)
    for one, two in a.apart.tolist():
        model.add_at_most_one(x[one], x[two])
    for v in range(a.n_people):
        _person(model, a, v, x)
    for p in np.flatnonzero(a.pinned).tolist():
        model.add(x[p] == 1)
    kept = [a.dropped_weight * x[p] for p in np.flatnonzero(a.published).tolist()]
    model.minimize(sum(cost) - sum(kept) + a.dropped_base)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = max(1.0, seconds - (time.monotonic() - began))
    solver.parameters.num_workers = workers
    status = solver.solve(model)
    took = time.monotonic() - began
    bound = int(np.ceil(solver.best_objective_bound - 1e-6))
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None, bound, took
    chosen: Bools = np.array([solver.boolean_value(v) for v in x], np.bool_)
    return tally.coverage(a, chosen), bound, took


def _person(model: cp_model.CpModel, a: Arrays, v: int, x: list[cp_model.IntVar]) -> None:
    lo, hi = int(a.person_ptr[v]), int(a.person_ptr[v + 1])
    if hi - lo < 2:
        return
    duty = a.duty[lo:hi]
    clash = a.conflict[np.ix_(duty, duty)]
    open_edges = np.triu(clash, 1)
    for i, j in zip(*np.nonzero(open_edges), strict=True):
        if not open_edges[i, j]:
            continue
        group = [int(i), int(j)]
        common = clash[i] & clash[j]
        for k in np.flatnonzero(common).tolist():
            if clash[k, group].all():
                group.append(k)
        open_edges[np.ix_(group, group)] = False
        model.add_at_most_one([x[lo + k] for k in group])
    model.add(
        sum(int(m) * x[lo + k] for k, m in enumerate(a.minutes[duty])) <= int(a.max_minutes[v])
    )
    for day in np.unique(a.day[duty]).tolist():
        mine = np.flatnonzero(a.day[duty] == day)
        cap = int(a.day_room[lo + mine[0]])
        if len(mine) > cap:
            model.add(sum(x[lo + int(k)] for k in mine) <= cap)
