"""Planning (排班): the only bridge from rows to a scheduling problem, and what runs have to tell.

``problem_of`` translates a week and a scope into a :class:`~volunteer.scheduling.problem.Problem`. Ids
become words of the exchange format: volunteer 12 is ``v12``, shift 34 ``s34``, unit 5 ``u5``, point 7
``p7``; kinds of service are the activities (``k3``). Nobody else translates.
"""

from volunteer.queries.planning.bridge import holding_published, people_in_reach, problem_of
from volunteer.queries.planning.names import number_of, pair_of, pairs_of
from volunteer.queries.planning.scope import PlanScope, plannable, scope_name, within

__all__ = [
    "PlanScope",
    "holding_published",
    "number_of",
    "pair_of",
    "pairs_of",
    "plannable",
    "people_in_reach",
    "problem_of",
    "scope_name",
    "within",
]
