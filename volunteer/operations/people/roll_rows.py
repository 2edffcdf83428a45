"""Judging the rows of a roll (花名册逐行核对): each row by itself, against the file, against the register.

Nothing is written here. A fault names its cell and how to mend it; one fault in the file stops all of it.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from volunteer.domain.identity import normalise_phone, read_document
from volunteer.domain.law import registration_findings
from volunteer.domain.naming import normalise_name
from volunteer.domain.policy import Policy
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import Sex, UnitKind, VolunteerState
from volunteer.models.cipher import blind
from volunteer.models.people import Unit, Volunteer
from volunteer.queries.people.rolls import CHANGED, FAULT, NEW, SAME, Fault, RollPerson
from volunteer.render.roll_fields import ROLL_FIELDS, RollRecord

TITLES = {known.key: known.title for known in ROLL_FIELDS}
SEXES = {"男": Sex.MALE, "女": Sex.FEMALE, "男性": Sex.MALE, "女性": Sex.FEMALE}
_BETWEEN = re.compile(r"[、,，;；/|\s]+")
_YEAR = re.compile(r"(\d{4})(?:\D.*|\d{2}|\d{4})?")


@dataclass(frozen=True, slots=True)
class Register:
    """What the register knows that a roll may touch."""

    units: Mapping[str, Unit]
    unit: Unit
    communities: tuple[tuple[int, str, int], ...]
    skills: Mapping[str, int]
    by_number: Mapping[bytes, tuple[Volunteer, Unit]]
    by_name: Mapping[tuple[int, str, bytes], list[Volunteer]]
    held: Mapping[int, frozenset[int]]
    reach: frozenset[int]
    is_everywhere: bool
    policy: Policy


def read_row(record: RollRecord, register: Register, *, on: date) -> RollPerson:
    """Bring one row to its one form; every fault of it is found, not only the first."""
    row = RollPerson(record.number, unit_id=register.unit.id)
    values = record.values

    def wrong(key: str, sentence: str, hint: str = "") -> None:
        place = record.address(key) if key in record.places else f"第 {record.number} 行"
        row.faults.append(Fault(TITLES[key], place, sentence, hint))

    def read(key: str, reader: Any) -> Any:
        try:
            return reader(values.get(key, ""))
        except Refused as refused:
            wrong(key, refused.sentence, refused.hint)
            return None

    row.name = read("name", normalise_name) or ""
    row.phone = read("phone", normalise_phone) or ""
    row.note = values.get("note", "")[:200]
    _read_sex(row, values, wrong)
    _read_birth(row, values, wrong, on)
    if values.get("citizen_number", "").strip():
        if record.problems.get("citizen_number") == "numeric_id":
            wrong(
                "citizen_number",
                "证件号码被表格软件存成了数字，末几位已经丢失。",
                "请把该列设为“文本”，重新填写这个号码。",
            )
        else:
            document = read("citizen_number", lambda text: read_document(text, on))
            if document is not None:
                _compare(row, document, wrong)
    _read_unit(row, values, register, wrong)
    _read_skills(row, values, register, wrong)
    _read_community(row, values, register)
    _check_age(row, register, wrong, on)
    row.faults.sort(key=lambda fault: (len(fault.address), fault.address))
    return row


def _read_sex(row: RollPerson, values: Mapping[str, str], wrong: Any) -> None:
    typed = values.get("sex", "").strip()
    if not typed:
        return
    sex = SEXES.get(typed)
    if sex is None:
        wrong("sex", f"性别“{typed[:10]}”看不懂。", "请填“男”或“女”。")
    else:
        row.sex = sex.value


def _read_birth(row: RollPerson, values: Mapping[str, str], wrong: Any, on: date) -> None:
    typed = values.get("birth_year", "").strip()
    if not typed:
        return
    match = _YEAR.fullmatch(typed)
    year = int(match[1]) if match else 0
    if not 1900 <= year <= on.year:
        wrong("birth_year", f"出生年份“{typed[:12]}”看不懂。", "请填四位年份，例如 1985。")
    else:
        row.birth_year = year


def _compare(row: RollPerson, document: Any, wrong: Any) -> None:
    row.id_number = document.number
    if row.sex is not None and row.sex != document.sex.value:
        wrong("sex", "性别与证件号码不符。", "请核对两者。")
    if row.birth_year is not None and row.birth_year != document.born_on.year:
        wrong("birth_year", "出生年份与证件号码不符。", "请核对两者。")
    row.sex, row.birth_year = document.sex.value, document.born_on.year


def _read_unit(row: RollPerson, values: Mapping[str, str], register: Register, wrong: Any) -> None:
    typed = values.get("unit", "").strip()
    if not typed:
        return
    unit = register.units.get(typed)
    if unit is None:
        wrong("unit", f"没有叫“{typed[:30]}”的单位。", "请写单位在系统里的名称，或留空。")
    elif not register.is_everywhere and unit.id not in register.reach:
        wrong("unit", f"{unit.name}不在您的管理范围。", "请把这一行交给该单位导入。")
    else:
        row.unit_id = unit.id


def _read_skills(
    row: RollPerson, values: Mapping[str, str], register: Register, wrong: Any
) -> None:
    names = [name for name in _BETWEEN.split(values.get("skills", "")) if name]
    unknown = [name for name in names if name not in register.skills]
    row.skill_ids = sorted({register.skills[name] for name in names if name in register.skills})
    if unknown:
        row.notices.append(f"没有登记过的资质：{'、'.join(unknown)[:60]}，将写入备注")
        said = f"特长：{'、'.join(unknown)}"
        row.note = f"{row.note}；{said}"[:200] if row.note else said[:200]


def _read_community(row: RollPerson, values: Mapping[str, str], register: Register) -> None:
    typed = values.get("community", "").strip()
    if not typed:
        return
    found = [
        known
        for known in register.communities
        if known[1] in typed or (len(typed) >= 2 and typed in known[1])
    ]
    exact = [known for known in found if known[1] == typed] or found
    near = [known for known in exact if known[2] == register.unit.district_id] or exact
    longest = max((len(known[1]) for known in near), default=0)
    best = [known for known in near if len(known[1]) == longest]
    if len(best) == 1:
        row.community_id = best[0][0]
    else:
        row.notices.append(f"居住社区“{typed[:20]}”没有对应的社区，先按未填处理")


def _check_age(row: RollPerson, register: Register, wrong: Any, on: date) -> None:
    if row.birth_year is None:
        return
    unit = register.unit
    for finding in registration_findings(
        on.year - row.birth_year,
        has_guardian_consent=False,
        is_school_linked=unit.kind is UnitKind.SCHOOL,
        policy=register.policy,
    ):
        if finding.code == "too_young":
            wrong("birth_year", finding.sentence)
        else:
            row.notices.append("未成年人：确认时须由监护人同意")


def compare_rows(rows: list[RollPerson], records: Mapping[int, RollRecord]) -> None:
    """Find people who stand in the file twice; the later row gets the fault, naming the earlier."""
    numbers: dict[str, int] = {}
    names: dict[tuple[str, str], tuple[int, str]] = {}
    for row in rows:
        record = records[row.number]
        if row.id_number:
            first = numbers.setdefault(row.id_number, row.number)
            if first != row.number:
                row.faults.append(
                    Fault(
                        TITLES["citizen_number"],
                        record.address("citizen_number"),
                        f"与第 {first} 行的证件号码相同。",
                        "请删去重复的一行，或改正号码。",
                    )
                )
                continue
        if not (row.name and row.phone):
            continue
        known = names.setdefault((row.name, row.phone), (row.number, row.id_number))
        if known[0] != row.number and (not row.id_number or not known[1]):
            row.faults.append(
                Fault(
                    TITLES["name"],
                    record.address("name"),
                    f"与第 {known[0]} 行的姓名、电话都相同。",
                    "如果是同一个人请删去一行；如果是两个人，请都填写证件号码。",
                )
            )


def meet_register(row: RollPerson, register: Register, address: str) -> None:
    """Find the person of the register whom a row means, and what would change."""
    if row.faults:
        row.verdict = FAULT
        return
    person = _same_number(row, register, address) or (
        None if row.faults else _same_name(row, register, address)
    )
    if row.faults:
        row.verdict = FAULT
        return
    if person is None:
        row.verdict = NEW
        return
    row.volunteer_id = person.id
    if person.state is VolunteerState.LEFT:
        row.faults.append(
            Fault(
                TITLES["name"],
                address,
                f"{person.name}（{person.number}）已退出。",
                "请先在志愿者页办理返回，再导入。",
            )
        )
        row.verdict = FAULT
        return
    row.changes = changes_of(row, person, register.held.get(person.id, frozenset()))
    row.verdict = CHANGED if row.changes else SAME


def _same_number(row: RollPerson, register: Register, address: str) -> Volunteer | None:
    if not row.id_number:
        return None
    known = register.by_number.get(blind("id", row.id_number))
    if known is None:
        return None
    person, unit = known
    if person.unit_id != row.unit_id:
        contact = f"{unit.contact_name}{unit.contact_phone}"
        row.faults.append(
            Fault(
                TITLES["citizen_number"],
                address,
                f"这个证件号码已在{unit.name}登记。",
                f"请联系{unit.name}{contact}办理转出，或请上级管理员合并。",
            )
        )
        return None
    return person


def _same_name(row: RollPerson, register: Register, address: str) -> Volunteer | None:
    found = register.by_name.get((row.unit_id, row.name, blind("phone", row.phone)), [])
    if row.id_number:
        others = [person for person in found if person.id_index is not None]
        if others and len(others) == len(found):
            row.notices.append("本单位已有同名同电话、证件号码不同的人，将作为另一个人登记")
            return None
        found = [person for person in found if person.id_index is None]
    if len(found) > 1:
        row.faults.append(
            Fault(
                TITLES["name"],
                address,
                f"本单位有 {len(found)} 位同名同电话的人，分不清是哪一位。",
                "请填写证件号码。",
            )
        )
        return None
    return found[0] if found else None


def changes_of(row: RollPerson, person: Volunteer, held: frozenset[int]) -> list[str]:
    """The titles of what the row would change; empty cells change nothing."""
    pairs: Iterable[tuple[str, bool]] = (
        ("name", row.name != person.name),
        ("phone", blind("phone", row.phone) != person.phone_index),
        ("citizen_number", bool(row.id_number) and person.id_index is None),
        ("sex", row.sex is not None and row.sex != (person.sex.value if person.sex else None)),
        ("birth_year", row.birth_year is not None and row.birth_year != person.birth_year),
        (
            "community",
            row.community_id is not None and row.community_id != person.community_id,
        ),
        ("skills", bool(set(row.skill_ids) - held)),
        ("note", bool(row.note) and row.note != person.note),
    )
    return [TITLES[key] for key, differs in pairs if differs]
