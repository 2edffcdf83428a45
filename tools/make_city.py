#!/usr/bin/env python3
"""Make a realistic scheduling problem in the exchange format (docs/schedule-format.md).

Usage: make_city.py SIZE SEED OUT.json[.gz] [--inspection] [--dropouts PLAN.json]
  SIZE  unit (110 people, 40 shifts) | district (2,000 x 400) | core (6,000 x 1,600) | campaign (20,000 x 4,000) | metropolis (100,000 x 8,000)
  --inspection  an inspection week: wider windows, more critical points, every day
  --dropouts PLAN  the same problem after PLAN was published and 2 % of its people fell ill (their pairs are banned)
Shapes follow real duty rosters: peak-hour crossings, weekend cleaning, elderly care, net-cafe rounds,
household visits in pairs; heavy-tailed units tied to communities, plus residents. Same size, seed and flags: the same file. Standard library only.
"""

import argparse
import gzip
import json
import math
import random

SIZES = {
    "unit": (110, 40, 1),
    "district": (2000, 400, 1),
    "core": (6000, 1600, 3),
    "campaign": (20000, 4000, 6),
    "metropolis": (100000, 8000, 12),
}
DAY = 1440
SIDE = 6000  # metres, one district
KINDS = {  # activity: share, (weekdays), [(start, minutes)], (min heads), skills every head needs, (youngest, oldest), weekday share
    "traffic": (
        0.42,
        range(5),
        [(450, 60), (1050, 60), (420, 90), (1035, 75)],
        (2, 5),
        [],
        (18, 65),
    ),
    "cleaning": (0.13, (5, 6, 4), [(510, 120), (540, 150), (870, 120)], (6, 20), [], (16, 68)),
    "elderly": (
        0.13,
        range(7),
        [(540, 90), (630, 60), (870, 90), (900, 120)],
        (2, 5),
        ["care"],
        (16, 75),
    ),
    "greenery": (0.09, (0, 3, 5, 6), [(540, 120), (870, 90)], (4, 10), [], (18, 65)),
    "net_cafe": (0.08, range(7), [(900, 120), (1170, 120)], (2, 2), [], (25, 70)),
    "hazard_waste": (0.04, (5, 6), [(540, 120)], (3, 6), [], (18, 68)),
    "household": (0.11, range(6), [(870, 120), (1110, 100)], (4, 12), [], (18, 70)),
}
SKILLS = {"leader": 0.10, "first_aid": 0.12, "care": 0.25, "traffic": 0.5}
BLOCKS = [(410, 530), (505, 735), (840, 1055), (1020, 1130), (1095, 1310)]


def draw(rng, size, seed, inspection):
    n_people, n_shifts, n_districts = SIZES[size]
    cols = math.ceil(math.sqrt(n_districts))
    corner = [((d % cols) * SIDE, (d // cols) * SIDE) for d in range(n_districts)]
    n_comm = max(4, n_districts * 2, n_shifts // 14)
    comm = [
        (
            i % n_districts,
            [corner[i % n_districts][k] + int(rng.betavariate(2, 2) * SIDE) for k in (0, 1)],
        )
        for i in range(n_comm)
    ]
    sites = []
    for i in range(max(n_comm, n_shifts // 4)):
        c = i if i < n_comm else rng.randrange(n_comm)
        x, y = comm[c][1]
        sites.append(
            {
                "id": f"p{i}",
                "x": x + int(rng.gauss(0, 450)),
                "y": y + int(rng.gauss(0, 450)),
                "_c": c,
            }
        )
    # units: heavy-tailed staff, each tied to one to three communities of its district
    n_units = max(3, n_people // 60)
    weight = [min(40.0, rng.paretovariate(1.1)) for _ in range(n_units)]
    staff = [max(3, int(w / sum(weight) * n_people * 0.6)) for w in weight]
    units, ties, home_district = [], {c: [] for c in range(n_comm)}, []
    for u in range(n_units):
        d = u % n_districts
        home_district.append(d)
        mine = [c for c in range(n_comm) if comm[c][0] == d]
        for c in rng.sample(mine, min(len(mine), 1 + (staff[u] > 60) + (staff[u] > 200))):
            ties[c].append(f"u{u}")
        units.append({"id": f"u{u}"})
    for c in range(n_comm):
        units.append({"id": f"c{c}"})  # residents enrolled by their community
        ties[c].append(f"c{c}")
    shifts = []
    kinds, share = list(KINDS), [KINDS[k][0] for k in KINDS]
    for i in range(n_shifts):
        kind = rng.choices(kinds, share)[0]
        _, days, starts, heads, needs, ages = KINDS[kind]
        day = rng.randrange(7) if inspection and kind == "traffic" else rng.choice(list(days))
        start, minutes = rng.choice(starts)
        if inspection and kind == "traffic":
            start, minutes = (420, 150) if start < 720 else (1020, 120)
        low = rng.randint(*heads)
        site = rng.choice(sites)
        staff_ties = [u for u in ties[site["_c"]] if u[0] == "u"]
        mix = [{"skill": "leader", "count": 1}] if low >= 3 else []
        if kind in ("cleaning", "elderly"):
            mix.append({"skill": "first_aid", "count": 1})
        if kind == "traffic" and low >= 3:
            mix.append({"skill": "traffic", "count": 2})
        target = math.ceil(low * 1.3)
        critical = (0.30, 0.40) if inspection else (0.12, 0.33)
        r = rng.random()
        shifts.append(
            {
                "id": f"s{i}",
                "activity": kind,
                "site": site["id"],
                "start": day * DAY + start,
                "end": day * DAY + start + minutes,
                "priority": 1 if r < critical[0] else 2 if r < sum(critical) else 3,
                "min": low,
                "target": target,
                "max": max(target, math.ceil(low * 1.6)),
                "min_age": ages[0],
                "max_age": ages[1],
                "requires": list(needs),
                "at_least": mix,
                "tied": list(ties[site["_c"]]),
                "quotas": [{"unit": rng.choice(staff_ties), "count": max(1, int(low * 0.4))}]
                if staff_ties and rng.random() < 0.6
                else [],
                "open": rng.random() < 0.55 or not staff_ties,
                "reach": rng.choice([2000, 3000, 4000]),
            }
        )
    people = []
    released = []  # the half days on which a unit lets its staff go
    for u in range(n_units):
        slots = set()
        for d in rng.sample(range(5), rng.randint(2, 4)):
            slots |= {(d, 0), (d, 3)}
            if rng.random() < 0.35:
                slots.add((d, rng.choice((1, 2))))
            if rng.random() < 0.25:
                slots.add((d, 4))
        if rng.random() < 0.75:
            d = rng.choice((5, 6))
            slots |= {(d, 0), (d, 1), (d, 2)}
        released.append(slots)
    lives = []
    for k in range(12):
        if k < 4:
            lives.append(
                {(d, 1 + k % 2) for d in range(5)} | {(d, 0) for d in rng.sample(range(5), 2)}
            )
        elif k < 8:
            lives.append(
                {(d, 4) for d in range(5) if rng.random() < 0.5}
                | {(d, b) for d in (5, 6) for b in range(4) if rng.random() < 0.6}
            )
        else:
            lives.append({(d, b) for d in range(7) for b in range(5) if rng.random() < 0.3})
    owner = [u for u in range(n_units) for _ in range(staff[u])][:n_people]
    for i in range(n_people):
        if i < len(owner):
            unit, slots, age = f"u{owner[i]}", set(released[owner[i]]), rng.randint(22, 59)
            x, y = corner[home_district[owner[i]]]
            home = [x + rng.randrange(SIDE), y + rng.randrange(SIDE)]
            if rng.random() < 0.5:
                slots = {s for s in slots if rng.random() < 0.75}
        else:
            c = rng.randrange(n_comm)
            unit, age = f"c{c}", min(78, max(14, int(rng.gammavariate(4, 11))))
            slots = {s for s in rng.choice(lives) if rng.random() < 0.85}
            home = [comm[c][1][k] + int(rng.gauss(0, 600)) for k in (0, 1)]
        home = [round(h / 250) * 250 for h in home]
        windows = sorted([d * DAY + BLOCKS[b][0], d * DAY + BLOCKS[b][1]] for d, b in slots)
        merged = []
        for a, b in windows:
            if merged and a <= merged[-1][1]:
                merged[-1][1] = max(b, merged[-1][1])
            else:
                merged.append([a, b])
        people.append(
            {
                "id": f"v{i}",
                "unit": unit,
                "age": age,
                "skills": [s for s, q in SKILLS.items() if rng.random() < q],
                "home": home if rng.random() < 0.97 else None,
                "available": merged,
                "max_minutes": rng.choices((120, 240, 360, 480), (20, 40, 30, 10))[0],
                "max_shifts_per_day": rng.choices((1, 2, 3), (35, 50, 15))[0],
                "served_minutes": int(rng.gammavariate(1.5, 720)),
                "wishes": {k: rng.choice((0, 2, 3)) for k in KINDS if rng.random() < 0.4},
            }
        )
    demand = sum(s["target"] * (s["end"] - s["start"]) for s in shifts)
    size_of = {u["id"]: 0 for u in units}
    for v in people:
        size_of[v["unit"]] += 1
    for u in units:
        u["fair_minutes"] = int(1.5 * demand * size_of[u["id"]] / n_people)
    for s in sites:
        del s["_c"]
    apart = []
    for _ in range(n_people // 300):
        i = rng.randrange(n_people - 1)
        if people[i]["unit"] == people[i + 1]["unit"]:
            apart.append([f"v{i}", f"v{i + 1}"])
    return {
        "format": "volunteer-schedule/1",
        "name": f"{size}{' inspection' if inspection else ''} {seed}",
        "horizon": {"start": "2026-03-02", "days": 7},
        "travel": {"overhead_minutes": 5, "metres_per_minute": 250},
        "rest_minutes": 600,
        "weights": {
            "min": [1024, 256, 64],
            "skill": 16,
            "quota": 4,
            "target": 1,
            "dropped": 64,
            "fairness": 1,
            "unit_overload": 40,
            "wish": 4,
            "distance": 1,
        },
        "sites": sites,
        "units": units,
        "volunteers": people,
        "shifts": shifts,
        "pins": [],
        "bans": [],
        "apart": apart,
        "published": [],
    }


def fall_ill(rng, problem, plan):
    pairs = plan["assignments"]
    who = sorted({v for v, _ in pairs})
    ill = set(rng.sample(who, max(1, len(who) // 50)))
    problem["name"] += " after dropouts"
    problem["published"] = pairs
    problem["bans"] = [[v, s] for v, s in pairs if v in ill]
    for v in problem["volunteers"]:
        if v["id"] in ill:
            v["available"] = []


def main():
    ap = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    ap.add_argument("size", choices=SIZES)
    ap.add_argument("seed", type=int)
    ap.add_argument("out")
    ap.add_argument("--inspection", action="store_true")
    ap.add_argument("--dropouts", metavar="PLAN")
    a = ap.parse_args()
    rng = random.Random(f"{a.size}/{a.seed}/{a.inspection}")
    problem = draw(rng, a.size, a.seed, a.inspection)
    if a.dropouts:
        with (gzip.open if a.dropouts.endswith(".gz") else open)(
            a.dropouts, "rt", encoding="utf-8"
        ) as f:
            fall_ill(rng, problem, json.load(f))
    text = json.dumps(problem, ensure_ascii=False, separators=(",", ":"))
    if a.out.endswith(".gz"):
        with (
            open(a.out, "wb") as raw,
            gzip.GzipFile(fileobj=raw, mode="wb", mtime=0, filename="") as f,
        ):
            f.write(text.encode())
    else:
        with open(a.out, "w", encoding="utf-8") as f:
            f.write(text)
    heads = sum(s["min"] for s in problem["shifts"])
    print(
        f"{problem['name']}: {len(problem['volunteers'])} people, {len(problem['units'])} units, {len(problem['shifts'])} shifts, {heads} heads at least, "
        f"{sum(s['target'] for s in problem['shifts'])} wanted"
    )


if __name__ == "__main__":
    main()
