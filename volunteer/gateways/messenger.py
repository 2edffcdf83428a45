"""Messages out of the house (通知的发出): one door for every channel, and what became of a message.

A messenger never raises for what the world does (no net, a full quota, a person who left): it hands
back a `Receipt`, and the job that empties the outbox decides by its `outcome` alone. No name, phone,
openid or wording of a message is ever written to the log.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Protocol

log = logging.getLogger(__name__)

WAITS_MINUTES = (1, 5, 15, 60, 180, 360)
"""Minutes before the second, third ... try; after the last the message is given up."""


class Outcome(Enum):
    """What a sender must know about a try."""

    SENT = "sent"
    RETRY = "retry"
    """Not now: the net, the other side or a quota; the same message may be sent again later."""
    UNREACHABLE = "unreachable"
    """Never on this channel: the person has no such address, left, or does not want it."""
    MISCONFIGURED = "misconfigured"
    """Not before an administrator has mended a key, a template or a permission."""


@dataclass(frozen=True)
class Outgoing:
    """A message with the addresses of its reader; an empty address means there is none.

    `reference` is the same for every try of a message: channels use it to drop a second copy.
    """

    reference: str
    topic: str
    title: str
    body: str
    link: str = ""
    openid: str = ""
    phone: str = ""


@dataclass(frozen=True)
class Receipt:
    """What became of one try. `code` is the other side's own word, `wait_seconds` its own wish.

    `passed` are the receipts of the channels that were tried before this one and could not.
    """

    outcome: Outcome
    channel: str
    code: str = ""
    provider_id: str = ""
    wait_seconds: int = 0
    passed: tuple[Receipt, ...] = ()


class Messenger(Protocol):
    """Anything that can carry a message."""

    def send(self, message: Outgoing) -> Receipt:
        """Try once to carry the message; never raises for what the world does."""


class LogMessenger:
    """Carries nothing outside: the message stays in the app's own list, the log says that there was one."""

    def send(self, message: Outgoing) -> Receipt:
        """Write topic and reference to the log, nothing about the person."""
        log.info("message kept in the app: topic=%s reference=%s", message.topic, message.reference)
        return Receipt(Outcome.SENT, "log")


class Relay:
    """Tries channels in their order until one has carried the message.

    A channel that cannot reach the person, or is not set up, passes it on. One that asks to try later
    ends the round: to go on would send the message twice once it comes back.
    """

    def __init__(self, channels: Sequence[Messenger]) -> None:
        if not channels:
            raise ValueError("a relay needs at least one channel")
        self._channels = tuple(channels)

    def send(self, message: Outgoing) -> Receipt:
        """Return the receipt of the channel that settled it; if none did, the fault that can be mended."""
        faults: list[Receipt] = []
        for channel in self._channels:
            receipt = channel.send(message)
            log.info(
                "message tried: channel=%s outcome=%s code=%s topic=%s reference=%s",
                receipt.channel,
                receipt.outcome.value,
                receipt.code,
                message.topic,
                message.reference,
            )
            if receipt.outcome in {Outcome.SENT, Outcome.RETRY}:
                return replace(receipt, passed=tuple(faults))
            faults.append(receipt)
        mendable = [fault for fault in faults if fault.outcome is Outcome.MISCONFIGURED]
        told = (mendable or faults)[0]
        return replace(told, passed=tuple(fault for fault in faults if fault is not told))


def wait_before_retry(receipt: Receipt, tries: int) -> int | None:
    """Seconds until the next try after `tries` tries, or None when there shall be none.

    Someone who cannot be reached is not tried again; a fault in the settings is, slowly, so that
    messages flow once it is mended.
    """
    if receipt.outcome in {Outcome.SENT, Outcome.UNREACHABLE} or tries > len(WAITS_MINUTES):
        return None
    if receipt.outcome is Outcome.MISCONFIGURED:
        return 60 * WAITS_MINUTES[-1]
    return max(60 * WAITS_MINUTES[max(tries, 1) - 1], receipt.wait_seconds)
