"""Binding WeChat, what is sent there, what happens when WeChat cannot reach somebody, and forgetting it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.builders import City, a_city
from tests.gateways.service import Service, a_service
from tests.gateways.wechat_service import APP_ID, SECRET, WeChat
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import MessageState
from volunteer.jobs import tasks_outbox
from volunteer.models.base import db
from volunteer.models.cipher import decrypt
from volunteer.models.journal import AuditEntry, Message
from volunteer.models.people import WeChatBond
from volunteer.operations.journal import tell
from volunteer.operations.people.closing import close_own_account
from volunteer.operations.people.roles import shut_account
from volunteer.operations.wechat import bind_wechat, end_wechat, openid_of
from volunteer.queries.accounts import actor_of
from volunteer.queries.people.own import own_copy

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


class Setting:
    """A city with an official account, whose service is a server on this machine."""

    def __init__(self, service: Service, wechat: WeChat) -> None:
        self.service, self.wechat = service, wechat
        self.city: City = a_city()
        self.account = self.city.volunteer_account

    @property
    def actor(self) -> Any:
        return actor_of(self.account, at=AT)

    def is_bound(self) -> bool:
        return db.session.get(WeChatBond, self.account.id, populate_existing=True) is not None

    def bond(self) -> WeChatBond:
        return db.session.get_one(WeChatBond, self.account.id, populate_existing=True)

    def send(self, title: str, *, at: datetime = AT) -> Message:
        """Tell the volunteer something, and let the worker carry it out."""
        message = tell(
            topic="reminder",
            title=title,
            body="明天 7:30 城北路口",
            at=at,
            volunteer_id=self.city.volunteer.id,
            link="/me",
        )
        db.session.commit()
        tasks_outbox.send_messages()
        assert message is not None
        db.session.refresh(message)
        return message

    def sent(self) -> list[dict[str, Any]]:
        path = "/cgi-bin/message/template/send"
        return [asked.body for asked in self.service.asked if asked.path == path]


@pytest.fixture
def setting(app: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Setting]:
    wechat = WeChat()
    with a_service(wechat) as service:
        for name, value in {
            "APP_ID": APP_ID,
            "APP_SECRET": SECRET,
            "API": service.url,
            "TEMPLATES": '{"*": {"id": "T1", "fields": {"thing1": "title", "thing2": "body"}}}',
        }.items():
            monkeypatch.setenv(f"VOLUNTEER_WECHAT_{name}", value)
        monkeypatch.setenv("VOLUNTEER_BASE_URL", "https://city.example")
        monkeypatch.setattr(tasks_outbox, "now", lambda: AT + timedelta(minutes=1))
        tasks_outbox.messenger.cache_clear()
        tasks_outbox.base_url.cache_clear()
        yield Setting(service, wechat)
    tasks_outbox.messenger.cache_clear()
    tasks_outbox.base_url.cache_clear()


def test_what_is_told_goes_to_the_bound_wechat_with_a_full_address(setting: Setting) -> None:
    bind_wechat(setting.actor, openid_of("good-code"), at=AT)
    db.session.commit()
    message = setting.send("明天有您的班次")
    assert message.state is MessageState.SENT
    carried = {body["data"]["thing1"]["value"]: body for body in setting.sent()}
    assert set(carried) == {"微信通知已接通", "明天有您的班次"}
    body = carried["明天有您的班次"]
    assert (body["touser"], body["template_id"]) == ("oOPENID1", "T1")
    assert body["url"] == "https://city.example/me"
    assert setting.bond().lost_at is None
    assert b"oOPENID1" not in setting.bond().openid_cipher


def test_without_a_bond_nothing_goes_to_wechat(setting: Setting) -> None:
    message = setting.send("明天有您的班次")
    assert message.state is MessageState.SKIPPED
    assert setting.sent() == []


def test_somebody_else_gets_nothing_of_it(setting: Setting) -> None:
    bind_wechat(actor_of(setting.city.organizer, at=AT), "oOFFICE", at=AT)
    db.session.commit()
    setting.send("给志愿者的")
    assert {body["touser"] for body in setting.sent()} == {"oOFFICE"}
    assert {body["data"]["thing1"]["value"] for body in setting.sent()} == {"微信通知已接通"}


def test_who_no_longer_follows_is_marked_and_found_again(setting: Setting) -> None:
    bind_wechat(setting.actor, "oOPENID1", at=AT)
    db.session.commit()
    setting.wechat.answers = [43004, 43004]
    assert setting.send("一").state is MessageState.SKIPPED
    assert setting.bond().lost_at == AT + timedelta(minutes=1)
    assert setting.send("二").state is MessageState.SENT
    assert setting.bond().lost_at is None


def test_binding_twice_is_once_and_another_wechat_replaces_it(setting: Setting) -> None:
    for openid in ("o1", "o1", "o2"):
        bind_wechat(setting.actor, openid, at=AT)
        db.session.commit()
    assert decrypt(setting.bond().openid_cipher) == "o2"
    lines = db.session.scalar(
        select(func.count()).select_from(AuditEntry).where(AuditEntry.act == "bind_wechat")
    )
    assert lines == 2


def test_it_ends_by_the_own_act_and_leaves_nothing(setting: Setting) -> None:
    bind_wechat(setting.actor, "o1", at=AT)
    end_wechat(setting.actor, at=AT)
    end_wechat(setting.actor, at=AT)
    db.session.commit()
    assert not setting.is_bound()
    acts = db.session.scalars(select(AuditEntry.act).order_by(AuditEntry.id)).all()
    assert acts.count("end_wechat") == 1
    setting.send("以后")
    assert setting.sent() == []


def test_a_shut_or_closed_account_is_forgotten(setting: Setting) -> None:
    organizer = setting.city.organizer
    bind_wechat(actor_of(organizer, at=AT), "o9", at=AT)
    bind_wechat(setting.actor, "o1", at=AT)
    shut_account(organizer, at=AT)
    close_own_account(setting.actor, at=AT)
    db.session.commit()
    assert db.session.scalar(select(func.count()).select_from(WeChatBond)) == 0


def test_the_own_copy_has_it(setting: Setting) -> None:
    assert own_copy(setting.actor)["微信通知"] == []
    bind_wechat(setting.actor, "o1", at=AT)
    assert own_copy(setting.actor)["微信通知"][0]["标识（openid）"] == "o1"


@pytest.mark.parametrize(
    ("code", "told"), [("made-up", "wechat_refused"), ("busy", "wechat_silent")]
)
def test_what_wechat_does_not_vouch_for_is_refused(setting: Setting, code: str, told: str) -> None:
    with pytest.raises(Refused) as refused:
        openid_of(code)
    assert refused.value.code == told


def test_where_there_is_no_official_account_it_is_said(
    app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VOLUNTEER_WECHAT_APP_ID", raising=False)
    with pytest.raises(Refused) as refused:
        openid_of("good-code")
    assert refused.value.code == "no_wechat"
