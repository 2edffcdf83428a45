"""Exports (导出): every file that leaves is logged with who, what, when, the filter and its digest."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from volunteer.domain.access import Act, Actor, require
from volunteer.models.base import db
from volunteer.models.ledger import ExportLog
from volunteer.operations.journal import note


@dataclass(frozen=True, slots=True)
class Exported:
    """What was taken: a title, the filter in words, the file and how many rows it holds."""

    subject: str
    filter_text: str
    file_name: str
    content: bytes
    row_count: int
    ledger_seq: int = 0
    unit_id: int | None = None


def log_export(actor: Actor, taken: Exported, *, at: datetime) -> ExportLog:
    """Write the export down, beside an audit line; the digest proves later which file it was.

    Raises Refused where the actor may not export.
    """
    require(actor, Act.EXPORT)
    assert actor.account_id is not None
    entry = ExportLog(
        at=at,
        account_id=actor.account_id,
        unit_id=taken.unit_id,
        subject=taken.subject[:80],
        filter_text=taken.filter_text[:400],
        file_name=taken.file_name[:120],
        row_count=taken.row_count,
        digest=hashlib.sha256(taken.content).hexdigest(),
        ledger_seq=taken.ledger_seq,
    )
    db.session.add(entry)
    note(
        actor,
        "export",
        entry,
        f"导出《{taken.subject}》{taken.row_count} 行（{taken.filter_text}）",
        at=at,
        unit_id=taken.unit_id or actor.unit_id,
        after={"file": taken.file_name, "digest": entry.digest, "ledger_seq": taken.ledger_seq},
    )
    return entry
