"""Invitations at the desk (邀请): who still waits, a link to copy, a sheet to print, a link for the unit."""

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from volunteer.domain.access import Act
from volunteer.domain.refusal import Refused
from volunteer.domain.timekeeping import now
from volunteer.operations.people.invitations import (
    MOST_USES,
    invite_person,
    invite_to_unit,
    invite_waiting,
    note_links_shown,
    revoke_invitation,
)
from volunteer.queries.people.choices import units_within
from volunteer.queries.people.invitations import invitees, open_links, token_from
from volunteer.queries.people.person import volunteer_for
from volunteer.render.qr import svg
from volunteer.views.organizer.people import show_page
from volunteer.web.errors import sent_back
from volunteer.web.forms import BaseForm, number, number_or_none
from volunteer.web.guard import allows, current_actor
from volunteer.web.work import commits

blueprint = Blueprint("people_links", __name__, url_prefix="/people")


class UnitLinkForm(BaseForm):
    uses = number(_l("最多多少人"), low=1, high=MOST_USES, default=50)
    days = number(_l("几天内有效"), low=1, high=90, default=14)


def address_of(token: str) -> str:
    """The whole address of a link, as it stands in codes and messages."""
    return f"{current_app.config['SETTINGS'].base_url}/join/{token}"


def _unit_asked(values: Any) -> tuple[int, list[tuple[int, str]]]:
    """The unit of the page: the asked one where it is within reach, else the first."""
    units = units_within(current_actor(), Act.MANAGE_PEOPLE)
    asked = number_or_none(values.get("unit"))
    known = [number for number, _name in units]
    return (asked if asked in known else known[0] if known else 0), units


def _links_page(form: UnitLinkForm, unit_id: int, units: list[tuple[int, str]]) -> str:
    at, actor = now(), current_actor()
    roll = number_or_none(request.args.get("roll"))
    return render_template(
        "organizer/people/links.html",
        form=form,
        unit_id=unit_id,
        units=units,
        roll=roll,
        waiting=invitees(actor, unit_id, at=at, roll_import_id=roll),
        joint=[
            (link, address_of(token_from(link.nonce))) for link in open_links(actor, unit_id, at=at)
        ],
        address_of=address_of,
    )


@blueprint.get("/links")
@allows(Act.MANAGE_PEOPLE)
def links() -> str:
    unit_id, units = _unit_asked(request.args)
    return _links_page(UnitLinkForm(formdata=None), unit_id, units)


@blueprint.post("/links")
@allows(Act.MANAGE_PEOPLE)
@commits
def open_link() -> ResponseReturnValue:
    form = UnitLinkForm()
    unit_id, units = _unit_asked(request.form)
    if form.validate_on_submit():
        invite_to_unit(
            current_actor(),
            unit_id,
            uses=form.uses.data or 0,
            days=form.days.data or 0,
            at=now(),
        )
        flash(_("加入链接已生成，可以复制到单位群里。"), "success")
        return redirect(url_for("people_links.links", unit=unit_id))
    return _links_page(form, unit_id, units), 422


@blueprint.post("/links/all")
@allows(Act.MANAGE_PEOPLE)
@commits
def invite_all() -> Response:
    unit_id, _units = _unit_asked(request.form)
    roll = number_or_none(request.form.get("roll"))
    count = invite_waiting(current_actor(), unit_id, at=now(), roll_import_id=roll)
    flash(_("新生成 %(n)s 个链接，可以打印邀请单或逐个复制。", n=count), "success")
    return redirect(url_for("people_links.links", unit=unit_id, roll=roll))


@blueprint.post("/links/sheet")
@allows(Act.MANAGE_PEOPLE)
@commits
def sheet() -> ResponseReturnValue:
    """A POST, because showing links leaves a line; the answer is the paper itself."""
    at, actor = now(), current_actor()
    unit_id, units = _unit_asked(request.form)
    roll = number_or_none(request.form.get("roll"))
    invite_waiting(actor, unit_id, at=at, roll_import_id=roll)
    lines = invitees(actor, unit_id, at=at, roll_import_id=roll)
    note_links_shown(actor, unit_id, count=len(lines), at=at)
    slips = [
        (
            line,
            address_of(line.token),
            svg(address_of(line.token), title=_("邀请二维码"), width=150),
        )
        for line in lines
    ]
    return render_template(
        "organizer/people/sheet.html", slips=slips, unit_name=dict(units).get(unit_id, ""), at=at
    )


@blueprint.post("/<int:volunteer_id>/invite")
@allows(Act.MANAGE_PEOPLE)
@commits
def invite(volunteer_id: int) -> ResponseReturnValue:
    """The answer is the person's page with the link on it."""
    volunteer_for(current_actor(), volunteer_id, Act.MANAGE_PEOPLE)
    try:
        link = invite_person(current_actor(), volunteer_id, at=now())
    except Refused as refused:
        return sent_back(refused, url_for("people.show", volunteer_id=volunteer_id))
    address = address_of(token_from(link.nonce))
    shown = {
        "address": address,
        "until": link.expires_at,
        "code": svg(address, title=_("邀请二维码"), width=200),
    }
    return show_page(volunteer_id, link=shown)


@blueprint.post("/links/<int:invitation_id>/revoke")
@allows(Act.MANAGE_PEOPLE)
@commits
def revoke(invitation_id: int) -> Response:
    link = revoke_invitation(current_actor(), invitation_id, at=now())
    flash(_("链接已收回，不能再用。"), "success")
    return redirect(url_for("people_links.links", unit=link.unit_id))
