"""Signing in and out (登录、退出), own password and devices."""

from datetime import timedelta
from urllib.parse import urlsplit

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
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms import BooleanField, PasswordField
from wtforms.validators import EqualTo

from volunteer.domain.refusal import Refused
from volunteer.domain.timekeeping import now
from volunteer.operations.accounts import (
    change_password as set_password,
)
from volunteer.operations.accounts import (
    charge_attempt,
    close_session,
    end_all_sessions,
    open_session,
)
from volunteer.operations.passwords import matches, require_room
from volunteer.queries.accounts import account_by_name, account_of, devices_of, phone_is_shared
from volunteer.web.forms import REQUIRED, BaseForm, text
from volunteer.web.guard import actor_or_none, current_actor, open_to_all, signed_in
from volunteer.web.page import first_place, is_desk_person
from volunteer.web.phone_mark import phone_mark
from volunteer.web.work import commits, unit_of_work

blueprint = Blueprint("signin", __name__)


class SignInForm(BaseForm):
    name = text(
        _l("账号或手机号"), longest=60, render_kw={"autocomplete": "username", "autofocus": True}
    )
    password = PasswordField(
        _l("密码"), validators=[REQUIRED], render_kw={"autocomplete": "current-password"}
    )
    keep = BooleanField(_l("在这台设备上保持登录"))


class PasswordForm(BaseForm):
    current = PasswordField(
        _l("现在的密码"), validators=[REQUIRED], render_kw={"autocomplete": "current-password"}
    )
    password = PasswordField(
        _l("新密码"),
        validators=[REQUIRED],
        description=_l("至少 8 个字符，不要用常见密码，不要包含姓名或账号。"),
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        _l("再输入一次新密码"),
        validators=[
            REQUIRED,
            EqualTo("password", message=_l("两次输入的新密码不一样，请重新输入。")),
        ],
        render_kw={"autocomplete": "new-password"},
    )


class EmptyForm(BaseForm):
    """Carries the CSRF token of a button."""


def safe_next(target: str | None) -> str:
    """The page to go to after signing in, if it is one of ours; else the home page.

    Only a plain local path passes: no scheme, host, backslash, control character or second slash.
    """
    fallback = url_for("signin.home")
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return fallback
    if "\\" in target or any(ord(c) < 32 or ord(c) == 127 for c in target):
        return fallback
    parts = urlsplit(target)
    return fallback if parts.scheme or parts.netloc else target


def page_before() -> str:
    """The page the person came from, if it is one of ours."""
    before = urlsplit(request.referrer or "")
    if before.netloc and before.netloc != request.host:
        return url_for("signin.home")
    return safe_next(before.path + (f"?{before.query}" if before.query else ""))


def start_session(account: object, *, keep: bool, name: str) -> None:
    """Put a fresh device token into a fresh session."""
    settings = current_app.config["SETTINGS"]
    lasts = (
        timedelta(days=settings.device_days) if keep else timedelta(hours=settings.session_hours)
    )
    label = (request.user_agent.string or "")[:120]
    opened = open_session(
        account,  # type: ignore[arg-type]
        label=label,
        lasts=lasts,
        at=now(),
        name=name,
        address=request.remote_addr or "",
        mark=phone_mark(),
    )
    language = session.get("language")
    session.clear()
    if language:
        session["language"] = language
    session.permanent = keep
    session["_user_id"] = opened.token
    session["_fresh"] = True


@blueprint.get("/")
@open_to_all
def home() -> Response:
    """Open to all: leads each person to the own home, a visitor to the public board or the sign-in."""
    actor = actor_or_none()
    if actor is None:
        return redirect(url_for("signin.sign_in"))
    wants_phone = actor.volunteer_id is not None and session.get("surface") == "phone"
    return redirect(first_place(actor, phone=wants_phone or not is_desk_person(actor)))


@blueprint.route("/sign-in", methods=["GET", "POST"])
@open_to_all
def sign_in() -> str | Response | tuple[str, int]:
    """Open to all: nobody is signed in before this page."""
    form = SignInForm()
    status = 200
    if request.method == "GET" and actor_or_none() is not None:
        return redirect(safe_next(request.args.get("next")))
    if form.validate_on_submit():
        try:
            _check_and_open(form)
            return redirect(safe_next(request.args.get("next")))
        except Refused as refused:
            form.absorb(refused)
            status = refused.status if refused.status in (403, 429, 503) else 422
    elif request.method == "POST":
        status = 422
    return render_template("public/sign_in.html", form=form), status


@blueprint.get("/sign-in/room")
@open_to_all
def room() -> Response:
    """Open to all: a page that is about to send a password asks whether one could be checked now."""
    require_room()
    return Response(status=204)


def _check_and_open(form: SignInForm) -> None:
    name = form.name.data or ""
    require_room()
    with unit_of_work():
        charge_attempt(name=name, address=request.remote_addr or "", at=now())
    account = account_by_name(name)
    stored = account.password_hash if account else None
    if not matches(stored, form.password.data or ""):
        if phone_is_shared(name):
            raise Refused(
                "phone_shared", _("这个手机号有多位志愿者共用。"), _("请改用志愿者编号登录。")
            )
        raise Refused(
            "wrong_credentials",
            _("账号或密码不对。"),
            _("请检查后重试；忘记密码请联系本单位组织者。"),
        )
    with unit_of_work():
        found = account_by_name(name)
        if found is None or found.password_hash != stored:
            raise Refused("wrong_credentials", _("账号或密码不对。"))
        start_session(found, keep=bool(form.keep.data), name=name)


@blueprint.post("/sign-out")
@signed_in
@commits
def sign_out() -> Response:
    close_session(current_actor(), current_user.device_id, at=now())
    session.clear()
    flash(_("您已退出登录。"), "success")
    return redirect(url_for("signin.sign_in"))


@blueprint.route("/account/password", methods=["GET", "POST"])
@signed_in
def change_password() -> str | Response | tuple[str, int]:
    form = PasswordForm()
    status = 200
    if form.validate_on_submit():
        actor = current_actor()
        account = account_of(actor)
        try:
            if not matches(account.password_hash, form.current.data or ""):
                raise Refused("wrong_password", _("现在的密码不对。"), field="current", status=422)
            with unit_of_work():
                account = account_of(actor)
                set_password(actor, account, password=form.password.data or "", at=now())
                start_session(account, keep=session.permanent, name="")
            flash(_("密码已修改，其他设备已退出登录。"), "success")
            return redirect(url_for("signin.home"))
        except Refused as refused:
            form.absorb(refused)
            status = 422
    elif request.method == "POST":
        status = 422
    return render_template(
        "public/password.html", form=form, forced=current_user.must_change_password
    ), status


@blueprint.get("/account/devices")
@signed_in
def devices() -> str:
    actor = current_actor()
    rows = devices_of(actor.account_id or 0, at=now())
    return render_template(
        "public/devices.html", devices=rows, here=current_user.device_id, form=EmptyForm()
    )


@blueprint.post("/account/devices/<int:device_id>/end")
@signed_in
@commits
def end_device(device_id: int) -> Response:
    close_session(current_actor(), device_id, at=now())
    flash(_("这台设备已退出登录。"), "success")
    return redirect(url_for("signin.devices"))


@blueprint.post("/account/devices/end-all")
@signed_in
@commits
def end_all() -> Response:
    actor = current_actor()
    end_all_sessions(actor, account_of(actor), at=now())
    session.clear()
    flash(_("全部设备已退出登录，请重新登录。"), "success")
    return redirect(url_for("signin.sign_in"))


@blueprint.post("/account/elder")
@open_to_all
def toggle_elder() -> Response:
    """Open to all: large type is for whoever needs it."""
    session["elder"] = not session.get("elder", getattr(current_user, "prefers_large_type", False))
    return redirect(page_before())


@blueprint.get("/account/surface/<surface>")
@signed_in
def choose_surface(surface: str) -> Response:
    session["surface"] = "phone" if surface == "phone" else "desk"
    return redirect(url_for("signin.home"))


@blueprint.post("/account/language")
@open_to_all
def choose_language() -> Response:
    """Open to all: the sign-in page can be read in English, too."""
    session["language"] = "en" if request.form.get("language") == "en" else "zh_Hans_CN"
    return redirect(page_before())
