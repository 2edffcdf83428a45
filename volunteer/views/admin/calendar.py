"""The calendar of the city (日历): twelve months, each day to be set, whole years taken over."""

from datetime import date

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from volunteer.domain.access import Act
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import DayKind
from volunteer.domain.timekeeping import local_date, now
from volunteer.operations.calendar import clear_day, seed_year, set_day
from volunteer.queries.calendar import entered_day, published_day, year_page
from volunteer.web.errors import sent_back
from volunteer.web.forms import BaseForm, pick, text
from volunteer.web.guard import allows, current_actor
from volunteer.web.work import commits

blueprint = Blueprint("calendar", __name__, url_prefix="/city/calendar")


class DayForm(BaseForm):
    kind = pick(_l("这一天"), DayKind.choices())
    name = text(
        _l("名称"),
        longest=60,
        required=False,
        description=_l("例如：国庆节、春节调休上班、防汛值守日。"),
    )


def _date(iso: str) -> date:
    try:
        on = date.fromisoformat(iso)
    except ValueError:
        abort(404)
    if not 2004 <= on.year <= 2100:
        abort(404)
    return on


@blueprint.get("/", defaults={"number": 0})
@blueprint.get("/<int:number>")
@allows(Act.VIEW_CALENDAR)
def year(number: int) -> str:
    today = local_date(now())
    number = number or today.year
    if not 2004 <= number <= 2100:
        abort(404)
    return render_template("admin/calendar.html", page=year_page(number), today=today)


@blueprint.get("/day/<iso>")
@allows(Act.MANAGE_CALENDAR)
def day(iso: str) -> str:
    return _day(_date(iso))


def _day(on: date, form: DayForm | None = None) -> str:
    row, seed = entered_day(on), published_day(on)
    if form is None:
        known = row.kind if row else seed.kind if seed else None
        usual = DayKind.WORKDAY if on.weekday() < 5 else DayKind.HOLIDAY
        name = row.name if row else seed.note if seed else ""
        form = DayForm(formdata=None, kind=(known or usual).value, name=name)
    own = row is not None and row.source == "office"
    return render_template("admin/calendar_day.html", on=on, form=form, seed=seed, own=own)


@blueprint.post("/day/<iso>")
@allows(Act.MANAGE_CALENDAR)
@commits
def save(iso: str) -> Response | tuple[str, int]:
    on, form = _date(iso), DayForm()
    if form.validate():
        kind = DayKind[str(form.kind.data).upper()]
        set_day(current_actor(), on, kind=kind, name=form.name.data or "", at=now())
        flash(_("已保存。以后的班次生成、截止日期和排班都按它计算。"), "success")
        return redirect(url_for("calendar.year", number=on.year))
    return _day(on, form), 422


@blueprint.post("/day/<iso>/clear")
@allows(Act.MANAGE_CALENDAR)
@commits
def clear(iso: str) -> Response:
    on = _date(iso)
    try:
        clear_day(current_actor(), on, at=now())
    except Refused as refused:
        return sent_back(refused, url_for("calendar.year", number=on.year))
    flash(_("已恢复为公布的日历。"), "success")
    return redirect(url_for("calendar.year", number=on.year))


@blueprint.post("/<int:number>/seed")
@allows(Act.MANAGE_CALENDAR)
@commits
def seed(number: int) -> Response:
    back = url_for("calendar.year", number=number)
    try:
        done = seed_year(current_actor(), number, at=now())
    except Refused as refused:
        return sent_back(refused, back)
    flash(
        _(
            "已按公布的日历更新：新增 %(a)s 天，修改 %(c)s 天，删除 %(r)s 天，保留手工设置 %(k)s 天。",
            a=done.added,
            c=done.changed,
            r=done.removed,
            k=done.kept,
        ),
        "success",
    )
    return redirect(back)
