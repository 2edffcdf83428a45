"""Passwords (密码): argon2id, checks that leave the machine to check-in, and what a password must be.

OWASP ASVS 5.0 chapter 6: at least 8 characters, no composition rules, common passwords refused.
"""

from threading import BoundedSemaphore

from volunteer.domain.refusal import Refused
from volunteer.gateways.hashing import CHECKER, HASHER

MOST_WAITING = 3
"""So many sign-ins of a process may wait for the password check; each holds a thread that others need."""

_places = BoundedSemaphore(MOST_WAITING)
_DUMMY = HASHER.hash("nobody has this password")

COMMON = frozenset(
    [
        "12345678",
        "123456789",
        "1234567890",
        "11111111",
        "00000000",
        "88888888",
        "66666666",
        "87654321",
        "password",
        "password1",
        "qwertyui",
        "qwerty123",
        "1qaz2wsx",
        "1q2w3e4r",
        "abcd1234",
        "abc12345",
        "a1234567",
        "a12345678",
        "admin123",
        "admin888",
        "iloveyou",
        "woaini1314",
        "5201314520",
        "asdfghjk",
        "zxcvbnm1",
        "147258369",
        "123123123",
        "12341234",
        "111222333",
        "123456abc",
        "abc123456",
        "qq123456",
        "aa123456",
        "a123456789",
        "1234qwer",
        "qwer1234",
        "zhongguo",
        "shaoyang",
        "shaoyang123",
        "zhiyuanzhe",
    ]
)


def _busy() -> Refused:
    return Refused(
        "busy", "现在登录的人很多。", "请等几秒钟再按一次登录，不用刷新页面。", status=503
    )


def require_room() -> None:
    """Pass if a password could be checked soon; ask before anything is written.

    Raises Refused ``busy`` (503).
    """
    if not _places.acquire(blocking=False):
        raise _busy()
    _places.release()


def hash_password(password: str) -> str:
    """Hash a password with argon2id."""
    return HASHER.hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Whether the password fits; takes the same time where there is no account.

    Raises Refused ``busy`` (503) at once when too many wait already.
    """
    if not _places.acquire(blocking=False):
        raise _busy()
    try:
        fits = CHECKER.is_right(stored or _DUMMY, password)
    finally:
        _places.release()
    return fits and stored is not None


def require_good(password: str, *, login: str, name: str) -> None:
    """Pass if the password is good enough.

    Raises Refused ``weak_password`` with the field ``password``.
    """
    if len(password) < 8:
        raise Refused(
            "weak_password",
            "密码至少 8 个字符。",
            "可以用一句好记的话。",
            field="password",
            status=422,
        )
    if len(password) > 128:
        raise Refused("weak_password", "密码最多 128 个字符。", field="password", status=422)
    low = password.lower()
    if low in COMMON or len(set(low)) < 4:
        raise Refused(
            "weak_password",
            "这个密码太常见，容易被猜到。",
            "请换一个。",
            field="password",
            status=422,
        )
    if login.lower() in low or (name and name in password):
        raise Refused(
            "weak_password",
            "密码里不要包含账号或姓名。",
            "请换一个。",
            field="password",
            status=422,
        )
