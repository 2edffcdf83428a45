"""Compliance mode (合规模式): what the product keeps away by default, and why; only some of it can be let in at all."""

from dataclasses import dataclass

from volunteer.domain.words import N_

PERSONAL_BOARDS, PHOTOS, TRACKS, FORCED_STAMPS = "personal_boards", "photos", "tracks", "punches"
SHORTEST_REASON = 10
"""Characters of a reason for letting something in."""


@dataclass(frozen=True, slots=True)
class Guard:
    """One thing kept away. ``is_switch``: the city office may let it in, with a reason; else it does not exist."""

    code: str
    label: str
    kept_away: str
    why: str
    let_in: str
    is_switch: bool = False


GUARDS: tuple[Guard, ...] = (
    Guard(
        PERSONAL_BOARDS,
        N_("单位以外的个人排行"),
        N_("个人时长只在本单位内比较；跨单位、跨区和对外只比单位和区。"),
        N_(
            "《个人信息保护法》第二十五条：公开个人信息要取得单独同意；民政部令第67号第十六条：未经同意不得公开志愿者信息。"
        ),
        N_(
            "关闭后，同意公开展示的成年志愿者会出现在单位以外的个人排行里；没有同意的人仍然不出现。"
        ),
        is_switch=True,
    ),
    Guard(
        PHOTOS,
        N_("强制拍照打卡"),
        N_("签到签退、补录、记录都不要求拍照，系统不接收也不保存照片，不做人脸识别。"),
        N_(
            "《个人信息保护法》第六条、第二十六条：限于实现目的的最小范围；扫码和点名已经能证明到岗。"
        ),
        N_("系统没有这项功能，不能打开。"),
    ),
    Guard(
        TRACKS,
        N_("行踪轨迹"),
        N_("只在签到、签退时各取一次位置，其间不定位；不拼接路线，不按路线排名。"),
        N_("《个人信息保护法》第二十八条：行踪轨迹是敏感个人信息；志愿服务不需要它。"),
        N_("系统没有这项功能，不能打开。"),
    ),
    Guard(
        FORCED_STAMPS,
        N_("为留痕而打卡"),
        N_("没有每日打卡、学习打卡、转发任务；不带手机的人由带队点名，时长同样有效。"),
        N_("基层减负：一次签到用于全部报表，不重复要数据。"),
        N_("系统没有这项功能，不能打开。"),
    ),
)

BY_CODE = {guard.code: guard for guard in GUARDS}
