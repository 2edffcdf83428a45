from dataclasses import replace
from datetime import date, timedelta
from time import perf_counter

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.builders import (
    MONDAY,
    NOW,
    City,
    a_city,
    a_point,
    a_shift,
    a_skill,
    a_volunteer,
    an_activity,
    an_assignment,
)
from tests.operations.test_activities import audit, boss, refused, stamp
from volunteer.domain.series import DayRule, Series, Slot, Terms
from volunteer.domain.terms import ActivityState, AssignmentState, CancelCause, ShiftState
from volunteer.domain.timekeeping import beijing
from volunteer.models.activities import Shift, ShiftQuota, ShiftSkill
from volunteer.models.base import db
from volunteer.models.campaigns import Campaign, Inspection, KeyPoint
from volunteer.models.journal import Message
from volunteer.operations.shifts import (
    Change,
    cancel_shifts,
    create_batch,
    edit_shift,
    restore_shift,
    split_shift,
    undo_batch,
)
from volunteer.queries.accounts import actor_of
from volunteer.queries.cancelling import Storm, effect_of_cancelling, shifts_in_storm
from volunteer.queries.shift_preview import Verdict, preview_of
from volunteer.queries.shifts import terms_of

TUESDAY = MONDAY + timedelta(days=1)
FRIDAY = MONDAY + timedelta(days=4)
TERMS = Terms(min_heads=2, target_heads=4, max_heads=6)


def series(city: City, **given) -> Series:
    values = {
        "first_on": TUESDAY,
        "last_on": FRIDAY,
        "rule": DayRule.WORKDAYS,
        "slots": (Slot.of("07:30", "08:30"), Slot.of("17:30", "18:30")),
        "point_ids": (city.point.id,),
    }
    return Series(**{**values, **given})


def now(shift: Shift) -> Change:
    return Change(shift.starts_at, shift.ends_at, shift.point_id, shift.corner, terms_of(shift))


def shifted(change: Change, minutes: int) -> Change:
    by = timedelta(minutes=minutes)
    return replace(change, starts_at=change.starts_at + by, ends_at=change.ends_at + by)


def inspect(city: City, on: date) -> None:
    campaign = Campaign(name="创文巩卫", starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31))
    db.session.add(campaign)
    db.session.flush()
    visit = Inspection(campaign_id=campaign.id, name="省检", badge="省检", starts_on=on, ends_on=on)
    db.session.add(visit)
    db.session.flush()
    db.session.add(KeyPoint(inspection_id=visit.id, point_id=city.point.id))
    db.session.flush()


def shifts_made(batch) -> list[Shift]:
    return list(
        db.session.scalars(
            select(Shift).where(Shift.batch_id == batch.id).order_by(Shift.starts_at)
        )
    )


def test_a_batch_makes_every_shift_with_its_terms(app: Flask) -> None:
    city = a_city()
    activity = an_activity(city.unit)
    skill = a_skill()
    terms = replace(
        TERMS,
        skill_mix={skill.id: 1},
        quotas={city.unit.id: 2},
        required_skills=("leader",),
        leader_id=city.volunteer.id,
    )
    made = create_batch(boss(city), activity.id, series(city), terms, at=NOW)
    shifts = shifts_made(made.batch)
    assert made.shifts == len(shifts) == 8
    assert {s.state for s in shifts} == {ShiftState.PLANNED}
    assert [s.service_on for s in shifts[::2]] == [MONDAY + timedelta(days=d) for d in (1, 2, 3, 4)]
    assert shifts[0].starts_at == beijing(TUESDAY, 7 * 60 + 30)
    assert all(terms_of(shift) == terms for shift in shifts)
    (line,) = audit("create_shifts")
    assert line.after["series"]["point_ids"] == [city.point.id]


def test_what_exists_clashes_or_is_past_is_not_made(app: Flask) -> None:
    city = a_city()
    activity = an_activity(city.unit)
    a_shift(activity, city.point, on=TUESDAY)
    a_shift(activity, city.point, on=TUESDAY + timedelta(days=1), state=ShiftState.CANCELLED)
    foreign = an_activity(city.other_unit, title="别家的活动")
    a_shift(foreign, city.point, on=FRIDAY, start="08:00", end="09:00")
    wanted = series(city, first_on=MONDAY)
    preview = preview_of(activity, wanted, TERMS, at=NOW)
    counts = {verdict.value: preview.count(verdict.value) for verdict in Verdict}
    assert counts == {"new": 6, "clash": 1, "exists": 1, "called_off": 1, "past": 1}
    assert preview.of(Verdict.CLASH)[0].other == "别家的活动"
    made = create_batch(boss(city), activity.id, wanted, TERMS, at=NOW)
    assert made.shifts == 6
    again = create_batch(
        boss(city), activity.id, wanted, TERMS, insisted=frozenset({Verdict.CLASH}), at=NOW
    )
    assert again.shifts == 1
    refused("nothing_new", create_batch, boss(city), activity.id, wanted, TERMS, at=NOW)


def test_other_corners_of_a_crossing_do_not_clash(app: Flask) -> None:
    city = a_city()
    activity = an_activity(city.unit)
    a_shift(an_activity(city.other_unit), city.point, on=TUESDAY, corner="东北角")
    one_day = {"last_on": TUESDAY, "slots": (Slot.of("07:30", "08:30"),)}
    preview = preview_of(
        activity, series(city, corners=("东北角", "西南角"), **one_day), TERMS, at=NOW
    )
    assert [(row.corner, row.verdict) for row in preview.rows] == [
        ("东北角", Verdict.CLASH),
        ("西南角", Verdict.NEW),
    ]


def test_key_points_get_the_first_priority_and_a_badge(app: Flask) -> None:
    city = a_city()
    activity = an_activity(city.unit)
    inspect(city, FRIDAY)
    preview = preview_of(activity, series(city), TERMS, at=NOW)
    assert preview.inspected == 2
    made = create_batch(boss(city), activity.id, series(city), TERMS, at=NOW)
    priorities = {s.service_on: s.priority for s in shifts_made(made.batch)}
    assert [priorities[MONDAY + timedelta(days=d)] for d in (1, 2, 3, 4)] == [3, 3, 3, 1]


def test_a_leader_is_never_in_two_places(app: Flask) -> None:
    city = a_city()
    activity = an_activity(city.unit)
    second = a_point(city.district)
    busy = a_shift(an_activity(city.unit), a_point(city.district), on=FRIDAY)
    an_assignment(busy, city.volunteer)
    wanted = series(city, point_ids=(city.point.id, second.id))
    terms = replace(TERMS, leader_id=city.volunteer.id)
    made = create_batch(boss(city), activity.id, wanted, terms, at=NOW)
    led = [s for s in shifts_made(made.batch) if s.leader_id]
    assert made.shifts == 16
    assert len({s.starts_at for s in led}) == len(led) == 7
    assert made.without_leader == 9


def test_breaks_by_the_clock_fall_into_their_shift(app: Flask) -> None:
    city = a_city()
    activity = an_activity(city.unit)
    wanted = series(city, slots=(Slot.of("07:30", "18:00"),), pauses=(Slot.of("12:30", "14:30"),))
    made = create_batch(boss(city), activity.id, wanted, TERMS, at=NOW)
    assert {tuple(map(tuple, s.breaks)) for s in shifts_made(made.batch)} == {((300, 420),)}


def test_a_batch_is_refused_with_all_faults(app: Flask) -> None:
    city = a_city()
    activity = an_activity(city.unit)
    bad = series(city, first_on=MONDAY - timedelta(days=1), point_ids=(city.point.id, 999))
    no = refused(
        "not_sound",
        create_batch, boss(city), activity.id, bad, replace(TERMS, min_heads=9), at=NOW,
    )  # fmt: skip
    assert [part.code for part in no.details] == [
        "heads_order",
        "outside_activity",
        "no_such_point",
    ]
    weekend = series(city, first_on=MONDAY + timedelta(days=5), last_on=MONDAY + timedelta(days=6))
    no = refused("not_sound", create_batch, boss(city), activity.id, weekend, TERMS, at=NOW)
    assert no.details[0].code == "no_day"
    stranger = actor_of(city.other_organizer, at=NOW)
    refused("not_found", create_batch, stranger, activity.id, series(city), TERMS, at=NOW)
    closed = an_activity(city.unit, state=ActivityState.CLOSED)
    refused("wrong_state", create_batch, boss(city), closed.id, series(city), TERMS, at=NOW)


def test_two_thousand_shifts_are_made_at_once_and_no_more(app: Flask) -> None:
    city = a_city()
    activity = an_activity(city.unit, ends_on=MONDAY + timedelta(days=364))
    points = tuple(a_point(city.district).id for _ in range(40))
    every = {"rule": DayRule.EVERY, "point_ids": points, "slots": (Slot.of("07:30", "08:30"),)}
    wanted = series(city, last_on=TUESDAY + timedelta(days=49), **every)
    begun = perf_counter()
    made = create_batch(boss(city), activity.id, wanted, TERMS, at=NOW)
    took = perf_counter() - begun
    assert made.shifts == 2000
    assert took < 5
    too_many = series(city, last_on=TUESDAY + timedelta(days=50), **every)
    no = refused("not_sound", create_batch, boss(city), activity.id, too_many, TERMS, at=NOW)
    assert no.details[0].code == "too_many"


def test_a_shift_that_another_made_in_between_is_said_not_crashed_on(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    city = a_city()
    activity = an_activity(city.unit)
    create_batch(boss(city), activity.id, series(city), TERMS, at=NOW)
    monkeypatch.setattr(
        "volunteer.operations.shifts.batch.rows_to_make", lambda preview, _: list(preview.rows)
    )
    refused("changed_meanwhile", create_batch, boss(city), activity.id, series(city), TERMS, at=NOW)
    assert db.session.scalar(select(func.count()).select_from(Shift)) == 8


def test_undoing_removes_what_nobody_was_assigned_to(app: Flask) -> None:
    city = a_city()
    activity = an_activity(city.unit)
    skill = a_skill()
    made = create_batch(
        boss(city), activity.id, series(city), replace(TERMS, skill_mix={skill.id: 1}), at=NOW
    )
    shifts = shifts_made(made.batch)
    an_assignment(shifts[0], city.volunteer, AssignmentState.DECLINED)
    shifts[1].state = ShiftState.PUBLISHED
    db.session.flush()
    done = undo_batch(boss(city), made.batch.id, at=NOW)
    assert done.removed == 6
    assert set(done.kept_ids) == {shifts[0].id, shifts[1].id}
    assert made.batch.undone_at == NOW
    assert db.session.scalar(select(func.count()).select_from(ShiftSkill)) == 2
    refused("nothing_to_undo", undo_batch, boss(city), made.batch.id, at=NOW)
    refused("not_found", undo_batch, boss(city), 999, at=NOW)
    stranger = actor_of(city.other_organizer, at=NOW)
    refused("not_found", undo_batch, stranger, made.batch.id, at=NOW)


@pytest.mark.parametrize(("minutes", "state"), [(15, "accepted"), (16, "proposed")])
def test_a_moved_shift_tells_before_and_after_and_asks_anew_beyond_a_quarter(
    app: Flask, minutes: int, state: str
) -> None:
    city = a_city()
    shift = a_shift(an_activity(city.unit), city.point, on=TUESDAY)
    seat = an_assignment(shift, city.volunteer)
    no_longer = an_assignment(shift, a_volunteer(city.unit), AssignmentState.DECLINED)
    done = edit_shift(boss(city), shift.id, shifted(now(shift), minutes), version=1, at=NOW)
    assert seat.state.value == state
    assert no_longer.state is AssignmentState.DECLINED
    assert (done.told, done.asked_anew) == (1, int(state == "proposed"))
    (message,) = db.session.scalars(select(Message))
    assert message.volunteer_id == city.volunteer.id
    assert "07:30—08:30" in message.body
    assert f"07:{30 + minutes}—08:{30 + minutes}" in message.body
    (line,) = audit("edit_shift")
    assert set(line.before) == {"starts_at", "ends_at"}


def test_another_point_asks_anew_too(app: Flask) -> None:
    city = a_city()
    shift = a_shift(an_activity(city.unit), city.point, on=TUESDAY)
    seat = an_assignment(shift, city.volunteer)
    elsewhere = a_point(city.district)
    edit_shift(boss(city), shift.id, replace(now(shift), point_id=elsewhere.id), version=1, at=NOW)
    assert seat.state is AssignmentState.PROPOSED
    assert seat.answered_at is None


def test_heads_change_without_a_word_to_anybody(app: Flask) -> None:
    city = a_city()
    shift = a_shift(an_activity(city.unit), city.point, on=TUESDAY)
    an_assignment(shift, city.volunteer)
    wanted = replace(
        now(shift), terms=replace(terms_of(shift), max_heads=9, quotas={city.unit.id: 2})
    )
    done = edit_shift(boss(city), shift.id, wanted, version=1, at=NOW)
    assert done.labels == ("最多人数", "单位名额")
    assert done.told == 0
    assert db.session.scalars(select(ShiftQuota.count)).all() == [2]
    assert db.session.scalars(select(Message)).all() == []
    assert edit_shift(boss(city), shift.id, now(shift), version=2, at=NOW).labels == ()


def test_what_a_change_of_a_shift_may_not_do(app: Flask) -> None:
    city = a_city()
    activity = an_activity(city.unit)
    shift = a_shift(activity, city.point, on=TUESDAY)
    for _ in range(2):
        an_assignment(shift, a_volunteer(city.unit))
    other = a_shift(activity, a_point(city.district), on=TUESDAY, leader_id=city.volunteer.id)
    a_shift(an_activity(city.other_unit), city.point, on=TUESDAY, start="09:00", end="10:00")

    def no(code: str, wanted: Change, version: int = 1) -> None:
        refused(code, edit_shift, boss(city), shift.id, wanted, version=version, at=NOW)

    terms = terms_of(shift)
    no(
        "too_few_seats",
        replace(now(shift), terms=replace(terms, min_heads=1, target_heads=1, max_heads=1)),
    )
    no("clash", shifted(now(shift), 60))
    no("leader_busy", replace(now(shift), terms=replace(terms, leader_id=city.volunteer.id)))
    no("not_sound", shifted(now(shift), 60 * 24 * 30))
    no("not_sound", replace(now(shift), point_id=999))
    no("changed_meanwhile", shifted(now(shift), 5), version=2)
    stamp(shift, an_assignment(shift, a_volunteer(city.unit)))
    no("has_stamps", shifted(now(shift), 5))
    other.state = ShiftState.SETTLED
    refused("wrong_state", edit_shift, boss(city), other.id, now(other), version=1, at=NOW)
    stranger = actor_of(city.other_organizer, at=NOW)
    refused("not_found", edit_shift, stranger, shift.id, now(shift), version=1, at=NOW)


def test_a_shift_is_cut_in_two_with_its_breaks(app: Flask) -> None:
    city = a_city()
    activity = an_activity(city.unit)
    shift = a_shift(
        activity, city.point, on=TUESDAY, end="18:00", breaks=[[60, 75], [300, 420]], min_heads=1
    )
    seat = an_assignment(shift, city.volunteer)
    noon = beijing(TUESDAY, 12 * 60)
    part = split_shift(boss(city), shift.id, divide_at=noon, version=1, at=NOW)
    assert (shift.ends_at, part.starts_at) == (noon, noon)
    assert part.ends_at == beijing(TUESDAY, 18 * 60)
    assert (shift.breaks, part.breaks) == ([[60, 75]], [[30, 150]])
    assert part.state is ShiftState.PLANNED
    assert seat.state is AssignmentState.PROPOSED
    refused(
        "bad_cut",
        split_shift,
        boss(city),
        part.id,
        divide_at=noon + timedelta(minutes=60),
        version=1,
        at=NOW,
    )
    refused(
        "bad_cut",
        split_shift,
        boss(city),
        part.id,
        divide_at=noon + timedelta(minutes=10),
        version=1,
        at=NOW,
    )


def test_rain_over_a_district_calls_off_by_area_and_time_with_one_message_each(app: Flask) -> None:
    city = a_city()
    activity = an_activity(city.unit)
    morning = a_shift(activity, city.point, on=TUESDAY)
    noon = a_shift(activity, city.point, on=TUESDAY, start="11:00", end="12:00")
    evening = a_shift(activity, city.point, on=TUESDAY, start="17:30", end="18:30")
    dry = a_shift(activity, a_point(city.other_district), on=TUESDAY)
    for shift in (morning, noon, evening, dry):
        an_assignment(shift, city.volunteer)
    an_assignment(noon, a_volunteer(city.unit), AssignmentState.PROPOSED)
    storm = Storm(beijing(TUESDAY, 8 * 60), beijing(TUESDAY, 13 * 60), district_id=city.district.id)
    hit = shifts_in_storm(boss(city), storm)
    assert hit == [morning.id, noon.id]
    effect = effect_of_cancelling(hit)
    assert (effect.shifts, effect.seats, effect.people) == (2, 3, 2)
    done = cancel_shifts(boss(city), hit, cause=CancelCause.WEATHER, reason="暴雨橙色预警", at=NOW)
    assert (done.shifts, done.seats, done.people, done.kept_ids) == (2, 3, 2, ())
    assert (morning.cancel_cause, morning.cancel_reason) == (CancelCause.WEATHER, "暴雨橙色预警")
    assert {evening.state, dry.state} == {ShiftState.PUBLISHED}
    messages = db.session.scalars(select(Message)).all()
    assert sorted(m.body.count("11月24日") for m in messages) == [1, 2]
    assert len(audit("cancel_assignment")) == 3
    refused(
        "nothing_to_cancel",
        cancel_shifts, boss(city), hit, cause=CancelCause.WEATHER, reason="雨", at=NOW,
    )  # fmt: skip


def test_calling_off_is_refused_in_words(app: Flask) -> None:
    city = a_city()
    shift = a_shift(an_activity(city.unit), city.point)
    free = a_shift(an_activity(city.unit), city.point, on=TUESDAY)
    stamp(shift, an_assignment(shift, city.volunteer))

    def no(
        code: str, *ids: int, cause: CancelCause = CancelCause.WEATHER, reason: str = "雨"
    ) -> None:
        refused(code, cancel_shifts, boss(city), ids, cause=cause, reason=reason, at=NOW)

    no("has_stamps", shift.id)
    no("reason_missing", free.id, reason="  ")
    no("wrong_cause", free.id, cause=CancelCause.REPLACED)
    foreign = a_shift(an_activity(city.other_unit), city.point)
    no("not_yours", free.id, foreign.id)
    both = cancel_shifts(
        boss(city), [shift.id, free.id], cause=CancelCause.WEATHER, reason="雨", at=NOW
    )
    assert (both.shifts, both.kept_ids) == (1, (shift.id,))


def test_a_called_off_shift_can_be_set_up_again_before_its_time(app: Flask) -> None:
    city = a_city()
    shift = a_shift(an_activity(city.unit), city.point, on=TUESDAY)
    seat = an_assignment(shift, city.volunteer)
    cancel_shifts(boss(city), [shift.id], cause=CancelCause.WEATHER, reason="雨", at=NOW)
    restore_shift(boss(city), shift.id, at=NOW)
    assert (shift.state, shift.cancel_cause) == (ShiftState.PLANNED, None)
    assert seat.state is AssignmentState.CANCELLED
    refused("already_so", restore_shift, boss(city), shift.id, at=NOW)
    past = a_shift(an_activity(city.unit), city.point, state=ShiftState.CANCELLED)
    refused("already_over", restore_shift, boss(city), past.id, at=NOW)
    refused("not_found", restore_shift, boss(city), 999, at=NOW)
