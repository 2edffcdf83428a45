"""Taking up an invitation (接受邀请): the person confirms, consents, and is signed in on this phone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from volunteer.domain.access import SYSTEM, Actor
from volunteer.domain.lifecycle import advance
from volunteer.domain.privacy import REQUIRED
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import ConsentPurpose, Sex, VolunteerState
from volunteer.domain.timekeeping import local_date
from volunteer.models.base import db
from volunteer.models.cipher import blind, encrypt
from volunteer.models.people import Account, Invitation, Unit, Volunteer
from volunteer.operations.journal import note, tell
from volunteer.operations.people.consents import keep_consents
from volunteer.operations.people.invitations import require_no_desk
from volunteer.operations.people.register import (
    PersonFacts,
    check_facts,
    give_number,
    new_profile,
    normalise_guardian,
    require_age,
    set_phone,
)
from volunteer.operations.people.seats import organizers_of
from volunteer.queries.accounts import actor_of
from volunteer.queries.people.invitations import OpenedLink, opened_link
from volunteer.queries.people.person import locked_volunteer


@dataclass(frozen=True, slots=True)
class Answer:
    """What the person filled in. ``password_hash`` is None where the phone alone stays signed in."""

    consents: frozenset[ConsentPurpose]
    digits: str = ""
    birth_year: int | None = None
    guardian_name: str = ""
    guardian_phone: str = ""
    guardian_agrees: bool = False
    password_hash: str | None = None
    name: str = ""
    phone: str = ""
    sex: Sex | None = None
    community_id: int | None = None


def require_digits(link: OpenedLink, digits: str) -> None:
    """Pass if the last figures of the phone fit; the link may have been picked up by another.

    Raises Refused ``wrong_digits``.
    """
    if link.asks_digits and digits.strip() != link.phone_tail:
        raise Refused(
            "wrong_digits",
            "手机号末四位不对。",
            "请填写登记在名册上的手机号末四位；换过号码请联系组织者。",
            field="digits",
            status=422,
        )


def take_up(token: str, answer: Answer, *, at: datetime) -> Account:
    """Confirm the profile of the link, or join its unit; returns the login, the caller opens the session.

    Raises Refused of ``opened_link``, ``check_facts``, ``require_age``, and ``wrong_digits``,
    ``consent_missing``, ``guardian_missing``, ``desk_account``, ``already_registered``.
    """
    link = opened_link(token, at=at)
    is_first = link.is_first  # the state of the profile changes below
    require_digits(link, answer.digits)
    if is_first and not answer.consents >= REQUIRED:
        raise Refused(
            "consent_missing",
            "请先勾选同意“账号与排班”。",
            "这一项是参加志愿服务必需的，其余各项可以不勾。",
            field="consents",
            status=422,
        )
    if link.volunteer is None:
        person = _newcomer(link, answer, at=at)
    else:
        person = locked_volunteer(link.volunteer.id)
        require_no_desk(person.id)
    _settle_age(person, answer, at=at)
    _use(link.invitation, at=at)
    account = _login_of(person, answer, at=at)
    if is_first:
        account.is_disabled = False  # who returns after leaving may come in again
    actor = actor_of(account, at=at)
    if person.state is VolunteerState.AWAITING_CONSENT:
        person.state = advance(person.state, VolunteerState.ACTIVE)
        person.version += 1
    keep_consents(actor, person, answer.consents, at=at)
    _tell(actor, person, link, is_first=is_first, at=at)
    return account


def _use(invitation: Invitation, *, at: datetime) -> None:
    """Use the link up, once: of two people who open it at the same time one is told it is gone."""
    used = db.session.execute(
        update(Invitation)
        .where(
            Invitation.id == invitation.id,
            Invitation.uses_left > 0,
            Invitation.revoked_at.is_(None),
            Invitation.expires_at > at,
        )
        .values(uses_left=Invitation.uses_left - 1)
    )
    if used.rowcount != 1:  # type: ignore[attr-defined]
        raise Refused(
            "link_used", "这个邀请链接已经用过。", "请向单位组织者再要一个新链接。", status=410
        )


def _newcomer(link: OpenedLink, answer: Answer, *, at: datetime) -> Volunteer:
    """The profile of somebody who joins by the unit's link: the waiting one of the same name and phone, or new."""
    on = local_date(at)
    facts = PersonFacts(
        name=answer.name, phone=answer.phone, sex=answer.sex, birth_year=answer.birth_year
    )
    checked = check_facts(facts, on=on)
    if checked.phone is None:
        raise Refused("phone_missing", "请填写手机号。", field="phone", status=422)
    known = db.session.scalars(
        select(Volunteer)
        .where(
            Volunteer.unit_id == link.invitation.unit_id,
            Volunteer.name == checked.name,
            Volunteer.phone_index == blind("phone", checked.phone),
            Volunteer.merged_into_id.is_(None),
        )
        .with_for_update()
    ).first()
    if known is not None:
        if known.state is VolunteerState.AWAITING_CONSENT:
            return known
        raise Refused(
            "already_registered",
            "您已经登记过了，不用再加入。",
            "请用志愿者编号或手机号登录；忘记密码请联系组织者。",
            field="phone",
        )
    person = new_profile(SYSTEM, checked.name, unit_id=link.invitation.unit_id, on=on)
    person.sex, person.birth_year = checked.sex, checked.birth_year
    person.community_id = answer.community_id
    set_phone(person, checked.phone)
    db.session.add(person)
    db.session.flush()
    give_number(person)
    return person


def _settle_age(person: Volunteer, answer: Answer, *, at: datetime) -> None:
    """Ask for what the age asks for: a birth year where none is known, a guardian's yes for a minor."""
    on = local_date(at)
    if person.birth_year is None and answer.birth_year is not None:
        person.birth_year = answer.birth_year
    if person.birth_year is None or person.state is not VolunteerState.AWAITING_CONSENT:
        return
    guardian = normalise_guardian(answer.guardian_phone)
    agreed = answer.guardian_agrees and bool(answer.guardian_name.strip()) and guardian is not None
    unit = db.session.get(Unit, person.unit_id)
    assert unit is not None, "a person has a unit"
    require_age(person.birth_year, unit, has_guardian=agreed or person.has_guardian_consent, on=on)
    if agreed and guardian is not None:
        person.guardian_name = answer.guardian_name.strip()[:100]
        person.guardian_phone_cipher = encrypt(guardian)
        person.has_guardian_consent, person.guardian_consent_at = True, at


def _login_of(person: Volunteer, answer: Answer, *, at: datetime) -> Account:
    account = db.session.scalar(select(Account).where(Account.volunteer_id == person.id))
    if account is None:
        account = Account(
            login=person.number.lower(),
            name=person.name,
            volunteer_id=person.id,
            must_change_password=False,
            created_at=at,
        )
        db.session.add(account)
    if person.erased_at is not None:  # who comes back after the login was erased gets a new one
        account.login, account.name, person.erased_at = person.number.lower(), person.name, None
    account.unit_id, account.phone_index = person.unit_id, person.phone_index
    if answer.password_hash is not None:
        account.password_hash, account.password_changed_at = answer.password_hash, at
    elif account.must_change_password:
        account.password_hash = None  # a first password that nobody changed dies with the link
    account.must_change_password = False
    account.first_password_expires_at = None
    db.session.flush()
    return account


def _tell(
    actor: Actor, person: Volunteer, link: OpenedLink, *, is_first: bool, at: datetime
) -> None:
    act = "join_unit" if link.volunteer is None else "claim_profile"
    words = "通过链接加入" if link.volunteer is None else "确认了本人资料"
    if link.volunteer is not None and not is_first:
        act, words = "sign_in_by_link", "用链接重新登录"
    note(
        actor,
        act,
        person,
        f"{person.name} {words}",
        at=at,
        unit_id=person.unit_id,
        after={"invitation_id": link.invitation.id, "state": person.state.value},
    )
    if link.volunteer is None:
        for account_id in organizers_of(person.unit_id):
            tell(
                topic="joined",
                title=f"{person.name} 加入了本单位",
                body=f"编号 {person.number}，通过加入链接登记，请核对资料。",
                at=at,
                account_id=account_id,
                link=f"/people/{person.id}",
            )


def purposes(values: Iterable[str]) -> frozenset[ConsentPurpose]:
    """The purposes of ticked boxes; unknown words are left out."""
    known = {purpose.value: purpose for purpose in ConsentPurpose}
    return frozenset(known[value] for value in values if value in known)
