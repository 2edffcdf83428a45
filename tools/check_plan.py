#!/usr/bin/env python3
"""Check a plan against a problem in the schedule exchange format (docs/schedule-format.md).

Usage: check_plan.py [--floor] PROBLEM PLAN          (either may be .json or .json.gz)
Prints the broken hard rules (at most 20), both cost tiers, and the gap to the bounds the plan claims; with --floor also the gap as a
share of the coverage cost that a plan can influence at all (slow on large problems).
Exit status: 0 sound and its stated costs are true (or rightly refused), 1 a hard rule is broken or a stated figure is false,
2 unreadable input.
Standard library only; it shares no code with any solver.
"""

import gzip
import json
import math
import sys
from collections import defaultdict


def read(path):
    opener = gzip.open if str(path).endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8") as f:
        return json.load(f)


def metres(a, b):
    return math.isqrt((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2)


def travel_minutes(problem, a, b):
    d2 = (a["x"] - b["x"]) ** 2 + (a["y"] - b["y"]) ** 2
    pace = problem["travel"]["metres_per_minute"]
    m = math.isqrt(d2) // pace
    while (m * pace) ** 2 < d2:
        m += 1
    return m + problem["travel"]["overhead_minutes"]


def quarters(minutes):
    return -(-minutes // 15)


class Checker:
    def __init__(self, problem):
        self.p = problem
        self.sites = {s["id"]: s for s in problem["sites"]}
        self.people = {v["id"]: v for v in problem["volunteers"]}
        self.shifts = {s["id"]: s for s in problem["shifts"]}
        self.bans = {tuple(b) for b in problem.get("bans", [])}

    def home_metres(self, v, s):
        if v["home"] is None:
            return 0
        site = self.sites[s["site"]]
        return metres(v["home"], (site["x"], site["y"]))

    def within_reach(self, v, s):
        if v["home"] is None:
            return True
        site = self.sites[s["site"]]
        dx, dy = v["home"][0] - site["x"], v["home"][1] - site["y"]
        return dx * dx + dy * dy <= s["reach"] ** 2

    def not_eligible(self, v, s):
        """The reasons why this person may not stand here, empty if none."""
        why = []
        if not any(a <= s["start"] and s["end"] <= b for a, b in v["available"]):
            why.append("availability")
        if not s["min_age"] <= v["age"] <= s["max_age"]:
            why.append("age")
        if not set(s["requires"]) <= set(v["skills"]):
            why.append("qualification")
        if (v["id"], s["id"]) in self.bans:
            why.append("banned")
        if v["unit"] not in s["tied"] and not (s["open"] and self.within_reach(v, s)):
            why.append("reach")
        return why

    def violations(self, pairs):
        p, bad = self.p, []
        if len(set(pairs)) != len(pairs):
            bad.append("a pair stands twice in the plan")
        by_person, by_shift = defaultdict(list), defaultdict(set)
        for vid, sid in set(pairs):
            if vid not in self.people or sid not in self.shifts:
                bad.append(f"unknown pair {vid}, {sid}")
                continue
            v, s = self.people[vid], self.shifts[sid]
            for why in self.not_eligible(v, s):
                bad.append(f"{vid} may not serve on {sid}: {why}")
            by_person[vid].append(s)
            by_shift[sid].add(vid)
        for vid, shifts in by_person.items():
            v = self.people[vid]
            shifts.sort(key=lambda s: (s["start"], s["end"]))
            if sum(s["end"] - s["start"] for s in shifts) > v["max_minutes"]:
                bad.append(f"{vid} serves more than {v['max_minutes']} minutes")
            days = defaultdict(int)
            for s in shifts:
                days[s["start"] // 1440] += 1
            if max(days.values()) > v["max_shifts_per_day"]:
                bad.append(f"{vid} has more than {v['max_shifts_per_day']} shifts on one day")
            for i, a in enumerate(shifts):
                for b in shifts[i + 1 :]:
                    gap = b["start"] - a["end"]
                    need = 0
                    if a["site"] != b["site"]:
                        need = travel_minutes(p, self.sites[a["site"]], self.sites[b["site"]])
                    if a["start"] // 1440 != b["start"] // 1440:
                        need = max(need, p["rest_minutes"])
                    if gap < need:
                        bad.append(
                            f"{vid}: {a['id']} and {b['id']} are {gap} min apart, {need} needed"
                        )
        for sid, who in by_shift.items():
            if len(who) > self.shifts[sid]["max"]:
                bad.append(f"{sid} has {len(who)} people, at most {self.shifts[sid]['max']}")
        for a, b in p.get("apart", []):
            for s in by_person.get(a, []):
                if b in by_shift[s["id"]]:
                    bad.append(f"{a} and {b} stand together on {s['id']}")
        have = set(pairs)
        for pin in p.get("pins", []):
            if tuple(pin) not in have:
                bad.append(f"pin {pin[0]}, {pin[1]} is not kept")
        return bad

    def cost(self, pairs):
        p, w = self.p, self.p["weights"]
        have = set(pairs)
        by_shift, minutes = defaultdict(list), defaultdict(int)
        wish = km = 0
        for vid, sid in have:
            v, s = self.people[vid], self.shifts[sid]
            by_shift[sid].append(v)
            minutes[vid] += s["end"] - s["start"]
            wish += v["wishes"].get(s["activity"], 1)
            km += (self.home_metres(v, s) + 500) // 1000
        parts = {
            "min_1": 0,
            "min_2": 0,
            "min_3": 0,
            "skill": 0,
            "quota": 0,
            "target": 0,
            "dropped": 0,
        }
        for sid, s in self.shifts.items():
            who = by_shift.get(sid, [])
            n = len(who)
            parts[f"min_{s['priority']}"] += max(0, s["min"] - n)
            parts["target"] += max(0, s["target"] - max(n, s["min"]))
            for mix in s["at_least"]:
                parts["skill"] += max(
                    0, mix["count"] - sum(mix["skill"] in v["skills"] for v in who)
                )
            for quota in s["quotas"]:
                parts["quota"] += max(
                    0, quota["count"] - sum(v["unit"] == quota["unit"] for v in who)
                )
        for vid, sid in map(tuple, p.get("published", [])):
            if (vid, sid) not in have and not self.not_eligible(self.people[vid], self.shifts[sid]):
                parts["dropped"] += 1
        coverage = sum(parts[f"min_{k}"] * w["min"][k - 1] for k in (1, 2, 3))
        coverage += sum(parts[k] * w[k] for k in ("skill", "quota", "target", "dropped"))
        fair, unit = 0, defaultdict(int)
        for vid, m in minutes.items():
            v = self.people[vid]
            s, a = quarters(v["served_minutes"]), quarters(m)
            fair += (s + a) ** 2 - s**2
            unit[v["unit"]] += a
        over = sum(max(0, unit[u["id"]] - quarters(u["fair_minutes"])) for u in p["units"])
        people = (
            w["fairness"] * fair + w["unit_overload"] * over + w["wish"] * wish + w["distance"] * km
        )
        return {"coverage": coverage, "people": people}, parts


def gap(value, bound):
    if bound is None:
        return "no bound"
    return "0 %" if value == bound else f"{100 * (value - bound) / max(1, abs(value)):.3f} %"


def shape_faults(problem, plan):
    """What is wrong with the plan's form, before its content is judged."""
    bad = []
    if not isinstance(plan, dict):
        return ["the plan is not an object"]
    if plan.get("format") != "volunteer-plan/1":
        bad.append(f"format {plan.get('format')!r}")
    if plan.get("problem") != problem.get("name"):
        bad.append(f"the plan answers {plan.get('problem')!r}, not {problem.get('name')!r}")
    if plan.get("status") not in ("optimal", "feasible", "refused"):
        bad.append(f"status {plan.get('status')!r}")
    pairs = plan.get("assignments")
    if not isinstance(pairs, list) or not all(
        isinstance(a, list) and len(a) == 2 and all(isinstance(x, str) for x in a) for a in pairs
    ):
        bad.append("assignments are not pairs of ids")
    if plan.get("status") == "refused":
        if (
            pairs
            or plan.get("cost") is not None
            or plan.get("bound") is not None
            or not plan.get("why")
        ):
            bad.append("a refused plan has no assignments, cost or bound, and says why")
        return bad
    for key, may_be_null in (("cost", False), ("bound", True)):
        tiers = plan.get(key)
        if not isinstance(tiers, dict) or set(tiers) != {"coverage", "people"}:
            bad.append(f"{key} has not exactly the tiers coverage and people")
            continue
        for tier, value in tiers.items():
            if not (type(value) is int or (value is None and may_be_null)):
                bad.append(f"{key}.{tier} {value!r} is not an integer")
    if not bad and plan["status"] == "optimal" and plan["cost"] != plan["bound"]:
        bad.append("called optimal with an open gap")
    return bad


def floor_of(checker):
    """Coverage cost when every eligible person stood on every shift at once: what no plan can avoid."""
    crowd = [
        (v["id"], s["id"])
        for s in checker.p["shifts"]
        for v in checker.p["volunteers"]
        if not checker.not_eligible(v, s)
    ]
    return checker.cost(crowd)[0]["coverage"]


def main(argv):
    floor_wanted = "--floor" in argv
    argv = [a for a in argv if a != "--floor"]
    if len(argv) != 3:
        print(__doc__)
        return 2
    try:
        problem, plan = read(argv[1]), read(argv[2])
        checker = Checker(problem)
    except (OSError, ValueError, KeyError, TypeError, EOFError) as e:
        print(f"cannot read: {e!r}")
        return 2
    bad = shape_faults(problem, plan)
    for line in bad:
        print("FORM", line)
    if bad:
        return 1
    pairs = [tuple(a) for a in plan["assignments"]]
    if plan["status"] == "refused":
        broken = checker.violations([tuple(pin) for pin in problem.get("pins", [])])
        print(
            "refused, rightly: " + broken[0]
            if broken
            else "FALSE refused: the pins break no hard rule"
        )
        return 0 if broken else 1
    bad = checker.violations(pairs)
    for line in bad[:20]:
        print("BROKEN", line)
    if any(line.startswith("unknown") for line in bad):
        return 1
    cost, parts = checker.cost(pairs)
    stated, bound = plan["cost"], plan["bound"]
    for tier in ("coverage", "people"):
        if stated[tier] != cost[tier]:
            bad.append(tier)
            print(f"FALSE stated {tier} {stated[tier]}, true {cost[tier]}")
        if bound[tier] is not None and bound[tier] > cost[tier]:
            bad.append(tier)
            print(f"FALSE bound {tier} {bound[tier]} lies above the plan's own cost {cost[tier]}")
    print(f"{len(pairs)} assignments, {len(bad)} faults; shortfalls {parts}")
    print(
        f"coverage {cost['coverage']} (gap {gap(cost['coverage'], bound['coverage'])}), people {cost['people']} (gap {gap(cost['people'], bound['people'])})"
    )
    if floor_wanted:
        floor = floor_of(checker)
        if bound["coverage"] is not None:
            print(
                f"unavoidable {floor}; gap of what a plan can influence: {100 * (cost['coverage'] - bound['coverage']) / max(1, cost['coverage'] - floor):.2f} %"
            )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
