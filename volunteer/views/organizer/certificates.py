"""Certificates at the desk (证明管理): what the unit issued, with search; issue for a person; revoke."""

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
from flask_babel import lazy_gettext as _l

from volunteer.domain.access import Act, may, scope_of
from volunteer.domain.certificate import grouped
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import CertificateState
from volunteer.domain.timekeeping import now
from volunteer.operations.certificates import issue_for, revoke_certificate
from volunteer.queries.certificates.issued import (
    issued_certificate,
    issued_page,
    standing_of,
    statement,
)
from volunteer.queries.certificates.offer import name_of, offers_at_desk, people_to_certify
from volunteer.queries.certificates.printed import printed
from volunteer.views.certificate_forms import CertificateForm
from volunteer.views.certificate_paper import paper
from volunteer.web.forms import BaseForm, text
from volunteer.web.guard import allows, current_actor
from volunteer.web.work import commits

blueprint = Blueprint("unit_certificates", __name__, url_prefix="/certificates")


class RevokeForm(BaseForm):
    reason = text(_l("撤销原因"), longest=200, required=False)


def _form(volunteer_id: int, *, filled: bool) -> CertificateForm:
    actor = current_actor()
    form = CertificateForm() if filled else CertificateForm(formdata=None)
    everything = scope_of(actor, Act.ISSUE_CERTIFICATES).everything
    form.with_offers(offers_at_desk(actor, volunteer_id), bundle=everything)
    return form.without_full_number()


@blueprint.get("")
@allows(Act.VIEW_HOURS)
def listing() -> str:
    state = request.args.get("state", "")
    return render_template(
        "organizer/certificates/listing.html",
        found=issued_page(
            current_actor(),
            words=request.args.get("q", "")[:40],
            state=CertificateState[state.upper()] if state in set(CertificateState) else None,
            page=request.args.get("page", 1, type=int),
        ),
        states=CertificateState,
        grouped=grouped,
    )


@blueprint.get("/new")
@allows(Act.ISSUE_CERTIFICATES)
def choose() -> str:
    words = request.args.get("q", "")[:40]
    return render_template(
        "organizer/certificates/choose.html",
        people=people_to_certify(current_actor(), words),
        words=words,
    )


@blueprint.get("/new/<int:volunteer_id>")
@allows(Act.ISSUE_CERTIFICATES)
def new(volunteer_id: int) -> str:
    form = _form(volunteer_id, filled=False)
    return render_template("organizer/certificates/new.html", form=form, name=name_of(volunteer_id))


@blueprint.post("/new/<int:volunteer_id>")
@allows(Act.ISSUE_CERTIFICATES)
@commits
def create(volunteer_id: int) -> ResponseReturnValue:
    form = _form(volunteer_id, filled=True)
    if form.validate_on_submit():
        try:
            made = issue_for(
                current_actor(),
                volunteer_id=volunteer_id,
                wanted=form.wanted(),
                city=current_app.config["SETTINGS"].city_name,
                at=now(),
            )
            flash(_("证明已出具，本人会收到通知。"), "success")
            return redirect(url_for("unit_certificates.show", certificate_id=made.id))
        except Refused as refused:
            form.absorb(refused)
    name = name_of(volunteer_id)
    return render_template("organizer/certificates/new.html", form=form, name=name), 422


@blueprint.get("/<int:certificate_id>")
@allows(Act.VIEW_HOURS)
def show(certificate_id: int) -> ResponseReturnValue:
    return _page(certificate_id)


def _page(
    certificate_id: int, *, form: RevokeForm | None = None, status: int = 200
) -> ResponseReturnValue:
    actor = current_actor()
    row = issued_certificate(actor, certificate_id)
    page = render_template(
        "organizer/certificates/show.html",
        row=row,
        number=grouped(row.certificate.number),
        said=statement(row.certificate),
        standing=standing_of(row.certificate),
        may_end=may(actor, Act.ISSUE_CERTIFICATES, unit_id=row.certificate.unit_id),
        form=form or RevokeForm(formdata=None),
    )
    return page, status


@blueprint.post("/<int:certificate_id>/revoke")
@allows(Act.ISSUE_CERTIFICATES)
@commits
def revoke(certificate_id: int) -> ResponseReturnValue:
    form = RevokeForm()
    try:
        revoke_certificate(
            current_actor(), certificate_id=certificate_id, reason=form.reason.data or "", at=now()
        )
    except Refused as refused:
        if refused.status in (403, 404):
            raise
        form.absorb(refused)
        return _page(certificate_id, form=form, status=422)
    flash(_("证明已撤销，查验页会显示原因，本人会收到通知。"), "success")
    return redirect(url_for("unit_certificates.show", certificate_id=certificate_id))


@blueprint.get("/<int:certificate_id>/certificate.pdf")
@allows(Act.ISSUE_CERTIFICATES)
def download(certificate_id: int) -> Response:
    certificate = issued_certificate(current_actor(), certificate_id).certificate
    content = printed(certificate, for_person=False)
    return paper(content, number=certificate.number, at=certificate.issued_at)
