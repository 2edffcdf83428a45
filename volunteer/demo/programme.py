"""What the demo city does: activities of its units and their shifts over six weeks."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from volunteer.demo.city import Ground
from volunteer.demo.population import Population
from volunteer.demo.routines import STANDING, Routine, routines_at_points, routines_of_ties
from volunteer.domain.terms import ActivityState, ShiftState
from volunteer.domain.timekeeping import Window, WorkCalendar
from volunteer.models import activities, places
from volunteer.models.base import db

WEEKS_BEFORE = 4
WEEKS_AFTER = 1


@dataclass
class Programme:
    """The activities and the shifts in order of time."""

    made: list[activities.Activity] = field(default_factory=list)
    shifts: list[activities.Shift] = field(default_factory=list)


TEXTS = {
    "traffic": (
        "引导行人和非机动车文明通行，维护路口秩序。",
        "佩戴袖标，在斑马线两侧劝导闯红灯、逆行和未戴头盔。",
    ),
    "elderly": ("关爱老年人，让陪伴和服务到身边。", "陪聊、助餐助洁、测血压、教用智能手机。"),
    "greenery": ("让公园和街道绿植整齐美观。", "修剪枯枝、清理落叶、扶正苗木。"),
    "net_cafe": ("守护未成年人文明上网。", "巡查网吧实名登记与未成年人提示，宣传文明上网。"),
    "cleaning": ("清洁家园，巩固卫生城市成果。", "清理卫生死角、捡拾垃圾、擦洗宣传栏。"),
    "hazard_waste": ("推动有害垃圾分类回收。", "登记居民交来的电池、灯管、过期药品并兑换日用品。"),
    "household": ("走进家门听意见、解难题。", "两人一组入户走访，发放资料，登记意见建议。"),
    "street_patrol": ("及时发现并救助街面困难人员。", "巡查车站和桥下，劝导并护送受助人员。"),
    "posters": ("清除“牛皮癣”小广告。", "联合清理墙面、电杆小广告并登记来源。"),
    "parking_order": ("规范路口停车秩序。", "劝导乱停乱放，清理占道杂物。"),
    "road_inspection": ("上路巡查，及时发现并处理问题。", "沿路段巡查设施和秩序，现场处理并登记。"),
}


def _activity(
    ground: Ground, routine: Routine, monday: date, at: datetime, rng: random.Random
) -> activities.Activity:
    unit, kind = ground.units[routine.unit], ground.kinds[routine.kind]
    purpose, content = TEXTS[routine.kind]
    surname = rng.choice("李王张刘陈杨黄周吴罗")
    return activities.Activity(
        title=routine.title or f"{unit.name}{kind.name}"[:80],
        kind_id=kind.id,
        unit_id=unit.id,
        nature=routine.nature,
        state=ActivityState.PUBLISHED,
        starts_on=monday - timedelta(weeks=WEEKS_BEFORE),
        ends_on=monday + timedelta(weeks=WEEKS_AFTER + 1, days=-1),
        purpose=purpose,
        content=content,
        conditions=f"{kind.min_age}—{kind.max_age} 岁，身体健康，服从带队安排。",
        risk_note="现场有车辆和人流，请注意脚下与来往车辆。"
        if kind.is_dangerous
        else "活动强度较低，注意防滑防暑。",
        safeguards="统一投保意外伤害保险，提供马甲、饮用水和急救包。",
        insurance_reference=f"湘保志愿{monday.year}第{rng.randrange(1000, 9999)}号"
        if kind.is_dangerous
        else "",
        contact_name=f"{surname}{rng.choice(('科长', '主任', '干事'))}",
        contact_phone=f"0739-53{rng.randrange(10000, 99999)}",
        person_in_charge=f"{surname}{rng.choice(('建国', '丽', '志强', '敏', '晓东'))}",
        created_at=at - timedelta(weeks=5),
        created_by_id=0,
        published_at=at - timedelta(weeks=5) + timedelta(hours=3),
    )


def _dates(routine: Routine, monday: date, calendar: WorkCalendar) -> Iterator[date]:
    first = monday - timedelta(weeks=WEEKS_BEFORE)
    for offset in range(7 * (WEEKS_BEFORE + WEEKS_AFTER + 1)):
        on = first + timedelta(days=offset)
        if (
            routine.days == "workdays"
            and calendar.is_workday(on)
            or isinstance(routine.days, tuple)
            and on.weekday() in routine.days
        ):
            yield on


def _shift(
    ground: Ground,
    routine: Routine,
    activity: activities.Activity,
    point: places.CheckPoint,
    on: date,
    slot: tuple[str, str],
) -> activities.Shift:
    kind = ground.kinds[routine.kind]
    low, wanted, most = routine.heads or (kind.min_heads, kind.target_heads, kind.max_heads)
    window = Window.of(on, *slot)
    return activities.Shift(
        activity_id=activity.id,
        point_id=point.id,
        starts_at=window.starts_at,
        ends_at=window.ends_at,
        service_on=on,
        state=ShiftState.PLANNED,
        min_heads=low,
        target_heads=wanted,
        max_heads=most,
        priority=point.priority,
        min_age=kind.min_age,
        max_age=kind.max_age,
        breaks=[list(pause) for pause in routine.breaks],
        required_skills=list(kind.required_skills),
        is_open=kind.is_open,
        reach_metres=kind.reach_metres,
    )


def plan_programme(
    ground: Ground,
    population: Population,
    monday: date,
    at: datetime,
    rng: random.Random,
    calendar: WorkCalendar,
) -> Programme:
    """Add the activities and six weeks of shifts with their leaders' skill and the units' quotas."""
    programme = Programme()
    for routine in (*routines_at_points(ground), *routines_of_ties(ground), *STANDING):
        activity = _activity(ground, routine, monday, at, rng)
        batch_size = 0
        db.session.add(activity)
        db.session.flush()
        programme.made.append(activity)
        db.session.add_all(
            activities.JointUnit(activity_id=activity.id, unit_id=ground.units[name].id)
            for name in routine.joint
        )
        batch = activities.ShiftBatch(
            activity_id=activity.id,
            wanted={
                "points": list(routine.points),
                "slots": [list(slot) for slot in routine.slots],
            },
            created_at=at - timedelta(weeks=5),
            created_by_id=0,
        )
        db.session.add(batch)
        db.session.flush()
        for on in _dates(routine, monday, calendar):
            for slot in routine.slots:
                for name in routine.points:
                    shift = _shift(ground, routine, activity, ground.points[name], on, slot)
                    shift.batch_id = batch.id
                    programme.shifts.append(shift)
                    db.session.add(shift)
                    batch_size += 1
        batch.wanted = {**batch.wanted, "count": batch_size}
    db.session.flush()
    programme.shifts.sort(key=lambda s: (s.starts_at, s.id))
    _mixes(ground, programme, rng)
    return programme


def _mixes(ground: Ground, programme: Programme, rng: random.Random) -> None:
    by_id = {activity.id: activity for activity in programme.made}
    kinds = {kind.id: kind for kind in ground.kinds.values()}
    for shift in programme.shifts:
        activity = by_id[shift.activity_id]
        kind = kinds[activity.kind_id]
        if kind.needs_leader or shift.min_heads >= 3:
            db.session.add(
                activities.ShiftSkill(
                    shift_id=shift.id, skill_id=ground.skills["leader"].id, count=1
                )
            )
        if kind.code in ("cleaning", "elderly"):
            db.session.add(
                activities.ShiftSkill(
                    shift_id=shift.id, skill_id=ground.skills["first_aid"].id, count=1
                )
            )
        if shift.min_heads >= 2 and rng.random() < 0.6:
            db.session.add(
                activities.ShiftQuota(
                    shift_id=shift.id, unit_id=activity.unit_id, count=max(1, shift.min_heads // 2)
                )
            )
    db.session.flush()
