from __future__ import annotations

import logging

import pytest

from volunteer.gateways.messenger import (
    WAITS_MINUTES,
    LogMessenger,
    Outcome,
    Outgoing,
    Receipt,
    Relay,
    wait_before_retry,
)
from volunteer.gateways.sms import SmsMessenger
from volunteer.gateways.switchboard import messenger_of, wechat_account
from volunteer.gateways.wechat import Template

MESSAGE = Outgoing(
    "message-17", "duty", "张建国，明早值守", "宝庆路", openid="oSECRET", phone="+8619907390001"
)


class Channel:
    """A channel that always ends the same way and counts its tries."""

    def __init__(self, name, outcome):
        self.name, self.outcome, self.tries = name, outcome, 0

    def send(self, message):
        self.tries += 1
        return Receipt(self.outcome, self.name)


def test_the_log_says_that_there_was_a_message_and_nothing_about_the_person(caplog):
    caplog.set_level(logging.DEBUG)
    receipt = LogMessenger().send(MESSAGE)
    Relay([Channel("a", Outcome.SENT)]).send(MESSAGE)
    assert receipt == Receipt(Outcome.SENT, "log")
    assert "message-17" in caplog.text
    for secret in ("张建国", "宝庆路", "oSECRET", "19907390001"):
        assert secret not in caplog.text


@pytest.mark.parametrize(
    ("outcomes", "settled", "tries"),
    [
        ("SENT SENT", ("c0", Outcome.SENT), [1, 0]),
        ("UNREACHABLE SENT", ("c1", Outcome.SENT), [1, 1]),
        ("MISCONFIGURED SENT", ("c1", Outcome.SENT), [1, 1]),
        ("RETRY SENT", ("c0", Outcome.RETRY), [1, 0]),
        ("UNREACHABLE RETRY", ("c1", Outcome.RETRY), [1, 1]),
        ("UNREACHABLE UNREACHABLE", ("c0", Outcome.UNREACHABLE), [1, 1]),
        ("UNREACHABLE MISCONFIGURED", ("c1", Outcome.MISCONFIGURED), [1, 1]),
    ],
)
def test_a_relay_goes_on_only_where_the_message_cannot_arrive_twice(outcomes, settled, tries):
    channels = [Channel(f"c{n}", Outcome[name]) for n, name in enumerate(outcomes.split())]
    receipt = Relay(channels).send(MESSAGE)
    assert (receipt.channel, receipt.outcome) == settled
    assert [channel.tries for channel in channels] == tries


def test_a_relay_without_channels_is_a_mistake():
    with pytest.raises(ValueError, match="channel"):
        Relay([])


def test_tries_are_spaced_wider_and_wider_and_end():
    later = Receipt(Outcome.RETRY, "wechat")
    waits = [wait_before_retry(later, tries) for tries in range(1, len(WAITS_MINUTES) + 2)]
    assert waits == [60, 300, 900, 3600, 10800, 21600, None]


def test_the_other_side_may_ask_for_more_time_but_not_for_less():
    assert wait_before_retry(Receipt(Outcome.RETRY, "w", wait_seconds=3600), 1) == 3600
    assert wait_before_retry(Receipt(Outcome.RETRY, "w", wait_seconds=5), 1) == 60


def test_what_will_not_change_is_not_tried_again():
    assert wait_before_retry(Receipt(Outcome.SENT, "w"), 1) is None
    assert wait_before_retry(Receipt(Outcome.UNREACHABLE, "w"), 1) is None
    assert wait_before_retry(Receipt(Outcome.MISCONFIGURED, "w"), 1) == 6 * 3600


def test_the_settings_decide_on_the_channels():
    assert isinstance(messenger_of(), LogMessenger)
    account = wechat_account("wx1", "secret")
    assert account is not None
    assert isinstance(messenger_of(account=account), LogMessenger)  # no template, no channel
    full = messenger_of(
        account=account,
        wechat_templates={"*": Template("T", {"thing1": "title"})},
        sms_url="https://sms.example/send",
        sms_key="a-key-of-the-gateway",
        sms_templates={"*": "SMS_1"},
    )
    assert isinstance(full, Relay)
    assert isinstance(full._channels[1], SmsMessenger)


def test_half_a_setting_is_refused():
    assert wechat_account("", "") is None
    with pytest.raises(ValueError, match="both"):
        wechat_account("wx1", "")
    with pytest.raises(ValueError, match="16"):
        messenger_of(sms_url="https://sms.example")
