"""Pausing, leaving, returning (暂停、退出、返回): with dates, and with what happens to the seats ahead."""

from datetime import date, datetime

from sqlalchemy import or_, select

from volunteer.domain.access import Actor
from volunteer.domain.lifecycle import advance
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import VolunteerState
from volunteer.domain.timekeeping import day_words, local_date
from volunteer.models.base import db
from volunteer.models.people import Account, Pause, Volunteer
from volunteer.operations.journal import note, tell
from volunteer.operations.people.register import reached
from volunteer.operations.people.roles import shut_account
from volunteer.operations.people.seats import Freed, free_seats

LONGEST_DAYS = 366


def pause_volunteer(
    actor: Actor,
    volunteer_id: int,
    *,
    since_on: date,
    until_on: date | None,
    reason: str,
    at: datetime,
) -> Freed:
    """Take a person out of service for a stretch (请假、公出、产假), open without an end.

    Seats in the stretch are cancelled, the person and the organizers told; the scheduler and the shares
    of fairness leave the stretch out. Raises Refused ``reason_missing``, ``wrong_dates``,
    ``pause_overlaps``, ``wrong_state``, and what ``reached`` raises.
    """
    person = reached(actor, volunteer_id)
    return start_pause(actor, person, since_on=since_on, until_on=until_on, reason=reason, at=at)


def start_pause(  # noqa: PLR0913 - a pause has this many parts
    actor: Actor,
    person: Volunteer,
    *,
    since_on: date,
    until_on: date | None,
    reason: str,
    at: datetime,
) -> Freed:
    """Pause a person whose row the caller reached and locked; see ``pause_volunteer``."""
    today = local_date(at)
    _require_dates(since_on, until_on, today)
    if not reason.strip():
        raise Refused("reason_missing", "请写明原因。", field="reason", status=422)
    if person.state not in (VolunteerState.ACTIVE, VolunteerState.PAUSED):
        raise Refused(
            "wrong_state",
            "%(name)s 现在是“%(state)s”，不能暂停。",
            "请先办理确认或返回。",
            values={"name": person.name, "state": person.state.label},
        )
    _require_clear(person, since_on, until_on)
    pause = Pause(
        volunteer_id=person.id,
        since_on=since_on,
        until_on=until_on,
        reason=reason.strip()[:100],
        made_by_id=actor.account_id,
        made_at=at,
    )
    db.session.add(pause)
    if until_on is None and since_on <= today and person.state is VolunteerState.ACTIVE:
        person.state = advance(person.state, VolunteerState.PAUSED)
    person.version += 1
    freed = free_seats(
        actor, person, reason=pause.reason, at=at, since_on=since_on, until_on=until_on
    )
    _tell_of_pause(actor, person, pause, freed, at=at)
    return freed


def _tell_of_pause(
    actor: Actor, person: Volunteer, pause: Pause, freed: Freed, *, at: datetime
) -> None:
    since_on, until_on = pause.since_on, pause.until_on
    stretch = f"{day_words(since_on)} 至 {day_words(until_on) if until_on else '另行通知'}"
    note(
        actor,
        "pause_volunteer",
        person,
        f"{person.name} 暂停服务：{stretch}，腾出 {freed.seats} 个班次",
        at=at,
        unit_id=person.unit_id,
        after={"since_on": since_on.isoformat(), "until_on": until_on and until_on.isoformat()},
        reason=pause.reason,
    )
    lost = f"已为您取消：{freed.said}。" if freed.seats else "期间没有已安排的班次。"
    tell(
        topic="paused",
        title="已登记暂停服务",
        body=f"{stretch}不安排班次。{lost}",
        at=at,
        volunteer_id=person.id,
        link="/me/profile",
    )


def _require_dates(since_on: date, until_on: date | None, today: date) -> None:
    if since_on < today:
        raise Refused("wrong_dates", "开始日期不能早于今天。", field="since_on", status=422)
    if until_on is not None and until_on < since_on:
        raise Refused("wrong_dates", "结束日期早于开始日期。", field="until_on", status=422)
    if until_on is not None and (until_on - since_on).days > LONGEST_DAYS:
        raise Refused(
            "wrong_dates",
            "一次最长一年。",
            "时间不定的请不填结束日期。",
            field="until_on",
            status=422,
        )


def _require_clear(person: Volunteer, since_on: date, until_on: date | None) -> None:
    clauses = [
        Pause.volunteer_id == person.id,
        Pause.ended_at.is_(None),
        or_(Pause.until_on.is_(None), Pause.until_on >= since_on),
    ]
    if until_on is not None:
        clauses.append(Pause.since_on <= until_on)
    other = db.session.scalar(select(Pause).where(*clauses).limit(1))
    if other is not None:
        end = day_words(other.until_on) if other.until_on else "另行通知"
        raise Refused(
            "pause_overlaps",
            "与已登记的暂停（%(since)s 至 %(end)s）重叠。",
            "请先结束原来的暂停。",
            field="since_on",
            values={"since": day_words(other.since_on), "end": end},
        )


def end_pauses(actor: Actor, volunteer_id: int, *, at: datetime) -> int:
    """End the pauses of a person that hold or lie ahead; returns how many. Seats are not given back.

    Raises Refused ``nothing_paused`` and what ``reached`` raises.
    """
    return resume(actor, reached(actor, volunteer_id), at=at)


def resume(actor: Actor, person: Volunteer, *, at: datetime) -> int:
    """End the pauses of a person whose row the caller reached and locked; see ``end_pauses``."""
    today = local_date(at)
    live = db.session.scalars(
        select(Pause).where(
            Pause.volunteer_id == person.id,
            Pause.ended_at.is_(None),
            or_(Pause.until_on.is_(None), Pause.until_on >= today),
        )
    ).all()
    if not live and person.state is not VolunteerState.PAUSED:
        raise Refused("nothing_paused", "现在没有暂停，无需恢复。")
    for pause in live:
        pause.ended_at = at
    if person.state is VolunteerState.PAUSED:
        person.state = advance(person.state, VolunteerState.ACTIVE)
    person.version += 1
    note(
        actor,
        "end_pause",
        person,
        f"{person.name} 恢复服务",
        at=at,
        unit_id=person.unit_id,
        after={"state": person.state.value},
    )
    tell(
        topic="resumed",
        title="已恢复服务",
        body="您可以重新被安排班次，请核对可服务时间。",
        at=at,
        volunteer_id=person.id,
        link="/me/profile/availability",
    )
    return len(live)


def begin_due_pauses(*, at: datetime) -> int:
    """Turn people to "paused" whose open pause begins today; run by the clock, safe to run twice."""
    today = local_date(at)
    due = db.session.scalars(
        select(Volunteer)
        .join(Pause, Pause.volunteer_id == Volunteer.id)
        .where(
            Volunteer.state == VolunteerState.ACTIVE,
            Pause.ended_at.is_(None),
            Pause.until_on.is_(None),
            Pause.since_on <= today,
        )
        .with_for_update(of=Volunteer)
    ).all()
    for person in due:
        person.state = advance(person.state, VolunteerState.PAUSED)
        person.version += 1
        note(
            None,
            "pause_begins",
            person,
            f"{person.name} 开始暂停服务",
            at=at,
            unit_id=person.unit_id,
            after={"state": person.state.value},
        )
    return len(due)


def let_go(actor: Actor, volunteer_id: int, *, reason: str, at: datetime) -> Freed:
    """Take a person off the register (退出): seats freed, login shut, records stay.

    Raises Refused ``reason_missing``, ``already_so``, and what ``reached`` raises.
    """
    if not reason.strip():
        raise Refused("reason_missing", "请写明原因。", field="reason", status=422)
    person = reached(actor, volunteer_id)
    return leave(actor, person, reason=reason.strip(), at=at)


def leave(actor: Actor, person: Volunteer, *, reason: str, at: datetime) -> Freed:
    """Let a person go whose row the caller reached and locked; see ``let_go``."""
    before = person.state
    person.state = advance(person.state, VolunteerState.LEFT)
    person.left_at = at
    person.version += 1
    freed = free_seats(actor, person, reason=reason, at=at)
    for pause in db.session.scalars(
        select(Pause).where(Pause.volunteer_id == person.id, Pause.ended_at.is_(None))
    ):
        pause.ended_at = at
    account = db.session.scalar(select(Account).where(Account.volunteer_id == person.id))
    if account is not None:
        shut_account(account, at=at)
    note(
        actor,
        "volunteer_left",
        person,
        f"{person.name} 退出，腾出 {freed.seats} 个班次",
        at=at,
        unit_id=person.unit_id,
        before={"state": before.value},
        after={"state": person.state.value},
        reason=reason,
    )
    return freed


def take_back(actor: Actor, volunteer_id: int, *, at: datetime) -> Volunteer:
    """Bring back a person who had left (返回): the profile waits for a fresh consent.

    Raises Refused ``nameless``, ``wrong_state``, ``already_so``, and what ``reached`` raises.
    """
    person = reached(actor, volunteer_id)
    if person.nameless_at is not None:
        raise Refused(
            "nameless", "记录保存期满，这份资料已经没有姓名。", "请重新登记，以前的时长另行核对。"
        )
    before = person.state
    person.state = advance(person.state, VolunteerState.AWAITING_CONSENT)
    person.left_at = None
    person.version += 1
    note(
        actor,
        "volunteer_returns",
        person,
        f"{person.name} 返回，待本人确认",
        at=at,
        unit_id=person.unit_id,
        before={"state": before.value},
        after={"state": person.state.value},
    )
    return person


def forget_contact(person: Volunteer) -> None:
    """Take out of a profile what no record needs: phone, home, guardian, remarks, publicity."""
    person.phone_cipher, person.phone_index = None, None
    person.home_lat, person.home_lon, person.community_id = None, None, None
    person.guardian_name, person.guardian_phone_cipher, person.note = "", None, ""
    person.is_public = False
