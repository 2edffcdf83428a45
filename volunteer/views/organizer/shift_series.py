"""Shifts in bulk at the desk (批量创建班次): say when and where, look at the preview, create, take back."""

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import BooleanField, DateField, RadioField, SelectField, SelectMultipleField
from wtforms.validators import Optional
from wtforms.widgets import CheckboxInput, ListWidget

from volunteer.domain.access import Act, require
from volunteer.domain.refusal import Refused
from volunteer.domain.series import MOST_SLOTS, PROPOSED, DayRule, Series, Slot
from volunteer.domain.terms import PointKind
from volunteer.domain.timekeeping import local_date, now
from volunteer.operations.shifts import create_batch, undo_batch
from volunteer.queries.activities import ActivityFacts, facts_for, last_batch_of
from volunteer.queries.choices import districts_to_choose, points_to_choose
from volunteer.queries.shift_preview import Preview, Verdict, preview_of
from volunteer.views.organizer.shift_form import ADD_ROW, TermsForm, clock_field
from volunteer.web import filters
from volunteer.web.forms import REQUIRED, choices, text
from volunteer.web.guard import allows, current_actor
from volunteer.web.work import commits

blueprint = Blueprint("shift_series", __name__)

WEEKDAYS = [(str(n), name) for n, name in enumerate(filters.WEEKDAYS)]
SHOWN = 300
"""Rows of a preview on the page; the figures above them count all."""


class SeriesForm(TermsForm):
    first_on = DateField(_l("从哪天"), validators=[REQUIRED])
    last_on = DateField(_l("到哪天"), validators=[REQUIRED])
    rule = RadioField(_l("日期规则"), choices=choices(DayRule.choices()), validators=[REQUIRED])
    weekdays = SelectMultipleField(
        _l("星期几"),
        choices=choices(WEEKDAYS),
        validators=[Optional()],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        description=_l("选“指定星期”时填写。"),
    )
    skips_holidays = BooleanField(_l("指定星期遇到法定节假日时跳过"), default=True)
    except_on = text(
        _l("除外日期"),
        longest=200,
        required=False,
        description=_l("不安排的日子，例如 2026-12-01，多个用逗号隔开。"),
    )
    start_1, end_1 = clock_field(_l("时段 1 开始")), clock_field(_l("时段 1 结束"))
    start_2, end_2 = clock_field(_l("时段 2 开始")), clock_field(_l("时段 2 结束"))
    start_3, end_3 = clock_field(_l("时段 3 开始")), clock_field(_l("时段 3 结束"))
    start_4, end_4 = clock_field(_l("时段 4 开始")), clock_field(_l("时段 4 结束"))
    point_district = SelectField(_l("区"), coerce=int, default=0)
    point_kind = SelectField(_l("点位类型"), default="")
    point_words = text(_l("点位名称"), longest=40, required=False)
    takes_all_points = BooleanField(_l("选中下面列出的全部点位"))
    point_ids = SelectMultipleField(
        _l("点位"),
        coerce=int,
        validators=[Optional()],
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    corners = text(
        _l("站位"),
        longest=80,
        required=False,
        description=_l("路口分几个站位时填写，每个站位各建一个班次，例如：东北角、西南角。"),
    )
    with_clashes = BooleanField(_l("时间冲突的班次也创建"))

    def fill(self, facts: ActivityFacts, today: date) -> None:
        """Fill in what can be chosen; points already chosen stay in the list."""
        self.fill_terms()
        self.point_district.choices = choices([(0, _("全部区")), *districts_to_choose()])
        self.point_kind.choices = choices([("", _("全部类型")), *PointKind.choices()])
        kind = self.point_kind.data or ""
        self.found = points_to_choose(
            facts.activity.unit_id,
            on=max(today, facts.activity.starts_on),
            district_id=self.point_district.data or None,
            kind=PointKind[kind.upper()] if kind in set(PointKind) else None,
            words=self.point_words.data or "",
            always=self.point_ids.data or (),
        )
        self.point_ids.choices = choices((point.id, point.name) for point in self.found)

    def series(self) -> Series:
        """What was typed, as plain values; raises Refused at the field at fault."""
        chosen = [point.id for point in self.found] if self.takes_all_points.data else []
        typed = (self.corners.data or "").replace("，", "、").replace(",", "、").split("、")
        corners = tuple(dict.fromkeys(part.strip()[:20] for part in typed if part.strip()))
        return Series(
            first_on=self.first_on.data,
            last_on=self.last_on.data,
            rule=DayRule[str(self.rule.data).upper()],
            slots=self.slots(),
            point_ids=tuple(dict.fromkeys([*(self.point_ids.data or []), *chosen])),
            weekdays=frozenset(int(day) for day in self.weekdays.data or ()),
            skips_holidays=bool(self.skips_holidays.data),
            except_on=self._exceptions(),
            corners=corners or ("",),
            pauses=self.pauses(),
        )

    def slots(self) -> tuple[Slot, ...]:
        """The times of day that are filled in; raises Refused where one is not readable."""
        found = []
        for number in range(1, MOST_SLOTS + 1):
            start, end = self[f"start_{number}"].data, self[f"end_{number}"].data
            if not start and not end:
                continue
            try:
                found.append(Slot.of(start or "", end or ""))
            except ValueError as error:
                sentence = _("时段 %(n)s 请写明开始和结束时间。", n=number)
                raise Refused("bad_slot", sentence, field=f"start_{number}", status=422) from error
        return tuple(found)

    def _exceptions(self) -> frozenset[date]:
        typed = (self.except_on.data or "").replace("，", ",").replace("、", ",")
        try:
            return frozenset(date.fromisoformat(p.strip()) for p in typed.split(",") if p.strip())
        except ValueError as error:
            sentence = _("看不懂除外日期，请写成 2026-12-01。")
            raise Refused("bad_dates", sentence, field="except_on", status=422) from error

    def insisted(self) -> frozenset[Verdict]:
        """Verdicts on which the organizer insists."""
        return frozenset({Verdict.CLASH}) if self.with_clashes.data else frozenset()


def _proposal(facts: ActivityFacts, today: date) -> dict[str, Any]:
    """What the form starts with: the last batch of the activity, else the defaults of the kind."""
    kind = facts.kind
    rule, weekdays = PROPOSED.get(kind.days, PROPOSED["any"])
    first = max(today, facts.activity.starts_on)
    said: dict[str, Any] = {
        "first_on": min(first, facts.activity.ends_on),
        "last_on": facts.activity.ends_on,
        "rule": rule.value,
        "weekdays": [str(day) for day in weekdays],
        "skips_holidays": True,
        "min_heads": kind.min_heads,
        "target_heads": kind.target_heads,
        "max_heads": kind.max_heads,
        "min_age": kind.min_age,
        "max_age": kind.max_age,
        "priority": "3",
        "is_open": kind.is_open,
        "reach_metres": kind.reach_metres,
        "required_skills": list(kind.required_skills),
    }
    last = last_batch_of(facts.activity.id)
    slots = last["series"]["slots"] if last else kind.slots
    for number, (start, end) in enumerate(slots[:MOST_SLOTS], start=1):
        said[f"start_{number}"], said[f"end_{number}"] = start, end
    if last:
        said["point_ids"] = last["series"]["point_ids"]
        names = ("min_heads", "target_heads", "max_heads", "min_age", "max_age", "is_open")
        said.update({name: last["terms"][name] for name in names})
    return said


def _page(
    facts: ActivityFacts, form: SeriesForm, *, preview: Preview | None = None, status: int = 200
) -> ResponseReturnValue:
    rows = preview.rows[:SHOWN] if preview else ()
    return render_template(
        "organizer/shifts/series.html",
        facts=facts,
        activity=facts.activity,
        form=form,
        preview=preview,
        rows=rows,
        verdicts=Verdict,
        adds_row=request.form.get("step") == ADD_ROW,
    ), status


@blueprint.get("/activities/<int:activity_id>/shifts/new")
@allows(Act.MANAGE_SHIFTS)
def compose(activity_id: int) -> ResponseReturnValue:
    facts = _facts(activity_id)
    today = local_date(now())
    form = SeriesForm(formdata=None, data=_proposal(facts, today))
    form.fill(facts, today)
    return _page(facts, form)


@blueprint.post("/activities/<int:activity_id>/shifts/preview")
@allows(Act.MANAGE_SHIFTS)
def preview(activity_id: int) -> ResponseReturnValue:
    facts, form = _read(activity_id)
    if request.form.get("step") in ("points", ADD_ROW):
        return _page(facts, form)
    if not form.validate():
        return _page(facts, form, status=422)
    try:
        series = form.series()
        found = preview_of(facts.activity, series, form.terms(), at=now())
    except Refused as refused:
        form.absorb(refused)
        return _page(facts, form, status=422)
    return _page(facts, form, preview=found)


@blueprint.post("/activities/<int:activity_id>/shifts")
@allows(Act.MANAGE_SHIFTS)
@commits
def create(activity_id: int) -> ResponseReturnValue:
    facts, form = _read(activity_id)
    if not form.validate():
        return _page(facts, form, status=422)
    try:
        made = create_batch(
            current_actor(),
            activity_id,
            form.series(),
            form.terms(),
            insisted=form.insisted(),
            at=now(),
        )
    except Refused as refused:
        form.absorb(refused)
        return _page(facts, form, status=422)
    flash(
        _("已创建 %(n)s 个班次；如果不对，可以在下面的批量创建记录里撤销。", n=made.shifts),
        "success",
    )
    if made.without_leader:
        flash(
            _("其中 %(n)s 个班次的带队同时另有安排，暂未指定带队。", n=made.without_leader),
            "warning",
        )
    return redirect(url_for("activities.show", activity_id=activity_id, week=made.first_on))


def _read(activity_id: int) -> tuple[ActivityFacts, SeriesForm]:
    facts = _facts(activity_id)
    form = SeriesForm()
    form.fill(facts, local_date(now()))
    return facts, form


def _facts(activity_id: int) -> ActivityFacts:
    facts = facts_for(current_actor(), activity_id)
    require(current_actor(), Act.MANAGE_SHIFTS, unit_id=facts.activity.unit_id)
    return facts


@blueprint.post("/shift-batches/<int:batch_id>/undo")
@allows(Act.MANAGE_SHIFTS)
@commits
def undo(batch_id: int) -> Response:
    done = undo_batch(current_actor(), batch_id, at=now())
    flash(_("已撤销：删除 %(n)s 个班次。", n=done.removed), "success")
    if done.kept_ids:
        flash(
            _(
                "有 %(n)s 个班次已安排过人或已发布，予以保留。不再需要的，请在这里取消并通知志愿者。",
                n=len(done.kept_ids),
            ),
            "warning",
        )
        return redirect(url_for("shift_cancelling.choose", shift=done.kept_ids[:200]))
    return redirect(url_for("activities.show", activity_id=done.activity_id))
