"""Carrying messages out (通知发送): claimed in one transaction, sent in none, kept in another."""

import logging
import time
from functools import lru_cache

from volunteer.config import Settings
from volunteer.domain.terms import MessageState
from volunteer.domain.timekeeping import now
from volunteer.gateways.messenger import (
    Messenger,
    Outcome,
    Outgoing,
    wait_before_retry,
)
from volunteer.gateways.switchboard import messenger_of
from volunteer.gateways.wechat import Template, reached
from volunteer.jobs.queue import periodic
from volunteer.models.base import unit_of_work
from volunteer.operations.outbox import Carried, Letter, claim_letters, drop_stale, keep_receipts
from volunteer.operations.wechat import official_account

log = logging.getLogger("volunteer.jobs")

LONGEST_SECONDS = 20.0
"""How long one round may last, so that other work of the worker is not kept waiting."""


@lru_cache(maxsize=1)
def messenger() -> Messenger:
    """The channels of this installation; without any, messages stay in the app and the log."""
    settings = Settings()
    return messenger_of(
        account=official_account(settings),
        wechat_templates={
            topic: Template(one.id, one.fields) for topic, one in settings.wechat_templates.items()
        },
        sms_url=settings.sms_gateway_url,
        sms_key=settings.sms_gateway_key,
        sms_templates=settings.sms_templates,
    )


@lru_cache(maxsize=1)
def base_url() -> str:
    """The address before which the links of messages stand."""
    return Settings().base_url


def carry(letter: Letter, channel: Messenger) -> Carried:
    """Try one letter and say what is to be written down."""
    receipt = channel.send(
        Outgoing(
            reference=letter.reference,
            topic=letter.topic,
            title=letter.title,
            body=letter.body,
            link=base_url() + letter.link if letter.link else "",
            openid=letter.openid,
            phone=letter.phone,
        )
    )
    on_wechat = reached(receipt)
    if receipt.outcome is Outcome.SENT:
        return Carried(letter.message_id, MessageState.SENT, on_wechat=on_wechat)
    error = f"{receipt.channel}: {receipt.code}"
    if receipt.outcome is Outcome.UNREACHABLE:
        return Carried(letter.message_id, MessageState.SKIPPED, error, on_wechat=on_wechat)
    wait = wait_before_retry(receipt, letter.tries)
    return Carried(letter.message_id, MessageState.FAILED, error, wait, on_wechat)


@periodic("send_messages", seconds=5)
def send_messages() -> int:
    """Carry out what is due, batch by batch, until nothing is left or the round has lasted long enough."""
    started, count = time.monotonic(), 0
    while time.monotonic() - started < LONGEST_SECONDS:
        with unit_of_work():
            letters = claim_letters(at=now())
        if not letters:
            break
        carried = [carry(letter, messenger()) for letter in letters]
        with unit_of_work():
            keep_receipts(carried, at=now())
        count += len(letters)
    return count


@periodic("drop_stale_messages", seconds=3600)
def drop_stale_messages() -> int:
    """Stop trying what is no news any more."""
    with unit_of_work():
        return drop_stale(at=now())
