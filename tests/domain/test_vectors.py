"""The vectors of the rules as they are written, one test for each rule, named after it."""

from datetime import date
from decimal import Decimal

import pytest

from volunteer.domain import identity
from volunteer.domain.credit import share_of_day
from volunteer.domain.naming import mask_name
from volunteer.domain.policy import STANDARD
from volunteer.domain.refusal import Refused
from volunteer.domain.standing import eligible_star, hours_of
from volunteer.domain.timekeeping import WorkCalendar, seed_calendar

TODAY = date(2026, 11, 24)


def test_r2_4_three_records_of_fifty_minutes_show_two_and_a_half_hours():
    records = [50, 50, 50]
    assert str(hours_of(sum(records))) == "2.5"
    assert str(hours_of(sum(records))) not in ("2.4", "2.7")
    assert sum(hours_of(minutes) for minutes in records) != Decimal("2.5"), "rounding each is wrong"


def test_r2_5_six_hours_and_three_hours_on_one_day_are_480_minutes_and_60_waiting():
    first = share_of_day(0, 6 * 60)
    second = share_of_day(6 * 60, 3 * 60)
    assert first.effective + second.effective == 480
    assert first.unit_review + second.unit_review == 60
    assert first.city_review + second.city_review == 0
    limits = (STANDARD.auto_cap_minutes, STANDARD.unit_review_cap_minutes, STANDARD.day_cap_minutes)
    assert limits == (480, 720, 1440)


@pytest.mark.parametrize(
    ("ends", "due"),
    [
        ("2025-12-31", "2026-01-15"),
        ("2026-02-12", "2026-03-04"),
        ("2026-04-30", "2026-05-18"),
        ("2026-06-12", "2026-06-29"),
        ("2026-09-18", "2026-10-09"),
        ("2026-09-30", "2026-10-20"),
    ],
)
def test_r3_2_ten_working_days_by_the_calendar_with_its_adjusted_days(ends, due):
    calendar = WorkCalendar(
        {}, {day.on: day.kind for y in (2025, 2026) for day in seed_calendar(y)}
    )
    assert STANDARD.record_workdays == 10
    assert calendar.add_workdays(date.fromisoformat(ends), 10) == date.fromisoformat(due)


@pytest.mark.parametrize(("hours", "level"), [("99.9", 0), ("100.0", 1), ("300", 2), ("600", 3), ("1000", 4), ("1500", 5)])  # fmt: skip
def test_r6_1_stars_begin_at_a_hundred_hours(hours, level):
    assert eligible_star(int(Decimal(hours) * 60)) == level


@pytest.mark.parametrize(
    "number",
    [
        "11010519491231002X",
        "430502198506150011",
        "430503199001010022",
        "430521196002290010",
        "810000198506150012",
        "830000198512318882",
    ],
)
def test_r12_1_citizen_numbers_that_are_accepted(number):
    assert identity.read_document(number, TODAY).number == number
    assert identity.read_document(number.lower(), TODAY).number == number


@pytest.mark.parametrize(
    ("number", "code"),
    [("430511201002290011", "number_date"), ("430502198506150012", "number_check")],
)
def test_r12_1_citizen_numbers_that_are_rejected(number, code):
    with pytest.raises(Refused) as no:
        identity.read_document(number, TODAY)
    assert no.value.code == code


@pytest.mark.parametrize(
    "code",
    [
        "91110000600037341L",
        "114305000061234568",
        "12430500ME1234567W",
        "51430500MJJ512345K",
        "55430502ME1234567C",
        "81430500MC1234567L",
        "N2430502MF12345676",
    ],
)
def test_r12_2_social_credit_codes(code):
    assert identity.read_credit_code(code) == code
    for letter in "IOSVZ":
        with pytest.raises(Refused):
            identity.read_credit_code(letter + code[1:])


def test_r8_7_masks_of_numbers_and_phones():
    assert identity.mask_phone("+8613812341234") == "138****1234"
    assert identity.mask_number("350502198506150123") == "35*************123", "2 and 3 in public"
    assert identity.mask_number_inside("430502198506150011") == "430502********0011", (
        "6 and 4 inside"
    )


@pytest.mark.parametrize(
    ("name", "masked"),
    [("张三", "张*"), ("张小三", "张*三"), ("阿依古丽·买买江", "阿***江")],
)
def test_r8_7_masks_of_names(name, masked):
    assert mask_name(name) == masked
