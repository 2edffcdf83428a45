"""Acts on site (现场操作): roll-call, scanning a person, forcing, marks, seats, counters, settling."""

from datetime import datetime

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from volunteer.domain.access import Act
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import StampKind, Way
from volunteer.domain.timekeeping import beijing, clock_at, local_date, minutes_of, now
from volunteer.operations import attendance
from volunteer.operations.attendance import RollCall, Touch
from volunteer.operations.attendance.stamping import Wanted
from volunteer.operations.ledger import settle_shift
from volunteer.queries.attendance import seat_at
from volunteer.queries.onsite import site_of
from volunteer.web.errors import flash_refused
from volunteer.web.guard import allows, current_actor
from volunteer.web.seen_code import seen_at
from volunteer.web.words import label
from volunteer.web.work import commits, unit_of_work

blueprint = Blueprint("onsite_acts", __name__, url_prefix="/onsite")


def _back(shift_id: int) -> Response:
    return redirect(
        url_for("onsite.shift", shift_id=shift_id, kind=request.form.get("kind") or None)
    )


def _touch() -> Touch:
    return Touch(nonce=request.form.get("nonce", ""))


def _reason() -> str:
    return request.form.get("reason", "").strip()


def _ticked() -> list[int]:
    return [int(one) for one in request.form.getlist("people") if one.isdecimal()]


def _kind() -> StampKind:
    return StampKind.OUT if request.form.get("kind") == "out" else StampKind.IN


def _tell(done: RollCall, what: str) -> None:
    if done.done:
        flash(_("%(what)s：%(n)s 人次已登记。", what=what, n=len(done.done)), "success")
    for name, refused in done.refused:
        flash(_("%(name)s：%(words)s", name=name, words="".join(refused.said(_))), "warning")


@blueprint.post("/<int:shift_id>/roll")
@allows(Act.RUN_ONSITE)
@commits
def call_roll(shift_id: int) -> Response:
    kind = _kind()
    try:
        done = attendance.call_roll(
            current_actor(),
            shift_id=shift_id,
            volunteer_ids=_ticked(),
            kind=kind,
            touch=_touch(),
            at=now(),
        )
        _tell(done, _("点名%(kind)s", kind=label(kind)))
    except Refused as refused:
        if refused.code != "nobody_ticked":
            raise
        flash_refused(refused)
    return _back(shift_id)


@blueprint.post("/<int:shift_id>/scan")
@allows(Act.RUN_ONSITE)
def scan(shift_id: int) -> Response:
    actor, at = current_actor(), now()
    scanned = request.form.get("scanned", "").strip().rsplit("/", 1)[-1]
    site = site_of(actor, shift_id, act=Act.RUN_ONSITE)
    try:
        with unit_of_work():
            stamp = attendance.stamp_scanned(
                actor,
                shift_id=site.shift.id,
                scanned=scanned,
                touch=_touch(),
                at=at,
                seen_at=seen_at(scanned),
                meant=_kind() if request.form.get("kind") else None,
            )
    except Refused as refused:
        if refused.status in (403, 404):
            raise
        with unit_of_work():
            attendance.note_refused_scan(actor, refused, what=_("扫描志愿者个人码"), at=at)
        flash_refused(refused)
        return _back(shift_id)
    name = seat_at(shift_id, stamp.volunteer_id, at=at).volunteer.name
    done = {"name": name, "time": clock_at(stamp.at), "kind": label(stamp.kind)}
    flash(_("%(name)s %(time)s 已%(kind)s。", **done), "success")
    return _back(shift_id)


def _said(shift_starts: datetime) -> datetime | None:
    """The instant that the leader names as ``07:30`` on the day of the shift, if one is named."""
    typed = request.form.get("said", "").strip()
    if not typed:
        return None
    try:
        said = beijing(local_date(shift_starts), minutes_of(typed))
    except ValueError:
        raise Refused(
            "bad_time", _("时间不对。"), _("请写成 07:30 这样。"), field="said", status=422
        ) from None
    return said


@blueprint.post("/<int:shift_id>/person/<int:volunteer_id>/force")
@allows(Act.RUN_ONSITE)
@commits
def force(shift_id: int, volunteer_id: int) -> Response:
    actor = current_actor()
    site = site_of(actor, shift_id, act=Act.RUN_ONSITE)
    wanted = Wanted(_kind(), Way.ROLL_CALL, _reason(), _said(site.shift.starts_at))
    stamp = attendance.force_stamp(
        actor,
        shift_id=shift_id,
        volunteer_id=volunteer_id,
        wanted=wanted,
        touch=_touch(),
        at=now(),
    )
    flash(
        _(
            "已登记 %(time)s %(kind)s，原因已留痕。",
            time=clock_at(stamp.at),
            kind=label(stamp.kind),
        ),
        "success",
    )
    return _back(shift_id)


@blueprint.post("/<int:shift_id>/person/<int:volunteer_id>/excuse")
@allows(Act.RUN_ONSITE)
@commits
def excuse(shift_id: int, volunteer_id: int) -> Response:
    attendance.excuse(
        current_actor(), shift_id=shift_id, volunteer_id=volunteer_id, reason=_reason(), at=now()
    )
    flash(_("已登记请假，不算缺岗。"), "success")
    return _back(shift_id)


@blueprint.post("/<int:shift_id>/person/<int:volunteer_id>/absent")
@allows(Act.RUN_ONSITE)
@commits
def absent(shift_id: int, volunteer_id: int) -> Response:
    attendance.mark_absent(
        current_actor(), shift_id=shift_id, volunteer_id=volunteer_id, reason=_reason(), at=now()
    )
    flash(_("已标记缺岗，本人会收到通知。"), "success")
    return _back(shift_id)


@blueprint.post("/<int:shift_id>/person/<int:volunteer_id>/clear")
@allows(Act.RUN_ONSITE)
@commits
def clear(shift_id: int, volunteer_id: int) -> Response:
    attendance.clear_mark(current_actor(), shift_id=shift_id, volunteer_id=volunteer_id, at=now())
    flash(_("已取消标记。"), "success")
    return _back(shift_id)


@blueprint.post("/<int:shift_id>/stamps/<int:stamp_id>/undo")
@allows(Act.RUN_ONSITE)
@commits
def undo(shift_id: int, stamp_id: int) -> Response:
    site_of(current_actor(), shift_id, act=Act.RUN_ONSITE)
    attendance.undo_stamp(current_actor(), stamp_id=stamp_id, reason=_reason(), at=now())
    flash(_("已撤销，本人会收到通知。"), "success")
    return _back(shift_id)


@blueprint.post("/<int:shift_id>/add/<int:volunteer_id>")
@allows(Act.RUN_ONSITE)
@commits
def add(shift_id: int, volunteer_id: int) -> Response:
    site_of(current_actor(), shift_id, act=Act.RUN_ONSITE)
    attendance.add_seat(
        current_actor(), shift_id=shift_id, volunteer_id=volunteer_id, reason=_reason(), at=now()
    )
    flash(_("已加入名单，现在可以签到了。"), "success")
    return _back(shift_id)


@blueprint.post("/<int:shift_id>/failure")
@allows(Act.RUN_ONSITE)
@commits
def declare_failure(shift_id: int) -> Response:
    done = attendance.declare_failure(
        current_actor(),
        shift_id=shift_id,
        volunteer_ids=_ticked(),
        reason=_reason(),
        touch=_touch(),
        at=now(),
    )
    _tell(done, _("系统故障登记"))
    return _back(shift_id)


@blueprint.post("/<int:shift_id>/outcome")
@allows(Act.RUN_ONSITE)
@commits
def record_outcome(shift_id: int) -> Response:
    actor = current_actor()
    site = site_of(actor, shift_id, act=Act.RUN_ONSITE)
    counters = {}
    for number, name in enumerate(site.kind.counters):
        typed = request.form.get(f"counter-{number}", "").strip()
        if typed:
            counters[name] = int(typed) if typed.isdecimal() else -1
    attendance.record_outcome(actor, shift_id=shift_id, counters=counters, at=now())
    flash(_("服务成效已保存。"), "success")
    return _back(shift_id)


@blueprint.post("/<int:shift_id>/settle")
@allows(Act.SETTLE)
@commits
def settle(shift_id: int) -> Response:
    done = settle_shift(current_actor(), shift_id=shift_id, at=now())
    flash(
        _(
            "已结算：%(n)s 人次，共 %(minutes)s 分钟，缺岗 %(absent)s 人。",
            n=len(done.records),
            minutes=done.minutes,
            absent=len(done.absent),
        ),
        "success",
    )
    return redirect(url_for("onsite.shift", shift_id=shift_id))
