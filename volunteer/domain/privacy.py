"""What a person is told and asked (告知与同意): one notice, one consent per purpose, each in plain words.

《个人信息保护法》第十三条至第十七条: informed, separate, withdrawn as easily as given; whoever refuses what
is not necessary is served all the same.
"""

from typing import NamedTuple

from volunteer.domain.terms import ConsentPurpose
from volunteer.domain.words import N_

NOTICE_VERSION = "2026.2"
"""The version of these words; a receipt keeps the one that the person saw."""

WECHAT_NOTICE_VERSION = "2026.1"
"""The version of the words before which somebody binds their WeChat (``templates/me/wechat.html``)."""

ADULT_ONLY = frozenset({ConsentPurpose.LOCATION, ConsentPurpose.PUBLIC_DISPLAY})
"""Purposes that a minor's profile never serves: no position, no publicity, whoever agrees."""

REQUIRED = frozenset({ConsentPurpose.ACCOUNT})
"""Purposes without which nobody can be scheduled."""


class ConsentText(NamedTuple):
    """One purpose in words: what is used, what happens without it, and what a withdrawal does."""

    purpose: ConsentPurpose
    use: str
    without: str
    withdrawn: str


CONSENTS: tuple[ConsentText, ...] = (
    ConsentText(
        ConsentPurpose.ACCOUNT,
        N_("用您的姓名、电话、年龄、可服务时间来登记、排班、通知和记录服务时长。"),
        N_("这一项是参加志愿服务必需的；不同意就不能登记。"),
        N_("退出登记后登录失效，联系方式随即清除；服务记录依规定保存十年。"),
    ),
    ConsentText(
        ConsentPurpose.IDENTITY,
        N_("用证件号码核对身份、办理保险。号码加密保存，页面上只显示首尾几位。"),
        N_("不同意也能参加服务；需要保险的活动可能不能安排您。"),
        N_("号码随即删除；已经出具的证明不变。"),
    ),
    ConsentText(
        ConsentPurpose.LOCATION,
        N_("签到、签退时各取一次位置，只记录“在不在点位附近”，不记录行踪。"),
        N_("不同意也能签到：扫现场二维码或由带队点名。"),
        N_("以后签到不再取位置；以前只记录过“在不在附近”，没有坐标。"),
    ),
    ConsentText(
        ConsentPurpose.PUBLIC_DISPLAY,
        N_("在单位以外的排行和光荣榜上显示您的姓名和时长。"),
        N_("不同意就不会在单位以外出现，单位内部照常计入。"),
        N_("随即从单位以外的排行和光荣榜撤下。"),
    ),
    ConsentText(
        ConsentPurpose.TRANSFER,
        N_("把服务记录报送全国志愿服务信息系统，或在出险时提供给保险机构。"),
        N_("不同意时不报送；平台记录仍然有效，您随时可以查看和打印。"),
        N_("以后不再报送；已经报送的，请联系接收方更正或删除。"),
    ),
)

#: The notice of 第十七条, as question and answer. ``%(unit)s`` is the unit that invites.
NOTICE: tuple[tuple[str, str], ...] = (
    (N_("谁在收集"), N_("%(unit)s 和市创文办，用于组织志愿服务。")),
    (
        N_("收集什么"),
        N_("姓名、性别、出生年份、电话、居住社区、可服务时间、技能；证件号码可以不填。"),
    ),
    (
        N_("不收集什么"),
        N_("系统不拍照、不保存照片，不做人脸识别，不连续定位，不收集行踪。"),
    ),
    (N_("保存多久"), N_("服务记录依规定至少保存十年；您退出后只保留记录必需的内容。")),
    (
        N_("您的权利"),
        N_("随时在“我的”里查看、更正、下载本人资料，撤回同意，或退出志愿者登记。"),
    ),
)
