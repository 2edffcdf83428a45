"""Phone and ID numbers at rest."""

import pytest
from cryptography.exceptions import InvalidTag

from volunteer.models import cipher

OLD, NEW, INDEX = bytes(range(32)), bytes(range(32, 64)), b"i" * 32


@pytest.fixture(autouse=True)
def _keys() -> None:
    cipher.configure(field_keys=[OLD], index_key=INDEX)


def test_what_goes_in_comes_out_and_never_looks_the_same_twice() -> None:
    first, second = cipher.encrypt("13800138000"), cipher.encrypt("13800138000")
    assert first != second
    assert b"13800138000" not in first
    assert cipher.decrypt(first) == cipher.decrypt(second) == "13800138000"
    assert cipher.decrypt(None) is None


def test_an_altered_box_is_noticed() -> None:
    box = bytearray(cipher.encrypt("430502198506150011"))
    box[-1] ^= 1
    with pytest.raises(InvalidTag):
        cipher.decrypt(bytes(box))


def test_a_new_key_reads_what_the_old_one_wrote() -> None:
    old = cipher.encrypt("13800138000")
    cipher.configure(field_keys=[OLD, NEW], index_key=INDEX)
    fresh = cipher.encrypt("13800138000")
    assert (old[0], fresh[0]) == (1, 2)
    assert cipher.decrypt(old) == cipher.decrypt(fresh) == "13800138000"


def test_the_blind_index_tells_equality_within_a_kind_only() -> None:
    assert cipher.blind("phone", "1") == cipher.blind("phone", "1")
    assert cipher.blind("phone", "1") != cipher.blind("id", "1")


@pytest.mark.parametrize("keys", [[], [b"short"]])
def test_bad_keys_are_refused(keys: list[bytes]) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        cipher.configure(field_keys=keys, index_key=INDEX)
