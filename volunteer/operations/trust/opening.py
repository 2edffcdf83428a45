"""Opening cases (开启核查): what the rules saw becomes a question. No hour is touched here."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from volunteer.domain.policy import Policy
from volunteer.domain.signals import (
    Sighting,
    look_at_person,
    look_at_plans,
    look_at_shift,
    look_at_unit,
    weight,
)
from volunteer.domain.terms import CaseState, CaseStep, CaseSubject, Role
from volunteer.domain.timekeeping import local_date
from volunteer.models.activities import Activity, Shift
from volunteer.models.base import db
from volunteer.models.people import Account, RoleGrant, Volunteer
from volunteer.models.trust import CaseEvidence, ShiftLook, TrustCase, TrustLook
from volunteer.operations.journal import tell
from volunteer.operations.trust.steps import move
from volunteer.queries.policy import policy_on
from volunteer.queries.trust.looking import people_seen, plans_seen, shift_seen
from volunteer.queries.trust.units import unit_seen, units_that_recorded

PART = 400


def look_at_settled(shift_id: int, *, at: datetime) -> list[TrustCase]:
    """Look at a settled shift and at everybody who served on it, once; returns the cases that were opened.

    Safe to run twice: what was seen before is no new evidence.
    """
    if db.session.get(ShiftLook, shift_id) is not None:
        return []
    seen = shift_seen(shift_id)
    policy = policy_on(local_date(seen.window.starts_at))
    sightings = look_at_shift(seen, policy)
    people = {stamp.volunteer_id for stamp in seen.stamps}
    until = seen.window.ends_at + timedelta(days=1)
    since = until - timedelta(days=policy.look_back_days)
    for person in people_seen(people, since=since, until=until):
        sightings += look_at_person(person, policy)
    db.session.add(ShiftLook(shift_id=shift_id, at=at, sightings=len(sightings)))
    return open_cases(sightings, policy, at=at)


def look_at_units(day: date, *, at: datetime) -> list[TrustCase]:
    """Look at every unit's month up to a day, and at the planned lengths of the city, once for each day."""
    if db.session.get(TrustLook, day) is not None:
        return []
    policy = policy_on(day)
    first = day.replace(day=1)
    sightings = look_at_plans(plans_seen(day - timedelta(days=92), day), policy)
    recent = day - timedelta(days=policy.look_back_days)
    sightings = [one for one in sightings if _is_recent(one, recent)]
    for unit_id in units_that_recorded(first, day):
        sightings += look_at_unit(unit_seen(unit_id, first, day), policy)
    opened = open_cases(sightings, policy, at=at)
    db.session.add(TrustLook(day=day, at=at, sightings=len(sightings), cases=len(opened)))
    return opened


def _is_recent(one: Sighting, since: date) -> bool:
    on = db.session.scalar(select(Shift.service_on).where(Shift.id == one.subject_id))
    return on is not None and on >= since


def open_cases(sightings: Iterable[Sighting], policy: Policy, *, at: datetime) -> list[TrustCase]:
    """Open a case for each subject whose new sightings weigh enough; add them where a case is open already.

    Returns the cases that were opened. Changes no hour and refuses nobody anything.
    """
    fresh = _unknown(list(sightings))
    by_subject: dict[tuple[CaseSubject, int], list[Sighting]] = {}
    for one in fresh:
        by_subject.setdefault((one.subject, one.subject_id), []).append(one)
    opened = []
    for (subject, subject_id), seen in sorted(by_subject.items()):
        case = db.session.scalar(
            select(TrustCase)
            .where(
                TrustCase.subject == subject,
                TrustCase.subject_id == subject_id,
                TrustCase.is_open.is_(True),
            )
            .with_for_update()
        )
        if case is not None:
            _add(case, seen, at)
            continue
        score = weight(seen)
        if score >= policy.case_score:
            opened.append(_open(subject, subject_id, seen, score, policy, at))
    _tell_desks(opened, at)
    return opened


def _unknown(sightings: Sequence[Sighting]) -> list[Sighting]:
    """Those that are no evidence yet, each key once."""
    by_key = {one.key: one for one in sightings}
    keys = sorted(by_key)
    for start in range(0, len(keys), PART):
        part = keys[start : start + PART]
        for known in db.session.scalars(select(CaseEvidence.key).where(CaseEvidence.key.in_(part))):
            by_key.pop(known, None)
    return list(by_key.values())


def _place_of(subject: CaseSubject, subject_id: int, seen: Sequence[Sighting]) -> dict[str, Any]:
    """On whose desk a case lies: of the unit that recorded the hours."""
    if subject is CaseSubject.UNIT:
        return {"unit_id": subject_id}
    shift_id = (
        subject_id
        if subject is CaseSubject.SHIFT
        else next((one.shift_id for one in seen if one.shift_id is not None), None)
    )
    unit_id = db.session.scalar(
        select(Activity.unit_id)
        .join(Shift, Shift.activity_id == Activity.id)
        .where(Shift.id == shift_id)
    )
    person = subject_id if subject is CaseSubject.PERSON else None
    if unit_id is None:
        unit_id = db.session.scalar(select(Volunteer.unit_id).where(Volunteer.id == person))
    return {"unit_id": unit_id, "volunteer_id": person, "shift_id": shift_id}


def _open(
    subject: CaseSubject,
    subject_id: int,
    seen: Sequence[Sighting],
    score: int,
    policy: Policy,
    at: datetime,
) -> TrustCase:
    case = TrustCase(
        subject=subject,
        subject_id=subject_id,
        state=CaseState.OPEN,
        score=score,
        rule_version=policy.rule_version,
        opened_at=at,
        version=0,
        **_place_of(subject, subject_id, seen),
    )
    db.session.add(case)
    db.session.flush()
    _keep(case, seen, at)
    words = "、".join(dict.fromkeys(one.code.label for one in seen))
    move(case, None, CaseStep.OPENED, actor=None, reason=words, at=at)
    return case


def _add(case: TrustCase, seen: Sequence[Sighting], at: datetime) -> None:
    _keep(case, seen, at)
    case.score = max(case.score, weight(seen))
    words = "、".join(dict.fromkeys(one.code.label for one in seen))
    move(case, None, CaseStep.ADDED, actor=None, reason=words, at=at)


def _keep(case: TrustCase, seen: Sequence[Sighting], at: datetime) -> None:
    db.session.add_all(
        CaseEvidence(
            case_id=case.id,
            code=one.code,
            score=one.score,
            template=one.template,
            values=dict(one.values),
            key=one.key[:120],
            shift_id=one.shift_id,
            activity_id=one.activity_id,
            stamp_ids=list(one.stamp_ids),
            record_ids=list(one.record_ids),
            seen_at=at,
        )
        for one in seen
    )
    db.session.flush()


def _tell_desks(opened: Sequence[TrustCase], at: datetime) -> None:
    """One message a day to the organizers of each unit on whose desk cases were laid."""
    units = sorted({case.unit_id for case in opened if case.subject is not CaseSubject.UNIT})
    if not units:
        return
    rows = db.session.execute(
        select(RoleGrant.unit_id, Account.id)
        .join(Account, Account.id == RoleGrant.account_id)
        .where(
            RoleGrant.role == Role.ORGANIZER,
            RoleGrant.unit_id.in_(units),
            RoleGrant.revoked_at.is_(None),
            Account.is_disabled.is_(False),
        )
        .order_by(Account.id)
    )
    for unit_id, account_id in rows:
        count = sum(case.unit_id == unit_id for case in opened)
        tell(
            topic="case",
            title=f"有 {count} 件核查事项待看",
            body="系统看到一些需要核实的线索。线索不是结论，请先请当事人说明，再作决定。",
            at=at,
            account_id=account_id,
            link="/cases",
            dedupe=f"cases:{unit_id}:{account_id}:{local_date(at)}",
        )
