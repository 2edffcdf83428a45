import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteer.domain import merkle

LINES = st.lists(st.binary(max_size=20), min_size=1, max_size=40)
# The eight leaves of the reference implementation of RFC 6962, and its roots.
LEAVES = [
    bytes.fromhex(h)
    for h in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657",
              "606162636465666768696a6b6c6d6e6f")
]  # fmt: skip


@pytest.mark.parametrize(
    ("size", "root"),
    [
        (0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
        (2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
        (8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"),
    ],
)
def test_roots_of_the_reference(size, root):
    assert merkle.root_of(LEAVES[:size]).hex() == root


@given(LINES, st.data())
def test_every_line_is_proven_and_no_other(lines, data):
    index = data.draw(st.integers(0, len(lines) - 1))
    size, root = len(lines), merkle.root_of(lines)
    proof = merkle.inclusion_proof(lines, index)
    where = {"index": index, "size": size, "proof": proof, "root": root}
    assert merkle.proves_inclusion(lines[index], **where)
    assert not merkle.proves_inclusion(lines[index] + b"x", **where)
    assert not merkle.proves_inclusion(lines[index], **{**where, "root": b"0" * 32})
    assert not merkle.proves_inclusion(lines[index], **{**where, "proof": [*proof, b"0" * 32]})
    assert not merkle.proves_inclusion(lines[index], **{**where, "index": size})
    if proof:
        assert not merkle.proves_inclusion(lines[index], **{**where, "proof": proof[1:]})
        flipped = [hashlib.sha256(proof[0]).digest(), *proof[1:]]
        assert not merkle.proves_inclusion(lines[index], **{**where, "proof": flipped})


def test_a_proof_is_short():
    lines = [str(n).encode() for n in range(1000)]
    assert len(merkle.inclusion_proof(lines, 777)) <= 10
    with pytest.raises(IndexError):
        merkle.inclusion_proof(lines, 1000)


@given(LINES, LINES)
def test_other_lines_have_another_root(one, other):
    assert (merkle.root_of(one) == merkle.root_of(other)) is (one == other)
