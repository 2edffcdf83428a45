"""Rolls (花名册), read: what was uploaded, and the judged rows of one that waits."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import select

from volunteer.domain.access import Act, Actor
from volunteer.domain.refusal import Refused
from volunteer.models.base import db
from volunteer.models.cipher import decrypt, encrypt
from volunteer.models.people import Account, RollImport, Unit
from volunteer.queries.scope import visible

LISTED = 20
NEW, CHANGED, SAME, FAULT = "new", "changed", "same", "fault"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a cell: its title and address, the reason, and how to mend it."""

    title: str
    address: str
    sentence: str
    hint: str = ""


@dataclass(slots=True)
class RollPerson:
    """One judged row. ``volunteer_id`` is the person of the register it means, if there is one."""

    number: int
    verdict: str = NEW
    name: str = ""
    phone: str = ""
    id_number: str = ""
    sex: str | None = None
    birth_year: int | None = None
    community_id: int | None = None
    skill_ids: list[int] = field(default_factory=list)
    note: str = ""
    unit_id: int = 0
    volunteer_id: int | None = None
    changes: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The row as it is kept between preview and confirmation."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "RollPerson":
        """The row as it was kept."""
        faults = [Fault(**fault) for fault in kept["faults"]]
        return cls(**{**kept, "faults": faults})


def packed(rows: Iterable[RollPerson]) -> bytes:
    """Judged rows as ciphertext."""
    return encrypt(json.dumps([row.as_json() for row in rows], ensure_ascii=False))


def no_such_roll() -> Refused:
    """What is said of a roll that is not there, or is another unit's."""
    return Refused("not_found", "没有找到这份花名册。", "请从导入页重新进入。", status=404)


def roll_for(actor: Actor, roll_id: int) -> RollImport:
    """One uploaded roll within the actor's reach.

    Raises Refused ``not_found`` (404).
    """
    found = db.session.scalar(
        visible(
            select(RollImport).where(RollImport.id == roll_id),
            actor,
            Act.IMPORT_ROLL,
            unit=RollImport.unit_id,
        )
    )
    if found is None:
        raise no_such_roll()
    return found


def roll_rows(kept: RollImport) -> list[RollPerson]:
    """The judged rows of a roll; none once it was confirmed or thrown away."""
    return [RollPerson.from_json(row) for row in json.loads(decrypt(kept.rows_cipher) or "[]")]


@dataclass(frozen=True, slots=True)
class RollLine:
    """An upload in the list of uploads."""

    roll: RollImport
    unit_name: str
    by: str


def rolls_of(actor: Actor) -> list[RollLine]:
    """The newest uploads within the actor's reach."""
    statement: Any = (
        select(RollImport, Unit.name, Account.name)
        .join(Unit, Unit.id == RollImport.unit_id)
        .outerjoin(Account, Account.id == RollImport.created_by_id)
        .order_by(RollImport.id.desc())
        .limit(LISTED)
    )
    statement = visible(statement, actor, Act.IMPORT_ROLL, unit=RollImport.unit_id)
    return [RollLine(row[0], row[1], row[2] or "") for row in db.session.execute(statement)]
