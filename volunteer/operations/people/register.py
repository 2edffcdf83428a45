"""Registering and editing a person (登记、修改志愿者): names, numbers and phones in their one form."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from volunteer.domain.access import Act, Actor, may, require
from volunteer.domain.identity import normalise_phone, read_document
from volunteer.domain.law import registration_findings
from volunteer.domain.naming import normalise_name
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import Sex, UnitKind, VolunteerState
from volunteer.domain.timekeeping import local_date
from volunteer.models.base import db
from volunteer.models.cipher import blind, decrypt, encrypt
from volunteer.models.people import Account, Unit, Volunteer
from volunteer.operations.journal import note
from volunteer.queries.people.person import locked_volunteer
from volunteer.queries.policy import current_policy

LONGEST_WEEK = 40 * 60
"""Minutes a week that somebody may offer at most."""


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What is typed about a person. When editing, an empty phone or number leaves the old one."""

    name: str
    phone: str = ""
    id_number: str = ""
    sex: Sex | None = None
    birth_year: int | None = None
    community_id: int | None = None
    max_minutes_per_week: int = 240
    max_shifts_per_day: int = 1
    national_number: str = ""
    guardian_name: str = ""
    guardian_phone: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """Facts in their one form, checked against each other."""

    name: str
    phone: str | None
    id_number: str | None
    sex: Sex | None
    birth_year: int | None
    guardian_phone: str | None


def check_facts(facts: PersonFacts, *, on: date) -> Checked:
    """Bring facts to their one form.

    Raises Refused of :mod:`volunteer.domain.identity` and ``naming``, and ``sex_differs``,
    ``birth_differs``, ``birth_strange``, each at its field.
    """
    name = normalise_name(facts.name)
    phone = normalise_phone(facts.phone) if facts.phone.strip() else None
    guardian = normalise_guardian(facts.guardian_phone)
    sex, born = facts.sex, facts.birth_year
    if born is not None and not 1900 <= born <= on.year:
        raise Refused("birth_strange", "出生年份不合理。", field="birth_year", status=422)
    if not facts.id_number.strip():
        return Checked(name, phone, None, sex, born, guardian)
    try:
        document = read_document(facts.id_number, on)
    except Refused as refused:
        raise Refused(
            refused.code,
            refused.template,
            refused.hint_template,
            field="id_number",
            status=422,
            values=refused.values,
        ) from None
    if sex is not None and sex is not document.sex:
        raise Refused(
            "sex_differs", "性别与证件号码不符。", "请核对两者。", field="sex", status=422
        )
    if born is not None and born != document.born_on.year:
        raise Refused(
            "birth_differs",
            "出生年份与证件号码不符。",
            "请核对两者。",
            field="birth_year",
            status=422,
        )
    return Checked(name, phone, document.number, document.sex, document.born_on.year, guardian)


def normalise_guardian(typed: str) -> str | None:
    """A guardian's phone in its one form; refusals stand at the guardian's field."""
    if not typed.strip():
        return None
    try:
        return normalise_phone(typed)
    except Refused as refused:
        raise Refused(
            refused.code,
            refused.template,
            refused.hint_template,
            field="guardian_phone",
            status=422,
        ) from None


def require_age(birth_year: int | None, unit: Unit, *, has_guardian: bool, on: date) -> None:
    """Pass if a person born in this year may be registered (《中国注册志愿者管理办法》).

    Raises Refused ``too_young``, ``no_guardian_consent``.
    """
    if birth_year is None:
        return
    for finding in registration_findings(
        on.year - birth_year,
        has_guardian_consent=has_guardian,
        is_school_linked=unit.kind is UnitKind.SCHOOL,
        policy=current_policy(),
    ):
        place = "birth_year" if finding.code == "too_young" else "guardian_name"
        hint = "" if finding.code == "too_young" else "请填写监护人姓名和电话。"
        raise Refused(finding.code, finding.sentence, hint, field=place, status=422)


def require_new_number(actor: Actor, id_number: str, *, but: int | None = None) -> None:
    """Pass if no other profile carries this document number.

    Raises Refused ``already_registered``: it names the person inside the actor's reach, else only whom to ask.
    """
    row = db.session.execute(
        select(Volunteer, Unit)
        .join(Unit, Unit.id == Volunteer.unit_id)
        .where(Volunteer.id_index == blind("id", id_number), Volunteer.id != (but or 0))
    ).one_or_none()
    if row is None:
        return
    other, unit = row
    raise Refused(
        "already_registered",
        registered_words(actor, other, unit),
        ask_words(actor, unit),
        field="id_number",
    )


def registered_words(actor: Actor, other: Volunteer, unit: Unit) -> str:
    """Who carries the number already, as far as the actor may know."""
    if may(actor, Act.VIEW_PEOPLE, unit_id=unit.id):
        return f"这个证件号码已登记为{unit.name}的{other.name}（{other.number}）。"
    return f"这个证件号码已在{unit.name}登记。"


def ask_words(actor: Actor, unit: Unit) -> str:
    """Whom to ask about a person who is registered elsewhere."""
    if may(actor, Act.VIEW_PEOPLE, unit_id=unit.id):
        return "同一个人只登记一次，请打开原有资料修改。"
    contact = "".join(part for part in (unit.contact_name, unit.contact_phone) if part)
    return f"请联系{unit.name}{contact}办理转出，或请上级管理员合并。"


def give_number(volunteer: Volunteer) -> None:
    """Give a flushed person the number of the register; it says nothing about the person."""
    volunteer.number = f"ZY{volunteer.id:07d}"


def unit_of(unit_id: int) -> Unit:
    """The unit of a person to be registered.

    Raises Refused ``no_unit``.
    """
    unit = db.session.get(Unit, unit_id)
    if unit is None or not unit.is_active:
        raise Refused("no_unit", "没有找到这个单位。", field="unit_id", status=422)
    return unit


def register_volunteer(
    actor: Actor, facts: PersonFacts, *, unit_id: int, at: datetime
) -> Volunteer:
    """Enter a person; the profile waits for the person's own consent (民政部令第67号第六条).

    Raises Refused of ``check_facts``, ``require_age``, ``require_new_number``, and ``phone_missing``,
    ``looks_registered``, ``no_unit``.
    """
    require(actor, Act.MANAGE_PEOPLE, unit_id=unit_id)
    on = local_date(at)
    unit = unit_of(unit_id)
    checked = check_facts(facts, on=on)
    if checked.phone is None:
        raise Refused("phone_missing", "请填写电话号码。", field="phone", status=422)
    has_guardian = bool(facts.guardian_name.strip() and checked.guardian_phone)
    require_age(checked.birth_year, unit, has_guardian=has_guardian, on=on)
    if checked.id_number is not None:
        require_new_number(actor, checked.id_number)
    else:
        _require_other_name(checked, unit_id)
    person = new_profile(actor, checked.name, unit_id=unit_id, on=on)
    _write(person, facts, checked, at=at)
    db.session.add(person)
    db.session.flush()
    give_number(person)
    note(
        actor,
        "register_volunteer",
        person,
        f"登记志愿者 {person.name}（{person.number}）",
        at=at,
        unit_id=unit_id,
        after=told(person),
    )
    return person


def new_profile(actor: Actor, name: str, *, unit_id: int, on: date) -> Volunteer:
    """A profile that nobody has confirmed yet, with a number for the time until it is flushed."""
    return Volunteer(
        number=secrets.token_hex(10),
        name=name,
        unit_id=unit_id,
        state=VolunteerState.AWAITING_CONSENT,
        personal_secret=secrets.token_bytes(32),
        joined_on=on,
        entered_by_id=actor.account_id,
    )


def _require_other_name(checked: Checked, unit_id: int) -> None:
    twin = db.session.scalar(
        select(Volunteer).where(
            Volunteer.unit_id == unit_id,
            Volunteer.name == checked.name,
            Volunteer.phone_index == blind("phone", checked.phone or ""),
            Volunteer.merged_into_id.is_(None),
        )
    )
    if twin is not None:
        raise Refused(
            "looks_registered",
            "本单位已有同名同电话的志愿者 %(name)s（%(number)s）。",
            "如果确实是另一个人，请填写证件号码加以区分。",
            field="name",
            values={"name": twin.name, "number": twin.number},
        )


def _write(person: Volunteer, facts: PersonFacts, checked: Checked, *, at: datetime) -> None:
    person.name = checked.name
    person.sex, person.birth_year = checked.sex, checked.birth_year
    person.community_id = facts.community_id
    person.max_minutes_per_week = facts.max_minutes_per_week
    person.max_shifts_per_day = facts.max_shifts_per_day
    person.national_number = facts.national_number.strip() or None
    person.note = facts.note.strip()[:200]
    person.guardian_name = facts.guardian_name.strip()[:100]
    if checked.phone is not None:
        set_phone(person, checked.phone)
    if checked.id_number is not None:
        person.id_cipher = encrypt(checked.id_number)
        person.id_index = blind("id", checked.id_number)
    if checked.guardian_phone is not None:
        person.guardian_phone_cipher = encrypt(checked.guardian_phone)


def set_phone(person: Volunteer, phone: str) -> None:
    """Store a normalised phone with its blind index."""
    person.phone_cipher, person.phone_index = encrypt(phone), blind("phone", phone)


def told(person: Volunteer) -> dict[str, Any]:
    """What the audit line keeps of a person: nothing that identifies beyond the name."""
    return {
        "name": person.name,
        "sex": person.sex.value if person.sex else None,
        "birth_year": person.birth_year,
        "community_id": person.community_id,
        "max_minutes_per_week": person.max_minutes_per_week,
        "max_shifts_per_day": person.max_shifts_per_day,
        "note": person.note,
        "has_id_number": person.id_index is not None,
    }


def edit_volunteer(
    actor: Actor, volunteer_id: int, facts: PersonFacts, *, seen_version: int, at: datetime
) -> Volunteer:
    """Change what is known of a person; the person is told where phone or number changed.

    Raises Refused of ``check_facts``, ``require_age``, ``require_new_number``, and ``not_found``,
    ``changed_since`` when somebody was quicker.
    """
    person = reached(actor, volunteer_id)
    if person.version != seen_version:
        raise Refused("changed_since", "别人刚刚修改过这位志愿者的资料。", "请刷新页面后再改。")
    on = local_date(at)
    checked = check_facts(facts, on=on)
    known = decrypt(person.id_cipher)
    if checked.id_number is None and known is not None:
        document = read_document(known, on)
        checked = Checked(
            checked.name,
            checked.phone,
            None,
            document.sex,
            document.born_on.year,
            checked.guardian_phone,
        )
    has_guardian = person.has_guardian_consent or bool(
        facts.guardian_name.strip() and (checked.guardian_phone or person.guardian_phone_cipher)
    )
    require_age(checked.birth_year, unit_of(person.unit_id), has_guardian=has_guardian, on=on)
    if checked.id_number is not None:
        require_new_number(actor, checked.id_number, but=person.id)
    before = told(person)
    _write(person, facts, checked, at=at)
    person.version += 1
    sync_account(person)
    after = told(person) | {"phone_changed": checked.phone is not None}
    note(
        actor,
        "edit_volunteer",
        person,
        f"修改志愿者 {person.name} 的资料",
        at=at,
        unit_id=person.unit_id,
        before=before,
        after=after,
    )
    return person


def reached(actor: Actor, volunteer_id: int, act: Act = Act.MANAGE_PEOPLE) -> Volunteer:
    """The newest row of a person whom the actor may change; a merged profile is closed.

    Raises Refused ``not_found``, ``not_allowed``, ``not_yours``, ``merged_away``.
    """
    person = locked_volunteer(volunteer_id)
    require(actor, act, unit_id=person.unit_id)
    if person.merged_into_id is not None:
        raise Refused("merged_away", "这份资料已合并到另一份，不能再修改。", "请打开保留的那一份。")
    return person


def sync_account(person: Volunteer) -> None:
    """Keep the login's name, phone and unit in step with the person."""
    account = db.session.scalar(select(Account).where(Account.volunteer_id == person.id))
    if account is not None:
        account.name, account.phone_index = person.name, person.phone_index
        account.unit_id = person.unit_id
