"""Objections, make-up hours and what happens to them (申诉、补录、办理经过)."""

from volunteer.domain.terms.word import Term
from volunteer.domain.words import N_


class TicketTopic(Term):
    """What an objection is about (申诉事项)."""

    MISSING = "missing", N_("到过场却没有记录")
    TIMES = "times", N_("签到签退时间不对")
    NOT_MINE = "not_mine", N_("这次不是我去的")


class TicketLevel(Term):
    """Who has to answer (办理层级); an objection that is overdue or appealed goes one up."""

    UNIT = "unit", N_("记录单位")
    DISTRICT = "district", N_("区级")
    CITY = "city", N_("市级")


class MakeUpState(Term):
    """State of a make-up request (补录状态)."""

    ASKED = "asked", N_("待带队或单位提请")
    WITNESS = "witness", N_("待同班证明")
    REVIEW = "review", N_("待上级审核")
    ANNOUNCED = "announced", N_("公示中")
    CONTESTED = "contested", N_("有异议，核查中")
    POSTED = "posted", N_("已记入")
    REFUSED = "refused", N_("未通过")
    WITHDRAWN = "withdrawn", N_("已撤回")
    LAPSED = "lapsed", N_("逾期无人证明")


class MakeUpCause(Term):
    """Why a stamp is missing (补录原因); these words, and no others, are made public."""

    PHONE = "phone", N_("手机没电或出故障")
    SIGNAL = "signal", N_("现场没有信号")
    CODE = "code", N_("签到码用不了")
    FORGOT = "forgot", N_("忘了签到或签退")
    OTHER = "other", N_("其他原因")


class TicketStep(Term):
    """One step in the story of an objection or a make-up request (办理经过)."""

    ASKED = "asked", N_("提出")
    REMINDED = "reminded", N_("到期前提醒")
    ESCALATED = "escalated", N_("逾期未办，转上级")
    UPHELD = "upheld", N_("采纳")
    REFUSED = "refused", N_("不采纳")
    APPEALED = "appealed", N_("不服，请上级再看")
    WITHDRAWN = "withdrawn", N_("本人撤回")
    ENDORSED = "endorsed", N_("带队或单位提请补录")
    SEEN = "seen", N_("同班证明到岗")
    NOT_SEEN = "not_seen", N_("同班说没有看到")
    APPROVED = "approved", N_("审核通过，开始公示")
    CONTESTED = "contested", N_("公示期间有人提出异议")
    CLEARED = "cleared", N_("核查异议后维持")
    POSTED = "posted", N_("公示期满，记入时长")
    LAPSED = "lapsed", N_("期限内无人证明，结束")
