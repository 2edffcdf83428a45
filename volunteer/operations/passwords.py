"""Passwords (密码): argon2id, a bounded number of checks at a time, and what a password must be.

OWASP ASVS 5.0 chapter 6: at least 8 characters, no composition rules, common passwords refused.
"""

from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from volunteer.domain.refusal import Refused

_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
_slots = BoundedSemaphore(2)  # a herd at 08:00 must not starve check-in of the two cores
_WAIT_SECONDS = 20
_DUMMY = _hasher.hash("nobody has this password")

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


def _with_slot(check: str, password: str) -> bool:
    if not _slots.acquire(timeout=_WAIT_SECONDS):
        raise Refused("busy", "现在登录的人很多。", "请稍等半分钟再试。", status=503)
    try:
        return _hasher.verify(check, password)
    except (VerificationError, InvalidHashError):
        return False
    finally:
        _slots.release()


def hash_password(password: str) -> str:
    """Hash a password with argon2id."""
    with _slots:
        return _hasher.hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Whether the password fits; takes the same time where there is no account."""
    fits = _with_slot(stored or _DUMMY, password)
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
