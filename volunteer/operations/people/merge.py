"""Merging two profiles of one person (合并): one is kept, the other points to it, no hour is rewritten."""

from datetime import datetime

from sqlalchemy import delete, func, or_, select, update

from volunteer.domain.access import Act, Actor
from volunteer.domain.lifecycle import advance
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import AssignmentState, CancelCause, VolunteerState
from volunteer.domain.timekeeping import clock_at, day_words, local_date
from volunteer.models.activities import Shift, Wish
from volunteer.models.base import db
from volunteer.models.people import (
    Account,
    Apart,
    Availability,
    Invitation,
    Pause,
    Qualification,
    Volunteer,
)
from volunteer.models.rosters import Assignment
from volunteer.operations.journal import note, tell
from volunteer.operations.people.register import reached, sync_account
from volunteer.operations.people.roles import shut_account
from volunteer.operations.people.seats import SEATED
from volunteer.queries.people.person import profile_ids
from volunteer.queries.roles import require_over
from volunteer.queries.taken import at_one_time

FACTS = (
    "sex",
    "birth_year",
    "community_id",
    "home_lat",
    "home_lon",
    "national_number",
    "phone_cipher",
    "phone_index",
    "guardian_phone_cipher",
    "guardian_consent_at",
)
"""What the kept profile takes over where it knows nothing itself."""


def merge_volunteers(
    actor: Actor, kept_id: int, dropped_id: int, *, reason: str, at: datetime
) -> Volunteer:
    """Merge the second profile into the first; both within the actor's reach.

    Service records and ledger entries stay with the profile that earned them; whoever adds up a person's
    hours counts all profiles (``profile_ids``). Raises Refused ``same_person``, ``different_people``,
    ``reason_missing``, ``merged_away``, ``at_one_time``, ``not_found``.
    """
    if kept_id == dropped_id:
        raise Refused("same_person", "请选择另一份资料。", field="other", status=422)
    if not reason.strip():
        raise Refused("reason_missing", "请写明合并的依据。", field="reason", status=422)
    first, second = sorted((kept_id, dropped_id))
    rows = {found: reached(actor, found) for found in (first, second)}  # locked in one order
    kept, dropped = rows[kept_id], rows[dropped_id]
    if kept.state is VolunteerState.LEFT and dropped.state is not VolunteerState.LEFT:
        raise Refused(
            "keep_the_living",
            "保留的一份已退出，另一份还在服务。",
            "请反过来：保留还在服务的那一份。",
        )
    _never_in_two_places(kept, dropped)
    number = _one_number(kept, dropped)
    _one_login(actor, kept, dropped, at=at)
    _take_over(kept, dropped)
    _leave_nothing_open(dropped, at=at)
    moved = _one_roster(kept, dropped, at=at)
    dropped.merged_into_id = kept.id
    before = dropped.state
    if dropped.state is not VolunteerState.LEFT:
        dropped.state = advance(dropped.state, VolunteerState.LEFT)
    dropped.id_cipher, dropped.id_index = None, None
    dropped.phone_cipher, dropped.phone_index = None, None
    db.session.flush()  # the number must be free before the kept profile takes it
    if number is not None:
        kept.id_cipher, kept.id_index = number
    db.session.execute(
        update(Volunteer)
        .where(Volunteer.merged_into_id == dropped.id)
        .values(merged_into_id=kept.id)
    )
    for row in (kept, dropped):
        row.version += 1
    sync_account(kept)
    _told(actor, kept, dropped, before, moved, reason=reason.strip(), at=at)
    return kept


def _never_in_two_places(kept: Volunteer, dropped: Volunteer) -> None:
    """Two profiles that were at work at one time are two people, or one of the records is wrong."""
    clash = at_one_time(profile_ids(kept.id), profile_ids(dropped.id))
    if clash is not None:
        raise Refused(
            "at_one_time",
            "两份资料在 %(day)s %(time)s 同时有签到或时长，一个人不会同时在两处。",
            "是同一个人，请先作废或更正不对的一条再合并；是两个人，请不要合并。",
            values={
                "day": day_words(local_date(clash.starts_at)),
                "time": clock_at(clash.starts_at),
            },
        )


def _one_number(kept: Volunteer, dropped: Volunteer) -> tuple[bytes, bytes] | None:
    """The document number that the kept profile takes over, if it has none."""
    if kept.id_index is not None and dropped.id_index is not None:
        raise Refused(
            "different_people",
            "两份资料的证件号码不同，是两个人。",
            "如果其中一个号码填错，请先改正再合并。",
        )
    if kept.id_index is None and dropped.id_index is not None and dropped.id_cipher is not None:
        return dropped.id_cipher, dropped.id_index
    return None


def _one_login(actor: Actor, kept: Volunteer, dropped: Volunteer, *, at: datetime) -> None:
    logins = {
        account.volunteer_id: account
        for account in db.session.scalars(
            select(Account).where(Account.volunteer_id.in_((kept.id, dropped.id)))
        )
    }
    mine, other = logins.get(kept.id), logins.get(dropped.id)
    if other is None:
        return
    require_over(actor, Act.MANAGE_PEOPLE, other)
    if mine is None:
        other.volunteer_id = kept.id
        db.session.flush()
    else:
        shut_account(other, at=at)


def _take_over(kept: Volunteer, dropped: Volunteer) -> None:
    for name in FACTS:
        if getattr(kept, name) is None:
            setattr(kept, name, getattr(dropped, name))
    kept.guardian_name = kept.guardian_name or dropped.guardian_name
    kept.has_guardian_consent = kept.has_guardian_consent or dropped.has_guardian_consent
    held = select(Qualification.skill_id).where(Qualification.volunteer_id == kept.id)
    wished = select(Wish.kind_id).where(Wish.volunteer_id == kept.id)
    db.session.execute(
        update(Qualification)
        .where(
            Qualification.volunteer_id == dropped.id,
            Qualification.skill_id.not_in(db.session.scalars(held).all()),
        )
        .values(volunteer_id=kept.id)
    )
    db.session.execute(
        update(Wish)
        .where(
            Wish.volunteer_id == dropped.id,
            Wish.kind_id.not_in(db.session.scalars(wished).all()),
        )
        .values(volunteer_id=kept.id)
    )
    windows = db.session.scalar(
        select(func.count()).select_from(Availability).where(Availability.volunteer_id == kept.id)
    )
    if not windows:
        db.session.execute(
            update(Availability)
            .where(Availability.volunteer_id == dropped.id)
            .values(volunteer_id=kept.id)
        )


def _leave_nothing_open(dropped: Volunteer, *, at: datetime) -> None:
    db.session.execute(
        delete(Apart).where(or_(Apart.first_id == dropped.id, Apart.second_id == dropped.id))
    )
    db.session.execute(
        update(Invitation).where(Invitation.volunteer_id == dropped.id).values(uses_left=0)
    )
    db.session.execute(
        update(Pause)
        .where(Pause.volunteer_id == dropped.id, Pause.ended_at.is_(None))
        .values(ended_at=at)
    )


def _one_roster(kept: Volunteer, dropped: Volunteer, *, at: datetime) -> dict[str, int]:
    """Move the seats ahead to the kept profile; where it stands already, the double seat is cancelled."""
    rows = db.session.execute(
        select(Assignment, Shift.starts_at, Shift.ends_at)
        .join(Shift, Shift.id == Assignment.shift_id)
        .where(
            Assignment.volunteer_id.in_((kept.id, dropped.id)),
            Shift.starts_at > at,
        )
        .with_for_update(of=Assignment)
    ).all()
    known = {seat.shift_id for seat, _, _ in rows if seat.volunteer_id == kept.id}
    busy = [
        (start, end)
        for seat, start, end in rows
        if seat.volunteer_id == kept.id and seat.state in SEATED
    ]
    counts = {"moved": 0, "cancelled": 0}
    for seat, start, end in rows:
        if seat.volunteer_id != dropped.id or seat.state not in SEATED:
            continue
        clash = any(start < other_end and other_start < end for other_start, other_end in busy)
        if seat.shift_id in known or clash:
            seat.state = advance(seat.state, AssignmentState.CANCELLED)
            seat.cancel_cause = CancelCause.REPLACED
            counts["cancelled"] += 1
        else:
            seat.volunteer_id, seat.unit_id = kept.id, kept.unit_id
            counts["moved"] += 1
        seat.version += 1
    db.session.execute(
        update(Shift)
        .where(Shift.leader_id == dropped.id, Shift.starts_at > at)
        .values(leader_id=kept.id)
    )
    return counts


def _told(  # noqa: PLR0913 - both sides of the merge, what moved, and why
    actor: Actor,
    kept: Volunteer,
    dropped: Volunteer,
    before: VolunteerState,
    moved: dict[str, int],
    *,
    reason: str,
    at: datetime,
) -> None:
    note(
        actor,
        "merge_volunteers",
        kept,
        f"把 {dropped.name}（{dropped.number}）合并到 {kept.name}（{kept.number}）",
        at=at,
        unit_id=kept.unit_id,
        after={"dropped_id": dropped.id, **moved},
        reason=reason,
    )
    note(
        actor,
        "merged_away",
        dropped,
        f"{dropped.name}（{dropped.number}）已合并到 {kept.number}",
        at=at,
        unit_id=dropped.unit_id,
        before={"state": before.value},
        after={"state": dropped.state.value, "merged_into_id": kept.id},
        reason=reason,
    )
    tell(
        topic="merged",
        title="您的两份志愿者资料已合并",
        body=f"以后使用编号 {kept.number}。两份资料的服务时长都计在您名下，一分钟不少。",
        at=at,
        volunteer_id=kept.id,
        link="/me/profile",
    )
