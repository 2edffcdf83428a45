"""Signed codes (二维码令牌): short, URL-safe, and worth nothing without the secret.

Five kinds, none of which passes for another, because the kind is signed too:

* the **rotating code** on the leader's screen, one for check-in and one for check-out, new every
  ten seconds and bound to one shift or point;
* the **spot code**, on the leader's screen in the middle of a shift that was drawn for a check;
* the **poster** at a point, which never changes and is therefore weak evidence;
* the **personal code** on a volunteer's phone, new every minute, scanned by the leader;
* the **card**, a personal code on paper, valid until the next one is issued.

A code reads ``<kind><subject>.<step>.<seal>`` with numbers in base 36 and a seal of 96 bits of
HMAC-SHA256, at most 40 characters.
"""

import base64
import hashlib
import hmac
import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from volunteer.domain.refusal import Refused
from volunteer.domain.terms import StampKind
from volunteer.domain.words import N_

ROTATING_SECONDS = 10
PERSONAL_SECONDS = 60
SEAL_BYTES = 12
LONGEST = 40

_DOMAIN = b"volunteer-code/1:"
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_IN, _OUT, _POSTER, _PERSONAL, _CARD, _SPOT = "iopvcs"
_ROTATING = {StampKind.IN: _IN, StampKind.OUT: _OUT}
_SECONDS = {
    _IN: ROTATING_SECONDS,
    _OUT: ROTATING_SECONDS,
    _SPOT: ROTATING_SECONDS,
    _PERSONAL: PERSONAL_SECONDS,
}


@dataclass(frozen=True, slots=True)
class Code:
    """What a code claims, before anybody verified it: enough to look up whose secret to use."""

    letter: str
    subject: int
    step: int
    text: str

    @property
    def stamp(self) -> StampKind | None:
        """Whether it is a rotating code for check-in or check-out, or neither."""
        return {letter: kind for kind, letter in _ROTATING.items()}.get(self.letter)

    @property
    def is_poster(self) -> bool:
        """Whether it is a point's static poster."""
        return self.letter == _POSTER

    @property
    def is_spot(self) -> bool:
        """Whether it is the code of a spot check."""
        return self.letter == _SPOT

    @property
    def is_personal(self) -> bool:
        """Whether it names a volunteer: by phone or by card."""
        return self.letter in (_PERSONAL, _CARD)

    @property
    def is_card(self) -> bool:
        """Whether it is a volunteer's paper card; its step is the card's issue number."""
        return self.letter == _CARD


def _base36(number: int) -> str:
    if number < 0:
        raise ValueError("a code holds no negative number")
    digits = ""
    while True:
        number, rest = divmod(number, 36)
        digits = _DIGITS[rest] + digits
        if not number:
            return digits


def _seal(secret: bytes, letter: str, subject: int, step: int) -> str:
    if len(secret) < 16:
        raise ValueError("a secret has at least 16 bytes")
    message = _DOMAIN + f"{letter}{subject}.{step}".encode()
    digest = hmac.new(secret, message, hashlib.sha256).digest()[:SEAL_BYTES]
    return base64.urlsafe_b64encode(digest).decode()


def _encode(secret: bytes, letter: str, subject: int, step: int) -> str:
    seal = _seal(secret, letter, subject, step)
    return f"{letter}{_base36(subject)}.{_base36(step)}.{seal}"


def _step(at: datetime, seconds: int) -> int:
    return int(at.timestamp()) // seconds


def rotating_code(secret: bytes, subject: int, kind: StampKind, at: datetime) -> str:
    """Return the code that the leader's screen shows at this instant."""
    return _encode(secret, _ROTATING[kind], subject, _step(at, ROTATING_SECONDS))


def next_change(at: datetime, seconds: int = ROTATING_SECONDS) -> datetime:
    """Return when the code of this instant gives way to the next one."""
    start = datetime.fromtimestamp(_step(at, seconds) * seconds, tz=UTC)
    return start + timedelta(seconds=seconds)


def seconds_left(at: datetime) -> int:
    """Return the whole seconds, at least one, until the rotating code of this instant gives way."""
    return math.ceil((next_change(at) - at).total_seconds())


def spot_code(secret: bytes, shift_id: int, at: datetime) -> str:
    """Return the code that the leader's screen shows during a spot check."""
    return _encode(secret, _SPOT, shift_id, _step(at, ROTATING_SECONDS))


def poster_code(secret: bytes, point_id: int) -> str:
    """Return the unchanging code for a point's poster."""
    return _encode(secret, _POSTER, point_id, 0)


def personal_code(secret: bytes, volunteer_id: int, at: datetime) -> str:
    """Return the code that a volunteer's phone shows at this instant."""
    return _encode(secret, _PERSONAL, volunteer_id, _step(at, PERSONAL_SECONDS))


def card_code(secret: bytes, volunteer_id: int, issue: int) -> str:
    """Return the code for a volunteer's paper card of the given issue number."""
    return _encode(secret, _CARD, volunteer_id, issue)


def shown_at(code: Code) -> datetime | None:
    """Return when a changing code came on show, by the clock that made it; nothing for one that never changes."""
    seconds = _SECONDS.get(code.letter)
    return None if seconds is None else datetime.fromtimestamp(code.step * seconds, tz=UTC)


def shown_for(code: Code) -> timedelta:
    """Return how long a changing code stays on show."""
    return timedelta(seconds=_SECONDS.get(code.letter, 0))


def _bad() -> Refused:
    return Refused(
        "bad_code",
        N_("二维码无法识别。"),
        N_("请重新扫描现场的二维码，或请带队为您点名。"),
        field="code",
    )


def read(text: str) -> Code:
    """Take a code apart without believing it.

    Raises
    ------
    Refused
        ``bad_code`` when it has not the shape of one.
    """
    head, _, rest = text.partition(".")
    step, _, seal = rest.partition(".")
    letter, subject = head[:1], head[1:]
    shaped = (
        len(text) <= LONGEST
        and text.isascii()
        and letter in (_IN, _OUT, _POSTER, _PERSONAL, _CARD, _SPOT)
        and len(seal) == SEAL_BYTES * 4 // 3
        and all(part and not part.strip(_DIGITS) for part in (subject, step))
    )
    if not shaped:
        raise _bad()
    code = Code(letter, int(subject, 36), int(step, 36), text)
    if (_base36(code.subject), _base36(code.step)) != (subject, step):
        raise _bad()  # one code, one spelling
    return code


def check_seal(code: Code, secret: bytes) -> Code:
    """Return the code if this secret signed it, whenever that was.

    Raises
    ------
    Refused
        ``bad_code`` when the seal is wrong.
    """
    seal = code.text.rpartition(".")[2]
    expected = _seal(secret, code.letter, code.subject, code.step)
    if not hmac.compare_digest(seal.encode(), expected.encode()):
        raise _bad()
    return code


def verify(code: Code, secret: bytes, at: datetime) -> Code:
    """Return the code if this secret signed it and it is fresh: this step or one to either side.

    Raises
    ------
    Refused
        ``bad_code`` when the seal is wrong, ``old_code`` when the seal is right but the time not.
    """
    check_seal(code, secret)
    seconds = _SECONDS.get(code.letter)
    if seconds is not None and abs(_step(at, seconds) - code.step) > 1:
        raise Refused(
            "old_code",
            N_("二维码已过期。"),
            N_("请现场重新扫描最新的二维码，截图和转发的二维码无效。"),
            field="code",
        )
    return code
