"""Importing a roll at the desk (导入花名册): the template, an upload, its preview, all or nothing."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from werkzeug.wrappers import Response

from volunteer.domain.access import Act
from volunteer.domain.refusal import Refused
from volunteer.domain.timekeeping import now
from volunteer.operations.people.rolls import (
    confirm_roll,
    discard_roll,
    read_upload,
    take_roll,
)
from volunteer.queries.people.choices import units_within
from volunteer.queries.people.rolls import (
    CHANGED,
    FAULT,
    NEW,
    SAME,
    RollPerson,
    roll_for,
    roll_rows,
    rolls_of,
)
from volunteer.render.roll_template import FILENAME, template_bytes
from volunteer.render.sheets import workbook_bytes
from volunteer.render.tables import Column, Cover, Table
from volunteer.web.errors import sent_back
from volunteer.web.files import attachment
from volunteer.web.forms import BaseForm, choice, choices, page_asked
from volunteer.web.guard import allows, current_actor
from volunteer.web.work import commits, unit_of_work

blueprint = Blueprint("rolls", __name__, url_prefix="/people/rolls")

PAGE = 50
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ORDER = (FAULT, NEW, CHANGED, SAME)


class UploadForm(BaseForm):
    unit_id = choice(_l("导入到哪个单位"))
    file = FileField(
        _l("花名册文件"),
        validators=[FileRequired(_l("请选择文件。"))],
        description=_l(".xlsx、.xls、.ods 或 .csv，不超过 5 MB；最好用我们的模板。"),
        render_kw={"accept": ".xlsx,.xls,.ods,.csv"},
    )


def _upload_form() -> UploadForm:
    form = UploadForm()
    units = units_within(current_actor(), Act.IMPORT_ROLL)
    form.unit_id.choices = choices(units)
    if form.unit_id.data is None and units:
        form.unit_id.data = units[0][0]
    return form


def _upload_page(form: UploadForm) -> str:
    return render_template(
        "organizer/rolls/upload.html",
        form=form,
        rolls=rolls_of(current_actor()),
        units=form.unit_id.choices,
    )


@blueprint.get("")
@allows(Act.IMPORT_ROLL)
def listing() -> str:
    return _upload_page(_upload_form())


@blueprint.get("/template.xlsx")
@allows(Act.IMPORT_ROLL)
def template() -> Response:
    return attachment(template_bytes(), FILENAME, XLSX)


@blueprint.post("")
@allows(Act.IMPORT_ROLL)
def upload() -> ResponseReturnValue:
    """Not one transaction: the file is read before any is opened, so that nobody waits for it."""
    form, actor = _upload_form(), current_actor()
    if not form.validate_on_submit():
        return _upload_page(form), 422
    name, unit_id = form.file.data.filename or "", form.unit_id.data or 0
    try:
        roll = read_upload(actor, form.file.data.read(), name, unit_id=unit_id)
        with unit_of_work():
            kept = take_roll(actor, roll, file_name=name, unit_id=unit_id, at=now())
        return redirect(url_for("rolls.preview", roll_id=kept.id))
    except Refused as refused:
        form.absorb(refused)
        return _upload_page(form), 422


@blueprint.get("/<int:roll_id>")
@allows(Act.IMPORT_ROLL)
def preview(roll_id: int) -> str:
    kept = roll_for(current_actor(), roll_id)
    rows = sorted(roll_rows(kept), key=lambda row: (ORDER.index(row.verdict), row.number))
    counts = {verdict: sum(row.verdict == verdict for row in rows) for verdict in ORDER}
    chosen = request.args.get("verdict", "")
    shown = [row for row in rows if not chosen or row.verdict == chosen]
    page = min(page_asked(request.args), max(1, -(-len(shown) // PAGE)))
    return render_template(
        "organizer/rolls/preview.html",
        roll=kept,
        counts=counts,
        chosen=chosen,
        rows=shown[(page - 1) * PAGE : page * PAGE],
        page=page,
        pages=max(1, -(-len(shown) // PAGE)),
        total=len(shown),
        units=dict(units_within(current_actor(), Act.IMPORT_ROLL)),
    )


@blueprint.post("/<int:roll_id>/confirm")
@allows(Act.IMPORT_ROLL)
@commits
def confirm(roll_id: int) -> ResponseReturnValue:
    try:
        kept = confirm_roll(current_actor(), roll_id, at=now())
    except Refused as refused:
        return sent_back(refused, url_for("rolls.preview", roll_id=roll_id))
    flash(
        _(
            "已导入：新增 %(new)s 人，更新 %(changed)s 人。",
            new=kept.new_count,
            changed=kept.changed_count,
        ),
        "success",
    )
    if kept.new_count:
        return redirect(url_for("people_links.links", unit=kept.unit_id, roll=kept.id))
    return redirect(url_for("people.listing"))


@blueprint.post("/<int:roll_id>/discard")
@allows(Act.IMPORT_ROLL)
@commits
def discard(roll_id: int) -> ResponseReturnValue:
    try:
        discard_roll(current_actor(), roll_id, at=now())
    except Refused as refused:
        return sent_back(refused, url_for("rolls.listing"))
    flash(_("已放弃，文件内容已清除。"), "success")
    return redirect(url_for("rolls.listing"))


@blueprint.get("/<int:roll_id>/faults.xlsx")
@allows(Act.IMPORT_ROLL)
def faults(roll_id: int) -> Response:
    actor = current_actor()
    kept = roll_for(actor, roll_id)
    table = Table("需要修改的地方", FAULT_COLUMNS, _fault_rows(roll_rows(kept)))
    cover = Cover(
        title=f"{kept.file_name} 的问题清单",
        asked_by=actor.name,
        asked_at=now(),
        notes=("改好以后请在导入页重新上传整份花名册；有一处问题时不会导入任何人。",),
    )
    return attachment(workbook_bytes([table], cover), _("花名册问题清单.xlsx"), XLSX)


FAULT_COLUMNS = (
    Column("address", "单元格"),
    Column("number", "行", kind="count"),
    Column("name", "姓名"),
    Column("title", "列"),
    Column("sentence", "问题", kind="long", width=40),
    Column("hint", "怎样改", kind="long", width=40),
)


def _fault_rows(rows: list[RollPerson]) -> list[dict[str, Any]]:
    return [
        {
            "address": fault.address,
            "number": row.number,
            "name": row.name,
            "title": fault.title,
            "sentence": fault.sentence,
            "hint": fault.hint,
        }
        for row in rows
        for fault in row.faults
    ]
