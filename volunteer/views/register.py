"""The public register of make-up hours (补录公示): open to everybody, and everybody may object."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from volunteer.domain.refusal import Refused
from volunteer.domain.timekeeping import now
from volunteer.operations.make_ups import object_in_register
from volunteer.queries.register import public_entry, public_register
from volunteer.views.ticket_forms import RegisterForm
from volunteer.web.forms import page_asked
from volunteer.web.guard import actor_or_none, open_to_all
from volunteer.web.work import commits

blueprint = Blueprint("register", __name__, url_prefix="/register")


@blueprint.get("")
@open_to_all
def listing() -> str:
    """Open to all: a register that only insiders see is none; names are masked."""
    return render_template(
        "public/register.html", found=public_register(page=page_asked(request.args))
    )


@blueprint.get("/<int:make_up_id>")
@open_to_all
def show(make_up_id: int) -> ResponseReturnValue:
    """Open to all: whoever knows better must be able to say so."""
    return _page(make_up_id, RegisterForm(formdata=None))


def _page(make_up_id: int, form: RegisterForm, status: int = 200) -> ResponseReturnValue:
    page = render_template("public/register_entry.html", line=public_entry(make_up_id), form=form)
    return page, status


@blueprint.post("/<int:make_up_id>")
@open_to_all
@commits
def contest(make_up_id: int) -> ResponseReturnValue:
    """Open to all: limited by address, and nothing but a look into it follows."""
    form = RegisterForm()
    if not form.validate():
        return _page(make_up_id, form, 422)
    try:
        object_in_register(
            actor_or_none(),
            make_up_id=make_up_id,
            words=form.words.data or "",
            contact=form.contact.data or "",
            address=request.remote_addr or "",
            at=now(),
        )
    except Refused as refused:
        if refused.status in (404, 429):
            raise
        form.absorb(refused)
        return _page(make_up_id, form, 422)
    flash(_("已收到，谢谢您。核查期间这条补录不会记入。"), "success")
    return redirect(url_for("register.listing"))
