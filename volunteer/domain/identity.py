"""Numbers that name people and units (证件号码、统一社会信用代码、电话), their checks and masks.

Written here because the usual library refuses living people: it compares the county code with
the year of birth, though the code is that of registration, and knows no residence permits.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from volunteer.domain.refusal import Refused
from volunteer.domain.terms import DocumentKind, Sex
from volunteer.domain.words import N_

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_PROVINCES = re.compile(r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[123]|9\d")
_CODE_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"(010|02\d)([2-8]\d{7})|(0[3-9]\d\d)([2-8]\d{6,7})")


@dataclass(frozen=True, slots=True)
class Document:
    """What an eighteen-place identity number says of its bearer."""

    number: str
    kind: DocumentKind
    born_on: date
    sex: Sex


def _tidy(text: str) -> str:
    """Bring typed or pasted text to plain half-width capitals, without space, dash or apostrophe."""
    plain = unicodedata.normalize("NFKC", text).upper()
    kept = (c for c in plain if unicodedata.category(c) not in ("Cf", "Cc", "Zs", "Pd"))
    return "".join(kept).strip("'‘’`")


def check_digit(first_seventeen: str) -> str:
    """Return the eighteenth place of an identity number, GB 11643 (ISO 7064 MOD 11-2)."""
    total = sum(w * int(d) for w, d in zip(_WEIGHTS, first_seventeen, strict=True))
    return _CHECKS[total % 11]


def read_document(text: str, on: date) -> Document:
    """Read an identity number of GB 11643, of residents from 港澳台 or of permanent residents.

    ``on`` is today; a birth after it cannot be. County codes are not judged: they are those of
    registration and change.

    Raises
    ------
    Refused
        ``number_missing``, ``number_mangled``, ``number_old``, ``number_shape``,
        ``number_region``, ``number_date``, ``number_check``.
    """
    number = _tidy(text)
    if not number:
        raise _number("number_missing", N_("请填写证件号码。"))
    if re.fullmatch(r"\d(\.\d+)?E\+?\d+", number):
        raise _number("number_mangled", N_("证件号码被表格软件改成了科学计数。"), _AS_TEXT)
    if re.fullmatch(r"\d{15}", number):
        hint = N_("15 位旧证自 2013 年起停用，请填写 18 位号码。")
        raise _number("number_old", N_("这是 15 位旧号码。"), hint)
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        raise _number("number_shape", N_("证件号码应为 18 位，最后一位可以是 X。"))
    if not _PROVINCES.match(number):
        raise _number("number_region", N_("证件号码的前两位不是有效的地区代码。"))
    born_on = _birth(number[6:14], on)
    if check_digit(number[:17]) != number[17]:
        hint = _AS_TEXT if number.endswith("00") else N_("请逐位核对，最后一位是校验码。")
        raise _number("number_check", N_("证件号码的校验位不符。"), hint)
    sex = Sex.MALE if int(number[16]) % 2 else Sex.FEMALE
    return Document(number, _kind(number), born_on, sex)


_AS_TEXT = N_("请在表格中把该列设为“文本”后重新填写，否则末几位会变成 0。")


def _number(code: str, sentence: str, hint: str = "") -> Refused:
    return Refused(code, sentence, hint, field="number")


def _birth(digits: str, on: date) -> date:
    try:
        born_on = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        raise _number("number_date", N_("证件号码中的出生日期不存在。")) from None
    if born_on > on or born_on.year < 1880:
        raise _number("number_date", N_("证件号码中的出生日期不合理。"))
    return born_on


def _kind(number: str) -> DocumentKind:
    if number[0] == "9":
        return DocumentKind.PERMANENT_RESIDENT
    if number[:2] in ("81", "82", "83"):
        return DocumentKind.RESIDENCE_PERMIT
    return DocumentKind.CITIZEN


def age_on(born_on: date, on: date) -> int:
    """Return whole years of age on a date; who is born on 29 February ages on 1 March."""
    return on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day))


def read_credit_code(text: str) -> str:
    """Return a unified social credit code (统一社会信用代码) in its one form, GB 32100.

    Raises
    ------
    Refused
        ``credit_code_shape``, ``credit_code_check``.
    """
    code = _tidy(text)
    if len(code) != 18 or any(letter not in _CODE_LETTERS for letter in code):
        sentence = N_("统一社会信用代码应为 18 位数字和大写字母（不含 I、O、S、V、Z）。")
        raise Refused("credit_code_shape", sentence, field="credit_code")
    total = sum(pow(3, place, 31) * _CODE_LETTERS.index(code[place]) for place in range(17))
    if _CODE_LETTERS[-total % 31] != code[17]:
        sentence = N_("统一社会信用代码的校验位不符。")
        hint = N_("请与登记证书逐位核对。")
        raise Refused("credit_code_check", sentence, hint, field="credit_code")
    return code


def normalise_phone(text: str) -> str:
    """Return a mainland phone number as E.164; one number may serve several people.

    Raises
    ------
    Refused
        ``phone_missing``, ``phone_shape``.
    """
    digits = re.sub(r"[().]", "", re.sub(r"\.0$", "", _tidy(text)))
    national = re.sub(r"^(\+86|0086|86(?=1\d{10}$))", "", digits)
    if national != digits and re.match(r"[2-9]|10", national):
        national = f"0{national}"  # +86 739 ... is 0739 ... at home
    digits = national
    if not digits:
        raise Refused("phone_missing", N_("请填写电话号码。"), field="phone")
    if _MOBILE.fullmatch(digits):
        return f"+86{digits}"
    if _LANDLINE.fullmatch(digits):
        return f"+86{digits[1:]}"
    hint = N_("手机号为 11 位；固定电话请带区号，例如 0739-5321234。")
    raise Refused("phone_shape", N_("电话号码不正确。"), hint, field="phone")


def is_mobile(phone: str) -> bool:
    """Whether a stored number is a mobile one and can receive a text message."""
    return bool(_MOBILE.fullmatch(phone.removeprefix("+86")))


def _landline_parts(phone: str) -> tuple[str, str]:
    digits = "0" + phone.removeprefix("+86")
    match = _LANDLINE.fullmatch(digits)
    if match is None:
        return "", digits
    return match[1] or match[3], match[2] or match[4]


def local_phone(phone: str) -> str:
    """Return a stored number as people here write it: 13812341234, 0739-5321234."""
    if is_mobile(phone):
        return phone.removeprefix("+86")
    area, number = _landline_parts(phone)
    return f"{area}-{number}" if area else phone


def mask_phone(phone: str) -> str:
    """Return a stored number with its middle hidden: 138****1234, 0739-532****."""
    if is_mobile(phone):
        digits = phone.removeprefix("+86")
        return f"{digits[:3]}****{digits[-4:]}"
    area, number = _landline_parts(phone)
    return f"{area}-{number[:3]}****" if area else "****"


def _mask(number: str, first: int, last: int) -> str:
    hidden = len(number) - first - last
    if hidden < 3:
        return "*" * len(number)
    return f"{number[:first]}{'*' * hidden}{number[-last:]}"


def mask_number(number: str) -> str:
    """Return a document number for the public: first two and last three places, as notices do."""
    return _mask(number, 2, 3)


def mask_number_inside(number: str) -> str:
    """Return a document number for the own unit: first six and last four places."""
    return _mask(number, 6, 4)


def age_band(age: int) -> str:
    """Return the band of ages that may be shown instead of a birth date, without its unit."""
    if age < 14:
        return "<14"
    if age < 18:
        return "14-17"
    low = age // 10 * 10
    return "80+" if low >= 80 else f"{max(18, low)}-{low + 9}"
