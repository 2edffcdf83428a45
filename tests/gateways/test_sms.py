from __future__ import annotations

import hmac

import pytest

from tests.gateways.service import a_service
from volunteer.gateways.messenger import Outcome, Outgoing
from volunteer.gateways.sms import OUTCOMES, SmsMessenger, signature

KEY = "a-key-of-the-gateway"
MESSAGE = Outgoing("message-17", "duty", "明早值守", "07:30 宝庆路", phone="+8619907390001")


class Gateway:
    """Checks the signature as a real one would, sends each reference once."""

    def __init__(self, code="ok"):
        self.code = code
        self.seen = set()

    def __call__(self, asked):
        told = asked.headers
        right = signature(KEY.encode(), told["X-Timestamp"], told["X-Nonce"], asked.raw)
        if (
            not hmac.compare_digest(right, told["X-Signature"])
            or told["X-Timestamp"] != "1700000000"
        ):
            return (401, {}, b'{"code": "bad_signature"}')
        if asked.body["reference"] in self.seen:
            return {"code": "duplicate", "id": "s-1"}
        if self.code == "ok":
            self.seen.add(asked.body["reference"])
        return {"code": self.code, "id": "s-1"}


def a_messenger(service, key=KEY, templates=None):
    return SmsMessenger(
        service.url, key, templates or {"*": "SMS_1"}, clock=lambda: 1_700_000_000.7
    )


def test_a_signed_message_is_sent_once_however_often_it_is_tried():
    with a_service(Gateway()) as service:
        messenger = a_messenger(service)
        first, second = messenger.send(MESSAGE), messenger.send(MESSAGE)
    assert (first.outcome, first.code, first.provider_id) == (Outcome.SENT, "ok", "s-1")
    assert (second.outcome, second.code) == (Outcome.SENT, "duplicate")
    assert service.asked[0].body == {
        "phone": "19907390001",
        "template": "SMS_1",
        "params": {"title": "明早值守", "body": "07:30 宝庆路"},
        "reference": "message-17",
    }
    nonces = {asked.headers["X-Nonce"] for asked in service.asked}
    assert len(nonces) == 2


@pytest.mark.parametrize(("code", "outcome"), list(OUTCOMES.items()))
def test_every_code_has_its_meaning(code, outcome):
    with a_service(Gateway(code)) as service:
        assert a_messenger(service).send(MESSAGE).outcome is outcome


def test_another_key_is_a_matter_for_the_administrator():
    with a_service(Gateway()) as service:
        receipt = a_messenger(service, key="another-key-of-some").send(MESSAGE)
    assert (receipt.outcome, receipt.code) == (Outcome.MISCONFIGURED, "bad_signature")


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        ((404, {}, b'{"error": "no such page"}'), Outcome.MISCONFIGURED),
        ((200, {}, b'{"code": "a word of its own"}'), Outcome.RETRY),
        ((500, {}, b""), Outcome.RETRY),
    ],
)
def test_a_gateway_that_speaks_otherwise(reply, outcome):
    with a_service(lambda _: reply) as service:
        assert a_messenger(service).send(MESSAGE).outcome is outcome


@pytest.mark.parametrize("phone", ["", "0739-5320001", "12345", "+8519907390001", "199073900011"])
def test_only_mobiles_of_the_mainland_are_sent_to(phone):
    with a_service(Gateway()) as service:
        receipt = a_messenger(service).send(Outgoing("1", "duty", "t", "b", phone=phone))
    assert receipt.code == "no_mobile"
    assert service.asked == []


def test_a_topic_without_a_template_costs_nothing():
    with a_service(Gateway()) as service:
        receipt = a_messenger(service, templates={"urgent": "SMS_9"}).send(MESSAGE)
    assert (receipt.outcome, receipt.code) == (Outcome.UNREACHABLE, "no_template")
    assert service.asked == []


def test_a_key_that_can_be_guessed_is_refused():
    with pytest.raises(ValueError, match="16"):
        SmsMessenger("https://sms.example", "short", {})
