"""Rules in figures, the calendar, kinds and skills: what the city office keeps."""

from dataclasses import fields, replace
from datetime import date, timedelta

import pytest
from flask import Flask

from tests.builders import MONDAY, NOW, City, a_city, a_kind, a_skill, an_activity
from volunteer.domain.access import Actor
from volunteer.domain.figures import FIGURES
from volunteer.domain.policy import STANDARD, Policy
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import DayKind, Nature
from volunteer.models.base import db
from volunteer.models.journal import AuditEntry
from volunteer.models.people import Qualification
from volunteer.operations.calendar import clear_day, seed_year, set_day
from volunteer.operations.kinds import (
    KindParticulars,
    create_kind,
    edit_kind,
    keep_skill,
    use_kind,
)
from volunteer.operations.policy import make_rules, set_words, withdraw_rules
from volunteer.queries.accounts import actor_of
from volunteer.queries.calendar import work_calendar, year_page
from volunteer.queries.kinds import kinds_listed, skills_listed
from volunteer.queries.policy import policy_on, versions_made
from volunteer.queries.seen import mark_of
from volunteer.queries.titles import city_words

TODAY = MONDAY
TOMORROW = MONDAY + timedelta(days=1)


@pytest.fixture
def city(app: Flask) -> City:
    return a_city()


@pytest.fixture
def office(city: City) -> Actor:
    return actor_of(city.city_admin, at=NOW)


def test_every_figure_of_the_policy_can_be_set_and_says_why() -> None:
    assert set(FIGURES) == {field.name for field in fields(Policy)} - {"rule_version"}
    for figure in FIGURES.values():
        assert figure.label
        assert figure.why
        value = getattr(STANDARD, figure.name)
        if figure.kind == "number":
            assert figure.low <= value <= figure.high


def test_a_change_is_a_new_version_from_its_day_on(office: Actor) -> None:
    made = make_rules(
        office, {"opens_before_minutes": 20}, effective_on=TOMORROW, why="试行", at=NOW
    )
    assert made.version == "2026.2"
    assert policy_on(TODAY) == STANDARD
    assert policy_on(TOMORROW) == replace(STANDARD, opens_before_minutes=20, rule_version="2026.2")
    line = db.session.query(AuditEntry).filter_by(act="make_rules").one()
    assert (line.before, line.after) == (
        {"opens_before_minutes": 10},
        {"opens_before_minutes": 20},
    )
    again = make_rules(office, {}, effective_on=date(2027, 1, 1), why="恢复", at=NOW)
    assert again.version == "2027.1"
    assert policy_on(date(2027, 1, 1)).opens_before_minutes == 10
    assert [row.version for row in versions_made()] == ["2027.1", "2026.2"]


def test_lists_survive_the_table(office: Actor) -> None:
    figures = {"star_hours": (50, 100), "slots": (("07:00", "09:30"),)}
    make_rules(office, figures, effective_on=TODAY, why="试", at=NOW)
    policy = policy_on(TODAY)
    assert (policy.star_hours, policy.slots) == ((50, 100), (("07:00", "09:30"),))


@pytest.mark.parametrize(
    ("figures", "given", "code", "field"),
    [
        ({"opens_before_minutes": 500}, {}, "out_of_range", "opens_before_minutes"),
        ({"auto_cap_minutes": 800}, {}, "caps", "auto_cap_minutes"),
        ({"star_hours": (300, 100)}, {}, "stars", "star_hours"),
        ({"opens_before_minutes": 20}, {"effective_on": date(2026, 11, 22)}, "in_the_past",
         "effective_on"),
        ({"opens_before_minutes": 20}, {"why": " "}, "why_missing", "why"),
        ({"opens_before_minutes": 10}, {}, "nothing_new", None),
        ({"record_workdays": 11}, {}, "out_of_range", "record_workdays"),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_be_is_refused(
    office: Actor, figures: dict, given: dict, code: str, field: str | None
) -> None:
    with pytest.raises(Refused) as told:
        make_rules(office, figures, **{"effective_on": TODAY, "why": "试", "at": NOW, **given})
    assert (told.value.code, told.value.field) == (code, field)
    assert versions_made() == []


def test_an_announced_version_can_be_withdrawn_one_in_force_not(office: Actor) -> None:
    later = make_rules(office, {"min_age": 16}, effective_on=TOMORROW, why="试", at=NOW)
    withdraw_rules(office, later.id, at=NOW)
    withdraw_rules(office, later.id, at=NOW)
    assert policy_on(TOMORROW) == STANDARD
    now = make_rules(office, {"min_age": 16}, effective_on=TODAY, why="试", at=NOW)
    assert now.version == "2026.3", "a withdrawn number is not given twice"
    with pytest.raises(Refused) as told:
        withdraw_rules(office, now.id, at=NOW)
    assert told.value.code == "in_force"


@pytest.mark.parametrize("who", ["district_admin", "organizer", "auditor"])
def test_only_the_city_office_sets_rules_kinds_and_days(city: City, who: str) -> None:
    actor, kind = actor_of(getattr(city, who), at=NOW), a_kind()
    for act in (
        lambda: make_rules(actor, {"min_age": 16}, effective_on=TODAY, why="x", at=NOW),
        lambda: set_words(actor, city_name="x", support_phone="", at=NOW),
        lambda: set_day(actor, TODAY, kind=DayKind.HOLIDAY, name="", at=NOW),
        lambda: seed_year(actor, 2026, at=NOW),
        lambda: use_kind(actor, kind.id, is_active=False, at=NOW),
        lambda: keep_skill(actor, None, name="x", valid_months=None, is_active=True, at=NOW),
    ):
        with pytest.raises(Refused) as told:
            act()
        assert told.value.status == 403


def test_the_city_words_are_kept_and_checked(office: Actor) -> None:
    set_words(office, city_name="邵阳市", support_phone="0739 532 1234", at=NOW)
    assert city_words() == {"city_name": "邵阳市", "support_phone": "0739-5321234"}
    with pytest.raises(Refused) as told:
        set_words(office, city_name="邵阳市", support_phone="12", at=NOW)
    assert told.value.field == "support_phone"


def test_an_own_day_wins_and_can_be_taken_back(office: Actor) -> None:
    assert work_calendar(years=[2026]).is_workday(date(2026, 2, 14)), "调休"
    set_day(office, date(2026, 2, 14), kind=DayKind.HOLIDAY, name="不补班", at=NOW)
    assert not work_calendar(years=[2026]).is_workday(date(2026, 2, 14))
    cell = next(
        one for week in year_page(2026).months[1] for one in week if one and one.on.day == 14
    )
    assert (cell.look, cell.name, cell.is_own) == ("holiday", "不补班", True)
    clear_day(office, date(2026, 2, 14), at=NOW)
    assert work_calendar(years=[2026]).is_workday(date(2026, 2, 14))
    with pytest.raises(Refused) as told:
        clear_day(office, date(2026, 2, 14), at=NOW)
    assert told.value.code == "nothing_own"


def test_taking_a_year_over_keeps_what_was_set_by_hand(office: Actor) -> None:
    set_day(office, date(2026, 10, 10), kind=DayKind.HOLIDAY, name="本市不调休", at=NOW)
    done = seed_year(office, 2026, at=NOW)
    assert (done.kept, done.changed, done.removed) == (1, 0, 0)
    assert done.added > 25
    assert seed_year(office, 2026, at=NOW).added == 0
    page = year_page(2026)
    assert not work_calendar().is_workday(date(2026, 10, 10))
    assert (page.adjusted, len(page.own), page.is_published) == (5, 1, True)
    assert len(page.months) == 12
    assert all(len(week) == 7 for month in page.months for week in month)


def test_a_year_that_is_not_published_follows_the_week_and_says_so(office: Actor) -> None:
    with pytest.raises(Refused) as told:
        seed_year(office, 2032, at=NOW)
    assert told.value.code == "not_published"
    page = year_page(2032)
    assert (page.is_published, page.holidays, page.workdays) == (False, 0, 262)


def _kind(**given: object) -> KindParticulars:
    kind = KindParticulars(
        name="护学岗", hue="12", nature=Nature.VOLUNTEER, slots=(("07:20", "08:00"),),
        days="workdays", min_heads=2, target_heads=3, max_heads=4, needs_leader=True,
        in_pairs=False, min_age=18, max_age=65, is_dangerous=True, required_skills=(),
        kit=("红马甲", "哨子"), counters=("劝导",), safety_note="站在路沿石以内", is_open=True,
        reach_metres=3000,
    )  # fmt: skip
    return replace(kind, **given)


def test_a_kind_gets_a_code_of_its_own_name(office: Actor) -> None:
    kind = create_kind(office, _kind(), at=NOW)
    assert (kind.code, kind.slots, kind.kit) == (
        "hu_xue_gang",
        [["07:20", "08:00"]],
        ["红马甲", "哨子"],
    )
    db.session.flush()
    an_activity(kind_id=kind.id)
    assert [row.activities for row in kinds_listed() if row.kind is kind] == [1]
    seen = mark_of(kind)
    edit_kind(office, kind.id, _kind(max_heads=8), seen=seen, at=NOW)
    assert kind.max_heads == 8
    with pytest.raises(Refused) as told:
        edit_kind(office, kind.id, _kind(), seen=seen, at=NOW)
    assert told.value.code == "changed_meanwhile"
    use_kind(office, kind.id, is_active=False, at=NOW)
    assert not kind.is_active


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"name": ""}, "name_missing"),
        ({"min_heads": 5}, "heads"),
        ({"min_age": 70, "is_dangerous": False}, "ages"),
        ({"min_age": 16}, "minors"),
        ({"slots": ()}, "no_slot"),
        ({"slots": (("7点", "8点"),)}, "slot_shape"),
        ({"slots": (("07:00", "07:05"),)}, "slot_length"),
        ({"slots": (("07:00", "08:00"), ("07:30", "09:00"))}, "slots_overlap"),
        ({"required_skills": ("nothing",)}, "skills"),
        ({"days": "sometimes"}, "days"),
    ],
)
def test_a_kind_that_cannot_be_is_refused(office: Actor, given: dict, code: str) -> None:
    with pytest.raises(Refused) as told:
        create_kind(office, _kind(**given), at=NOW)
    assert [part.code for part in told.value.details] == [code]


def test_a_skill_is_not_dropped_while_a_kind_asks_for_it(city: City, office: Actor) -> None:
    skill = keep_skill(office, None, name="急救", valid_months=24, is_active=True, at=NOW)
    kind = create_kind(office, _kind(required_skills=(skill.code,)), at=NOW)
    with pytest.raises(Refused) as told:
        keep_skill(office, skill.id, name="急救", valid_months=24, is_active=False, at=NOW)
    assert told.value.code == "in_use"
    edit_kind(office, kind.id, _kind(), seen=mark_of(kind), at=NOW)
    keep_skill(office, skill.id, name="急救", valid_months=24, is_active=False, at=NOW)
    assert not skill.is_active
    with pytest.raises(Refused) as told:
        keep_skill(office, None, name="急救", valid_months=None, is_active=True, at=NOW)
    assert told.value.code == "name_taken"


def test_skills_count_who_holds_them_and_who_soon_will_not(city: City) -> None:
    skill = a_skill()
    for person, until in (
        (city.volunteer, TODAY + timedelta(days=9)),
        (city.other_volunteer, None),
    ):
        db.session.add(
            Qualification(
                volunteer_id=person.id,
                skill_id=skill.id,
                confirmed_by_id=1,
                confirmed_at=NOW,
                expires_on=until,
            )
        )
    db.session.flush()
    [line] = skills_listed(on=TODAY, soon=TODAY + timedelta(days=60))
    assert (line.holders, line.expiring) == (2, 1)
    [line] = skills_listed(on=TODAY + timedelta(days=10), soon=TODAY + timedelta(days=60))
    assert (line.holders, line.expiring) == (1, 0)
