"""WeChat official account (微信公众号): template messages, and the openid behind a sign-in code.

Written after Tencent's public documents and tested against a server that speaks them; it has not met
the real service. WeChat's OAuth is not the standard one: `appid` and `secret` go in the query and the
openid comes in the token's answer. The stable token is used, because the plain one is annulled by
every other process that asks for its own.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from volunteer.gateways.messenger import Outcome, Outgoing, Receipt
from volunteer.gateways.wire import Answer, Unreachable, as_json, checked_base, get_json, post_json

API = "https://api.weixin.qq.com"
CONSENT = "https://open.weixin.qq.com/connect/oauth2/authorize"
CHANNEL = "wechat"

_EARLY_SECONDS = 300
_STALE_TOKEN = {40001, 40014, 42001}
_GONE = {40003, 43004, 43101, 43116}
"""Wrong openid; not subscribed; refused this kind of message."""
_GONE_CODES = {str(code) for code in _GONE}
_LATER = {-1, 45009, 45011, 45047, 50002}
"""Busy; daily quota; minute quota; too many to one person; limited."""
_MINE = {
    40013,
    40037,
    40125,
    40164,
    40243,
    41001,
    41002,
    41004,
    43002,
    47001,
    47003,
    48001,
    48004,
    61004,
}
"""Wrong appid, template or secret; address not on the white list; no permission; wrong fields."""
_QUOTA_WAIT = {45009: 3600, 45011: 60}
_LONGEST = {"thing": 20, "phrase": 5, "character_string": 32, "name": 10, "const": 20, "time": 24}


class SignInRefused(Exception):
    """WeChat does not vouch for the code: used, too old or made up. `code` is WeChat's number."""

    def __init__(self, code: int) -> None:
        super().__init__(f"wechat refused the sign-in code ({code})")
        self.code = code


@dataclass(frozen=True)
class WeChatIdentity:
    """Who signed in: `openid` within this account, `unionid` across accounts of one owner, if told."""

    openid: str
    unionid: str = ""


@dataclass(frozen=True)
class Template:
    """A template that WeChat has approved: its id, and which text of a message fills which field.

    `fields` maps the template's keyword to `title`, `body` or `topic`, such as `thing1` to `title`.
    """

    template_id: str
    fields: Mapping[str, str]

    def __post_init__(self) -> None:
        if not self.fields or not set(self.fields.values()) <= {"title", "body", "topic"}:
            raise ValueError(
                f"template {self.template_id}: a field is filled by title, body or topic"
            )


class WeChatAccount:
    """One official account: keeps its access token fresh, for all threads."""

    def __init__(
        self,
        app_id: str,
        app_secret: str,
        *,
        api: str = API,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.app_id = app_id
        self._secret = app_secret
        self._api = checked_base(api)
        self._clock = clock
        self._lock = threading.Lock()
        self._token = ""
        self._good_until = float("-inf")

    def call(self, path: str, payload: Mapping[str, Any]) -> Answer:
        """Post to an interface that wants the access token; a stale token is renewed once.

        Raises `Unreachable`.
        """
        token, refused = self._access_token("")
        if refused is not None:
            return refused
        answer = self._post(path, token, payload)
        if _code_of(answer) in _STALE_TOKEN:
            token, refused = self._access_token(token)
            answer = refused if refused is not None else self._post(path, token, payload)
        return answer

    def consent_address(self, return_to: str, state: str) -> str:
        """Where to send a phone inside WeChat so that it comes back to `return_to` with a code.

        The openid alone is asked for: no consent screen, no nickname. WeChat wants the parameters in
        this order and the fragment at the end.
        """
        query = urlencode(
            [
                ("appid", self.app_id),
                ("redirect_uri", return_to),
                ("response_type", "code"),
                ("scope", "snsapi_base"),
                ("state", state),
            ],
            quote_via=quote,
            safe="",
        )
        return f"{CONSENT}?{query}#wechat_redirect"

    def identity_of(self, code: str) -> WeChatIdentity:
        """Exchange a sign-in code, good once and for five minutes, for the person's openid.

        Raises `SignInRefused` when WeChat does not vouch for it, `Unreachable` when it does not answer.
        """
        query = urlencode(
            {
                "appid": self.app_id,
                "secret": self._secret,
                "code": code,
                "grant_type": "authorization_code",
            }
        )
        answer = get_json(f"{self._api}/sns/oauth2/access_token?{query}")
        openid = answer.body.get("openid")
        if not isinstance(openid, str) or not openid:
            told = _code_of(answer)
            if told in _LATER:
                raise Unreachable("wechat", f"errcode {told}")
            raise SignInRefused(told)
        return WeChatIdentity(openid, str(answer.body.get("unionid") or ""))

    def _post(self, path: str, token: str, payload: Mapping[str, Any]) -> Answer:
        query = urlencode({"access_token": token})
        return post_json(f"{self._api}{path}?{query}", as_json(payload))

    def _access_token(self, stale: str) -> tuple[str, Answer | None]:
        """The token, or the answer that refuses one. `stale` is a token that has just been refused."""
        with self._lock:
            is_good = self._token and self._token != stale and self._clock() < self._good_until
            if is_good:
                return self._token, None
            answer = self._ask_for_token(is_forced=False)
            if stale and answer.body.get("access_token") == stale:
                answer = self._ask_for_token(is_forced=True)  # WeChat allows few of these a day
            token = answer.body.get("access_token")
            if not isinstance(token, str) or not token:
                return "", answer
            lifetime = answer.body.get("expires_in", 7200)
            self._token = token
            self._good_until = self._clock() + max(int(lifetime) - _EARLY_SECONDS, 30)
            return token, None

    def _ask_for_token(self, *, is_forced: bool) -> Answer:
        wish = {
            "grant_type": "client_credential",
            "appid": self.app_id,
            "secret": self._secret,
            "force_refresh": is_forced,
        }
        return post_json(f"{self._api}/cgi-bin/stable_token", as_json(wish))


class WeChatMessenger:
    """Sends template messages to people whose openid is known; one template for each topic."""

    def __init__(self, account: WeChatAccount, templates: Mapping[str, Template]) -> None:
        self._account = account
        self._templates = dict(templates)

    def send(self, message: Outgoing) -> Receipt:
        """Send once; `client_msg_id` lets WeChat drop a second copy of the same message."""
        template = self._templates.get(message.topic) or self._templates.get("*")
        if not message.openid:
            return Receipt(Outcome.UNREACHABLE, CHANNEL, "no_openid")
        if template is None:
            return Receipt(Outcome.UNREACHABLE, CHANNEL, "no_template")
        texts = {"title": message.title, "body": message.body, "topic": message.topic}
        payload = {
            "touser": message.openid,
            "template_id": template.template_id,
            "url": message.link,
            "client_msg_id": message.reference[:32],
            "data": {
                name: {"value": _fitting(name, texts[source])}
                for name, source in template.fields.items()
            },
        }
        try:
            answer = self._account.call("/cgi-bin/message/template/send", payload)
        except Unreachable as silent:
            return Receipt(Outcome.RETRY, CHANNEL, silent.reason, wait_seconds=silent.wait_seconds)
        return _receipt(answer)


def reached(receipt: Receipt) -> bool | None:
    """Whether WeChat carried the message (True), said that it cannot reach the person (False), or neither."""
    for one in (receipt, *receipt.passed):
        if one.channel == CHANNEL and one.code in _GONE_CODES:
            return False
        if one.channel == CHANNEL and one.outcome is Outcome.SENT:
            return True
    return None


def _receipt(answer: Answer) -> Receipt:
    code = _code_of(answer)
    if code == 0:
        return Receipt(Outcome.SENT, CHANNEL, "0", str(answer.body.get("msgid", "")))
    if code in _GONE:
        return Receipt(Outcome.UNREACHABLE, CHANNEL, str(code))
    if code in _MINE or code in _STALE_TOKEN:
        return Receipt(Outcome.MISCONFIGURED, CHANNEL, str(code))
    # what is not known is tried again: the tries are counted
    return Receipt(Outcome.RETRY, CHANNEL, str(code), wait_seconds=_QUOTA_WAIT.get(code, 0))


def _code_of(answer: Answer) -> int:
    told = answer.body.get("errcode", 0)
    return told if isinstance(told, int) else -1


def _fitting(name: str, text: str) -> str:
    """The text as the field may hold it: WeChat refuses the whole message for one letter too many."""
    most = _LONGEST.get(name.rstrip("0123456789"), 200)
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1] + "…"
