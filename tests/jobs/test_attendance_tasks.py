"""What the clock does: each task once, again without harm, and told to the right people."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.builders import a_shift, a_volunteer, an_assignment
from tests.operations.test_attendance import Scene, clock
from volunteer.domain.terms import (
    ActivityState,
    AssignmentState,
    MessageState,
    ShiftState,
    StampKind,
)
from volunteer.gateways.messenger import Outcome, Outgoing, Receipt
from volunteer.jobs import queue, tasks_attendance, tasks_outbox
from volunteer.models.base import db
from volunteer.models.journal import Message
from volunteer.operations.journal import tell


@pytest.fixture
def scene(app: Any) -> Scene:
    return Scene()


def at(monkeypatch: pytest.MonkeyPatch, text: str, days: int = 0) -> None:
    moment = clock(text) + timedelta(days=days)
    for module in (tasks_attendance, tasks_outbox):
        monkeypatch.setattr(module, "now", lambda: moment)


def told(topic: str) -> list[Message]:
    db.session.rollback()
    return list(db.session.scalars(select(Message).where(Message.topic == topic)))


def test_the_worker_knows_every_task(app: Any) -> None:
    queue.load_tasks()
    names = [name for name, _, _ in queue.PERIODIC]
    for name in ("close_forgotten", "settle_due", "expire_proposals", "reminders", "send_messages"):
        assert names.count(name) == 1


def test_forgotten_check_outs_are_closed_once_and_settled_a_day_later(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.scan("07:28")
    db.session.commit()
    at(monkeypatch, "08:59")
    assert tasks_attendance.close_all_forgotten() == 0
    at(monkeypatch, "09:00")
    assert tasks_attendance.close_all_forgotten() == 1
    assert tasks_attendance.close_all_forgotten() == 0
    assert tasks_attendance.settle_all_due() == 0
    at(monkeypatch, "08:30", days=1)
    assert tasks_attendance.settle_all_due() == 1
    assert tasks_attendance.settle_all_due() == 0
    db.session.refresh(scene.shift)
    assert scene.shift.state is ShiftState.SETTLED


def test_an_activity_that_is_settled_to_the_last_shift_closes_a_week_later(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    activity = scene.activity
    activity.ends_on = scene.shift.service_on
    scene.scan("07:28")
    db.session.commit()
    at(monkeypatch, "09:00", days=20)
    assert tasks_attendance.close_all_finished() == 0, "a shift is still to be settled"
    scene.shift.state = ShiftState.SETTLED
    db.session.commit()
    at(monkeypatch, "09:00", days=7)
    assert tasks_attendance.close_all_finished() == 0, "somebody may still add a day"
    at(monkeypatch, "09:00", days=8)
    assert tasks_attendance.close_all_finished() == 1
    assert tasks_attendance.close_all_finished() == 0
    db.session.refresh(activity)
    assert activity.state is ActivityState.CLOSED


def test_a_clear_shift_is_settled_when_its_doors_are_shut(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.scan("07:28")
    scene.scan("08:31", StampKind.OUT)
    db.session.commit()
    at(monkeypatch, "09:00")
    assert tasks_attendance.settle_all_due() == 1
    assert len(told("record")) == 1


def test_one_bad_shift_does_not_stop_the_others(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(shift_id: int, **_: Any) -> bool:
        if shift_id == 1:
            raise RuntimeError("broken")
        return True

    assert tasks_attendance._each([1, 2, 3], breaks, "testing") == 2


def test_proposals_lapse(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.seat.state = AssignmentState.PROPOSED
    db.session.commit()
    at(monkeypatch, "08:30")
    assert tasks_attendance.expire_proposals() == 1
    assert tasks_attendance.expire_proposals() == 0


def test_reminders_come_a_day_and_two_hours_before_and_once(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    shift = a_shift(scene.activity, scene.city.point, start="19:00", end="20:00", corner="东")
    an_assignment(shift, a_volunteer(scene.city.unit), AssignmentState.PROPOSED)
    db.session.commit()
    at(monkeypatch, "18:59", days=-1)
    tasks_attendance.give_reminders()
    assert [m.link for m in told("reminder")].count(f"/me/duties/{shift.id}") == 0
    at(monkeypatch, "19:00", days=-1)
    assert tasks_attendance.give_reminders() == 1
    assert tasks_attendance.give_reminders() == 0
    at(monkeypatch, "17:00")
    assert tasks_attendance.give_reminders() == 1
    titles = [m.title for m in told("reminder") if m.link == f"/me/duties/{shift.id}"]
    assert titles == ["明天 19:00 有您的班次", "今天 19:00 有您的班次"]


def test_nobody_is_woken_for_tomorrow(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, "23:30", days=-1)
    assert tasks_attendance.give_reminders() == 0
    at(monkeypatch, "05:30")
    assert tasks_attendance.give_reminders() == 1


def test_who_is_not_here_and_who_is_not_out_is_told(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, "07:30")
    assert tasks_attendance.give_reminders() == 1
    assert told("reminder")[0].title == "班次已开始，还没有您的签到"
    scene.scan("07:35")
    db.session.commit()
    at(monkeypatch, "08:30")
    assert tasks_attendance.give_reminders() == 1
    assert told("reminder")[-1].title == "辛苦了，请记得签退"
    assert tasks_attendance.give_reminders() == 0


class Channel:
    """A channel that answers as it is told."""

    def __init__(self, *outcomes: Outcome) -> None:
        self.outcomes = list(outcomes)
        self.sent: list[Outgoing] = []

    def send(self, message: Outgoing) -> Receipt:
        self.sent.append(message)
        outcome = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        return Receipt(outcome, "test", "code")


def _one_message(scene: Scene) -> Message:
    message = tell(
        topic="seat",
        title="标题",
        body="正文",
        at=clock("07:00"),
        volunteer_id=scene.city.volunteer.id,
        link="/me",
    )
    db.session.commit()
    assert message is not None
    return message


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (Outcome.SENT, MessageState.SENT),
        (Outcome.UNREACHABLE, MessageState.SKIPPED),
        (Outcome.RETRY, MessageState.QUEUED),
    ],
)
def test_what_becomes_of_a_message(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, outcome: Outcome, state: MessageState
) -> None:
    message = _one_message(scene)
    channel = Channel(outcome)
    monkeypatch.setattr(tasks_outbox, "messenger", lambda: channel)
    at(monkeypatch, "07:01")
    assert tasks_outbox.send_messages() == 1
    assert tasks_outbox.send_messages() == 0
    db.session.refresh(message)
    assert message.state is state
    assert channel.sent[0].phone.endswith("199") or channel.sent[0].phone
    assert channel.sent[0].reference == f"message-{message.id}"


def test_a_message_is_given_up_after_its_last_try(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = _one_message(scene)
    channel = Channel(Outcome.RETRY)
    monkeypatch.setattr(tasks_outbox, "messenger", lambda: channel)
    moment = clock("07:01")
    for _ in range(12):
        monkeypatch.setattr(tasks_outbox, "now", lambda moment=moment: moment)
        tasks_outbox.send_messages()
        moment += timedelta(hours=7)
    db.session.refresh(message)
    assert message.state is MessageState.FAILED
    assert len(channel.sent) == message.attempts == 7


def test_a_dead_workers_message_is_tried_again_after_its_lease(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    from volunteer.operations.outbox import claim_letters

    message = _one_message(scene)
    assert [one.message_id for one in claim_letters(at=clock("07:01"))] == [message.id]
    db.session.commit()
    assert claim_letters(at=clock("07:05")) == []
    db.session.commit()
    assert [one.tries for one in claim_letters(at=clock("07:11"))] == [2]


def test_old_news_is_not_carried_out(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    message = _one_message(scene)
    at(monkeypatch, "07:01", days=3)
    assert tasks_outbox.drop_stale_messages() == 1
    db.session.refresh(message)
    assert message.state is MessageState.SKIPPED


def test_the_command_names_a_row_that_was_edited(app: Any, scene: Scene) -> None:
    from sqlalchemy import text

    from volunteer.operations.ledger import settle_shift

    scene.scan("07:28")
    settle_shift(scene.actor(scene.city.organizer), shift_id=scene.shift.id, at=clock("09:00"))
    db.session.commit()
    runner = app.test_cli_runner()
    sound = runner.invoke(args=["ledger-verify"])
    assert (sound.exit_code, "1 entries are sound" in sound.output) == (0, True)
    if db.engine.dialect.name == "sqlite":
        db.session.execute(text("DROP TRIGGER ledger_entry_no_update"))
    else:
        db.session.execute(text("DROP TRIGGER ledger_entry_append_only ON ledger_entry"))
    db.session.execute(text("UPDATE ledger_entry SET minutes = 600"))
    db.session.commit()
    broken = runner.invoke(args=["ledger-verify"])
    assert broken.exit_code == 1
    assert "第 1 条流水被改动" in broken.output + str(broken.stderr)
