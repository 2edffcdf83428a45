"""The roster on paper (打印、导出): the A3 matrix, the A4 table that units expect, the Excel file."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from volunteer.domain.access import Act, holds
from volunteer.domain.timekeeping import now
from volunteer.operations.rosters.export import export_week, print_inner
from volunteer.queries.rosters.board import board_of_week, seats_on
from volunteer.queries.rosters.sheet import sheet_of_week
from volunteer.views.organizer.rosters import wanted
from volunteer.views.organizer.week import asked_week, days_of
from volunteer.web.files import attachment
from volunteer.web.guard import allows, current_actor
from volunteer.web.work import commits

blueprint = Blueprint("roster_papers", __name__)

WHOLE = 10_000
"""Points on one paper: all of them; a printed matrix has no pages to turn."""


def _is_inner() -> bool:
    """The version for the office, with names and numbers; leaders and auditors get the public one."""
    return request.args.get("inner") == "1" and holds(current_actor(), Act.MANAGE_ROSTERS)


@blueprint.get("/rosters/print/matrix")
@allows(Act.VIEW_ROSTERS)
def matrix() -> str:
    week_on = asked_week()
    board = board_of_week(current_actor(), week_on, wanted(), per=WHOLE)
    return render_template(
        "organizer/rosters/matrix.html",
        board=board,
        seats=seats_on(board.shift_ids),
        days=days_of(week_on),
        week_on=week_on,
        at=now(),
    )


@blueprint.get("/rosters/print/table")
@allows(Act.VIEW_ROSTERS)
def table() -> str:
    week_on = asked_week()
    rows = sheet_of_week(current_actor(), week_on, wanted(), inner=False)
    return render_template(
        "organizer/rosters/paper.html", rows=rows, week_on=week_on, inner=False, at=now()
    )


@blueprint.post("/rosters/print/inner")
@allows(Act.MANAGE_ROSTERS)
@commits
def inner_table() -> str:
    """A POST, because a paper with phone numbers leaves a line."""
    week_on, at = asked_week(), now()
    rows = print_inner(current_actor(), week_on, wanted(), at=at)
    return render_template(
        "organizer/rosters/paper.html", rows=rows, week_on=week_on, inner=True, at=at
    )


@blueprint.post("/rosters/export")
@allows(Act.EXPORT)
@commits
def export() -> ResponseReturnValue:
    week_on, inner = asked_week(), _is_inner()
    made = export_week(current_actor(), week_on, wanted(), inner=inner, at=now())
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return attachment(made.content, made.name, kind)
