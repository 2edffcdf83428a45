"""The volunteer's own page (我的): profile, week, wishes, limits, consents, large type, a copy, the way out."""

from flask import (
    Blueprint,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from volunteer.domain.access import Act
from volunteer.domain.privacy import CONSENTS
from volunteer.domain.recognition import star_name
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import AvailabilityLevel, ConsentPurpose
from volunteer.domain.timekeeping import local_date, now
from volunteer.domain.week import PARTS, grid
from volunteer.operations.people.closing import close_own_account
from volunteer.operations.people.consents import give_consent, withdraw_consent
from volunteer.operations.people.own import (
    forget_home,
    note_own_copy,
    prefer_large_type,
    prefer_usual_type,
    set_contact,
    set_home_community,
    set_home_position,
    set_limits,
    set_wishes,
)
from volunteer.operations.people.weeks import drop_exception, except_days, set_day
from volunteer.queries.people.holdings import week_of_person, windows_of
from volunteer.queries.people.own import (
    OwnPage,
    own_consents,
    own_copy_in_words,
    own_page,
    own_volunteer,
    wishes_to_tick,
)
from volunteer.queries.policy import policy_on
from volunteer.queries.stars import granted_levels
from volunteer.render.sheets import workbook_bytes
from volunteer.render.tables import Column, Cover, Table
from volunteer.views.me.profile_forms import (
    WISHES,
    CommunityForm,
    ContactForm,
    ExceptForm,
    LeaveForm,
    LimitsForm,
    PositionForm,
)
from volunteer.views.week_forms import WEEKDAYS, DayForm
from volunteer.web.errors import sent_back
from volunteer.web.files import attachment
from volunteer.web.forms import term_or_none
from volunteer.web.guard import allows, current_actor
from volunteer.web.words import label
from volunteer.web.work import commits

blueprint = Blueprint("profile", __name__, url_prefix="/me/profile")


@blueprint.get("")
@allows(Act.OWN_PROFILE)
def show() -> str:
    page, today = own_page(current_actor(), at=now()), local_date(now())
    star = granted_levels([page.person.id], held_on=today).get(page.person.id, 0)
    known = {"parts": PARTS, "weekdays": WEEKDAYS, "star": star, "star_name": star_name(star)}
    return render_template("me/profile/show.html", page=page, person=page.person, **known)


@blueprint.get("/contact")
@allows(Act.OWN_PROFILE)
def contact() -> str:
    page = own_page(current_actor(), at=now())
    form = ContactForm(formdata=None, data={"guardian_name": page.person.guardian_name})
    return render_template("me/profile/contact.html", form=form, page=page)


@blueprint.post("/contact")
@allows(Act.OWN_PROFILE)
@commits
def save_contact() -> ResponseReturnValue:
    form = ContactForm()
    if form.validate_on_submit():
        try:
            set_contact(
                current_actor(),
                phone=form.phone.data or "",
                guardian_name=form.guardian_name.data or "",
                guardian_phone=form.guardian_phone.data or "",
                at=now(),
            )
            flash(_("联系方式已保存。"), "success")
            return redirect(url_for("profile.show"))
        except Refused as refused:
            form.absorb(refused)
    page = own_page(current_actor(), at=now())
    return render_template("me/profile/contact.html", form=form, page=page), 422


@blueprint.get("/home")
@allows(Act.OWN_PROFILE)
def home() -> str:
    person = own_volunteer(current_actor())
    form = CommunityForm(formdata=None, data={"community_id": person.community_id})
    return render_template(
        "me/profile/home.html",
        form=form.with_choices(),
        position=PositionForm(formdata=None),
        person=person,
    )


@blueprint.post("/home")
@allows(Act.OWN_PROFILE)
@commits
def save_home() -> Response:
    form = CommunityForm().with_choices()
    try:
        set_home_community(current_actor(), form.community_id.data or 0, at=now())
    except Refused as refused:
        return sent_back(refused, url_for("profile.home"))
    flash(_("居住社区已保存，会就近为您安排。"), "success")
    return redirect(url_for("profile.show"))


@blueprint.post("/home/position")
@allows(Act.OWN_PROFILE)
@commits
def save_position() -> Response:
    form = PositionForm()
    try:
        lat, lon = form.lat.data, form.lon.data
        set_home_position(
            current_actor(),
            lat=float(lat if lat is not None else 999),
            lon=float(lon if lon is not None else 999),
            at=now(),
        )
    except Refused as refused:
        return sent_back(refused, url_for("profile.home"))
    flash(_("已记下住处所在的 250 米方格，没有保存您的准确位置。"), "success")
    return redirect(url_for("profile.show"))


@blueprint.post("/home/forget")
@allows(Act.OWN_PROFILE)
@commits
def drop_home() -> Response:
    forget_home(current_actor(), at=now())
    flash(_("住处已删除。"), "success")
    return redirect(url_for("profile.show"))


@blueprint.get("/availability")
@allows(Act.OWN_AVAILABILITY)
def availability() -> str:
    return _week_page(ExceptForm(formdata=None), LimitsForm.of(own_volunteer(current_actor())))


def _week_page(excepting: ExceptForm, limits: LimitsForm) -> str:
    at, person = now(), own_volunteer(current_actor())
    return render_template(
        "me/profile/availability.html",
        week=week_of_person(person.id, on=local_date(at)),
        person=person,
        parts=PARTS,
        weekdays=WEEKDAYS,
        excepting=excepting.with_choices(),
        limits=limits,
        today=local_date(at),
    )


@blueprint.get("/availability/<int:weekday>")
@allows(Act.OWN_AVAILABILITY)
def one_day(weekday: int) -> str:
    person, weekday = own_volunteer(current_actor()), weekday % 7
    shades = grid(windows_of(person.id))
    levels = {part.code: shades[weekday, part.code].level.value for part in PARTS}
    return render_template(
        "me/profile/day.html",
        form=DayForm(formdata=None, data=levels),
        weekday=weekday,
        shades=shades,
        parts=PARTS,
        weekdays=WEEKDAYS,
    )


@blueprint.post("/availability/<int:weekday>")
@allows(Act.OWN_AVAILABILITY)
@commits
def save_day(weekday: int) -> Response:
    form, actor = DayForm(), current_actor()
    told = {part.code: term_or_none(AvailabilityLevel, form[part.code].data) for part in PARTS}
    set_day(
        actor,
        actor.volunteer_id or 0,
        weekday=weekday,
        levels={code: level for code, level in told.items() if level is not None},
        copy_to=form.copy_to.data or [],
        at=now(),
    )
    flash(_("可服务时间已保存。"), "success")
    return redirect(url_for("profile.availability"))


@blueprint.post("/availability/except")
@allows(Act.OWN_AVAILABILITY)
@commits
def add_exception() -> ResponseReturnValue:
    form, actor = ExceptForm().with_choices(), current_actor()
    level = term_or_none(AvailabilityLevel, form.level.data)
    if form.validate_on_submit() and level is not None:
        try:
            days = except_days(
                actor,
                actor.volunteer_id or 0,
                first_on=form.first_on.data,
                last_on=form.last_on.data,
                part=form.part.data or "",
                level=level,
                reason=form.reason.data or "",
                at=now(),
            )
            flash(_("已记下 %(days)s 天。", days=days), "success")
            return redirect(url_for("profile.availability"))
        except Refused as refused:
            form.absorb(refused)
    return _week_page(form, LimitsForm.of(own_volunteer(actor))), 422


@blueprint.post("/availability/except/<int:exception_id>/drop")
@allows(Act.OWN_AVAILABILITY)
@commits
def remove_exception(exception_id: int) -> Response:
    actor = current_actor()
    drop_exception(actor, actor.volunteer_id or 0, exception_id, at=now())
    flash(_("这一天恢复按每周的时间。"), "success")
    return redirect(url_for("profile.availability"))


@blueprint.post("/limits")
@allows(Act.OWN_AVAILABILITY)
@commits
def save_limits() -> ResponseReturnValue:
    form, actor = LimitsForm(), current_actor()
    if form.validate_on_submit():
        set_limits(
            actor,
            actor.volunteer_id or 0,
            minutes_per_week=(form.hours.data or 0) * 60,
            shifts_per_day=form.shifts.data or 1,
            at=now(),
        )
        flash(_("上限已保存。"), "success")
        return redirect(url_for("profile.availability"))
    return _week_page(ExceptForm(formdata=None), form), 422


@blueprint.get("/wishes")
@allows(Act.OWN_PROFILE)
def wishes() -> str:
    person = own_volunteer(current_actor())
    return render_template("me/profile/wishes.html", kinds=wishes_to_tick(person.id), levels=WISHES)


@blueprint.post("/wishes")
@allows(Act.OWN_PROFILE)
@commits
def save_wishes() -> Response:
    actor = current_actor()
    said = {
        kind.id: _cost(request.form.get(f"kind-{kind.id}", ""))
        for kind, _known in wishes_to_tick(actor.volunteer_id or 0)
    }
    set_wishes(actor, actor.volunteer_id or 0, said, at=now())
    flash(_("意愿已保存，排班时会尽量照顾。"), "success")
    return redirect(url_for("profile.show"))


def _cost(typed: str) -> int | None:
    return int(typed) if typed in ("0", "1", "2", "3") else None


@blueprint.get("/consents")
@allows(Act.OWN_PROFILE)
def consents() -> str:
    return render_template("me/profile/consents.html", lines=own_consents(current_actor()))


@blueprint.post("/consents/<purpose>/give")
@allows(Act.OWN_PROFILE)
@commits
def agree(purpose: str) -> Response:
    known = term_or_none(ConsentPurpose, purpose)
    if known is not None:
        try:
            give_consent(current_actor(), known, at=now())
        except Refused as refused:
            return sent_back(refused, url_for("profile.consents"))
        flash(_("已同意：%(what)s。", what=label(known)), "success")
    return redirect(url_for("profile.consents"))


@blueprint.post("/consents/<purpose>/withdraw")
@allows(Act.OWN_PROFILE)
@commits
def withdraw(purpose: str) -> Response:
    known = term_or_none(ConsentPurpose, purpose)
    if known is not None:
        try:
            withdraw_consent(current_actor(), known, at=now())
        except Refused as refused:
            return sent_back(refused, url_for("profile.consents"))
        words = next((_(text.withdrawn) for text in CONSENTS if text.purpose is known), "")
        flash(_("已撤回：%(what)s。%(effect)s", what=label(known), effect=words), "success")
    return redirect(url_for("profile.consents"))


@blueprint.post("/large-type")
@allows(Act.OWN_PROFILE)
@commits
def large_type() -> Response:
    is_large = bool(session.get("elder", current_user.prefers_large_type))
    if is_large:
        prefer_usual_type(current_actor(), at=now())
    else:
        prefer_large_type(current_actor(), at=now())
    session["elder"] = not is_large
    return redirect(url_for("profile.show"))


@blueprint.post("/copy.json")
@allows(Act.OWN_PROFILE)
@commits
def copy_json() -> ResponseReturnValue:
    """A POST, because a copy of the own data leaves a line."""
    actor = current_actor()
    note_own_copy(actor, form="JSON", at=now())
    content = current_app.json.dumps(own_copy_in_words(actor), indent=1).encode()
    return attachment(content, _("本人资料.json"), "application/json")


@blueprint.post("/copy.xlsx")
@allows(Act.OWN_PROFILE)
@commits
def copy_xlsx() -> ResponseReturnValue:
    """A POST, because a copy of the own data leaves a line."""
    actor, at = current_actor(), now()
    note_own_copy(actor, form="Excel", at=at)
    tables = [
        Table(name, tuple(Column(key, key) for key in rows[0]), rows)
        for name, rows in own_copy_in_words(actor).items()
        if rows
    ]
    cover = Cover(title=_("本人资料"), asked_by=actor.name, asked_at=at)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return attachment(workbook_bytes(tables, cover), _("本人资料.xlsx"), kind)


@blueprint.get("/leave")
@allows(Act.OWN_PROFILE)
def leaving() -> str:
    page = own_page(current_actor(), at=now())
    return _leaving(LeaveForm(formdata=None), page)


def _leaving(form: LeaveForm, page: OwnPage) -> str:
    policy = policy_on(local_date(now()))
    return render_template("me/profile/leave.html", form=form, page=page, policy=policy)


@blueprint.post("/leave")
@allows(Act.OWN_PROFILE)
@commits
def leave() -> ResponseReturnValue:
    form = LeaveForm()
    if form.validate_on_submit() and form.sure.data:
        close_own_account(current_actor(), at=now())
        session.clear()
        flash(_("您已退出志愿者登记，登录已失效。感谢您为城市做过的一切。"), "success")
        return redirect(url_for("signin.sign_in"))
    return _leaving(form, own_page(current_actor(), at=now())), 422
