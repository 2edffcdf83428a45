"""Importing a roll (导入花名册): read in a limited child process, judged, shown, then all of it or nothing."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select, update

from volunteer.domain.access import Act, Actor, require
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import Sex
from volunteer.domain.timekeeping import local_date
from volunteer.models.base import db
from volunteer.models.cipher import blind, encrypt
from volunteer.models.people import Qualification, RollImport, Skill, Volunteer
from volunteer.operations.journal import note
from volunteer.operations.people.register import (
    give_number,
    new_profile,
    set_phone,
    sync_account,
    unit_of,
)
from volunteer.operations.people.roll_register import held_skills, parts, register_for
from volunteer.operations.people.roll_rows import (
    changes_of,
    compare_rows,
    meet_register,
    read_row,
)
from volunteer.operations.people.skills import months_later
from volunteer.queries.people.rolls import (
    CHANGED,
    FAULT,
    NEW,
    RollPerson,
    no_such_roll,
    packed,
    roll_rows,
)
from volunteer.render.roll import Limits, Roll, SheetRefused, read_roll
from volunteer.render.roll_fields import heading_of

LIMITS = Limits(file_bytes=5 * 1024 * 1024, rows=5_000)
SEX_BY_VALUE = {sex.value: sex for sex in Sex}


def read_upload(actor: Actor, content: bytes, file_name: str, *, unit_id: int) -> Roll:
    """Read an uploaded file in the limited child; no transaction is open while it works.

    Raises Refused with the code of ``SheetRefused`` at the field ``file``, and what ``require`` raises.
    """
    require(actor, Act.IMPORT_ROLL, unit_id=unit_id)
    try:
        roll = read_roll(content, file_name, LIMITS)
        heading_of(roll)
    except SheetRefused as refused:
        raise Refused(
            refused.code,
            refused.template,
            refused.hint_template,
            field="file",
            status=422,
            values=refused.values,
        ) from None
    return roll


def take_roll(
    actor: Actor, roll: Roll, *, file_name: str, unit_id: int, at: datetime
) -> RollImport:
    """Judge every row and keep the verdicts, encrypted, until they are confirmed or thrown away.

    Raises Refused ``nobody_in_it``, ``no_unit``, and what ``require`` raises.
    """
    require(actor, Act.IMPORT_ROLL, unit_id=unit_id)
    unit = unit_of(unit_id)
    heading = heading_of(roll)
    records = {record.number: record for record in heading.records(roll)}
    if not records:
        raise Refused(
            "nobody_in_it",
            "文件里没有一个人。",
            "请在列名下面逐行填写，再上传。",
            field="file",
            status=422,
        )
    on = local_date(at)
    blank = register_for(actor, unit, [])
    rows = [read_row(record, blank, on=on) for record in records.values()]
    compare_rows(rows, records)
    register = register_for(actor, unit, rows)
    for row in rows:
        meet_register(row, register, records[row.number].address("name"))
    kept = RollImport(
        unit_id=unit_id,
        file_name=file_name[-200:],
        rows_cipher=packed(rows),
        row_count=len(rows),
        fault_count=_count(rows, FAULT),
        new_count=_count(rows, NEW),
        changed_count=_count(rows, CHANGED),
        created_by_id=actor.account_id or 0,
        created_at=at,
    )
    db.session.add(kept)
    note(
        actor,
        "upload_roll",
        kept,
        f"上传花名册 {file_name[-60:]}（{len(rows)} 行，{kept.fault_count} 行有问题）",
        at=at,
        unit_id=unit_id,
        after={"rows": len(rows), "faults": kept.fault_count},
    )
    return kept


def _count(rows: Iterable[RollPerson], verdict: str) -> int:
    return sum(row.verdict == verdict for row in rows)


def confirm_roll(actor: Actor, roll_id: int, *, at: datetime) -> RollImport:
    """Enter all people of a judged roll, or none; the same roll again finds nothing to do.

    Newcomers wait for their own consent. Raises Refused ``has_faults``, ``already_done``,
    ``changed_since`` when the register moved on between preview and confirmation, ``not_found``.
    """
    kept = _live(actor, roll_id)
    rows = roll_rows(kept)
    if kept.fault_count:
        raise Refused(
            "has_faults",
            "还有 %(fault_count)s 行有问题，没有导入任何人。",
            "请在表格里改好后重新上传。",
            values={"fault_count": kept.fault_count},
        )
    _require_unchanged(actor, kept, rows)
    people = _enter(actor, kept, rows, at=at)
    taken = db.session.execute(
        update(RollImport)
        .where(
            RollImport.id == kept.id,
            RollImport.confirmed_at.is_(None),
            RollImport.discarded_at.is_(None),
        )
        .values(confirmed_at=at, rows_cipher=packed([]))
    )
    if taken.rowcount != 1:  # type: ignore[attr-defined]
        raise already_done()
    note(
        actor,
        "confirm_roll",
        kept,
        f"导入花名册 {kept.file_name[-60:]}：新增 {kept.new_count} 人，更新 {kept.changed_count} 人",
        at=at,
        unit_id=kept.unit_id,
        after={"volunteer_ids": people},
    )
    db.session.refresh(kept)
    return kept


def already_done() -> Refused:
    """What is said of a roll that was confirmed or thrown away."""
    return Refused("already_done", "这份花名册已经处理过。", "如需再次导入，请重新上传文件。")


def _live(actor: Actor, roll_id: int) -> RollImport:
    kept = db.session.scalar(
        select(RollImport)
        .where(RollImport.id == roll_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if kept is None:
        require(actor, Act.IMPORT_ROLL)
        raise no_such_roll()
    require(actor, Act.IMPORT_ROLL, unit_id=kept.unit_id)
    if kept.confirmed_at is not None or kept.discarded_at is not None:
        raise already_done()
    return kept


def _require_unchanged(actor: Actor, kept: RollImport, rows: list[RollPerson]) -> None:
    """Judge the rows once more: between preview and confirmation others may have worked on."""
    register = register_for(actor, unit_of(kept.unit_id), rows)
    for row in rows:
        again = RollPerson.from_json({**row.as_json(), "changes": [], "notices": []})
        meet_register(again, register, f"第 {row.number} 行")
        if (again.verdict, again.volunteer_id) != (row.verdict, row.volunteer_id):
            raise Refused(
                "changed_since",
                "预览之后名册有变化（第 %(number)s 行 %(name)s），没有导入任何人。",
                "请重新上传同一个文件，核对后再确认。",
                values={"number": row.number, "name": row.name},
            )


def _enter(actor: Actor, kept: RollImport, rows: list[RollPerson], *, at: datetime) -> list[int]:
    on = local_date(at)
    touched = [row for row in rows if row.verdict in (NEW, CHANGED)]
    wanted = [row.volunteer_id for row in touched if row.volunteer_id is not None]
    known: dict[int, Volunteer] = {}
    for part in parts(wanted):
        for person in db.session.scalars(select(Volunteer).where(Volunteer.id.in_(part))):
            known[person.id] = person
    pairs: list[tuple[RollPerson, Volunteer]] = []
    for row in touched:
        if row.volunteer_id is None:
            person = new_profile(actor, row.name, unit_id=row.unit_id, on=on)
            person.roll_import_id = kept.id
            db.session.add(person)
        else:
            person = known[row.volunteer_id]
        pairs.append((row, person))
    held = held_skills(list(known))
    for row, person in pairs:
        before = changes_of(row, person, held.get(person.id, frozenset())) if person.id else []
        _fill(row, person)
        if before:
            person.version += 1
            sync_account(person)
            note(
                actor,
                "edit_volunteer",
                person,
                f"花名册更新 {person.name}：{'、'.join(before)}",
                at=at,
                unit_id=person.unit_id,
                after={"roll_import_id": kept.id, "changed": before},
            )
    db.session.flush()
    for row, person in pairs:
        if row.verdict == NEW:
            give_number(person)
            note(
                actor,
                "register_volunteer",
                person,
                f"花名册登记 {person.name}（{person.number}）",
                at=at,
                unit_id=person.unit_id,
                after={"roll_import_id": kept.id},
            )
    _give_skills(actor, pairs, held, at=at)
    return [person.id for _, person in pairs]


def _fill(row: RollPerson, person: Volunteer) -> None:
    person.name = row.name
    set_phone(person, row.phone)
    if row.id_number and person.id_index is None:
        person.id_cipher, person.id_index = encrypt(row.id_number), blind("id", row.id_number)
    if row.sex is not None:
        person.sex = SEX_BY_VALUE[row.sex]
    person.birth_year = row.birth_year or person.birth_year
    person.community_id = row.community_id or person.community_id
    person.note = row.note or person.note or ""


def _give_skills(
    actor: Actor,
    pairs: list[tuple[RollPerson, Volunteer]],
    held: dict[int, frozenset[int]],
    *,
    at: datetime,
) -> None:
    months = {skill.id: skill.valid_months for skill in db.session.scalars(select(Skill))}
    on = local_date(at)
    for row, person in pairs:
        for skill_id in set(row.skill_ids) - held.get(person.id, frozenset()):
            valid = months.get(skill_id)
            db.session.add(
                Qualification(
                    volunteer_id=person.id,
                    skill_id=skill_id,
                    expires_on=months_later(on, valid) if valid else None,
                    confirmed_by_id=actor.account_id,
                    confirmed_at=at,
                )
            )


def discard_roll(actor: Actor, roll_id: int, *, at: datetime) -> None:
    """Throw a judged roll away; its rows are erased.

    Raises Refused ``already_done``, ``not_found``, and what ``require`` raises.
    """
    kept = _live(actor, roll_id)
    kept.discarded_at, kept.rows_cipher = at, packed([])
    note(
        actor,
        "discard_roll",
        kept,
        f"放弃花名册 {kept.file_name[-60:]}",
        at=at,
        unit_id=kept.unit_id,
    )


def forget_old_rolls(*, before: datetime, at: datetime) -> int:
    """Erase the rows of rolls uploaded before an instant that nobody confirmed; run by the clock."""
    old = db.session.scalars(
        select(RollImport)
        .where(
            RollImport.confirmed_at.is_(None),
            RollImport.discarded_at.is_(None),
            RollImport.created_at < before,
        )
        .with_for_update()
    ).all()
    for kept in old:
        kept.discarded_at, kept.rows_cipher = at, packed([])
        note(
            None,
            "forget_roll",
            kept,
            f"清除过期未确认的花名册 {kept.file_name[-60:]}",
            at=at,
            unit_id=kept.unit_id,
        )
    return len(old)
