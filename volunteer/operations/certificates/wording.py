"""What stands on a certificate (证明内容): all that is printed, and the part that strangers may read."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from volunteer.domain.certificate import (
    FORMAT,
    Line,
    Sum,
    by_grade,
    by_kind,
    by_month,
    by_unit,
    name_commitment,
    total,
)
from volunteer.domain.identity import local_phone, mask_number, read_document
from volunteer.domain.ledger import instant_text
from volunteer.domain.naming import mask_name
from volunteer.domain.recognition import star_name
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import (
    CertificateDetail,
    CertificateLayout,
    CertificateSpan,
    DocumentKind,
    DocumentShown,
    UnitKind,
    UnitLevel,
)
from volunteer.domain.timekeeping import local_date
from volunteer.models.base import db
from volunteer.models.cipher import decrypt
from volunteer.models.people import Unit, Volunteer
from volunteer.queries.certificates.offer import minutes_waiting
from volunteer.queries.policy import policy_on
from volunteer.queries.roots import newest_root


@dataclass(frozen=True, slots=True)
class Paper:
    """What was settled before the words are written."""

    number: str
    code: str
    city: str
    unit_id: int | None
    first_on: date
    last_on: date
    layout: CertificateLayout
    span: CertificateSpan
    detail: CertificateDetail
    document: DocumentShown
    purpose: str
    handler: str
    star: int
    key: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who issues, as printed."""

    name: str
    person_in_charge: str
    contact: str


def _issuer(paper: Paper) -> Issuer:
    if paper.unit_id is not None:
        unit = db.session.get(Unit, paper.unit_id)
    else:
        unit = db.session.scalar(
            select(Unit)
            .where(
                Unit.kind == UnitKind.OFFICE,
                Unit.level == UnitLevel.CITY,
                Unit.is_active.is_(True),
            )
            .order_by(Unit.id)
            .limit(1)
        )
    if unit is None:
        return Issuer(f"{paper.city}志愿服务记录平台", "", "")
    phone = unit.contact_phone
    if phone.startswith("+86"):
        phone = local_phone(phone)
    return Issuer(unit.full_name or unit.name, unit.contact_name, phone)


def _document(volunteer: Volunteer, on: date) -> tuple[str, str]:
    """The kind and the masked number of the person's document; both empty where none is known."""
    number = decrypt(volunteer.id_cipher)
    if number is None:
        return "", ""
    try:
        kind = read_document(number, on).kind
    except Refused:
        kind = DocumentKind.OTHER
    return kind.label, mask_number(number)


def _sums(found: list[Sum]) -> list[dict[str, Any]]:
    return [{"name": s.name, "minutes": s.minutes, "times": s.times} for s in found]


def _root() -> dict[str, Any] | None:
    row = newest_root()
    if row is None:
        return None
    return {
        "day": row.day.isoformat(),
        "last_seq": row.last_seq,
        "root": bytes(row.root).hex(),
    }


def content_of(paper: Paper, volunteer: Volunteer, lines: list[Line]) -> dict[str, Any]:
    """All that is printed, frozen. A full document number is not in it: it stays encrypted beside it."""
    issuer = _issuer(paper)
    return {
        "format": FORMAT,
        "number": paper.number,
        "code": paper.code,
        "city": paper.city,
        "layout": paper.layout.value,
        "span": paper.span.value,
        "detail": paper.detail.value,
        "issued_on": local_date(paper.at).isoformat(),
        "issuer": issuer.name,
        "person_in_charge": issuer.person_in_charge,
        "handler": paper.handler,
        "contact": issuer.contact,
        **_person(paper, volunteer),
        "first_on": paper.first_on.isoformat(),
        "last_on": paper.last_on.isoformat(),
        "purpose": paper.purpose,
        "minutes": total(lines),
        "times": len(lines),
        "waiting_minutes": minutes_waiting(volunteer.id),
        "hour_step": policy_on(local_date(paper.at)).hour_step_hundredths,
        "grades": _sums(by_grade(lines)),
        "units": _sums(by_unit(lines)),
        "kinds": _sums(by_kind(lines)),
        "months": _sums(by_month(lines)),
        "lines": [_printed(line) for line in lines],
        "root": _root(),
    }


def _person(paper: Paper, volunteer: Volunteer) -> dict[str, str]:
    kind, masked = _document(volunteer, local_date(paper.at))
    shown = paper.document is not DocumentShown.NONE
    unit = db.session.get(Unit, volunteer.unit_id)
    return {
        "name": volunteer.name,
        "volunteer_number": volunteer.number,
        "national_number": volunteer.national_number or "",
        "own_unit": unit.name if unit else "",
        "star": star_name(paper.star) if paper.star else "",
        "document_kind": kind if shown else "",
        "document": masked if shown else "",
        "document_shown": paper.document.value,
    }


def _printed(line: Line) -> dict[str, Any]:
    return {
        "seq": line.seq,
        "on": line.on.isoformat(),
        "unit": line.unit,
        "title": line.title,
        "content": line.content,
        "place": line.place,
        "person_in_charge": line.person_in_charge,
        "minutes": line.minutes,
        "grade": line.grade,
    }


def statement_of(
    paper: Paper, volunteer: Volunteer, lines: list[Line], content: bytes
) -> dict[str, Any]:
    """What is signed and what strangers may read: the name masked, the figures, the entries by number."""
    return {
        "format": FORMAT,
        "number": paper.number,
        "issued_at": instant_text(paper.at),
        "issuer": _issuer(paper).name,
        "city": paper.city,
        "span": paper.span.value,
        "name": mask_name(volunteer.name),
        "name_commitment": name_commitment(paper.code, volunteer.name),
        "first_on": paper.first_on.isoformat(),
        "last_on": paper.last_on.isoformat(),
        "minutes": total(lines),
        "times": len(lines),
        "grades": {s.name: s.minutes for s in by_grade(lines)},
        "units": _sums(by_unit(lines)),
        "persons": sorted({line.volunteer_id for line in lines}),
        "records": [
            {
                "seq": line.seq,
                "record": line.record_id,
                "on": line.on.isoformat(),
                "minutes": line.minutes,
                "grade": line.grade,
            }
            for line in lines
        ],
        "content": content.hex(),
        "key": paper.key,
    }
