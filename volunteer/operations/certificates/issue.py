"""Issuing (出具证明): by the person for themselves at once, or by the unit that recorded; free, no quota.

《志愿服务记录与证明出具办法（试行）》第十四条：真实、及时、无偿；志愿者可以从系统自行打印。
"""

import secrets
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import select

from volunteer.domain.access import Act, Actor, require, scope_of
from volunteer.domain.certificate import (
    CODE_LETTERS,
    NUMBER_LETTERS,
    Line,
    canonical_json,
    digest_of,
    grouped,
    hours_text,
    spelled,
    total,
)
from volunteer.domain.naming import DOT
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import (
    CertificateDetail,
    CertificateLayout,
    CertificateSpan,
    CertificateState,
    DocumentShown,
)
from volunteer.domain.timekeeping import beijing, local_date
from volunteer.models import signer
from volunteer.models.base import db
from volunteer.models.certificates import Certificate, CertificateRecord
from volunteer.models.people import Volunteer
from volunteer.operations.certificates.wording import Paper, content_of, statement_of
from volunteer.operations.journal import note, tell
from volunteer.operations.ledger.posting import hold_head
from volunteer.operations.sealing import keep_key
from volunteer.queries.certificates.offer import lines_of, recorded_by
from volunteer.queries.people.person import profile_ids
from volunteer.queries.stars import granted_levels
from volunteer.render.glyphs import missing

MOST_LISTED = 60
"""Records listed one by one unless the person asks otherwise; more are summed up by month."""
LONGEST_PURPOSE = 60


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for. ``unit_id`` is the issuing unit, None for the city's bundle of all units."""

    unit_id: int | None
    first_on: date | None = None
    last_on: date | None = None
    layout: CertificateLayout = CertificateLayout.FULL
    detail: CertificateDetail | None = None
    document: DocumentShown = DocumentShown.MASKED
    purpose: str = ""

    @property
    def span(self) -> CertificateSpan:
        """One unit's records, or all of the city."""
        return CertificateSpan.CITY if self.unit_id is None else CertificateSpan.UNIT


def issue_own(actor: Actor, wanted: Wanted, *, city: str, at: datetime) -> Certificate:
    """Issue a certificate to the actor; the same wish on the same day gives the same certificate.

    Raises Refused ``nothing_to_certify``, ``period_backwards``, ``period_future``, ``name_glyph``,
    ``purpose_glyph``, ``purpose_too_long``, ``document_missing``.
    """
    require(actor, Act.OWN_CERTIFICATES, volunteer_id=actor.volunteer_id)
    assert actor.volunteer_id is not None, "only a volunteer holds this act"
    return _issue(actor, actor.volunteer_id, wanted, city=city, at=at)


def issue_for(
    actor: Actor, *, volunteer_id: int, wanted: Wanted, city: str, at: datetime
) -> Certificate:
    """Issue a certificate of the own unit's records to a person; the city office also issues bundles.

    Raises Refused as :func:`issue_own`, and ``not_yours``, ``bundle_of_city``, ``document_choice``.
    """
    require(actor, Act.ISSUE_CERTIFICATES, unit_id=wanted.unit_id)
    if wanted.unit_id is None and not scope_of(actor, Act.ISSUE_CERTIFICATES).everything:
        raise Refused(
            "bundle_of_city",
            "全市汇总证明由志愿者本人自助出具，或由市级管理员出具。",
            "请选择本单位。",
            field="unit",
            status=403,
        )
    if wanted.document is DocumentShown.FULL and actor.volunteer_id != volunteer_id:
        raise Refused(
            "document_choice",
            "完整证件号码只能由志愿者本人选择显示。",
            "可以请本人在手机上自助出具，或选择部分隐藏。",
            field="document",
            status=422,
        )
    return _issue(actor, volunteer_id, wanted, city=city, at=at)


def _issue(
    actor: Actor, volunteer_id: int, wanted: Wanted, *, city: str, at: datetime
) -> Certificate:
    hold_head()  # a correction waits until the certificate stands, and the other way round
    volunteer = db.session.get(Volunteer, volunteer_id)
    if volunteer is None:
        raise Refused("not_found", "没有找到这位志愿者。", status=404)
    _check_words(volunteer, wanted)
    lines = _lines(volunteer_id, wanted, local_date(at))
    settled = replace(
        wanted,
        first_on=wanted.first_on or lines[0].on,
        last_on=wanted.last_on or lines[-1].on,
        detail=wanted.detail or _detail(lines),
        purpose=wanted.purpose.strip(),
    )
    star = max(
        granted_levels(profile_ids(volunteer_id), held_on=local_date(at)).values(), default=0
    )
    basis = _basis(volunteer_id, settled, lines, star)
    known = _same_today(basis, at)
    if known is not None:
        return known
    handler = "" if actor.volunteer_id == volunteer.id else actor.name
    paper = _paper(settled, lines, handler=handler, star=star, city=city, at=at)
    certificate = _write(actor, volunteer, paper, lines, basis)
    _tell(actor, certificate, volunteer, at)
    return certificate


def _detail(lines: list[Line]) -> CertificateDetail:
    many = len(lines) > MOST_LISTED
    return CertificateDetail.MONTHS if many else CertificateDetail.RECORDS


def _lines(volunteer_id: int, wanted: Wanted, today: date) -> list[Line]:
    if wanted.first_on and wanted.last_on and wanted.last_on < wanted.first_on:
        raise Refused("period_backwards", "结束日期早于开始日期。", field="last_on", status=422)
    if wanted.last_on and wanted.last_on > today:
        raise Refused(
            "period_future",
            "结束日期还没有到。",
            "请选择今天或更早的日期。",
            field="last_on",
            status=422,
        )
    lines = lines_of(
        volunteer_id,
        first_on=wanted.first_on,
        last_on=wanted.last_on,
        unit_ids=None if wanted.unit_id is None else recorded_by(wanted.unit_id),
    )
    if not lines:
        raise Refused(
            "nothing_to_certify",
            "这段时间没有可以出具证明的志愿服务记录。",
            "时长结算后才能出具；公务值守和培训不计入志愿服务。可以换一个时间段或记录单位。",
            status=422,
        )
    return lines


def _check_words(volunteer: Volunteer, wanted: Wanted) -> None:
    gone = missing(volunteer.name.replace(DOT, ""))
    if gone:
        raise Refused(
            "name_glyph",
            "姓名中的“%(letter)s”（%(code)s）在证明所用的字库里没有，现在出具会缺字。",
            "请联系市级管理员补充含有这个字的字体（放入系统的 fonts 目录即可），或请记录单位出具手写的纸质证明。",
            status=422,
            values={"letter": gone[0], "code": f"U+{ord(gone[0]):04X}"},
        )
    if len(wanted.purpose.strip()) > LONGEST_PURPOSE:
        raise Refused(
            "purpose_too_long",
            "用途最多 %(count)d 个字。",
            field="purpose",
            status=422,
            values={"count": LONGEST_PURPOSE},
        )
    gone = missing(wanted.purpose)
    if gone:
        raise Refused(
            "purpose_glyph",
            "用途中的“%(letter)s”打印不出来。",
            "请换一种写法。",
            field="purpose",
            status=422,
            values={"letter": gone[0]},
        )
    if wanted.document is DocumentShown.FULL and volunteer.id_cipher is None:
        raise Refused(
            "document_missing",
            "系统中没有登记您的证件号码。",
            "请先在“我的”里登记，或选择不显示证件号码。",
            field="document",
            status=422,
        )


def _basis(volunteer_id: int, wanted: Wanted, lines: list[Line], star: int) -> bytes:
    return digest_of(
        canonical_json(
            {
                "volunteer": volunteer_id,
                "unit": wanted.unit_id,
                "period": [str(wanted.first_on), str(wanted.last_on)],
                "layout": wanted.layout.value,
                "detail": wanted.detail.value if wanted.detail else "",
                "document": wanted.document.value,
                "purpose": wanted.purpose,
                "star": star,
                "records": [[line.record_id, line.minutes] for line in lines],
            }
        )
    )


def _same_today(basis: bytes, at: datetime) -> Certificate | None:
    today = beijing(local_date(at))
    return db.session.scalar(
        select(Certificate).where(
            Certificate.basis == basis,
            Certificate.state == CertificateState.VALID,
            Certificate.issued_at >= today,
            Certificate.issued_at < today + timedelta(days=1),
        )
    )


def _paper(
    wanted: Wanted, lines: list[Line], *, handler: str, star: int, city: str, at: datetime
) -> Paper:
    return Paper(
        number=spelled(secrets.token_bytes(16), NUMBER_LETTERS),
        code=spelled(secrets.token_bytes(16), CODE_LETTERS),
        city=city,
        unit_id=wanted.unit_id,
        first_on=wanted.first_on or lines[0].on,
        last_on=wanted.last_on or lines[-1].on,
        layout=wanted.layout,
        span=wanted.span,
        detail=wanted.detail or CertificateDetail.RECORDS,
        document=wanted.document,
        purpose=wanted.purpose,
        handler=handler,
        star=star,
        key=keep_key(at),
        at=at,
    )


def _write(
    actor: Actor, volunteer: Volunteer, paper: Paper, lines: list[Line], basis: bytes
) -> Certificate:
    content = canonical_json(content_of(paper, volunteer, lines))
    statement = canonical_json(statement_of(paper, volunteer, lines, digest_of(content)))
    certificate = Certificate(
        number=paper.number,
        code=paper.code,
        volunteer_id=volunteer.id,
        unit_id=paper.unit_id,
        layout=paper.layout,
        span=paper.span,
        detail=paper.detail,
        document_shown=paper.document,
        document_cipher=volunteer.id_cipher if paper.document is DocumentShown.FULL else None,
        first_on=paper.first_on,
        last_on=paper.last_on,
        minutes=total(lines),
        record_count=len(lines),
        statement=statement,
        content=content,
        digest=digest_of(statement),
        key=paper.key,
        signature=signer.sign(statement.encode()),
        basis=basis,
        issued_at=paper.at,
        issued_by_id=actor.account_id,
        is_self_service=actor.volunteer_id == volunteer.id,
    )
    db.session.add(certificate)
    db.session.flush()
    db.session.add_all(_borne(certificate.id, line) for line in lines)
    db.session.flush()
    return certificate


def _borne(certificate_id: int, line: Line) -> CertificateRecord:
    return CertificateRecord(
        certificate_id=certificate_id, record_id=line.record_id, seq=line.seq, minutes=line.minutes
    )


def _tell(actor: Actor, certificate: Certificate, volunteer: Volunteer, at: datetime) -> None:
    number = grouped(certificate.number)
    note(
        actor,
        "issue_certificate",
        certificate,
        f"为 {volunteer.name} 出具证明 {number}：{certificate.record_count} 次，"
        f"{hours_text(certificate.minutes)} 小时",
        at=at,
        unit_id=certificate.unit_id,
        after={
            "number": certificate.number,
            "minutes": certificate.minutes,
            "document": certificate.document_shown.value,
        },
    )
    if not certificate.is_self_service:
        tell(
            topic="certificate",
            title="为您出具了志愿服务记录证明",
            body=f"证明 {number}，{hours_text(certificate.minutes)} 小时。可在“我的证明”里下载。",
            at=at,
            volunteer_id=volunteer.id,
            link=f"/me/certificates/{certificate.id}",
            dedupe=f"certificate:{certificate.id}",
        )
