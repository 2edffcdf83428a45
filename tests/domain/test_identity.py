from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteer.domain import identity
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import DocumentKind, Sex

TODAY = date(2026, 3, 2)


def refusal(read, *args):
    with pytest.raises(Refused) as no:
        read(*args)
    return no.value


@pytest.mark.parametrize(
    ("number", "kind", "born_on", "sex"),
    [
        ("11010519491231002X", DocumentKind.CITIZEN, date(1949, 12, 31), Sex.FEMALE),
        ("430502198506150011", DocumentKind.CITIZEN, date(1985, 6, 15), Sex.MALE),
        ("430503199001010022", DocumentKind.CITIZEN, date(1990, 1, 1), Sex.FEMALE),
        ("430521196002290010", DocumentKind.CITIZEN, date(1960, 2, 29), Sex.MALE),
        ("810000198506150012", DocumentKind.RESIDENCE_PERMIT, date(1985, 6, 15), Sex.MALE),
        ("830000198512318882", DocumentKind.RESIDENCE_PERMIT, date(1985, 12, 31), Sex.FEMALE),
    ],
)
def test_numbers_of_living_people_are_accepted(number, kind, born_on, sex):
    assert identity.read_document(number, TODAY) == identity.Document(number, kind, born_on, sex)


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("430511201002290011", "number_date"),
        ("430502198506150012", "number_check"),
        ("", "number_missing"),
        ("  ", "number_missing"),
        ("430502850615001", "number_old"),
        ("43050219850615001", "number_shape"),
        ("4305021985061500110", "number_shape"),
        ("43050219850615001Y", "number_shape"),
        ("X30502198506150011", "number_shape"),
        ("4.30502198506150E+17", "number_mangled"),
        ("990502198506150011", "number_check"),
        ("470502198506150011", "number_region"),
        ("430502209906150011", "number_date"),
        ("430502180006150011", "number_date"),
    ],
)
def test_what_cannot_be_is_refused_in_words(number, code):
    no = refusal(identity.read_document, number, TODAY)
    assert (no.code, no.field) == (code, "number")
    assert no.sentence


@pytest.mark.parametrize(
    "typed",
    ["１１０１０５１９４９１２３１００２ｘ", " 110105 19491231 002x ", "'11010519491231002X",
     "110105-19491231-002X", "\ufeff11010519491231002x"],
)  # fmt: skip
def test_typing_is_forgiven(typed):
    assert identity.read_document(typed, TODAY).number == "11010519491231002X"


def test_a_number_cut_by_a_spreadsheet_gets_the_fitting_hint():
    assert "文本" in refusal(identity.read_document, "430502198506150000", TODAY).hint


def test_a_permanent_residents_number():
    body = "91015619850615001"
    number = body + identity.check_digit(body)
    assert identity.read_document(number, TODAY).kind is DocumentKind.PERMANENT_RESIDENT


@given(
    st.sampled_from(["430502", "110101", "659001", "710000"]),
    st.dates(date(1900, 1, 1), TODAY),
    st.integers(0, 999),
)
def test_one_wrong_digit_is_always_caught(area, born_on, sequence):
    body = f"{area}{born_on:%Y%m%d}{sequence:03d}"
    number = body + identity.check_digit(body)
    assert identity.read_document(number, TODAY).born_on == born_on
    other = str((sequence % 10 + 1) % 10)
    with pytest.raises(Refused):
        identity.read_document(number[:16] + other + number[17:], TODAY)


@pytest.mark.parametrize(
    ("born", "on", "age"),
    [
        ("2008-03-02", "2026-03-02", 18),
        ("2008-03-03", "2026-03-02", 17),
        ("2008-02-29", "2026-02-28", 17),
        ("2008-02-29", "2026-03-01", 18),
    ],
)
def test_age(born, on, age):
    assert identity.age_on(date.fromisoformat(born), date.fromisoformat(on)) == age


@pytest.mark.parametrize(
    "code",
    ["91110000600037341L", "114305000061234568", "12430500ME1234567W", "51430500MJJ512345K",
     "55430502ME1234567C", "81430500MC1234567L", "N2430502MF12345676"],
)  # fmt: skip
def test_credit_codes(code):
    assert identity.read_credit_code(code.lower()) == code
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    assert refusal(identity.read_credit_code, wrong).code == "credit_code_check"


@pytest.mark.parametrize("code", ["", "9111", "9111000060003734IL", "O1110000600037341L"])
def test_credit_code_shapes(code):
    assert refusal(identity.read_credit_code, code).code == "credit_code_shape"


@pytest.mark.parametrize(
    ("typed", "stored", "shown", "masked"),
    [
        ("13812341234", "+8613812341234", "13812341234", "138****1234"),
        ("+86 138-1234-1234", "+8613812341234", "13812341234", "138****1234"),
        ("008613812341234", "+8613812341234", "13812341234", "138****1234"),
        ("8613812341234", "+8613812341234", "13812341234", "138****1234"),
        ("１３８１２３４１２３４", "+8613812341234", "13812341234", "138****1234"),
        ("13812341234.0", "+8613812341234", "13812341234", "138****1234"),
        ("0739-5321234", "+867395321234", "0739-5321234", "0739-532****"),
        ("（0739）5321234", "+867395321234", "0739-5321234", "0739-532****"),
        ("010-62345678", "+861062345678", "010-62345678", "010-623****"),
        ("02162345678", "+862162345678", "021-62345678", "021-623****"),
    ],
)
def test_phones(typed, stored, shown, masked):
    assert identity.normalise_phone(typed) == stored
    assert identity.local_phone(stored) == shown
    assert identity.mask_phone(stored) == masked
    assert identity.normalise_phone(stored) == stored


@pytest.mark.parametrize("typed", ["12812341234", "1381234123", "5321234", "138123412345", "电话"])
def test_what_is_no_phone(typed):
    assert refusal(identity.normalise_phone, typed).code == "phone_shape"


def test_phone_details():
    assert refusal(identity.normalise_phone, " - ").code == "phone_missing"
    assert identity.is_mobile("+8613812341234")
    assert not identity.is_mobile("+867395321234")
    assert identity.mask_phone("+86110") == "****"


def test_masks_of_numbers():
    assert identity.mask_number("350502198506150123") == "35*************123"
    assert identity.mask_number_inside("430502198506150011") == "430502********0011"
    assert identity.mask_number("E1234") == "*****"
    assert identity.mask_number("EA1234567") == "EA****567"


@given(st.text("0123456789ABCDEX", min_size=1, max_size=20))
def test_a_mask_never_shows_more_than_its_ends(number):
    for mask, shown in ((identity.mask_number, 5), (identity.mask_number_inside, 10)):
        masked = mask(number)
        assert len(masked) == len(number)
        assert len(masked.replace("*", "")) in (0, shown)


@pytest.mark.parametrize(
    ("age", "band"), [(13, "<14"), (14, "14-17"), (18, "18-19"), (34, "30-39"), (91, "80+")]
)
def test_age_bands(age, band):
    assert identity.age_band(age) == band
