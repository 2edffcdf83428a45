"""Oversight, search and the first page of 城市管理: within reach, in words, with steady counts of statements."""

from datetime import timedelta

import pytest
from flask import Flask

from tests.builders import (
    MONDAY,
    NOW,
    City,
    a_city,
    a_kind,
    a_point,
    a_unit,
    a_volunteer,
    an_account,
    an_activity,
)
from tests.counting import count_queries
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import JobState, MessageState, Role
from volunteer.models.base import db
from volunteer.models.journal import AuditEntry, Job, Message
from volunteer.models.people import Account, Tie
from volunteer.operations.exports import Exported, log_export
from volunteer.operations.journal import note
from volunteer.operations.oversight import retry_job, retry_message
from volunteer.queries.accounts import actor_of
from volunteer.queries.audit_words import changes_in_words, subject_words
from volunteer.queries.city import city_glance
from volunteer.queries.oversight import (
    AuditFilter,
    audit_line_for,
    audit_lines,
    audit_log,
    exports_listed,
    health,
    jobs_listed,
    messages_listed,
)
from volunteer.queries.search import found_for

LATER = NOW + timedelta(minutes=10)


@pytest.fixture
def city(app: Flask) -> City:
    return a_city()


def _note(city: City, account: Account, unit_id: int | None, **given: object) -> AuditEntry:
    values = {"act": "x", "subject": "unit", "sentence": "改了名称", "at": NOW, **given}
    act, subject, sentence = values.pop("act"), values.pop("subject"), values.pop("sentence")
    line = note(actor_of(account, at=NOW), act, subject, sentence, unit_id=unit_id, **values)
    db.session.flush()
    return line


def test_each_office_reads_the_lines_within_its_reach(city: City) -> None:
    own = _note(city, city.organizer, city.unit.id)
    other = _note(city, city.other_organizer, city.other_unit.id)
    bare = _note(city, city.city_admin, None)

    def seen(account: Account) -> set[int]:
        return {row.entry.id for row in audit_log(actor_of(account, at=NOW), AuditFilter()).rows}

    assert seen(city.district_admin) == {own.id}
    assert seen(city.auditor) == seen(city.city_admin) == {own.id, other.id, bare.id}
    assert seen(city.organizer) == set()
    with pytest.raises(Refused) as told:
        audit_line_for(actor_of(city.district_admin, at=NOW), other.id)
    assert told.value.status == 404


def test_the_log_is_narrowed_by_who_what_whose_and_when(city: City) -> None:
    actor = actor_of(city.auditor, at=NOW)
    first = _note(city, city.organizer, city.unit.id, sentence="改了 100% 的班次")
    _note(city, city.city_admin, city.other_unit.id, subject="shift", at=NOW + timedelta(days=3))

    def count(**given: object) -> int:
        return audit_log(actor, AuditFilter(**given)).total

    assert count() == 2
    assert count(words="100%") == 1
    assert count(words="%") == 1, "a sign is searched as itself"
    assert count(words=city.organizer.name) == 1
    assert count(account_id=city.city_admin.id) == 1
    assert count(unit_id=city.unit.id) == 1
    assert count(subject="shift") == 1
    assert count(last=MONDAY) == 1
    assert count(first=MONDAY + timedelta(days=1)) == 1
    assert [line.entry.id for line in audit_lines(actor, AuditFilter(last=MONDAY))] == [first.id]


def test_lists_ask_the_same_with_more_rows(city: City) -> None:
    actor = actor_of(city.city_admin, at=NOW)
    counts = []
    for more in (10, 990):
        for _ in range(more):
            db.session.add(
                AuditEntry(
                    at=NOW,
                    actor_name="甲",
                    act="x",
                    subject="unit",
                    unit_id=city.unit.id,
                    sentence="y",
                )
            )
            db.session.add(
                Message(
                    topic="x", title="x", body="x", account_id=city.organizer.id,
                    state=MessageState.SENT, created_at=NOW, due_at=NOW,
                )
            )  # fmt: skip
        db.session.flush()
        with count_queries() as sent:
            log = audit_log(actor, AuditFilter())
            box = messages_listed(actor, None)
        counts.append((len(sent), log.total, box.total))
    assert counts == [(4, 10, 10), (4, 1000, 1000)]


def test_changes_are_told_in_words() -> None:
    before = {"priority": 2, "kind": "crossing", "is_active": True, "name": "甲", "kit": []}
    after = {"priority": 1, "kind": "market", "is_active": False, "name": "甲", "kit": ["帽", "旗"]}
    assert changes_in_words(before, after) == [
        ("优先级", "2", "1"),
        ("类型", "交通路口", "农贸市场"),
        ("在用", "是", "否"),
        ("携带物品", "无", "帽、旗"),
    ]
    assert changes_in_words(None, {"opens_before_minutes": 20}) == [("提前多久开放签到", "", "20")]
    assert changes_in_words({"starts_at": "2026-11-23T00:00:00+00:00"}, None) == [
        ("开始时间", "11月23日 08:00", "")
    ]
    assert (subject_words("unit"), subject_words("nothing")) == ("单位", "其他")


def _job(state: JobState, **given: object) -> Job:
    values = {"task": "solve_run", "arguments": {}, "created_at": NOW, "due_at": NOW, **given}
    job = Job(state=state, **values)
    db.session.add(job)
    db.session.flush()
    return job


def test_what_failed_can_be_set_going_again(city: City) -> None:
    actor = actor_of(city.city_admin, at=NOW)
    failed = _job(JobState.FAILED, attempts=3, error="进程中断", finished_at=NOW)
    done = _job(JobState.DONE)
    message = Message(
        topic="x", title="x", body="x", state=MessageState.FAILED, created_at=NOW, due_at=NOW
    )
    db.session.add(message)
    db.session.flush()
    assert [row.id for row in jobs_listed(actor, JobState.FAILED).rows] == [failed.id]
    retry_job(actor, failed.id, at=LATER)
    retry_message(actor, message.id, at=LATER)
    assert (failed.state, failed.attempts, failed.due_at) == (JobState.QUEUED, 0, LATER)
    assert message.state is MessageState.QUEUED
    for act in (
        lambda: retry_job(actor, done.id, at=NOW),
        lambda: retry_message(actor, message.id, at=NOW),
    ):
        with pytest.raises(Refused) as told:
            act()
        assert told.value.code == "not_failed"
    for who in ("district_admin", "auditor"):
        with pytest.raises(Refused) as told:
            retry_job(actor_of(getattr(city, who), at=NOW), failed.id, at=NOW)
        assert told.value.status == 403
    with pytest.raises(Refused):
        jobs_listed(actor_of(city.district_admin, at=NOW), None)


def test_a_silent_worker_is_seen(city: City) -> None:
    _job(JobState.RUNNING, heartbeat_at=NOW)
    _job(JobState.QUEUED)
    assert health(at=NOW).silent_jobs == 0
    assert health(at=LATER).silent_jobs == 2
    assert (health(at=LATER).failed_jobs, health(at=LATER).waiting_jobs) == (0, 1)


def test_exports_are_listed_within_reach(city: City) -> None:
    for account, unit in ((city.organizer, city.unit), (city.other_organizer, city.other_unit)):
        taken = Exported("排班表", "全部", "a.xlsx", b"x", 3, unit_id=unit.id)
        log_export(actor_of(account, at=NOW), taken, at=NOW)
    assert exports_listed(actor_of(city.auditor, at=NOW)).total == 2
    [line] = exports_listed(actor_of(city.district_admin, at=NOW)).rows
    assert (line.person, line.unit_name) == (city.organizer.name, "市医保局")


def test_the_first_page_counts_what_is_missing(city: City) -> None:
    a_unit("空局", district_id=city.district.id)
    a_point(city.district, lat=None, lon=None)
    a_kind(is_dangerous=True, kit=[])
    a_kind(is_dangerous=True, kit=["马甲"])
    tie = db.session.query(Tie).one()
    tie.until_on = MONDAY + timedelta(days=20)
    an_account(
        Role.ORGANIZER, unit=city.unit, must_change_password=True, first_password_expires_at=NOW
    )
    db.session.flush()
    lacks = city_glance(actor_of(city.city_admin, at=NOW), at=NOW).lacks
    assert (lacks.units_without_organizer, lacks.units_without_people) == (1, 1)
    assert (lacks.points_without_place, lacks.points_without_unit) == (1, 2)
    assert (lacks.ties_ending, lacks.kinds_without_kit, lacks.passwords_expired) == (1, 1, 1)
    glance = city_glance(actor_of(city.district_admin, at=NOW), at=NOW)
    assert (glance.kept.units, glance.kept.points, glance.health) == (2, 2, None)
    assert glance.district_id == city.district.id
    far = city_glance(actor_of(city.auditor, at=NOW), at=NOW.replace(year=2032))
    assert far.lacks.years == (2032, 2033)
    assert far.health is not None


def test_search_finds_by_name_number_and_initials_within_reach(city: City) -> None:
    city.volunteer.pinyin, city.unit.pinyin, city.point.pinyin = "wf", "sybj", "rmlk"
    activity = an_activity(city.unit, title="周一劝导", pinyin="zyqd")
    a_volunteer(city.other_unit, "王芳", pinyin="wf")
    organizer, admin = actor_of(city.organizer, at=NOW), actor_of(city.city_admin, at=NOW)
    assert [hit.id for hit in found_for(organizer, "wf").people] == [city.volunteer.id]
    assert len(found_for(admin, "王芳").people) == 2
    assert [hit.id for hit in found_for(admin, city.volunteer.number.lower()).people] == [
        city.volunteer.id
    ]
    assert [hit.id for hit in found_for(organizer, "sybj").units] == [city.unit.id]
    assert found_for(organizer, "双清").units == ()
    assert [hit.id for hit in found_for(organizer, "rml").points] == [city.point.id]
    assert [hit.id for hit in found_for(organizer, "劝导").activities] == [activity.id]
    assert found_for(actor_of(city.other_organizer, at=NOW), "劝导").activities == ()
    assert found_for(admin, "%").total == 0
    assert found_for(admin, " ").total == 0


def test_search_says_when_there_is_more(city: City) -> None:
    for number in range(14):
        a_unit(f"试点{number}局")
    actor = actor_of(city.city_admin, at=NOW)
    with count_queries() as sent:
        found = found_for(actor, "试点")
    assert (len(found.units), found.cut, len(sent)) == (12, {"units"}, 4)


def test_a_list_leaves_out_what_has_no_word() -> None:
    changes = changes_in_words(None, {"absent": [3, 4], "nobody_knows": 1}, known_only=True)
    assert changes == [("缺岗人数", "", "2")]
    assert changes_in_words(None, {"nobody_knows": 1}) == [("nobody_knows", "", "1")]
