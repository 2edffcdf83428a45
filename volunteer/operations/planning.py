"""Planning (自动排班): ask for a run, carry it out in two short transactions, stop it.

``gather`` and ``keep_draft`` are the two transactions; ``solve`` between them holds none. Each is safe
to repeat: a run whose worker died is gathered anew, a run that has ended is left alone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select, update

from volunteer.domain.access import Act, Actor, require, scope_of
from volunteer.domain.lifecycle import advance
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import JobState, RunState
from volunteer.domain.timekeeping import beijing, week_of
from volunteer.domain.words import N_
from volunteer.models.activities import Shift
from volunteer.models.base import db
from volunteer.models.journal import Job
from volunteer.models.places import District
from volunteer.models.rosters import Assignment, DraftRoster, DraftSeat, SchedulingRun
from volunteer.operations import journal
from volunteer.queries.planning import PlanScope, number_of, plannable, problem_of, scope_name
from volunteer.queries.planning.seats import LIVE as LIVE_SEATS
from volunteer.queries.runs import (
    LIVE,
    draft_of_run,
    packed_plan,
    packed_problem,
    run_underway,
    scope_of_run,
)
from volunteer.scheduling.plan import Limits, Progress
from volunteer.scheduling.plan import plan as front_door
from volunteer.scheduling.problem import Plan, Problem
from volunteer.scheduling.words import refusal_words

SHORTEST_SECONDS, LONGEST_SECONDS = 5, 1800
MOST_POINTS = 400
"""Points of the falling curve that are kept; a longer one is thinned from the middle."""

Point = tuple[float, str, int, int | None, int | None]
"""Seconds, stage, best coverage cost, proven bound, people cost."""
