"""The words of others (提请、证明、审核): each by a person who had no part before, or a no with its reason."""

from datetime import datetime

from volunteer.domain.access import Act, Actor, require, require_other, scope_of
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import MakeUpState, TicketLevel, TicketStep
from volunteer.domain.ticket import announced_until, level_above, require_new_party
from volunteer.domain.timekeeping import day_words, local_date
from volunteer.models.base import db
from volunteer.models.people import Volunteer
from volunteer.models.tickets import MakeUp, MakeUpWord
from volunteer.operations.make_ups.ask import LEAST_WORDS, take_up
from volunteer.operations.make_ups.story import (
    claimed,
    held_make_up,
    parties,
    party_of,
    step_to,
    tell_desk,
    tell_person,
    write_down,
)
from volunteer.queries.deciders import calendar_around, may_answer
from volunteer.queries.policy import policy_on
from volunteer.queries.witnesses import overlapping_claims, witnesses_of


def _at(row: MakeUp, *states: MakeUpState) -> None:
    if row.state not in states:
        raise Refused(
            "already_answered",
            "这件补录现在是“%(state)s”。",
            "可能已有他人先行办理，请刷新页面。",
            values={"state": row.state.label},
        )


def endorse_make_up(actor: Actor, *, make_up_id: int, words: str = "", at: datetime) -> MakeUp:
    """Take a volunteer's own request up: the leader or the desk becomes the requester.

    Of somebody who was not on the list they say how they know that the person was there. Raises Refused
    ``not_found``, ``not_yours``, ``own_case``, ``already_answered``, ``level_above``, ``words_needed``.
    """
    row = held_make_up(make_up_id)
    require(actor, Act.RUN_ONSITE, unit_id=row.unit_id, shift_id=row.shift_id)
    require_other(actor, row.volunteer_id)
    _at(row, MakeUpState.ASKED)
    _require_level(actor, row, leader=True)
    if row.assignment_id is None and len(words.strip()) < LEAST_WORDS:
        raise Refused(
            "words_needed",
            "这个人不在班次名单里，请写明您怎么知道他到过岗。",
            "例如：当天临时来帮忙，是我安排在北口的。",
            field="words",
            status=422,
        )
    take_up(actor, row, at=at, words=words)
    return row


def say_seen(
    actor: Actor, *, make_up_id: int, has_seen: bool, words: str = "", at: datetime
) -> MakeUp:
    """Say as somebody of the same shift whether the person was there. The first yes goes on to review.

    Raises Refused ``not_found``, ``own_case``, ``not_witness``, ``same_person``, ``already_answered``,
    ``said_before``.
    """
    require(actor, Act.OWN_TICKETS)
    row = held_make_up(make_up_id)
    require_other(actor, row.volunteer_id)
    require_new_party(party_of(actor), parties(row))
    assert actor.volunteer_id is not None, "only a volunteer vouches"
    people = witnesses_of(row.shift_id, claimed(row), besides=(row.volunteer_id,))
    if actor.volunteer_id not in {person for person, _ in people}:
        raise Refused(
            "not_witness",
            "只有同一班次、同一时间扫码到岗的人可以证明。",
            status=403,
        )
    _at(row, MakeUpState.WITNESS)
    if db.session.get(MakeUpWord, (row.id, actor.volunteer_id)) is not None:
        raise Refused("said_before", "您已经说过了，谢谢。")
    db.session.add(
        MakeUpWord(
            make_up_id=row.id,
            volunteer_id=actor.volunteer_id,
            account_id=actor.account_id,
            has_seen=has_seen,
            words=words.strip()[:200],
            at=at,
        )
    )
    if not has_seen:
        write_down(actor, row, TicketStep.NOT_SEEN, words=words, at=at)
        return row
    row.witness_id, row.witness_account_id = actor.volunteer_id, actor.account_id
    before = row.state.value
    above = level_above(TicketLevel.UNIT, has_district=row.district_id is not None)
    assert above is not None, "somebody is above a unit"
    step_to(row, MakeUpState.REVIEW, at=at, level=above)
    write_down(actor, row, TicketStep.SEEN, words=words, at=at, before=before)
    tell_desk(row, "有一件补录等您审核", at=at, key="review")
    tell_person(row, "同班的人已为您证明", "接下来由上级审核，通过后公示。", at=at)
    return row


def approve_make_up(
    actor: Actor, *, make_up_id: int, version: int, words: str = "", at: datetime
) -> MakeUp:
    """Confirm a request above the unit; it goes into the public register for the days of the policy.

    Raises Refused ``not_found``, ``not_yours``, ``own_case``, ``same_person``, ``same_unit``,
    ``level_above``, ``already_answered``, ``changed_meanwhile``, ``overlaps``.
    """
    row = _for_review(actor, make_up_id, version, MakeUpState.REVIEW)
    if overlapping_claims(row.volunteer_id, claimed(row), besides_shift=row.shift_id):
        raise Refused("overlaps", "这段时间已有另一条记录或补录。", "同一段时间只能记一次。")
    row.reviewed_at, row.reviewed_by_id = at, actor.account_id
    row.reviewed_by_volunteer_id = actor.volunteer_id
    today = local_date(at)
    before = row.state.value
    step_to(row, MakeUpState.ANNOUNCED, at=at, level=row.level)
    row.announced_on = today
    row.announced_until = announced_until(today, calendar_around(today), policy_on(today))
    row.due_on = row.announced_until
    write_down(actor, row, TicketStep.APPROVED, words=words, at=at, before=before)
    until = row.announced_until
    tell_person(
        row,
        "补录审核通过，开始公示",
        f"公示到{day_words(until)}，没有异议就记入时长。",
        at=at,
    )
    return row


def clear_objections(
    actor: Actor, *, make_up_id: int, version: int, words: str, at: datetime
) -> MakeUp:
    """Uphold a contested request after looking into it; the register runs on, two more days at least.

    Only the city office, and not who reviewed it before. Raises Refused as :func:`approve_make_up`, and
    ``reason_needed``.
    """
    row = _for_review(actor, make_up_id, version, MakeUpState.CONTESTED)
    _require_reason(words)
    before = row.state.value
    step_to(row, MakeUpState.ANNOUNCED, at=at, level=TicketLevel.CITY)
    today = local_date(at)
    least = calendar_around(today).add_workdays(today, 2)
    row.announced_until = max(row.announced_until or least, least)
    row.due_on = row.announced_until
    write_down(actor, row, TicketStep.CLEARED, words=words, at=at, before=before)
    tell_person(row, "公示异议已核查", f"补录维持，继续公示。说明：{words.strip()}", at=at)
    return row


def refuse_make_up(
    actor: Actor,
    *,
    make_up_id: int,
    version: int,
    reason: str,
    is_false: bool = False,
    at: datetime,
) -> MakeUp:
    """Refuse a request with the reason that its person reads. One that proved false takes the right away.

    Before the review the unit may, later only who stands above it; only they may call it false. Raises Refused ``not_found``,
    ``not_yours``, ``own_case``, ``level_above``, ``already_answered``, ``changed_meanwhile``,
    ``reason_needed``.
    """
    row = held_make_up(make_up_id)
    require(actor, Act.DECIDE_TICKETS, unit_id=row.unit_id, district_id=row.district_id)
    require_other(actor, row.volunteer_id)
    _at(
        row,
        MakeUpState.ASKED,
        MakeUpState.WITNESS,
        MakeUpState.REVIEW,
        MakeUpState.ANNOUNCED,
        MakeUpState.CONTESTED,
    )
    _require_version(row, version)
    _require_level(actor, row)
    _require_reason(reason)
    if is_false and row.level is TicketLevel.UNIT:
        raise Refused(
            "level_above",
            "认定“不属实”要由上级作出。",
            "您可以只写明不通过的理由。",
            status=403,
        )
    before = row.state.value
    step_to(row, MakeUpState.REFUSED, at=at, level=row.level)
    row.reason, row.is_false = reason.strip()[:400], is_false
    write_down(actor, row, TicketStep.REFUSED, words=reason, at=at, before=before)
    more = "经查不属实，补录资格暂停。" if is_false else "不影响您以后签到和服务。"
    tell_person(row, "补录未通过", f"{row.reason}。{more}", at=at)
    return row


def withdraw_make_up(actor: Actor, *, make_up_id: int, at: datetime) -> MakeUp:
    """Take the own request back before it is entered.

    Raises Refused ``not_found``, ``already_so``, ``wrong_state``.
    """
    require(actor, Act.OWN_TICKETS)
    row = held_make_up(make_up_id)
    if row.volunteer_id != actor.volunteer_id:
        raise Refused("not_found", "没有找到这件补录。", "请从“我的申诉”重新进入。", status=404)
    before = row.state.value
    step_to(row, MakeUpState.WITHDRAWN, at=at, level=row.level)
    write_down(actor, row, TicketStep.WITHDRAWN, at=at, before=before)
    return row


def _for_review(actor: Actor, make_up_id: int, version: int, state: MakeUpState) -> MakeUp:
    row = held_make_up(make_up_id)
    require(actor, Act.DECIDE_TICKETS, unit_id=row.unit_id, district_id=row.district_id)
    require_other(actor, row.volunteer_id)
    _at(row, state)
    _require_version(row, version)
    require_new_party(party_of(actor), parties(row))
    _require_level(actor, row)
    person = db.session.get(Volunteer, row.volunteer_id)
    assert person is not None, "a request has a person"
    if actor.unit_id is not None and actor.unit_id in (person.unit_id, row.unit_id):
        raise Refused(
            "same_unit",
            "审核人不能与受益人或记录单位是同一个单位。",
            "请由其他单位的上级管理员审核。",
            status=403,
        )
    return row


def _require_level(actor: Actor, row: MakeUp, *, leader: bool = False) -> None:
    is_leader = leader and row.shift_id in scope_of(actor, Act.RUN_ONSITE).shift_ids
    if is_leader or may_answer(actor, row.level, row.unit_id, row.district_id):
        return
    raise Refused(
        "level_above",
        "这件补录由%(level)s办理。",
        "您仍可以看到经过。",
        status=403,
        values={"level": row.level.label},
    )


def _require_version(row: MakeUp, version: int) -> None:
    if row.version != version:
        raise Refused("changed_meanwhile", "这件补录刚刚有了变化。", "请刷新页面，看过再办。")


def _require_reason(words: str) -> None:
    if len(words.strip()) < 2:
        raise Refused(
            "reason_needed",
            "请写明理由。",
            "本人会看到，请写清依据。",
            field="reason",
            status=422,
        )
