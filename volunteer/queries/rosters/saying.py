"""Reasons in plain words (说明): why a shift is short, what would help, who could come."""

from collections.abc import Iterable

from volunteer.domain.timekeeping import WEEKDAYS, clock_of
from volunteer.domain.words import N_, Sentence, listed, sentence
from volunteer.queries.rosters.table import Table
from volunteer.scheduling.problem import DAY, Relaxation, Why

WHY = {
    "availability": N_("%(n)s 人这个时段没有空"),
    "age": N_("%(n)s 人年龄不符"),
    "qualification": N_("%(n)s 人缺少所需资质"),
    "banned": N_("%(n)s 人已谢绝、请假或禁排"),
    "reach": N_("%(n)s 人不属于联点单位，住得也远"),
    "one_place": N_("%(n)s 人同一时间在别处或赶不到"),
    "rest": N_("%(n)s 人休息时间不够"),
    "day": N_("%(n)s 人当天已有班次"),
    "total": N_("%(n)s 人本周时长已满"),
    "seats": N_("%(n)s 人因为人数已满"),
    "apart": N_("%(n)s 人需与在岗的人分开安排"),
    "pins": N_("%(n)s 人已锁定在别处"),
}
HELP = {
    "widen_reach": N_("把招募范围扩大到 %(to)s 米，可增加 %(n)s 人"),
    "open_to_residents": N_("向附近居民开放报名，可增加 %(n)s 人"),
    "tie_unit": N_("请%(to)s支援，可增加 %(n)s 人"),
    "other_hours": N_("改到%(to)s开始，可增加 %(n)s 人"),
    "raise_max_minutes": N_("适当放宽个人每周时长上限，可增加 %(n)s 人"),
    "raise_max_shifts": N_("允许个人当天多一个班次，可增加 %(n)s 人"),
    "train_people": N_("为有空的人培训“%(to)s”，可增加 %(n)s 人"),
    "ask_people": N_("逐个询问没有报可服务时间的人，可增加 %(n)s 人"),
    "move_person": N_("从其他班次调来%(to)s"),
}


def why_words(whys: Iterable[Why]) -> list[Sentence]:
    """Return who is kept away by what, one phrase per rule, most people first."""
    return [
        sentence(WHY[why.rule], {"n": why.people}) for why in whys if why.people and why.rule in WHY
    ]


def help_words(table: Table, changes: Iterable[Relaxation]) -> list[Sentence]:
    """Return what was tried and would fill seats."""
    said = []
    for change in changes:
        template = HELP.get(change.change)
        if template is not None:
            said.append(sentence(template, {"to": _to(table, change), "n": change.gains}))
    return said


def _to(table: Table, change: Relaxation) -> str:
    if change.change == "tie_unit":
        return table.name("unit", str(change.to))
    if change.change == "train_people":
        return table.name("skill", str(change.to))
    if change.change == "move_person":
        return table.name("person", str(change.to))
    if change.change == "other_hours" and isinstance(change.to, int):
        day = WEEKDAYS[change.to // DAY % 7]
        return listed((day, clock_of(change.to % DAY)), " ")
    return str(change.to)


def skill_words(table: Table, skills: Iterable[str]) -> list[Sentence]:
    """Return that somebody holds the skills that a shift asks for."""
    return [
        sentence(N_("有“%(skill)s”资质"), {"skill": table.name("skill", skill)}) for skill in skills
    ]


def refusal_words(table: Table, rule: str, pins: Iterable[tuple[str, str]]) -> Sentence:
    """Return which pins cannot be kept and why."""
    named = [
        listed((table.name("person", person), table.name("duty", duty)), " — ")
        for person, duty in pins
    ]
    return sentence(
        N_("不符合“%(rule)s”：%(pins)s"),
        {"rule": table.rule(rule), "pins": listed(named, N_("；"))},
    )
