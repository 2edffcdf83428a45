import dataclasses

import pytest

from volunteer.domain.policy import STANDARD, Policy


def test_the_standard_rule_in_figures():
    assert (STANDARD.opens_before_minutes, STANDARD.late_after_minutes) == (10, 0)
    assert (STANDARD.auto_cap_minutes, STANDARD.unit_review_cap_minutes) == (480, 720)
    assert STANDARD.star_hours == (100, 300, 600, 1000, 1500)
    assert (STANDARD.record_workdays, STANDARD.record_years, STANDARD.location_days) == (10, 10, 30)
    assert not STANDARD.training_counts
    assert STANDARD.organizer_allowance_minutes == 0


@pytest.mark.parametrize(
    "change",
    [
        {"auto_cap_minutes": 800},
        {"auto_cap_minutes": 0},
        {"day_cap_minutes": 1500},
        {"star_hours": (300, 100)},
        {"star_hours": (100, 100)},
        {"hour_step_hundredths": 7},
    ],
)
def test_a_senseless_rule_is_not_made(change):
    with pytest.raises(ValueError, match=r"."):
        Policy(**change)


def test_a_changed_rule_is_another_value():
    assert dataclasses.replace(STANDARD, rule_version="2026.2") != STANDARD
