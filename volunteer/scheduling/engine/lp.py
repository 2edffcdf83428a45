"""Linear and mixed-integer programs as sparse triplets; GLOP and HiGHS, both inside OR-Tools.

GLOP is kept warm from solve to solve while columns are added. No solver's word is taken for a
bound: bounds are worked out from duals in :mod:`volunteer.scheduling.engine.master`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from ortools.math_opt import (
    callback_pb2,
    model_parameters_pb2,
    model_pb2,
    model_update_pb2,
    parameters_pb2,
    result_pb2,
)
from ortools.math_opt.core.python import solver as core

from volunteer.scheduling.engine.arrays import Bools, Floats, Ints

INF = float("inf")


@dataclass(slots=True)
class Program:
    """min cost x, 0 <= x <= upper, row_lower <= A x <= row_upper, some x whole."""

    cost: Floats
    upper: Floats
    row_lower: Floats
    row_upper: Floats
    row: Ints
    col: Ints
    value: Floats
    whole: Bools = field(default_factory=lambda: np.zeros(0, np.bool_))

    def proto(self) -> Any:
        """The program as OR-Tools reads it."""
        model = model_pb2.ModelProto()
        n = len(self.cost)
        whole = self.whole if len(self.whole) else np.zeros(n, np.bool_)
        model.variables.ids.extend(range(n))
        model.variables.lower_bounds.extend([0.0] * n)
        model.variables.upper_bounds.extend(self.upper.tolist())
        model.variables.integers.extend(whole.tolist())
        _sparse(model.objective.linear_coefficients, 0, self.cost)
        model.linear_constraints.ids.extend(range(len(self.row_lower)))
        model.linear_constraints.lower_bounds.extend(self.row_lower.tolist())
        model.linear_constraints.upper_bounds.extend(self.row_upper.tolist())
        _matrix(model.linear_constraint_matrix, self.row, self.col, self.value)
        return model


def _sparse(vector: Any, first: int, values: Floats) -> None:
    at = np.flatnonzero(values)
    vector.ids.extend((at + first).tolist())
    vector.values.extend(values[at].tolist())


def _matrix(matrix: Any, row: Ints, col: Ints, value: Floats) -> None:
    order = np.lexsort((col, row))
    matrix.row_ids.extend(row[order].tolist())
    matrix.column_ids.extend(col[order].tolist())
    matrix.coefficients.extend(value[order].tolist())


@dataclass(frozen=True, slots=True)
class Solution:
    """Primal and dual values of a solved linear program."""

    value: float
    x: Floats
    y: Floats


class Simplex:
    """A linear program in GLOP to which columns are added; every solve starts from the last basis."""

    def __init__(self, program: Program) -> None:
        self._solver = core.new(
            parameters_pb2.SOLVER_TYPE_GLOP,
            program.proto(),
            parameters_pb2.SolverInitializerProto(),
        )
        self.n_cols = len(program.cost)

    def add(self, cost: Floats, row: Ints, col: Ints, value: Floats) -> None:
        """Add columns with bounds 0 and infinity; ``col`` counts from the first new one."""
        update = model_update_pb2.ModelUpdateProto()
        n = len(cost)
        new = update.new_variables
        new.ids.extend(range(self.n_cols, self.n_cols + n))
        new.lower_bounds.extend([0.0] * n)
        new.upper_bounds.extend([INF] * n)
        new.integers.extend([False] * n)
        _sparse(update.objective_updates.linear_coefficients, self.n_cols, cost)
        _matrix(update.linear_constraint_matrix_updates, row, col + self.n_cols, value)
        if not self._solver.update(update):
            raise RuntimeError("GLOP refuses new columns")
        self.n_cols += n

    def solve(self, seconds: float, presolve: bool = False) -> Solution | None:
        """Solve to the end; None if the time ran out before. ``presolve`` gives up the warm start."""
        if seconds <= 0:
            return None
        params = parameters_pb2.SolveParametersProto()
        params.time_limit.FromNanoseconds(int(min(seconds, 1e6) * 1e9))
        params.glop.use_preprocessing = presolve
        answer = self._solver.solve(params, *_NOTHING)
        if answer.termination.reason != result_pb2.TERMINATION_REASON_OPTIMAL:
            return None
        first = answer.solutions[0]
        return Solution(
            first.primal_solution.objective_value,
            np.array(first.primal_solution.variable_values.values),
            np.array(first.dual_solution.dual_values.values),
        )


_NOTHING = (
    model_parameters_pb2.ModelSolveParametersProto(),
    None,
    callback_pb2.CallbackRegistrationProto(),
    None,
    None,
)


@dataclass(frozen=True, slots=True)
class Whole:
    """What the search for a whole solution brought: ``x`` None if nothing was found."""

    x: Floats | None
    value: float
    bound: float
    closed: bool


def search(program: Program, seconds: float, slack: float, hint: Iterable[float] = ()) -> Whole:
    """Search for a whole solution by branch and bound (HiGHS), at most ``slack`` above the best."""
    if seconds <= 0:
        return Whole(None, INF, -INF, False)
    params = parameters_pb2.SolveParametersProto()
    params.time_limit.FromNanoseconds(int(min(seconds, 1e6) * 1e9))
    params.absolute_gap_tolerance = slack
    params.relative_gap_tolerance = 0.0
    model = model_parameters_pb2.ModelSolveParametersProto()
    start = list(hint)
    if start:
        values = model.solution_hints.add().variable_values
        values.ids.extend(range(len(start)))
        values.values.extend(start)
    answer = core.solve(
        program.proto(),
        parameters_pb2.SOLVER_TYPE_HIGHS,
        parameters_pb2.SolverInitializerProto(),
        params,
        model,
        *_NOTHING[1:],
    )
    closed = answer.termination.reason == result_pb2.TERMINATION_REASON_OPTIMAL
    bound = answer.termination.objective_bounds.dual_bound
    if not answer.solutions or not answer.solutions[0].HasField("primal_solution"):
        return Whole(None, INF, bound, closed)
    found = answer.solutions[0].primal_solution
    return Whole(np.array(found.variable_values.values), found.objective_value, bound, closed)
