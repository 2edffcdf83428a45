from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from volunteer.domain.digits import (
    is_personal_digits,
    is_shift_digits,
    personal_digits,
    plain,
    shift_digits,
)
from volunteer.domain.terms import StampKind

SECRET = b"s" * 32
AT = datetime(2026, 11, 23, 0, 0, 5, tzinfo=UTC)


def test_figures_live_for_half_a_minute_and_the_next():
    typed = shift_digits(SECRET, 7, StampKind.IN, AT)
    assert len(typed) == 6
    assert is_shift_digits(SECRET, 7, StampKind.IN, typed, AT + timedelta(seconds=54))
    assert not is_shift_digits(SECRET, 7, StampKind.IN, typed, AT + timedelta(seconds=56))
    assert not is_shift_digits(SECRET, 7, StampKind.IN, typed, AT - timedelta(seconds=30))


def test_in_out_shift_and_person_never_share_figures():
    typed = shift_digits(SECRET, 7, StampKind.IN, AT)
    assert not is_shift_digits(SECRET, 7, StampKind.OUT, typed, AT)
    assert not is_shift_digits(SECRET, 8, StampKind.IN, typed, AT)
    assert not is_personal_digits(SECRET, 7, typed, AT)
    assert is_personal_digits(SECRET, 7, personal_digits(SECRET, 7, AT), AT)
    assert not is_shift_digits(b"t" * 32, 7, StampKind.IN, typed, AT)


def test_what_people_type_is_read_kindly():
    assert plain(" 482 915 ") == "482915"
    assert plain("482-915") == "482915"
    assert plain("４８２９１５") == "482915"
    assert plain("abc") == ""


@given(st.text(max_size=12))
def test_nothing_that_is_typed_breaks_it(typed):
    assert is_shift_digits(SECRET, 7, StampKind.IN, typed, AT) in (True, False)
