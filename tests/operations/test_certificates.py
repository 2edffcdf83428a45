"""Certificates: who gets which, what they say, and how they end."""

import json
import re
import subprocess
from datetime import date, timedelta
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from sqlalchemy import select, text

from tests.builders import a_city, a_kind, a_unit, a_volunteer, an_account
from tests.operations.test_attendance import refused_as
from tests.recognition import a_grant
from tests.records import a_record
from volunteer.domain.access import Actor
from volunteer.domain.certificate import canonical_json, grouped, name_commitment
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import (
    CertificateDetail,
    CertificateLayout,
    CertificateState,
    DocumentShown,
    Nature,
    UnitKind,
)
from volunteer.domain.timekeeping import beijing, minutes_of
from volunteer.models.base import db
from volunteer.models.certificates import Certificate, CertificateRecord
from volunteer.models.cipher import encrypt
from volunteer.models.journal import AuditEntry, Message
from volunteer.operations.certificates import Wanted, issue_for, issue_own, revoke_certificate
from volunteer.operations.ledger import correct_record, void_record
from volunteer.operations.sealing import seal_due
from volunteer.queries.accounts import actor_of
from volunteer.queries.certificates.issued import (
    announced,
    certificate_by_number,
    issued_certificate,
    issued_page,
    my_certificate,
    my_certificates,
    standing_of,
    statement,
)
from volunteer.queries.certificates.offer import my_offers, offers_at_desk, people_to_certify
from volunteer.queries.certificates.printed import printed
from volunteer.render.papers import certificate_pdf

MARCH = date(2026, 3, 2)
AT = beijing(date(2026, 11, 24), minutes_of("09:00"))
NUMBER = "430502198506150011"


class Scene:
    """Wang Fang with three records of her unit (50 minutes each) and one of another unit."""

    def __init__(self) -> None:
        self.city = a_city()
        self.kind = a_kind(name="文明交通劝导")
        unit, person = self.city.unit, self.city.volunteer
        self.records = [
            a_record(unit, person, on=MARCH + timedelta(days=7 * n), minutes=50, grade=grade)
            for n, grade in enumerate("ABA")
        ]
        self.foreign = a_record(self.city.other_unit, person, on=date(2026, 4, 6), minutes=90)
        db.session.commit()

    def actor(self, account: Any) -> Actor:
        return actor_of(account, at=AT)

    @property
    def me(self) -> Actor:
        return self.actor(self.city.volunteer_account)

    @property
    def desk(self) -> Actor:
        return self.actor(self.city.organizer)

    def issue(self, at: Any = AT, **wanted: Any) -> Certificate:
        return issue_own(
            self.me,
            Wanted(wanted.pop("unit_id", self.city.unit.id), **wanted),
            city="邵阳市",
            at=at,
        )


@pytest.fixture
def scene(app: Any) -> Scene:
    return Scene()


def pdf_of(certificate: Certificate, folder: Any, *, for_person: bool = True) -> Any:
    path = folder / f"{certificate.number}.pdf"
    address = f"https://zy.example.gov.cn/v/{grouped(certificate.number)}"
    path.write_bytes(
        certificate_pdf(
            printed(certificate, for_person=for_person), address=address, at=certificate.issued_at
        )
    )
    return path


def words_of(path: Any) -> str:
    done = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, check=True)
    return done.stdout.decode()


def test_the_own_unit_certifies_what_it_recorded(scene: Scene) -> None:
    made = scene.issue(purpose="积分入学")
    db.session.commit()
    said = statement(made)
    assert (made.minutes, made.record_count, made.state) == (150, 3, CertificateState.VALID)
    assert (made.first_on, made.last_on) == (MARCH, MARCH + timedelta(days=14))
    assert said["grades"] == {"A": 100, "B": 50}
    assert said["name"] == "王*"
    assert "王芳" not in made.statement
    assert "积分入学" not in made.statement
    assert said["name_commitment"] == name_commitment(made.code, "王芳")
    assert standing_of(made).is_good
    bears = set(db.session.scalars(select(CertificateRecord.record_id)))
    assert bears == {record.id for record in scene.records}
    line = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "issue_certificate")).one()
    assert line.subject_id == made.id


def test_numbers_are_unguessable_and_differ(scene: Scene) -> None:
    numbers = {scene.issue(purpose=str(n)).number for n in range(40)}
    assert len(numbers) == 40
    assert all(re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{20}", number) for number in numbers)


def test_the_same_wish_on_the_same_day_is_the_same_paper(scene: Scene) -> None:
    first = scene.issue()
    assert scene.issue(at=AT + timedelta(minutes=1)).id == first.id
    assert scene.issue(purpose="入团").id != first.id
    assert scene.issue(at=AT + timedelta(days=1)).id != first.id


def test_the_city_bundles_with_a_line_for_each_unit(scene: Scene) -> None:
    offers = my_offers(scene.me)
    assert [(o.unit, o.minutes, o.times) for o in offers] == [
        ("市医保局", 150, 3),
        ("双清交警大队", 90, 1),
    ]
    made = scene.issue(unit_id=None)
    assert made.unit_id is None
    assert [(u["name"], u["minutes"]) for u in statement(made)["units"]] == [
        ("市医保局", 150),
        ("双清交警大队", 90),
    ]


def test_a_period_narrows_and_has_to_make_sense(scene: Scene) -> None:
    made = scene.issue(first_on=MARCH, last_on=MARCH + timedelta(days=7))
    assert (made.minutes, made.record_count) == (100, 2)
    for code, wanted in {
        "period_backwards": {"first_on": MARCH, "last_on": MARCH - timedelta(days=1)},
        "period_future": {"last_on": date(2026, 11, 25)},
        "nothing_to_certify": {"first_on": date(2026, 5, 1)},
        "purpose_too_long": {"purpose": "字" * 61},
        "purpose_glyph": {"purpose": "入学😀"},
        "document_missing": {"document": DocumentShown.FULL},
    }.items():
        with refused_as(code):
            scene.issue(**wanted)


def test_office_duty_and_training_are_never_certified(scene: Scene) -> None:
    for nature in (Nature.DUTY, Nature.TRAINING):
        a_record(scene.city.unit, scene.city.volunteer, on=date(2026, 6, 1), nature=nature)
    assert scene.issue().minutes == 150


def test_a_name_that_cannot_be_printed_is_refused_in_words(scene: Scene) -> None:
    scene.city.volunteer.name = "王\U00020003"
    with pytest.raises(Refused) as no:
        scene.issue()
    assert no.value.code == "name_glyph"
    assert "\U00020003" in no.value.sentence
    assert "U+20003" in no.value.sentence
    assert "字体" in no.value.hint


@pytest.mark.parametrize(
    "name", ["喆堃玥祎昇镕珺翀赟", "𠮷田𬭚", "䶮㛃", "阿依古丽·买买提江", "Zoë O’Brien"]
)
def test_rare_names_print(scene: Scene, tmp_path: Any, name: str) -> None:
    scene.city.volunteer.name = name
    assert name.replace(" ", "") in words_of(pdf_of(scene.issue(), tmp_path)).replace(" ", "")


def test_the_desk_issues_its_own_units_records_only(scene: Scene) -> None:
    person = scene.city.volunteer.id
    made = issue_for(
        scene.desk,
        volunteer_id=person,
        wanted=Wanted(scene.city.unit.id),
        city="邵阳市",
        at=AT,
    )
    assert not made.is_self_service
    assert db.session.scalars(select(Message).where(Message.topic == "certificate")).one()
    other = scene.city.other_unit.id
    for account, wanted, code in (
        (scene.city.organizer, Wanted(other), "not_yours"),
        (scene.city.organizer, Wanted(None), "bundle_of_city"),
        (scene.city.auditor, Wanted(scene.city.unit.id), "not_allowed"),
        (
            scene.city.organizer,
            Wanted(scene.city.unit.id, document=DocumentShown.FULL),
            "document_choice",
        ),
    ):
        with refused_as(code):
            issue_for(
                scene.actor(account), volunteer_id=person, wanted=wanted, city="邵阳市", at=AT
            )
    with refused_as("not_allowed"):
        issue_own(scene.desk, Wanted(None), city="邵阳市", at=AT)
    bundle = issue_for(
        scene.actor(scene.city.city_admin),
        volunteer_id=person,
        wanted=Wanted(None),
        city="邵阳市",
        at=AT,
    )
    assert bundle.minutes == 240


def test_successor_and_guiding_units_certify(scene: Scene) -> None:
    heir = a_unit("市医疗保障中心")
    team = a_unit("青年志愿服务队", kind=UnitKind.INNER_TEAM, guiding_unit_id=heir.id)
    scene.city.unit.successor_unit_id = heir.id
    scene.city.unit.is_active = False
    a_record(team, scene.city.volunteer, on=date(2026, 6, 1), minutes=30)
    db.session.flush()
    assert {o.unit: o.minutes for o in my_offers(scene.me)} == {
        "市医疗保障中心": 180,
        "双清交警大队": 90,
    }
    made = scene.issue(unit_id=heir.id)
    assert made.minutes == 180
    assert {u["name"] for u in statement(made)["units"]} == {"市医保局", "青年志愿服务队"}
    with refused_as("nothing_to_certify"):
        scene.issue(unit_id=scene.city.unit.id)


def test_a_merged_profile_keeps_its_hours(scene: Scene) -> None:
    twin = a_volunteer(scene.city.unit, "王芳")
    a_record(scene.city.unit, twin, on=date(2026, 6, 1), minutes=25)
    twin.merged_into_id = scene.city.volunteer.id
    db.session.flush()
    made = scene.issue()
    assert made.minutes == 175
    assert len(statement(made)["persons"]) == 2


def test_a_correction_ends_every_certificate_that_bears_the_record(scene: Scene) -> None:
    bears, bundle = scene.issue(), scene.issue(unit_id=None)
    spared = scene.issue(first_on=MARCH + timedelta(days=7))
    record = scene.records[0]
    correct_record(
        scene.desk,
        record_id=record.id,
        came_at=beijing(MARCH, minutes_of("07:30")),
        went_at=beijing(MARCH, minutes_of("08:00")),
        reason="带队证实提前离开",
        at=AT,
    )
    db.session.commit()
    assert [c.state.value for c in (bears, bundle, spared)] == ["superseded", "superseded", "valid"]
    assert "带队证实" in standing_of(bears).reason
    assert len(db.session.scalars(select(Message).where(Message.topic == "certificate")).all()) == 2
    again = scene.issue()
    assert again.id != bears.id
    assert again.minutes == 130
    assert statement(bears)["minutes"] == 150


def test_what_the_hook_missed_the_ledger_tells(scene: Scene) -> None:
    made = scene.issue()
    void_record(scene.desk, record_id=scene.records[1].id, reason="不是本人", at=AT)
    made.state = CertificateState.VALID
    db.session.flush()
    assert standing_of(made).state is CertificateState.SUPERSEDED


def test_revoking_needs_a_reason_the_right_and_happens_once(scene: Scene) -> None:
    made = scene.issue()
    db.session.commit()
    for account, reason, code in (
        (scene.city.other_organizer, "有误", "not_yours"),
        (scene.city.auditor, "有误", "not_allowed"),
        (scene.city.organizer, " ", "reason_needed"),
    ):
        with refused_as(code):
            revoke_certificate(scene.actor(account), certificate_id=made.id, reason=reason, at=AT)
    revoke_certificate(scene.desk, certificate_id=made.id, reason="冒名服务", at=AT)
    assert (made.state, standing_of(made).reason) == (CertificateState.REVOKED, "冒名服务")
    with refused_as("already_revoked"):
        revoke_certificate(scene.desk, certificate_id=made.id, reason="再次", at=AT)
    bundle = scene.issue(unit_id=None)
    with refused_as("not_yours"):
        revoke_certificate(scene.desk, certificate_id=bundle.id, reason="有误", at=AT)
    with refused_as("not_found"):
        revoke_certificate(scene.desk, certificate_id=10**6, reason="有误", at=AT)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE certificate SET minutes = 1500",
        "UPDATE certificate SET statement = replace(statement, '150,', '950,')",
        "UPDATE certificate SET content = replace(content, '王芳', '王五')",
        "UPDATE certificate SET number = '00000000000000000000'",
    ],
)
def test_a_certificate_edited_in_the_database_is_broken(scene: Scene, change: str) -> None:
    made = scene.issue()
    db.session.commit()
    db.session.execute(text(change))
    db.session.refresh(made)
    assert standing_of(made).is_broken
    assert not standing_of(made).is_good


def test_the_paper_says_the_right_figures_in_both_layouts(scene: Scene, tmp_path: Any) -> None:
    scene.city.volunteer.id_cipher = encrypt(NUMBER)
    scene.city.unit.full_name = "邵阳市医疗保障局"
    scene.city.unit.contact_name, scene.city.unit.contact_phone = "李建国", "+867395320001"
    seal_due(at=AT)
    full = words_of(pdf_of(scene.issue(purpose="积分入学"), tmp_path))
    for word in (
        "志愿服务记录证明", "王芳", "43*************011", "服务时间共计", "2.5", "邵阳市医疗保障局",
        "李建国", "0739-5320001", "盖章处", "用途：积分入学", "2026-03-16", "志愿者本人自助出具",
        "2026 年 11 月 24 日", "时长台账根值",
    ):  # fmt: skip
        assert word.replace(" ", "") in full.replace(" ", ""), word
    assert NUMBER not in full
    short = words_of(pdf_of(scene.issue(layout=CertificateLayout.SHORT), tmp_path))
    assert "2.5 小时".replace(" ", "") in short.replace(" ", "")
    assert "服务明细" not in short
    months = words_of(pdf_of(scene.issue(detail=CertificateDetail.MONTHS), tmp_path))
    assert "2026年3月" in months.replace(" ", "")


def test_the_star_that_holds_stands_on_the_fuller_layout(scene: Scene, tmp_path: Any) -> None:
    """Neither order 67 nor the form of 2015 has a field for it: the short layout has only what they ask."""
    without = scene.issue()
    assert "志愿者星级" not in words_of(pdf_of(without, tmp_path))
    a_grant(scene.city.volunteer, level=2, at=AT - timedelta(days=20))
    a_grant(scene.city.volunteer, level=3, at=AT - timedelta(days=1))  # its days in public last
    made = scene.issue()
    assert made.id != without.id
    full = words_of(pdf_of(made, tmp_path)).replace(" ", "")
    assert "志愿者星级二星级志愿者" in full
    assert "出具之日有效的评定结果" in full
    short = words_of(pdf_of(scene.issue(layout=CertificateLayout.SHORT), tmp_path))
    assert "星级" not in short
    assert "star" not in statement(made), "the signed format stays what it was"
    assert standing_of(made).is_good


def test_a_paper_from_before_stars_were_printed_says_what_it_said(
    scene: Scene, tmp_path: Any
) -> None:
    made = scene.issue()
    known = json.loads(made.content)
    del known["star"]
    made.content = canonical_json(known)
    with db.session.no_autoflush:
        assert "志愿者星级" not in words_of(pdf_of(made, tmp_path))
    db.session.expire(made)


def test_the_whole_number_is_the_persons_choice_and_stays_encrypted(
    scene: Scene, tmp_path: Any
) -> None:
    scene.city.volunteer.id_cipher = encrypt(NUMBER)
    made = scene.issue(document=DocumentShown.FULL)
    assert NUMBER not in made.content + made.statement
    assert NUMBER in words_of(pdf_of(made, tmp_path))
    assert NUMBER not in words_of(pdf_of(made, tmp_path, for_person=False))


def test_the_code_on_the_paper_leads_to_the_check(scene: Scene, tmp_path: Any) -> None:
    made = scene.issue()
    path = pdf_of(made, tmp_path)
    subprocess.run(
        ["pdftoppm", "-r", "130", "-png", "-f", "1", "-l", "1", path, tmp_path / "page"], check=True
    )
    with Image.open(next(tmp_path.glob("page*.png"))) as picture:
        found = zxingcpp.read_barcodes(picture.convert("L"))
    assert [code.text for code in found] == [f"https://zy.example.gov.cn/v/{grouped(made.number)}"]


def test_a_reprint_has_the_same_bytes(scene: Scene, tmp_path: Any) -> None:
    made = scene.issue()
    first = pdf_of(made, tmp_path).read_bytes()
    scene.city.volunteer.name = "改名"
    scene.city.unit.name = "改名的局"
    db.session.flush()
    assert pdf_of(made, tmp_path).read_bytes() == first
    assert b"pdfaid:part>2" in first


def test_a_long_list_of_records_stays_in_order(scene: Scene, tmp_path: Any) -> None:
    kind = a_kind().id
    for n in range(70):
        a_record(
            scene.city.unit,
            scene.city.volunteer,
            on=date(2026, 5, 1) + timedelta(days=n),
            kind_id=kind,
        )
    made = scene.issue(detail=CertificateDetail.RECORDS)
    known = json.loads(made.content)
    assert len(known["lines"]) == made.record_count == 73
    days = re.findall(r"2026-0[5-7]-\d\d", words_of(pdf_of(made, tmp_path)))
    assert days[:70] == sorted(days[:70])
    assert scene.issue().detail is CertificateDetail.MONTHS


def test_lists_show_what_each_may_see(scene: Scene) -> None:
    made, bundle = scene.issue(), scene.issue(unit_id=None)
    db.session.commit()
    assert [row.certificate.id for row in my_certificates(scene.me)] == [bundle.id, made.id]
    assert my_certificate(scene.me, made.id).id == made.id
    stranger = scene.actor(scene.city.other_volunteer_account)
    with refused_as("not_found"):
        my_certificate(stranger, made.id)
    with refused_as("not_found"):
        issued_certificate(scene.actor(scene.city.other_organizer), made.id)
    with refused_as("not_found"):
        issued_certificate(scene.desk, bundle.id)
    assert issued_page(scene.desk).total == 1
    assert issued_page(scene.actor(scene.city.city_admin)).total == 2
    assert issued_page(scene.desk, words="王").total == 1
    assert issued_page(scene.desk, words=grouped(made.number)[:9]).total == 1
    assert issued_page(scene.desk, words="张三").total == 0
    assert issued_page(scene.desk, state=CertificateState.REVOKED).total == 0
    assert certificate_by_number(grouped(made.number).lower()).id == made.id
    with refused_as("certificate_unknown"):
        certificate_by_number("0" * 20)
    people = people_to_certify(scene.desk, "王芳")
    assert [person.volunteer_id for person in people] == [scene.city.volunteer.id]
    assert people_to_certify(scene.actor(scene.city.other_organizer), "赵强") == []
    assert [o.unit for o in offers_at_desk(scene.desk, scene.city.volunteer.id)] == ["市医保局"]


def test_the_unit_sees_what_was_issued_to_its_members(scene: Scene) -> None:
    made = scene.issue()
    colleague = an_account(volunteer=a_volunteer(scene.city.unit))
    seen = announced(scene.actor(colleague), days=7, today=date(2026, 11, 25))
    assert [row.certificate.id for row in seen] == [made.id]
    stranger = scene.actor(scene.city.other_volunteer_account)
    assert announced(stranger, days=7, today=date(2026, 11, 25)) == []
    assert announced(scene.actor(colleague), days=7, today=date(2026, 12, 3)) == []
