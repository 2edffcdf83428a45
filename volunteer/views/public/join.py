"""Taking up an invitation (接受邀请): what is asked, what is told, and being signed in on this phone."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
)
from wtforms.validators import EqualTo, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from volunteer.domain.privacy import CONSENTS, NOTICE, REQUIRED
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import Sex
from volunteer.domain.timekeeping import local_date, now
from volunteer.operations.accounts import charge_attempt
from volunteer.operations.passwords import hash_password, require_good
from volunteer.operations.people.joining import Answer, purposes, require_digits, take_up
from volunteer.queries.people.choices import communities_by_district
from volunteer.queries.people.invitations import OpenedLink, opened_link
from volunteer.queries.people.person import is_minor_on
from volunteer.views.signin import start_session
from volunteer.web.forms import BaseForm, choices, number, number_or_none, term_or_none, text
from volunteer.web.guard import open_to_all
from volunteer.web.work import unit_of_work

blueprint = Blueprint("join", __name__, url_prefix="/join")

SEXES = [("", _l("不填")), (Sex.MALE.value, _l("男")), (Sex.FEMALE.value, _l("女"))]


class JoinForm(BaseForm):
    name = text(
        _l("姓名"),
        longest=100,
        required=False,
        description=_l("与身份证一致；间隔号写“·”。"),
        render_kw={"autocomplete": "name"},
    )
    phone = text(
        _l("手机号"),
        longest=30,
        required=False,
        render_kw={"inputmode": "tel", "autocomplete": "tel"},
    )
    sex = RadioField(_l("性别"), choices=choices(SEXES), default="", validators=[Optional()])
    community_id = SelectField(_l("居住社区"), coerce=number_or_none, validators=[Optional()])
    digits = text(
        _l("手机号末四位"),
        longest=4,
        required=False,
        description=_l("单位登记的手机号的最后四个数字，用来确认是您本人。"),
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )
    birth_year = number(
        _l("出生年份"),
        low=1900,
        high=2100,
        required=False,
        description=_l("四位数字，例如 1958。班次对年龄有要求。"),
    )
    guardian_name = text(_l("监护人姓名"), longest=100, required=False)
    guardian_phone = text(
        _l("监护人电话"), longest=30, required=False, render_kw={"inputmode": "tel"}
    )
    guardian_agrees = BooleanField(_l("我是监护人，同意孩子参加志愿服务"))
    consents = SelectMultipleField(
        _l("同意事项"),
        choices=choices((item.purpose.value, item.purpose.label) for item in CONSENTS),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validators=[Optional()],
    )
    password = PasswordField(
        _l("设置密码"),
        validators=[Optional()],
        description=_l(
            "可以不设：这部手机会一直保持登录。设了密码，换手机也能登录；至少 8 个字符。"
        ),
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        _l("再输入一次密码"),
        validators=[EqualTo("password", message=_l("两次输入的密码不一样，请重新输入。"))],
        render_kw={"autocomplete": "new-password"},
    )

    def answer(self, password_hash: str | None) -> Answer:
        """What was filled in, as the operation takes it."""
        return Answer(
            consents=purposes(self.consents.data or []),
            digits=self.digits.data or "",
            birth_year=self.birth_year.data,
            guardian_name=self.guardian_name.data or "",
            guardian_phone=self.guardian_phone.data or "",
            guardian_agrees=bool(self.guardian_agrees.data),
            password_hash=password_hash,
            name=self.name.data or "",
            phone=self.phone.data or "",
            sex=term_or_none(Sex, self.sex.data),
            community_id=self.community_id.data,
        )


def _page(link: OpenedLink, form: JoinForm) -> str:
    on = local_date(now())
    person = link.volunteer
    asks_birth = link.is_first and (person is None or person.birth_year is None)
    return render_template(
        "public/join.html",
        link=link,
        form=form,
        notice=NOTICE,
        consents=CONSENTS,
        required=REQUIRED,
        asks_birth=asks_birth,
        asks_guardian=asks_birth or (person is not None and is_minor_on(person, on)),
    )


def _blank() -> JoinForm:
    form = JoinForm()
    form.community_id.choices = {_("不填"): [("", _("不填"))], **communities_by_district()}
    return form


@blueprint.get("/<token>")
@open_to_all
def open_link(token: str) -> ResponseReturnValue:
    """Open to all: whoever holds the link is told who invites, and for what. Nothing changes by looking."""
    try:
        link = opened_link(token, at=now())
    except Refused as refused:
        return render_template("public/join_over.html", refused=refused), refused.status
    form = _blank()
    if not form.consents.data:
        form.consents.data = []
    return _page(link, form)


@blueprint.post("/<token>")
@open_to_all
def take_link(token: str) -> ResponseReturnValue:
    """Open to all: the token in the address and the figures of the phone are the proof."""
    form = _blank()
    try:
        link = opened_link(token, at=now())
    except Refused as refused:
        return render_template("public/join_over.html", refused=refused), refused.status
    if form.validate_on_submit():
        try:
            name = _take(token, link, form)
            flash(_("%(name)s，您好，已为您登录，这部手机会保持登录。", name=name), "success")
            return redirect(url_for("signin.home"))
        except Refused as refused:
            form.absorb(refused)
    return _page(link, form), 422


def _take(token: str, link: OpenedLink, form: JoinForm) -> str:
    """Check slowly what can be guessed, hash outside the transaction, then take the link up in one."""
    with unit_of_work():
        charge_attempt(
            name=f"join {link.invitation.id}", address=request.remote_addr or "", at=now()
        )
    require_digits(link, form.digits.data or "")
    person = link.volunteer
    stored = _hashed(
        form.password.data or "",
        login=person.number if person else form.phone.data or "",
        name=person.name if person else form.name.data or "",
    )
    with unit_of_work():
        account = take_up(token, form.answer(stored), at=now())
        start_session(account, keep=True, name=f"join {link.invitation.id}")
        return account.name


def _hashed(password: str, *, login: str, name: str) -> str | None:
    """The hash of a password that is good enough, or None where none was set."""
    if not password:
        return None
    require_good(password, login=login or name, name=name)
    return hash_password(password)
