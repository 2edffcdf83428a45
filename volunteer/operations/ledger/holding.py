"""Holding hours (暂缓认定): a person's decision in a case, with its reason; the minutes wait and can be given back.

Nothing is removed: the entry is reversed, the minutes stand as pending in a new version, and releasing them
posts them again.
"""

from datetime import datetime
from typing import Any

from volunteer.domain.access import Actor
from volunteer.domain.terms import Nature, ReviewTier
from volunteer.domain.words import N_
from volunteer.models.ledger import ServiceRecord
from volunteer.operations.ledger.counting import result_step
from volunteer.operations.ledger.restate import Restated, held_record, restate


def hold_record(
    actor: Actor, *, record_id: int, case_id: int, reason: str, at: datetime
) -> Restated | None:
    """Let the minutes of a record wait for the end of a case; nothing that counts, nothing to hold.

    Raises Refused ``not_found``, ``own_case``, ``reason_needed``, ``not_newest``, ``not_yours``.
    """
    record = held_record(actor, record_id, reason)
    minutes = record.credited_minutes
    if not minutes or record.nature is Nature.DUTY:
        return None
    part = {"why": "case", "tier": ReviewTier.UNIT.value, "minutes": minutes, "case": case_id}
    return restate(
        actor,
        record,
        at,
        reason=reason,
        entry_minutes=0,
        credited_minutes=0,
        pending_minutes=record.pending_minutes + minutes,
        pending=[*record.pending, part],
        arithmetic=_told(record, -minutes, N_("核查期间，%(minutes)d 分钟暂缓认定"), minutes),
    )


def release_record(
    actor: Actor, *, record_id: int, case_id: int, reason: str, at: datetime
) -> Restated | None:
    """Give back what a case held; nothing was held, nothing happens.

    Raises Refused as :func:`hold_record`.
    """
    record = held_record(actor, record_id, reason)
    mine = [part for part in record.pending if part.get("case") == case_id]
    minutes = sum(part["minutes"] for part in mine)
    if not minutes:
        return None
    return restate(
        actor,
        record,
        at,
        reason=reason,
        entry_minutes=record.credited_minutes + minutes,
        credited_minutes=record.credited_minutes + minutes,
        pending_minutes=record.pending_minutes - minutes,
        pending=[part for part in record.pending if part not in mine],
        arithmetic=_told(record, minutes, N_("核查结束，恢复认定 %(minutes)d 分钟"), minutes),
    )


def restore_record(
    actor: Actor, *, record_id: int, as_in: ServiceRecord, reason: str, at: datetime
) -> Restated:
    """Put a record back to what an earlier version of it said; the versions between stay readable.

    Raises Refused as :func:`hold_record`.
    """
    record = held_record(actor, record_id, reason)
    same = (
        *("first_in_at", "last_out_at", "attended_minutes", "served_minutes", "credited_minutes"),
        *("pending_minutes", "pending", "late_minutes", "early_minutes", "rule_version"),
    )
    step = {
        "code": "review",
        "minutes": 0,
        "template": N_("核查结束，恢复为第 %(version)d 版"),
        "values": {"version": as_in.version},
    }
    result = result_step(as_in.credited_minutes).stored()
    return restate(
        actor,
        record,
        at,
        reason=reason,
        entry_minutes=as_in.credited_minutes,
        source=as_in.source,
        arithmetic=[*as_in.arithmetic[:-1], step, result],
        **{name: getattr(as_in, name) for name in same},
    )


def _told(record: ServiceRecord, change: int, words: str, minutes: int) -> list[dict[str, Any]]:
    step = {
        "code": "review",
        "minutes": change,
        "template": words,
        "values": {"minutes": minutes},
    }
    result = result_step(record.credited_minutes + change).stored()
    return [*record.arithmetic[:-1], step, result]
