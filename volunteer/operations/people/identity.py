"""Seeing what is masked (查看完整信息): with a reason, and every view leaves a line."""

from datetime import datetime

from volunteer.domain.access import Act, Actor, require
from volunteer.domain.refusal import Refused
from volunteer.models.cipher import decrypt
from volunteer.operations.journal import note
from volunteer.queries.people.listing import full_phone
from volunteer.queries.people.person import volunteer_for

SHORTEST_REASON = 4
"""Characters of a reason that says anything."""
PARTS = {"phone": "电话", "number": "证件号码", "guardian": "监护人电话"}


def require_reason(reason: str) -> str:
    """A reason that says something, stripped.

    Raises Refused ``reason_missing``.
    """
    reason = reason.strip()
    if len(reason) < SHORTEST_REASON:
        raise Refused(
            "reason_missing",
            "请写明查看的原因，例如“核对保险名单”。",
            field="reason",
            status=422,
        )
    return reason


def reveal(actor: Actor, volunteer_id: int, *, part: str, reason: str, at: datetime) -> str:
    """The full phone, document number or guardian's phone of a person; the view is written down.

    Raises Refused ``reason_missing``, ``nothing_there``, ``not_found``, ``not_allowed``.
    """
    require(actor, Act.SEE_FULL_IDENTITY)
    person = volunteer_for(actor, volunteer_id, Act.SEE_FULL_IDENTITY)
    said = require_reason(reason)
    if part == "number":
        value = decrypt(person.id_cipher) or ""
    elif part == "guardian":
        value = full_phone(person.guardian_phone_cipher)
    else:
        part, value = "phone", full_phone(person.phone_cipher)
    if not value:
        raise Refused("nothing_there", "没有登记%(part)s。", values={"part": PARTS[part]})
    note(
        actor,
        "reveal_identity",
        person,
        f"查看 {person.name} 的完整{PARTS[part]}",
        at=at,
        unit_id=person.unit_id,
        after={"part": part},
        reason=said,
    )
    return value


def open_minors(actor: Actor, *, reason: str, at: datetime) -> None:
    """Let the actor see minors in lists for a while; 《未成年人网络保护条例》第三十六条 asks for the record.

    Raises Refused ``reason_missing``, ``not_allowed``.
    """
    require(actor, Act.VIEW_PEOPLE)
    note(
        actor,
        "open_minors",
        "volunteer",
        f"{actor.name} 查看未成年志愿者的资料",
        at=at,
        unit_id=actor.unit_id,
        reason=require_reason(reason),
    )
