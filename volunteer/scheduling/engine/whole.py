"""From the relaxation to a plan: branch and bound over the columns that matter."""

import numpy as np

from volunteer.scheduling.engine.arrays import Bools, Floats
from volunteer.scheduling.engine.colgen import Generation, Left
from volunteer.scheduling.engine.lp import INF, Program, Whole, search
from volunteer.scheduling.engine.pool import hours_by_column, reduced


def column_values(gen: Generation) -> Floats:
    """Reduced value of every column of the pool at the best duals (0 is as good as any)."""
    y = gen.state.duals
    rows, pool = gen.rows, gen.pool
    burden = rows.burden(y)
    hours = burden.of(gen.arrays, pool.people(), hours_by_column(pool))
    return reduced(pool, rows.worth(y), hours, np.maximum(0.0, rows.rent(y)))


def restricted(gen: Generation, keep: Bools, fixed: Bools) -> tuple[Program, np.ndarray]:
    """The program over the kept columns, with the fixed ones at one and out of the program."""
    base = gen.program
    columns = np.flatnonzero(keep & ~fixed)
    place = np.full(gen.pool.count, -1, np.int64)
    place[columns] = np.arange(len(columns))
    used = np.zeros(gen.rows.count)
    cost, rows, cols, values = [base.cost], [base.row], [base.col], [base.value]
    first, at = 0, len(base.cost)
    for s in gen.pool.chunks():
        n = len(s.person)
        c, row, col, value = gen.rows.columns(s)
        mine = place[first : first + n]
        hold = fixed[first : first + n]
        np.add.at(used, row[hold[col]], value[hold[col]])
        live = (mine[col] >= 0) & (value != 0)
        rows.append(row[live])
        cols.append(mine[col[live]] + at)
        values.append(value[live])
        cost.append(c[mine >= 0])
        first += n
    n = len(columns)
    program = Program(
        np.concatenate(cost),
        np.concatenate((base.upper, np.ones(n))),
        base.row_lower - used,
        base.row_upper - used,
        np.concatenate(rows),
        np.concatenate(cols),
        np.concatenate(values),
        np.concatenate((np.zeros(at, np.bool_), np.ones(n, np.bool_))),
    )
    return program, columns


def branch(
    gen: Generation, keep: Bools, fixed: Bools, seconds: float, slack: float
) -> tuple[Bools | None, Whole]:
    """Search the restricted program; the pairs chosen (None if nothing was found) and the account."""
    program, columns = restricted(gen, keep, fixed)
    answer = search(program, seconds, slack)
    if answer.x is None:
        return None, answer
    taken = fixed.copy()
    at = len(gen.program.cost)
    taken[columns[answer.x[at:] > 0.5]] = True
    return gen.pool.chosen(taken), answer


def settled_columns(gen: Generation) -> Bools:
    """Columns at one in the last linear solution."""
    taken = np.zeros(gen.pool.count, np.bool_)
    solution = gen.state.solution
    if solution is not None:
        at = len(gen.program.cost)
        x = solution.x[at:]
        taken[: len(x)] = x > 1 - 1e-6
    return taken


def round_off(gen: Generation, left: Left, tolerance: float, slack: float) -> Bools | None:
    """A plan near the linear solution: its whole columns fixed, the rest branched on."""
    fixed = settled_columns(gen)
    busy = np.zeros(gen.arrays.n_people, np.bool_)
    people = gen.pool.people()
    busy[people[fixed]] = True
    keep = ~busy[people] & (column_values(gen) >= -tolerance)
    solution = gen.state.solution
    if solution is not None:
        at = len(gen.program.cost)
        x = np.zeros(gen.pool.count)
        x[: len(solution.x) - at] = solution.x[at:]
        keep |= (x > 1e-6) & ~busy[people]
    chosen, _ = branch(gen, keep, fixed, left(), slack)
    return chosen


__all__ = ["INF", "branch", "column_values", "round_off", "settled_columns"]
