"""Compliance mode and the register of breaches."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from tests.builders import NOW, City, a_city, a_volunteer
from tests.refusals import refused
from volunteer.domain.compliance import GUARDS, PERSONAL_BOARDS, PHOTOS, TRACKS
from volunteer.domain.terms import BreachStep, ConsentPurpose, VolunteerState
from volunteer.models.base import db
from volunteer.models.journal import AuditEntry, Message
from volunteer.models.people import Consent
from volunteer.operations.breaches import BreachFacts, add_step, register_breach, tell_affected
from volunteer.operations.compliance import audit_minors, keep_guard_away, let_guard_in
from volunteer.operations.people.identity import open_minors
from volunteer.queries.accounts import actor_of
from volunteer.queries.breaches import breach_for, breaches
from volunteer.queries.compliance import guard_lines, is_kept_away
from volunteer.queries.minors import minors_report

REASON = "市文明委二〇二六年第九号文件"


@pytest.fixture
def city(session) -> City:
    return a_city()


def act(account):
    return actor_of(account, at=NOW)


def test_everything_is_kept_away_until_the_city_office_gives_a_reason(city):
    assert all(line.is_kept_away for line in guard_lines())
    for account in (city.organizer, city.district_admin, city.auditor, city.volunteer_account):
        with refused("not_allowed"):
            let_guard_in(act(account), PERSONAL_BOARDS, reason=REASON, at=NOW)
    office = act(city.city_admin)
    with refused("reason_missing"):
        let_guard_in(office, PERSONAL_BOARDS, reason="领导要求", at=NOW)
    let_guard_in(office, PERSONAL_BOARDS, reason=REASON, at=NOW)
    assert not is_kept_away(PERSONAL_BOARDS)
    with refused("already_so"):
        let_guard_in(office, PERSONAL_BOARDS, reason=REASON, at=NOW)
    [line] = [line for line in guard_lines() if not line.is_kept_away]
    assert (line.by, line.reason, line.since) == (office.name, REASON, NOW)
    noted = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "let_guard_in")).one()
    assert noted.reason == REASON
    assert db.session.scalars(select(Message.account_id)).all() == [city.auditor.id]
    keep_guard_away(office, PERSONAL_BOARDS, at=NOW)
    assert is_kept_away(PERSONAL_BOARDS)
    with refused("already_so"):
        keep_guard_away(office, PERSONAL_BOARDS, at=NOW)


def test_what_the_product_cannot_do_cannot_be_let_in(city):
    office = act(city.city_admin)
    for code in (PHOTOS, TRACKS):
        with refused("no_such_function"):
            let_guard_in(office, code, reason=REASON, at=NOW)
    with refused("not_found"):
        let_guard_in(office, "nothing", reason=REASON, at=NOW)
    assert all(guard.why and guard.kept_away for guard in GUARDS)


def facts(**given) -> BreachFacts:
    return BreachFacts(
        **{"title": "花名册外传", "found_at": NOW, "happened_at": None, "kinds": "姓名、电话", "cause": "误发", "harm": "骚扰电话", "affected": 40, **given}
    )  # fmt: skip


def test_a_breach_has_its_deadlines_from_the_moment_it_was_found(city):
    office = act(city.city_admin)
    row = register_breach(office, facts(), at=NOW)
    line = breach_for(office, row.id, at=NOW + timedelta(hours=24))
    assert [(d.step, d.until - NOW, d.is_late) for d in line.due] == [
        (BreachStep.REMEDY, timedelta(hours=24), False),
        (BreachStep.AUTHORITY, timedelta(hours=24), False),
        (BreachStep.PEOPLE, timedelta(hours=72), False),
    ]
    late = breach_for(office, row.id, at=NOW + timedelta(hours=24, seconds=1))
    assert [d.is_late for d in late.due] == [True, True, False]
    add_step(office, row.id, step=BreachStep.AUTHORITY, whom="市网信办", words="电话并书面报告", at=NOW + timedelta(hours=2))  # fmt: skip
    done = breach_for(office, row.id, at=NOW + timedelta(days=9))
    assert [(d.done_at is not None, d.is_late) for d in done.due] == [(False, True), (True, False), (False, True)]  # fmt: skip


def test_it_is_closed_only_when_the_law_was_met_and_entries_stay(city):
    office = act(city.city_admin)
    row = register_breach(office, facts(), at=NOW)
    with refused("not_done"):
        add_step(office, row.id, step=BreachStep.CLOSE, whom="", words="处理完毕", at=NOW)
    add_step(office, row.id, step=BreachStep.REMEDY, whom="", words="撤回文件，停用链接", at=NOW)
    add_step(office, row.id, step=BreachStep.AUTHORITY, whom="市网信办", words="书面报告", at=NOW)
    words = "花名册中的姓名和电话被误发，请警惕陌生来电。"
    with refused("words_missing"):
        tell_affected(office, row.id, unit_id=None, words="当心", at=NOW)
    assert tell_affected(office, row.id, unit_id=city.unit.id, words=words, at=NOW) == 1
    told = db.session.scalars(select(Message).where(Message.topic == "breach")).one()
    assert (told.volunteer_id, told.body) == (city.volunteer.id, words)
    add_step(office, row.id, step=BreachStep.CLOSE, whom="", words="处理完毕", at=NOW)
    assert breach_for(office, row.id, at=NOW).is_closed
    with refused("already_closed"):
        add_step(office, row.id, step=BreachStep.NOTE, whom="", words="再补一句", at=NOW)
    db.session.commit()
    with pytest.raises(DBAPIError, match="append only"):
        db.session.execute(text("UPDATE breach_entry SET words = ''"))
    db.session.rollback()


def test_what_is_refused(city):
    office = act(city.city_admin)
    for wrong, code in (
        (facts(title=" "), "facts_missing"),
        (facts(found_at=NOW + timedelta(seconds=1)), "in_the_future"),
        (facts(happened_at=NOW + timedelta(days=1), found_at=NOW), "wrong_order"),
    ):
        with refused(code):
            register_breach(office, wrong, at=NOW)
    for account in (city.district_admin, city.auditor):
        with refused("not_allowed"):
            register_breach(act(account), facts(), at=NOW)
    with refused("not_allowed"):
        breaches(act(city.organizer), at=NOW)
    with refused("not_found"):
        breach_for(office, 99, at=NOW)
    row = register_breach(office, facts(), at=NOW)
    with refused("words_missing"):
        add_step(office, row.id, step=BreachStep.NOTE, whom="", words="无", at=NOW)
    with refused("nobody_there"):
        tell_affected(office, row.id, unit_id=999, words="请警惕陌生来电和短信。", at=NOW)
    assert db.session.scalar(select(func.count()).select_from(AuditEntry).where(AuditEntry.act == "register_breach")) == 1  # fmt: skip


def test_r8_4_minors_are_audited_every_year_in_numbers(city):
    office = act(city.city_admin)
    assert not minors_report(office, at=NOW).is_due, "nobody is under age"
    a_volunteer(city.unit, birth_year=2011, has_guardian_consent=True)
    loose = a_volunteer(city.unit, birth_year=2011, is_public=True)
    db.session.add(
        Consent(volunteer_id=loose.id, purpose=ConsentPurpose.LOCATION, text_version="1", given_at=NOW)
    )  # fmt: skip
    a_volunteer(city.unit, birth_year=2011, state=VolunteerState.LEFT)
    open_minors(act(city.organizer), reason="核对监护人", at=NOW)
    seen = minors_report(office, at=NOW)
    assert (seen.minors, seen.without_guardian, seen.with_adult_consent, seen.shown) == (2, 1, 1, 1)
    assert (seen.looks, seen.lookers, seen.is_due, seen.is_sound) == (1, 1, True, False)
    with refused("words_missing"):
        audit_minors(office, words="没问题", at=NOW)
    with refused("not_allowed"):
        audit_minors(act(city.auditor), words="核对了监护人同意和公开情况", at=NOW)
    audit_minors(office, words="核对了监护人同意和公开情况", at=NOW)
    year = timedelta(days=365)
    assert not minors_report(office, at=NOW + year).is_due
    later = minors_report(act(city.auditor), at=NOW + year + timedelta(seconds=1))
    assert (later.is_due, later.last_audit.after["without_guardian"]) == (True, 1)
    with refused("not_allowed"):
        minors_report(act(city.district_admin), at=NOW)
