"""A fuzzer for the exchange format: ``python -m tests.scheduling.fuzz --inputs 1000000 --seed 1``.

Every input is a good problem or plan, hurt: bytes flipped, pieces cut, doubled and moved, values
replaced by odd ones, keys repeated, gzip broken. The reader must return a value or raise BadInput
with one printable line that names a path; anything else is a failure, and so is an input that takes
longer than a second. What is accepted must survive being written and read again.
"""

import argparse
import gzip
import json
import random
import re
import sys
import time

from tests.scheduling.malformed import GOOD
from tests.scheduling.tiny import tiny_problem
from volunteer.scheduling import wire
from volunteer.scheduling.wire import BadInput
from volunteer.scheduling.wire.text import unpack

PLAN = {
    "format": "volunteer-plan/1",
    "problem": "one week, one district",
    "status": "feasible",
    "assignments": [["v1", "s1"], ["v2", "s1"]],
    "cost": {"coverage": 3, "people": 8120},
    "bound": {"coverage": 3, "people": None},
    "seconds": {"read": 0.1, "total": 1.7},
    "seed": 1,
    "short": [
        {
            "shift": "s1",
            "missing": 2,
            "why": [{"rule": "availability", "people": 31}],
            "would_help": [{"change": "widen_reach", "to": 4000, "gains": 2}],
        }
    ],
}
ODD = (
    b"null", b"true", b"-1", b"0", b"1.5", b"1e999", b"NaN", b"-Infinity", b"[]", b"{}", b'""', b'"v1"', b"10000001",
    b"99999999999999999999999", b'"\\ud800"', b'"\\u0000"', b"[[]]", b'{"id":1}', b"9" * 5000, b'"\xff"', b"\xef\xbb\xbf",
    b"[" * 2000, b'"' + b"x" * 300 + b'"', "\u2028".encode(), b'"2026-02-30"', b'[450,560]', b'["v1","s1"]',
)  # fmt: skip
TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|true|false|null|[{}\[\],:]')
LINE = re.compile(r"[^\n]+: [^\n]+\Z")


def seeds() -> list[bytes]:
    problems = [json.dumps(GOOD).encode()]
    problems += [wire.problem_to_json(tiny_problem(n, most=3)).encode() for n in range(12)]
    return [*problems, json.dumps(PLAN).encode(), json.dumps(PLAN, indent=1).encode()]


def hurt(rng: random.Random, body: bytes, others: list[bytes]) -> bytes:
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        body = rng.choice(WAYS)(rng, body, others)
    return body


def _flip(rng, body, others):
    if not body:
        return body
    at = rng.randrange(len(body))
    return body[:at] + bytes([rng.randrange(256)]) + body[at + 1 :]


def _cut(rng, body, others):
    a, b = sorted((rng.randint(0, len(body)), rng.randint(0, len(body))))
    return body[:a] + body[b:] if rng.random() < 0.5 else body[:b]


def _double(rng, body, others):
    a = rng.randint(0, len(body))
    b = min(len(body), a + rng.choice((1, 5, 30, 200)))
    at = rng.randint(0, len(body))
    return body[:at] + body[a:b] * rng.choice((1, 1, 2, 50)) + body[at:]


def _splice(rng, body, others):
    other = rng.choice(others)
    return body[: rng.randint(0, len(body))] + other[rng.randint(0, len(other)) :]


def _odd_value(rng, body, others):
    tokens = list(TOKEN.finditer(body))
    if not tokens:
        return body
    token = rng.choice(tokens)
    return body[: token.start()] + rng.choice(ODD) + body[token.end() :]


def _swap_tokens(rng, body, others):
    tokens = list(TOKEN.finditer(body))
    if len(tokens) < 2:
        return body
    a, b = sorted(rng.sample(tokens, 2), key=lambda t: t.start())
    return body[: a.start()] + b.group() + body[a.end() : b.start()] + a.group() + body[b.end() :]


def _drop_token(rng, body, others):
    tokens = list(TOKEN.finditer(body))
    if not tokens:
        return body
    token = rng.choice(tokens)
    return body[: token.start()] + body[token.end() :]


WAYS = (
    _flip,
    _cut,
    _double,
    _splice,
    _odd_value,
    _odd_value,
    _swap_tokens,
    _swap_tokens,
    _drop_token,
)


def try_one(rng: random.Random, bodies: list[bytes]) -> str:
    """Feed one hurt input; return what became of it. Raises AssertionError for a failure."""
    base = rng.choice(bodies)
    body = hurt(rng, base, bodies)
    packed = rng.random() < 0.05
    if packed:
        body = (
            hurt(rng, gzip.compress(body, compresslevel=1), bodies) if rng.random() < 0.8 else body
        )
    is_plan = b"volunteer-plan" in base
    began = time.perf_counter()
    try:
        raw = unpack(body) if packed else body
        value = wire.plan_from_json(raw) if is_plan else wire.problem_from_json(raw)
    except BadInput as error:
        line = str(error)
        assert LINE.match(line), line
        assert line.isprintable(), repr(line)
        assert len(line) < 1000, line
        return "refused"
    finally:
        assert time.perf_counter() - began < 5, "slow"
    if is_plan:
        assert wire.plan_from_json(wire.plan_to_json(value)).assignments == value.assignments
    else:
        assert wire.problem_from_json(wire.problem_to_json(value)) == value
    return "accepted"


def run(inputs: int, seed: int) -> dict[str, int]:
    """Feed so many inputs; return how many were refused and accepted."""
    bodies = seeds()
    became = {"refused": 0, "accepted": 0}
    for number in range(inputs):
        rng = random.Random(f"{seed}/{number}")
        try:
            became[try_one(rng, bodies)] += 1
        except BaseException:
            print(f"input {number} of seed {seed} fails", file=sys.stderr)
            raise
    return became


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    began = time.monotonic()
    became = run(chosen.inputs, chosen.seed)
    print(f"{chosen.inputs} inputs in {time.monotonic() - began:.0f} s: {became}")


if __name__ == "__main__":
    main()
