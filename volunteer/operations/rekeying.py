"""Renewing ciphertext (换密钥): every encrypted field is written again under the newest key.

After a key may have leaked, or on the day of the year on which keys are changed. A key that no row uses any more can be
retired: its place in the list stays, empty, because rows name their key by its place.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, LargeBinary, Table, and_, func, select, update

from volunteer.models.base import Base, db
from volunteer.models.cipher import decrypt, encrypt, key_of, newest_key

SUFFIX = "_cipher"
BITE = 500
"""Rows that are renewed in one transaction."""


@dataclass(slots=True)
class KeyUse:
    """How many encrypted fields stand under each key, by its place in the list, from 1."""

    fields: Counter[int] = field(default_factory=Counter)

    @property
    def is_newest_only(self) -> bool:
        """Whether every older key can be retired."""
        return set(self.fields) <= {newest_key()}


def encrypted_columns() -> list[tuple[Table, Column[Any]]]:
    """Every column of the schema that holds ciphertext."""
    return [
        (table, column)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, LargeBinary) and column.name.endswith(SUFFIX)
    ]


def key_use() -> KeyUse:
    """Count the encrypted fields of the whole database by their key."""
    use = KeyUse()
    for _table, column in encrypted_columns():
        first = func.substr(column, 1, 1)
        for head, count in db.session.execute(
            select(first, func.count()).where(column.is_not(None)).group_by(first)
        ):
            use.fields[key_of(bytes(head))] += count
    return use


def renew_some() -> int:
    """Write up to ``BITE`` fields again under the newest key; returns how many. 0: none is left.

    Compare-and-swap on the old ciphertext: who changed a number meanwhile wins. Raises ``InvalidTag`` where a key
    of the list does not open a field.
    """
    done = 0
    for table, column in encrypted_columns():
        keys = list(table.primary_key.columns)
        old = db.session.execute(
            select(*keys, column)
            .where(column.is_not(None), func.substr(column, 1, 1) != bytes([newest_key()]))
            .limit(BITE - done)
        ).all()
        for *key, box in old:
            text = decrypt(bytes(box))
            assert text is not None, "it is not null"
            same = and_(*(one == value for one, value in zip(keys, key, strict=True)))
            db.session.execute(
                update(table).where(same, column == box).values({column.name: encrypt(text)})
            )
        done += len(old)
        if done >= BITE:
            break
    return done
