"""My certificates (我的证明): issue in two taps, download, show the code."""

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from volunteer.domain.access import Act
from volunteer.domain.certificate import grouped
from volunteer.domain.refusal import Refused
from volunteer.domain.timekeeping import local_date, now
from volunteer.operations.certificates import issue_own
from volunteer.queries.certificates.issued import (
    announced,
    my_certificate,
    my_certificates,
    standing_of,
    statement,
)
from volunteer.queries.certificates.offer import my_offers
from volunteer.queries.certificates.printed import printed
from volunteer.queries.policy import current_policy
from volunteer.render import qr
from volunteer.views.certificate_forms import CertificateForm
from volunteer.views.certificate_paper import paper
from volunteer.web.files import check_address
from volunteer.web.guard import allows, current_actor
from volunteer.web.work import commits

blueprint = Blueprint("certificates", __name__, url_prefix="/me/certificates")


@blueprint.get("")
@allows(Act.OWN_CERTIFICATES)
def listing() -> str:
    actor = current_actor()
    return render_template(
        "me/certificates/listing.html",
        offers=my_offers(actor),
        rows=my_certificates(actor),
        days=current_policy().certificate_publicity_days,
        grouped=grouped,
    )


@blueprint.get("/new")
@allows(Act.OWN_CERTIFICATES)
def new() -> str:
    form = CertificateForm(formdata=None, unit=request.args.get("unit"))
    form.with_offers(my_offers(current_actor()), bundle=True)
    return render_template("me/certificates/new.html", form=form)


@blueprint.post("")
@allows(Act.OWN_CERTIFICATES)
@commits
def create() -> ResponseReturnValue:
    form = CertificateForm().with_offers(my_offers(current_actor()), bundle=True)
    if form.validate_on_submit():
        try:
            city = current_app.config["SETTINGS"].city_name
            made = issue_own(current_actor(), form.wanted(), city=city, at=now())
            flash(_("证明已出具，可以下载或出示二维码。"), "success")
            return redirect(url_for("certificates.show", certificate_id=made.id))
        except Refused as refused:
            form.absorb(refused)
    return render_template("me/certificates/new.html", form=form), 422


@blueprint.get("/<int:certificate_id>")
@allows(Act.OWN_CERTIFICATES)
def show(certificate_id: int) -> str:
    certificate = my_certificate(current_actor(), certificate_id)
    number = grouped(certificate.number)
    return render_template(
        "me/certificates/show.html",
        certificate=certificate,
        number=number,
        said=statement(certificate),
        standing=standing_of(certificate),
        address=check_address(number),
        code=qr.svg(check_address(number), title=_("核验二维码")),
    )


@blueprint.get("/<int:certificate_id>/certificate.pdf")
@allows(Act.OWN_CERTIFICATES)
def download(certificate_id: int) -> Response:
    certificate = my_certificate(current_actor(), certificate_id)
    content = printed(certificate, for_person=True)
    return paper(content, number=certificate.number, at=certificate.issued_at)


@blueprint.get("/announced")
@allows(Act.OWN_CERTIFICATES)
def announcements() -> str:
    days = current_policy().certificate_publicity_days
    rows = announced(current_actor(), days=days, today=local_date(now()))
    return render_template("me/certificates/announced.html", rows=rows, days=days)
