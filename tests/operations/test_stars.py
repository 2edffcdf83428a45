from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from tests.builders import MONDAY, NOW, a_city, a_volunteer, an_entry
from tests.counting import count_queries
from tests.recognition import a_grant
from tests.refusals import Catcher as refused
from volunteer.domain.policy import STANDARD
from volunteer.domain.terms import AwardVerdict, Nature, Source, VolunteerState
from volunteer.models.base import db
from volunteer.models.journal import AuditEntry, Message
from volunteer.models.places import RuleVersion
from volunteer.models.recognition import StarDecision
from volunteer.operations.stars import grant_stars, hold_stars, object_to_star, withdraw_star
from volunteer.queries.accounts import actor_of
from volunteer.queries.stars import (
    Wanted,
    announced,
    candidates,
    decisions,
    granted_levels,
    my_stars,
    star_minutes,
)

HUNDRED = 100 * 60


@pytest.fixture
def city(session):
    return a_city()


def act(account):
    return actor_of(account, at=NOW)


def rules(**figures):
    row = RuleVersion(version=f"r{len(figures)}{sorted(figures)[0][:10]}", effective_on=MONDAY, figures=figures, why="试", made_at=NOW)  # fmt: skip
    db.session.add(row)
    db.session.flush()


def names(found):
    return [row.name for row in found.rows]


def test_r6_1_crossing_a_threshold_only_lists_and_the_grant_is_a_decision(city):
    an_entry(city.volunteer, HUNDRED - 1)
    desk = act(city.district_admin)
    assert candidates(desk, Wanted(MONDAY)).total == 0
    an_entry(city.volunteer, 1)
    found = candidates(desk, Wanted(MONDAY))
    assert [(r.name, r.level, r.granted, r.may_decide) for r in found.rows] == [
        ("王芳", 1, 0, True)
    ]
    assert granted_levels([city.volunteer.id]) == {}
    [row] = grant_stars(desk, {city.volunteer.id: 1}, as_of=MONDAY, at=NOW)
    assert (row.minutes, row.as_of, row.rule_version) == (HUNDRED, MONDAY, STANDARD.rule_version)
    assert row.public_until == MONDAY + timedelta(days=7)
    assert candidates(desk, Wanted(MONDAY)).total == 0
    assert granted_levels([city.volunteer.id], held_on=MONDAY + timedelta(days=7)) == {}
    assert granted_levels([city.volunteer.id], held_on=MONDAY + timedelta(days=8)) == {city.volunteer.id: 1}  # fmt: skip
    line = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "grant_star")).one()
    assert (line.unit_id, line.after["minutes"]) == (city.unit.id, HUNDRED)
    assert db.session.scalars(select(Message.title).where(Message.topic == "star")).all() == ["您被评为一星级志愿者"]  # fmt: skip


def test_only_what_the_rule_counts_counts(city):
    person = city.volunteer
    an_entry(person, 50)
    an_entry(person, 60, source=Source.ORGANIZER_MANUAL)
    an_entry(person, 70, nature=Nature.TRAINING)
    an_entry(person, 80, nature=Nature.DUTY)
    an_entry(person, 90, on=MONDAY + timedelta(days=1))
    second = a_volunteer(city.unit, "王芳", merged_into_id=person.id, state=VolunteerState.LEFT)
    an_entry(second, 7)

    def counted(policy=STANDARD, on=MONDAY):
        return star_minutes([person.id], on=on, policy=policy)[person.id]

    assert counted() == 57
    assert counted(on=MONDAY + timedelta(days=1)) == 147
    from dataclasses import replace

    assert counted(replace(STANDARD, star_verified_only=False)) == 117
    assert counted(replace(STANDARD, training_counts=True)) == 57 + 70
    an_entry(person, 1000, on=MONDAY - timedelta(days=400))
    assert counted() == 1057
    assert counted(replace(STANDARD, star_months=12)) == 57


def test_as_of_an_earlier_day_the_list_is_that_of_the_day(city):
    an_entry(city.volunteer, HUNDRED, on=MONDAY - timedelta(days=10))
    desk = act(city.city_admin)
    assert candidates(desk, Wanted(MONDAY - timedelta(days=11))).total == 0
    assert candidates(desk, Wanted(MONDAY - timedelta(days=10))).total == 1


def test_the_rule_of_the_day_makes_the_list(city):
    an_entry(city.volunteer, 20 * 60)
    desk = act(city.city_admin)
    assert candidates(desk, Wanted(MONDAY)).total == 0
    rules(star_hours=[10, 20, 30])
    [row] = candidates(desk, Wanted(MONDAY)).rows
    assert row.level == 2
    [made] = grant_stars(desk, {row.volunteer_id: 2}, as_of=MONDAY, at=NOW)
    assert made.rule_version.startswith("r1")
    assert candidates(desk, Wanted(MONDAY - timedelta(days=1))).total == 0


def test_holding_back_needs_a_reason_that_the_person_sees(city):
    an_entry(city.volunteer, 300 * 60)
    desk = act(city.district_admin)
    with refused("reason_missing"):
        hold_stars(desk, {city.volunteer.id: 2}, reason=" ", as_of=MONDAY, at=NOW)
    hold_stars(desk, {city.volunteer.id: 2}, reason="服务质量待核实", as_of=MONDAY, at=NOW)
    assert candidates(desk, Wanted(MONDAY)).total == 0
    [row] = candidates(desk, Wanted(MONDAY, held=True)).rows
    assert (row.last.verdict, row.last.reason) == (AwardVerdict.HELD, "服务质量待核实")
    mine = my_stars(act(city.volunteer_account), at=NOW)
    assert [(d.verdict, ended) for d, ended in mine.history] == [(AwardVerdict.HELD, False)]
    assert "服务质量待核实" in db.session.scalars(select(Message.body)).one()
    grant_stars(desk, {city.volunteer.id: 2}, as_of=MONDAY, at=NOW)
    assert candidates(desk, Wanted(MONDAY, held=True)).total == 0


def test_who_may_not(city):
    person, other = city.volunteer, city.other_volunteer
    for one in (person, other):
        an_entry(one, 600 * 60)
    chosen = {person.id: 1}
    with refused("not_allowed"):
        grant_stars(act(city.auditor), chosen, as_of=MONDAY, at=NOW)
    with refused("not_your_level"):
        grant_stars(act(city.organizer), chosen, as_of=MONDAY, at=NOW)
    with refused("not_yours"):
        grant_stars(act(city.other_organizer), chosen, as_of=MONDAY, at=NOW)
    district = act(city.district_admin)
    with refused("not_yours"):
        grant_stars(district, {other.id: 1}, as_of=MONDAY, at=NOW)
    with refused("not_your_level"):
        grant_stars(district, {person.id: 3}, as_of=MONDAY, at=NOW)
    city.volunteer_account.volunteer_id = None
    db.session.flush()
    city.city_admin.volunteer_id = person.id
    db.session.flush()
    with refused("own_case"):
        grant_stars(act(city.city_admin), {person.id: 3, other.id: 3}, as_of=MONDAY, at=NOW)
    assert db.session.scalar(select(func.count()).select_from(StarDecision)) == 0
    assert [r.may_decide for r in candidates(act(city.city_admin), Wanted(MONDAY)).rows] == [False, True]  # fmt: skip


def test_a_unit_decides_where_the_rules_let_it(city):
    an_entry(city.volunteer, HUNDRED)
    rules(star_unit_until=1)
    assert grant_stars(act(city.organizer), {city.volunteer.id: 1}, as_of=MONDAY, at=NOW)


def test_what_is_refused(city):
    desk, person = act(city.city_admin), city.volunteer
    for levels, as_of, code in (
        ({}, MONDAY, "nobody_chosen"),
        (dict.fromkeys(range(1, 300), 1), MONDAY, "too_many"),
        ({person.id: 1}, MONDAY + timedelta(days=1), "in_the_future"),
        ({person.id: 1}, MONDAY, "not_eligible"),
        ({999_999: 1}, MONDAY, "not_yours"),
    ):
        with refused(code):
            grant_stars(desk, levels, as_of=as_of, at=NOW)
    an_entry(person, HUNDRED)
    grant_stars(desk, {person.id: 1}, as_of=MONDAY, at=NOW)
    with refused("already_granted"):
        grant_stars(desk, {person.id: 1}, as_of=MONDAY, at=NOW)
    gone = a_volunteer(city.unit, state=VolunteerState.LEFT)
    with refused("not_serving"):
        grant_stars(desk, {gone.id: 1}, as_of=MONDAY, at=NOW)


def test_a_withdrawal_is_a_new_row_and_the_level_is_gone(city):
    desk, person = act(city.city_admin), city.volunteer
    an_entry(person, HUNDRED)
    [grant] = grant_stars(desk, {person.id: 1}, as_of=MONDAY, at=NOW)
    with refused("reason_missing"):
        withdraw_star(desk, grant.id, reason="", at=NOW)
    row = withdraw_star(desk, grant.id, reason="时长有误", at=NOW)
    assert (row.about_id, row.level, row.verdict) == (grant.id, 1, AwardVerdict.WITHDRAWN)
    assert granted_levels([person.id]) == {}
    with refused("already_withdrawn"):
        withdraw_star(desk, grant.id, reason="时长有误", at=NOW)
    with refused("not_a_grant"):
        withdraw_star(desk, row.id, reason="时长有误", at=NOW)
    assert candidates(desk, Wanted(MONDAY)).total == 0, "not as if nothing had happened"
    [back] = candidates(desk, Wanted(MONDAY, held=True)).rows
    assert back.last.id == row.id
    assert names(decisions(desk, Wanted(MONDAY), "withdrawn", at=NOW)) == ["王芳"]
    mine = my_stars(act(city.volunteer_account), at=NOW + timedelta(days=30))
    assert (mine.level, [ended for _, ended in mine.history]) == (0, [False, True])


def test_decisions_are_never_changed(city):
    a_grant(city.volunteer)
    db.session.commit()
    for statement in ("UPDATE star_decision SET level = 5", "DELETE FROM star_decision"):
        with pytest.raises(DBAPIError, match="append only"):
            db.session.execute(text(statement))
        db.session.rollback()


def test_publicity_shows_the_unit_its_own_and_never_a_minor(city):
    grant = a_grant(city.volunteer, at=NOW)
    a_grant(a_volunteer(city.unit, "小明", birth_year=2010), at=NOW)
    a_grant(city.other_volunteer, at=NOW)
    me, stranger = act(city.volunteer_account), act(city.other_volunteer_account)
    assert [row.name for row in announced(me, at=NOW)] == ["王芳"]
    assert [row.name for row in announced(stranger, at=NOW)] == ["赵强"]
    with refused("not_found"):
        object_to_star(stranger, grant.id, words="没有来过", at=NOW)
    with refused("words_missing"):
        object_to_star(me, grant.id, words="不", at=NOW)
    with refused("publicity_over"):
        object_to_star(me, grant.id, words="没有来过现场", at=NOW + timedelta(days=9))
    object_to_star(me, grant.id, words="没有来过现场", at=NOW)
    assert db.session.scalars(select(Message.topic)).one() == "star_objection"


def test_a_person_sees_what_is_missing(city):
    an_entry(city.volunteer, 99 * 60 + 30)
    mine = my_stars(act(city.volunteer_account), at=NOW)
    assert (mine.level, mine.eligible, mine.missing, mine.next_hours) == (0, 0, 30, 100)


def test_the_list_asks_the_same_number_of_questions_whatever_its_length(city):
    desk = act(city.city_admin)
    an_entry(city.volunteer, HUNDRED)
    with count_queries() as few:
        candidates(desk, Wanted(MONDAY))
    for _ in range(40):
        an_entry(a_volunteer(city.unit), HUNDRED)
    with count_queries() as many:
        assert candidates(desk, Wanted(MONDAY)).total == 41
    assert len(few) == len(many)
