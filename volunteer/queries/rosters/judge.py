"""What a change by hand breaks or costs (调整的影响), in words, by the rules of the optimiser."""

from dataclasses import dataclass

from volunteer.domain.words import N_, Sentence, listed, sentence
from volunteer.queries.planning import names
from volunteer.queries.rosters.table import Table
from volunteer.scheduling.problem import Duty, Person
from volunteer.scheduling.review import Review, review_move

LEVELS = ("hard", "wanted", "nice", "ok")
WISHED = {
    0: N_("很愿意做这类服务"),
    2: N_("不太愿意做这类服务"),
    3: N_("不愿意在这个时段或这类服务"),
}
FAR_METRES = 3000
BRIEF = {
    "availability": N_("这时没有空"),
    "age": N_("年龄不符"),
    "qualification": N_("缺资质"),
    "banned": N_("已谢绝或禁排"),
    "reach": N_("非联点单位，住得远"),
    "one_place": N_("时间冲突"),
    "rest": N_("休息不够"),
    "day": N_("当天已有班次"),
    "total": N_("本周时长已满"),
    "seats": N_("人数已满"),
    "apart": N_("须分开安排"),
    "pins": N_("已锁定"),
}
GAP, GAIN, WAY = "gap", "gain", "way"


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence about a change: ``hard`` forbids, ``wanted`` opens or closes a gap, ``nice`` costs a person."""

    level: str
    words: str
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """All that is to be said about one change; the sharpest first."""

    said: tuple[Said, ...]
    coverage: int = 0
    people: int = 0

    @property
    def is_allowed(self) -> bool:
        """Whether no hard rule stands against it."""
        return all(one.level != "hard" for one in self.said)

    @property
    def level(self) -> str:
        """The sharpest level: hard, wanted (a gap opens), nice (it costs somebody), ok."""
        if not self.is_allowed:
            return "hard"
        if self.coverage > 0:
            return "wanted"
        return "nice" if self.coverage == 0 and self.people > 0 else "ok"

    def says(self, rule: str) -> bool:
        """Whether this hard rule stands against it."""
        return any(one.level == "hard" and one.rule == rule for one in self.said)

    @property
    def brief(self) -> Sentence:
        """The gist in a few words, for the target of a drag."""
        rules = list(dict.fromkeys(one.rule for one in self.said if one.level == "hard"))
        if rules:
            return listed((BRIEF.get(rule, N_("不能安排")) for rule in rules[:2]), N_("、"))
        marks = {one.rule for one in self.said}
        parts = [N_("原班次会缺人或缺资质")] if GAP in marks else []
        parts += [N_("补上缺口")] if GAIN in marks else []
        parts += [one.words for one in self.said if one.rule == WAY]
        return listed(parts, N_("，"))

    @property
    def words(self) -> Sentence:
        """Everything in one line."""
        return listed((one.words for one in self.said), N_("；"))

    @property
    def objections(self) -> list[str]:
        """The sentences of the hard rules alone."""
        return [one.words for one in self.said if one.level == "hard"]


def judge(
    table: Table, volunteer_id: int, *, to: int | None = None, away_from: int | None = None
) -> Verdict:
    """Say what it means to put a person on a shift, to take them off one, or both."""
    shut = _outside(table, volunteer_id, to, away_from)
    if shut:
        return Verdict((Said("hard", shut),))
    person = names.person(volunteer_id)
    found = review_move(
        table.roster,
        person,
        to=None if to is None else names.duty(to),
        away_from=None if away_from is None or not table.has(away_from) else names.duty(away_from),
    )
    book = table.index.book
    step = None if to is None else (book.people[person], book.duties[names.duty(to)])
    return Verdict(_said(table, found, step), found.change.coverage, found.change.people or 0)


def judge_everywhere(
    table: Table, volunteer_id: int, *, away_from: int | None = None
) -> dict[int, Verdict]:
    """Say of every shift what it means to bring the person there."""
    shifts = [names.number_of(duty.id) for duty in table.problem.duties]
    return {
        shift: judge(table, volunteer_id, to=shift, away_from=away_from)
        for shift in shifts
        if shift != away_from
    }


def _outside(table: Table, volunteer_id: int, to: int | None, away_from: int | None) -> str:
    if not table.knows(volunteer_id):
        return N_("此人已暂停服务、退出或不在本次范围内，不能安排")
    if to is not None and not table.has(to):
        return N_("这个班次已开始、已取消或不在本次范围内")
    known = away_from is None or not table.has(away_from)
    pair = None if known or away_from is None else names.pair_of(volunteer_id, away_from)
    if pair is not None and pair not in table.roster:
        return N_("此人已不在原来的班次上，请刷新页面")
    return ""


def _said(table: Table, found: Review, step: tuple[Person, Duty] | None) -> tuple[Said, ...]:
    said = [Said("hard", table.finding(f), f.rule) for f in found.objections]
    said += [Said("wanted", table.finding(finding), GAP) for finding in found.lost]
    said += [Said("ok", _won(table.finding(finding)), GAIN) for finding in found.won]
    if step is not None:
        way = step[0].home is not None
        said += [
            Said("nice", words, WAY if way and at == 0 else "")
            for at, words in enumerate(person_words(table, *step))
        ]
    return tuple(dict.fromkeys(said))


def _won(what: str) -> Sentence:
    return sentence(N_("改善：%(what)s"), {"what": what})


def person_words(table: Table, person: Person, duty: Duty) -> list[str]:
    """What the step means to the person: the way, the wish, the load."""
    said: list[str] = []
    book = table.index.book
    metres = book.metres(person, duty)
    if person.home is not None:
        said.append(_km(metres))
    wish = WISHED.get(person.wishes.get(duty.activity, 1))
    if wish:
        said.append(wish)
    load = table.roster.minutes_of(person.id)
    said.append(
        sentence(
            N_("近 90 天已服务 %(served)s 小时，本周已排 %(load)s 小时"),
            {"served": _hours(person.served_minutes), "load": _hours(load)},
        )
    )
    return said


def _km(metres: int) -> Sentence:
    words = N_("离家 %(km)s 公里，较远") if metres > FAR_METRES else N_("离家 %(km)s 公里")
    return sentence(words, {"km": f"{metres / 1000:.1f}"})


def _hours(minutes: int) -> str:
    return f"{minutes / 60:.1f}"
