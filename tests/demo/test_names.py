from __future__ import annotations

import json
import time
import unicodedata
from collections import Counter
from datetime import date

import pytest

from volunteer.demo.names import AGES, NAMES, PHONE_BLOCKS, Inventor
from volunteer.domain.identity import normalise_phone, read_document
from volunteer.domain.naming import normalise_name
from volunteer.domain.terms import Sex

TOLD = json.loads(NAMES.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def crowd():
    inventor = Inventor(2023)
    return [inventor.person() for _ in range(10_000)]


def test_the_same_seed_gives_the_same_people_and_another_gives_others():
    first, again, other = Inventor(7), Inventor(7), Inventor(8)
    people = [first.person() for _ in range(50)]
    assert people == [again.person() for _ in range(50)]
    assert people != [other.person() for _ in range(50)]


def test_no_two_share_a_number_or_a_phone(crowd):
    assert len({person.citizen_number for person in crowd}) == len(crowd)
    assert len({person.phone for person in crowd}) == len(crowd)
    assert all(person.phone.startswith(PHONE_BLOCKS) for person in crowd)


def test_numbers_and_phones_pass_the_checks_of_the_domain(crowd):
    for person in crowd[:2_000]:
        read = read_document(person.citizen_number, date(2026, 11, 24))
        assert (read.born_on, read.sex) == (person.born_on, person.sex)
        assert int(person.citizen_number[14:17]) >= 900
        assert normalise_phone(person.phone) == f"+86{person.phone}"


def test_names_are_already_in_the_form_that_is_stored(crowd):
    assert all(normalise_name(person.name) == person.name for person in crowd)


def test_every_character_of_every_name_is_a_known_ideograph_or_the_dot(crowd):
    signs = set("".join(person.name for person in crowd)) | set(
        "".join(sum(TOLD["rare"].values(), []))
    )
    for sign in signs - {"·"}:
        assert unicodedata.name(sign).startswith("CJK UNIFIED IDEOGRAPH")


def test_the_crowd_has_the_mixture_of_a_real_city(crowd):
    count = len(crowd)
    names = [person.name for person in crowd]
    dotted = sum("·" in name for name in names)
    beyond = sum(any(sign > "\uffff" for sign in name) for name in names)
    rare_signs = set("".join(sum(TOLD["rare"].values(), [])))
    rare = sum(bool(rare_signs & set(name)) for name in names)
    compound = sum(
        name.startswith(("欧阳", "司马", "上官", "诸葛", "皇甫", "令狐")) for name in names
    )
    single = sum(len(name) == 2 for name in names)
    surnames = Counter(name[0] for name in names if "·" not in name)
    assert 0.014 < dotted / count < 0.027
    assert 0.006 < rare / count < 0.03
    assert beyond > 20
    assert compound > 50
    assert 0.09 < single / count < 0.22
    assert surnames.most_common(2)[0][0] == "李"
    assert 0.06 < surnames["李"] / count < 0.12
    assert len(surnames) > 100
    assert 0.45 < sum(person.sex is Sex.MALE for person in crowd) / count < 0.55


def test_few_namesakes_but_some(crowd):
    most = Counter(person.name for person in crowd).most_common(1)[0][1]
    assert 2 <= most <= 30


def test_names_belong_to_their_time():
    inventor = Inventor(1)
    old = Counter(inventor.person(Sex.FEMALE, (1950, 1958)).name[1:] for _ in range(600))
    young = Counter(inventor.person(Sex.FEMALE, (1999, 2008)).name[1:] for _ in range(600))
    assert not (set(old) & {"欣怡", "梓涵", "诗涵"})
    assert set(old) & {"桂英", "秀英", "满秀"}
    assert set(young) & {"欣怡", "梓涵", "诗涵"}
    assert not (set(young) & {"桂英", "秀英", "满秀"})


def test_well_known_people_are_never_drawn():
    avoided = set(TOLD["avoided"])
    inventor = Inventor(5)
    names = {inventor.person(born_between=(1950, 2010)).name for _ in range(20_000)}
    assert not (names & avoided)
    reachable = {
        surname + given
        for surname in TOLD["surnames"]
        for eras in TOLD["given"].values()
        for pool in eras.values()
        for given in (*pool["whole"], *pool["single"])
    }
    assert len(avoided & reachable) > 30  # the list is needed: these would have been drawn


def test_years_sex_and_place_are_as_asked():
    inventor = Inventor(3)
    for _ in range(200):
        person = inventor.person(Sex.FEMALE, (1971, 1973), "430511")
        assert 1971 <= person.birth_year <= 1973
        assert person.sex is Sex.FEMALE
        assert person.citizen_number.startswith("430511")
        assert person.citizen_number[6:10] == str(person.birth_year)


@pytest.mark.parametrize("kind", list(AGES))
def test_ages_fit_the_kind_of_unit(kind):
    inventor = Inventor(4)
    ages = [2026 - inventor.member(kind, 2026).birth_year for _ in range(300)]
    youngest, eldest, commonest = AGES[kind]
    assert youngest <= min(ages)
    assert max(ages) <= eldest
    assert abs(sum(ages) / len(ages) - (youngest + eldest + commonest) / 3) < 3


def test_every_kind_of_unit_in_the_city_has_its_ages():
    city = json.loads((NAMES.parent / "shaoyang.json").read_text(encoding="utf-8"))
    assert {unit["kind"] for unit in city["units"]} <= set(AGES)


def test_a_city_of_people_is_invented_at_once():
    started = time.process_time()
    inventor = Inventor(9)
    for _ in range(2_500):
        inventor.person()
    assert time.process_time() - started < 2


def test_an_exhausted_stock_is_told():
    inventor = Inventor(6)
    for _ in range(30_000):
        inventor.person()
    with pytest.raises(RuntimeError, match="phone"):
        inventor.person()
