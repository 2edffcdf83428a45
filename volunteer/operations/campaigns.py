"""Campaigns and inspections (创建周期、检查): opened, pointed at, strengthened, closed."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import delete, select

from volunteer.domain.access import Act, Actor, require, scope_of
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import InspectionKind
from volunteer.domain.timekeeping import local_date
from volunteer.models.activities import Shift
from volunteer.models.base import db
from volunteer.models.campaigns import Campaign, Inspection, KeyPoint
from volunteer.models.places import CheckPoint
from volunteer.operations.changes import hold, put
from volunteer.operations.journal import note
from volunteer.operations.shifts import Change, edit_shift
from volunteer.queries.campaigns import (
    Bolster,
    BolsterLine,
    bolster_preview,
    campaign_for,
    inspection_for,
    may_run,
    raised_by_batch,
)
from volunteer.queries.shifts import terms_of

ONE_DAY = timedelta(days=1)


def keep_campaign(
    actor: Actor,
    campaign_id: int | None,
    *,
    name: str,
    starts_on: date,
    ends_on: date,
    at: datetime,
) -> Campaign:
    """Open a campaign, or change one; campaigns are the city office's.

    Raises Refused ``not_found``, ``city_only``, ``name_missing``, ``name_taken``, ``dates``.
    """
    require(actor, Act.MANAGE_CAMPAIGNS)
    _require_city(actor)
    name = name.strip()
    if not name:
        raise Refused("name_missing", "请填写名称。", field="name", status=422)
    same = select(Campaign.id).where(Campaign.name == name, Campaign.id != (campaign_id or 0))
    if db.session.scalar(same) is not None:
        raise Refused("name_taken", "已经有一个同名的创建周期。", field="name", status=422)
    _require_dates(starts_on, ends_on)
    values = {"name": name, "starts_on": starts_on, "ends_on": ends_on}
    if campaign_id is None:
        campaign = Campaign(**values)
        db.session.add(campaign)
        db.session.flush()
        before: dict[str, object] = {}
        after: dict[str, object] = {key: str(value) for key, value in values.items()}
    else:
        campaign = campaign_for(campaign_id)
        hold(campaign)
        before, after = put(campaign, values)
    if after:
        word = "新建" if campaign_id is None else "修改"
        note(
            actor,
            "keep_campaign",
            campaign,
            f"{word}创建周期“{name}”",
            at=at,
            unit_id=actor.unit_id,
            before=before or None,
            after=after,
        )
    return campaign


@dataclass(frozen=True, slots=True)
class InspectionParticulars:
    """What an inspection shall be; without a district it is the whole city's."""

    name: str
    kind: InspectionKind
    starts_on: date
    ends_on: date
    district_id: int | None = None


def open_inspection(
    actor: Actor, campaign_id: int, wanted: InspectionParticulars, *, at: datetime
) -> Inspection:
    """Announce an inspection; it makes nothing critical until it has key points.

    Raises Refused ``not_found``, ``city_only``, ``name_missing``, ``dates``, ``outside_campaign``.
    """
    campaign = campaign_for(campaign_id)
    _require_runner(actor, wanted.district_id)
    inspection = Inspection(campaign_id=campaign.id, **_sound(campaign, wanted))
    db.session.add(inspection)
    db.session.flush()
    note(
        actor,
        "open_inspection",
        inspection,
        f"新建检查“{inspection.name}”（{wanted.starts_on} 至 {wanted.ends_on}）",
        at=at,
        unit_id=actor.unit_id,
        after={"badge": inspection.badge, "starts_on": str(wanted.starts_on),
               "ends_on": str(wanted.ends_on)},
    )  # fmt: skip
    return inspection


def edit_inspection(
    actor: Actor, inspection_id: int, wanted: InspectionParticulars, *, seen: str, at: datetime
) -> Inspection:
    """Change the name or the days; shifts of days that fall out of it get their priority back.

    Raises Refused ``not_found``, ``changed_meanwhile``, ``closed``, and those of ``open_inspection``.
    """
    inspection = _for_running(actor, inspection_id)
    hold(inspection, seen)
    _require_open(inspection)
    _require_runner(actor, wanted.district_id)
    values = _sound(campaign_for(inspection.campaign_id), wanted)
    if wanted.starts_on > inspection.starts_on:
        before_it = min(wanted.starts_on - ONE_DAY, inspection.ends_on)
        _lower(inspection, None, inspection.starts_on, before_it)
    if wanted.ends_on < inspection.ends_on:
        after_it = max(wanted.ends_on + ONE_DAY, inspection.starts_on)
        _lower(inspection, None, after_it, inspection.ends_on)
    before, after = put(inspection, values)
    if after:
        note(
            actor,
            "edit_inspection",
            inspection,
            f"修改检查“{inspection.name}”",
            at=at,
            unit_id=actor.unit_id,
            before=before,
            after=after,
        )
    return inspection


def add_points(actor: Actor, inspection_id: int, point_ids: Iterable[int], *, at: datetime) -> int:
    """Make points critical for an inspection; returns how many are new.

    Raises Refused ``not_found``, ``closed``, ``no_point`` when none is named or fits.
    """
    inspection = _for_running(actor, inspection_id)
    hold(inspection)
    _require_open(inspection)
    wanted = sorted(set(point_ids))
    fits = select(CheckPoint.id).where(
        CheckPoint.id.in_(wanted),
        CheckPoint.retired_on.is_(None),
        CheckPoint.id.not_in(
            select(KeyPoint.point_id).where(KeyPoint.inspection_id == inspection_id)
        ),
    )
    if inspection.district_id is not None:
        fits = fits.where(CheckPoint.district_id == inspection.district_id)
    ids = list(db.session.scalars(fits.order_by(CheckPoint.id)))
    if not ids:
        raise Refused("no_point", "没有可以新增的点位。", "请换类型或区，或者它们已经在名单里。")
    db.session.add_all(KeyPoint(inspection_id=inspection_id, point_id=one) for one in ids)
    db.session.flush()
    note(
        actor,
        "add_key_points",
        inspection,
        f"“{inspection.name}”新增 {len(ids)} 个迎检点位",
        at=at,
        unit_id=actor.unit_id,
        after={"point_ids": ids},
    )
    return len(ids)


def drop_point(actor: Actor, inspection_id: int, point_id: int, *, at: datetime) -> int:
    """Take a point off an inspection; returns how many shifts got their priority back.

    Raises Refused ``not_found``, ``closed``.
    """
    inspection = _for_running(actor, inspection_id)
    hold(inspection)
    _require_open(inspection)
    key = db.session.get(KeyPoint, (inspection_id, point_id))
    if key is None:
        raise Refused("not_found", "这个点位不在名单里。", status=404)
    lowered = _lower(inspection, [point_id], inspection.starts_on, inspection.ends_on)
    name = db.session.scalar(select(CheckPoint.name).where(CheckPoint.id == point_id))
    db.session.delete(key)
    db.session.flush()
    note(
        actor,
        "drop_key_point",
        inspection,
        f"“{inspection.name}”去掉迎检点位“{name}”",
        at=at,
        unit_id=actor.unit_id,
        before={"point_id": point_id},
        after={"lowered": lowered},
    )
    return lowered


def close_inspection(actor: Actor, inspection_id: int, *, reason: str, at: datetime) -> int:
    """End an inspection today, or call off one that has not begun; returns shifts lowered again.

    Raises Refused ``not_found``; a closed one stays as it is.
    """
    inspection = _for_running(actor, inspection_id)
    hold(inspection)
    if inspection.closed_at is not None:
        return 0
    today = local_date(at)
    before = {"ends_on": inspection.ends_on.isoformat()}
    if inspection.starts_on > today:
        lowered = _lower(inspection, None, inspection.starts_on, inspection.ends_on)
        db.session.execute(delete(KeyPoint).where(KeyPoint.inspection_id == inspection_id))
        words = f"取消检查“{inspection.name}”"
    else:
        last = min(inspection.ends_on, today)
        lowered = _lower(inspection, None, last + ONE_DAY, inspection.ends_on)
        inspection.ends_on = last
        words = f"结束检查“{inspection.name}”"
    inspection.closed_at = at
    note(
        actor,
        "close_inspection",
        inspection,
        words,
        at=at,
        unit_id=actor.unit_id,
        before=before,
        after={"ends_on": inspection.ends_on.isoformat(), "lowered": lowered},
        reason=reason,
    )
    db.session.flush()
    return lowered


@dataclass(frozen=True, slots=True)
class Bolstered:
    """What the inspection mode did: shifts changed, seats told and asked anew, and what stayed with why."""

    changed: int
    told: int
    asked_anew: int
    refused: tuple[tuple[BolsterLine, str], ...]


def bolster(actor: Actor, inspection_id: int, wanted: Bolster, *, at: datetime) -> Bolstered:
    """Strengthen the shifts at key points as the preview said; each by the same rules as by hand.

    A shift that cannot be changed (check-ins, a clash, a busy leader) stays and is told with the reason.

    Raises Refused ``not_found``, ``closed``, ``nothing_to_do``.
    """
    inspection = _for_running(actor, inspection_id)
    hold(inspection)
    _require_open(inspection)
    preview = bolster_preview(actor, inspection, wanted, at=at)
    if not preview.changing:
        raise Refused("nothing_to_do", "没有需要加强的班次。", "它们已经达到这些要求。")
    changed = told = asked = 0
    refused = []
    for row in preview.changing:
        try:
            with db.session.begin_nested():
                done = edit_shift(
                    actor, row.line.id, _change(row, wanted), version=row.line.version, at=at
                )
        except Refused as no:
            parts = [part for part in no.details if isinstance(part, Refused)] or [no]
            refused.append((row, " ".join(part.sentence for part in parts)))
            continue
        changed += bool(done.labels)
        told += done.told
        asked += done.asked_anew
    note(
        actor,
        "bolster",
        inspection,
        f"迎检模式“{inspection.name}”：加强 {changed} 个班次，未能加强 {len(refused)} 个",
        at=at,
        unit_id=actor.unit_id,
        after={
            "least_heads": wanted.least_heads,
            "reserves": wanted.reserves,
            "earlier_minutes": wanted.earlier_minutes,
            "later_minutes": wanted.later_minutes,
            "changed": changed,
            "refused": len(refused),
        },
    )
    return Bolstered(changed, told, asked, tuple(refused))


def _change(row: BolsterLine, wanted: Bolster) -> Change:
    shift = db.session.get(Shift, row.line.id)
    assert shift is not None, "the preview has just read it"
    least, wished, most = row.heads
    terms = terms_of(shift)
    pauses = tuple(
        (start + wanted.earlier_minutes, end + wanted.earlier_minutes)
        for start, end in terms.breaks
    )
    return Change(
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        point_id=shift.point_id,
        corner=shift.corner,
        terms=replace(terms, min_heads=least, target_heads=wished, max_heads=most, breaks=pauses),
    )


def _lower(inspection: Inspection, point_ids: Iterable[int] | None, first: date, last: date) -> int:
    """Give shifts made critical by this inspection their own priority back, both days included."""
    found = raised_by_batch(inspection.id, point_ids, first=first, last=last)
    for shift, before in found:
        shift.priority = before
        shift.version += 1
    return len(found)


def _require_city(actor: Actor) -> None:
    if not scope_of(actor, Act.MANAGE_CAMPAIGNS).everything:
        raise Refused(
            "city_only",
            "全市的创建周期和检查由市级管理员管理。",
            "区级可以组织本区的检查。",
            status=403,
        )


def _require_runner(actor: Actor, district_id: int | None) -> None:
    require(actor, Act.MANAGE_CAMPAIGNS)
    if district_id is None:
        _require_city(actor)
    else:
        require(actor, Act.MANAGE_CAMPAIGNS, district_id=district_id)


def _for_running(actor: Actor, inspection_id: int) -> Inspection:
    require(actor, Act.MANAGE_CAMPAIGNS)
    inspection = inspection_for(inspection_id)
    if not may_run(actor, inspection):
        _require_runner(actor, inspection.district_id)
    return inspection


def _require_open(inspection: Inspection) -> None:
    if inspection.closed_at is not None:
        raise Refused("closed", "这次检查已经结束，不能再改。", "可以新建一次检查。")


def _require_dates(first: date, last: date) -> None:
    if last < first:
        raise Refused("dates", "结束日期不能早于开始日期。", field="ends_on", status=422)


def _sound(campaign: Campaign, wanted: InspectionParticulars) -> dict[str, object]:
    if not wanted.name.strip():
        raise Refused("name_missing", "请填写名称。", field="name", status=422)
    _require_dates(wanted.starts_on, wanted.ends_on)
    if wanted.starts_on < campaign.starts_on or wanted.ends_on > campaign.ends_on:
        raise Refused(
            "outside_campaign",
            "检查应在创建周期 %(starts_on)s 至 %(ends_on)s 之内。",
            field="starts_on",
            status=422,
            values={"starts_on": campaign.starts_on, "ends_on": campaign.ends_on},
        )
    return {
        "name": wanted.name.strip(),
        "badge": wanted.kind.label,
        "starts_on": wanted.starts_on,
        "ends_on": wanted.ends_on,
        "district_id": wanted.district_id,
    }
