"""Oversight (监督): who did what, jobs, the outbox, exports."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from volunteer.domain.access import Act
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import JobState, MessageState
from volunteer.domain.timekeeping import local_date, now
from volunteer.operations.exports import Exported, log_export
from volunteer.operations.oversight import retry_job, retry_message
from volunteer.queries.audit_words import SUBJECTS, changes_in_words, subject_words
from volunteer.queries.choices import units_to_invite
from volunteer.queries.oversight import (
    AuditFilter,
    audit_line_for,
    audit_lines,
    audit_log,
    channels,
    exports_listed,
    health,
    jobs_listed,
    messages_listed,
)
from volunteer.queries.roles import units_to_grant
from volunteer.render.sheets import csv_bytes, workbook_bytes
from volunteer.render.tables import Column, Cover, Table
from volunteer.web.errors import sent_back
from volunteer.web.files import attachment
from volunteer.web.forms import BaseForm, choice, choices, day, page_asked, pick, term_or_none
from volunteer.web.guard import allows, current_actor
from volunteer.web.work import commits

blueprint = Blueprint("oversight", __name__, url_prefix="/city/oversight")

SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class AuditForm(BaseForm):
    subject = pick(_l("对象"), list(SUBJECTS.items()), required=False)
    unit_id = choice(_l("单位"))
    first = day(_l("从"), required=False)
    last = day(_l("到"), required=False)


def _asked(arguments: Any) -> tuple[AuditForm, AuditFilter]:
    form = AuditForm(arguments, meta={"csrf": False})
    units = units_to_grant(current_actor()) or units_to_invite()
    form.unit_id.choices = choices([("", _("不限")), *units])
    form.validate()
    number = arguments.get("subject_id", type=int)
    account = arguments.get("account", type=int)
    return form, AuditFilter(
        words=arguments.get("q", "").strip(),
        account_id=account,
        unit_id=form.unit_id.data,
        subject=form.subject.data or "",
        subject_id=number,
        first=_day(form.first.data),
        last=_day(form.last.data),
    )


def _day(value: date | None) -> date | None:
    return value if value is None or 2000 <= value.year <= 2100 else None


@blueprint.get("/")
@allows(Act.VIEW_AUDIT)
def audit() -> str:
    form, wanted = _asked(request.args)
    found = audit_log(current_actor(), wanted, page=page_asked(request.args))
    return render_template(
        "admin/audit.html",
        found=found,
        form=form,
        narrowed=wanted != AuditFilter(),
        words=changes_in_words,
        subject=subject_words,
    )


@blueprint.get("/<int:entry_id>")
@allows(Act.VIEW_AUDIT)
def entry(entry_id: int) -> str:
    line = audit_line_for(current_actor(), entry_id)
    return render_template(
        "admin/audit_entry.html",
        line=line,
        changes=changes_in_words(line.entry.before, line.entry.after),
        subject=subject_words(line.entry.subject),
    )


def _rows(wanted: AuditFilter) -> Iterator[dict[str, Any]]:
    for line in audit_lines(current_actor(), wanted):
        one = line.entry
        changes = changes_in_words(one.before, one.after)
        yield {
            "at": one.at,
            "who": one.actor_name,
            "unit": line.unit_name,
            "subject": subject_words(one.subject),
            "number": str(one.subject_id or ""),
            "sentence": one.sentence,
            "before": "；".join(f"{name}：{old}" for name, old, _new in changes if old),
            "after": "；".join(f"{name}：{new}" for name, _old, new in changes if new),
            "reason": one.reason,
            "request": one.request_id,
        }


COLUMNS = (
    Column("at", "时间", "moment"),
    Column("who", "办理人"),
    Column("unit", "单位"),
    Column("subject", "对象"),
    Column("number", "对象编号", "code"),
    Column("sentence", "事项", "long"),
    Column("before", "办理前", "long"),
    Column("after", "办理后", "long"),
    Column("reason", "原因", "long"),
    Column("request", "请求编号", "code"),
)


def _in_words(form: AuditForm, wanted: AuditFilter) -> dict[str, str]:
    words = {}
    if wanted.words:
        words[_("查找")] = wanted.words
    if wanted.subject:
        words[_("对象")] = subject_words(wanted.subject)
    if wanted.unit_id:
        words[_("单位")] = dict(units_to_invite()).get(wanted.unit_id, "")
    if wanted.first:
        words[_("从")] = wanted.first.isoformat()
    if wanted.last:
        words[_("到")] = wanted.last.isoformat()
    return words or {_("范围"): _("全部可见的日志")}


@blueprint.post("/export/<file_kind>")
@allows(Act.VIEW_AUDIT)
@commits
def export(file_kind: str) -> Response:
    if file_kind not in ("csv", "xlsx"):
        raise Refused("not_found", _("没有这种导出格式。"), status=404)
    form, wanted = _asked(request.form)
    actor, at = current_actor(), now()
    rows = list(_rows(wanted))
    words = _in_words(form, wanted)
    table = Table(_("操作日志"), COLUMNS, rows)
    cover = Cover(_("操作日志"), actor.name, at, words)
    content = csv_bytes(table) if file_kind == "csv" else workbook_bytes([table], cover)
    name = f"audit-{local_date(at):%Y%m%d}.{file_kind}"
    told = "；".join(f"{key}：{value}" for key, value in words.items())
    log_export(actor, Exported(_("操作日志"), told, name, content, len(rows)), at=at)
    return attachment(content, name, SHEET if file_kind == "xlsx" else "text/csv; charset=utf-8")


@blueprint.get("/jobs")
@allows(Act.VIEW_SETTINGS)
def jobs() -> str:
    state = term_or_none(JobState, request.args.get("state"))
    found = jobs_listed(current_actor(), state, page=page_asked(request.args))
    return render_template(
        "admin/jobs.html", found=found, state=state, states=JobState, health=health(at=now())
    )


@blueprint.post("/jobs/<int:job_id>/retry")
@allows(Act.MANAGE_SETTINGS)
@commits
def retry(job_id: int) -> Response:
    try:
        retry_job(current_actor(), job_id, at=now())
    except Refused as refused:
        return sent_back(refused, url_for("oversight.jobs"))
    flash(_("已重新排队，稍后刷新查看结果。"), "success")
    return redirect(url_for("oversight.jobs"))


@blueprint.get("/messages")
@allows(Act.VIEW_SETTINGS)
def messages() -> str:
    state = term_or_none(MessageState, request.args.get("state"))
    found = messages_listed(current_actor(), state, page=page_asked(request.args))
    ways = channels(current_actor())
    return render_template(
        "admin/outbox.html", found=found, state=state, states=MessageState, ways=ways
    )


@blueprint.post("/messages/<int:message_id>/retry")
@allows(Act.MANAGE_SETTINGS)
@commits
def resend(message_id: int) -> Response:
    try:
        retry_message(current_actor(), message_id, at=now())
    except Refused as refused:
        return sent_back(refused, url_for("oversight.messages"))
    flash(_("已放回待发送。"), "success")
    return redirect(url_for("oversight.messages"))


@blueprint.get("/exports")
@allows(Act.VIEW_AUDIT)
def exports() -> str:
    found = exports_listed(current_actor(), page=page_asked(request.args))
    return render_template("admin/exports.html", found=found)
