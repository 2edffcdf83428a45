"""Honours: who gives what, with which words, and where a name may stand."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from tests.builders import NOW, City, a_city, a_volunteer
from tests.refusals import refused
from volunteer.domain.terms import AwardVerdict, VolunteerState
from volunteer.models.base import db
from volunteer.models.journal import Message
from volunteer.models.recognition import Award
from volunteer.operations.honours import HonourFacts, found_honour, give_honour, withdraw_honour
from volunteer.queries.accounts import actor_of
from volunteer.queries.honours import (
    awards_of,
    honour_for,
    honour_roll,
    honours_listed,
    honours_of,
)

LATER = NOW + timedelta(days=30)


@pytest.fixture
def city(session) -> City:
    return a_city()


def act(account):
    return actor_of(account, at=NOW)


def facts(**given) -> HonourFacts:
    return HonourFacts(
        **{
            "title": "优秀志愿者",
            "year": 2026,
            "body": "市文明办",
            "criteria": "全年服务突出",
            **given,
        }
    )


def test_a_citys_honour_is_given_by_the_city_and_a_units_by_the_unit(city):
    with refused("city_only"):
        found_honour(act(city.organizer), facts(), at=NOW)
    with refused("not_yours"):
        found_honour(act(city.organizer), facts(unit_id=city.other_unit.id), at=NOW)
    with refused("not_allowed"):
        found_honour(act(city.auditor), facts(), at=NOW)
    whole = found_honour(act(city.city_admin), facts(), at=NOW)
    own = found_honour(act(city.organizer), facts(unit_id=city.unit.id, body="市医保局"), at=NOW)
    with refused("already_there"):
        found_honour(act(city.city_admin), facts(), at=NOW)
    with refused("city_only"):
        give_honour(act(city.organizer), whole.id, city.volunteer.id, citation="风雨无阻", at=NOW)
    given = give_honour(act(city.organizer), own.id, city.volunteer.id, citation="风雨无阻", at=NOW)
    assert given.public_until == date(2026, 11, 30)
    with refused("not_yours"):
        give_honour(
            act(city.organizer), own.id, city.other_volunteer.id, citation="风雨无阻", at=NOW
        )
    with refused("not_found"):
        give_honour(act(city.other_organizer), own.id, city.other_volunteer.id, citation="风雨无阻", at=NOW)  # fmt: skip
    assert [line.count for line in honours_listed(act(city.organizer))] == [1, 0]
    assert [line.honour.id for line in honours_listed(act(city.other_organizer))] == [whole.id]
    with refused("not_found"):
        honour_for(act(city.other_organizer), own.id)


def test_what_is_refused(city):
    office = act(city.city_admin)
    for wrong, code in ((facts(title=" "), "facts_missing"), (facts(year=1999), "wrong_year")):
        with refused(code):
            found_honour(office, wrong, at=NOW)
    honour = found_honour(office, facts(), at=NOW)
    give = {"citation": "风雨无阻", "at": NOW}
    with refused("citation_missing"):
        give_honour(office, honour.id, city.volunteer.id, citation="好", at=NOW)
    with refused("not_yours"):
        give_honour(office, honour.id, 9999, **give)
    gone = a_volunteer(city.unit, state=VolunteerState.LEFT)
    with refused("not_serving"):
        give_honour(office, honour.id, gone.id, **give)
    give_honour(office, honour.id, city.volunteer.id, **give)
    with refused("already_given"):
        give_honour(office, honour.id, city.volunteer.id, **give)
    city.volunteer_account.volunteer_id = None
    db.session.flush()
    city.city_admin.volunteer_id = city.volunteer.id
    db.session.flush()
    with refused("own_case"):
        give_honour(act(city.city_admin), honour.id, city.volunteer.id, **give)


def test_a_withdrawal_is_a_new_row_with_its_reason(city):
    office = act(city.city_admin)
    honour = found_honour(office, facts(), at=NOW)
    award = give_honour(office, honour.id, city.volunteer.id, citation="风雨无阻", at=NOW)
    with refused("reason_missing"):
        withdraw_honour(office, award.id, reason=" ", at=NOW)
    with refused("not_found"):
        withdraw_honour(act(city.other_organizer), award.id, reason="重复", at=NOW)
    row = withdraw_honour(office, award.id, reason="事迹不实", at=NOW)
    with refused("already_withdrawn"):
        withdraw_honour(office, award.id, reason="事迹不实", at=NOW)
    with refused("not_a_grant"):
        withdraw_honour(office, row.id, reason="事迹不实", at=NOW)
    assert honours_of(city.volunteer.id, at=NOW) == []
    shown = awards_of(office, honour.id, at=NOW)
    assert [(line.award.verdict, line.award.reason) for line in shown] == [(AwardVerdict.WITHDRAWN, "事迹不实")]  # fmt: skip
    give_honour(office, honour.id, city.volunteer.id, citation="核实后重授", at=NOW)
    assert db.session.scalar(select(func.count()).select_from(Award)) == 3
    assert db.session.scalar(select(func.count()).where(Message.topic == "honour").select_from(Message)) == 3  # fmt: skip
    db.session.commit()
    with pytest.raises(DBAPIError, match="append only"):
        db.session.execute(text("DELETE FROM award"))
    db.session.rollback()


def test_r8_3_the_roll_names_the_own_unit_and_elsewhere_only_adults_who_agreed(city):
    office = act(city.city_admin)
    honour = found_honour(office, facts(), at=NOW)
    people = [
        city.volunteer,
        city.other_volunteer,
        a_volunteer(city.other_unit, "欧阳愿", is_public=True),
        a_volunteer(city.other_unit, "小明", is_public=True, birth_year=2010),
    ]
    for person in people:
        give_honour(office, honour.id, person.id, citation="风雨无阻", at=NOW)
    me, stranger = act(city.volunteer_account), act(city.other_volunteer_account)
    assert honour_roll(me, at=NOW) == [], "not while it is being published"
    assert {line.name for line in honour_roll(me, at=LATER)} == {"王芳", "欧阳愿"}
    assert {line.name for line in honour_roll(stranger, at=LATER)} == {"赵强", "欧阳愿"}
    city.volunteer.state = VolunteerState.LEFT
    db.session.flush()
    assert {line.name for line in honour_roll(me, at=LATER)} == {"欧阳愿"}
