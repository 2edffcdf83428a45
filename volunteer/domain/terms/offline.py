"""Deferred stamps: what phones kept while there was no signal (离线记录)."""

from volunteer.domain.terms.word import Term
from volunteer.domain.words import N_


class DeferredSource(Term):
    """Whose phone kept it, and how it came about (离线来源)."""

    OWN = "own", N_("本人离线签到")
    ROLL = "roll", N_("带队离线点名")
    SCAN = "scan", N_("带队离线扫码")


class DeferredAct(Term):
    """What was tapped without a signal (离线动作)."""

    IN = "in", N_("签到")
    OUT = "out", N_("签退")
    ABSENT = "absent", N_("未到")


class DeferredState(Term):
    """Where a deferred stamp stands (离线记录状态); nothing that arrived is ever dropped."""

    RECORDED = "recorded", N_("已记入")
    WAITING = "waiting", N_("待核实")
    ACCEPTED = "accepted", N_("核实后记入")
    DECLINED = "declined", N_("未采信")
    REFUSED = "refused", N_("不能记入")


class DeferredProblem(Term):
    """Why a deferred stamp waits or cannot be used (离线记录的问题)."""

    LATE = "late", N_("太晚才传到")
    CLOCK_AHEAD = "clock_ahead", N_("手机时间比现在还晚")
    NO_CODE = "no_code", N_("没有现场码")
    CODE_TIME = "code_time", N_("码与所报时间对不上")
    NOT_ASSIGNED = "not_assigned", N_("不在本班次名单中")
    DECLINED = "declined", N_("本人没有接受本班次")
    ASSIGNMENT_CANCELLED = "assignment_cancelled", N_("派班已取消")
    TOO_EARLY = "too_early", N_("早于开放签到的时间")
    TOO_LATE = "too_late", N_("晚于签到截止时间")
    OUT_CLOSED = "out_closed", N_("晚于签退截止时间")
    SHIFT_SETTLED = "shift_settled", N_("传到时班次已结算")
    SHIFT_CANCELLED = "shift_cancelled", N_("班次已取消")
    SHIFT_NOT_OPEN = "shift_not_open", N_("班次没有发布")
    NOT_STARTED = "not_started", N_("班次还没有开始")
    NEVER_ACCEPTED = "never_accepted", N_("本人没有接受，不算未到")
    BAD_CODE = "bad_code", N_("码无法识别")
    WRONG_CODE = "wrong_code", N_("不是该用的码")
    NO_DUTY = "no_duty", N_("没有对应的班次")
    OWN_CASE = "own_case", N_("不能为自己登记")
    MALFORMED = "malformed", N_("内容不完整")
    NONCE_REUSED = "nonce_reused", N_("与另一条记录编号相同而内容不同")
    TOO_MANY = "too_many", N_("同一班次的记录过多")


class DeferredConflict(Term):
    """What does not fit together on one seat (离线冲突); all of it is kept, a person settles it."""

    ORDER = "order", N_("有签退没有签到")
    MARK = "mark", N_("有签到，也有未到或请假的标记")
    DUPLICATE = "duplicate", N_("同一次签到或签退有几条")
