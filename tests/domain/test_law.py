from dataclasses import replace
from datetime import date, timedelta

import pytest

from volunteer.domain import law
from volunteer.domain.law import Plan, PlannedShift, missing_for_publication
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import Nature
from volunteer.domain.timekeeping import Window, WorkCalendar, seed_calendar

DAY = date(2026, 3, 6)
SHIFT = PlannedShift(Window.of(DAY, "07:30", "08:30"), "宝庆路与雪峰路路口", 4, 18, True)
BEFORE = SHIFT.window.starts_at - timedelta(days=1)
PLAN = Plan(
    title="文明交通劝导", nature=Nature.VOLUNTEER, starts_on=DAY, ends_on=DAY,
    purpose="维护路口秩序", content="劝导行人和非机动车", conditions="身体健康",
    risk_note="车流较大，注意避让", safeguards="反光马甲、饮水", insurance_reference="PL-2026-001",
    contact_name="李明", contact_phone="0739-5321234", person_in_charge="王芳",
    is_dangerous=True, is_crossing=True, shifts=(SHIFT,),
)  # fmt: skip


def codes(plan, at=BEFORE):
    return [finding.code for finding in missing_for_publication(plan, at)]


def test_a_complete_plan_is_publishable():
    assert codes(PLAN) == []
    law.require_publishable(PLAN, BEFORE)


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"title": " "}, "no_title", "title"),
        ({"purpose": ""}, "no_purpose", "purpose"),
        ({"content": ""}, "no_content", "content"),
        ({"conditions": ""}, "no_conditions", "conditions"),
        ({"risk_note": ""}, "no_risk_note", "risk_note"),
        ({"safeguards": ""}, "no_safeguards", "safeguards"),
        ({"contact_name": ""}, "no_contact_name", "contact_name"),
        ({"contact_phone": ""}, "no_contact_phone", "contact_phone"),
        ({"person_in_charge": ""}, "no_person_in_charge", "person_in_charge"),
        ({"insurance_reference": ""}, "no_insurance", "insurance_reference"),
        ({"shifts": ()}, "no_shifts", "shifts"),
        ({"shifts": (replace(SHIFT, place=""),)}, "no_place", "shifts"),
        ({"shifts": (replace(SHIFT, heads=0),)}, "no_heads", "shifts"),
        ({"shifts": (replace(SHIFT, min_age=17),)}, "minor_in_danger", "min_age"),
        ({"ends_on": DAY + timedelta(days=366)}, "too_long", "ends_on"),
        ({"starts_on": DAY + timedelta(days=1), "ends_on": DAY + timedelta(days=1)},
         "outside_dates", "shifts"),
        ({"title": "3 月补录"}, "make_up_title", "title"),
    ],
)  # fmt: skip
def test_each_thing_missing_is_named_at_its_field(change, code, field):
    (finding,) = missing_for_publication(replace(PLAN, **change), BEFORE)
    assert (finding.code, finding.field) == (code, field)
    assert finding.sentence
    assert not finding.is_overridable


def test_all_that_is_missing_is_said_at_once():
    bare = Plan(title="", nature=Nature.VOLUNTEER, starts_on=DAY, ends_on=DAY, is_dangerous=True)
    assert len(codes(bare)) == 11
    with pytest.raises(Refused) as no:
        law.require_publishable(bare, BEFORE)
    assert no.value.code == "not_publishable"
    assert no.value.sentence == "还有 11 项需要完善，暂不能发布。"
    assert len(no.value.details) == 11


def test_published_only_before_it_starts():
    assert codes(PLAN, SHIFT.window.starts_at) == ["already_begun"]
    assert codes(PLAN, SHIFT.window.starts_at - timedelta(seconds=1)) == []


def test_a_year_is_the_longest():
    assert codes(replace(PLAN, ends_on=date(2027, 3, 6))) == []
    leap = date(2028, 2, 29)
    shift = replace(SHIFT, window=Window.of(leap, "07:30", "08:30"))
    plan = replace(PLAN, starts_on=leap, shifts=(shift,))
    assert codes(replace(plan, ends_on=date(2029, 3, 1))) == []
    assert codes(replace(plan, ends_on=date(2029, 3, 2))) == ["too_long"]
    assert "ends_before_start" in codes(replace(PLAN, ends_on=DAY - timedelta(days=1)))


@pytest.mark.parametrize(
    ("title", "what"),
    [
        ("周五值班", "单位值班"), ("全体会议保障", "会议"), ("健康讲座", "讲座"), ("季度团建", "团队建设"),
        ("迎春演出", "演出"), ("节目彩排", "排练"), ("年终聚餐", "聚餐"), ("新春祈福", "宗教活动"),
        ("家电促销", "商业活动"), ("爱心捐款", "捐赠"), ("暑期实习", "实习"),
    ],
)  # fmt: skip
def test_what_is_no_volunteer_service_needs_a_reason(title, what):
    (finding,) = missing_for_publication(replace(PLAN, title=title), BEFORE)
    assert (finding.code, finding.field) == ("excluded_word", "title")
    assert finding.is_overridable
    assert what in finding.sentence
    assert codes(replace(PLAN, title=title, lint_override="仅做现场引导")) == []


def test_a_reason_sets_nothing_else_aside():
    plan = replace(PLAN, title="补录演出", lint_override="说明", insurance_reference="")
    assert codes(plan) == ["no_insurance", "make_up_title"]


def test_a_duty_may_call_itself_a_duty():
    assert codes(replace(PLAN, title="周五值班", nature=Nature.DUTY)) == []


def test_training_for_volunteers_is_no_excluded_word():
    assert codes(replace(PLAN, title="志愿者岗前培训")) == []


@pytest.mark.parametrize(
    ("min_age", "allows", "leader", "code"),
    [
        (18, False, False, []),
        (16, False, True, ["minor_at_crossing"]),
        (16, True, True, []),
        (16, True, False, ["minor_without_leader"]),
        (13, True, True, ["too_young"]),
    ],
)
def test_minors_at_a_crossing(min_age, allows, leader, code):
    shift = replace(SHIFT, min_age=min_age, has_leader=leader)
    plan = replace(PLAN, is_dangerous=False, allows_minors=allows, shifts=(shift,))
    assert codes(plan) == code


def test_minors_elsewhere():
    shift = replace(SHIFT, min_age=14, has_leader=False)
    plan = replace(PLAN, is_dangerous=False, is_crossing=False, shifts=(shift,))
    assert codes(plan) == []


@pytest.mark.parametrize(
    ("age", "consent", "school", "expected"),
    [
        (18, False, False, []),
        (17, False, False, ["no_guardian_consent"]),
        (14, True, False, []),
        (13, True, False, ["too_young"]),
        (13, True, True, []),
        (10, False, True, ["no_guardian_consent"]),
        (9, True, True, ["too_young"]),
    ],
)
def test_registering(age, consent, school, expected):
    findings = law.registration_findings(age, has_guardian_consent=consent, is_school_linked=school)
    assert [finding.code for finding in findings] == expected


def test_the_record_is_due_ten_working_days_after_the_last_end():
    seed = {day.on: day.kind for day in seed_calendar(2026)}
    calendar = WorkCalendar({}, seed)
    last = Window.of(date(2026, 4, 30), "17:30", "18:30")
    assert law.record_due_on(last.ends_at, calendar) == date(2026, 5, 18)
    over_midnight = Window.of(DAY, "23:00", "01:00")
    assert law.record_due_on(over_midnight.ends_at, calendar) == date(2026, 3, 20)


@pytest.mark.parametrize("days", range(30))
def test_both_faces_of_the_last_day_agree(days):
    seed = {day.on: day.kind for day in seed_calendar(2026)}
    calendar = WorkCalendar({}, seed)
    today = date(2026, 5, 1) + timedelta(days=days)
    before = law.record_overdue_before(today, calendar)
    assert law.record_due_on(before, calendar) >= today
    assert law.record_due_on(before - timedelta(minutes=1), calendar) < today


def test_one_head_is_enough():
    assert codes(replace(PLAN, shifts=(replace(SHIFT, heads=1),))) == []
