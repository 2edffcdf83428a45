"""What a person sees when something is refused or fails (出错页): what happened, whether anything was lost."""

import logging

from flask import Flask, flash, g, jsonify, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from volunteer.domain.refusal import Refused
from volunteer.models.base import db
from volunteer.web.words import detail_words, refusal_words

log = logging.getLogger("volunteer.web")

PAGES = {
    400: (_l("这个请求不完整"), _l("请返回上一页，刷新后再试一次。您填写的内容没有被保存。")),
    401: (_l("请先登录"), _l("您的登录已过期，请重新登录后继续。")),
    403: (_l("您没有权限做这件事"), _l("如果工作需要，请联系本单位组织者或市级管理员开通。")),
    404: (_l("没有找到这个页面"), _l("它可能已被移走，或者不属于您的单位。")),
    405: (_l("这个地址不能这样打开"), _l("请从页面上的按钮进入。")),
    409: (_l("内容已经变化"), _l("别人刚刚修改过，请刷新页面查看最新内容后再操作。")),
    413: (_l("文件太大"), _l("请上传不超过 5 MB 的文件。")),
    429: (_l("操作太频繁"), _l("请稍等片刻再试。")),
    500: (_l("系统出了点问题"), _l("这一步没有完成，已保存的数据不受影响。请稍后再试。")),
    503: (_l("系统正忙"), _l("请稍等片刻再试，数据没有丢失。")),
}


def wants_json() -> bool:
    """True where a script asked."""
    return request.path.startswith("/api/") or request.accept_mimetypes.best == "application/json"


def _answer(
    status: int, title: str, advice: str, *, code: str = "", details: tuple[str, ...] = ()
) -> ResponseReturnValue:
    if wants_json():
        body = {
            "ok": False,
            "error": title,
            "errors": list(details),
            "hint": advice,
            "code": code or str(status),
            "status": status,
            "request_id": g.get("request_id", ""),
        }
        return jsonify(body), status
    if request.headers.get("HX-Request"):
        return render_template(
            "errors/fragment.html", title=title, advice=advice, details=details
        ), status
    template = "errors/error.html"
    return render_template(
        template, status=status, title=title, advice=advice, details=details
    ), status


RETRY_SECONDS = 5
"""After so long a browser or a script may try again what the server had no room for."""


def on_refused(refused: Refused) -> ResponseReturnValue:
    """Say an expected no."""
    db.session.rollback()
    details = tuple(detail_words(detail) for detail in refused.details)
    sentence, hint = refused.said(_)
    answer = _answer(refused.status, sentence, hint, code=refused.code, details=details)
    if refused.status != 503:
        return answer
    response = make_response(answer)
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def on_http_error(error: HTTPException) -> ResponseReturnValue:
    """Say an HTTP error in words."""
    if error.response is not None:
        return error.response
    db.session.rollback()
    status = error.code or 500
    title, advice = PAGES.get(status, PAGES[500])
    return _answer(status, str(title), str(advice))


def on_csrf_error(_error: CSRFError) -> ResponseReturnValue:
    """Say that the page was open for too long, or the request came from elsewhere."""
    db.session.rollback()
    return _answer(
        400,
        _("页面已过期"),
        _("请返回上一页，刷新后重新提交。您填写的内容没有被保存。"),
        code="csrf",
    )


def on_crash(error: Exception) -> ResponseReturnValue:
    """Log the crash with its request number, show no details."""
    db.session.rollback()
    log.error(
        "request %s failed: %s", g.get("request_id", ""), type(error).__name__, exc_info=error
    )
    title, advice = PAGES[500]
    return _answer(500, str(title), str(advice))


def flash_refused(refused: Refused) -> None:
    """Tell a refusal at the top of the next page."""
    flash(refusal_words(refused), "error")


def sent_back(refused: Refused, target: str) -> Response:
    """Undo what was begun, and tell the refusal on the page the person came from.

    A missing right or object is not told but answered as such.
    """
    if refused.status in (403, 404):
        raise refused
    db.session.rollback()
    flash_refused(refused)
    return redirect(target)


def install(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(Refused, on_refused)
    app.register_error_handler(CSRFError, on_csrf_error)
    app.register_error_handler(HTTPException, on_http_error)
    if not app.testing:
        app.register_error_handler(Exception, on_crash)
