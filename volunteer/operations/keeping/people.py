"""Erasing people who left (退出者): the login after the days of return, the name after the years of records.

The ledger and the records are never touched: after the years they are figures of nobody.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, delete, exists, or_, select
from sqlalchemy.orm import aliased

from volunteer.domain import retention
from volunteer.domain.terms import VolunteerState
from volunteer.domain.timekeeping import local_date
from volunteer.models.base import db
from volunteer.models.certificates import Certificate
from volunteer.models.journal import Message
from volunteer.models.ledger import ServiceRecord
from volunteer.models.people import (
    Account,
    Consent,
    DeviceSession,
    Invitation,
    Qualification,
    Volunteer,
)
from volunteer.operations.journal import note
from volunteer.operations.keeping import BITE, erases
from volunteer.operations.keeping.traces import empty_device
from volunteer.operations.people.states import forget_contact
from volunteer.operations.wechat import forget_wechat

NAMELESS = "已清除姓名"


def _left(before: datetime) -> list[ColumnElement[bool]]:
    return [
        Volunteer.state == VolunteerState.LEFT,
        Volunteer.left_at < before,
        Volunteer.merged_into_id.is_(None),
    ]


@erases(retention.ACCOUNTS)
def close_for_good(cutoff: datetime, at: datetime) -> int:
    """Erase the login and the contact of people who left and did not come back in time."""
    due = db.session.scalars(
        select(Volunteer)
        .where(*_left(cutoff), Volunteer.erased_at.is_(None))
        .order_by(Volunteer.id)
        .limit(BITE)
        .with_for_update()
    ).all()
    for person in due:
        _close(person, at)
    return len(due)


def _close(person: Volunteer, at: datetime) -> None:
    forget_contact(person)
    for table in (Qualification, Message, Invitation):
        db.session.execute(delete(table).where(table.volunteer_id == person.id))
    account = db.session.scalar(select(Account).where(Account.volunteer_id == person.id))
    if account is not None:
        account.login, account.name = f"closed-{account.id}", NAMELESS
        account.password_hash, account.phone_index = None, None
        account.is_disabled = True
        account.session_version += 1
        forget_wechat(account.id)
        db.session.execute(delete(Message).where(Message.account_id == account.id))
        for device in db.session.scalars(
            select(DeviceSession).where(DeviceSession.account_id == account.id)
        ):
            empty_device(device)
    person.erased_at = at
    person.version += 1
    note(
        None,
        "erase_account",
        person,
        f"恢复期已过，清除 {person.number} 的登录账号和联系方式",
        at=at,
        unit_id=person.unit_id,
    )


@erases(retention.RECORDS)
def forget_names(cutoff: datetime, at: datetime) -> int:
    """Erase name and document of people who left, when their last service is older than the years kept."""
    profile = aliased(Volunteer)  # the person's own, or one that was merged into it
    served = exists(
        select(ServiceRecord.id)
        .join(profile, profile.id == ServiceRecord.volunteer_id)
        .where(
            or_(profile.id == Volunteer.id, profile.merged_into_id == Volunteer.id),
            ServiceRecord.service_on >= local_date(cutoff),
        )
    )
    due = db.session.scalars(
        select(Volunteer)
        .where(
            *_left(cutoff),
            Volunteer.nameless_at.is_(None),
            ~served,
        )
        .order_by(Volunteer.id)
        .limit(BITE)
        .with_for_update()
    ).all()
    for person in due:
        _forget_name(person, at)
    return len(due)


def _forget_name(person: Volunteer, at: datetime) -> None:
    forget_contact(person)
    profiles = [
        person,
        *db.session.scalars(select(Volunteer).where(Volunteer.merged_into_id == person.id)),
    ]
    for one in profiles:
        one.name, one.sex, one.birth_year = NAMELESS, None, None
        one.id_cipher, one.id_index, one.national_number = None, None, None
        one.nameless_at = at
        db.session.execute(delete(Consent).where(Consent.volunteer_id == one.id))
        for paper in db.session.scalars(
            select(Certificate).where(Certificate.volunteer_id == one.id)
        ):
            paper.document_cipher = None  # the paper itself is an archive, signed as it was
    note(
        None,
        "forget_name",
        person,
        f"记录保存期满，清除 {person.number} 的姓名和证件号码",
        at=at,
        unit_id=person.unit_id,
    )
