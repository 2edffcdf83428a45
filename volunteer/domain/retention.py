"""How long what is kept (保存期限): one line for each kind of data, with the figure of the rules and the reason.

《个人信息保护法》第十九条: no longer than the purpose needs. What the law wants kept is kept: service records at
least ten years (GB/T 40143-2021 5.2.2), records of handing data on three years (《网络数据安全管理条例》第十二条).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from volunteer.domain.policy import Policy
from volunteer.domain.recognition import months_before
from volunteer.domain.timekeeping import beijing, local_date
from volunteer.domain.words import N_


@dataclass(frozen=True, slots=True)
class Keeping:
    """One kind of data: ``figure`` names the figure of the rules, in years or days; without one, ``days``."""

    code: str
    label: str
    counted_from: str
    what_happens: str
    figure: str = ""
    days: int = 0
    in_years: bool = False

    def length(self, policy: Policy) -> int:
        """How many days or years."""
        return int(getattr(policy, self.figure)) if self.figure else self.days


RECORDS, ACCOUNTS, LOCATION = "records", "accounts", "location"
SESSIONS, MESSAGES, ROLLS = "sessions", "messages", "rolls"
JOBS, EXPORTS, ATTEMPTS = "jobs", "exports", "attempts"

KEPT: tuple[Keeping, ...] = (
    Keeping(
        RECORDS,
        N_("退出者的姓名、证件号码和出生年份"),
        N_("最后一次服务和退出之后"),
        N_("清除姓名和证件号码；服务记录和时长流水不删除，只是不再指向具体的人"),
        figure="record_years",
        in_years=True,
    ),
    Keeping(
        ACCOUNTS,
        N_("退出者的登录账号、通知、资质和监护人"),
        N_("退出之后"),
        N_("清除登录名、密码、登录设备、通知和监护人，以后不能恢复账号"),
        figure="closing_days",
    ),
    Keeping(
        LOCATION,
        N_("签到定位的摘要"),
        N_("签到之后"),
        N_("删除；坐标从不保存，“在不在点位附近”和精度留在签到记录里"),
        figure="location_days",
    ),
    Keeping(
        SESSIONS,
        N_("登录设备"),
        N_("退出登录或到期之后"),
        N_("清除浏览器名称、令牌摘要和最近使用时间"),
        figure="session_days",
    ),
    Keeping(MESSAGES, N_("通知"), N_("写入之后"), N_("删除"), figure="message_days"),
    Keeping(ROLLS, N_("未确认的花名册"), N_("上传之后"), N_("清除内容"), figure="roll_days"),
    Keeping(
        JOBS,
        N_("后台任务和排班计算留存的数据"),
        N_("完成之后"),
        N_("删除任务；清除排班任务里的题目和方案，排班表不受影响"),
        figure="job_days",
    ),
    Keeping(
        EXPORTS, N_("导出记录"), N_("导出之后"), N_("删除"), figure="export_years", in_years=True
    ),
    Keeping(ATTEMPTS, N_("登录失败的尝试"), N_("发生之后"), N_("删除"), days=1),
)

BY_CODE = {keeping.code: keeping for keeping in KEPT}


def cutoff(keeping: Keeping, policy: Policy, at: datetime) -> datetime:
    """Everything before this instant is due: so many days back, or the start of the day so many years back."""
    length = keeping.length(policy)
    if keeping.in_years:
        return beijing(months_before(local_date(at), 12 * length))
    return at - timedelta(days=length)
