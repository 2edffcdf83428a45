"""Certificates in figures and bytes: numbers, rounding, commitments, what is signed."""

from datetime import UTC, date, datetime

import pytest

from volunteer.domain.certificate import (
    ALPHABET,
    Line,
    by_grade,
    by_kind,
    by_month,
    by_unit,
    canonical_json,
    grouped,
    hours_text,
    name_commitment,
    read_number,
    spelled,
    total,
)
from volunteer.domain.chain import Row
from volunteer.domain.ledger import SEPARATOR
from volunteer.domain.merkle import (
    BLOCK,
    block_digests,
    proof_in_blocks,
    proves_inclusion,
    root_of,
    root_over,
)
from volunteer.domain.refusal import Refused
from volunteer.domain.sealing import FIRST, Statement, fingerprint_of, leaf_line


def a_line(**given):
    values = {
        "seq": 1, "record_id": 1, "volunteer_id": 1, "on": date(2026, 3, 2), "minutes": 50,
        "grade": "A", "unit_id": 1, "unit": "市医保局", "kind": "文明交通劝导", "title": "早高峰",
        "content": "劝导", "place": "路口", "person_in_charge": "李主任",
    }  # fmt: skip
    return Line(**{**values, **given})


def test_a_number_has_a_hundred_bits_and_reads_back_however_it_is_typed():
    number = spelled(bytes(range(16)), 20)
    assert len(ALPHABET) == len(set(ALPHABET)) == 32
    assert len(number) * 5 >= 96
    assert grouped(number).count("-") == 4
    for typed in (grouped(number), number.lower(), f" {grouped(number).replace('-', ' ')} "):
        assert read_number(typed) == number
    assert read_number("O" * 10 + "iL" * 5) == "0" * 10 + "1" * 10
    with pytest.raises(ValueError, match="chance"):
        spelled(bytes(12), 20)


@pytest.mark.parametrize("typed", ["", "ABC", "U" * 20, "0" * 21, "0" * 200, "编号" * 10])
def test_what_is_no_number_is_refused(typed):
    with pytest.raises(Refused) as no:
        read_number(typed)
    assert no.value.status == 404


@pytest.mark.parametrize(
    ("minutes", "step", "text"),
    [
        (150, 10, "2.5"),
        (3, 10, "0.1"),
        (2, 10, "0.0"),
        (50, 1, "0.83"),
        (45, 50, "1.0"),
        (14, 50, "0.0"),
    ],
)
def test_hours_are_rounded_half_up_once(minutes, step, text):
    assert hours_text(minutes, step) == text


def test_three_records_of_fifty_minutes_are_two_and_a_half_hours():
    lines = [a_line(seq=n) for n in (1, 2, 3)]
    assert hours_text(total(lines)) == "2.5"


def test_sums_add_up_however_they_are_cut():
    lines = [
        a_line(seq=1, grade="C", unit="乙", kind="甲", on=date(2026, 5, 1), minutes=10),
        a_line(seq=2, grade="A", unit="甲", kind="甲", minutes=30),
        a_line(seq=3, grade="C", unit="乙", kind="乙", minutes=25),
    ]
    for cut in (by_grade, by_unit, by_kind, by_month):
        assert sum(each.minutes for each in cut(lines)) == 65
        assert sum(each.times for each in cut(lines)) == 3
    assert [each.name for each in by_grade(lines)] == ["A", "C"]
    assert [each.name for each in by_month(lines)] == ["2026-03", "2026-05"]
    assert [each.name for each in by_unit(lines)] == ["乙", "甲"]


def test_the_name_is_bound_to_the_paper():
    bound = name_commitment("CODE", "王芳")
    assert bound != name_commitment("CODE", "王芬")
    assert bound != name_commitment("EDOC", "王芳")


def test_json_has_one_form():
    assert canonical_json({"b": 1, "a": ["字", None]}) == '{"a":["字",null],"b":1}'


def test_a_leaf_hides_the_reason_and_binds_the_seal():
    fields = ["credit", *map(str, range(13)), "因孩子生病\x1f早退"]
    line = SEPARATOR.join(fields).encode()
    leaf = leaf_line(7, line, b"\xab" * 32)
    assert "孩子" not in leaf.decode()
    assert leaf.decode().split(SEPARATOR)[0] == "7"
    assert len(leaf.decode().split(SEPARATOR)) == 17
    assert leaf.endswith(("ab" * 32).encode())
    plain = SEPARATOR.join([*fields[:-1], ""]).encode()
    assert leaf_line(7, plain, b"\xab" * 32).decode().split(SEPARATOR)[15] == ""


def test_a_statement_names_the_one_before_it_and_changes_with_every_part():
    values = {
        "day": date(2026, 3, 2), "first_seq": 1, "last_seq": 9, "root": bytes(32), "head": bytes(32),
        "previous": FIRST, "sealed_at": datetime(2026, 3, 3, tzinfo=UTC), "key": fingerprint_of(b"k"),
    }  # fmt: skip
    one = Statement(**values)
    assert one.size == 9
    assert one.text().decode().count("\n") == 9
    others = [
        Statement(**{**values, name: other})
        for name, other in {
            "day": date(2026, 3, 3), "first_seq": 2, "last_seq": 8, "root": b"\x01" * 32,
            "head": b"\x01" * 32, "previous": b"\x01" * 32, "key": "x",
            "sealed_at": datetime(2026, 3, 4, tzinfo=UTC),
        }.items()
    ]  # fmt: skip
    assert len({each.digest() for each in [one, *others]}) == 9


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 511, 513, 1024, 1300])
def test_a_proof_from_one_block_is_the_proof_from_the_whole_day(size):
    rows = [Row(n, str(n).encode(), b"", b"") for n in range(size)]
    lines = [row.line for row in rows]
    blocks = block_digests(lines)
    root = root_of(lines)
    assert root_over(blocks) == root
    for index in {0, size - 1, size // 2, min(size - 1, 256)}:
        start = index // BLOCK * BLOCK
        proof = proof_in_blocks(lines[start : start + BLOCK], blocks, index)
        assert proves_inclusion(lines[index], index=index, size=size, proof=proof, root=root)
        assert not proves_inclusion(b"x", index=index, size=size, proof=proof, root=root)
