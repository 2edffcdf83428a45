"""Closing the own account (注销) and opening it again within the days of return (恢复).

At once: the login is shut on every device, seats ahead are given up, consents end, and phone, home, weekly
hours, wishes, guardian and remarks are erased. After the days of return the login goes for good. Name,
number, document number and the records stay, since the law wants records kept and proved for ten years:
《志愿服务记录与证明出具办法（试行）》, GB/T 40143-2021 5.2.2, 《个人信息保护法》第四十七条.
"""

from datetime import datetime

from sqlalchemy import delete, select

from volunteer.domain import retention
from volunteer.domain.access import Act, Actor, require
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import VolunteerState
from volunteer.domain.timekeeping import local_date
from volunteer.models.activities import Wish
from volunteer.models.base import db
from volunteer.models.people import (
    Account,
    Availability,
    AvailabilityException,
    Consent,
    Volunteer,
)
from volunteer.operations.journal import note, tell
from volunteer.operations.people.consents import own_profile
from volunteer.operations.people.register import reached, sync_account
from volunteer.operations.people.seats import organizers_of
from volunteer.operations.people.states import forget_contact, leave, take_back
from volunteer.queries.policy import policy_on


def close_own_account(actor: Actor, *, at: datetime) -> int:
    """Leave the register oneself; returns how many seats ahead were given up.

    Raises Refused ``already_so``.
    """
    require(actor, Act.OWN_ACCOUNT)
    person = own_profile(actor)
    freed = leave(actor, person, reason="本人注销", at=at)
    for table in (Availability, AvailabilityException, Wish):
        db.session.execute(delete(table).where(table.volunteer_id == person.id))
    for receipt in db.session.scalars(
        select(Consent).where(Consent.volunteer_id == person.id, Consent.withdrawn_at.is_(None))
    ):
        receipt.withdrawn_at = at
    forget_contact(person)
    sync_account(person)
    for account_id in organizers_of(person.unit_id):
        tell(
            topic="left",
            title=f"{person.name} 退出了志愿者登记",
            body=f"{person.name}（{person.number}）本人注销，腾出 {freed.seats} 个班次；记录保留。",
            at=at,
            account_id=account_id,
            link=f"/people/{person.id}",
        )
    return freed.seats


def may_reopen(person: Volunteer, *, at: datetime) -> bool:
    """Whether a person left so lately that the login can be opened again."""
    line = retention.cutoff(retention.BY_CODE[retention.ACCOUNTS], policy_on(local_date(at)), at)
    return (
        person.state is VolunteerState.LEFT
        and person.erased_at is None
        and person.left_at is not None
        and person.left_at >= line
    )


def reopen_account(actor: Actor, volunteer_id: int, *, reason: str, at: datetime) -> Volunteer:
    """Open a closed account again (恢复账号): the old login and password work, the consents are asked anew.

    What was erased at once stays erased. Raises Refused ``reason_missing``, ``too_late``, and what
    ``reached`` and ``require`` raise.
    """
    person = reached(actor, volunteer_id)
    require(actor, Act.MANAGE_ACCOUNTS, unit_id=person.unit_id)
    if not reason.strip():
        raise Refused(
            "reason_missing", "请写明原因，例如“本人误操作”。", field="reason", status=422
        )
    if not may_reopen(person, at=at):
        raise Refused(
            "too_late", "恢复期已过，登录账号已经清除。", "可以用“返回”重新邀请，以前的记录还在。"
        )
    take_back(actor, volunteer_id, at=at)
    account = db.session.scalar(select(Account).where(Account.volunteer_id == person.id))
    if account is not None:
        account.is_disabled = False
        sync_account(person)
    note(
        actor,
        "reopen_account",
        person,
        f"恢复 {person.name} 的登录账号",
        at=at,
        unit_id=person.unit_id,
        after={"state": person.state.value},
        reason=reason.strip(),
    )
    return person
