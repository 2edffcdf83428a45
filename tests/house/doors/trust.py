"""Doors of the rooms of trust: cases at the desk and on the phone, spot checks, their register and the figures."""

from datetime import timedelta
from typing import Any

from sqlalchemy import update

from tests.builders import City, a_shift, an_activity, an_assignment
from tests.house.doors import DESK, EVERYONE, OFFICES, READERS, Door
from volunteer.domain.terms import CaseState, CaseStep, CaseSubject, Signal
from volunteer.domain.timekeeping import local_date, now
from volunteer.models.base import db
from volunteer.models.people import Unit
from volunteer.models.trust import CaseEvent, CaseEvidence, SpotCheck, SpotDay, TrustCase

ME = frozenset({"volunteer_account"})
STRANGER = frozenset({"other_volunteer_account"})
OTHER = frozenset({"other_organizer"})
NO_CODE = "s1.0.aaaaaaaaaaaaaaaa"


def _case(unit: Unit, subject: CaseSubject, subject_id: int, **given: Any) -> TrustCase:
    at = now()
    case = TrustCase(
        subject=subject,
        subject_id=subject_id,
        unit_id=unit.id,
        state=CaseState.ASKED,
        score=60,
        rule_version="2026.1",
        opened_at=at - timedelta(days=1),
        asked_at=at,
        question="请说明当天的情况。",
        answer_due_on=local_date(at) + timedelta(days=5),
        **given,
    )
    db.session.add(case)
    db.session.flush()
    code = Signal.TRAVEL if subject is CaseSubject.PERSON else Signal.FAST_REVIEWS
    words = {
        Signal.TRAVEL: "两次签到相距 %(km)s 公里",
        Signal.FAST_REVIEWS: "连续办理 %(times)d 件",
    }[code]
    db.session.add_all(
        [
            CaseEvidence(
                case_id=case.id,
                code=code,
                score=60,
                template=words,
                values={"km": "9.1", "times": 9},
                key=f"door:{case.id}",
                shift_id=given.get("shift_id"),
                seen_at=at,
            ),
            CaseEvent(case_id=case.id, step=CaseStep.ASKED, at=at, by_name="李敏", reason="请说明"),
        ]
    )
    return case


def things(city: City, unit: Unit) -> dict[str, Any]:
    """A case on the unit's volunteer and one on the unit, and a shift of now under a spot check."""
    at = now()
    db.session.execute(update(TrustCase).values(is_open=False))
    shift = a_shift(
        an_activity(unit),
        city.point,
        starts_at=at - timedelta(hours=1),
        ends_at=at + timedelta(hours=1, seconds=db.session.query(TrustCase).count()),
        service_on=local_date(at),
    )
    shift.starts_at -= timedelta(seconds=shift.id)
    an_assignment(shift, city.volunteer)
    if db.session.get(SpotDay, local_date(at)) is None:
        from volunteer.operations.trust import secret_of_day

        secret_of_day(local_date(at), at=at)
    db.session.add(
        SpotCheck(
            day=local_date(at),
            shift_id=shift.id,
            unit_id=unit.id,
            due_at=at,
            expires_at=at + timedelta(minutes=15),
        )
    )
    person = _case(
        unit,
        CaseSubject.PERSON,
        city.volunteer.id,
        volunteer_id=city.volunteer.id,
        shift_id=shift.id,
    )
    whole = _case(unit, CaseSubject.UNIT, unit.id)
    db.session.flush()
    return {
        "case": person.id,
        "whole": whole.id,
        "shift": shift.id,
        "volunteer": city.volunteer.id,
    }


WORDS = {"words": "请说明当天的情况。"}

DOORS = [
    Door("cases.listing", "/cases", READERS | OTHER),
    Door("cases.show", "/cases/{case}", READERS, strangers=OTHER),
    *(
        Door(f"cases.{step}", f"/cases/{{case}}/{step}", DESK, "POST", strangers=OTHER, form=WORDS)
        for step in ("ask", "clear", "hold", "correct", "appeal")
    ),
    Door(
        "cases.answer",
        "/cases/{whole}/answer",
        DESK,
        "POST",
        strangers=OTHER | {"auditor"},
        form=WORDS,
    ),
    Door(
        "cases.contest",
        "/cases/{whole}/object",
        DESK,
        "POST",
        strangers=OTHER | {"auditor"},
        form=WORDS,
    ),
    Door("my_cases.listing", "/me/cases", ME | STRANGER),
    Door("my_cases.show", "/me/cases/{case}", ME, strangers=STRANGER),
    Door("my_cases.answer", "/me/cases/{case}/answer", ME, "POST", strangers=STRANGER, form=WORDS),
    Door("my_cases.appeal", "/me/cases/{case}/appeal", ME, "POST", strangers=STRANGER, form=WORDS),
    Door("spots.check", "/onsite/{shift}/spot", READERS, strangers=OTHER),
    Door("spots.code", "/onsite/{shift}/spot/code", DESK, strangers=OTHER),
    Door("spots.call", "/onsite/{shift}/spot", DESK, "POST", strangers=OTHER),
    Door(
        "spots.vouch",
        "/onsite/{shift}/person/{volunteer}/vouch",
        DESK,
        "POST",
        strangers=OTHER,
    ),
    Door("spot.land", f"/spot/{NO_CODE}", EVERYONE),
    Door("spot.answer", f"/spot/{NO_CODE}", ME | STRANGER, "POST"),
    Door("spot_register.days", "/spot-checks", EVERYONE),
    Door("spot_register.days_file", "/spot-checks.json", EVERYONE),
    Door("trust_figures.overview", "/city/oversight/trust", OFFICES | {"auditor"}),
]
