"""Reasons are true: every rule at once, counts that add up, and help that helps when it is taken."""

import json
import random
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from tests.scheduling.judge import ROOT, checker_of
from tests.scheduling.tiny import tiny_problem
from volunteer.scheduling import wire
from volunteer.scheduling.book import Book
from volunteer.scheduling.candidates import Index, candidates
from volunteer.scheduling.cost import cost_of
from volunteer.scheduling.explain import (
    explain_pair,
    explain_person,
    explain_shift,
    explained,
    load_report,
    price_of_head,
)
from volunteer.scheduling.explain.price import newcomer
from volunteer.scheduling.plan import Limits, plan
from volunteer.scheduling.problem import Problem, Unit
from volunteer.scheduling.roster import Roster
from volunteer.scheduling.rules import HARD, SEAT
from volunteer.scheduling.verify import violations


def worlds(count: int, first: int = 0):
    """Tiny problems with a sound, half-filled roster each."""
    made = 0
    for seed in range(first, first + 10 * count):
        problem = tiny_problem(seed)
        if violations(problem, problem.pins) or len(problem.people) < 3:
            continue
        rng = random.Random(seed)
        every = [(p.id, d.id) for p in problem.people for d in problem.duties]
        rng.shuffle(every)
        pairs = list(problem.pins)
        for pair in every[: len(every) // 2]:
            if pair not in pairs and not violations(problem, [*pairs, pair]):
                pairs.append(pair)
        yield problem, pairs
        made += 1
        if made == count:
            return


@pytest.fixture(scope="module")
def district(tmp_path_factory) -> tuple[Problem, Roster, Index]:
    """A generated district with the first plan of the solver."""
    file = tmp_path_factory.mktemp("city") / "district.json"
    make = [sys.executable, str(ROOT / "tools" / "make_city.py"), "district", "5", str(file)]
    subprocess.run(make, check=True, capture_output=True)
    problem = wire.read_problem(file)
    made = plan(problem, limits=Limits(seconds=0))
    index = Index(problem)
    return problem, Roster(index.book, made.assignments), index


def test_a_pair_hears_every_rule_at_once_and_what_stands_in_the_way():
    several = in_the_way = 0
    for problem, pairs in worlds(60):
        roster, checker = Roster(Book(problem), pairs), checker_of(problem)
        for person in problem.people:
            for duty in problem.duties:
                reason = explain_pair(roster, person.id, duty.id)
                seat = checker.not_eligible(checker.people[person.id], checker.shifts[duty.id])
                said = [f.rule for f in reason.findings]
                assert [rule for rule in said if rule in seat] == seat
                several += len(set(said)) > 1
                rest = [p for p in pairs if p != (person.id, duty.id)]
                assert bool(said) == bool(
                    [
                        v
                        for v in violations(problem, [*rest, (person.id, duty.id)])
                        if v.rule != "pins"
                    ]
                )
                for name in reason.in_the_way:
                    assert (person.id, name) in roster
                in_the_way += bool(reason.in_the_way)
                before = cost_of(problem, rest)
                after = cost_of(problem, [*rest, (person.id, duty.id)])
                assert reason.change.coverage == after.coverage - before.coverage
                assert reason.change.people == after.people - before.people
    assert several > 50
    assert in_the_way > 50


def test_the_counts_of_a_shift_are_those_of_its_people():
    seat_codes = {rule.code for rule in SEAT}
    for problem, pairs in worlds(40):
        index = Index(problem)
        roster = Roster(index.book, pairs)
        for duty in problem.duties:
            reason = explain_shift(index, roster, duty.id, with_remedies=False)
            others = [p for p in problem.people if (p.id, duty.id) not in roster]
            rules = {
                p.id: {f.rule for f in explain_pair(roster, p.id, duty.id).findings} for p in others
            }
            for who, mine in rules.items():  # what the seat forbids goes before what the week does
                rules[who] = mine & seat_codes or mine
            assert {w.rule: w.people for w in reason.shut_out} == {
                rule.code: n
                for rule in HARD
                if (n := sum(rule.code in mine for mine in rules.values()))
            }
            assert {w.rule: w.people for w in reason.alone} == {
                rule.code: n
                for rule in HARD
                if (n := sum(mine == {rule.code} for mine in rules.values()))
            }
            assert reason.free == sum(not mine for mine in rules.values())


def relaxed(problem: Problem, duty_id: str, remedy) -> Problem:
    """The problem with the remedy taken."""
    changes = {
        "widen_reach": {"reach": remedy.to},
        "open_to_residents": {"open": True},
        "other_hours": {},
        "tie_unit": {},
    }
    duties = []
    for duty in problem.duties:
        if duty.id == duty_id:
            more = dict(changes.get(remedy.change, {}))
            if remedy.change == "tie_unit":
                more["tied"] = duty.tied | {remedy.to}
            if remedy.change == "other_hours":
                more |= {"start": remedy.to, "end": remedy.to + duty.minutes}
            duty = replace(duty, **more)
        duties.append(duty)
    people = []
    for person in problem.people:
        if person.id in remedy.people and remedy.change == "raise_max_minutes":
            person = replace(person, max_minutes=remedy.to)
        if person.id in remedy.people and remedy.change == "raise_max_shifts":
            person = replace(person, max_shifts_per_day=remedy.to)
        if person.id in remedy.people and remedy.change == "train_people":
            person = replace(person, skills=person.skills | {remedy.to})
        if person.id in remedy.people and remedy.change == "ask_people":
            hours = next((d.start, d.end) for d in problem.duties if d.id == duty_id)
            person = replace(person, available=(*person.available, hours))
        people.append(person)
    return replace(problem, people=tuple(people), duties=tuple(duties))


def taken(pairs, duty_id: str, remedy):
    """The plan with the remedy's people on the duty."""
    after = [*pairs, *((v, duty_id) for v in remedy.people)]
    if remedy.change == "move_person":
        after.remove((remedy.to, remedy.leaves[0]))
        if len(remedy.leaves) > 1:
            after.append((remedy.leaves[1], remedy.leaves[0]))
    return after


def test_what_is_said_to_help_helps_when_it_is_taken():
    seen: dict[str, int] = {}
    for problem, pairs in worlds(300):
        index = Index(problem)
        roster = Roster(index.book, pairs)
        for duty in problem.duties:
            reason = explain_shift(index, roster, duty.id)
            for remedy in reason.would_help:
                seen[remedy.change] = seen.get(remedy.change, 0) + 1
                after = taken(pairs, duty.id, remedy)
                easier = relaxed(problem, duty.id, remedy)
                assert not violations(easier, after), (problem.name, duty.id, remedy)
                assert len({v for v, s in after if s == duty.id}) - reason.have == remedy.gains > 0
                assert remedy.gains <= reason.missing
                if remedy.change == "move_person":
                    assert cost_of(problem, after).coverage < cost_of(problem, pairs).coverage
    assert set(seen) == {
        "widen_reach",
        "open_to_residents",
        "tie_unit",
        "other_hours",
        "raise_max_minutes",
        "raise_max_shifts",
        "train_people",
        "ask_people",
        "move_person",
    }, seen


def test_the_price_of_a_head_is_what_a_newcomer_saves_in_one_step():
    """A newcomer is put into the problem, and every single step is priced by the judge of costs."""
    freed = 0
    for problem, pairs in worlds(60):
        roster = Roster(Book(problem), pairs)
        for duty in problem.duties:
            unit = Unit("stranger", 0)
            one = replace(newcomer(duty), id="stranger", unit="stranger", max_minutes=10**6)
            one = replace(one, max_shifts_per_day=1, available=((duty.start, duty.end),))
            tied = replace(duty, tied=duty.tied | {"stranger"}, max_age=max(duty.max_age, one.age))
            wider = replace(
                problem,
                units=(*problem.units, unit),
                people=(*problem.people, one),
                duties=tuple(tied if d.id == duty.id else d for d in problem.duties),
            )
            steps = [[*pairs, ("stranger", duty.id)]]
            for v in roster.people_on(duty.id):
                rest = [p for p in steps[0] if p != (v, duty.id)]
                others = [d.id for d in problem.duties if d.id != duty.id]
                steps += [[*rest, (v, d)] for d in others if (v, d) not in rest]
            before = cost_of(problem, pairs).coverage
            sound = [cost_of(wider, step).coverage for step in steps if not violations(wider, step)]
            price = price_of_head(roster, duty.id)
            assert price.saves == max(0, before - min(sound, default=before)), (
                problem.name,
                duty.id,
            )
            freed += price.person is not None
    assert freed > 10


def test_candidates_are_sound_priced_truly_and_ranked():
    moved = 0
    for problem, pairs in worlds(80):
        index = Index(problem)
        roster = Roster(index.book, pairs)
        before = cost_of(problem, pairs)
        for duty in problem.duties:
            found = candidates(index, roster, duty.id, top=10)
            everybody = {
                p.id
                for p in problem.people
                if (p.id, duty.id) not in roster
                and not explain_pair(roster, p.id, duty.id).findings
            }
            assert {c.person for c in found if c.is_free} == everybody
            for one in found:
                after = [p for p in pairs if p[0] != one.person or p[1] not in one.leaves]
                after.append((one.person, duty.id))
                assert not violations(problem, after)
                price = cost_of(problem, after)
                assert one.change.coverage == price.coverage - before.coverage
                assert one.change.people == price.people - before.people
                moved += not one.is_free
                assert one.reasons or one.is_free
            for kind in (True, False):
                ranks = [c.change.coverage for c in found if c.is_free is kind]
                assert ranks == sorted(ranks)
    assert moved > 20


def test_a_person_hears_their_duties_and_their_share():
    problem, pairs = next(p for p in worlds(20) if len(p[1]) > 3)
    roster = Roster(Book(problem), pairs)
    for person in problem.people:
        reason = explain_person(roster, person.id)
        assert [h.duty for h in reason.held] == list(roster.duties_of(person.id))
        everybody, unit = reason.shares
        assert everybody.people == len(problem.people)
        assert unit.people == sum(p.unit == person.unit for p in problem.people)
        assert everybody.idle == sum(not roster.duties_of(p.id) for p in problem.people)
        for held in reason.held:
            rest = [p for p in pairs if p != (person.id, held.duty)]
            assert held.needed == cost_of(problem, rest).coverage - cost_of(problem, pairs).coverage


def test_load_adds_up(district):
    problem, roster, index = district
    report = load_report(index, roster)
    assert sum(u.assigned for u in report.units) == sum(
        roster.minutes_of(p.id) for p in problem.people
    )
    assert report.busy + report.idle == report.reachable <= report.people == len(problem.people)
    assert report.after.mean >= report.before.mean
    assert 0 <= report.after.gini <= 1000
    assert report.unreachable
    assert len(report.out_of_reach) == report.people - report.reachable
    lost = report.out_of_reach[0]
    assert all(explain_pair(roster, lost, d.id).findings for d in problem.duties)


def test_a_plan_carries_the_reasons_of_its_first_shortfalls(district):
    problem, _, _ = district
    made = plan(problem, limits=Limits(seconds=0))
    told = explained(problem, made, most=4, remedies=2)
    assert len(told.short) == len(made.short) > 4
    assert all(s.why for s in told.short[:4])
    assert not any(s.why for s in told.short[4:])
    assert any(s.would_help for s in told.short[:2])
    assert told == explained(problem, made, most=4, remedies=2)


def test_answers_come_in_time(district):
    problem, roster, index = district
    rng = random.Random(4)
    short = [d.id for d in problem.duties if roster.missing(d.id)]
    seconds = {"pair": 0.05, "shift": 2.0, "candidates": 0.05}
    for kind, limit in seconds.items():
        spent = []
        for _ in range(15):
            duty = rng.choice(short)
            began = time.process_time()
            if kind == "pair":
                explain_pair(roster, rng.choice(problem.people).id, duty)
            elif kind == "shift":
                explain_shift(index, roster, duty)
            else:
                candidates(index, roster, duty, top=10)
            spent.append(time.process_time() - began)
        assert sorted(spent)[7] < limit, kind


def test_the_command_line_explains_in_both_languages(district, tmp_path, capsys):
    from volunteer.scheduling.cli import main

    problem, roster, _ = district
    wire.write_problem(tmp_path / "p.json", problem)
    files = [str(tmp_path / "p.json"), str(tmp_path / "plan.json")]
    assert main(["solve", *files, "--seconds", "0"]) == 0
    assert main(["check", *files]) == 0
    capsys.readouterr()
    duty = next(d.id for d in problem.duties if roster.missing(d.id))
    for about in (["--shift", duty], ["--person", "v7"], ["--pair", "v7", duty], ["--load"]):
        for language in ("zh", "en"):
            assert main(["explain", *files, *about, "--language", language]) == 0
            said = capsys.readouterr().out
            assert said.isascii() == (language == "en")
            assert "{" not in said
        assert main(["explain", *files, *about, "--json"]) == 0
        assert isinstance(json.loads(capsys.readouterr().out), dict)
