"""A case from the signal to the appeal: opened by a rule, asked, answered, decided by a person, given back."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.builders import an_account
from tests.operations.test_attendance import clock
from tests.refusals import refused
from tests.trust.scenes import Street
from volunteer.domain.policy import STANDARD
from volunteer.domain.signals import Sighting
from volunteer.domain.terms import CaseState, CaseStep, CaseSubject, Role, Signal
from volunteer.models.base import db
from volunteer.models.journal import AuditEntry, Message
from volunteer.models.ledger import LedgerEntry, ServiceRecord
from volunteer.models.trust import CaseEvent, CaseEvidence, TrustCase
from volunteer.operations.ledger import approve_pending, correct_record, void_record
from volunteer.operations.trust import (
    answer_case,
    appeal_case,
    ask_in_case,
    clear_case,
    correct_in_case,
    decide_appeal,
    hold_in_case,
    lapse_appeal,
    look_at_settled,
    open_cases,
)
from volunteer.queries.chain import verify_ledger
from volunteer.queries.ledger import total_of
from volunteer.queries.trust.cases import case_story, cases_of, my_case, my_cases

DAY = timedelta(days=1)


@pytest.fixture
def street(app: Any) -> Street:
    return Street()


def on_person(street: Street, score: int = 60, key: str = "travel:1:2") -> Sighting:
    return Sighting(
        Signal.TRAVEL,
        CaseSubject.PERSON,
        street.city.volunteer.id,
        score,
        "两次签到相距 %(km)s 公里",
        {"km": "9.1"},
        key,
        street.shift.id,
    )


def opened(street: Street, *seen: Sighting) -> TrustCase:
    (case,) = open_cases(seen or (on_person(street),), STANDARD, at=clock("09:30"))
    db.session.commit()
    return case


def served(street: Street) -> None:
    street.scan("07:28")
    street.scan("08:31", _out())
    street.settled()


def _out() -> Any:
    from volunteer.domain.terms import StampKind

    return StampKind.OUT


def test_weak_signs_open_nothing_strong_ones_open_one_case_and_no_hour_changes(
    street: Street,
) -> None:
    served(street)
    assert open_cases([on_person(street, 30)], STANDARD, at=clock("09:30")) == []
    before = db.session.scalar(select(func.count()).select_from(LedgerEntry))
    case = opened(street)
    assert (case.state, case.score, case.unit_id) == (
        CaseState.OPEN,
        60,
        street.city.unit.id,
    )
    assert open_cases([on_person(street)], STANDARD, at=clock("09:31")) == []
    assert open_cases([on_person(street, 40, "other")], STANDARD, at=clock("09:32")) == []
    assert db.session.scalar(select(func.count()).select_from(TrustCase)) == 1
    assert db.session.scalar(select(func.count()).select_from(CaseEvidence)) == 2
    assert db.session.scalar(select(func.count()).select_from(LedgerEntry)) == before
    assert total_of(street.city.volunteer.id).minutes == 60
    told = db.session.scalars(select(Message).where(Message.topic == "case")).all()
    assert {m.account_id for m in told} == {street.city.organizer.id, street.second_organizer.id}
    assert not my_cases(street.person), "nobody is shown a question that nobody has asked"


def test_asked_answered_cleared(street: Street) -> None:
    served(street)
    case = opened(street)
    with refused("reason_needed"):
        ask_in_case(street.desk, case_id=case.id, question="？", at=clock("10:00"))
    ask_in_case(street.desk, case_id=case.id, question="请说明当天的路线。", at=clock("10:00"))
    assert case.answer_due_on is not None
    assert [line.case.id for line in my_cases(street.person)] == [case.id]
    assert my_case(street.person, case.id).clues[0].innocent
    with refused("not_found"):
        my_case(street.actor(street.friend_account), case.id)
    with refused("not_found"):
        answer_case(
            street.actor(street.friend_account),
            case_id=case.id,
            words="是我吗？",
            at=clock("10:05"),
        )
    answer_case(street.person, case_id=case.id, words="我坐同事的车去的。", at=clock("10:05"))
    assert case.state is CaseState.ANSWERED
    clear_case(street.desk, case_id=case.id, reason="同事证实，没有问题。", at=clock("11:00"))
    assert case.state is CaseState.CLEARED
    assert not case.is_open
    assert total_of(street.city.volunteer.id).minutes == 60
    steps = db.session.scalars(select(CaseEvent.step).order_by(CaseEvent.id)).all()
    assert steps == [CaseStep.OPENED, CaseStep.ASKED, CaseStep.ANSWERED, CaseStep.CLEARED]
    assert db.session.scalars(select(AuditEntry).where(AuditEntry.act == "case_cleared")).one()
    with refused("wrong_state"):
        ask_in_case(street.desk, case_id=case.id, question="还有一个问题。", at=clock("12:00"))


def test_held_hours_wait_and_come_back(street: Street) -> None:
    served(street)
    case = opened(street)
    with refused("wrong_state"):
        hold_in_case(street.desk, case_id=case.id, reason="先暂缓，再核实", at=clock("10:00"))
    db.session.rollback()
    ask_in_case(street.desk, case_id=case.id, question="请说明当天的路线。", at=clock("10:00"))
    db.session.commit()
    hold_in_case(street.desk, case_id=case.id, reason="先暂缓，再核实", at=clock("10:10"))
    db.session.commit()
    record = street.record_of(street.city.volunteer)
    assert (record.credited_minutes, record.pending_minutes) == (0, 60)
    assert total_of(street.city.volunteer.id).minutes == 0
    for act in (approve_pending, void_record):
        with refused("higher_review" if act is approve_pending else "held_by_case"):
            act(street.desk, record_id=record.id, reason="绕过核查", at=clock("10:20"))
    with refused("held_by_case"):
        correct_record(
            street.desk,
            record_id=record.id,
            came_at=clock("07:30"),
            went_at=clock("08:20"),
            reason="绕过核查",
            at=clock("10:20"),
        )
    clear_case(street.desk, case_id=case.id, reason="监控看到本人。", at=clock("11:00"))
    record = street.record_of(street.city.volunteer)
    assert (record.credited_minutes, record.pending_minutes) == (60, 0)
    assert total_of(street.city.volunteer.id).minutes == 60
    assert verify_ledger().is_sound


def asked_and_due(street: Street) -> TrustCase:
    served(street)
    case = opened(street)
    ask_in_case(street.desk, case_id=case.id, question="请说明当天的路线。", at=clock("10:00"))
    db.session.commit()
    return case


def test_nothing_is_decided_against_a_person_unheard(street: Street) -> None:
    case = asked_and_due(street)
    with refused("too_soon"):
        correct_in_case(street.desk, case_id=case.id, reason="不予认定", at=clock("11:00"))
    later = clock("11:00") + 9 * DAY
    done = correct_in_case(street.desk, case_id=case.id, reason="期满未说明。", at=later)
    assert [one.after.credited_minutes for one in done] == [0]
    assert case.state is CaseState.CORRECTED
    assert total_of(street.city.volunteer.id).minutes == 0


def test_an_appeal_goes_up_to_somebody_else_and_gives_everything_back(street: Street) -> None:
    case = asked_and_due(street)
    answer_case(street.person, case_id=case.id, words="我一直在路口。", at=clock("10:30"))
    correct_in_case(street.desk, case_id=case.id, reason="监控没有看到。", at=clock("11:00"))
    db.session.commit()
    appeal_case(street.person, case_id=case.id, words="我在对面的角上。", at=clock("12:00"))
    db.session.commit()
    with refused("own_case"):
        decide_appeal(
            street.desk, case_id=case.id, is_granted=True, reason="自己改自己", at=clock("12:30")
        )
    with refused("own_case"):
        decide_appeal(
            street.actor(street.second_organizer),
            case_id=case.id,
            is_granted=True,
            reason="同一单位",
            at=clock("12:30"),
        )
    db.session.rollback()
    decide_appeal(
        street.over, case_id=case.id, is_granted=True, reason="另一路监控看到。", at=clock("13:00")
    )
    assert case.state is CaseState.CLEARED
    record = street.record_of(street.city.volunteer)
    assert (record.credited_minutes, record.version) == (60, 3)
    assert total_of(street.city.volunteer.id).minutes == 60
    assert verify_ledger().is_sound


def test_an_appeal_that_is_refused_closes_and_one_too_late_is_refused(street: Street) -> None:
    case = asked_and_due(street)
    answer_case(street.person, case_id=case.id, words="我一直在路口。", at=clock("10:30"))
    correct_in_case(street.desk, case_id=case.id, reason="监控没有看到。", at=clock("11:00"))
    assert lapse_appeal(case.id, at=clock("12:00")) is None
    with refused("appeal_over"):
        appeal_case(
            street.person, case_id=case.id, words="很久以后。", at=clock("12:00") + 30 * DAY
        )
    db.session.commit()
    appeal_case(street.person, case_id=case.id, words="我在对面的角上。", at=clock("12:00"))
    decide_appeal(
        street.over, case_id=case.id, is_granted=False, reason="没有新的证据。", at=clock("13:00")
    )
    assert case.state is CaseState.CLOSED
    assert total_of(street.city.volunteer.id).minutes == 0


def test_what_nobody_appeals_against_lapses(street: Street) -> None:
    case = asked_and_due(street)
    answer_case(street.person, case_id=case.id, words="确实早走了。", at=clock("10:30"))
    record = street.record_of(street.city.volunteer)
    done = correct_in_case(
        street.desk,
        case_id=case.id,
        reason="按实际时间更正。",
        at=clock("11:00"),
        times=(record.id, clock("07:30"), clock("08:00")),
    )
    assert done[0].after.credited_minutes == 30
    closed = lapse_appeal(case.id, at=clock("11:00") + 30 * DAY)
    assert closed is not None
    assert closed.state is CaseState.CLOSED


def test_nobody_decides_on_the_own_hours_and_no_unit_on_itself(street: Street) -> None:
    served(street)
    own = an_account(Role.ORGANIZER, unit=street.city.unit, volunteer=None)
    own.volunteer_id = None
    case = opened(street)
    street.city.volunteer_account.volunteer_id = None
    db.session.flush()
    own.volunteer_id = street.city.volunteer.id
    db.session.commit()
    with refused("own_case"):
        clear_case(street.actor(own), case_id=case.id, reason="我没有问题。", at=clock("10:00"))
    assert not case_story(street.actor(own), case.id).may_decide
    unit = opened(
        street,
        Sighting(
            Signal.FAST_REVIEWS,
            CaseSubject.UNIT,
            street.city.unit.id,
            70,
            "连续办理 %(times)d 件",
            {"times": 9},
            "fast:1",
        ),
    )
    with refused("own_case"):
        clear_case(street.desk, case_id=unit.id, reason="我们没有问题。", at=clock("10:00"))
    with refused("own_case"):
        ask_in_case(street.desk, case_id=unit.id, question="自己问自己。", at=clock("10:00"))
    ask_in_case(street.over, case_id=unit.id, question="请说明审批的过程。", at=clock("10:00"))
    answer_case(street.desk, case_id=unit.id, words="事先在纸上核对过。", at=clock("10:30"))
    clear_case(street.over, case_id=unit.id, reason="看过纸质表，属实。", at=clock("11:00"))
    assert unit.state is CaseState.CLEARED


def test_strangers_see_no_case_and_readers_decide_none(street: Street) -> None:
    case = opened(street)
    stranger = street.actor(street.city.other_organizer)
    assert cases_of(stranger).total == 0
    with refused("not_found"):
        case_story(stranger, case.id)
    with refused("not_yours"):
        clear_case(stranger, case_id=case.id, reason="不是我的单位", at=clock("10:00"))
    auditor = street.actor(street.city.auditor)
    assert cases_of(auditor).total == 1
    assert not case_story(auditor, case.id).may_decide
    with refused("not_allowed"):
        clear_case(auditor, case_id=case.id, reason="我只是看看", at=clock("10:00"))
    with refused("changed_meanwhile"):
        clear_case(street.desk, case_id=case.id, reason="晚了一步", at=clock("10:00"), version=99)


def test_looking_at_a_settled_shift_opens_a_case_once(street: Street) -> None:
    street.share_a_phone()
    street.settled()
    cases = look_at_settled(street.shift.id, at=clock("09:05"))
    db.session.commit()
    assert [(c.subject, c.volunteer_id) for c in cases] == [(CaseSubject.PERSON, street.friend.id)]
    assert look_at_settled(street.shift.id, at=clock("09:06")) == []
    page = cases_of(street.desk)
    assert page.lines[0].signals == (Signal.SHARED_DEVICE,)
    assert page.lines[0].about == "李强"
    story = case_story(street.desk, cases[0].id)
    assert [record.volunteer_id for record, _ in story.records] == [street.friend.id]
    assert db.session.scalars(select(ServiceRecord)).all()
