"""A corpus of malformed files: each kind with its bytes, its file name and the path it must name."""

import copy
import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

GOOD: dict[str, Any] = {
    "format": "volunteer-schedule/1",
    "name": "one week, one district",
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
    "sites": [{"id": "p1", "x": 1200, "y": 340}, {"id": "p2", "x": -5, "y": 0}],
    "units": [{"id": "u1", "fair_minutes": 5400}, {"id": "u2", "fair_minutes": 0}],
    "volunteers": [
        {
            "id": f"v{i}",
            "unit": "u1",
            "age": 34,
            "skills": ["first_aid", "leader"],
            "home": [900, 100] if i else None,
            "available": [[450, 560], [1050, 1120]],
            "max_minutes": 240,
            "max_shifts_per_day": 2,
            "served_minutes": 1410,
            "wishes": {"traffic": 0, "elderly": 3},
        }
        for i in range(3)
    ],
    "shifts": [
        {
            "id": f"s{i}",
            "activity": "traffic",
            "site": "p1",
            "start": 450,
            "end": 510,
            "priority": 1,
            "min": 3,
            "target": 4,
            "max": 6,
            "min_age": 18,
            "max_age": 65,
            "requires": [],
            "at_least": [{"skill": "leader", "count": 1}],
            "tied": ["u1"],
            "quotas": [{"unit": "u1", "count": 2}],
            "open": True,
            "reach": 3000,
        }
        for i in range(2)
    ],
    "pins": [["v1", "s1"]],
    "bans": [["v1", "s0"]],
    "apart": [["v0", "v1"]],
    "published": [["v1", "s1"]],
}


def text_of(tree: Any) -> bytes:
    return json.dumps(tree, ensure_ascii=False, allow_nan=True).encode()


@dataclass(frozen=True)
class Case:
    """One malformed file."""

    name: str
    body: bytes
    path: str  # what the line on stderr starts with
    suffix: str = ".json"


MISSING = object()


def put(path: str, value: Any) -> bytes:
    """The good problem with one value replaced, added (new key) or taken out (MISSING)."""
    tree = copy.deepcopy(GOOD)
    steps: list[Any] = [
        int(step) if step.isdigit() else step
        for step in path.replace("[", ".").replace("]", "").split(".")
    ]
    at: Any = tree
    for step in steps[:-1]:
        at = at[step]
    if value is MISSING:
        del at[steps[-1]]
    elif isinstance(at, list) and steps[-1] == len(at):
        at.append(value)
    else:
        at[steps[-1]] = value
    return text_of(tree)


def raw(before: str, after: str) -> bytes:
    """The good problem with one piece of its text replaced."""
    body = text_of(GOOD)
    assert body.count(before.encode()) >= 1, before
    return body.replace(before.encode(), after.encode("utf-8", "surrogatepass"), 1)


V, S, W = "volunteers[1]", "shifts[1]", "weights"

VALUES: list[tuple[str, str, Any, str]] = [
    # (kind, where, value, the path to be named)
    ("another format", "format", "volunteer-schedule/2", "format"),
    ("a format that is a number", "format", 1, "format"),
    ("a name that is null", "name", None, "name"),
    ("a name missing", "name", MISSING, "name"),
    ("an unknown key at the root", "colour", "red", "colour"),
    ("an unknown key in a shift", f"{S}.colour", "red", f"{S}.colour"),
    ("an odd key", f"{V}.x y", 1, f"{V}['x y']"),
    ("an empty key", f"{V}.", 1, f"{V}['']"),
    ("a missing site", f"{S}.site", MISSING, f"{S}.site"),
    (
        "a missing key in a list of skills",
        f"{S}.at_least[0].count",
        MISSING,
        f"{S}.at_least[0].count",
    ),
    ("a missing weight", f"{W}.wish", MISSING, "weights.wish"),
    ("a horizon that is a list", "horizon", [], "horizon"),
    ("a date that does not exist", "horizon.start", "2026-02-30", "horizon.start"),
    ("a date without dashes", "horizon.start", "20260302", "horizon.start"),
    ("a date with a time", "horizon.start", "2026-03-02T00:00", "horizon.start"),
    ("a date in other digits", "horizon.start", "２０２６-03-02", "horizon.start"),
    ("a date that is a number", "horizon.start", 20260302, "horizon.start"),
    ("no days", "horizon.days", 0, "horizon.days"),
    ("no pace", "travel.metres_per_minute", 0, "travel.metres_per_minute"),
    ("a negative overhead", "travel.overhead_minutes", -1, "travel.overhead_minutes"),
    ("a negative rest", "rest_minutes", -1, "rest_minutes"),
    ("a rest of true", "rest_minutes", True, "rest_minutes"),
    ("a rest of 1.0", "rest_minutes", 1.0, "rest_minutes"),
    ("a rest of 1e2", "rest_minutes", 1e2, "rest_minutes"),
    ("a number as a string", "rest_minutes", "600", "rest_minutes"),
    ("NaN", "rest_minutes", float("nan"), "rest_minutes"),
    ("Infinity", "rest_minutes", float("inf"), "rest_minutes"),
    ("-Infinity", f"{V}.home[0]", float("-inf"), f"{V}.home[0]"),
    ("two min weights", f"{W}.min", [1, 2], "weights.min"),
    ("four min weights", f"{W}.min", [9, 9, 9, 9], "weights.min"),
    ("a min weight of null", f"{W}.min[1]", None, "weights.min[1]"),
    ("a negative weight", f"{W}.skill", -16, "weights.skill"),
    ("a weight too large", f"{W}.quota", 10**6 + 1, "weights.quota"),
    ("a target above a min weight", f"{W}.target", 65, "weights.target"),
    ("sites that are an object", "sites", {}, "sites"),
    ("a site that is a string", "sites[1]", "p2", "sites[1]"),
    ("a site's id a number", "sites[1].id", 2, "sites[1].id"),
    ("a site's id null", "sites[1].id", None, "sites[1].id"),
    ("two sites of one id", "sites[1].id", "p1", "sites[1].id"),
    ("a coordinate too large", "sites[1].x", 10**7 + 1, "sites[1].x"),
    ("a coordinate too small", "sites[1].y", -(10**7) - 1, "sites[1].y"),
    ("a number of 100 digits", "sites[1].x", 10**99, "sites[1].x"),
    ("two units of one id", "units[1].id", "u1", "units[1].id"),
    ("a negative fair share", "units[1].fair_minutes", -1, "units[1].fair_minutes"),
    ("two volunteers of one id", f"{V}.id", "v0", f"{V}.id"),
    ("a volunteer of no unit", f"{V}.unit", "u9", f"{V}.unit"),
    ("a unit that is a list", f"{V}.unit", ["u1"], f"{V}.unit"),
    ("a negative age", f"{V}.age", -1, f"{V}.age"),
    ("skills that are a string", f"{V}.skills", "leader", f"{V}.skills"),
    ("a skill that is a number", f"{V}.skills[1]", 7, f"{V}.skills[1]"),
    ("a home of one number", f"{V}.home", [900], f"{V}.home"),
    ("a home of three numbers", f"{V}.home", [1, 2, 3], f"{V}.home"),
    ("a home that is false", f"{V}.home", False, f"{V}.home"),
    ("a home of floats", f"{V}.home[1]", 0.5, f"{V}.home[1]"),
    ("availability that is null", f"{V}.available", None, f"{V}.available"),
    ("an interval of one time", f"{V}.available[1]", [1050], f"{V}.available[1]"),
    ("an interval backwards", f"{V}.available[1]", [1120, 1050], f"{V}.available[1][1]"),
    ("an empty interval", f"{V}.available[0]", [450, 450], f"{V}.available[0][1]"),
    ("an interval with a string", f"{V}.available[0][0]", "07:30", f"{V}.available[0][0]"),
    ("an interval of booleans", f"{V}.available[0]", [False, True], f"{V}.available[0][0]"),
    ("negative minutes", f"{V}.max_minutes", -1, f"{V}.max_minutes"),
    ("negative shifts a day", f"{V}.max_shifts_per_day", -1, f"{V}.max_shifts_per_day"),
    ("negative history", f"{V}.served_minutes", -1, f"{V}.served_minutes"),
    ("wishes in a list", f"{V}.wishes", [], f"{V}.wishes"),
    ("a wish of 4", f"{V}.wishes.traffic", 4, f"{V}.wishes.traffic"),
    ("a wish of -1", f"{V}.wishes.traffic", -1, f"{V}.wishes.traffic"),
    ("a wish of null", f"{V}.wishes.traffic", None, f"{V}.wishes.traffic"),
    ("two shifts of one id", f"{S}.id", "s0", f"{S}.id"),
    ("an activity that is null", f"{S}.activity", None, f"{S}.activity"),
    ("a shift at no site", f"{S}.site", "x9", f"{S}.site"),
    ("an end before the start", f"{S}.end", 449, f"{S}.end"),
    ("an end at the start", f"{S}.end", 450, f"{S}.end"),
    ("a time too large", f"{S}.end", 10**7 + 1, f"{S}.end"),
    ("priority 0", f"{S}.priority", 0, f"{S}.priority"),
    ("priority 4", f"{S}.priority", 4, f"{S}.priority"),
    ("a negative min", f"{S}.min", -1, f"{S}.min"),
    ("min above target", f"{S}.min", 5, f"{S}.min"),
    ("target above max", f"{S}.target", 7, f"{S}.target"),
    ("a negative min_age", f"{S}.min_age", -1, f"{S}.min_age"),
    ("a negative max_age", f"{S}.max_age", -1, f"{S}.max_age"),
    ("requires that is an object", f"{S}.requires", {}, f"{S}.requires"),
    (
        "a skill wanted twice",
        f"{S}.at_least[1]",
        {"skill": "leader", "count": 2},
        f"{S}.at_least[1].skill",
    ),
    ("a negative count", f"{S}.at_least[0].count", -1, f"{S}.at_least[0].count"),
    ("a unit tied twice", f"{S}.tied", ["u1", "u2", "u1"], f"{S}.tied[2]"),
    ("a tie to nothing", f"{S}.tied", ["u1", "u9"], f"{S}.tied"),
    ("a quota of nothing", f"{S}.quotas[0].unit", "u9", f"{S}.quotas[0].unit"),
    ("a quota twice", f"{S}.quotas[1]", {"unit": "u1", "count": 0}, f"{S}.quotas[1].unit"),
    ("a negative quota", f"{S}.quotas[0].count", -2, f"{S}.quotas[0].count"),
    ("open that is 1", f"{S}.open", 1, f"{S}.open"),
    ("open that is a string", f"{S}.open", "true", f"{S}.open"),
    ("a negative reach", f"{S}.reach", -1, f"{S}.reach"),
    ("a pin of nobody", "pins[0][0]", "v9", "pins[0][0]"),
    ("a pin to nothing", "pins[0][1]", "s9", "pins[0][1]"),
    ("a pin of three", "pins[0]", ["v1", "s1", "s0"], "pins[0]"),
    ("a pin of numbers", "pins[0]", [1, 1], "pins[0][0]"),
    ("pins that are null", "pins", None, "pins"),
    ("a pin twice", "pins[1]", ["v1", "s1"], "pins[1]"),
    ("a ban twice", "bans[1]", ["v1", "s0"], "bans[1]"),
    ("a ban of nobody", "bans[0][0]", "", "bans[0][0]"),
    ("a published pair twice", "published[1]", ["v1", "s1"], "published[1]"),
    ("published that is an object", "published", {"v1": "s1"}, "published"),
    ("an apart of one person", "apart[0]", ["v0", "v0"], "apart[0]"),
    ("an apart twice", "apart[1]", ["v0", "v1"], "apart[1]"),
    ("an apart twice, turned", "apart[1]", ["v1", "v0"], "apart[1]"),
    ("an apart of nobody", "apart[0][1]", "v9", "apart[0][1]"),
]

good = text_of(GOOD)
DEEP = b"[" * 100_000
BYTES: list[Case] = [
    Case("nothing", b"", "$"),
    Case("white space", b" \n\t ", "$"),
    Case("a list", b"[]", "$"),
    Case("a string", b'"volunteer-schedule/1"', "$"),
    Case("null", b"null", "$"),
    Case("a number", b"7", "$"),
    Case("an empty object", b"{}", "format"),
    Case("a byte-order mark", b"\xef\xbb\xbf" + good, "$"),
    Case("UTF-16", good.decode().encode("utf-16"), "$"),
    Case("UTF-16 without a mark", good.decode().encode("utf-16-le"), "$"),
    Case("UTF-32", good.decode().encode("utf-32-be"), "$"),
    Case("Latin-1", put("name", "caf\u00e9").decode().encode("latin-1"), "name"),
    Case("GBK", put("name", "一周").decode().encode("gbk"), "name"),
    Case(
        "a bad byte in a string", raw('"v1"', '"v1').replace(b'"v1,', b'"v\xff1",'), "volunteers[1]"
    ),
    Case("an overlong encoding", good.replace(b"one week", b"one\xc0\xafweek"), "name"),
    Case("an encoded surrogate", good.replace(b"one week", b"one\xed\xa0\x80week"), "name"),
    Case("a lone surrogate escape", raw("one week", "one\\ud800week"), "name"),
    Case("a low surrogate escape", raw('"id": "v1"', '"id": "v\\uDC00"'), "volunteers[1].id"),
    Case("a surrogate in a key", raw('"traffic": 0', '"tr\\udfffffic": 0'), "volunteers[0].wishes"),
    Case("a cut file", good[: len(good) // 2], "volunteers["),
    Case("a file cut in a string", good[: good.index(b"v2") + 1], "volunteers[2].id"),
    Case("a file cut before its end", good[:-1], "published"),
    Case("text after the end", good + b"x", "$"),
    Case("two documents", good + b"\n" + good, "$"),
    Case("a null byte after the end", good + b"\0", "$"),
    Case(
        "a comma too many", raw('"home": [900, 100]', '"home": [900, 100,]'), "volunteers[1].home"
    ),
    Case("a comma missing", raw('"age": 34, ', '"age": 34 '), "volunteers[0]"),
    Case("a colon missing", raw('"age": 34', '"age" 34'), "volunteers[0]"),
    Case("a comment", raw('"rest_minutes"', '/* */ "rest_minutes"'), "$"),
    Case("single quotes", good.replace(b'"', b"'"), "$"),
    Case("a key without quotes", raw('"age"', "age"), "volunteers[0]"),
    Case("a control character in a string", raw("one week", "one\nweek"), "name"),
    Case("a bad escape", raw("one week", "one\\xweek"), "name"),
    Case("a short escape", raw("one week", "one\\u12"), "name"),
    Case("a leading zero", raw("600", "0600"), "rest_minutes"),
    Case("a leading plus", raw("600", "+600"), "rest_minutes"),
    Case("a bare point", raw("600", "600."), "rest_minutes"),
    Case("hexadecimal", raw("600", "0x258"), "rest_minutes"),
    Case("True of another language", raw("true", "True"), "shifts[0].open"),
    Case("an exponent beyond a float", raw("600", "1e400"), "rest_minutes"),
    Case("minus nothing", raw("600", "-"), "rest_minutes"),
    Case("a number of 4,000 digits", raw("600", "9" * 4000), "rest_minutes"),
    Case(
        "a volunteer that is a number of 4,000 digits",
        raw('["first_aid", "leader"]', "9" * 4000),
        "volunteers[0].skills",
    ),
    Case("a number of 100,000 digits", raw("600", "9" * 100_000), "rest_minutes"),
    Case("a negative number of 100,000 digits", raw("600", "-" + "9" * 100_000), "rest_minutes"),
    Case(
        "a repeated key at the root", raw('"rest_minutes"', '"name": "b", "rest_minutes"'), "name"
    ),
    Case(
        "a repeated key in a volunteer",
        raw('"age": 34', '"age": 34, "age": 35'),
        "volunteers[0].age",
    ),
    Case(
        "a repeated wish",
        raw('"traffic": 0', '"traffic": 0, "traffic": 0'),
        "volunteers[0].wishes.traffic",
    ),
    Case(
        "a key repeated by an escape",
        raw('"age": 34', '"age": 34, "\\u0061ge": 3'),
        "volunteers[0].age",
    ),
    Case(
        "a repeated key in the weights",
        raw('"skill": 16', '"skill": 1, "skill": 2'),
        "weights.skill",
    ),
    Case("lists without end", DEEP, "[0][0]"),
    Case("objects without end", b'{"a":' * 100_000, "a.a"),
    Case("lists without end in a key", raw("600", "[" * 100_000), "rest_minutes[0]"),
    Case("lists deep and closed", raw("600", "[" * 5000 + "]" * 5000), "rest_minutes[0]"),
    Case("a deep list that is read", raw("600", "[" * 300 + "]" * 300), "rest_minutes"),
    Case("gzip under a plain name", gzip.compress(good), "$"),
    Case("plain text under a gzip name", good, "$", ".json.gz"),
    Case("nothing under a gzip name", b"", "$", ".json.gz"),
    Case("a cut gzip", gzip.compress(good)[:-20], "$", ".json.gz"),
    Case("a gzip without its check", gzip.compress(good)[:-8], "$", ".json.gz"),
    Case("a gzip of a false check", gzip.compress(good)[:-8] + b"\0" * 8, "$", ".json.gz"),
    Case("a broken gzip", gzip.compress(good)[:60] + b"\xff" * 40, "$", ".json.gz"),
    Case("a gzip with rubbish behind", gzip.compress(good) + b"rubbish", "$", ".json.gz"),
    Case(
        "a gzip of a bad problem",
        gzip.compress(put("rest_minutes", -1)),
        "rest_minutes",
        ".json.gz",
    ),
    Case("a gzip in a gzip", gzip.compress(gzip.compress(good)), "$", ".json.gz"),
    Case("a zip bomb", gzip.compress(b" " * (80 << 20)), "$", ".json.gz"),
]

CASES: list[Case] = BYTES + [Case(kind, put(at, value), path) for kind, at, value, path in VALUES]
Mutator = Callable[[bytes], bytes]
