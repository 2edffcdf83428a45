"""Drafts by hand, publishing, mending; on both databases."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.builders import (
    MONDAY,
    NOW,
    City,
    a_city,
    a_shift,
    a_skill,
    a_volunteer,
    an_activity,
    an_assignment,
    available,
)
from volunteer.domain.access import Actor
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import (
    AssignmentState,
    CancelCause,
    DraftState,
    PinVerdict,
    ShiftState,
    VolunteerState,
)
from volunteer.models.activities import Shift
from volunteer.models.base import db
from volunteer.models.journal import AuditEntry, Message
from volunteer.models.people import Account, Apart, Qualification, Volunteer
from volunteer.models.rosters import Assignment, DraftRoster, DraftSeat, Pin
from volunteer.operations.rosters import (
    add_on_the_spot,
    discard_draft,
    move_seat,
    offer_seat,
    open_draft,
    pin_seat,
    place_seat,
    publish_roster,
    release_seat,
    remove_seat,
    swap_seats,
    undo_move,
    unpin_seat,
)
from volunteer.queries.accounts import actor_of
from volunteer.queries.planning import PlanScope
from volunteer.queries.rosters.drafts import changes_of, seats_of

BEFORE = NOW - timedelta(days=3)


def actor(account: Account) -> Actor:
    return actor_of(account, at=NOW)


class World:
    """A unit with two shifts on Monday, one on Tuesday, and four people free all day."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.actor = actor(city.organizer)
        activity = an_activity(city.unit)
        self.early = a_shift(activity, city.point, state=ShiftState.PLANNED)
        self.late = a_shift(
            activity, city.point, start="17:30", end="18:30", state=ShiftState.PLANNED
        )
        self.tuesday = a_shift(
            activity, city.point, on=MONDAY + timedelta(days=1), state=ShiftState.PLANNED
        )
        self.people = [a_volunteer(city.unit) for _ in range(4)]
        for who in self.people:
            available(who, start="06:00", end="22:00")
        db.session.commit()

    def draft(self) -> DraftRoster:
        return open_draft(
            self.actor, week_on=MONDAY, scope=PlanScope(unit_id=self.city.unit.id), at=BEFORE
        )

    def place(self, draft: DraftRoster, shift: Shift, who: Volunteer, **more: Any) -> Any:
        return place_seat(
            self.actor, draft.id, shift_id=shift.id, volunteer_id=who.id, at=BEFORE, **more
        )


@pytest.fixture
def world(app: Flask) -> World:
    return World(a_city())


def refused(code: str, work: Any, *args: Any, **kwargs: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        work(*args, **kwargs)
    assert caught.value.code == code, caught.value.sentence
    return caught.value


def test_a_draft_begins_with_what_is_published(world: World) -> None:
    an_assignment(world.early, world.people[0])
    an_assignment(world.early, world.people[1], AssignmentState.DECLINED)
    draft = world.draft()
    assert set(seats_of(draft.id)) == {(world.early.id, world.people[0].id)}
    assert changes_of(draft, at=BEFORE).is_empty


def test_place_move_remove_and_undo(world: World) -> None:
    draft, who = world.draft(), world.people[0]
    placed = world.place(draft, world.early, who, version=1)
    assert placed.version == 2
    assert any("改善" in one.words for one in placed.verdict.said), "a gap gets smaller"
    moved = move_seat(
        world.actor, draft.id, (world.early.id, who.id), to=world.late.id, version=2, at=BEFORE
    )
    assert moved.version == 3
    remove_seat(world.actor, draft.id, shift_id=world.late.id, volunteer_id=who.id, at=BEFORE)
    assert seats_of(draft.id) == {}
    for expected in ({(world.late.id, who.id)}, {(world.early.id, who.id)}, set()):
        assert undo_move(world.actor, draft.id, at=BEFORE) == who.name
        db.session.expire_all()
        assert set(seats_of(draft.id)) == expected
    refused("nothing_to_undo", undo_move, world.actor, draft.id, at=BEFORE)
    acts = db.session.scalars(select(AuditEntry.act).order_by(AuditEntry.id)).all()
    assert acts == ["open_draft", *["change_draft"] * 3, *["undo_move"] * 3]


def test_an_old_version_is_told_to_look_again(world: World) -> None:
    draft = world.draft()
    world.place(draft, world.early, world.people[0], version=1)
    refused("changed_meanwhile", world.place, draft, world.early, world.people[1], version=1)
    refused(
        "changed_meanwhile",
        remove_seat,
        world.actor,
        draft.id,
        shift_id=world.late.id,
        volunteer_id=world.people[0].id,
        at=BEFORE,
    )
    refused("changed_meanwhile", publish_roster, world.actor, draft.id, version=1, at=BEFORE)


def test_hard_rules_refuse_with_all_reasons_unless_forced(world: World) -> None:
    draft = world.draft()
    old = a_volunteer(world.city.unit, "李大爷", birth_year=1940)
    available(old, 3)
    found = refused("breaks_rules", world.place, draft, world.early, old)
    assert len(found.details) == 2
    assert "李大爷" in found.sentence
    placed = world.place(draft, world.early, old, force="本人坚持，单位同意")
    assert not placed.verdict.is_allowed
    seat = seats_of(draft.id)[world.early.id, old.id]
    assert seat.forced_reason == "本人坚持，单位同意"
    line = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert line is not None
    assert line.reason == "本人坚持，单位同意"


def test_what_no_reason_can_force(world: World) -> None:
    draft = world.draft()
    paused = a_volunteer(world.city.unit, state=VolunteerState.PAUSED)
    refused("breaks_rules", world.place, draft, world.early, paused, force="一定要")
    world.early.state = ShiftState.CANCELLED
    db.session.flush()
    refused("breaks_rules", world.place, draft, world.early, world.people[0], force="一定要")


def test_a_full_shift_apart_people_and_double_booking_are_seen(world: World) -> None:
    draft = world.draft()
    one, other = world.people[:2]
    db.session.add(Apart(first_id=one.id, second_id=other.id, unit_id=one.unit_id))
    world.place(draft, world.early, one)
    found = refused("breaks_rules", world.place, draft, world.early, other)
    assert "需分开安排" in found.sentence
    refused("already_there", world.place, draft, world.early, one)
    far = a_shift(an_activity(world.city.unit), start="07:45", end="08:45")
    found = refused("breaks_rules", world.place, draft, far, one)
    assert "同一时间" in found.sentence
    world.late.max_heads = world.late.target_heads = 2
    for who in world.people[1:3]:
        world.place(draft, world.late, who)
    found = refused("breaks_rules", world.place, draft, world.late, world.people[3])
    assert "上限2人" in found.sentence


def test_two_people_change_places(world: World) -> None:
    draft = world.draft()
    one, other = world.people[:2]
    world.place(draft, world.early, one)
    world.place(draft, world.late, other)
    swap_seats(
        world.actor,
        draft.id,
        one=(world.early.id, one.id),
        other=(world.late.id, other.id),
        at=BEFORE,
    )
    assert set(seats_of(draft.id)) == {(world.late.id, one.id), (world.early.id, other.id)}
    refused(
        "changed_meanwhile",
        swap_seats,
        world.actor,
        draft.id,
        one=(world.early.id, one.id),
        other=(world.late.id, other.id),
        at=BEFORE,
    )
    undo_move(world.actor, draft.id, at=BEFORE)
    db.session.expire_all()
    assert set(seats_of(draft.id)) == {(world.early.id, one.id), (world.late.id, other.id)}


def test_publishing_proposes_cancels_and_tells_each_person_once(world: World) -> None:
    stays, goes, comes, both = world.people
    an_assignment(world.early, stays)
    dropped = an_assignment(world.early, goes)
    an_assignment(world.tuesday, both, AssignmentState.PROPOSED)
    draft = world.draft()
    remove_seat(world.actor, draft.id, shift_id=world.early.id, volunteer_id=goes.id, at=BEFORE)
    world.place(draft, world.late, comes)
    move_seat(world.actor, draft.id, (world.tuesday.id, both.id), to=world.late.id, at=BEFORE)
    done = publish_roster(world.actor, draft.id, version=draft.version, at=BEFORE)
    assert (len(done.changes.added), len(done.changes.dropped)) == (2, 2)
    assert done.told == 3
    assert (dropped.state, dropped.cancel_cause) == (
        AssignmentState.CANCELLED,
        CancelCause.REPLACED,
    )
    fresh = db.session.scalars(select(Assignment).where(Assignment.shift_id == world.late.id)).all()
    assert {seat.state for seat in fresh} == {AssignmentState.PROPOSED}
    assert {seat.draft_id for seat in fresh} == {draft.id}
    told = {m.volunteer_id: m for m in db.session.scalars(select(Message))}
    assert set(told) == {goes.id, comes.id, both.id}
    assert "不要前往" in told[goes.id].body
    assert "请确认" in told[both.id].body
    assert "不要前往" in told[both.id].body
    assert draft.state is DraftState.PUBLISHED
    db.session.expire_all()
    assert world.early.state is ShiftState.PUBLISHED
    refused("draft_closed", publish_roster, world.actor, draft.id, version=draft.version, at=NOW)
    refused("draft_closed", world.place, draft, world.early, goes)


def test_publishing_keeps_what_people_said_since(world: World) -> None:
    said_yes, said_no, signed_up = world.people[:3]
    yes = an_assignment(world.early, said_yes, AssignmentState.PROPOSED)
    no = an_assignment(world.early, said_no, AssignmentState.PROPOSED)
    draft = world.draft()
    remove_seat(world.actor, draft.id, shift_id=world.early.id, volunteer_id=said_yes.id, at=BEFORE)
    yes.state, no.state = AssignmentState.ACCEPTED, AssignmentState.DECLINED
    an_assignment(world.late, signed_up)
    db.session.flush()
    done = publish_roster(world.actor, draft.id, version=draft.version, at=BEFORE)
    assert set(done.changes.kept) == {
        (world.early.id, said_yes.id),
        (world.late.id, signed_up.id),
    }
    assert done.changes.skipped == {(world.early.id, said_no.id): "refused"}
    assert (yes.state, no.state) == (AssignmentState.ACCEPTED, AssignmentState.DECLINED)
    assert done.told == 0


def test_a_cancelled_seat_is_asked_anew_in_its_own_row(world: World) -> None:
    who = world.people[0]
    seat = an_assignment(
        world.early, who, AssignmentState.CANCELLED, cancel_cause=CancelCause.REPLACED
    )
    draft = world.draft()
    world.place(draft, world.early, who)
    publish_roster(world.actor, draft.id, version=draft.version, at=BEFORE)
    assert (seat.state, seat.cancel_cause, seat.version) == (AssignmentState.PROPOSED, None, 2)
    assert db.session.scalar(select(func.count()).select_from(Assignment)) == 1


def test_somebody_who_may_lead_leads_where_nobody_is_named(world: World) -> None:
    skill = a_skill()
    leader = world.people[2]
    db.session.add(Qualification(volunteer_id=leader.id, skill_id=skill.id, confirmed_at=NOW))
    draft = world.draft()
    for who in world.people[:3]:
        world.place(draft, world.early, who)
    done = publish_roster(world.actor, draft.id, version=draft.version, at=BEFORE)
    db.session.expire_all()
    assert done.leaders == 1
    assert world.early.leader_id == leader.id
    message = db.session.scalars(select(Message).where(Message.volunteer_id == leader.id)).one()
    assert "您带队" in message.body


def test_people_taken_elsewhere_since_are_not_double_booked(world: World) -> None:
    draft = world.draft()
    world.place(draft, world.early, world.people[0])
    other = a_shift(an_activity(world.city.other_unit), start="08:00", end="09:00")
    an_assignment(other, world.people[0], AssignmentState.PROPOSED)
    done = publish_roster(world.actor, draft.id, version=draft.version, at=BEFORE)
    assert done.changes.skipped == {(world.early.id, world.people[0].id): "busy"}


def test_a_draft_is_given_up(world: World) -> None:
    seat = an_assignment(world.early, world.people[0])
    draft = world.draft()
    discard_draft(world.actor, draft.id, at=BEFORE)
    assert draft.state is DraftState.DISCARDED
    assert seat.state is AssignmentState.ACCEPTED
    refused("draft_closed", publish_roster, world.actor, draft.id, version=draft.version, at=NOW)


def test_strangers_find_no_draft(world: World) -> None:
    draft = world.draft()
    stranger = actor(world.city.other_organizer)
    for work in (
        lambda: publish_roster(stranger, draft.id, version=1, at=BEFORE),
        lambda: discard_draft(stranger, draft.id, at=BEFORE),
        lambda: undo_move(stranger, draft.id, at=BEFORE),
        lambda: place_seat(stranger, draft.id, shift_id=world.early.id, volunteer_id=1, at=BEFORE),
    ):
        assert refused("not_found", work).status == 404
    auditor = actor(world.city.auditor)
    assert (
        refused("not_allowed", publish_roster, auditor, draft.id, version=1, at=NOW).status == 403
    )
    assert db.session.scalar(select(func.count()).select_from(DraftSeat)) == 0


def test_pins_are_made_changed_and_taken_away(world: World) -> None:
    who = world.people[0]
    given = {"shift_id": world.early.id, "volunteer_id": who.id, "at": BEFORE}
    pin = pin_seat(world.actor, verdict=PinVerdict.MUST, reason="熟悉路口", **given)
    refused("already_so", pin_seat, world.actor, verdict=PinVerdict.MUST, **given)
    assert pin_seat(world.actor, verdict=PinVerdict.NEVER, **given).id == pin.id
    unpin_seat(world.actor, **given)
    refused("no_pin", unpin_seat, world.actor, **given)
    assert db.session.scalar(select(func.count()).select_from(Pin)) == 0
    stranger = actor(world.city.other_organizer)
    assert refused("not_found", pin_seat, stranger, verdict=PinVerdict.MUST, **given).status == 404
    foreign = {**given, "volunteer_id": world.city.other_volunteer.id}
    refused("not_found", pin_seat, world.actor, verdict=PinVerdict.MUST, **foreign)


def test_a_pinned_person_is_not_moved_without_a_reason(world: World) -> None:
    draft, who = world.draft(), world.people[0]
    world.place(draft, world.early, who)
    pin_seat(
        world.actor,
        shift_id=world.early.id,
        volunteer_id=who.id,
        verdict=PinVerdict.MUST,
        at=BEFORE,
    )
    found = refused(
        "breaks_rules",
        move_seat,
        world.actor,
        draft.id,
        (world.early.id, who.id),
        to=world.late.id,
        at=BEFORE,
    )
    assert "锁定" in found.sentence


def mend(world: World) -> tuple[Shift, Any]:
    world.early.state = ShiftState.PUBLISHED
    db.session.flush()
    return world.early, {"shift_id": world.early.id, "at": BEFORE}


def test_a_seat_is_offered_and_covers_a_decline(world: World) -> None:
    shift, given = mend(world)
    lost = an_assignment(shift, world.people[0], AssignmentState.DECLINED)
    seat = offer_seat(world.actor, volunteer_id=world.people[1].id, covers_id=lost.id, **given)
    assert (seat.state, seat.source, seat.covers_id) == (
        AssignmentState.PROPOSED,
        "cover",
        lost.id,
    )
    assert world.people[1].last_asked_at == BEFORE
    message = db.session.scalars(select(Message)).one()
    assert message.volunteer_id == world.people[1].id
    refused(
        "not_found",
        offer_seat,
        world.actor,
        volunteer_id=world.people[2].id,
        covers_id=seat.id,
        **given,
    )


def test_who_said_no_is_asked_again_with_a_reason_only(world: World) -> None:
    shift, given = mend(world)
    an_assignment(shift, world.people[0], AssignmentState.DECLINED)
    refused("breaks_rules", offer_seat, world.actor, volunteer_id=world.people[0].id, **given)
    seat = offer_seat(world.actor, volunteer_id=world.people[0].id, force="本人电话同意", **given)
    assert seat.state is AssignmentState.PROPOSED


def test_offers_respect_seats_times_and_states(world: World) -> None:
    shift, given = mend(world)
    for who in world.people:
        an_assignment(shift, who)
    extra = a_volunteer(world.city.unit)
    available(extra)
    refused("full", offer_seat, world.actor, volunteer_id=extra.id, force="加一个", **given)
    late = {**given, "at": shift.starts_at}
    refused("shift_closed", offer_seat, world.actor, volunteer_id=extra.id, **late)
    planned = {**given, "shift_id": world.tuesday.id}
    refused("shift_closed", offer_seat, world.actor, volunteer_id=extra.id, **planned)
    stranger = actor(world.city.other_organizer)
    refused("not_found", offer_seat, stranger, volunteer_id=extra.id, **given)
    foreign = world.city.other_volunteer.id
    refused("not_found", offer_seat, world.actor, volunteer_id=foreign, **given)


def test_somebody_is_added_on_the_spot(world: World) -> None:
    shift, _ = mend(world)
    who = a_volunteer(world.city.unit)
    available(who, 6)
    given = {"shift_id": shift.id, "volunteer_id": who.id}
    refused(
        "too_early", add_on_the_spot, world.actor, at=shift.starts_at - timedelta(hours=3), **given
    )
    refused("shift_closed", add_on_the_spot, world.actor, at=shift.ends_at, **given)
    seat = add_on_the_spot(world.actor, at=shift.starts_at + timedelta(minutes=5), **given)
    assert seat.state is AssignmentState.ACCEPTED
    refused("already_there", add_on_the_spot, world.actor, at=shift.starts_at, **given)
    other = a_shift(an_activity(world.city.unit), start="08:00", end="09:00")
    busy = {**given, "shift_id": other.id}
    refused("elsewhere", add_on_the_spot, world.actor, at=other.starts_at, **busy)
    paused = a_volunteer(world.city.unit, state=VolunteerState.PAUSED)
    gone = {**given, "volunteer_id": paused.id}
    refused("not_active", add_on_the_spot, world.actor, at=shift.starts_at, **gone)


def test_a_person_is_released_with_a_reason(world: World) -> None:
    shift, given = mend(world)
    who = world.people[0]
    seat = an_assignment(shift, who)
    refused("reason_missing", release_seat, world.actor, volunteer_id=who.id, reason=" ", **given)
    release_seat(world.actor, volunteer_id=who.id, reason="人手已够", **given)
    assert (seat.state, seat.cancel_cause) == (AssignmentState.CANCELLED, CancelCause.BY_UNIT)
    refused("no_seat", release_seat, world.actor, volunteer_id=who.id, reason="再次", **given)
    message = db.session.scalars(select(Message)).one()
    assert "人手已够" in message.body
