import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteer.domain import token
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import StampKind

SECRET, OTHER = b"s" * 32, b"t" * 32
AT = datetime(2026, 3, 2, 23, 30, 5, tzinfo=UTC)
IDS = st.integers(0, 36**12)
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."


def check(text, secret=SECRET, at=AT):
    return token.verify(token.read(text), secret, at)


def refusal(text, secret=SECRET, at=AT):
    with pytest.raises(Refused) as no:
        check(text, secret, at)
    return no.value.code


def every_code(subject):
    return [
        token.rotating_code(SECRET, subject, StampKind.IN, AT),
        token.rotating_code(SECRET, subject, StampKind.OUT, AT),
        token.poster_code(SECRET, subject),
        token.personal_code(SECRET, subject, AT),
        token.card_code(SECRET, subject, 3),
    ]


@given(IDS)
def test_every_code_is_short_url_safe_and_verifies(subject):
    for text in every_code(subject):
        assert len(text) <= token.LONGEST
        assert not set(text) - set(ALPHABET)
        assert check(text).subject == subject


@pytest.mark.parametrize(
    ("seconds", "fresh"),
    [(0, True), (5, True), (14, True), (15, False), (30, False), (-15, True), (-16, False)],
)
def test_a_rotating_code_lives_one_step_to_either_side(seconds, fresh):
    text = token.rotating_code(SECRET, 7, StampKind.IN, AT)
    at = AT + timedelta(seconds=seconds)
    if fresh:
        assert check(text, at=at).stamp is StampKind.IN
    else:
        assert refusal(text, at=at) == "old_code"


@given(st.integers(31, 10**8))
def test_a_code_older_than_thirty_seconds_is_refused(age):
    text = token.rotating_code(SECRET, 7, StampKind.OUT, AT)
    assert refusal(text, at=AT + timedelta(seconds=age)) == "old_code"


def test_a_personal_code_lives_about_a_minute():
    text = token.personal_code(SECRET, 9, AT)
    assert check(text, at=AT + timedelta(seconds=80)).is_personal
    assert refusal(text, at=AT + timedelta(seconds=180)) == "old_code"


def test_posters_and_cards_do_not_age():
    much_later = AT + timedelta(days=900)
    assert check(token.poster_code(SECRET, 4), at=much_later).is_poster
    card = check(token.card_code(SECRET, 4, 2), at=much_later)
    assert (card.is_card, card.step) == (True, 2)


def test_no_kind_passes_for_another():
    texts = every_code(7)
    assert len(set(texts)) == len(texts)
    for text in texts:
        for letter in "iopvc":
            if letter != text[0]:
                assert refusal(letter + text[1:]) == "bad_code"


def test_another_secret_or_subject_does_not_pass():
    text = token.rotating_code(SECRET, 7, StampKind.IN, AT)
    assert refusal(text, secret=OTHER) == "bad_code"
    assert refusal(text.replace("i7.", "i8.")) == "bad_code"


def passes(text):
    try:
        check(text)
    except Refused:
        return False
    return True


def test_ten_thousand_forgeries_all_fail():
    dice = random.Random(1)
    text = token.rotating_code(SECRET, 7, StampKind.IN, AT)
    assert passes(text)
    for _ in range(10_000):
        spot = dice.randrange(len(text))
        forged = text[:spot] + dice.choice(ALPHABET) + text[spot + 1 :]
        assert forged == text or not passes(forged)


@given(st.text(ALPHABET + "%/ \0二é", max_size=60))
def test_rubbish_is_refused_in_words(text):
    assert refusal(text) in ("bad_code", "old_code")


@pytest.mark.parametrize(
    "text",
    ["", "i", "i7", "i7.1", "i07.1.", "x7.1.AAAAAAAAAAAAAAAA", "i7.1.AAAAAAAAAAAAAAA",
     "i07.1.AAAAAAAAAAAAAAAA", "i7..AAAAAAAAAAAAAAAA", "i.1.AAAAAAAAAAAAAAAA",
     "iÅ.1.AAAAAAAAAAAAAAAA", "i7.1.AAAAAAAAAAAAAAAA" + "A" * 40],
)  # fmt: skip
def test_shapes_that_are_no_code(text):
    with pytest.raises(Refused) as no:
        token.read(text)
    assert no.value.code == "bad_code"


def test_a_short_secret_is_a_programming_error():
    with pytest.raises(ValueError, match="16 bytes"):
        token.poster_code(b"short", 1)
    with pytest.raises(ValueError, match="negative"):
        token.poster_code(SECRET, -1)


def test_when_the_screen_changes():
    change = token.next_change(AT)
    assert token.seconds_left(change) == 10
    assert token.seconds_left(change - timedelta(milliseconds=1)) == 1
    assert token.seconds_left(change - timedelta(milliseconds=3_200)) == 4
    assert change == datetime(2026, 3, 2, 23, 30, 10, tzinfo=UTC)
    before = token.rotating_code(SECRET, 7, StampKind.IN, change - timedelta(milliseconds=1))
    assert before == token.rotating_code(SECRET, 7, StampKind.IN, AT)
    assert before != token.rotating_code(SECRET, 7, StampKind.IN, change)


def test_bounds_of_secret_and_length():
    text = token.rotating_code(b"s" * 16, 36**14, StampKind.IN, AT)
    assert len(text) == token.LONGEST == 40
    assert check(text, secret=b"s" * 16).subject == 36**14


def test_a_personal_code_changes_every_minute():
    minute = AT.replace(second=0)
    codes = {token.personal_code(SECRET, 9, minute + timedelta(seconds=s)) for s in range(60)}
    assert len(codes) == 1
    assert token.personal_code(SECRET, 9, minute + timedelta(seconds=60)) not in codes
