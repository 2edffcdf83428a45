"""Deciding star levels (评定星级): granted, held back, withdrawn; each a new row, nobody decides the own.

《志愿服务记录与证明出具办法（试行）》第十条 lets stars rest on time and quality: time makes eligible, the
office that decides looks at the rest and may hold back with a reason.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from volunteer.domain.access import Act, Actor, require, require_other
from volunteer.domain.policy import Policy
from volunteer.domain.recognition import may_decide, public_until, star_name
from volunteer.domain.refusal import Refused
from volunteer.domain.standing import eligible_star
from volunteer.domain.terms import AwardVerdict, VolunteerState
from volunteer.domain.timekeeping import day_words, local_date
from volunteer.models.base import db
from volunteer.models.people import Volunteer
from volunteer.models.recognition import StarDecision
from volunteer.operations.journal import note, tell
from volunteer.queries.calendar import work_calendar
from volunteer.queries.ledger import ledger_head
from volunteer.queries.policy import policy_on
from volunteer.queries.stars import decision_for, granted_levels, is_withdrawn, star_minutes

MOST_AT_ONCE = 200


def grant_stars(
    actor: Actor, levels: Mapping[int, int], *, as_of: date, at: datetime
) -> list[StarDecision]:
    """Grant to each person (number to level) the level for which minutes on ``as_of`` make eligible.

    All or nothing. Raises Refused ``nobody_chosen``, ``too_many``, ``in_the_future``, ``own_case``,
    ``not_yours``, ``not_your_level``, ``not_eligible``, ``already_granted``, ``not_serving``.
    """
    return _decide(actor, levels, AwardVerdict.GRANTED, "", as_of=as_of, at=at)


def hold_stars(
    actor: Actor, levels: Mapping[int, int], *, reason: str, as_of: date, at: datetime
) -> list[StarDecision]:
    """Hold these people's levels back for a reason that they are told.

    Raises Refused ``reason_missing`` and what :func:`grant_stars` raises.
    """
    if not reason.strip():
        raise Refused(
            "reason_missing", "请写明暂缓的原因，本人会看到。", field="reason", status=422
        )
    return _decide(actor, levels, AwardVerdict.HELD, reason.strip()[:200], as_of=as_of, at=at)


def _decide(  # noqa: PLR0913 - one decision has this many parts
    actor: Actor,
    levels: Mapping[int, int],
    verdict: AwardVerdict,
    reason: str,
    *,
    as_of: date,
    at: datetime,
) -> list[StarDecision]:
    require(actor, Act.DECIDE_STARS)
    people = _chosen(levels, as_of=as_of, at=at)
    policy = policy_on(as_of)
    minutes = star_minutes(levels, on=as_of, policy=policy)
    granted = granted_levels(levels)
    for person in people:
        _check(actor, person, levels[person.id], policy)
        _check_eligible(person, levels[person.id], minutes[person.id], granted, policy)
    until = public_until(local_date(at), policy, work_calendar())
    shared = {
        "verdict": verdict,
        "as_of": as_of,
        "rule_version": policy.rule_version,
        "ledger_seq": ledger_head()[0],
        "public_until": until if verdict is AwardVerdict.GRANTED else None,
        "reason": reason,
        **_by(actor, at),
    }
    made = [
        StarDecision(
            volunteer_id=person.id,
            unit_id=person.unit_id,
            level=levels[person.id],
            minutes=minutes[person.id],
            **shared,
        )
        for person in people
    ]
    db.session.add_all(made)
    db.session.flush()
    for person, row in zip(people, made, strict=True):
        _tell(actor, person, row, at=at)
    return made


def _by(actor: Actor, at: datetime) -> dict[str, Any]:
    return {
        "decided_at": at,
        "decided_by_id": actor.account_id,
        "decided_by_name": actor.name,
    }


def _chosen(levels: Mapping[int, int], *, as_of: date, at: datetime) -> list[Volunteer]:
    """The people chosen, their rows locked so that two offices do not decide at once."""
    if not levels:
        raise Refused("nobody_chosen", "请先勾选要评定的人。", status=422)
    if len(levels) > MOST_AT_ONCE:
        raise Refused("too_many", "一次最多评定 200 人。", "请分批办理。", status=422)
    if as_of > local_date(at):
        raise Refused("in_the_future", "计算截止日不能晚于今天。", field="as_of", status=422)
    people = db.session.scalars(
        select(Volunteer)
        .where(Volunteer.id.in_(sorted(levels)))
        .order_by(Volunteer.id)
        .with_for_update()
    ).all()
    if len(people) != len(levels):
        raise Refused("not_yours", "没有找到您要的内容。", "请从列表重新进入。", status=404)
    return list(people)


def _check(actor: Actor, person: Volunteer, level: int, policy: Policy) -> None:
    require(actor, Act.DECIDE_STARS, unit_id=person.unit_id)
    require_other(actor, person.id)
    if not may_decide(actor, level, person.unit_id, policy):
        raise Refused(
            "not_your_level",
            "%(star)s由上级评定。",
            "评定权限见“城市管理 · 参数”。",
            status=403,
            values={"star": star_name(level)},
        )


def _check_eligible(
    person: Volunteer, level: int, minutes: int, granted: Mapping[int, int], policy: Policy
) -> None:
    named = {"name": person.name, "star": star_name(level)}
    if person.state not in (VolunteerState.ACTIVE, VolunteerState.PAUSED):
        raise Refused("not_serving", "%(name)s已不在册，不能评定。", values=named)
    if granted.get(person.id, 0) >= level:
        raise Refused(
            "already_granted",
            "%(name)s已经评为%(star)s。",
            "请刷新列表后重新勾选。",
            values=named,
        )
    if eligible_star(minutes, policy) < level:
        raise Refused(
            "not_eligible",
            "%(name)s计入星级的时长还不到%(star)s的标准。",
            "请刷新列表后重新勾选。",
            values=named,
        )


def _tell(actor: Actor, person: Volunteer, row: StarDecision, *, at: datetime) -> None:
    star, hours = star_name(row.level), row.minutes // 60
    is_granted = row.verdict is AwardVerdict.GRANTED
    act = "grant_star" if is_granted else "hold_star"
    words = "授予" if is_granted else "暂缓评定"
    note(
        actor,
        act,
        row,
        f"{words} {person.name} {star}（计入 {hours} 小时，截至 {row.as_of}）",
        at=at,
        unit_id=person.unit_id,
        after={
            "level": row.level,
            "minutes": row.minutes,
            "as_of": row.as_of.isoformat(),
            "rule_version": row.rule_version,
        },
        reason=row.reason,
    )
    if is_granted and row.public_until is not None and row.public_until >= local_date(at):
        body = (
            f"在本单位公示到 {day_words(row.public_until)}，无异议即生效。谢谢您的 {hours} 小时。"
        )
    elif is_granted:
        body = f"即日起生效。谢谢您的 {hours} 小时。"
    else:
        body = f"时长已达到标准，暂缓的原因：{row.reason}。有疑问可以联系本单位组织者。"
    tell(
        topic="star",
        title=f"您被评为{star}" if is_granted else f"{star}暂缓评定",
        body=body,
        at=at,
        volunteer_id=person.id,
        link="/me/recognition",
        dedupe=f"star:{row.id}",
    )


def withdraw_star(actor: Actor, decision_id: int, *, reason: str, at: datetime) -> StarDecision:
    """Take a grant back, during its publicity or later; the grant itself stays in the history.

    Raises Refused ``not_found``, ``reason_missing``, ``not_a_grant``, ``already_withdrawn``, ``own_case``,
    ``not_your_level``.
    """
    grant = decision_for(actor, decision_id)
    if not reason.strip():
        raise Refused(
            "reason_missing", "请写明撤回的原因，本人会看到。", field="reason", status=422
        )
    if grant.verdict is not AwardVerdict.GRANTED:
        raise Refused("not_a_grant", "只有已授予的星级可以撤回。")
    person = db.session.scalars(
        select(Volunteer).where(Volunteer.id == grant.volunteer_id).with_for_update()
    ).one()
    _check(actor, person, grant.level, policy_on(local_date(at)))
    if is_withdrawn(grant.id):
        raise Refused("already_withdrawn", "这项星级已经撤回。")
    row = StarDecision(
        volunteer_id=grant.volunteer_id,
        unit_id=grant.unit_id,
        level=grant.level,
        verdict=AwardVerdict.WITHDRAWN,
        as_of=grant.as_of,
        minutes=grant.minutes,
        rule_version=grant.rule_version,
        ledger_seq=ledger_head()[0],
        about_id=grant.id,
        reason=reason.strip()[:200],
        **_by(actor, at),
    )
    db.session.add(row)
    db.session.flush()
    _tell_withdrawn(actor, person, grant, row, at=at)
    return row


def _tell_withdrawn(
    actor: Actor, person: Volunteer, grant: StarDecision, row: StarDecision, *, at: datetime
) -> None:
    star = star_name(row.level)
    note(
        actor,
        "withdraw_star",
        row,
        f"撤回 {person.name} 的{star}",
        at=at,
        unit_id=grant.unit_id,
        before={"decision": grant.id, "decided_by": grant.decided_by_name},
        reason=row.reason,
    )
    tell(
        topic="star",
        title=f"{star}已撤回",
        body=f"原因：{row.reason}。您的服务时长不受影响；不同意可以联系市级管理员。",
        at=at,
        volunteer_id=person.id,
        link="/me/recognition",
        dedupe=f"star:{row.id}",
    )


def object_to_star(actor: Actor, decision_id: int, *, words: str, at: datetime) -> None:
    """Object to a grant while it is published in the own unit; whoever decided is told, the name is kept.

    Raises Refused ``not_found``, ``words_missing``, ``publicity_over``.
    """
    require(actor, Act.OWN_HOURS)
    grant = db.session.get(StarDecision, decision_id)
    if (
        grant is None
        or grant.unit_id != actor.unit_id
        or grant.verdict is not AwardVerdict.GRANTED
        or is_withdrawn(grant.id)
    ):
        raise Refused("not_found", "没有找到这项评定。", "请从列表重新进入。", status=404)
    if len(words.strip()) < 4:
        raise Refused("words_missing", "请写明您的意见和依据。", field="words", status=422)
    if grant.public_until is None or grant.public_until < local_date(at):
        raise Refused("publicity_over", "公示期已过。", "仍可以直接联系市级管理员反映。")
    note(
        actor,
        "object_to_star",
        grant,
        f"{actor.name} 对公示中的星级提出意见",
        at=at,
        unit_id=grant.unit_id,
        reason=words.strip(),
    )
    tell(
        topic="star_objection",
        title="星级公示收到意见",
        body=words.strip()[:300],
        at=at,
        account_id=grant.decided_by_id,
        link="/stars?state=public",
    )
