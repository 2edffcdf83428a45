"""Checking a certificate (查验证明) and the signed roots (台账根值): open to everybody, for that is their point."""

from flask import (
    Blueprint,
    Response,
    current_app,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from volunteer.domain.certificate import grouped
from volunteer.domain.refusal import Refused
from volunteer.domain.timekeeping import now
from volunteer.queries.certificates.issued import certificate_by_number, standing_of, statement
from volunteer.queries.certificates.proof import proof_of, sealed_count
from volunteer.queries.roots import roots_page, signing_keys, witness_list
from volunteer.web.files import attachment
from volunteer.web.guard import open_to_all

blueprint = Blueprint("verification", __name__)


@blueprint.get("/v")
@open_to_all
def ask() -> ResponseReturnValue:
    """Open to all: whoever has a paper in hand may check it."""
    number = request.args.get("number", "").strip()
    if not number:
        return _form()
    try:
        found = certificate_by_number(number)
    except Refused as no:
        return _form(number, no), no.status
    return redirect(url_for("verification.check", number=grouped(found.number)))


def _form(number: str = "", no: Refused | None = None) -> str:
    """Where a number is typed, with what was typed and why it does not do."""
    said = "".join(no.said(gettext)) if no else ""
    return render_template("public/check_form.html", number=number, no=said)


@blueprint.get("/v/<number>")
@open_to_all
def check(number: str) -> ResponseReturnValue:
    """Open to all: the number is in the code on the paper and cannot be guessed; the name is masked."""
    try:
        certificate = certificate_by_number(number)
    except Refused as no:
        return _form(number, no), no.status
    return render_template(
        "public/check.html",
        number=grouped(certificate.number),
        said=statement(certificate),
        standing=standing_of(certificate),
        issued_at=certificate.issued_at,
        digest=bytes(certificate.digest).hex(),
        sealed=sealed_count(certificate),
    )


@blueprint.get("/v/<number>/proof.json")
@open_to_all
def proof(number: str) -> Response:
    """Open to all: the same for a program that checks without this server."""
    certificate = certificate_by_number(number)
    name = f"proof-{grouped(certificate.number)}.json"
    return attachment(proof_of(certificate, at=now()), name, "application/json")


@blueprint.get("/ledger/roots")
@open_to_all
def roots() -> str:
    """Open to all: roots say nothing of anybody, and whoever keeps one is a witness."""
    return render_template(
        "public/roots.html",
        found=roots_page(request.args.get("page", 1, type=int)),
        keys=signing_keys(),
        city=current_app.config["SETTINGS"].city_name,
    )


@blueprint.get("/ledger/roots.json")
@open_to_all
def roots_file() -> Response:
    """Open to all: the same as a file to keep."""
    return attachment(jsonify(witness_list()).data, "roots.json", "application/json")
