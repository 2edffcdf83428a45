from __future__ import annotations

import logging
import threading
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.gateways.service import a_service
from tests.gateways.wechat_service import APP_ID, SECRET, WeChat
from volunteer.gateways import wire
from volunteer.gateways.messenger import Outcome, Outgoing
from volunteer.gateways.wechat import (
    SignInRefused,
    Template,
    WeChatAccount,
    WeChatIdentity,
    WeChatMessenger,
)
from volunteer.gateways.wire import Unreachable

TEMPLATES = {"duty": Template("TPL-DUTY", {"thing1": "title", "thing2": "body"})}
MESSAGE = Outgoing(
    "message-17",
    "duty",
    "明早 07:30 文明交通劝导",
    "宝庆路—雪峰路路口东南角，带队周敏，请提前十分钟到岗签到",
    link="https://zyz.example/d/17",
    openid="oOPENID1",
)


class Clock:
    now = 1_000.0

    def __call__(self):
        return self.now


def an_account(service, secret=SECRET, clock=None):
    return WeChatAccount(APP_ID, secret, api=service.url, clock=clock or Clock())


def test_a_message_is_sent_as_the_documents_say():
    with a_service(WeChat()) as service:
        receipt = WeChatMessenger(an_account(service), TEMPLATES).send(MESSAGE)
    assert receipt.outcome is Outcome.SENT
    assert receipt.provider_id == "100"
    token, sent = service.asked
    assert token.body == {
        "grant_type": "client_credential",
        "appid": APP_ID,
        "secret": SECRET,
        "force_refresh": False,
    }
    assert sent.method == "POST"
    assert sent.query == {"access_token": "token-1"}
    assert sent.body["touser"] == "oOPENID1"
    assert sent.body["template_id"] == "TPL-DUTY"
    assert sent.body["url"] == "https://zyz.example/d/17"
    assert sent.body["data"]["thing1"] == {"value": "明早 07:30 文明交通劝导"}
    assert sent.body["data"]["thing2"]["value"] == "宝庆路—雪峰路路口东南角，带队周敏，请…"
    assert "明早".encode() in sent.raw  # Chinese as it is, not escaped


def test_the_token_is_asked_for_once_and_again_before_it_ends():
    clock = Clock()
    with a_service(WeChat()) as service:
        messenger = WeChatMessenger(an_account(service, clock=clock), TEMPLATES)
        for _ in range(3):
            messenger.send(MESSAGE)
        assert service.paths().count("/cgi-bin/stable_token") == 1
        clock.now += 7_200 - 299
        assert messenger.send(MESSAGE).outcome is Outcome.SENT
        assert service.paths().count("/cgi-bin/stable_token") == 2


def test_many_threads_share_one_token():
    with a_service(WeChat()) as service:
        messenger = WeChatMessenger(an_account(service), TEMPLATES)
        outcomes = []
        threads = [
            threading.Thread(target=lambda: outcomes.append(messenger.send(MESSAGE).outcome))
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert outcomes == [Outcome.SENT] * 8
    assert service.paths().count("/cgi-bin/stable_token") == 1


def test_a_token_that_another_process_replaced_is_fetched_again_without_force():
    wechat = WeChat()
    with a_service(wechat) as service:
        messenger = WeChatMessenger(an_account(service), TEMPLATES)
        messenger.send(MESSAGE)
        wechat.number = 5
        assert messenger.send(MESSAGE).outcome is Outcome.SENT
    wishes = [asked.body["force_refresh"] for asked in service.asked if "stable" in asked.path]
    assert wishes == [False, False]


def test_a_token_refused_though_it_is_the_newest_is_forced_once():
    with a_service(WeChat([40001])) as service:
        assert WeChatMessenger(an_account(service), TEMPLATES).send(MESSAGE).outcome is Outcome.SENT
    wishes = [asked.body["force_refresh"] for asked in service.asked if "stable" in asked.path]
    assert wishes == [False, False, True]


def test_a_token_refused_for_ever_does_not_turn_in_circles():
    with a_service(WeChat([40001] * 9)) as service:
        receipt = WeChatMessenger(an_account(service), TEMPLATES).send(MESSAGE)
    assert (receipt.outcome, receipt.code) == (Outcome.MISCONFIGURED, "40001")
    assert service.paths().count("/cgi-bin/message/template/send") == 2


@pytest.mark.parametrize(
    ("code", "outcome", "wait"),
    [
        (43004, Outcome.UNREACHABLE, 0),
        (40003, Outcome.UNREACHABLE, 0),
        (45009, Outcome.RETRY, 3600),
        (45011, Outcome.RETRY, 60),
        (-1, Outcome.RETRY, 0),
        (99999, Outcome.RETRY, 0),
        (40037, Outcome.MISCONFIGURED, 0),
        (48001, Outcome.MISCONFIGURED, 0),
        (47003, Outcome.MISCONFIGURED, 0),
    ],
)
def test_every_answer_has_its_meaning(code, outcome, wait):
    with a_service(WeChat([code])) as service:
        receipt = WeChatMessenger(an_account(service), TEMPLATES).send(MESSAGE)
    assert (receipt.outcome, receipt.code, receipt.wait_seconds) == (outcome, str(code), wait)


def test_a_wrong_secret_is_a_matter_for_the_administrator():
    with a_service(WeChat()) as service:
        receipt = WeChatMessenger(an_account(service, "wrong"), TEMPLATES).send(MESSAGE)
    assert (receipt.outcome, receipt.code) == (Outcome.MISCONFIGURED, "40125")


def test_the_same_message_twice_is_one_for_wechat():
    wechat = WeChat()
    with a_service(wechat) as service:
        messenger = WeChatMessenger(an_account(service), TEMPLATES)
        assert messenger.send(MESSAGE).provider_id == messenger.send(MESSAGE).provider_id
    assert len(wechat.sent) == 1


def test_nobody_is_asked_for_a_message_that_has_no_address_or_template():
    with a_service(WeChat()) as service:
        messenger = WeChatMessenger(an_account(service), TEMPLATES)
        assert messenger.send(Outgoing("1", "duty", "t", "b")).code == "no_openid"
        assert messenger.send(Outgoing("1", "other", "t", "b", openid="o")).code == "no_template"
    assert service.asked == []


@pytest.mark.parametrize(
    ("reply", "wait"),
    [
        ((503, {}, b"down"), 0),
        ((429, {"Retry-After": "120"}, b"{}"), 120),
        ((200, {}, b"<html>a login page of the network"), 0),
        ((200, {}, b"[1]"), 0),
        ((200, {}, b"{" + b" " * 300_000 + b"}"), 0),
        ((302, {"Location": "https://evil.example/"}, b""), 0),
    ],
)
def test_an_answer_that_is_none_is_tried_again(reply, wait):
    with a_service(lambda _: reply) as service:
        receipt = WeChatMessenger(an_account(service), TEMPLATES).send(MESSAGE)
    assert (receipt.outcome, receipt.wait_seconds) == (Outcome.RETRY, wait)
    assert len(service.asked) == 1


def test_silence_is_tried_again(monkeypatch):
    monkeypatch.setattr(wire, "TIMEOUT_SECONDS", 0.1)
    done = threading.Event()

    def sleep(_):
        done.wait(2)
        return {}

    with a_service(sleep) as service:
        receipt = WeChatMessenger(an_account(service), TEMPLATES).send(MESSAGE)
        done.set()
    assert receipt.outcome is Outcome.RETRY
    closed = WeChatMessenger(an_account(service), TEMPLATES).send(MESSAGE)
    assert (closed.outcome, closed.code) == (Outcome.RETRY, "URLError")


def test_a_code_is_exchanged_for_the_person_once():
    with a_service(WeChat()) as service:
        account = an_account(service)
        assert account.identity_of("good-code") == WeChatIdentity("oOPENID1", "uUNION1")
        with pytest.raises(SignInRefused) as no:
            account.identity_of("good-code")
        assert no.value.code == 40163
        with pytest.raises(SignInRefused) as no:
            account.identity_of("made-up&appid=other")
        assert no.value.code == 40029
        with pytest.raises(Unreachable):
            account.identity_of("busy")
    assert service.asked[2].query["code"] == "made-up&appid=other"


def test_the_consent_address_has_the_order_that_wechat_wants():
    account = WeChatAccount(APP_ID, SECRET)
    address = account.consent_address("https://zyz.example/wx?next=/c/1&x=2", "st-1")
    assert address.endswith("#wechat_redirect")
    query = urlsplit(address).query
    assert list(parse_qs(query)) == ["appid", "redirect_uri", "response_type", "scope", "state"]
    assert parse_qs(query)["redirect_uri"] == ["https://zyz.example/wx?next=/c/1&x=2"]
    assert SECRET not in address


def test_no_secret_is_told_by_an_error_or_the_log(caplog):
    caplog.set_level(logging.DEBUG)
    with a_service(lambda _: (500, {}, b"")) as service, pytest.raises(Unreachable) as no:
        an_account(service).identity_of("good-code")
    assert SECRET not in str(no.value) + caplog.text
    assert "good-code" not in str(no.value) + caplog.text


def test_a_service_outside_is_spoken_to_only_in_secret():
    for url in ("http://api.example", "ftp://127.0.0.1", "https://", "api.example"):
        with pytest.raises(ValueError, match="https"):
            WeChatAccount(APP_ID, SECRET, api=url)


def test_a_template_is_filled_only_by_what_a_message_has():
    with pytest.raises(ValueError, match="TPL"):
        Template("TPL", {"thing1": "phone"})
