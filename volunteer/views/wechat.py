"""Messages by WeChat (微信通知): what it means, binding the own account by WeChat's own page, ending it.

WeChat sends the phone back to :func:`arrive` with a code; the ``state`` that only this browser knows keeps
anybody from binding their WeChat to somebody else's account.
"""

import hmac
import secrets

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
from werkzeug.wrappers import Response

from volunteer.domain.refusal import Refused
from volunteer.domain.timekeeping import now
from volunteer.operations.wechat import (
    bind_wechat,
    consent_address,
    end_wechat,
    has_wechat,
    openid_of,
)
from volunteer.queries.accounts import wechat_of
from volunteer.web.errors import sent_back
from volunteer.web.guard import current_actor, signed_in
from volunteer.web.work import commits, unit_of_work

blueprint = Blueprint("wechat", __name__, url_prefix="/account/wechat")

STATE = "wechat_state"
INSIDE = "MicroMessenger"
"""What WeChat's own browser calls itself."""


@blueprint.get("")
@signed_in
def show() -> str:
    return render_template(
        "me/wechat.html",
        bond=wechat_of(current_actor().account_id or 0),
        is_offered=has_wechat(),
        is_inside=INSIDE in request.user_agent.string,
    )


@blueprint.get("/begin")
@signed_in
def begin() -> Response:
    state = secrets.token_urlsafe(24)
    back = current_app.config["SETTINGS"].base_url + url_for("wechat.arrive")
    try:
        address = consent_address(back, state=state)
    except Refused as refused:
        return sent_back(refused, url_for("wechat.show"))
    session[STATE] = state
    return redirect(address)


@blueprint.get("/back")
@signed_in
def arrive() -> Response:
    known, code = session.pop(STATE, ""), request.args.get("code", "")
    told = request.args.get("state", "")
    is_ours = bool(known) and hmac.compare_digest(known.encode(), told.encode())
    if not is_ours or not code:
        flash(_("没有绑定：请在微信里重新点“绑定微信”。"), "error")
        return redirect(url_for("wechat.show"))
    try:
        openid = openid_of(code)
        with unit_of_work():
            bind_wechat(current_actor(), openid, at=now())
    except Refused as refused:
        return sent_back(refused, url_for("wechat.show"))
    flash(_("已绑定，通知会同时发到这个微信。"), "success")
    return redirect(url_for("wechat.show"))


@blueprint.post("/end")
@signed_in
@commits
def end() -> Response:
    end_wechat(current_actor(), at=now())
    flash(_("已解除，微信标识已删除；通知仍在平台里。"), "success")
    return redirect(url_for("wechat.show"))
