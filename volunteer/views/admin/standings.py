"""Rankings of units, districts, kinds and persons (排行统计), on screen and as files."""

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, current_app, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import DateField, SelectChoice, SelectField
from wtforms.validators import Optional

from volunteer.domain.access import Act, holds
from volunteer.domain.compliance import PERSONAL_BOARDS
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import StandingBasis
from volunteer.domain.timekeeping import local_date, now
from volunteer.operations.exports import Exported, log_export
from volunteer.queries.compliance import is_kept_away
from volunteer.queries.policy import current_policy
from volunteer.queries.roots import root_words
from volunteer.queries.standings import (
    By,
    Standing,
    StandingFilter,
    by_month,
    ledger_end,
    place_names,
    standing,
)
from volunteer.render.sheets import csv_bytes, workbook_bytes
from volunteer.render.tables import Column, Cover, Table
from volunteer.web.files import attachment
from volunteer.web.forms import BaseForm, choices
from volunteer.web.guard import allows, current_actor, open_to_all
from volunteer.web.words import label
from volunteer.web.work import commits

blueprint = Blueprint("standings", __name__)

BY_LABELS = {
    By.UNIT: _l("单位"),
    By.DISTRICT: _l("区"),
    By.KIND: _l("服务类型"),
    By.PERSON: _l("人员"),
}
PERIODS = ("month", "last_month", "quarter", "year", "custom")
PERIOD_LABELS = {
    "month": _l("本月"),
    "last_month": _l("上月"),
    "quarter": _l("本季度"),
    "year": _l("本年"),
    "custom": _l("自定义"),
}
PUBLIC_MINIMUM = 5


class FilterForm(BaseForm):
    """What the ranking is asked for; lives in the address so that it can be kept and sent."""

    class Meta(BaseForm.Meta):
        csrf = False

    period = SelectField(
        _l("时段"),
        choices=[SelectChoice(key, PERIOD_LABELS[key]) for key in PERIODS],
        default="month",
    )
    first = DateField(_l("从"), validators=[Optional()])
    last = DateField(_l("到"), validators=[Optional()])
    basis = SelectField(_l("依据"), choices=choices(StandingBasis.choices()), default="total")
    verified = SelectField(
        _l("时长口径"),
        choices=[SelectChoice("all", _l("全部时长")), SelectChoice("only", _l("仅扫码认证时长"))],
        default="all",
    )
    district = SelectField(_l("所在区"), choices=[])
    kind = SelectField(_l("服务类型"), choices=[])
    unit = SelectField(_l("单位"), choices=[])


def period_of(word: str, today: date) -> tuple[date, date]:
    """First and last day of a named period around today."""
    first = today.replace(day=1)
    if word == "last_month":
        last = first - timedelta(days=1)
        return last.replace(day=1), last
    if word == "quarter":
        return date(today.year, 3 * ((today.month - 1) // 3) + 1, 1), today
    if word == "year":
        return date(today.year, 1, 1), today
    return first, today


def _form() -> FilterForm:
    form = FilterForm(request.values)
    districts, kinds, units = place_names()
    for field, rows in ((form.district, districts), (form.kind, kinds), (form.unit, units)):
        field.choices = [
            SelectChoice("", _("全部")),
            *(SelectChoice(str(n), name) for n, name in rows),
        ]
    return form


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 10 else None


def _asked(form: FilterForm) -> StandingFilter:
    today = local_date(now())
    first, last = period_of(form.period.data or "month", today)
    if form.period.data == "custom":
        if not form.first.data or not form.last.data or form.first.data > form.last.data:
            raise Refused(
                "bad_period", _("请填写起止日期，且开始不晚于结束。"), field="first", status=422
            )
        first, last = form.first.data, form.last.data
    by = request.values.get("by", "unit")
    basis = form.basis.data if form.basis.data in {b.value for b in StandingBasis} else "total"
    return StandingFilter(
        first=first,
        last=last,
        by=By(by) if by in {b.value for b in By} else By.UNIT,
        basis=StandingBasis[basis.upper()],
        verified_only=form.verified.data == "only",
        unit_id=_number(form.unit.data),
        district_id=_number(form.district.data),
        kind_id=_number(form.kind.data),
    )


def in_words(asked: StandingFilter, form: FilterForm) -> dict[str, str]:
    """The filter as words, for covers and logs."""
    words = {
        _("时段"): _(
            "%(first)s 至 %(last)s", first=asked.first.isoformat(), last=asked.last.isoformat()
        ),
        _("对象"): str(BY_LABELS[asked.by]),
        _("依据"): label(asked.basis),
        _("时长口径"): _("仅扫码认证时长") if asked.verified_only else _("全部时长"),
    }
    for field in (form.district, form.kind, form.unit):
        if field.data:
            labels = {choice.value: choice.label for choice in field.choices}
            words[str(field.label.text)] = str(labels.get(field.data, field.data))
    return words


@blueprint.get("/standings")
@allows(Act.VIEW_STANDINGS)
def overview() -> str | tuple[str, int]:
    form, status, fault = _form(), 200, None
    try:
        asked = _asked(form)
    except Refused as refused:
        fault, status = refused, 422
        asked = StandingFilter(*period_of("month", local_date(now())))
    actor = current_actor()
    return (
        render_template(
            "admin/standings.html",
            form=form,
            asked=asked,
            fault=fault,
            result=standing(actor, asked),
            months=by_month(asked),
            by_labels=BY_LABELS,
            is_kept_in_units=asked.by is By.PERSON and is_kept_away(PERSONAL_BOARDS),
            may_export=holds(actor, Act.EXPORT),
        ),
        status,
    )


def _columns(asked: StandingFilter) -> list[Column]:
    columns = [
        Column("place", _("名次"), "count", 6),
        Column("tie", _("并列"), "text", 6),
        Column("name", str(BY_LABELS[asked.by]), "text"),
        Column("hours", _("志愿服务时长（小时）"), "hours", summed=True),
        Column("minutes", _("志愿服务时长（分钟）"), "minutes", summed=True),
        Column("participations", _("参与人次"), "count", summed=True),
        Column("active", _("参与人数"), "count", summed=asked.by in (By.UNIT, By.PERSON)),
    ]
    if asked.by in (By.UNIT, By.DISTRICT):
        columns += [
            Column("registered", _("在册人数"), "count", summed=True),
            Column("per_head", _("人均时长（小时）"), "hours"),
            Column("rate", _("活跃率"), "percent"),
        ]
    return columns


def _rows(result: Standing) -> list[dict[str, Any]]:
    rows = []
    for placed in result.rows:
        tally = placed.tally
        per_head, rate = tally.minutes_per_head, tally.active_rate
        rows.append(
            {
                "place": placed.place,
                "tie": _("并列") if placed.is_tied else "",
                "name": tally.name,
                "hours": tally.minutes,
                "minutes": tally.minutes,
                "participations": tally.participations,
                "active": tally.active,
                "registered": tally.registered,
                "per_head": None if per_head is None else round(per_head),
                "rate": None if rate is None else float(rate),
            }
        )
    return rows


SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.post("/standings/export/<file_kind>")
@allows(Act.EXPORT)
@commits
def export(file_kind: str) -> Response:
    if file_kind not in ("csv", "xlsx"):
        raise Refused("not_found", _("没有这种导出格式。"), status=404)
    form = _form()
    asked = _asked(form)
    actor, at = current_actor(), now()
    result = standing(actor, asked)
    words = in_words(asked, form)
    title = _("志愿服务时长排行（按%(by)s）", by=BY_LABELS[asked.by])
    table = Table(str(BY_LABELS[asked.by]), _columns(asked), _rows(result), notes=_notes(result))
    seq, seal = ledger_end()
    if file_kind == "csv":
        content = csv_bytes(table)
    else:
        notes = (
            _(
                "数据来源：时长台账，截至第 %(seq)s 条流水，封印 %(seal)s",
                seq=seq,
                seal=seal.hex()[:16],
            ),
            _(
                "平台：%(city)s志愿服务平台记录，供内部统计使用",
                city=current_app.config["SETTINGS"].city_name,
            ),
            *filter(None, (root_words(),)),
        )
        cover = Cover(title, actor.name, at, words, current_policy().rule_version, notes)
        content = workbook_bytes([table], cover)
    name = f"standings-{asked.by.value}-{asked.first:%Y%m%d}-{asked.last:%Y%m%d}.{file_kind}"
    told = "；".join(f"{key}：{value}" for key, value in words.items())
    log_export(
        actor, Exported(title, told, name, content, len(result.rows), seq, asked.unit_id), at=at
    )
    return attachment(content, name, SHEET if file_kind == "xlsx" else "text/csv; charset=utf-8")


def _notes(result: Standing) -> list[str]:
    notes = [_("名次相同表示数值完全相同；每人每天计一次参与。人均按在册人数计算。")]
    if result.unnamed:
        notes.append(_("另有 %(n)s 人未同意在本单位以外公开，计入合计但不列名。", n=result.unnamed))
    return notes


@blueprint.get("/public")
@open_to_all
def public() -> str:
    """Open to all: the city shows its units, never a person, and no group small enough to point at one."""
    today = local_date(now())
    asked = StandingFilter(date(today.year, 1, 1), today)
    result = standing(None, asked)
    shown = [row for row in result.rows if row.tally.active >= PUBLIC_MINIMUM]
    return render_template("public/board.html", rows=shown, result=result, asked=asked)
