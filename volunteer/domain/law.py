"""What must be true before an activity is published (发布检查), all said at once.

《志愿服务条例》第十二条、第十三条 (true facts and risks when recruiting), 第十五条 (work fits age and
strength), 第十七条 (insurance where the body may be harmed); GB/T 40143-2021 6.1 (what a call for
volunteers states); 《志愿服务记录与证明出具办法（试行）》第七条、第十九条 (what is recorded, what must not be).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from dataclasses import field as by_default
from datetime import date, datetime, timedelta

from volunteer.domain.policy import STANDARD, Policy
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import Nature
from volunteer.domain.timekeeping import Window, WorkCalendar, beijing, local_date
from volunteer.domain.words import N_, Translate, Values, fill, say

#: Words that often mean something other than volunteer service, and what it is instead. After
#: 广东 i志愿 活动发布规范 and the 北京 check of five-star volunteers of 2023.
EXCLUDED: tuple[tuple[str, str], ...] = (
    ("会议", N_("会议")), ("例会", N_("会议")), ("开会", N_("会议")),
    ("讲座", N_("讲座")), ("值班", N_("单位值班")), ("值守", N_("单位值班")),
    ("坐班", N_("本职工作")), ("加班", N_("本职工作")), ("实习", N_("实习")), ("值日", N_("校内值日")),
    ("聚餐", N_("聚餐")), ("会餐", N_("聚餐")), ("团建", N_("团队建设")), ("拓展训练", N_("团队建设")),
    ("演出", N_("演出")), ("表演", N_("演出")), ("彩排", N_("排练")), ("排练", N_("排练")),
    ("祈福", N_("宗教活动")), ("法会", N_("宗教活动")), ("促销", N_("商业活动")), ("展销", N_("商业活动")),
    ("商演", N_("商业活动")), ("推介会", N_("商业活动")), ("捐款", N_("捐赠")), ("捐物", N_("捐赠")),
    ("捐赠", N_("捐赠")), ("点赞", N_("网络转发")), ("转发", N_("网络转发")),
)  # fmt: skip

YOUNGEST = (
    10  # 教育部《学生志愿服务管理暂行办法》: pupils from ten years, with a guardian's consent
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that stands against publishing: a code, the form field, and a Chinese sentence."""

    code: str
    field: str
    template: str
    values: Values = by_default(default_factory=dict)
    is_overridable: bool = False

    @property
    def sentence(self) -> str:
        """The sentence in Chinese."""
        return fill(self.template, self.values)

    def said(self, translate: Translate) -> str:
        """Return the sentence in another language, given the catalogue's ``gettext``."""
        return say(self.template, self.values, translate)


@dataclass(frozen=True, slots=True)
class PlannedShift:
    """A shift as the check sees it."""

    window: Window
    place: str
    heads: int
    min_age: int
    has_leader: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What an activity says of itself (活动说明); the fields are those of the form and of the row."""

    title: str
    nature: Nature
    starts_on: date
    ends_on: date
    purpose: str = ""
    content: str = ""
    conditions: str = ""
    risk_note: str = ""
    safeguards: str = ""
    insurance_reference: str = ""
    contact_name: str = ""
    contact_phone: str = ""
    person_in_charge: str = ""
    allows_minors: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan(Statement):
    """An activity as the check sees it; ``is_crossing`` for traffic posts."""

    is_dangerous: bool = False
    is_crossing: bool = False
    lint_override: str = ""
    shifts: Sequence[PlannedShift] = ()


_REQUIRED: tuple[tuple[str, str], ...] = (
    ("title", N_("请填写活动名称。")),
    ("purpose", N_("请填写活动目的。")),
    ("content", N_("请填写服务内容。")),
    ("conditions", N_("请填写参加条件；没有要求请写“无特殊要求”。")),
    ("risk_note", N_("请填写可能的风险。")),
    ("safeguards", N_("请填写保障措施，例如保险、饮水、马甲。")),
    ("contact_name", N_("请填写联系人。")),
    ("contact_phone", N_("请填写联系电话。")),
    ("person_in_charge", N_("请填写活动负责人，志愿服务记录必须载明。")),
)


def missing_for_publication(plan: Plan, at: datetime, policy: Policy = STANDARD) -> list[Finding]:
    """Return everything that stands against publishing at this instant; empty means publishable.

    Words on the exclusion list are set aside by a written reason (``lint_override``), nothing else.
    """
    findings = [
        Finding(f"no_{name}", name, sentence)
        for name, sentence in _REQUIRED
        if not getattr(plan, name).strip()
    ]
    findings += _time_findings(plan, at)
    findings += _age_findings(plan, policy)
    if plan.is_dangerous and not plan.insurance_reference.strip():
        sentence = N_("有人身危险的活动，发布前必须办理人身意外伤害保险并填写保单号。")
        findings.append(Finding("no_insurance", "insurance_reference", sentence))
    findings += _title_findings(plan)
    if not plan.lint_override.strip():
        findings += excluded_words(plan)
    return findings


def require_publishable(plan: Plan, at: datetime, policy: Policy = STANDARD) -> None:
    """Pass if nothing stands against publishing.

    Raises
    ------
    Refused
        ``not_publishable`` with all findings as ``details``.
    """
    findings = missing_for_publication(plan, at, policy)
    if findings:
        raise Refused(
            "not_publishable",
            N_("还有 %(count)d 项需要完善，暂不能发布。"),
            N_("请按提示逐项修改后再发布。"),
            field=findings[0].field,
            details=findings,
            values={"count": len(findings)},
        )


def excluded_words(plan: Plan) -> list[Finding]:
    """Return a warning for each kind of work named in title or content that is no volunteer service.

    Only activities that claim to be volunteer service are read; a duty may call itself a duty.
    """
    if plan.nature is not Nature.VOLUNTEER:
        return []
    found: dict[str, Finding] = {}
    for name in ("title", "purpose", "content"):
        text = getattr(plan, name)
        for word, what in EXCLUDED:
            if word in text and what not in found:
                sentence = N_(
                    "“%(word)s”一般属于%(what)s，不记为志愿服务；如确属志愿服务，请填写说明。"
                )
                values = {"word": word, "what": what}
                found[what] = Finding("excluded_word", name, sentence, values, is_overridable=True)
    return list(found.values())


def _title_findings(plan: Plan) -> Iterator[Finding]:
    if "补录" in plan.title:
        sentence = N_("活动名称不能含“补录”；补录时长请走补录申请。")
        yield Finding("make_up_title", "title", sentence)
    latest = _year_after(plan.starts_on)
    if plan.ends_on > latest:
        yield Finding("too_long", "ends_on", N_("一项活动最长一年，请分年度发布。"))
    if plan.ends_on < plan.starts_on:
        yield Finding("ends_before_start", "ends_on", N_("结束日期早于开始日期。"))


def _year_after(on: date) -> date:
    try:
        return on.replace(year=on.year + 1)
    except ValueError:  # 29 February
        return date(on.year + 1, 3, 1)


def _time_findings(plan: Plan, at: datetime) -> Iterator[Finding]:
    if not plan.shifts:
        yield Finding("no_shifts", "shifts", N_("请至少安排一个班次，写明时间、地点和人数。"))
        return
    if any(not shift.place.strip() for shift in plan.shifts):
        yield Finding("no_place", "shifts", N_("有班次没有写明准确地点。"))
    if any(shift.heads < 1 for shift in plan.shifts):
        yield Finding("no_heads", "shifts", N_("有班次没有写明需要的人数。"))
    first = min(shift.window.starts_at for shift in plan.shifts)
    if first <= at:
        sentence = N_("第一个班次已经开始，活动必须在开始前发布。")
        yield Finding("already_begun", "shifts", sentence)
    days = [shift.window.service_on for shift in plan.shifts]
    if min(days) < plan.starts_on or max(days) > plan.ends_on:
        sentence = N_("有班次不在活动日期 %(first)s 至 %(last)s 之内。")
        values = {"first": plan.starts_on.isoformat(), "last": plan.ends_on.isoformat()}
        yield Finding("outside_dates", "shifts", sentence, values)


def _age_findings(plan: Plan, policy: Policy) -> Iterator[Finding]:
    youngest = min((shift.min_age for shift in plan.shifts), default=policy.adult_age)
    adult = policy.crossing_min_age if plan.is_crossing else policy.adult_age
    if plan.is_dangerous and youngest < policy.adult_age:
        sentence = N_("有人身危险的活动不得安排未满 %(age)d 周岁的人。")
        yield Finding("minor_in_danger", "min_age", sentence, {"age": policy.adult_age})
    elif youngest < policy.min_age:
        sentence = N_("最低年龄不能低于 %(age)d 周岁。")
        yield Finding("too_young", "min_age", sentence, {"age": policy.min_age})
    elif youngest < adult and not plan.allows_minors and plan.is_crossing:
        sentence = N_(
            "交通路口默认只安排年满 %(age)d 周岁的人；如招募未成年人，请勾选“接受未成年人”。"
        )
        yield Finding("minor_at_crossing", "min_age", sentence, {"age": adult})
    elif plan.is_crossing and any(
        shift.min_age < adult and not shift.has_leader for shift in plan.shifts
    ):
        sentence = N_("有未成年人上岗的路口班次必须有带队在场。")
        yield Finding("minor_without_leader", "shifts", sentence)


def registration_findings(
    age: int,
    *,
    has_guardian_consent: bool,
    is_school_linked: bool = False,
    policy: Policy = STANDARD,
) -> list[Finding]:
    """Return what stands against registering a person of this age.

    From 14 years, under 18 with a guardian's consent: 《中国注册志愿者管理办法》. From 10 to 13 only
    through a school or a guardian. A person under 14 is protected by 《个人信息保护法》第三十一条.
    """
    findings: list[Finding] = []
    if age < YOUNGEST or (age < policy.min_age and not is_school_linked):
        sentence = N_("注册志愿者须年满 %(age)d 周岁；10 至 13 周岁请由学校或监护人办理。")
        findings.append(Finding("too_young", "born_on", sentence, {"age": policy.min_age}))
    if age < policy.adult_age and not has_guardian_consent:
        sentence = N_("未满 %(age)d 周岁须有监护人的书面同意。")
        findings.append(
            Finding("no_guardian_consent", "guardian_consent", sentence, {"age": policy.adult_age})
        )
    return findings


def record_due_on(ended_at: datetime, calendar: WorkCalendar, policy: Policy = STANDARD) -> date:
    """Return the last day for recording an activity whose last shift ended at this instant.

    Ten working days after it, that day not counted: 《志愿服务记录与证明出具办法（试行）》第十一条.
    """
    return calendar.add_workdays(local_date(ended_at), policy.record_workdays)


def record_overdue_before(
    today: date, calendar: WorkCalendar, policy: Policy = STANDARD
) -> datetime:
    """Return the instant before which an end of service is one whose record was due before ``today``.

    The other face of :func:`record_due_on`, for asking a database.
    """
    on = today
    while calendar.add_workdays(on, policy.record_workdays) >= today:
        on -= timedelta(days=1)
    return beijing(on + timedelta(days=1))
