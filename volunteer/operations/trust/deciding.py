"""Deciding cases (办理核查): ask first, then decide with a reason that the person reads; an appeal goes to somebody else.

Nobody decides on the own hours, no unit on its own conduct.
"""

from datetime import date, datetime

from sqlalchemy import select

from volunteer.domain.access import Act, Actor, require
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import CaseState, CaseStep, CaseSubject, Role
from volunteer.domain.timekeeping import day_words, local_date
from volunteer.models.activities import Shift
from volunteer.models.base import db
from volunteer.models.people import Account, RoleGrant
from volunteer.models.trust import TrustCase
from volunteer.operations.journal import tell
from volunteer.operations.ledger.restate import Restated, correct_record
from volunteer.operations.trust.hours import give_back_all, hold_all, void_all
from volunteer.operations.trust.steps import held_case, move, words_needed
from volunteer.queries.calendar import work_calendar
from volunteer.queries.policy import policy_on
from volunteer.queries.trust.cases import may_answer, may_decide, records_of_case


def _mine(actor: Actor, case_id: int, version: int | None) -> TrustCase:
    require(actor, Act.DECIDE_CASES)
    case = held_case(case_id, version=version)
    require(actor, Act.DECIDE_CASES, unit_id=case.unit_id)
    if not may_decide(actor, case, [record for record, _ in records_of_case(case)]):
        raise Refused(
            "own_case",
            "这件事项不能由您办理。",
            "涉及本人时长的由他人办理；涉及单位的和申诉由上级、且由另一个人办理。",
            status=403,
        )
    return case


def _workdays_on(at: datetime, count: int) -> date:
    today = local_date(at)
    calendar = work_calendar(years=[today.year, today.year + 1])
    return calendar.add_workdays(today, count)


def ask_in_case(
    actor: Actor, *, case_id: int, question: str, at: datetime, version: int | None = None
) -> TrustCase:
    """Ask the person, the leader or the unit to explain; the days for it run from now.

    Raises Refused ``reason_needed``, ``own_case``, ``already_so``, ``wrong_state``, ``changed_meanwhile``.
    """
    case = _mine(actor, case_id, version)
    words = words_needed(question, "question")[:400]
    case.question, case.asked_at = words, at
    days = policy_on(local_date(at)).case_answer_workdays
    case.answer_due_on = _workdays_on(at, days)
    move(case, CaseState.ASKED, CaseStep.ASKED, actor=actor, reason=words, at=at)
    due = day_words(case.answer_due_on)
    _tell(case, "有一条记录需要您说明", f"{words[:200]} 请在{due}前说明，您的说明会一并考虑。", at)
    return case


def answer_case(
    actor: Actor, *, case_id: int, words: str, at: datetime, version: int | None = None
) -> TrustCase:
    """Explain, as the one who was asked; until the decision more may be added.

    Raises Refused ``not_found``, ``reason_needed``, ``not_asked``.
    """
    case = held_case(case_id, version=version)
    _require_asked(actor, case)
    said = words_needed(words, "answer")[:2000]
    if case.state not in (CaseState.ASKED, CaseState.ANSWERED, CaseState.HELD):
        raise Refused("not_asked", "这件事项已有决定。", "如不同意，可以申诉。")
    case.answer = f"{case.answer}\n{said}".strip()[:8000]
    case.answered_at = at
    state = CaseState.ANSWERED if case.state is CaseState.ASKED else None
    move(case, state, CaseStep.ANSWERED, actor=actor, reason=said, at=at)
    return case


def _require_asked(actor: Actor, case: TrustCase) -> None:
    if case.asked_at is None or not may_answer(actor, case):
        raise Refused("not_found", "没有找到这件核查事项。", "请从通知重新进入。", status=404)


def clear_case(
    actor: Actor, *, case_id: int, reason: str, at: datetime, version: int | None = None
) -> TrustCase:
    """Decide that nothing is wrong; minutes that the case held are given back.

    Raises Refused as :func:`ask_in_case`.
    """
    case = _mine(actor, case_id, version)
    if case.state is CaseState.APPEALED:
        raise Refused("appealed", "当事人已申诉。", "请对申诉作出决定。")
    words = words_needed(reason)
    was_asked = case.asked_at is not None
    given = give_back_all(actor, case, reason=words, at=at)
    _decide(case, actor, words, at)
    move(case, CaseState.CLEARED, CaseStep.CLEARED, actor=actor, reason=words, at=at)
    if was_asked or given:
        _tell(case, "核查结束，没有问题", f"谢谢您的说明。{words[:200]}", at)
    return case


def hold_in_case(
    actor: Actor, *, case_id: int, reason: str, at: datetime, version: int | None = None
) -> list[Restated]:
    """Let the minutes of the case wait until it is decided; they can be given back at any time.

    Only after the person was asked. Raises Refused as :func:`ask_in_case`, and ``nothing_to_hold``.
    """
    case = _mine(actor, case_id, version)
    words = words_needed(reason)
    held = hold_all(actor, case, reason=words, at=at)
    if not held:
        raise Refused("nothing_to_hold", "这件事项没有可以暂缓的时长。", "可以直接作出决定。")
    _decide(case, actor, words, at)
    move(case, CaseState.HELD, CaseStep.HELD, actor=actor, reason=words, at=at)
    minutes = -sum(one.difference for one in held)
    _tell(
        case, "部分时长暂缓认定", f"{minutes} 分钟在核查期间暂缓认定，可以恢复。{words[:160]}", at
    )
    return held


def correct_in_case(
    actor: Actor,
    *,
    case_id: int,
    reason: str,
    at: datetime,
    version: int | None = None,
    times: tuple[int, datetime, datetime] | None = None,
) -> list[Restated]:
    """Correct the hours of a case: not credited at all, or one record to its true times.

    ``times`` is the record, when the person came and when they went; the other records are given back. Only
    after an answer, or when the days for one are over. Raises Refused ``too_soon``, and as
    :func:`ask_in_case` and :func:`volunteer.operations.ledger.correct_record`.
    """
    case = _mine(actor, case_id, version)
    words = words_needed(reason)
    if case.answered_at is None and not _is_due(case, at):
        raise Refused(
            "too_soon",
            "当事人还没有说明，期限也没有到。",
            "请先请当事人说明；必要时可以先暂缓认定。",
        )
    if times is None:
        done = void_all(actor, case, reason=words, at=at)
    else:
        record_id, came_at, went_at = times
        if record_id not in {record.id for record, _ in records_of_case(case)}:
            raise Refused("not_found", "没有找到这条记录。", status=404)
        one = correct_record(
            actor,
            record_id=record_id,
            came_at=came_at,
            went_at=went_at,
            reason=words,
            at=at,
            case_id=case.id,
        )
        done = [one, *_release_others(actor, case, words, at)]
    _decide(case, actor, words, at)
    days = policy_on(local_date(at)).case_appeal_workdays
    case.appeal_due_on = _workdays_on(at, days)
    move(case, CaseState.CORRECTED, CaseStep.CORRECTED, actor=actor, reason=words, at=at)
    due = day_words(case.appeal_due_on)
    _tell(case, "核查有了决定", f"{words[:200]} 如不同意，请在{due}前申诉，由上级另行办理。", at)
    return done


def _release_others(actor: Actor, case: TrustCase, words: str, at: datetime) -> list[Restated]:
    held = [one for one, _ in records_of_case(case) if any("case" in p for p in one.pending)]
    return give_back_all(actor, case, reason=words, at=at) if held else []


def _is_due(case: TrustCase, at: datetime) -> bool:
    return case.answer_due_on is not None and local_date(at) > case.answer_due_on


def _decide(case: TrustCase, actor: Actor, words: str, at: datetime) -> None:
    case.decided_at, case.decided_by_id, case.decision = at, actor.account_id, words[:400]


def appeal_case(
    actor: Actor, *, case_id: int, words: str, at: datetime, version: int | None = None
) -> TrustCase:
    """Appeal against a decision, as the one whom it concerns.

    Raises Refused ``not_found``, ``reason_needed``, ``appeal_over``, ``wrong_state``.
    """
    case = held_case(case_id, version=version)
    _require_asked(actor, case)
    said = words_needed(words, "appeal")[:2000]
    if case.appeal_due_on is not None and local_date(at) > case.appeal_due_on:
        raise Refused("appeal_over", "申诉期已过。", "如有新的证据，请联系组织者。")
    case.appeal, case.appealed_at = said, at
    move(case, CaseState.APPEALED, CaseStep.APPEALED, actor=actor, reason=said, at=at)
    return case


def decide_appeal(
    actor: Actor,
    *,
    case_id: int,
    is_granted: bool,
    reason: str,
    at: datetime,
    version: int | None = None,
) -> TrustCase:
    """Decide on an appeal, from above and by somebody else: granted, everything is given back.

    An appeal against held hours that is refused leaves them to be decided as not credited.
    Raises Refused as :func:`ask_in_case`.
    """
    case = _mine(actor, case_id, version)
    words = words_needed(reason)
    if case.state is not CaseState.APPEALED:
        raise Refused("wrong_state", "没有待办的申诉。", "请刷新页面。")
    if is_granted:
        give_back_all(actor, case, reason=words, at=at)
        state, step, title = CaseState.CLEARED, CaseStep.GRANTED, "申诉成立，时长已恢复"
    else:
        if any(part.get("case") == case.id for r, _ in records_of_case(case) for part in r.pending):
            void_all(actor, case, reason=words, at=at)
        state, step, title = CaseState.CLOSED, CaseStep.UPHELD, "申诉有了结果：维持原决定"
    case.closed_at = at
    move(case, state, step, actor=actor, reason=words, at=at)
    _tell(case, title, words[:300], at)
    return case


def lapse_appeal(case_id: int, *, at: datetime) -> TrustCase | None:
    """Close a corrected case whose time for an appeal is over; safe to run twice."""
    case = held_case(case_id)
    due = case.appeal_due_on
    if case.state is not CaseState.CORRECTED or due is None or local_date(at) <= due:
        return None
    case.closed_at = at
    move(case, CaseState.CLOSED, CaseStep.LAPSED, actor=None, reason="", at=at)
    return case


def _tell(case: TrustCase, title: str, body: str, at: datetime) -> None:
    """Tell the one whom a case concerns: the person, the shift's leader, or the unit's organizers."""
    key = f"case:{case.id}:{case.version}"
    if case.subject is CaseSubject.PERSON:
        link = f"/me/cases/{case.id}"
        person = case.volunteer_id
        tell(
            topic="case", title=title, body=body, at=at, volunteer_id=person, link=link, dedupe=key
        )
        return
    for account_id in _answering(case):
        tell(
            topic="case",
            title=title,
            body=body,
            at=at,
            account_id=account_id,
            link=f"/cases/{case.id}",
            dedupe=f"{key}:{account_id}",
        )


def _answering(case: TrustCase) -> list[int]:
    grants = select(RoleGrant.account_id).where(
        RoleGrant.role == Role.ORGANIZER,
        RoleGrant.unit_id == case.unit_id,
        RoleGrant.revoked_at.is_(None),
    )
    found = set(db.session.scalars(grants))
    if case.subject is CaseSubject.SHIFT:
        led = select(Account.id).join(Shift, Shift.leader_id == Account.volunteer_id)
        found |= set(db.session.scalars(led.where(Shift.id == case.subject_id)))
    return sorted(found)
