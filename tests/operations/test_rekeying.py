"""Every encrypted field goes under the newest key; an older one can then be retired."""

from base64 import b64decode
from collections.abc import Iterator

import pytest
from cryptography.exceptions import InvalidTag
from flask import Flask
from sqlalchemy import select

from tests.builders import a_city, a_volunteer
from tests.conftest import KEY
from volunteer.models import cipher
from volunteer.models.base import db
from volunteer.models.cipher import blind, decrypt, encrypt, key_of
from volunteer.models.people import Volunteer
from volunteer.operations import rekeying
from volunteer.operations.rekeying import encrypted_columns, key_use, renew_some

OLD, NEW = b64decode(KEY), b"n" * 16 + b"e" * 16


@pytest.fixture(autouse=True)
def _keys() -> Iterator[None]:
    yield
    cipher.configure(field_keys=[OLD], index_key=OLD)


@pytest.fixture
def people(app: Flask) -> list[int]:
    unit = a_city().unit
    ids = []
    for n in range(7):
        phone = f"+86138000000{n:02}"
        person = a_volunteer(
            unit, phone_cipher=encrypt(phone), phone_index=blind("phone", phone), id_cipher=None
        )
        ids.append(person.id)
    db.session.commit()
    cipher.configure(field_keys=[OLD, NEW], index_key=OLD)
    return ids


def _phones(ids: list[int]) -> list[str | None]:
    db.session.expire_all()
    boxes = db.session.scalars(
        select(Volunteer.phone_cipher).where(Volunteer.id.in_(ids)).order_by(Volunteer.id)
    )
    return [decrypt(box) for box in boxes]


def test_all_fields_are_renewed_bite_by_bite(
    app: Flask, people: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rekeying, "BITE", 3)
    before, use = _phones(people), key_use()
    whole = use.fields[1]
    assert whole >= len(people)
    assert not use.is_newest_only
    rounds = 0
    while renew_some():
        db.session.commit()
        rounds += 1
    assert rounds == -(-whole // 3)
    assert _phones(people) == before
    assert key_use().fields == {2: whole}
    assert key_use().is_newest_only


def test_a_retired_key_opens_nothing_and_nothing_needs_it(app: Flask, people: list[int]) -> None:
    before = _phones(people)
    cipher.configure(field_keys=[b"", NEW], index_key=OLD)
    with pytest.raises(InvalidTag):
        _phones(people)
    cipher.configure(field_keys=[OLD, NEW], index_key=OLD)
    while renew_some():
        db.session.commit()
    cipher.configure(field_keys=[b"", NEW], index_key=OLD)
    assert _phones(people) == before


def test_the_key_in_use_cannot_be_retired() -> None:
    with pytest.raises(ValueError, match="cannot be retired"):
        cipher.configure(field_keys=[OLD, b""], index_key=OLD)


def test_the_command_says_what_can_be_retired(app: Flask, people: list[int]) -> None:
    runner = app.test_cli_runner()
    said = runner.invoke(args=["field-keys"]).output
    assert "key 2: 0 fields" in said
    assert "retired" not in said
    said = runner.invoke(args=["field-keys", "--renew"]).output
    assert "key 1: 0 fields" in said
    assert "Every older key can be retired" in said


def test_no_encrypted_column_is_forgotten() -> None:
    """A column of bytes is either ciphertext by its name, or known not to be."""
    named = {f"{table.name}.{column.name}" for table, column in encrypted_columns()}
    assert {"volunteer.phone_cipher", "volunteer.id_cipher", "wechat_bond.openid_cipher"} <= named
    assert key_of(encrypt("x")) == cipher.newest_key()
