"""What an audit line says in words (日志用语): subjects, fields and values as people read them."""

from datetime import datetime
from typing import Any

from volunteer.domain import terms
from volunteer.domain.figures import FIGURES
from volunteer.domain.terms import Term
from volunteer.domain.timekeeping import day_words, local
from volunteer.domain.words import N_

SUBJECTS = {
    "account": N_("账号"),
    "activity": N_("活动"),
    "shift": N_("班次"),
    "shift_batch": N_("批量班次"),
    "assignment": N_("派班"),
    "draft_roster": N_("排班草案"),
    "scheduling_run": N_("排班任务"),
    "pin": N_("锁定"),
    "check_in": N_("签到签退"),
    "ticket": N_("申诉"),
    "make_up": N_("补录"),
    "deferred_stamp": N_("离线记录"),
    "trust_case": N_("核查事项"),
    "spot_check": N_("现场抽查"),
    "spot_day": N_("抽查密钥"),
    "service_record": N_("志愿服务记录"),
    "ledger_entry": N_("时长流水"),
    "export_log": N_("导出"),
    "volunteer": N_("志愿者"),
    "roll_import": N_("花名册"),
    "invitation": N_("邀请"),
    "qualification": N_("资质确认"),
    "consent": N_("同意"),
    "unit": N_("单位"),
    "tie": N_("联点"),
    "check_point": N_("点位"),
    "point_contract": N_("责任单位"),
    "district": N_("区"),
    "street": N_("街道"),
    "community": N_("社区"),
    "grid_area": N_("网格"),
    "building": N_("楼栋"),
    "activity_kind": N_("服务类型"),
    "skill": N_("资质"),
    "calendar_day": N_("日历"),
    "campaign": N_("创建周期"),
    "inspection": N_("检查"),
    "rule_version": N_("时长规则"),
    "city_setting": N_("城市设置"),
    "device_session": N_("登录设备"),
    "job": N_("后台任务"),
    "message": N_("通知"),
    "star_decision": N_("星级评定"),
    "breach": N_("数据安全事件"),
    "honour": N_("表彰"),
    "award": N_("表彰授予"),
    "unit_target": N_("年度目标"),
    "database": N_("数据库"),
}
"""Words of the tables that audit lines name; one that is missing is shown as 其他."""

FIELDS = {
    "name": N_("名称"), "full_name": N_("全称"), "login": N_("账号"), "role": N_("角色"),
    "reach": N_("范围"), "unit_id": N_("单位"), "district_id": N_("区"), "parent_id": N_("上级单位"),
    "guiding_unit_id": N_("指导单位"), "successor_unit_id": N_("承接单位"), "state": N_("状态"),
    "kind": N_("类型"), "level": N_("层级"), "credit_code": N_("信用代码"), "staff_count": N_("在编人数"),
    "contact_name": N_("联系人"), "contact_phone": N_("联系电话"), "is_active": N_("在用"),
    "is_disabled": N_("停用"), "since_on": N_("开始日期"), "until_on": N_("截止日期"),
    "starts_on": N_("开始日期"), "ends_on": N_("结束日期"), "starts_at": N_("开始时间"),
    "ends_at": N_("结束时间"), "point_id": N_("点位"), "community_id": N_("社区"),
    "street_id": N_("街道"), "grid_area_id": N_("网格"), "address": N_("地址"), "lat": N_("纬度"),
    "lon": N_("经度"), "entered_datum": N_("录入坐标系"), "radius_metres": N_("签到半径"),
    "priority": N_("优先级"), "safety_note": N_("安全提示"), "police_team": N_("配合中队"),
    "retired_on": N_("停用日期"), "pinyin": N_("拼音首字母"), "min_heads": N_("最少人数"),
    "target_heads": N_("目标人数"), "max_heads": N_("最多人数"), "min_age": N_("最小年龄"),
    "max_age": N_("最大年龄"), "corner": N_("站位"), "leader_id": N_("带队"), "breaks": N_("休息"),
    "required_skills": N_("必备资质"), "skill_mix": N_("资质搭配"), "quotas": N_("单位名额"),
    "is_open": N_("附近志愿者可参加"), "reach_metres": N_("附近范围"), "nature": N_("活动性质"),
    "hue": N_("颜色"), "slots": N_("时段"), "days": N_("适用的日子"), "needs_leader": N_("要带队"),
    "in_pairs": N_("两人一组"), "is_dangerous": N_("有人身危险"), "kit": N_("携带物品"),
    "counters": N_("成果计数"), "valid_months": N_("有效期（月）"), "on": N_("日期"),
    "year": N_("年"), "added": N_("新增"), "changed": N_("修改"), "removed": N_("删除"),
    "badge": N_("级别"), "lowered": N_("恢复优先级的班次"), "title": N_("名称"), "purpose": N_("目的"),
    "content": N_("内容"), "conditions": N_("条件"), "risk_note": N_("风险提示"),
    "safeguards": N_("保障措施"), "insurance_reference": N_("保险单号"), "note": N_("备注"),
    "minutes": N_("分钟"), "version": N_("版本"), "reason": N_("原因"), "moved": N_("转走人数"),
    "ties": N_("联点数"), "points": N_("点位数"), "roles": N_("角色数"), "refused": N_("未能改的"),
    "city_name": N_("城市名称"), "support_phone": N_("求助电话"), "file": N_("文件"),
    "digest": N_("文件摘要"), "centre_lat": N_("中心纬度"), "centre_lon": N_("中心经度"),
    "valid_until": N_("有效期至"), "expires_on": N_("到期日期"), "at": N_("时间"),
    "records": N_("记录数"), "record": N_("记录编号"), "absent": N_("缺岗人数"), "pending": N_("待复核"),
    "shift": N_("班次编号"), "shifts": N_("班次数"), "cause": N_("原因类别"), "seats": N_("派班数"),
    "missing": N_("缺口"), "told": N_("通知人次"), "kept": N_("保持不变"), "dropped": N_("移除"),
    "skipped": N_("跳过"), "refill": N_("重新补位"), "seconds": N_("计算秒数"), "seed": N_("随机种子"),
    "status": N_("结果"), "verdict": N_("判定"), "windows": N_("时段数"), "way": N_("签到方式"),
    "volunteer": N_("志愿者编号"), "volunteer_ids": N_("志愿者人数"), "point_ids": N_("点位数"),
    "shift_ids": N_("班次数"), "kept_ids": N_("保留的班次数"), "uses": N_("可用次数"),
    "people": N_("人数"), "rows": N_("行数"), "faults": N_("问题数"), "assignments": N_("派班数"),
    "skill": N_("资质"), "purposes": N_("同意事项"), "on_date": N_("日期"), "first_on": N_("开始日期"),
    "last_on": N_("结束日期"), "count": N_("数量"), "code": N_("代码"), "covers": N_("顶替"),
    "minutes_per_week": N_("每周上限（分钟）"), "shifts_per_day": N_("每天上限（班）"),
    "ledger_seq": N_("台账序号"), "has_id_number": N_("有证件号码"), "split_from": N_("拆自班次"),
    "effective_on": N_("生效日期"), "figures": N_("参数"), "week_on": N_("周"), "in": N_("签到"),
    "out": N_("签退"), "late_minutes": N_("迟到分钟"), "claimed_at": N_("所报时间"), "received_at": N_("收到时间"), "problem": N_("问题"), "day": N_("日期"), "commitment": N_("抽查摘要"), "found": N_("见到人数"), "missed": N_("未见到"), "title_before": N_("原名称"),
}  # fmt: skip

ENUMS: dict[str, tuple[type[Term], ...]] = {
    "role": (terms.Role,),
    "level": (terms.UnitLevel, terms.TicketLevel),
    "kind": (terms.UnitKind, terms.PointKind, terms.DayKind, terms.StampKind),
    "nature": (terms.Nature,),
    "state": (
        terms.ShiftState, terms.ActivityState, terms.AssignmentState, terms.VolunteerState,
        terms.DraftState, terms.RunState, terms.JobState, terms.MessageState,
        terms.TicketState, terms.MakeUpState, terms.DeferredState, terms.CaseState,
    ),
    "cause": (terms.CancelCause,),
    "way": (terms.Way,),
    "problem": (terms.DeferredProblem,),
    "entered_datum": (terms.Datum,),
}  # fmt: skip


_COUNTED = (
    "absent",
    "kept",
    "dropped",
    "skipped",
    "added",
    "refill",
    "missing",
    "pending",
    "missed",
)
"""Lists of numbers that say nothing by themselves: their length does."""


def subject_words(subject: str) -> str:
    """The word for a table that an audit line names."""
    return SUBJECTS.get(subject, N_("其他"))


def is_said(name: str) -> bool:
    """Whether there is a word for the field."""
    return name in FIELDS or name in FIGURES


def field_words(name: str) -> str:
    """The word for a field; a figure of the rules has its own label; an unknown one stays itself."""
    if name in FIELDS:
        return FIELDS[name]
    return FIGURES[name].label if name in FIGURES else name


def value_words(name: str, value: Any) -> str:
    """A value as people read it: 是, 否, 无, words of the lexicon, lists with commas."""
    if value is None or value in ("", [], {}):
        return N_("无")
    if isinstance(value, bool):
        return N_("是") if value else N_("否")
    if isinstance(value, list) and (name.endswith("_ids") or name in _COUNTED):
        return str(len(value))
    if isinstance(value, list):
        parts = [
            "—".join(map(str, one)) if isinstance(one, list) else str(one) for one in value[:12]
        ]
        return "、".join(parts) + (f" 等 {len(value)} 项" if len(value) > 12 else "")
    if isinstance(value, dict):
        return "、".join(f"{key} {part}" for key, part in value.items())
    for kind in ENUMS.get(name, ()):
        found = next((word.label for word in kind if word.value == value), None)
        if found is not None:
            return found
    if isinstance(value, str) and (name == "at" or name.endswith("_at")):
        return _clock(value)
    return str(value)


def _clock(text: str) -> str:
    try:
        at = local(datetime.fromisoformat(text))
    except ValueError:
        return text
    return f"{day_words(at.date())} {at:%H:%M}"


def changes_in_words(
    before: dict[str, Any] | None, after: dict[str, Any] | None, *, known_only: bool = False
) -> list[tuple[str, str, str]]:
    """Each field that a line tells, as (field, before, after) in words; fields alike on both are left out.

    With ``known_only`` fields without a word are left out, too: a list is for reading.
    """
    old, new = before or {}, after or {}
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    if known_only:
        names = [name for name in names if is_said(name)]
    return [
        (
            field_words(name),
            value_words(name, old[name]) if name in old else "",
            value_words(name, new[name]) if name in new else "",
        )
        for name in names
    ]
