"""The desk's first page (总览): what needs my attention?"""

from flask import Blueprint, current_app, render_template, url_for
from flask.typing import ResponseReturnValue

from volunteer.domain.access import Act
from volunteer.domain.timekeeping import local_date, now
from volunteer.queries.attention import (
    activity_drafts,
    records_due,
    roster_drafts,
    shortages,
    todays_shifts,
    waiting_seats,
)
from volunteer.queries.calendar import day_names, work_calendar
from volunteer.queries.make_ups import waiting_make_ups
from volunteer.queries.policy import current_policy
from volunteer.queries.targets import own_unit_target
from volunteer.queries.tickets import waiting_tickets
from volunteer.web.guard import allows, current_actor

blueprint = Blueprint("organizer_home", __name__)


def address_of(endpoint: str) -> str | None:
    """The address of a page of another room, where this application serves it."""
    return url_for(endpoint) if endpoint in current_app.view_functions else None


@blueprint.get("/desk")
@allows(Act.VIEW_ACTIVITIES)
def home() -> ResponseReturnValue:
    actor, at = current_actor(), now()
    today = local_date(at)
    policy = current_policy()
    draft_count, drafts = activity_drafts(actor)
    return render_template(
        "organizer/home.html",
        at=at,
        today=today,
        day_name=day_names(years=[today.year]).get(today, ""),
        is_workday=work_calendar(years=[today.year]).is_workday(today),
        shifts=todays_shifts(actor, at=at),
        weeks=shortages(actor, at=at),
        waiting=waiting_seats(actor, at=at),
        due=records_due(actor, at=at, policy=policy),
        warning_days=policy.record_warning_workdays,
        roster_drafts=roster_drafts(actor),
        draft_count=draft_count,
        tickets=waiting_tickets(actor, at=at),
        make_ups=waiting_make_ups(actor, at=at),
        drafts=drafts,
        target=own_unit_target(actor, at=at),
        board=address_of("rosters.board"),
    )
