"""Importing a roll: every fault named by its cell, all or nothing, twice the same is nothing."""

import io
from datetime import timedelta

import openpyxl
import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.builders import NOW, City, a_city, a_skill, a_volunteer, an_account
from tests.counting import count_queries
from tests.refusals import refused
from volunteer.domain.terms import Sex, VolunteerState
from volunteer.models.base import db
from volunteer.models.cipher import blind, decrypt, encrypt
from volunteer.models.people import Account, Qualification, RollImport, Volunteer
from volunteer.operations.people.rolls import (
    confirm_roll,
    discard_roll,
    forget_old_rolls,
    read_upload,
    take_roll,
)
from volunteer.operations.people.states import let_go
from volunteer.queries.accounts import actor_of
from volunteer.queries.people.rolls import CHANGED, FAULT, NEW, SAME, RollPerson, roll_rows
from volunteer.render.roll import Roll, RollRow

HEAD = ("姓名", "性别", "手机号", "身份证号", "出生年份", "居住社区", "技能资质", "单位", "备注")


@pytest.fixture
def city(app: Flask) -> City:
    return a_city()


def a_roll(*rows: tuple[str, ...], problems: dict[int, dict[int, str]] | None = None) -> Roll:
    numbered = enumerate([HEAD, *rows], start=1)
    return Roll(
        "花名册", tuple(RollRow(n, tuple(r), (problems or {}).get(n, {})) for n, r in numbered)
    )


def take(city: City, roll: Roll, *, by: Account | None = None) -> RollImport:
    actor = actor_of(by or city.organizer, at=NOW)
    return take_roll(actor, roll, file_name="花名册.xlsx", unit_id=city.unit.id, at=NOW)


def judged(city: City, *rows: tuple[str, ...], **given) -> list[RollPerson]:
    return roll_rows(take(city, a_roll(*rows, **given)))


ZHANG = (
    "张建国",
    "男",
    "19907390001",
    "430502198506150011",
    "1985",
    "人民巷",
    "急救、摄影",
    "",
    "",
)
AI = ("买买提．艾山", "", "+86 199 0739 0002", "", "1990-05", "", "", "市医保局", "住三楼")


def test_a_clean_roll_enters_everybody_once(city: City) -> None:
    skill = a_skill("first_aid", "急救")
    organizer = actor_of(city.organizer, at=NOW)
    kept = take(city, a_roll(ZHANG, AI))
    assert (kept.row_count, kept.new_count, kept.fault_count) == (2, 2, 0)
    assert "张建国".encode() not in kept.rows_cipher
    before = db.session.scalar(select(func.count()).select_from(Volunteer))
    confirm_roll(organizer, kept.id, at=NOW)
    assert db.session.scalar(select(func.count()).select_from(Volunteer)) == before + 2
    zhang = db.session.scalars(select(Volunteer).where(Volunteer.name == "张建国")).one()
    assert zhang.state is VolunteerState.AWAITING_CONSENT
    assert zhang.number == f"ZY{zhang.id:07d}"
    assert (zhang.sex, zhang.birth_year) == (Sex.MALE, 1985)
    assert zhang.community_id == city.community.id
    assert zhang.note == "特长：摄影"
    assert zhang.roll_import_id == kept.id
    assert decrypt(zhang.phone_cipher) == "+8619907390001"
    assert db.session.scalars(select(Qualification.skill_id)).all() == [skill.id]
    ai = db.session.scalars(select(Volunteer).where(Volunteer.name == "买买提·艾山")).one()
    assert (ai.birth_year, ai.note) == (1990, "住三楼")
    assert roll_rows(kept) == [], "the rows are erased once they are people"
    with refused("already_done"):
        confirm_roll(organizer, kept.id, at=NOW)


def test_the_same_file_again_changes_nothing(city: City) -> None:
    a_skill("first_aid", "急救")
    organizer = actor_of(city.organizer, at=NOW)
    confirm_roll(organizer, take(city, a_roll(ZHANG, AI)).id, at=NOW)
    again = take(city, a_roll(ZHANG, AI))
    assert [row.verdict for row in roll_rows(again)] == [SAME, SAME]
    before = db.session.scalar(select(func.count()).select_from(Volunteer))
    confirm_roll(organizer, again.id, at=NOW)
    assert db.session.scalar(select(func.count()).select_from(Volunteer)) == before


def test_a_known_person_is_changed_and_what_the_file_leaves_empty_stays(city: City) -> None:
    organizer = actor_of(city.organizer, at=NOW)
    confirm_roll(organizer, take(city, a_roll(ZHANG)).id, at=NOW)
    zhang = db.session.scalars(select(Volunteer).where(Volunteer.name == "张建国")).one()
    login = an_account(volunteer=zhang)
    newer = ("张建囯", "", "19907390099", "430502198506150011", "", "", "", "", "")
    kept = take(city, a_roll(newer))
    (row,) = roll_rows(kept)
    assert (row.verdict, row.volunteer_id, row.changes) == (CHANGED, zhang.id, ["姓名", "手机号"])
    confirm_roll(organizer, kept.id, at=NOW)
    assert (zhang.name, zhang.birth_year, zhang.community_id) == ("张建囯", 1985, city.community.id)
    assert (login.name, login.phone_index) == ("张建囯", zhang.phone_index)


@pytest.mark.parametrize(
    ("row", "title", "cell", "words"),
    [
        (("", "", "19907390001"), "姓名", "A2", "请填写姓名"),
        (("甲某", "公", "19907390001"), "性别", "B2", "看不懂"),
        (("甲某", "", "1990739"), "手机号", "C2", "电话号码不正确"),
        (("甲某", "", ""), "手机号", "C2", "请填写电话号码"),
        (("甲某", "", "19907390001", "430502198506150012"), "身份证号", "D2", "校验位"),
        (("甲某", "女", "19907390001", "430502198506150011"), "性别", "B2", "不符"),
        (("甲某", "", "19907390001", "430502198506150011", "1984"), "出生年份", "E2", "不符"),
        (("甲某", "", "19907390001", "", "八五年"), "出生年份", "E2", "看不懂"),
        (("甲某", "", "19907390001", "", "2016"), "出生年份", "E2", "周岁"),
        (("甲某", "", "19907390001", "", "", "", "", "没有的局"), "单位", "H2", "没有叫"),
        (("甲某", "", "19907390001", "", "", "", "", "双清交警大队"), "单位", "H2", "管理范围"),
    ],
)
def test_a_fault_names_its_cell(
    city: City, row: tuple[str, ...], title: str, cell: str, words: str
) -> None:
    (found,) = judged(city, (*row, *([""] * (len(HEAD) - len(row)))))
    assert found.verdict == FAULT
    assert any(
        (fault.title, fault.address) == (title, cell) and words in fault.sentence
        for fault in found.faults
    ), found.faults


def test_a_number_that_the_spreadsheet_destroyed_is_told(city: City) -> None:
    (row,) = judged(
        city,
        ("甲某", "", "19907390001", "430502198506150000", "", "", "", "", ""),
        problems={2: {3: "numeric_id"}},
    )
    assert "文本" in row.faults[0].hint
    assert row.faults[0].address == "D2"


def test_twins_inside_the_file_are_told_with_the_earlier_row(city: City) -> None:
    same_number = ("另名", *ZHANG[1:])
    same_name = ("买买提·艾山", "", "19907390002", "", "", "", "", "", "")
    rows = judged(city, ZHANG, AI, same_number, same_name)
    assert [row.verdict for row in rows] == [NEW, NEW, FAULT, FAULT]
    assert "第 2 行" in rows[2].faults[0].sentence
    assert rows[2].faults[0].address == "D4"
    assert "第 3 行" in rows[3].faults[0].sentence


def test_one_fault_stops_everybody(city: City) -> None:
    kept = take(city, a_roll(ZHANG, ("", "", "", "", "", "", "", "", "x")))
    before = db.session.scalar(select(func.count()).select_from(Volunteer))
    with refused("has_faults"):
        confirm_roll(actor_of(city.organizer, at=NOW), kept.id, at=NOW)
    assert db.session.scalar(select(func.count()).select_from(Volunteer)) == before


def test_somebody_of_another_unit_is_named_only_by_the_unit(city: City) -> None:
    city.other_volunteer.id_index = blind("id", "430502198506150011")
    city.other_volunteer.id_cipher = encrypt("430502198506150011")
    (row,) = judged(city, ZHANG)
    assert "双清交警大队" in row.faults[0].sentence
    assert "赵强" not in str(row.faults)


def test_somebody_who_left_comes_back_by_the_front_door(city: City) -> None:
    organizer = actor_of(city.organizer, at=NOW)
    gone = a_volunteer(city.unit, "张建国", phone="19907390001")
    let_go(organizer, gone.id, reason="调离本市", at=NOW)
    db.session.flush()
    (row,) = judged(city, ("张建国", "", "19907390001", "", "", "", "", "", ""))
    assert "已退出" in row.faults[0].sentence


def test_a_person_without_number_gets_it_from_the_roll(city: City) -> None:
    known = a_volunteer(city.unit, "张建国", phone="19907390001", birth_year=1985)
    kept = take(city, a_roll(ZHANG))
    (row,) = roll_rows(kept)
    assert (row.verdict, row.volunteer_id) == (CHANGED, known.id)
    confirm_roll(actor_of(city.organizer, at=NOW), kept.id, at=NOW)
    assert known.id_index == blind("id", "430502198506150011")


def test_namesakes_with_other_numbers_are_other_people(city: City) -> None:
    organizer = actor_of(city.organizer, at=NOW)
    confirm_roll(organizer, take(city, a_roll(ZHANG)).id, at=NOW)
    (row,) = judged(city, ("张建国", "", "19907390001", "430503199001010022", "", "", "", "", ""))
    assert row.verdict == NEW
    assert row.notices


def test_what_changed_since_the_preview_stops_the_import(city: City) -> None:
    kept = take(city, a_roll(ZHANG))
    a_volunteer(city.unit, "张建国", phone="19907390001")
    with refused("changed_since"):
        confirm_roll(actor_of(city.organizer, at=NOW), kept.id, at=NOW)


def test_only_the_own_unit_and_only_for_a_while(city: City) -> None:
    kept = take(city, a_roll(ZHANG))
    other = actor_of(city.other_organizer, at=NOW)
    with refused("not_yours"):
        take_roll(other, a_roll(ZHANG), file_name="x.csv", unit_id=city.unit.id, at=NOW)
    with refused("not_yours"):
        confirm_roll(other, kept.id, at=NOW)
    with refused("not_allowed"):
        take(city, a_roll(ZHANG), by=city.auditor)
    with refused("nobody_in_it"):
        take(city, a_roll())
    assert forget_old_rolls(before=NOW - timedelta(days=1), at=NOW + timedelta(days=6)) == 0
    assert forget_old_rolls(before=NOW + timedelta(days=1), at=NOW + timedelta(days=8)) == 1
    with refused("already_done"):
        discard_roll(actor_of(city.organizer, at=NOW), kept.id, at=NOW)


def a_file(*rows: tuple[str, ...]) -> bytes:
    book = openpyxl.Workbook()
    for row in (HEAD, *rows):
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_a_real_file_is_read_in_the_child_and_a_bad_one_is_refused(city: City) -> None:
    organizer = actor_of(city.organizer, at=NOW)
    roll = read_upload(organizer, a_file(ZHANG, AI), "花名册.xlsx", unit_id=city.unit.id)
    assert take(city, roll).new_count == 2
    with refused("not_a_sheet") as no:
        read_upload(organizer, b"%PDF-1.7 nothing", "花名册.pdf", unit_id=city.unit.id)
    assert no.value.field == "file"
    with refused("no_heading"):
        read_upload(organizer, "一,二\n三,四\n".encode(), "x.csv", unit_id=city.unit.id)
    with refused("too_large"):
        read_upload(organizer, b"a" * (5 * 1024 * 1024 + 1), "x.csv", unit_id=city.unit.id)
    with refused("not_yours"):
        read_upload(
            actor_of(city.other_organizer, at=NOW), a_file(ZHANG), "x.xlsx", unit_id=city.unit.id
        )


def test_two_thousand_people_are_entered_in_few_statements(city: City) -> None:
    rows = tuple((f"某{n}", "", f"199{n:08d}", "", "", "", "", "", "") for n in range(2000))
    with count_queries() as sent:
        kept = take(city, a_roll(*rows))
    assert len(sent) < 60
    confirm_roll(actor_of(city.organizer, at=NOW), kept.id, at=NOW)
    assert kept.new_count == 2000
