"""Text messages (短信) through any gateway that speaks one small signed protocol.

Every Chinese carrier platform has its own interface but the same idea: an approved template, its
parameters, a signature over the request. A city puts its platform behind this one:

    POST <url>
    X-Timestamp: seconds since 1970      X-Nonce: random, once only
    X-Signature: hex HMAC-SHA256(key, timestamp LF nonce LF hex SHA-256(body))
    {"phone", "template", "params": {...}, "reference"}

and answers 200 with {"code": "ok", "id": ...} or another code of `OUTCOMES`. The same `reference`
again means the same message: the gateway sends it once and answers `duplicate`.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Callable, Mapping

from volunteer.gateways.messenger import Outcome, Outgoing, Receipt
from volunteer.gateways.wire import Unreachable, as_json, checked_base, post_json

CHANNEL = "sms"

OUTCOMES: dict[str, Outcome] = {
    "ok": Outcome.SENT,
    "duplicate": Outcome.SENT,
    "busy": Outcome.RETRY,
    "rate_limited": Outcome.RETRY,
    "bad_number": Outcome.UNREACHABLE,
    "unsubscribed": Outcome.UNREACHABLE,
    "bad_template": Outcome.MISCONFIGURED,
    "bad_params": Outcome.MISCONFIGURED,
    "bad_signature": Outcome.MISCONFIGURED,
    "no_balance": Outcome.MISCONFIGURED,
}
_WAIT_SECONDS = {"rate_limited": 600}
_MOBILE = re.compile(r"(?:\+86)?(1[3-9]\d{9})\Z")


class SmsMessenger:
    """Sends text messages to mobile phones; one template for each topic, `*` for all others.

    A template takes `title` and `body`. A topic without a template is not sent: a text message costs.
    """

    def __init__(
        self,
        url: str,
        key: str,
        templates: Mapping[str, str],
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        if len(key) < 16:
            raise ValueError("the key of the SMS gateway must have at least 16 characters")
        self._url = checked_base(url)
        self._key = key.encode("utf-8")
        self._templates = dict(templates)
        self._clock = clock

    def send(self, message: Outgoing) -> Receipt:
        """Send once."""
        template = self._templates.get(message.topic) or self._templates.get("*")
        mobile = _MOBILE.match(message.phone)
        if mobile is None:
            return Receipt(Outcome.UNREACHABLE, CHANNEL, "no_mobile")
        if template is None:
            return Receipt(Outcome.UNREACHABLE, CHANNEL, "no_template")
        body = as_json(
            {
                "phone": mobile[1],
                "template": template,
                "params": {"title": message.title, "body": message.body},
                "reference": message.reference,
            }
        )
        try:
            answer = post_json(self._url, body, self._signed(body))
        except Unreachable as silent:
            return Receipt(Outcome.RETRY, CHANNEL, silent.reason, wait_seconds=silent.wait_seconds)
        code = str(answer.body.get("code", f"http {answer.status}"))
        outcome = OUTCOMES.get(code)
        if outcome is None:  # a gateway that is no gateway, or speaks otherwise
            outcome = Outcome.MISCONFIGURED if answer.status >= 400 else Outcome.RETRY
        wait = _WAIT_SECONDS.get(code, 0)
        return Receipt(outcome, CHANNEL, code[:40], str(answer.body.get("id", ""))[:64], wait)

    def _signed(self, body: bytes) -> dict[str, str]:
        timestamp, nonce = str(int(self._clock())), secrets.token_hex(16)
        return {
            "X-Timestamp": timestamp,
            "X-Nonce": nonce,
            "X-Signature": signature(self._key, timestamp, nonce, body),
        }


def signature(key: bytes, timestamp: str, nonce: str, body: bytes) -> str:
    """The signature over a request; a gateway computes the same and compares."""
    told = f"{timestamp}\n{nonce}\n{hashlib.sha256(body).hexdigest()}"
    return hmac.new(key, told.encode("ascii"), hashlib.sha256).hexdigest()
