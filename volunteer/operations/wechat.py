"""Messages by WeChat (微信通知): an account is bound to the WeChat of its person, by their own act, and freed again.

Template messages go to an openid, which WeChat gives to whoever opens the consent page in its own browser. It is
asked for without nickname or picture (``snsapi_base``), kept encrypted, used for messages alone (never to sign
in), and deleted when the person ends it or the account is shut: 《个人信息保护法》第六条、第十三条、第十五条.
"""

from datetime import datetime

from sqlalchemy import delete

from volunteer.config import Settings
from volunteer.domain.access import Act, Actor, require
from volunteer.domain.privacy import WECHAT_NOTICE_VERSION
from volunteer.domain.refusal import Refused
from volunteer.gateways.switchboard import wechat_account
from volunteer.gateways.wechat import SignInRefused, WeChatAccount
from volunteer.gateways.wire import Unreachable
from volunteer.models.base import db
from volunteer.models.cipher import decrypt, encrypt
from volunteer.models.people import Account, WeChatBond
from volunteer.operations.journal import note, tell


def official_account(settings: Settings) -> WeChatAccount | None:
    """The official account of an installation, if it has one."""
    return wechat_account(
        settings.wechat_app_id, settings.wechat_app_secret, settings.wechat_api.rstrip("/")
    )


def has_wechat() -> bool:
    """Whether this installation has an official account."""
    return official_account(Settings()) is not None


def _official() -> WeChatAccount:
    found = official_account(Settings())
    if found is None:
        raise Refused(
            "no_wechat",
            "本市还没有接通微信通知。",
            "通知照常出现在“通知”里；需要时请联系管理员。",
        )
    return found


def consent_address(return_to: str, *, state: str) -> str:
    """Where WeChat asks for the openid and sends the phone back to ``return_to`` with a code.

    Raises Refused ``no_wechat``.
    """
    return _official().consent_address(return_to, state)


def openid_of(code: str) -> str:
    """The openid behind a code of WeChat's, asked of WeChat itself; outside any transaction.

    Raises Refused ``no_wechat``, ``wechat_refused``, ``wechat_silent``.
    """
    try:
        return _official().identity_of(code).openid
    except SignInRefused as refused:
        raise Refused(
            "wechat_refused", "微信没有确认这次授权。", "请在微信里重新点“绑定微信”。"
        ) from refused
    except Unreachable as silent:
        raise Refused(
            "wechat_silent", "微信暂时没有回应，还没有绑定。", "请过几分钟再试一次。", status=503
        ) from silent


def bind_wechat(actor: Actor, openid: str, *, at: datetime) -> WeChatBond:
    """Send the messages of the account to this WeChat from now on; another one that was bound is replaced.

    Whoever binds again the WeChat that was lost is reachable again.
    """
    require(actor, Act.OWN_ACCOUNT)
    account = db.session.get(Account, actor.account_id, with_for_update=True)
    assert account is not None, "who is signed in has an account"
    bond = db.session.get(WeChatBond, account.id)
    if bond is not None and decrypt(bond.openid_cipher) == openid:
        bond.lost_at = None
        return bond
    if bond is None:
        bond = WeChatBond(account_id=account.id)
        db.session.add(bond)
    bond.openid_cipher, bond.notice_version = encrypt(openid), WECHAT_NOTICE_VERSION
    bond.bound_at, bond.lost_at = at, None
    note(actor, "bind_wechat", account, "绑定微信，通知同时发到微信", at=at, unit_id=actor.unit_id)
    tell(
        topic="account",
        title="微信通知已接通",
        body="排班、提醒和时长通知会同时发到这个微信。可以随时在“微信通知”里解除。",
        at=at,
        account_id=account.id,
        link="/account/wechat",
    )
    return bond


def end_wechat(actor: Actor, *, at: datetime) -> None:
    """Send no more messages to WeChat and forget the openid. Asked again, nothing happens."""
    require(actor, Act.OWN_ACCOUNT)
    account = db.session.get(Account, actor.account_id, with_for_update=True)
    assert account is not None, "who is signed in has an account"
    if forget_wechat(account.id):
        note(actor, "end_wechat", account, "解除微信绑定", at=at, unit_id=actor.unit_id)


def forget_wechat(account_id: int) -> bool:
    """Delete the openid of an account; returns whether there was one."""
    gone = db.session.execute(delete(WeChatBond).where(WeChatBond.account_id == account_id))
    return bool(gone.rowcount)  # type: ignore[attr-defined]
