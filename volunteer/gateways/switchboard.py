"""Which channels an installation has (通道的接线): the settings in, one messenger out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from volunteer.gateways.messenger import LogMessenger, Messenger, Relay
from volunteer.gateways.sms import SmsMessenger
from volunteer.gateways.wechat import API, Template, WeChatAccount, WeChatMessenger


@lru_cache(maxsize=8)
def wechat_account(app_id: str, app_secret: str, api: str = API) -> WeChatAccount | None:
    """The official account, or None where the installation has none; one for the process, so that its
    token is shared by all who send.

    Raises `ValueError` when only half of it is set.
    """
    if bool(app_id) != bool(app_secret):
        raise ValueError("WeChat needs both the app id and the app secret")
    return WeChatAccount(app_id, app_secret, api=api) if app_id else None


def messenger_of(
    *,
    account: WeChatAccount | None = None,
    wechat_templates: Mapping[str, Template] | None = None,
    sms_url: str = "",
    sms_key: str = "",
    sms_templates: Mapping[str, str] | None = None,
) -> Messenger:
    """WeChat first, then SMS, as far as they are set up; without either, the log.

    Raises `ValueError` when a gateway's settings cannot work.
    """
    channels: list[Messenger] = []
    if account is not None and wechat_templates:
        channels.append(WeChatMessenger(account, wechat_templates))
    if sms_url:
        channels.append(SmsMessenger(sms_url, sms_key, sms_templates or {}))
    return Relay(channels) if channels else LogMessenger()
