"""What each figure of the rules means (参数说明): label, unit, range and why; the page of settings is made of it."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

from volunteer.domain.policy import STANDARD, Policy
from volunteer.domain.refusal import Refused
from volunteer.domain.words import N_


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the policy that the city office may set.

    ``kind`` is number, switch, step, numbers (a rising list) or slots (pairs of clock times).
    """

    name: str
    label: str
    unit: str
    why: str
    kind: str = "number"
    low: int = 0
    high: int = 0


@dataclass(frozen=True, slots=True)
class Group:
    """Figures that are read together."""

    title: str
    figures: tuple[Figure, ...]


_MINUTES, _DAYS, _WORKDAYS = N_("分钟"), N_("天"), N_("个工作日")
_POINTS, _KMH, _SECONDS = N_("分"), N_("公里/小时"), N_("秒")
_TIMES, _SIGMAS, _PERCENT = N_("倍"), N_("（十分之一）"), N_("（百分之）")
_AGE, _HEADS, _YEARS, _HOURS = N_("岁"), N_("人"), N_("年"), N_("小时")
_MONTHS, _STARS = N_("个月"), N_("星")


def _n(name: str, label: str, unit: str, low: int, high: int, why: str) -> Figure:
    return Figure(name, label, unit, why, low=low, high=high)


GROUPS = (
    Group(
        N_("现场签到"),
        (
            _n("opens_before_minutes", N_("提前多久开放签到"), _MINUTES, 0, 120,
               N_("各地路口值守普遍提前 5 至 10 分钟签到。")),
            _n("late_after_minutes", N_("开始多久后算迟到"), _MINUTES, 0, 60,
               N_("0 表示过了开始时间就显示迟到分钟数。")),
            _n("check_in_closes_after_minutes", N_("班次结束后多久仍可签到"), _MINUTES, 0, 120,
               N_("0 表示班次结束后不能再签到。")),
            _n("check_out_closes_after_minutes", N_("班次结束后多久仍可签退"), _MINUTES, 0, 240,
               N_("超过后按计划结束时间自动签退并提醒本人。")),
            _n("pairs_per_day", N_("同一活动每人每天最多签到签退几次"), N_("次"), 1, 10,
               N_("广东 i志愿 的发布规范为每天最多 3 次。")),
            _n("offline_fresh_minutes", N_("离线记录多久内传到证据等级不变"), _MINUTES, 1, 240,
               N_("更晚传到的最高记为 C 级，时长照计。")),
            _n("offline_review_hours", N_("离线记录多久后传到须先核实"), _HOURS, 1, 168,
               N_("核实前不记入，也不丢弃。")),
        ),
    ),
    Group(
        N_("时长认定"),
        (
            _n("early_allowance_minutes", N_("提前到岗计入多少"), _MINUTES, 0, 60,
               N_("路途时间不计入服务时长；默认从班次开始算起。")),
            _n("overrun_allowance_minutes", N_("延后离岗计入多少"), _MINUTES, 0, 120,
               N_("超出的时间由带队确认后才计入。")),
            _n("auto_cap_minutes", N_("每人每天直接生效的上限"), _MINUTES, 60, 1440,
               N_("通行做法：8 小时（480 分钟）以内直接生效。")),
            _n("unit_review_cap_minutes", N_("由上级单位复核的上限"), _MINUTES, 60, 1440,
               N_("8 至 12 小时由上级单位复核，再多由市级复核。")),
            _n("day_cap_minutes", N_("每人每天的硬上限"), _MINUTES, 60, 1440,
               N_("一天只有 1440 分钟。")),
            Figure("training_counts", N_("培训计入志愿服务时长"), "",
                   N_("民政部令第67号第八条要求培训另行记录；个别地方允许计入。"), "switch"),
            _n("organizer_allowance_minutes", N_("每个活动的组织工作补贴时长"), _MINUTES, 0, 240,
               N_("0 表示不设；设了也单独显示，不进排行。")),
            Figure("hour_step_hundredths", N_("时长显示到"), "",
                   N_("逐条不取整，合计后只取整一次。"), "step"),
        ),
    ),
    Group(
        N_("记录、申诉与补录"),
        (
            _n("record_workdays", N_("活动结束后多久内完成记录"), _WORKDAYS, 1, 10,
               N_("民政部令第67号第十一条：10 个工作日内，不能放宽。")),
            _n("record_warning_workdays", N_("提前多久提醒"), _WORKDAYS, 0, 9, N_("到期前提醒组织者。")),
            _n("objection_days", N_("记录后多久内可以申诉"), _DAYS, 1, 365, N_("给本人核对的时间。")),
            _n("objection_answer_workdays", N_("申诉多久内答复"), _WORKDAYS, 1, 30,
               N_("民政部令第67号第十三条要求及时核实。")),
            _n("make_up_days", N_("多久内可以补录"), _DAYS, 0, 365, N_("补录是单独的程序，不靠补建活动。")),
            _n("make_up_monthly_quota", N_("每个单位每月最多申请补录多少次"), N_("次"), 0, 1000,
               N_("补录应当是例外；撤回和未通过的不占名额。")),
            _n("make_up_answer_workdays", N_("补录的证明和审核各多久内办完"), _WORKDAYS, 1, 30,
               N_("同班证明一段、上级审核一段，分别计算。")),
            _n("make_up_bar_days", N_("补录不实后停多久"), _DAYS, 0, 1825,
               N_("重庆暖青汇：取消补录资格一年。")),
            _n("make_up_bar_hours", N_("并且要新增服务多少才恢复"), _HOURS, 0, 1000,
               N_("重庆暖青汇：再服务满 100 小时。")),
            _n("make_up_publicity_workdays", N_("补录公示多久"), _WORKDAYS, 0, 30, N_("公示无异议后生效。")),
            _n("certificate_publicity_days", N_("证明公示多久"), _DAYS, 0, 30,
               N_("民发〔2015〕149号：一般不少于 7 天；0 表示不公示。")),
        ),
    ),
    Group(
        N_("星级与目标"),
        (
            Figure("star_hours", N_("一至五星的小时数"), _HOURS,
                   N_("《志愿服务记录办法》：100、300、600、1000、1500 小时。"), "numbers"),
            Figure("star_verified_only", N_("星级只计扫码认证时长"), "",
                   N_("人工登记、补录、更正和历史导入的时长不计入星级。"), "switch"),
            _n("star_months", N_("星级只计最近多少个月"), _MONTHS, 0, 600,
               N_("0 表示从登记起累计。")),
            _n("star_registered_months", N_("登记满多久才评星级"), _MONTHS, 0, 60,
               N_("个别地方要求登记满半年或一年；0 表示不要求。")),
            _n("star_unit_until", N_("由本单位评定的最高星级"), _STARS, 0, 5,
               N_("0 表示单位只能查看，不能评定。")),
            _n("star_district_until", N_("由区级评定的最高星级"), _STARS, 0, 5,
               N_("福建的做法：一、二星由县级评定，三、四星由市级评定；更高的由市级办理。")),
            _n("star_publicity_workdays", N_("星级和表彰公示多久"), _WORKDAYS, 0, 30,
               N_("公示无异议后生效；0 表示不公示。")),
            _n("yearly_target_hours", N_("每人每年的目标"), _HOURS, 0, 1000,
               N_("注册志愿者一般为每年 20 小时。")),
        ),
    ),
    Group(
        N_("核查与抽查"),
        (
            _n("case_score", N_("线索累计到多少分开启核查"), _POINTS, 20, 99,
               N_("线索只提出问题，由人核实；分数低则多问，高则少问。")),
            _n("case_answer_workdays", N_("请当事人几日内说明"), _WORKDAYS, 1, 30, N_("期满可以不等说明作出决定。")),
            _n("case_appeal_workdays", N_("决定后多久内可以申诉"), _WORKDAYS, 5, 60, N_("申诉由上级、且由另一个人办理。")),
            _n("look_back_days", N_("往回看多少天"), _DAYS, 7, 92, N_("定位摘要另按保存期限删除。")),
            _n("travel_kmh", N_("两个点位之间最快的速度"), _KMH, 40, 400, N_("超过就像是两个人在签到。")),
            _n("burst_people", N_("同一瞬间签到多少人算异常"), _HEADS, 3, 50, N_("排队扫码每人总要一两秒。")),
            _n("burst_seconds", N_("“同一瞬间”是多久"), _SECONDS, 1, 30, N_("与上一项一起看。")),
            _n("review_seconds", N_("审批一件至少要看多久"), _SECONDS, 1, 60, N_("连续多件都快过它，像是没有看。")),
            _n("month_end_times", N_("月末三天是平日的几倍算突增"), _TIMES, 2, 10, N_("为报数突击补时长的常见样子。")),
            _n("long_plan_tenths", N_("计划时长偏离同类多少算异常"), _SIGMAS, 20, 80,
               N_("稳健 z 值的十倍，35 即 3.5。")),
            _n("by_hand_percent", N_("手工登记到几成算过高"), _PERCENT, 20, 100, N_("点名、强制登记占全部签到的比例。")),
            _n("month_hours", N_("一个月多少小时以上请说明"), _HOURS, 40, 400, N_("全职上班一个月约 170 小时。")),
            _n("spot_check_percent", N_("抽查班次的比例"), _PERCENT, 0, 100,
               N_("每个班次是否抽中由当天的密钥决定，事前无法预知，事后可以验证；0 表示不抽查。")),
            _n("spot_check_minutes", N_("抽查要在多久内完成"), _MINUTES, 5, 60, N_("带队点名或志愿者扫抽查码。")),
        ),
    ),
    Group(
        N_("年龄"),
        (
            _n("min_age", N_("最小注册年龄"), _AGE, 8, 18, N_("未成年人须监护人同意。")),
            _n("adult_age", N_("按成年人安排的年龄"), _AGE, 16, 18, N_("未成年人不参加危险的服务。")),
            _n("crossing_min_age", N_("路口执勤的最小年龄"), _AGE, 14, 25, N_("交通路口一般要求年满 18 岁。")),
        ),
    ),
    Group(
        N_("保存期限"),
        (
            _n("record_years", N_("服务记录保存"), _YEARS, 10, 100,
               N_("GB/T 40143-2021：不少于 10 年。")),
            _n("location_days", N_("定位结果保存"), _DAYS, 1, 365, N_("过了申诉期就没有保存的必要。")),
            _n("session_days", N_("退出登录后设备信息保存"), _DAYS, 1, 730,
               N_("够本人和管理员核对异常登录即可。")),
            _n("message_days", N_("通知保存"), _DAYS, 30, 3650, N_("留给本人查阅，过期删除。")),
            _n("roll_days", N_("未确认的花名册保存"), _DAYS, 1, 60, N_("没有确认导入的内容到期清除。")),
            _n("job_days", N_("后台任务结果保存"), _DAYS, 7, 3650,
               N_("包括排班计算时留存的人员数据。")),
            _n("export_years", N_("导出记录保存"), _YEARS, 3, 30,
               N_("《网络数据安全管理条例》第十二条：向他人提供个人信息的记录至少保存三年。")),
            _n("closing_days", N_("注销后多久内可以恢复"), _DAYS, 0, 60,
               N_("期满后登录名和联系方式彻底清除，不能恢复。")),
        ),
    ),
    Group(
        N_("数据安全事件"),
        (
            _n("breach_report_hours", N_("发现后最迟多久报告主管部门"), _HOURS, 1, 72,
               N_("《个人信息保护法》第五十七条要求立即报告；这里是本市自定的最晚时间。")),
            _n("breach_people_hours", N_("发现后最迟多久通知受影响的人"), _HOURS, 1, 168,
               N_("同上，要求及时通知；已经采取措施避免危害的可以不通知。")),
        ),
    ),
    Group(
        N_("新服务类型的默认值"),
        (
            _n("heads_min", N_("最少人数"), _HEADS, 1, 100, N_("路口一般每班 2 人以上。")),
            _n("heads_target", N_("目标人数"), _HEADS, 1, 100, N_("常见为每个路口 4 人。")),
            _n("leaders", N_("带队"), _HEADS, 0, 10, N_("每班一名带队。")),
            _n("reserves", N_("候补"), _HEADS, 0, 20, N_("有人来不了时补位。")),
            Figure("slots", N_("时段"), "", N_("最常见：早 07:30—08:30，晚 17:30—18:30。"), "slots"),
        ),
    ),
)  # fmt: skip

FIGURES: Mapping[str, Figure] = {
    figure.name: figure for group in GROUPS for figure in group.figures
}
STEPS = ((1, "0.01"), (10, "0.1"), (50, "0.5"))


def policy_with(changed: Mapping[str, object], *, rule_version: str) -> Policy:
    """Return the standing defaults with these figures changed, each within its range.

    Raises
    ------
    Refused
        ``out_of_range`` at the field of the figure, ``caps`` when the caps of a day do not rise,
        ``stars`` when star levels do not.
    """
    for name, value in changed.items():
        figure = FIGURES[name]
        is_number = figure.kind == "number" and isinstance(value, int)
        if is_number and not figure.low <= int(str(value)) <= figure.high:
            raise Refused(
                "out_of_range",
                N_("“%(label)s”应在 %(low)d 至 %(high)d 之间。"),
                field=name,
                status=422,
                values={"label": figure.label, "low": figure.low, "high": figure.high},
            )
    whole = {field.name: getattr(STANDARD, field.name) for field in fields(Policy)}
    whole |= {**changed, "rule_version": rule_version}
    _require_rising(whole)
    return Policy(**whole)


def _require_rising(whole: Mapping[str, object]) -> None:
    for low, high in (
        ("auto_cap_minutes", "unit_review_cap_minutes"),
        ("unit_review_cap_minutes", "day_cap_minutes"),
        ("record_warning_workdays", "record_workdays"),
        ("heads_min", "heads_target"),
        ("star_unit_until", "star_district_until"),
    ):
        if int(str(whole[low])) > int(str(whole[high])):
            raise Refused(
                "caps",
                N_("“%(low)s”不能大于“%(high)s”。"),
                field=low,
                status=422,
                values={"low": FIGURES[low].label, "high": FIGURES[high].label},
            )
    stars = whole["star_hours"]
    assert isinstance(stars, tuple)
    if not stars or list(stars) != sorted(set(stars)) or stars[0] <= 0:
        raise Refused("stars", N_("星级的小时数要从小到大。"), field="star_hours", status=422)
