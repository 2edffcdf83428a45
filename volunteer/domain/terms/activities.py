"""Activities, shifts, rosters and inspections (活动、班次、排班、检查)."""

from volunteer.domain.terms.word import Term
from volunteer.domain.words import N_


class Nature(Term):
    """What an activity is in law (活动性质); only 志愿服务 may be recorded, 民政部令第67号第十九条."""

    VOLUNTEER = "volunteer", N_("志愿服务")
    DUTY = "duty", N_("公务值守")
    TRAINING = "training", N_("培训")
    OTHER = "other", N_("其他")


class ActivityState(Term):
    """State of an activity (活动状态)."""

    DRAFT = "draft", N_("草稿")
    PUBLISHED = "published", N_("已发布")
    CANCELLED = "cancelled", N_("已取消")
    CLOSED = "closed", N_("已结束")


class ShiftState(Term):
    """State of a shift (班次状态)."""

    PLANNED = "planned", N_("待排班")
    PUBLISHED = "published", N_("已发布")
    CANCELLED = "cancelled", N_("已取消")
    SETTLED = "settled", N_("已结算")


class RunState(Term):
    """State of a scheduling run (排班任务状态)."""

    QUEUED = "queued", N_("排队中")
    RUNNING = "running", N_("计算中")
    FINISHED = "finished", N_("已完成")
    CANCELLED = "cancelled", N_("已停止")
    FAILED = "failed", N_("未能完成")


class DraftState(Term):
    """State of a draft roster (排班草案状态)."""

    OPEN = "open", N_("编辑中")
    PUBLISHED = "published", N_("已发布")
    DISCARDED = "discarded", N_("已弃用")


class AssignmentState(Term):
    """What a person said to a proposed duty (派班状态); nobody may be forced, 《志愿服务条例》第二十五条."""

    PROPOSED = "proposed", N_("待确认")
    ACCEPTED = "accepted", N_("已接受")
    DECLINED = "declined", N_("已谢绝")
    EXPIRED = "expired", N_("逾期未答复")
    CANCELLED = "cancelled", N_("已取消")


class CancelCause(Term):
    """Why an assignment or a shift fell away (取消原因); only the first is the person's own."""

    BY_PERSON = "by_person", N_("本人请假")
    BY_UNIT = "by_unit", N_("单位取消")
    WEATHER = "weather", N_("天气原因")
    REPLACED = "replaced", N_("已换人")


class PinVerdict(Term):
    """A person's place fixed by hand before a run (锁定)."""

    MUST = "must", N_("锁定在岗")
    NEVER = "never", N_("不安排")


class AvailabilityLevel(Term):
    """How free a person is (可服务程度); only "cannot" binds the optimizer."""

    CAN = "can", N_("可以")
    RATHER_NOT = "rather_not", N_("尽量不")
    CANNOT = "cannot", N_("不可以")


class AvailabilityScope(Term):
    """Whether an availability repeats or is for one date (可服务时间类别)."""

    WEEKLY = "weekly", N_("每周")
    DATED = "dated", N_("指定日期")


class InspectionKind(Term):
    """Who inspects (检查类型)."""

    NATIONAL = "national", N_("国检")
    PROVINCIAL = "provincial", N_("省检")
    REVIEW = "review", N_("复审")
    CITY = "city", N_("市级督查")
