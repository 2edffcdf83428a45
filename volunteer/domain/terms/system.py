"""Jobs and messages (后台任务、通知)."""

from volunteer.domain.terms.word import Term
from volunteer.domain.words import N_


class JobState(Term):
    """State of a background job (后台任务状态)."""

    QUEUED = "queued", N_("排队中")
    RUNNING = "running", N_("进行中")
    DONE = "done", N_("已完成")
    FAILED = "failed", N_("失败")
    CANCELLED = "cancelled", N_("已取消")


class Channel(Term):
    """By which way a message goes (通知渠道)."""

    IN_APP = "in_app", N_("站内")
    WECHAT = "wechat", N_("微信")
    SMS = "sms", N_("短信")


class MessageState(Term):
    """State of a message (通知状态); skipped is not failed."""

    QUEUED = "queued", N_("待发送")
    SENT = "sent", N_("已发送")
    SKIPPED = "skipped", N_("无需发送")
    FAILED = "failed", N_("发送失败")


class BreachStep(Term):
    """What was done about a data breach (事件处置)."""

    REMEDY = "remedy", N_("采取补救措施")
    AUTHORITY = "authority", N_("报告主管部门")
    PEOPLE = "people", N_("通知受影响的人")
    POLICE = "police", N_("报警")
    NOTE = "note", N_("补充情况")
    CLOSE = "close", N_("结案")
