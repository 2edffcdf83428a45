"""My hours (我的时长): the total, the month as a calendar, by strength of evidence, and each record's arithmetic."""

from calendar import monthrange
from datetime import date, timedelta

from flask import Blueprint, render_template, request, url_for

from volunteer.domain.access import Act
from volunteer.domain.credit import told_again
from volunteer.domain.recognition import star_name
from volunteer.domain.timekeeping import local_date, now
from volunteer.queries.ledger import my_days, my_grades, my_records, my_total
from volunteer.queries.records import record_story
from volunteer.queries.stars import my_stars
from volunteer.queries.targets import my_target
from volunteer.web.guard import allows, current_actor

blueprint = Blueprint("record", __name__, url_prefix="/me/record")


def _month(today: date) -> tuple[date, date]:
    """The month asked for as ``2026-11``, else this one: its first and its last day."""
    try:
        first = date.fromisoformat(request.args.get("month", "") + "-01")
    except ValueError:
        first = today.replace(day=1)
    return first, first.replace(day=monthrange(first.year, first.month)[1])


def _weeks(first: date, last: date) -> list[list[date | None]]:
    """The month as weeks from Monday to Sunday; days of other months are empty."""
    start = first - timedelta(days=first.weekday())
    weeks = []
    while start <= last:
        week = [start + timedelta(days=n) for n in range(7)]
        weeks.append([d if first <= d <= last else None for d in week])
        start += timedelta(days=7)
    return weeks


@blueprint.get("")
@allows(Act.OWN_HOURS)
def hours() -> str:
    actor, today = current_actor(), local_date(now())
    first, last = _month(today)
    after = last + timedelta(days=1)
    return render_template(
        "me/hours.html",
        today=today,
        first=first,
        weeks=_weeks(first, last),
        days=my_days(actor, first=first, last=last),
        before=url_for("record.hours", month=f"{first - timedelta(days=1):%Y-%m}"),
        after=url_for("record.hours", month=f"{after:%Y-%m}"),
        is_now=first == today.replace(day=1),
        total=my_total(actor),
        year=my_total(actor, first=today.replace(month=1, day=1), last=today),
        month=my_total(actor, first=first, last=last),
        grades=my_grades(actor),
        stars=my_stars(actor, at=now()),
        star_name=star_name,
        target=my_target(actor, at=now()),
        records=my_records(
            actor, first=first, last=last, page=request.args.get("page", 1, type=int)
        ),
    )


@blueprint.get("/<int:record_id>")
@allows(Act.OWN_HOURS)
def show(record_id: int) -> str:
    story = record_story(current_actor(), record_id, act=Act.OWN_HOURS)
    return render_template("me/record.html", story=story, steps=told_again(story.record.arithmetic))
