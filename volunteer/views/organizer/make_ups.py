"""Make-up hours at the desk (补录办理): the list, asking for somebody, taking up, reviewing, refusing."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from volunteer.domain.access import Act
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import MakeUpState
from volunteer.domain.timekeeping import now
from volunteer.operations.make_ups import (
    approve_make_up,
    ask_for,
    clear_objections,
    endorse_make_up,
    refuse_make_up,
)
from volunteer.queries.make_up_chances import Chance, chance_of, people_without_record
from volunteer.queries.make_ups import MakeUpStory, make_up_story, make_ups_page
from volunteer.queries.onsite import site_of
from volunteer.views.make_up_asking import claim_of, log_refused
from volunteer.views.ticket_forms import (
    KnownForm,
    MakeUpForm,
    ReviewForm,
    clock_times,
    version_seen,
)
from volunteer.web.forms import page_asked
from volunteer.web.guard import allows, current_actor
from volunteer.web.work import commits

blueprint = Blueprint("make_ups", __name__, url_prefix="/make-ups")

STANDS = (
    ("open", _l("待办理")),
    ("late", _l("已超期")),
    ("public", _l("公示中")),
    ("live", _l("全部在办")),
    ("done", _l("已办完")),
)


@blueprint.get("")
@allows(Act.VIEW_TICKETS, Act.RUN_ONSITE)
def listing() -> str:
    stand = request.args.get("stand", "open")
    stand = stand if stand in dict(STANDS) else "open"
    q = request.args.get("q", "").strip()[:40]
    return render_template(
        "organizer/make_ups/listing.html",
        found=make_ups_page(
            current_actor(), at=now(), stand=stand, q=q, page=page_asked(request.args)
        ),
        stand=stand,
        q=q,
        stands=STANDS,
    )


@blueprint.get("/<int:make_up_id>")
@allows(Act.VIEW_TICKETS, Act.RUN_ONSITE)
def show(make_up_id: int) -> ResponseReturnValue:
    return _page(make_up_story(current_actor(), make_up_id, at=now()))


def _page(
    story: MakeUpStory,
    form: ReviewForm | None = None,
    status: int = 200,
    known: KnownForm | None = None,
) -> ResponseReturnValue:
    form = form or ReviewForm(formdata=None, data={"version": story.line.make_up.version})
    known = known or KnownForm(formdata=None)
    page = render_template("organizer/make_ups/show.html", story=story, form=form, known=known)
    return page, status


@blueprint.post("/<int:make_up_id>/endorse")
@allows(Act.RUN_ONSITE)
@commits
def endorse(make_up_id: int) -> ResponseReturnValue:
    actor, known = current_actor(), KnownForm()
    make_up_story(actor, make_up_id, at=now())
    words = known.words.data or ""
    try:
        endorse_make_up(actor, make_up_id=make_up_id, words=words, at=now())
    except Refused as refused:
        log_refused(refused, _("提请补录"))
        if refused.status != 422:
            raise
        known.absorb(refused)
        return _page(make_up_story(actor, make_up_id, at=now()), status=422, known=known)
    flash(_("已提请，正在请同班扫码到岗的人证明。"), "success")
    return redirect(url_for("make_ups.show", make_up_id=make_up_id))


@blueprint.post("/<int:make_up_id>/approve")
@allows(Act.DECIDE_TICKETS)
@commits
def approve(make_up_id: int) -> ResponseReturnValue:
    story = make_up_story(current_actor(), make_up_id, at=now())
    clearing = story.line.make_up.state is MakeUpState.CONTESTED
    act = clear_objections if clearing else approve_make_up
    return _decided(story, act, _("已通过，公示期满没有异议就记入时长。"))


@blueprint.post("/<int:make_up_id>/refuse")
@allows(Act.DECIDE_TICKETS)
@commits
def refuse(make_up_id: int) -> ResponseReturnValue:
    story = make_up_story(current_actor(), make_up_id, at=now())
    return _decided(story, _refuse, _("已办理，本人会收到理由。"))


def _refuse(actor: Any, *, words: str, **given: Any) -> object:
    return refuse_make_up(actor, reason=words, is_false=bool(ReviewForm().is_false.data), **given)


def _decided(story: MakeUpStory, act: Any, done: str) -> ResponseReturnValue:
    form = ReviewForm()
    if not form.validate():
        return _page(story, form, 422)
    number = story.line.make_up.id
    try:
        act(
            current_actor(),
            make_up_id=number,
            version=version_seen(form),
            words=form.reason.data or "",
            at=now(),
        )
    except Refused as refused:
        log_refused(refused, _("办理补录"))
        if refused.status != 422:
            raise
        form.absorb(refused)
        return _page(make_up_story(current_actor(), number, at=now()), form, 422)
    flash(done, "success")
    return redirect(url_for("make_ups.show", make_up_id=number))


@blueprint.get("/for/<int:shift_id>")
@allows(Act.RUN_ONSITE)
def choose(shift_id: int) -> str:
    actor = current_actor()
    return render_template(
        "organizer/make_ups/choose.html",
        site=site_of(actor, shift_id, act=Act.RUN_ONSITE),
        people=people_without_record(actor, shift_id),
    )


@blueprint.get("/for/<int:shift_id>/<int:volunteer_id>")
@allows(Act.RUN_ONSITE)
def new(shift_id: int, volunteer_id: int) -> ResponseReturnValue:
    chance = chance_of(current_actor(), shift_id, volunteer_id=volunteer_id, at=now())
    times = clock_times(chance.shift.starts_at, chance.shift.ends_at)
    return _asking(chance, MakeUpForm(formdata=None, data=times))


def _asking(chance: Chance, form: MakeUpForm, status: int = 200) -> ResponseReturnValue:
    return render_template("organizer/make_ups/new.html", chance=chance, form=form), status


@blueprint.post("/for/<int:shift_id>/<int:volunteer_id>")
@allows(Act.RUN_ONSITE)
@commits
def create(shift_id: int, volunteer_id: int) -> ResponseReturnValue:
    actor, at = current_actor(), now()
    chance = chance_of(actor, shift_id, volunteer_id=volunteer_id, at=at)
    form = MakeUpForm()
    if not form.validate():
        return _asking(chance, form, 422)
    claim = claim_of(form, chance)
    try:
        made = ask_for(actor, shift_id=shift_id, volunteer_id=volunteer_id, claim=claim, at=at)
    except Refused as refused:
        log_refused(refused, _("为他人申请补录"))
        if refused.status in (403, 404):
            raise
        form.absorb(refused)
        return _asking(chance, form, 422)
    flash(_("已提请，正在请同班扫码到岗的人证明。"), "success")
    return redirect(url_for("make_ups.show", make_up_id=made.id))
