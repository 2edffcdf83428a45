from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests.builders import (
    MONDAY,
    NOW,
    City,
    a_city,
    a_kind,
    a_shift,
    a_volunteer,
    an_activity,
    an_assignment,
)
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import (
    ActivityState,
    AssignmentState,
    CancelCause,
    Grade,
    Nature,
    ShiftState,
    StampKind,
    Way,
)
from volunteer.models.activities import Activity, JointUnit, Shift
from volunteer.models.attendance import CheckIn
from volunteer.models.base import db
from volunteer.models.journal import AuditEntry, Message
from volunteer.models.rosters import Assignment
from volunteer.operations.activities import (
    Particulars,
    cancel_activity,
    close_activity,
    copy_activity,
    draft_activity,
    edit_activity,
    proposal_for,
    publish_activity,
    what_is_missing,
)
from volunteer.operations.activities.draft import TEXTS
from volunteer.queries.accounts import actor_of
from volunteer.queries.activities import joint_units_of


def boss(city: City):
    return actor_of(city.organizer, at=NOW)


def particulars(city: City, **given) -> Particulars:
    values = {
        "title": "周末清洁家园",
        "kind_id": given.pop("kind_id", None) or a_kind().id,
        "unit_id": city.unit.id,
        "nature": Nature.VOLUNTEER,
        "starts_on": MONDAY,
        "ends_on": MONDAY + timedelta(days=6),
        **dict.fromkeys(TEXTS, "有"),
    }
    return Particulars(**{**values, **given})


def as_it_is(activity: Activity) -> Particulars:
    names = [n for n in Particulars.__dataclass_fields__ if n != "joint_unit_ids"]
    joint = tuple(unit_id for unit_id, _ in joint_units_of(activity.id))
    return Particulars(**{n: getattr(activity, n) for n in names}, joint_unit_ids=joint)


def stamp(shift: Shift, seat: Assignment) -> None:
    db.session.add(
        CheckIn(
            assignment_id=seat.id,
            shift_id=shift.id,
            volunteer_id=seat.volunteer_id,
            kind=StampKind.IN,
            at=NOW,
            received_at=NOW,
            way=Way.ROLL_CALL,
            grade=Grade.C,
            nonce=f"n{seat.id}",
            by_account_id=1,
        )
    )
    db.session.flush()


def audit(act: str) -> list[AuditEntry]:
    return list(db.session.scalars(select(AuditEntry).where(AuditEntry.act == act)))


def refused(code: str, call, *args, **kwargs) -> Refused:
    with pytest.raises(Refused) as no:
        call(*args, **kwargs)
    assert no.value.code == code
    return no.value


def test_a_draft_is_kept_with_its_joint_units_and_an_audit_line(app: Flask) -> None:
    city = a_city()
    made = draft_activity(
        boss(city),
        particulars(city, joint_unit_ids=(city.other_unit.id, city.unit.id), purpose=""),
        at=NOW,
    )
    assert made.state is ActivityState.DRAFT
    assert made.pinyin == "zmqjjy"
    joint = db.session.scalars(
        select(JointUnit.unit_id).where(JointUnit.activity_id == made.id)
    ).all()
    assert joint == [city.other_unit.id]
    (line,) = audit("draft_activity")
    assert (line.unit_id, line.subject_id) == (city.unit.id, made.id)


def test_a_draft_is_refused_where_it_cannot_be(app: Flask) -> None:
    city = a_city()
    stranger = actor_of(city.other_organizer, at=NOW)
    assert refused("not_yours", draft_activity, stranger, particulars(city), at=NOW).status == 404
    auditor = actor_of(city.auditor, at=NOW)
    refused("not_allowed", draft_activity, auditor, particulars(city), at=NOW)
    gone = a_kind(is_active=False)
    refused("no_such_kind", draft_activity, boss(city), particulars(city, kind_id=gone.id), at=NOW)
    refused(
        "no_such_unit", draft_activity, boss(city), particulars(city, joint_unit_ids=(999,)), at=NOW
    )
    backwards = particulars(city, ends_on=MONDAY - timedelta(days=1))
    refused("ends_before_start", draft_activity, boss(city), backwards, at=NOW)


def test_a_proposal_takes_the_kinds_words_first_and_the_last_activitys_afterwards(
    app: Flask,
) -> None:
    city = a_city()
    kind = a_kind(safety_note="站在路沿石以内", kit=["红马甲"])
    city.unit.contact_name = "李主任"
    ask = {"kind_id": kind.id, "unit_id": city.unit.id, "on": MONDAY}
    fresh = proposal_for(boss(city), **ask)
    assert fresh["risk_note"] == "站在路沿石以内"
    assert "红马甲" in fresh["safeguards"]
    assert (fresh["title"], fresh["contact_name"]) == (kind.name, "李主任")
    an_activity(city.unit, kind_id=kind.id, title="周一劝导", risk_note="当心车辆", contact_name="")
    again = proposal_for(boss(city), **ask)
    assert (again["title"], again["risk_note"]) == ("周一劝导", "当心车辆")
    assert again["contact_name"] == "李主任"
    refused("no_such_kind", proposal_for, boss(city), **{**ask, "kind_id": 999})
    refused("not_yours", proposal_for, boss(city), **{**ask, "unit_id": city.other_unit.id})


def test_a_copy_is_a_draft_after_the_old_one_without_shifts(app: Flask) -> None:
    city = a_city()
    old = an_activity(city.unit, lint_override="情况说明")
    db.session.add(JointUnit(activity_id=old.id, unit_id=city.other_unit.id))
    a_shift(old, city.point)
    new = copy_activity(boss(city), old.id, at=NOW)
    assert new.state is ActivityState.DRAFT
    assert (new.starts_on, new.ends_on - new.starts_on) == (
        old.ends_on + timedelta(days=1),
        old.ends_on - old.starts_on,
    )
    assert new.content == old.content
    assert new.lint_override == ""
    assert [unit_id for unit_id, _ in joint_units_of(new.id)] == [city.other_unit.id]
    assert db.session.scalars(select(Shift).where(Shift.activity_id == new.id)).all() == []


def test_publishing_says_all_that_is_missing_at_once(app: Flask) -> None:
    city = a_city()
    kind = a_kind(is_dangerous=True)
    draft = draft_activity(
        boss(city),
        particulars(
            city, kind_id=kind.id, risk_note="", insurance_reference="", title="单位聚餐与清扫"
        ),
        at=NOW,
    )
    no = refused(
        "not_publishable", publish_activity, boss(city), draft.id, version=draft.version, at=NOW
    )
    fields = {(finding.code, finding.field) for finding in no.details}
    assert fields == {
        ("no_risk_note", "risk_note"),
        ("no_insurance", "insurance_reference"),
        ("excluded_word", "title"),
        ("no_shifts", "shifts"),
    }
    assert {f.code for f in what_is_missing(boss(city), draft.id, at=NOW)} == {c for c, _ in fields}
    assert draft.state is ActivityState.DRAFT


def test_publishing_with_a_reason_for_listed_words_keeps_the_reason(app: Flask) -> None:
    city = a_city()
    draft = draft_activity(boss(city), particulars(city, title="演出现场引导"), at=NOW)
    a_shift(draft, city.point, on=MONDAY + timedelta(days=1))
    refused("not_publishable", publish_activity, boss(city), draft.id, version=1, at=NOW)
    done = publish_activity(
        boss(city), draft.id, version=1, lint_override="为观众引路，非演出人员", at=NOW
    )
    assert done.state is ActivityState.PUBLISHED
    assert (done.published_at, done.lint_override) == (NOW, "为观众引路，非演出人员")
    (line,) = audit("publish_activity")
    assert line.reason == "为观众引路，非演出人员"


def test_publishing_twice_or_over_anothers_change_is_refused(app: Flask) -> None:
    city = a_city()
    draft = draft_activity(boss(city), particulars(city), at=NOW)
    a_shift(draft, city.point, on=MONDAY + timedelta(days=1))
    refused("changed_meanwhile", publish_activity, boss(city), draft.id, version=7, at=NOW)
    publish_activity(boss(city), draft.id, version=1, at=NOW)
    refused("already_so", publish_activity, boss(city), draft.id, version=2, at=NOW)
    stranger = actor_of(city.other_organizer, at=NOW)
    refused("not_found", publish_activity, stranger, draft.id, version=2, at=NOW)


def test_a_joint_unit_may_look_but_not_change(app: Flask) -> None:
    city = a_city()
    activity = an_activity(city.unit)
    db.session.add(JointUnit(activity_id=activity.id, unit_id=city.other_unit.id))
    db.session.flush()
    guest = actor_of(city.other_organizer, at=NOW)
    assert what_is_missing(guest, activity.id, at=NOW)
    refused("not_yours", edit_activity, guest, activity.id, as_it_is(activity), version=1, at=NOW)


def test_a_change_of_a_published_activity_is_told_once_and_named(app: Flask) -> None:
    city = a_city()
    activity = an_activity(city.unit)
    shift = a_shift(activity, city.point, on=MONDAY + timedelta(days=1))
    other = a_shift(activity, city.point, on=MONDAY + timedelta(days=2))
    an_assignment(shift, city.volunteer)
    an_assignment(other, city.volunteer)
    an_assignment(shift, a_volunteer(city.unit), AssignmentState.DECLINED)
    wanted = replace(as_it_is(activity), contact_name="周主任", purpose="更文明")
    labels = edit_activity(boss(city), activity.id, wanted, version=1, at=NOW)
    assert labels == ["目的", "联系人"]
    (message,) = db.session.scalars(select(Message))
    assert message.volunteer_id == city.volunteer.id
    assert "联系人：李主任 → 周主任" in message.body
    assert "更文明" not in message.body
    (line,) = audit("edit_activity")
    assert line.before == {"purpose": "文明交通", "contact_name": "李主任"}


def test_nothing_changed_writes_nothing(app: Flask) -> None:
    city = a_city()
    activity = an_activity(city.unit)
    assert edit_activity(boss(city), activity.id, as_it_is(activity), version=1, at=NOW) == []
    assert activity.version == 1
    assert audit("edit_activity") == []


def test_what_decides_the_record_is_fixed_after_publishing(app: Flask) -> None:
    city = a_city()
    activity = an_activity(city.unit)
    wanted = replace(as_it_is(activity), nature=Nature.DUTY)
    no = refused(
        "fixed_after_publishing",
        edit_activity, boss(city), activity.id, wanted, version=1, at=NOW,
    )  # fmt: skip
    assert no.field == "nature"


def test_a_published_activity_stays_lawful(app: Flask) -> None:
    city = a_city()
    activity = an_activity(city.unit)
    a_shift(activity, city.point)
    wanted = replace(as_it_is(activity), risk_note="", title="补录活动")
    no = refused(
        "not_publishable", edit_activity, boss(city), activity.id, wanted, version=1, at=NOW
    )
    assert {part.field for part in no.details} == {"risk_note", "title"}


def test_dates_must_cover_the_shifts_and_an_ended_activity_stays(app: Flask) -> None:
    city = a_city()
    activity = an_activity(city.unit)
    a_shift(activity, city.point, on=MONDAY + timedelta(days=3))
    short = replace(as_it_is(activity), ends_on=MONDAY + timedelta(days=2))
    refused("shifts_outside", edit_activity, boss(city), activity.id, short, version=1, at=NOW)
    ended = an_activity(city.unit, state=ActivityState.CLOSED)
    refused("wrong_state", edit_activity, boss(city), ended.id, as_it_is(ended), version=1, at=NOW)
    refused(
        "changed_meanwhile",
        edit_activity, boss(city), activity.id, as_it_is(activity), version=3, at=NOW,
    )  # fmt: skip


def test_calling_off_an_activity_frees_its_seats_and_tells_each_person_once(app: Flask) -> None:
    city = a_city()
    activity = an_activity(city.unit)
    shifts = [a_shift(activity, city.point, on=MONDAY + timedelta(days=d)) for d in (1, 2)]
    for shift in shifts:
        an_assignment(shift, city.volunteer)
    settled = a_shift(activity, city.point, state=ShiftState.SETTLED)
    done = cancel_activity(boss(city), activity.id, reason="场地停用", version=1, at=NOW)
    assert (done.shifts, done.seats, done.people) == (2, 2, 1)
    assert activity.state is ActivityState.CANCELLED
    assert activity.cancel_reason == "场地停用"
    assert {s.state for s in shifts} == {ShiftState.CANCELLED}
    assert settled.state is ShiftState.SETTLED
    seats = db.session.scalars(select(Assignment)).all()
    assert {(s.state, s.cancel_cause) for s in seats} == {
        (AssignmentState.CANCELLED, CancelCause.BY_UNIT)
    }
    (message,) = db.session.scalars(select(Message))
    assert "场地停用" in message.body
    assert message.body.count("07:30") == 2
    refused("already_so", cancel_activity, boss(city), activity.id, reason="x", version=2, at=NOW)


def test_an_activity_with_people_on_site_is_not_called_off(app: Flask) -> None:
    city = a_city()
    activity = an_activity(city.unit)
    shift = a_shift(activity, city.point)
    stamp(shift, an_assignment(shift, city.volunteer))
    refused("has_stamps", cancel_activity, boss(city), activity.id, reason="雨", version=1, at=NOW)
    refused(
        "reason_missing", cancel_activity, boss(city), activity.id, reason=" ", version=1, at=NOW
    )


def test_closing_waits_for_all_shifts(app: Flask) -> None:
    city = a_city()
    activity = an_activity(city.unit)
    shift = a_shift(activity, city.point)
    no = refused("unsettled_shifts", close_activity, boss(city), activity.id, version=1, at=NOW)
    assert "1 个班次" in no.sentence
    shift.state = ShiftState.SETTLED
    close_activity(boss(city), activity.id, version=1, at=NOW)
    assert activity.state is ActivityState.CLOSED
    refused("already_so", close_activity, boss(city), activity.id, version=2, at=NOW)
