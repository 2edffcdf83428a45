"""Codes to sentences, at the library's edge: Chinese and English, one template per code.

Everything inside the library speaks in codes and figures. Whoever shows them to people comes here,
and brings the names: the library itself knows ids only.
"""

import datetime
from collections.abc import Callable, Mapping
from typing import Literal

from volunteer.scheduling.book import Book
from volunteer.scheduling.explain import (
    HeadPrice,
    LoadReport,
    PairReason,
    PersonReason,
    Remedy,
    ShiftReason,
)
from volunteer.scheduling.phrases import FINDINGS, REMEDIES, RULES, WISHES
from volunteer.scheduling.problem import DAY, Why
from volunteer.scheduling.rule import Finding

Language = Literal["zh", "en"]
Namer = Callable[[str, str], str]  # (kind: person, duty, unit, skill, activity; id) -> name


class Words:
    """Makes sentences about one problem in one language.

    Parameters
    ----------
    book
        The problem, opened.
    language
        ``zh`` or ``en``.
    namer
        Gives the name of a person, duty, unit, skill or activity; without it ids are shown.
    """

    def __init__(self, book: Book, language: Language = "zh", namer: Namer | None = None) -> None:
        self.book = book
        self.language = language
        self._at = 0 if language == "zh" else 1
        self._comma = "、" if language == "zh" else ", "
        self._name: Namer = namer or (lambda kind, name: name)
        self._first = datetime.date.fromisoformat(book.problem.horizon.start)

    def rule(self, code: str) -> str:
        """Return the rule's name."""
        return RULES[code][self._at] if code in RULES else code

    def moment(self, minutes: int) -> str:
        """Return a time of the problem as a date and a clock time."""
        try:
            day = self._first + datetime.timedelta(days=minutes // DAY)
        except OverflowError:
            return str(minutes)
        clock = f"{minutes % DAY // 60:02d}:{minutes % 60:02d}"
        if self.language == "zh":
            return f"{day.month}月{day.day}日{clock}"
        return f"{day.isoformat()} {clock}"

    def finding(self, finding: Finding) -> str:
        """Return the sentence of a finding."""
        figures: dict[str, object] = {
            key: self._figure(key, value) for key, value in finding.params.items()
        }
        for key, position in (("person", 0), ("second", 1)):
            if len(finding.who) > position:
                figures[key] = self._name("person", finding.who[position])
        for key, position in (("duty", 0), ("other", 1)):
            if len(finding.where) > position:
                figures[key] = self._name("duty", finding.where[position])
        code = self._variant(finding)
        template = FINDINGS.get(code)
        try:
            return (
                template[self._at].format(**figures) if template else self._plain(finding, figures)
            )
        except KeyError:  # a step of a ranking carries the cost alone
            return self._plain(finding, figures)

    def _plain(self, finding: Finding, figures: Mapping[str, object]) -> str:
        who = figures.get("person", figures.get("duty", ""))
        sign = f"{finding.cost:+d}" if finding.cost else ""
        return f"{who} {self.rule(finding.rule)} {sign}".strip()

    def _variant(self, finding: Finding) -> str:
        params = finding.params
        if finding.rule == "availability" and "opens" in params:
            return "availability_near"
        if finding.rule == "reach":
            return "reach_far" if params.get("open") else "reach_closed"
        gap = params.get("gap")
        if finding.rule == "one_place" and isinstance(gap, int) and gap < 0:
            return "one_place_overlap"
        return finding.rule

    def _figure(self, key: str, value: int | str | tuple[str, ...]) -> object:
        if isinstance(value, tuple):
            return self._comma.join(self._name("skill", v) for v in value)
        if key in ("start", "end", "opens", "closes") and isinstance(value, int):
            return self.moment(value)
        if key == "wish" and isinstance(value, int):
            return WISHES[value][self._at]
        if key in ("unit", "skill", "activity") and isinstance(value, str):
            return self._name(key, value)
        return value

    def remedy(self, remedy: Remedy) -> str:
        """Return the sentence of something that would help."""
        people = [self._name("person", v) for v in remedy.people]
        code = remedy.change
        figures: dict[str, object] = {"to": remedy.to, "gains": remedy.gains}
        figures["people"] = self._comma.join(people)
        if code == "tie_unit":
            figures["unit"] = self._name("unit", str(remedy.to))
        if code == "train_people":
            figures["skill"] = self._name("skill", str(remedy.to))
        if code == "other_hours" and isinstance(remedy.to, int):
            figures["at"] = self.moment(remedy.to)
        if code == "move_person":
            figures["person"] = people[0]
            figures["left"] = self._name("duty", remedy.leaves[0])
            if len(remedy.leaves) > 1:
                code = "move_person_with_stand_in"
                figures["stand_in"] = self._name("person", remedy.leaves[1])
        return REMEDIES[code][self._at].format(**figures)

    def counts(self, whys: tuple[Why, ...]) -> str:
        """Return "rule: people" for a list of counts, in one line."""
        comma, colon = ("，", "：") if self.language == "zh" else (", ", ": ")
        return comma.join(f"{self.rule(why.rule)}{colon}{why.people}" for why in whys)

    def pair(self, reason: PairReason) -> list[str]:
        """Return the sentences about one pair."""
        person, duty = self._name("person", reason.person), self._name("duty", reason.duty)
        zh = self.language == "zh"
        if reason.is_assigned:
            head = f"{person}已在{duty}" if zh else f"{person} stands on {duty}"
        elif not reason.findings:
            head = f"{person}可以到{duty}" if zh else f"{person} may stand on {duty}"
        else:
            head = f"{person}不能到{duty}" if zh else f"{person} may not stand on {duty}"
        lines = [head, *(self.finding(f) for f in reason.findings)]
        change = reason.change
        lines.append(
            f"保障代价变化{change.coverage:+d}，人员代价变化{change.people or 0:+d}"
            if zh
            else f"coverage changes by {change.coverage:+d}, people by {change.people or 0:+d}"
        )
        return lines

    def shift(self, reason: ShiftReason) -> list[str]:
        """Return the sentences about one duty."""
        duty, zh = self._name("duty", reason.duty), self.language == "zh"
        lines = [
            f"{duty}现有{reason.have}人，缺{reason.missing}人"
            if zh
            else f"{duty} has {reason.have} people and lacks {reason.missing}"
        ]
        lines += [self.finding(f) for f in reason.lacks]
        if reason.shut_out:
            lines.append(("排除人数：" if zh else "kept away by: ") + self.counts(reason.shut_out))
        if reason.alone:
            lines.append(
                ("仅因一条：" if zh else "by one rule alone: ") + self.counts(reason.alone)
            )
        lines.append(
            f"现在还可加入{reason.free}人" if zh else f"{reason.free} could join right now"
        )
        if reason.price.saves:
            lines.append(self._price(reason.price))
        lines += [
            ("可行办法：" if zh else "would help: ") + self.remedy(r) for r in reason.would_help
        ]
        return lines

    def _price(self, price: HeadPrice) -> str:
        zh = self.language == "zh"
        if price.person is None or price.goes_to is None:
            return (
                f"多来一人，代价降低{price.saves}" if zh else f"one more head saves {price.saves}"
            )
        person = self._name("person", price.person)
        duty = self._name("duty", price.goes_to)
        return (
            f"多来一人，{person}便可去{duty}，代价降低{price.saves}"
            if zh
            else f"one more head frees {person} for {duty} and saves {price.saves}"
        )

    def person(self, reason: PersonReason) -> list[str]:
        """Return the sentences about one person."""
        person, zh = self._name("person", reason.person), self.language == "zh"
        lines = [
            f"{person}本次{reason.assigned}分钟，此前{reason.served}分钟"
            if zh
            else f"{person} serves {reason.assigned} min now, {reason.served} before"
        ]
        for held in reason.held:
            duty = self._name("duty", held.duty)
            pin = ("（锁定）" if zh else " (pinned)") if held.is_pinned else ""
            lines.append(
                f"在{duty}{pin}：少了此人保障代价增加{held.needed}"
                if zh
                else f"on {duty}{pin}: without them coverage costs {held.needed} more"
            )
        for share in reason.shares:
            group = self._group(share.group)
            lines.append(
                f"{group}{share.people}人：人均本次{share.mean_assigned}分钟、累计{share.mean_total}分钟，"
                f"{share.busier}人累计更多，{share.idle}人未排班"
                if zh
                else f"{group}, {share.people} people: {share.mean_assigned} min now and "
                f"{share.mean_total} in all on average, {share.busier} carry more, {share.idle} have none"
            )
        if reason.shut_out:
            head = "不能去的班次按规则计：" if zh else "duties shut by: "
            lines.append(head + self.counts(reason.shut_out))
        lines.append(
            f"现在还可加入{reason.could}个班次"
            if zh
            else f"could join {reason.could} duties right now"
        )
        return lines

    def _group(self, group: str) -> str:
        if group == "everybody":
            return "全体" if self.language == "zh" else "everybody"
        return self._name("unit", group)

    def load(self, report: LoadReport) -> list[str]:
        """Return the sentences about how the load spreads."""
        zh = self.language == "zh"
        lines = []
        for name, spread in (
            ("此前" if zh else "before", report.before),
            ("之后" if zh else "after", report.after),
            ("本次" if zh else "this plan", report.now),
        ):
            lines.append(
                f"{name}：人均{spread.mean}分钟，中位{spread.median}，九成以下{spread.ninth_decile}，"
                f"最多{spread.most}，基尼系数{spread.gini / 1000:.3f}"
                if zh
                else f"{name}: mean {spread.mean} min, median {spread.median}, ninth decile "
                f"{spread.ninth_decile}, most {spread.most}, Gini {spread.gini / 1000:.3f}"
            )
        lines.append(
            f"{report.people}人中{report.busy}人有班，{report.reachable}人可排，其中{report.idle}人未排"
            if zh
            else f"of {report.people} people {report.busy} serve, {report.reachable} could, "
            f"{report.idle} of these have none"
        )
        if report.unreachable:
            head = "无班可排的原因：" if zh else "nothing was open to the others, by: "
            lines.append(head + self.counts(report.unreachable))
        over = [unit for unit in report.units if unit.assigned > unit.fair]
        for unit in sorted(over, key=lambda u: u.fair - u.assigned)[:10]:
            name = self._name("unit", unit.unit)
            lines.append(
                f"{name}：{unit.busy}/{unit.people}人，{unit.assigned}分钟，应承担{unit.fair}"
                if zh
                else f"{name}: {unit.busy} of {unit.people} people, {unit.assigned} min, "
                f"fair share {unit.fair}"
            )
        return lines
