"""Accounts and roles of the city (账号与角色): list, open, trust, shut."""

from datetime import timedelta

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response
from wtforms import HiddenField

from volunteer.domain.access import GIVEN, Act, may_give
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import Role
from volunteer.domain.timekeeping import now
from volunteer.operations.roles import (
    Newcomer,
    Wanted,
    disable_account,
    edit_account,
    enable_account,
    end_sessions_of,
    grant_role,
    open_desk_account,
    renew_password,
    revoke_role,
)
from volunteer.queries.choices import districts_to_choose
from volunteer.queries.roles import (
    AccountFilter,
    account_of_grant,
    account_sheet,
    accounts_listed,
    units_to_grant,
)
from volunteer.queries.seen import mark_of
from volunteer.web.errors import sent_back
from volunteer.web.forms import BaseForm, choice, choices, page_asked, pick, term_or_none, text
from volunteer.web.guard import allows, current_actor
from volunteer.web.words import label
from volunteer.web.work import commits

blueprint = Blueprint("accounts", __name__, url_prefix="/city/accounts")

WHO = (("desk", _l("工作账号")), ("volunteers", _l("志愿者账号")), ("all", _l("全部账号")))
STATES = (("active", _l("正常")), ("waiting", _l("初始密码未改")), ("disabled", _l("已停用")))
GIVEN_WORDS = [(role.value, role.label) for role in GIVEN]


class FilterForm(BaseForm):
    who = pick(_l("类别"), WHO, required=False, default="desk")
    role = pick(_l("角色"), GIVEN_WORDS, required=False)
    unit_id = choice(_l("单位"))
    state = pick(_l("状态"), STATES, required=False)


class RoleForm(BaseForm):
    role = pick(_l("角色"), GIVEN_WORDS)
    grant_unit_id = choice(_l("负责的单位"), description=_l("单位组织者必选，含其下级单位。"))
    district_id = choice(_l("负责的区"), description=_l("区级管理员必选。"))


class NewForm(RoleForm):
    login = text(
        _l("账号"),
        longest=30,
        description=_l("登录时输入，例如 yibaoju 或 wang.fang。"),
        render_kw={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"},
    )
    name = text(_l("姓名"), longest=100)
    phone = text(
        _l("手机号"),
        longest=30,
        required=False,
        description=_l("填写后也可以用手机号登录；加密保存。"),
        render_kw={"inputmode": "tel", "autocomplete": "off"},
    )
    unit_id = choice(_l("所属单位"))


class EditForm(BaseForm):
    seen = HiddenField()
    name = text(_l("姓名"), longest=100)
    unit_id = choice(_l("所属单位"))


class DisableForm(BaseForm):
    reason = text(_l("停用原因"), longest=200, required=False)


def _offer(form: BaseForm) -> None:
    units = units_to_grant(current_actor())
    if "unit_id" in form:
        form["unit_id"].choices = choices([("", _("不属于某个单位")), *units])
    if "grant_unit_id" in form:
        actor = current_actor()
        form["grant_unit_id"].choices = choices([("", _("请选择")), *units])
        form["district_id"].choices = choices([("", _("请选择")), *districts_to_choose()])
        form["role"].choices = choices(
            (role.value, role.label)
            for role in GIVEN
            if may_give(actor, role) or (units and may_give(actor, role, unit_id=units[0][0]))
        )


def _wanted(form: RoleForm) -> Wanted:
    role = Role[str(form.role.data).upper()]
    return Wanted(
        role,
        unit_id=form.grant_unit_id.data if role is Role.ORGANIZER else None,
        district_id=form.district_id.data if role is Role.DISTRICT_ADMIN else None,
    )


def _lasts() -> timedelta:
    return timedelta(days=current_app.config["SETTINGS"].first_password_days)


@blueprint.get("/")
@allows(Act.VIEW_AUDIT)
def listing() -> str:
    actor, form = current_actor(), FilterForm(request.args, meta={"csrf": False})
    form.unit_id.choices = choices([("", _("不限")), *units_to_grant(actor)])
    form.validate()
    wanted = AccountFilter(
        words=request.args.get("q", "").strip(),
        role=term_or_none(Role, form.role.data),
        unit_id=form.unit_id.data,
        state=form.state.data or "",
        who=form.who.data or "desk",
    )
    found = accounts_listed(actor, wanted, page=page_asked(request.args))
    narrowed = wanted != AccountFilter()
    return render_template("admin/accounts.html", found=found, form=form, narrowed=narrowed)


@blueprint.get("/new")
@allows(Act.MANAGE_ACCOUNTS)
def new() -> str:
    form = NewForm()
    _offer(form)
    if not form.unit_id.data:
        form.unit_id.data = form.grant_unit_id.data = request.args.get("unit", type=int)
    return render_template("admin/account_new.html", form=form)


@blueprint.post("/new")
@allows(Act.MANAGE_ACCOUNTS)
@commits
def create() -> str | tuple[str, int]:
    form = NewForm()
    _offer(form)
    if form.validate():
        newcomer = Newcomer(
            form.login.data or "", form.name.data or "", form.unit_id.data, form.phone.data or ""
        )
        try:
            account, password = open_desk_account(
                current_actor(), newcomer, _wanted(form), lasts=_lasts(), at=now()
            )
            return _told_once(account, password)
        except Refused as refused:
            if refused.status in (403, 404):
                raise
            form.absorb(refused)
    return render_template("admin/account_new.html", form=form), 422


def _told_once(account: object, password: str) -> str:
    return render_template(
        "admin/account_password.html",
        account=account,
        password=password,
        days=current_app.config["SETTINGS"].first_password_days,
    )


@blueprint.get("/<int:account_id>")
@allows(Act.VIEW_AUDIT)
def show(account_id: int) -> str:
    return _sheet(account_id)


def _sheet(account_id: int, edit: EditForm | None = None, grant: RoleForm | None = None) -> str:
    sheet = account_sheet(current_actor(), account_id, at=now())
    if edit is None:
        edit = EditForm(formdata=None, obj=sheet.account, seen=mark_of(sheet.account))
    grant = grant or RoleForm(formdata=None)
    _offer(edit)
    _offer(grant)
    if sheet.account.unit_id and edit.unit_id.data == sheet.account.unit_id:
        known = {option.value for option in edit.unit_id.choices}
        if sheet.account.unit_id not in known:
            edit.unit_id.choices += choices([(sheet.account.unit_id, sheet.unit_name)])
    return render_template(
        "admin/account.html",
        sheet=sheet,
        edit=edit,
        grant=grant,
        disable=DisableForm(formdata=None),
    )


@blueprint.post("/<int:account_id>/edit")
@allows(Act.MANAGE_ACCOUNTS)
@commits
def edit(account_id: int) -> Response | tuple[str, int]:
    form = EditForm()
    _offer(form)
    if form.validate():
        try:
            edit_account(
                current_actor(),
                account_id,
                name=form.name.data or "",
                unit_id=form.unit_id.data,
                seen=form.seen.data or "",
                at=now(),
            )
            flash(_("账号资料已保存。"), "success")
            return redirect(url_for("accounts.show", account_id=account_id))
        except Refused as refused:
            if refused.status in (403, 404):
                raise
            form.absorb(refused)
    return _sheet(account_id, edit=form), 422


@blueprint.post("/<int:account_id>/roles")
@allows(Act.MANAGE_ACCOUNTS)
@commits
def grant(account_id: int) -> Response | tuple[str, int]:
    form = RoleForm()
    _offer(form)
    if form.validate():
        try:
            given = grant_role(current_actor(), account_id, _wanted(form), at=now())
            flash(_("已授予“%(role)s”，对方会收到通知。", role=label(given.role)), "success")
            return redirect(url_for("accounts.show", account_id=account_id))
        except Refused as refused:
            if refused.status in (403, 404):
                raise
            form.absorb(refused)
    return _sheet(account_id, grant=form), 422


@blueprint.post("/roles/<int:grant_id>/revoke")
@allows(Act.MANAGE_ACCOUNTS)
@commits
def revoke(grant_id: int) -> Response:
    try:
        given = revoke_role(current_actor(), grant_id, at=now())
    except Refused as refused:
        return sent_back(refused, url_for("accounts.show", account_id=account_of_grant(grant_id)))
    flash(_("已收回“%(role)s”，下一次打开页面时生效。", role=label(given.role)), "success")
    return redirect(url_for("accounts.show", account_id=given.account_id))


@blueprint.post("/<int:account_id>/disable")
@allows(Act.MANAGE_ACCOUNTS)
@commits
def disable(account_id: int) -> Response:
    form = DisableForm()
    try:
        disable_account(current_actor(), account_id, reason=form.reason.data or "", at=now())
    except Refused as refused:
        return sent_back(refused, url_for("accounts.show", account_id=account_id))
    flash(_("账号已停用，正在登录的设备已全部退出。"), "success")
    return redirect(url_for("accounts.show", account_id=account_id))


@blueprint.post("/<int:account_id>/enable")
@allows(Act.MANAGE_ACCOUNTS)
@commits
def enable(account_id: int) -> Response:
    enable_account(current_actor(), account_id, at=now())
    flash(_("账号已恢复，原有角色仍然有效。"), "success")
    return redirect(url_for("accounts.show", account_id=account_id))


@blueprint.post("/<int:account_id>/end-sessions")
@allows(Act.MANAGE_ACCOUNTS)
@commits
def end_sessions(account_id: int) -> Response:
    end_sessions_of(current_actor(), account_id, at=now())
    flash(_("这个账号已在所有设备上退出登录。"), "success")
    return redirect(url_for("accounts.show", account_id=account_id))


@blueprint.post("/<int:account_id>/password")
@allows(Act.MANAGE_ACCOUNTS)
@commits
def password(account_id: int) -> Response | str:
    try:
        account, fresh = renew_password(current_actor(), account_id, lasts=_lasts(), at=now())
    except Refused as refused:
        return sent_back(refused, url_for("accounts.show", account_id=account_id))
    return _told_once(account, fresh)
