"""The form by which a certificate is asked for (出具证明), for the person's phone and for the desk."""

from flask_babel import lazy_gettext as _l
from wtforms import DateField, RadioField, SelectField
from wtforms.validators import Optional

from volunteer.domain.terms import CertificateDetail, CertificateLayout, DocumentShown
from volunteer.operations.certificates import Wanted
from volunteer.queries.certificates.offer import Offer
from volunteer.web.forms import REQUIRED, BaseForm, choices, text

CITY = "city"
"""What stands for all units together in the field of the unit."""
_DETAILS = (
    ("", _l("自动（60 次以内逐次列出）")),
    (CertificateDetail.RECORDS.value, _l("逐次列出")),
    (CertificateDetail.MONTHS.value, _l("按月合计")),
)


class CertificateForm(BaseForm):
    unit = SelectField(_l("出具单位"), validators=[REQUIRED])
    first_on = DateField(_l("从"), validators=[Optional()])
    last_on = DateField(_l("到"), validators=[Optional()])
    layout = RadioField(
        _l("版式"),
        choices=choices(
            [
                (CertificateLayout.FULL.value, _l("完整式（个人信息、等级、明细）")),
                (CertificateLayout.SHORT.value, _l("简明式（时间、内容、记录单位）")),
            ]
        ),
        default=CertificateLayout.FULL.value,
    )
    detail = SelectField(_l("明细"), choices=choices(_DETAILS), default="", validators=[Optional()])
    document = RadioField(
        _l("证件号码"),
        choices=choices(DocumentShown.choices()),
        default=DocumentShown.MASKED.value,
    )
    purpose = text(
        _l("用途"), longest=60, required=False, description=_l("印在证明上，例如：积分入学。")
    )

    def with_offers(self, offers: list[Offer], *, bundle: bool) -> "CertificateForm":
        """Offer the units that may issue, and the city's bundle where there is a choice."""
        units = [(str(offer.unit_id), offer.unit) for offer in offers]
        if bundle and len(units) > 1:
            units.append((CITY, str(_l("全市汇总（每个记录单位一行）"))))
        self.unit.choices = choices(units)
        return self

    def without_full_number(self) -> "CertificateForm":
        """At the desk: only the person may choose to print the whole document number."""
        kept = [pair for pair in DocumentShown.choices() if pair[0] != DocumentShown.FULL.value]
        self.document.choices = choices(kept)
        return self

    def wanted(self) -> Wanted:
        """What was asked for."""
        return Wanted(
            unit_id=None if self.unit.data == CITY else int(self.unit.data),
            first_on=self.first_on.data,
            last_on=self.last_on.data,
            layout=CertificateLayout[self.layout.data.upper()],
            detail=CertificateDetail[self.detail.data.upper()] if self.detail.data else None,
            document=DocumentShown[self.document.data.upper()],
            purpose=self.purpose.data or "",
        )
