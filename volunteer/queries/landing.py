"""Where a scan lands (扫码落点): which duty of the person a code means, the same for page and act."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from volunteer.domain.access import Actor
from volunteer.domain.digits import is_personal_digits, is_shift_digits, plain
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import StampKind, Way
from volunteer.domain.token import Code, check_seal, read, verify
from volunteer.models.base import db
from volunteer.models.journal import AuditEntry
from volunteer.queries.attendance import (
    Near,
    Seat,
    card_of_person,
    duties_around,
    seat_at,
    secret_of_person,
    secret_of_point,
    secret_of_shift,
)

LARGEST_ID = 2**31 - 1
"""No row has a larger number; asking a database for one is an error."""


@dataclass(frozen=True, slots=True)
class Landing:
    """What a scan would do: which stamp, on which seat, in which way."""

    seat: Seat
    kind: StampKind
    way: Way


def _bad_code() -> Refused:
    return Refused(
        "bad_code",
        "二维码无法识别。",
        "请重新扫描现场的二维码，或请带队为您点名。",
        field="code",
    )


def trusted_code(text: str, *, at: datetime, seen_at: datetime | None = None) -> Code:
    """Take a scanned code apart and check its seal; ``seen_at`` is when this device first opened it.

    Raises Refused ``bad_code`` or ``old_code``.
    """
    code, secret = _code_and_secret(text)
    return verify(code, secret, seen_at or at)


def sealed_code(text: str) -> Code:
    """Take a code apart that was seen at some time, and check that it is ours; when it was on show is its own word.

    Raises Refused ``bad_code``.
    """
    code, secret = _code_and_secret(text)
    return check_seal(code, secret)


def _code_and_secret(text: str) -> tuple[Code, bytes]:
    code = read(text)
    if code.subject > LARGEST_ID:
        raise _bad_code()
    if code.stamp is not None:
        known = secret_of_shift(code.subject)
        secret = known[0] if known else None
    elif code.is_poster:
        secret = secret_of_point(code.subject)
    elif code.is_card:
        secret = _secret_of_card(code)
    else:
        secret = secret_of_person(code.subject)
    if secret is None:
        raise _bad_code()
    return code, secret


def _secret_of_card(code: Code) -> bytes | None:
    """Only the newest card of a person is read; one that was replaced or reported lost says so."""
    known = card_of_person(code.subject)
    if known is None:
        return None
    check_seal(code, known[0])
    if code.step != known[1]:
        raise Refused(
            "old_card",
            "这张卡已经换新或挂失，不能再用。",
            "请直接点名；本人可以在手机上再制一张。",
            field="code",
        )
    return known[0]


def landing_of(
    volunteer_id: int, text: str, *, at: datetime, seen_at: datetime | None = None
) -> Landing:
    """The stamp that a code on site means for this person.

    A rotating code is bound to one shift; somebody who serves at the same point in another shift lands
    there. Raises Refused ``bad_code``, ``old_code``, ``not_a_site_code`` or ``no_duty_here``.
    """
    code = trusted_code(text, at=at, seen_at=seen_at)
    if code.is_personal:
        raise Refused(
            "not_a_site_code", "这是志愿者的个人码，要由带队来扫。", "请扫描带队屏幕上的二维码。"
        )
    if code.is_poster:
        near = duties_around(volunteer_id, at=at, point_id=code.subject)
        if not near:
            raise Refused(
                "no_duty_here",
                "您今天在这个点位没有班次。",
                "请核对点位；如临时到场帮忙，请带队将您加入班次。",
            )
        seats = [seat_at(one.shift_id, volunteer_id, at=at) for one in near[:3]]
        seat = next((one for one in seats if one.gate.is_present), seats[0])
        return Landing(
            seat, StampKind.OUT if seat.gate.is_present else StampKind.IN, Way.POSTER_CODE
        )
    assert code.stamp is not None
    seat = seat_at(_own_shift(volunteer_id, code.subject, at=at), volunteer_id, at=at)
    return Landing(seat, code.stamp, rotating_way(seat))


def _own_shift(volunteer_id: int, shift_id: int, *, at: datetime) -> int:
    known = secret_of_shift(shift_id)
    assert known is not None, "the code was verified with its secret"
    near = [one for one in duties_around(volunteer_id, at=at, point_id=known[1]) if one.is_seated]
    if any(one.shift_id == shift_id for one in near) or not near:
        return shift_id
    return near[0].shift_id


def rotating_way(seat: Seat) -> Way:
    """The leader of a shift holds the screen, so the own scan of it is the leader's word."""
    return Way.LEADER_SELF if seat.shift.leader_id == seat.volunteer.id else Way.ROTATING_CODE


def landing_by_digits(volunteer_id: int, typed: str, *, at: datetime) -> Landing:
    """The stamp that six typed figures mean for this person, among the duties around now.

    Raises Refused ``no_duty_now`` or ``wrong_digits``.
    """
    near = [one for one in duties_around(volunteer_id, at=at) if one.is_seated]
    if not near:
        raise Refused(
            "no_duty_now",
            "您今天没有可以签到的班次。",
            "如临时到场帮忙，请带队将您加入班次。",
            field="digits",
        )
    found = _match(near, typed, at)
    if found is None:
        raise Refused(
            "wrong_digits",
            "数字不对，或已经更换。",
            "请看着带队屏幕上现在的六位数字再输入一次。",
            field="digits",
            status=422,
        )
    shift_id, kind = found
    seat = seat_at(shift_id, volunteer_id, at=at)
    return Landing(seat, kind, rotating_way(seat))


def _match(near: list[Near], typed: str, at: datetime) -> tuple[int, StampKind] | None:
    if len(plain(typed)) != 6:
        return None
    for one in near:
        for kind in StampKind:
            if is_shift_digits(one.secret, one.shift_id, kind, typed, at):
                return one.shift_id, kind
    return None


def person_of_code(text: str, *, at: datetime, seen_at: datetime | None = None) -> int:
    """The volunteer whose personal code a leader scanned.

    Raises Refused ``bad_code``, ``old_code``, ``old_card`` or ``not_a_person``.
    """
    code = trusted_code(text, at=at, seen_at=seen_at)
    if not code.is_personal:
        raise Refused("not_a_person", "这不是志愿者的个人码。", "请扫描志愿者手机上“我的二维码”。")
    return code.subject


def way_of_person_code(actor: Actor, text: str) -> Way:
    """In which way a leader's scan of this code stamps: the code on a phone, or a card.

    Who made the card and scans it gives no more than the own word: a roll-call.
    """
    code = read(text)
    if not code.is_card:
        return Way.PERSONAL_CODE
    return Way.ROLL_CALL if card_maker(code.subject) == actor.account_id else Way.PAPER_CARD


def card_maker(volunteer_id: int) -> int | None:
    """The account that made the person's newest card."""
    return db.session.scalar(
        select(AuditEntry.account_id)
        .where(
            AuditEntry.act == "issue_card",
            AuditEntry.subject == "volunteer",
            AuditEntry.subject_id == volunteer_id,
        )
        .order_by(AuditEntry.id.desc())
        .limit(1)
    )


def person_of_digits(secrets: dict[int, bytes], typed: str, *, at: datetime) -> int:
    """Which of these volunteers the six figures belong to.

    Raises Refused ``wrong_digits``, also when two people happen to show the same figures.
    """
    fits = [
        volunteer_id
        for volunteer_id, secret in secrets.items()
        if len(plain(typed)) == 6 and is_personal_digits(secret, volunteer_id, typed, at)
    ]
    if len(fits) != 1:
        raise Refused(
            "wrong_digits",
            "本班次没有人现在显示这组数字。",
            "请看着志愿者手机上现在的六位数字再输入一次，或直接点名。",
            field="digits",
            status=422,
        )
    return fits[0]
