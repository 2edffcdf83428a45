"""Volunteers at the desk (志愿者): the register of the unit, one person, entering and editing."""

from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from volunteer.domain.access import Act, may
from volunteer.domain.recognition import star_name
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import VolunteerState
from volunteer.domain.timekeeping import local_date, now
from volunteer.domain.week import PARTS
from volunteer.operations.people.closing import may_reopen
from volunteer.operations.people.identity import open_minors, reveal
from volunteer.operations.people.register import edit_volunteer, register_volunteer
from volunteer.queries.honours import honours_of
from volunteer.queries.people.choices import look_alikes, units_within
from volunteer.queries.people.listing import Wanted, people_page
from volunteer.queries.people.person import is_minor_on, person_page, volunteer_for
from volunteer.queries.stars import star_standing
from volunteer.views.organizer.person_forms import (
    WEEKDAYS,
    ApartForm,
    FilterForm,
    MinorsForm,
    MoveForm,
    PauseForm,
    PersonForm,
    ReasonForm,
    RevealForm,
    SkillForm,
    ages_of,
)
from volunteer.web.forms import choices, number_or_none, page_asked, term_or_none
from volunteer.web.guard import allows, current_actor
from volunteer.web.work import commits

blueprint = Blueprint("people", __name__, url_prefix="/people")

MINORS_FOR = timedelta(minutes=30)
"""How long a reason given for seeing minors holds."""


def sees_minors(at: datetime) -> bool:
    """Whether this session gave a reason for seeing minors, not long ago."""
    return float(session.get("minors_until", 0)) > at.timestamp()


def _wanted(at: datetime) -> Wanted:
    given = request.args
    ages = ages_of(given.get("age", ""))
    return Wanted(
        words=given.get("q", "").strip()[:40],
        unit_id=number_or_none(given.get("unit")),
        state=term_or_none(VolunteerState, given.get("state")),
        skill_id=number_or_none(given.get("skill")),
        age_from=ages[0],
        age_until=ages[1],
        never_served=bool(given.get("never")),
        weekday=number_or_none(given.get("weekday")),
        part=given.get("part", ""),
        roll_import_id=number_or_none(given.get("roll")),
        sort=given.get("sort", "name")[:12],
        sees_minors=sees_minors(at),
    )


@blueprint.get("")
@allows(Act.VIEW_PEOPLE)
def listing() -> str:
    at, actor = now(), current_actor()
    wanted = _wanted(at)
    units = units_within(actor, Act.VIEW_PEOPLE)
    return render_template(
        "organizer/people/listing.html",
        found=people_page(actor, wanted, at=at, page=page_asked(request.args)),
        wanted=wanted,
        units=units,
        form=FilterForm(request.args, meta={"csrf": False}).with_choices(units),
        minors=MinorsForm(formdata=None),
        states=VolunteerState,
    )


@blueprint.post("/minors")
@allows(Act.VIEW_PEOPLE)
@commits
def minors() -> ResponseReturnValue:
    at, form = now(), MinorsForm()
    target = number_or_none(request.form.get("person"))
    back = url_for("people.show", volunteer_id=target) if target else url_for("people.listing")
    open_minors(current_actor(), reason=form.reason.data or "", at=at)
    session["minors_until"] = (at + MINORS_FOR).timestamp()
    flash(_("已记录查看原因，30 分钟内可以查看未成年志愿者。"), "success")
    return redirect(back)


def show_page(volunteer_id: int, **extra: Any) -> str:
    """The page of a person, with what the act at hand adds (a form with errors, a revealed number)."""
    at, actor = now(), current_actor()
    person = volunteer_for(actor, volunteer_id)
    if is_minor_on(person, local_date(at)) and not sees_minors(at):
        return render_template(
            "organizer/people/closed.html", person=person, form=MinorsForm(formdata=None)
        )
    page = person_page(actor, volunteer_id, at=at)
    may_manage = may(actor, Act.MANAGE_PEOPLE, unit_id=person.unit_id)
    return render_template(
        "organizer/people/show.html",
        **{
            "page": page,
            "person": page.volunteer,
            "today": local_date(at),
            "may_manage": may_manage and page.merged_into is None,
            "star": star_standing(person.id, at=at).level,
            "star_name": star_name,
            "honours": honours_of(person.id, at=at),
            "may_reopen": may_reopen(person, at=at)
            and may(actor, Act.MANAGE_ACCOUNTS, unit_id=person.unit_id),
            "is_self": actor.volunteer_id == person.id,
            "alike": look_alikes(actor, person) if may_manage else [],
            "parts": PARTS,
            "weekdays": WEEKDAYS,
            "revealing": RevealForm(formdata=None),
            "skilling": SkillForm(formdata=None).with_choices(),
            "pausing": PauseForm(formdata=None, data={"since_on": local_date(at)}),
            "leaving": ReasonForm(formdata=None),
            "moving": move_form(),
            "parting": ApartForm(formdata=None),
            "revealed": None,
            **extra,
        },
    )


def move_form(formdata: Any = None) -> MoveForm:
    """The form of a move, with the units that the actor reaches."""
    form = MoveForm(formdata=formdata)
    units = units_within(current_actor(), Act.MANAGE_PEOPLE)
    form.unit_id.choices = choices([("", _("请选择")), *units])
    return form


@blueprint.get("/<int:volunteer_id>")
@allows(Act.VIEW_PEOPLE)
def show(volunteer_id: int) -> str:
    return show_page(volunteer_id)


@blueprint.post("/<int:volunteer_id>/reveal")
@allows(Act.SEE_FULL_IDENTITY)
@commits
def reveal_part(volunteer_id: int) -> ResponseReturnValue:
    """The answer is the page itself: what was revealed stands nowhere else and is not kept."""
    form = RevealForm()
    try:
        value = reveal(
            current_actor(),
            volunteer_id,
            part=form.part.data or "",
            reason=form.reason.data or "",
            at=now(),
        )
    except Refused as refused:
        if refused.status == 404:
            raise
        form.absorb(refused)
        return show_page(volunteer_id, revealing=form), 422
    return show_page(volunteer_id, revealed=(form.part.data, value))


@blueprint.get("/new")
@allows(Act.MANAGE_PEOPLE)
def new() -> str:
    return _form_page(PersonForm(formdata=None).with_choices(), person=None)


def _form_page(form: PersonForm, *, person: Any) -> str:
    units = units_within(current_actor(), Act.MANAGE_PEOPLE)
    form.unit_id.choices = choices(units)
    if person is None and form.unit_id.data is None and units:
        form.unit_id.data = units[0][0]
    return render_template("organizer/people/form.html", form=form, person=person, units=units)


@blueprint.post("/new")
@allows(Act.MANAGE_PEOPLE)
@commits
def create() -> ResponseReturnValue:
    form = PersonForm().with_choices()
    form.unit_id.choices = choices(units_within(current_actor(), Act.MANAGE_PEOPLE))
    if form.validate_on_submit():
        try:
            person = register_volunteer(
                current_actor(), form.facts(), unit_id=form.unit_id.data or 0, at=now()
            )
            flash(_("已登记 %(name)s。下一步：邀请本人确认。", name=person.name), "success")
            return redirect(url_for("people.show", volunteer_id=person.id))
        except Refused as refused:
            form.absorb(refused)
    return _form_page(form, person=None), 422


@blueprint.get("/<int:volunteer_id>/edit")
@allows(Act.MANAGE_PEOPLE)
def edit(volunteer_id: int) -> ResponseReturnValue:
    person = volunteer_for(current_actor(), volunteer_id, Act.MANAGE_PEOPLE)
    if is_minor_on(person, local_date(now())) and not sees_minors(now()):
        return redirect(url_for("people.show", volunteer_id=volunteer_id))
    return _form_page(PersonForm.of(person), person=person)


@blueprint.post("/<int:volunteer_id>/edit")
@allows(Act.MANAGE_PEOPLE)
@commits
def save(volunteer_id: int) -> Response | ResponseReturnValue:
    person = volunteer_for(current_actor(), volunteer_id, Act.MANAGE_PEOPLE)
    form = PersonForm().with_choices()
    form.unit_id.choices = choices([(person.unit_id, "")])
    form.unit_id.data = person.unit_id
    if form.validate_on_submit():
        try:
            edit_volunteer(
                current_actor(),
                volunteer_id,
                form.facts(),
                seen_version=number_or_none(form.version.data) or 0,
                at=now(),
            )
            flash(_("资料已保存。"), "success")
            return redirect(url_for("people.show", volunteer_id=volunteer_id))
        except Refused as refused:
            form.absorb(refused)
    return _form_page(form, person=person), 422
