"""Consents (同意): a receipt per purpose and version, withdrawn with what follows from it."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select

from volunteer.domain.access import Act, Actor, require
from volunteer.domain.privacy import ADULT_ONLY, NOTICE_VERSION, REQUIRED
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import ConsentPurpose
from volunteer.domain.timekeeping import local_date
from volunteer.models.base import db
from volunteer.models.people import Consent, Volunteer
from volunteer.operations.journal import note
from volunteer.operations.people.register import reached
from volunteer.queries.people.person import is_minor_on, locked_volunteer


def live_consents(volunteer_id: int) -> dict[ConsentPurpose, Consent]:
    """The receipts that hold now, by purpose."""
    rows = db.session.scalars(
        select(Consent).where(Consent.volunteer_id == volunteer_id, Consent.withdrawn_at.is_(None))
    )
    return {row.purpose: row for row in rows}


def keep_consents(
    actor: Actor | None, person: Volunteer, purposes: Iterable[ConsentPurpose], *, at: datetime
) -> list[ConsentPurpose]:
    """Write receipts for purposes that have none yet, of minors only what is meant for them; returns those written."""
    held = live_consents(person.id)
    asked = set(purposes) - held.keys()
    if is_minor_on(person, local_date(at)):
        asked -= ADULT_ONLY
    fresh = [purpose for purpose in ConsentPurpose if purpose in asked]
    for purpose in fresh:
        db.session.add(
            Consent(
                volunteer_id=person.id,
                purpose=purpose,
                text_version=NOTICE_VERSION,
                given_at=at,
                given_by_id=actor.account_id if actor else None,
            )
        )
        if purpose is ConsentPurpose.PUBLIC_DISPLAY:
            person.is_public = True
    if fresh:
        note(
            actor,
            "give_consent",
            person,
            f"{person.name} 同意：{'、'.join(purpose.label for purpose in fresh)}",
            at=at,
            unit_id=person.unit_id,
            after={"purposes": [p.value for p in fresh], "version": NOTICE_VERSION},
        )
    return fresh


def give_consent(actor: Actor, purpose: ConsentPurpose, *, at: datetime) -> None:
    """Consent to one purpose for oneself; a repeated yes changes nothing.

    Raises Refused ``minor`` where the law shields a minor from the purpose.
    """
    person = own_profile(actor)
    if purpose in ADULT_ONLY and is_minor_on(person, local_date(at)):
        raise Refused(
            "minor",
            "未成年人不定位、不公开展示，这一项不能同意。",
            "签到请扫现场二维码或由带队点名；时长照常计入。",
        )
    keep_consents(actor, person, [purpose], at=at)


def own_profile(actor: Actor, act: Act = Act.OWN_PROFILE) -> Volunteer:
    """The newest row of the actor's own profile.

    Raises Refused ``not_allowed`` where the account is no volunteer's.
    """
    require(actor, act)
    require(actor, act, volunteer_id=actor.volunteer_id)
    return locked_volunteer(actor.volunteer_id or 0)


def withdraw_consent(actor: Actor, purpose: ConsentPurpose, *, at: datetime) -> None:
    """Withdraw one consent of one's own. The document number goes with the consent to keep it.

    Raises Refused ``needed_to_serve`` (withdrawing the account's purpose is leaving), ``already_so``.
    """
    person = own_profile(actor)
    if purpose in REQUIRED:
        raise Refused(
            "needed_to_serve",
            "撤回这一项就不能再为您排班和记录时长。",
            "如果确定，请到“我的”最下方选择退出志愿者登记。",
        )
    held = live_consents(person.id).get(purpose)
    if held is None:
        raise Refused("already_so", "这一项现在没有同意，无需撤回。")
    held.withdrawn_at = at
    had_number = person.id_index is not None
    if purpose is ConsentPurpose.IDENTITY:
        person.id_cipher, person.id_index = None, None
    if purpose is ConsentPurpose.PUBLIC_DISPLAY:
        person.is_public = False
    note(
        actor,
        "withdraw_consent",
        person,
        f"{person.name} 撤回同意：{purpose.label}",
        at=at,
        unit_id=person.unit_id,
        before={"purpose": purpose.value, "has_id_number": had_number},
        after={"has_id_number": person.id_index is not None},
    )


def note_guardian_consent(actor: Actor, volunteer_id: int, *, paper: str, at: datetime) -> None:
    """Note that a guardian's written consent was received, and where the paper is kept.

    Raises Refused ``guardian_missing``, ``paper_missing``, ``already_so``, and what ``reached`` raises.
    """
    person = reached(actor, volunteer_id)
    if not person.guardian_name or person.guardian_phone_cipher is None:
        raise Refused(
            "guardian_missing", "还没有登记监护人。", "请先在资料里填写监护人姓名和电话。"
        )
    if not paper.strip():
        raise Refused("paper_missing", "请写明同意书存放在哪里。", field="reason", status=422)
    if person.has_guardian_consent:
        raise Refused("already_so", "监护人的同意已经登记过。")
    person.has_guardian_consent, person.guardian_consent_at = True, at
    person.version += 1
    note(
        actor,
        "guardian_consent",
        person,
        f"登记 {person.name} 的监护人 {person.guardian_name} 书面同意",
        at=at,
        unit_id=person.unit_id,
        after={"has_guardian_consent": True},
        reason=paper.strip(),
    )
