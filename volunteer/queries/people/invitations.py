"""Invitations (邀请链接), read: what a link opens, and which links are out."""

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from volunteer.domain.access import Act, Actor
from volunteer.domain.naming import mask_name
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import VolunteerState
from volunteer.models.base import db
from volunteer.models.cipher import blind
from volunteer.models.people import Account, Invitation, Unit, Volunteer
from volunteer.queries.accounts import digest_of
from volunteer.queries.people.listing import full_phone, masked_phone
from volunteer.queries.scope import visible

TOKEN_LENGTH = 24
"""Characters of a link's token: 144 bits."""


def token_from(nonce: bytes) -> str:
    """The token of a link, derived from its nonce and the index key, which is not in the database."""
    sealed = blind("invitation", nonce.hex())
    return base64.urlsafe_b64encode(sealed).decode()[:TOKEN_LENGTH]


@dataclass(frozen=True, slots=True)
class OpenedLink:
    """What the person who opens a link may know before saying who they are."""

    invitation: Invitation
    unit_name: str
    inviter: str
    volunteer: Volunteer | None
    has_account: bool

    @property
    def shown_name(self) -> str:
        """The name of the profile, masked: the link alone proves little."""
        return mask_name(self.volunteer.name) if self.volunteer else ""

    @property
    def asks_digits(self) -> bool:
        """Whether the last figures of the phone must be typed."""
        return self.volunteer is not None and self.volunteer.phone_cipher is not None

    @property
    def phone_tail(self) -> str:
        """The last four figures of the phone."""
        return full_phone(self.volunteer.phone_cipher)[-4:] if self.volunteer else ""

    @property
    def is_first(self) -> bool:
        """Whether the person confirms the profile now, and does not merely sign in again."""
        return self.volunteer is None or self.volunteer.state is VolunteerState.AWAITING_CONSENT


def opened_link(token: str, *, at: datetime) -> OpenedLink:
    """What a link opens.

    Raises Refused ``link_unknown`` (404), ``link_revoked``, ``link_used``, ``link_over``, ``has_left``
    (all 410).
    """
    row = db.session.execute(
        select(Invitation, Unit.name, Account.name, Volunteer)
        .join(Unit, Unit.id == Invitation.unit_id)
        .outerjoin(Account, Account.id == Invitation.created_by_id)
        .outerjoin(Volunteer, Volunteer.id == Invitation.volunteer_id)
        .where(Invitation.token_hash == digest_of(token))
    ).one_or_none()
    if row is None:
        raise Refused(
            "link_unknown", "这个邀请链接不存在。", "请核对链接，或向组织者再要一个。", status=404
        )
    invitation, unit_name, inviter, person = row
    if invitation.revoked_at is not None:
        raise _over("link_revoked", "这个邀请链接已被收回。")
    if invitation.uses_left < 1:
        raise _over("link_used", "这个邀请链接已经用过。")
    if invitation.expires_at <= at:
        raise _over("link_over", "这个邀请链接已过期。")
    if person is not None and (
        person.state is VolunteerState.LEFT or person.merged_into_id is not None
    ):
        raise _over("has_left", "这份志愿者资料已停用。")
    has_account = person is not None and bool(
        db.session.scalar(select(Account.id).where(Account.volunteer_id == person.id))
    )
    return OpenedLink(invitation, unit_name, inviter or "", person, has_account)


def _over(code: str, sentence: str) -> Refused:
    return Refused(code, sentence, "请向单位组织者再要一个新链接。", status=410)


@dataclass(frozen=True, slots=True)
class InviteeLine:
    """A person to be invited: masked phone, and the link if one is out. The token comes on demand."""

    volunteer_id: int
    number: str
    name: str
    phone: str
    invitation: Invitation | None

    @property
    def token(self) -> str:
        """The token of the live link, empty without one."""
        return token_from(self.invitation.nonce) if self.invitation else ""


def invitees(
    actor: Actor,
    unit_id: int,
    *,
    at: datetime,
    roll_import_id: int | None = None,
    most: int = 500,
) -> list[InviteeLine]:
    """People of a unit who have not confirmed yet, each with the newest live link."""
    live = (
        select(Invitation.volunteer_id, func.max(Invitation.id).label("newest"))
        .where(
            Invitation.unit_id == unit_id,
            Invitation.volunteer_id.is_not(None),
            Invitation.revoked_at.is_(None),
            Invitation.uses_left > 0,
            Invitation.expires_at > at,
        )
        .group_by(Invitation.volunteer_id)
        .subquery()
    )
    statement: Any = (
        select(Volunteer, Invitation)
        .outerjoin(live, live.c.volunteer_id == Volunteer.id)
        .outerjoin(Invitation, Invitation.id == live.c.newest)
        .where(
            Volunteer.unit_id == unit_id,
            Volunteer.state == VolunteerState.AWAITING_CONSENT,
            Volunteer.merged_into_id.is_(None),
        )
        .order_by(Volunteer.name_key, Volunteer.id)
        .limit(most)
    )
    if roll_import_id is not None:
        statement = statement.where(Volunteer.roll_import_id == roll_import_id)
    statement = visible(statement, actor, Act.MANAGE_PEOPLE, unit=Volunteer.unit_id)
    return [
        InviteeLine(p.id, p.number, p.name, masked_phone(p.phone_cipher), link)
        for p, link in db.session.execute(statement)
    ]


def open_links(actor: Actor, unit_id: int, *, at: datetime) -> list[Invitation]:
    """Links of a unit that anyone may use to join, newest first."""
    statement: Any = (
        select(Invitation)
        .where(
            Invitation.unit_id == unit_id,
            Invitation.volunteer_id.is_(None),
            Invitation.revoked_at.is_(None),
            Invitation.uses_left > 0,
            Invitation.expires_at > at,
        )
        .order_by(Invitation.id.desc())
    )
    statement = visible(statement, actor, Act.MANAGE_PEOPLE, unit=Invitation.unit_id)
    return list(db.session.scalars(statement))
