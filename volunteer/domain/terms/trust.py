"""Signals, cases and spot checks (提示、核查、抽查)."""

from volunteer.domain.terms.word import Term
from volunteer.domain.words import N_


class CaseSubject(Term):
    """What a case is about (核查对象)."""

    PERSON = "person", N_("志愿者")
    SHIFT = "shift", N_("班次")
    UNIT = "unit", N_("单位")


class CaseState(Term):
    """State of a case (核查进度); a case is a question until a person has decided."""

    OPEN = "open", N_("待核查")
    ASKED = "asked", N_("已请说明")
    ANSWERED = "answered", N_("已说明")
    HELD = "held", N_("时长暂缓认定")
    CLEARED = "cleared", N_("未见问题")
    CORRECTED = "corrected", N_("已更正")
    APPEALED = "appealed", N_("已申诉")
    CLOSED = "closed", N_("已办结")


class CaseStep(Term):
    """One thing that happened in a case (办理过程)."""

    OPENED = "opened", N_("系统提示")
    ADDED = "added", N_("补充线索")
    ASKED = "asked", N_("请当事人说明")
    ANSWERED = "answered", N_("当事人说明")
    HELD = "held", N_("暂缓认定时长")
    RELEASED = "released", N_("恢复认定时长")
    CLEARED = "cleared", N_("认定无问题")
    CORRECTED = "corrected", N_("更正时长")
    APPEALED = "appealed", N_("当事人申诉")
    UPHELD = "upheld", N_("维持原决定")
    GRANTED = "granted", N_("申诉成立")
    LAPSED = "lapsed", N_("申诉期满")


class SpotState(Term):
    """State of a spot check on site (抽查状态)."""

    OPEN = "open", N_("进行中")
    DONE = "done", N_("已点名")
    UNRUN = "unrun", N_("未进行")
