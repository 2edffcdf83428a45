"""The steps of a case (办理步骤): found under a lock, moved to its next state, written down once."""

from datetime import datetime

from volunteer.domain.access import Actor
from volunteer.domain.lifecycle import advance
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import CaseState, CaseStep
from volunteer.models.base import db
from volunteer.models.trust import CaseEvent, TrustCase
from volunteer.operations.journal import note

CLOSED = frozenset({CaseState.CLEARED, CaseState.CORRECTED, CaseState.CLOSED})
"""States in which a subject may get a new case for something new."""


def held_case(case_id: int, *, version: int | None = None) -> TrustCase:
    """The case, locked, if nobody acted on it since ``version`` was seen.

    Raises Refused ``not_found``, ``changed_meanwhile``.
    """
    case = db.session.get(TrustCase, case_id, populate_existing=True, with_for_update=True)
    if case is None:
        raise Refused("not_found", "没有找到这件核查事项。", "请从列表重新进入。", status=404)
    if version is not None and case.version != version:
        raise Refused(
            "changed_meanwhile",
            "这件事项刚刚有人办理过。",
            "请刷新页面，查看最新情况后再操作。",
        )
    return case


def words_needed(text: str, field: str = "reason") -> str:
    """The words somebody else will read. Raises Refused ``reason_needed``."""
    if len(text.strip()) < 4:
        raise Refused(
            "reason_needed",
            "请写清楚，对方会看到。",
            "写明看到了什么、依据是什么。",
            field=field,
            status=422,
        )
    return text.strip()


def move(
    case: TrustCase,
    state: CaseState | None,
    step: CaseStep,
    *,
    actor: Actor | None,
    reason: str,
    at: datetime,
) -> None:
    """Put a case into its next state, with a line of its story and an audit line."""
    before = case.state
    if state is not None:
        case.state = advance(case.state, state)
        case.is_open = case.state not in CLOSED
    case.version += 1
    db.session.add(
        CaseEvent(
            case_id=case.id,
            step=step,
            at=at,
            by_account_id=actor.account_id if actor else None,
            by_name=actor.name if actor else "系统",
            reason=reason,
        )
    )
    note(
        actor,
        f"case_{step.value}",
        case,
        f"核查事项第 {case.id} 号：{step.label}",
        at=at,
        unit_id=case.unit_id,
        before={"state": before.value},
        after={"state": case.state.value},
        reason=reason,
    )
