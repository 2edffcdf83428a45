"""Spot checks (现场抽查): drawn by the day's secret, told to the leader in the middle of the shift, carried out by eye or scan."""

import secrets
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from volunteer.domain import spot
from volunteer.domain.access import Act, Actor, require
from volunteer.domain.lifecycle import advance
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import Role, ShiftState, SpotState
from volunteer.domain.timekeeping import Window, clock_at, local_date
from volunteer.domain.token import read, verify
from volunteer.models.activities import Activity, Shift
from volunteer.models.base import db
from volunteer.models.cipher import decrypt, encrypt
from volunteer.models.people import Account, RoleGrant
from volunteer.models.trust import SpotCheck, SpotDay, SpotPerson
from volunteer.operations.journal import note, tell
from volunteer.queries.attendance import secret_of_shift
from volunteer.queries.onsite import people_present, site_of
from volunteer.queries.policy import policy_on


def secret_of_day(day: date, *, at: datetime) -> tuple[SpotDay, bytes]:
    """The day's row and its secret; whoever comes first makes it and logs its digest, before any shift is drawn."""
    row = db.session.get(SpotDay, day)
    if row is None:
        secret = secrets.token_bytes(spot.SECRET_BYTES)
        fresh = SpotDay(
            day=day,
            secret_cipher=encrypt(secret.hex()),
            commitment=spot.commitment(secret),
            percent=policy_on(day).spot_check_percent,
            made_at=at,
        )
        try:
            with db.session.begin_nested():
                db.session.add(fresh)
                db.session.flush()
        except IntegrityError:
            row = db.session.get_one(SpotDay, day, populate_existing=True)
        else:
            note(
                None,
                "spot_day",
                "spot_day",
                f"{day} 的抽查密钥已生成，摘要 {fresh.commitment.hex()}",
                at=at,
                after={"day": day.isoformat(), "commitment": fresh.commitment.hex()},
            )
            row = fresh
    return row, bytes.fromhex(decrypt(row.secret_cipher) or "")


def begin_spot_checks(*, at: datetime) -> list[SpotCheck]:
    """Begin the checks whose moment has come, of shifts that run now; each shift is asked once.

    Tomorrow's secret is made as well, so that its digest stands before the day begins.
    """
    today = local_date(at)
    secret_of_day(today + timedelta(days=1), at=at)
    begun = []
    rows = db.session.execute(
        select(Shift, Activity.unit_id)
        .join(Activity, Activity.id == Shift.activity_id)
        .outerjoin(SpotCheck, SpotCheck.shift_id == Shift.id)
        .where(
            Shift.state == ShiftState.PUBLISHED,
            Shift.starts_at <= at,
            Shift.ends_at > at,
            SpotCheck.id.is_(None),
        )
        .order_by(Shift.id)
    ).all()
    for shift, unit_id in rows:
        day, secret = secret_of_day(shift.service_on, at=at)
        if not spot.is_drawn(secret, shift.id, day.percent):
            continue
        due_at = spot.moment(secret, shift.id, Window(shift.starts_at, shift.ends_at))
        if due_at <= at:
            check = _begin(shift, unit_id, due_at, at)
            if check is not None:
                begun.append(check)
    return begun


def _begin(shift: Shift, unit_id: int, due_at: datetime, at: datetime) -> SpotCheck | None:
    minutes = policy_on(shift.service_on).spot_check_minutes
    check = SpotCheck(
        day=shift.service_on,
        shift_id=shift.id,
        unit_id=unit_id,
        due_at=due_at,
        expires_at=at + timedelta(minutes=minutes),
    )
    try:
        with db.session.begin_nested():
            db.session.add(check)
            db.session.flush()
    except IntegrityError:
        return None
    until = clock_at(check.expires_at)
    note(None, "spot_begun", check, f"现场抽查开始，{until} 前完成", at=at, unit_id=unit_id)
    title, body = "现场抽查", f"本班次被抽中。请在 {until} 前点名，或请大家扫您屏幕上的抽查码。"
    link = f"/onsite/{shift.id}/spot"
    if shift.leader_id is not None:
        tell(
            topic="spot",
            title=title,
            body=body,
            at=at,
            volunteer_id=shift.leader_id,
            link=link,
            dedupe=f"spot:{shift.id}",
        )
        return check
    for account_id in _organizers(unit_id):
        key = f"spot:{shift.id}:{account_id}"
        tell(
            topic="spot",
            title=title,
            body=body,
            at=at,
            account_id=account_id,
            link=link,
            dedupe=key,
        )
    return check


def _organizers(unit_id: int) -> list[int]:
    return list(
        db.session.scalars(
            select(Account.id)
            .join(RoleGrant, RoleGrant.account_id == Account.id)
            .where(
                RoleGrant.role == Role.ORGANIZER,
                RoleGrant.unit_id == unit_id,
                RoleGrant.revoked_at.is_(None),
                Account.is_disabled.is_(False),
            )
            .order_by(Account.id)
        )
    )


def _open_check(shift_id: int, at: datetime) -> SpotCheck:
    check = db.session.scalar(
        select(SpotCheck)
        .where(SpotCheck.shift_id == shift_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if check is None:
        raise Refused("no_spot", "本班次没有抽查。", "请返回现场页面。", status=404)
    if check.state is not SpotState.OPEN or at > check.expires_at:
        raise Refused("spot_over", "抽查已经结束。", "如有人没被见到，可以在名单中确认本人在场。")
    return check


def carry_out(
    actor: Actor, *, shift_id: int, found_ids: list[int], at: datetime
) -> list[SpotPerson]:
    """Call the roll in the middle of a shift: who stands checked in and is neither seen nor scanned is named.

    Their minutes will wait for somebody's word; nothing is taken away. Whoever calls the roll is not on it.
    Raises Refused ``no_spot``, ``spot_over``, and what ``require`` raises.
    """
    site = site_of(actor, shift_id, act=Act.RUN_ONSITE)
    require(actor, Act.RUN_ONSITE, unit_id=site.activity.unit_id, shift_id=shift_id)
    check = _open_check(shift_id, at)
    known = {row.volunteer_id: row for row in _people_of(check.id)}
    ticked = set(found_ids)
    for volunteer_id in people_present(shift_id):
        if volunteer_id in known or volunteer_id == actor.volunteer_id:
            continue
        row = SpotPerson(
            spot_id=check.id,
            volunteer_id=volunteer_id,
            is_found=volunteer_id in ticked,
            at=at,
        )
        db.session.add(row)
        known[volunteer_id] = row
    check.state = advance(check.state, SpotState.DONE)
    check.run_at, check.run_by_id = at, actor.account_id
    rows = list(known.values())
    missed = [row.volunteer_id for row in rows if not row.is_found]
    note(
        actor,
        "spot_done",
        check,
        f"现场抽查：见到 {len(rows) - len(missed)} 人，未见到 {len(missed)} 人",
        at=at,
        unit_id=check.unit_id,
        after={"found": len(rows) - len(missed), "missed": missed},
    )
    for volunteer_id in missed:
        tell(
            topic="spot",
            title="现场抽查没有见到您",
            body="如您在岗，请马上联系带队确认。确认前，本次时长会待确认，不会取消。",
            at=at,
            volunteer_id=volunteer_id,
            link=f"/me/duties/{shift_id}",
            dedupe=f"spot_missed:{shift_id}:{volunteer_id}",
        )
    return rows


def _people_of(spot_id: int) -> list[SpotPerson]:
    return list(db.session.scalars(select(SpotPerson).where(SpotPerson.spot_id == spot_id)))


def shift_of_code(text: str, *, at: datetime, seen_at: datetime | None = None) -> int:
    """The shift of a spot code that is fresh. Raises Refused ``bad_code``, ``old_code``, ``not_a_spot_code``."""
    code = read(text)
    known = secret_of_shift(code.subject) if code.is_spot else None
    if known is None:
        raise Refused("not_a_spot_code", "这不是抽查码。", "请扫描带队屏幕上的抽查码。")
    verify(code, known[0], seen_at or at)
    return code.subject


def show_up(
    actor: Actor, *, text: str, at: datetime, seen_at: datetime | None = None
) -> SpotPerson:
    """Answer a spot check by scanning the code on the leader's screen; the same scan twice is one.

    Raises Refused as :func:`shift_of_code`, ``no_spot``, ``spot_over``, ``not_in``.
    """
    require(actor, Act.OWN_STAMPS)
    assert actor.volunteer_id is not None, "only a volunteer holds this act"
    shift_id = shift_of_code(text, at=at, seen_at=seen_at)
    check = _open_check(shift_id, at)
    known = db.session.get(SpotPerson, (check.id, actor.volunteer_id))
    if known is not None:
        return known
    if actor.volunteer_id not in people_present(shift_id):
        raise Refused("not_in", "您没有在本班次签到。", "请先签到，或请带队为您点名。")
    row = SpotPerson(
        spot_id=check.id, volunteer_id=actor.volunteer_id, is_found=True, by_scan=True, at=at
    )
    db.session.add(row)
    note(actor, "spot_shown", check, f"{actor.name} 应答现场抽查", at=at, unit_id=check.unit_id)
    return row


def end_spot_checks(*, at: datetime) -> int:
    """End the checks whose time is over and that nobody carried out; nobody on site is blamed for it."""
    rows = list(
        db.session.scalars(
            select(SpotCheck)
            .where(SpotCheck.state == SpotState.OPEN, SpotCheck.expires_at < at)
            .with_for_update()
        )
    )
    for check in rows:
        check.state = advance(check.state, SpotState.UNRUN)
        note(None, "spot_unrun", check, "现场抽查没有进行", at=at, unit_id=check.unit_id)
    return len(rows)
