"""Attendance, records and the ledger (到岗、记录、台账)."""

from volunteer.domain.terms.word import Term
from volunteer.domain.words import N_


class StampKind(Term):
    """The two stamps of a duty (签到、签退)."""

    IN = "in", N_("签到")
    OUT = "out", N_("签退")


class Way(Term):
    """How a stamp came about (签到方式)."""

    ROTATING_CODE = "rotating_code", N_("动态码")
    PERSONAL_CODE = "personal_code", N_("个人码")
    PAPER_CARD = "paper_card", N_("纸质卡")
    POSTER_CODE = "poster_code", N_("固定码")
    ROLL_CALL = "roll_call", N_("带队点名")
    LEADER_SELF = "leader_self", N_("带队自签")
    SYSTEM_FAILURE = "system_failure", N_("系统故障登记")
    AUTO_CLOSE = "auto_close", N_("自动签退")
    MAKE_UP = "make_up", N_("补录")


class Attendance(Term):
    """Where a person stands in a duty (到岗状态), derived from stamps."""

    EXPECTED = "expected", N_("待到岗")
    PRESENT = "present", N_("在岗")
    LEFT = "left", N_("已签退")
    AUTO_CLOSED = "auto_closed", N_("自动签退")
    ABSENT = "absent", N_("缺岗")
    EXCUSED = "excused", N_("已请假")


class NextStep(Term):
    """What a person should do about a duty now (下一步)."""

    ANSWER = "answer", N_("待答复")
    WAIT = "wait", N_("已接受")
    SET_OUT = "set_out", N_("该出发了")
    CHECK_IN = "check_in", N_("可以签到")
    SERVE = "serve", N_("服务中")
    CHECK_OUT = "check_out", N_("可以签退")
    DONE = "done", N_("已完成，待结算")
    MISSED = "missed", N_("没有签到")
    SETTLED = "settled", N_("已结算")
    DECLINED = "declined", N_("未参加")
    CALLED_OFF = "called_off", N_("已取消")


class Signal(Term):
    """What somebody should look at in a stamp (提示); it opens a question, never a verdict."""

    OUTSIDE_FENCE = "outside_fence", N_("定位不在点位范围内")
    POSTER_WITHOUT_PLACE = "poster_without_place", N_("固定码且无定位")
    SYSTEM_FAILURE = "system_failure", N_("系统故障时登记")
    SHARED_DEVICE = "shared_device", N_("与他人使用同一手机")
    CLOCK_DIFFERS = "clock_differs", N_("手机时间与服务器不一致")
    AUTO_CLOSE = "auto_close", N_("忘记签退，按计划结束")
    SAME_FIX = "same_fix", N_("多次定位分毫不差")
    ROUND_FIX = "round_fix", N_("定位数值过于规整")
    FAR_AWAY = "far_away", N_("定位远离点位")
    TRAVEL = "travel", N_("两次签到之间来不及赶路")
    BURST = "burst", N_("多人在同一瞬间签到")
    SPOT_MISSED = "spot_missed", N_("抽查时不在场")
    SPOT_UNRUN = "spot_unrun", N_("抽查没有进行")
    DOUBLE_TIME = "double_time", N_("同一时间有两份时长")
    LONG_MONTH = "long_month", N_("一个月的时长超出常人")
    FAST_REVIEWS = "fast_reviews", N_("审批快过阅读")
    SELF_DEALING = "self_dealing", N_("自办自批")
    LATE_NOTICE = "late_notice", N_("开始以后才发布")
    MONTH_END = "month_end", N_("月末集中突增")
    LONG_PLAN = "long_plan", N_("计划时长远超同类")
    BY_HAND = "by_hand", N_("手工登记比例过高")
    OFFLINE = "offline", N_("离线时登记")
    LATE_UPLOAD = "late_upload", N_("离线记录传到较晚")
    CLOCK_UNMEASURED = "clock_unmeasured", N_("手机时间未与服务器核对过")
    DATUM_DOUBTFUL = "datum_doubtful", N_("定位坐标系不明，无法判断")


class Grade(Term):
    """Strength of the evidence behind minutes (证据等级), A the strongest; never raised by hand."""

    A = "A", N_("A 级")
    B = "B", N_("B 级")
    C = "C", N_("C 级")
    D = "D", N_("D 级")
    E = "E", N_("E 级")


class EntryKind(Term):
    """Kind of ledger entry (流水类型); an entry is never changed, only reversed."""

    CREDIT = "credit", N_("记入")
    REVERSAL = "reversal", N_("冲销")


class Source(Term):
    """Where recorded minutes come from (时长来源)."""

    QR = "qr", N_("扫码")
    QR_GEO = "qr_geo", N_("扫码并定位")
    KIOSK = "kiosk", N_("现场终端")
    ORGANIZER_MANUAL = "organizer_manual", N_("组织者登记")
    MAKE_UP = "make_up", N_("补录")
    ALLOWANCE = "allowance", N_("组织工作补贴时长")
    IMPORT = "import", N_("历史导入")
    CORRECTION = "correction", N_("更正")


class ReviewTier(Term):
    """Who must agree before minutes of a long day count (复核层级)."""

    NONE = "none", N_("直接生效")
    UNIT = "unit", N_("上级单位复核")
    CITY = "city", N_("市级复核")


class RecordState(Term):
    """State of a service record (志愿服务记录状态)."""

    PENDING = "pending", N_("待复核")
    EFFECTIVE = "effective", N_("有效")
    CORRECTED = "corrected", N_("已更正")
    REJECTED = "rejected", N_("未通过")


class ChainFault(Term):
    """What was done to a sealed row behind the product's back (台账异常)."""

    EDITED = "edited", N_("被改动")
    DELETED = "deleted", N_("被删除")
    INSERTED = "inserted", N_("被插入")
    REORDERED = "reordered", N_("顺序被调换")


class TicketState(Term):
    """State of an objection, a make-up request or a case (办理状态)."""

    OPEN = "open", N_("待办理")
    ESCALATED = "escalated", N_("已转上级")
    UPHELD = "upheld", N_("已采纳")
    REFUSED = "refused", N_("未采纳")
    WITHDRAWN = "withdrawn", N_("已撤回")


class CertificateState(Term):
    """State of a certificate (志愿服务记录证明状态)."""

    VALID = "valid", N_("有效")
    SUPERSEDED = "superseded", N_("因更正失效")
    REVOKED = "revoked", N_("已撤销")


class CertificateLayout(Term):
    """How a certificate is laid out (证明版式): 民政部令第67号 asks little, 民发〔2015〕149号 recommends more."""

    FULL = "full", N_("完整式")
    SHORT = "short", N_("简明式")


class CertificateSpan(Term):
    """Whose records a certificate bears (证明范围): who recorded certifies, the city only bundles."""

    UNIT = "unit", N_("单个记录单位")
    CITY = "city", N_("全市汇总")


class CertificateDetail(Term):
    """How finely a certificate lists (明细方式)."""

    RECORDS = "records", N_("逐次列出")
    MONTHS = "months", N_("按月合计")


class DocumentShown(Term):
    """How much of the document number is printed (证件号码显示); only the person may choose all of it."""

    MASKED = "masked", N_("部分隐藏")
    FULL = "full", N_("完整显示")
    NONE = "none", N_("不显示")


class StandingBasis(Term):
    """By what a standing orders (排行依据)."""

    TOTAL = "total", N_("总时长")
    PER_HEAD = "per_head", N_("人均时长")
    PARTICIPATIONS = "participations", N_("参与人次")
    ACTIVE_RATE = "active_rate", N_("活跃率")


class AwardVerdict(Term):
    """What was decided about a star level or an honour (评定结果); a decision is never changed."""

    GRANTED = "granted", N_("授予")
    HELD = "held", N_("暂缓")
    WITHDRAWN = "withdrawn", N_("撤回")


class Course(Term):
    """Where somebody stands towards a yearly target (目标进度), in kind words."""

    MET = "met", N_("已完成")
    ON_COURSE = "on_course", N_("按现在的节奏能完成")
    CLOSE = "close", N_("再加把劲就能完成")
    BEHIND = "behind", N_("需要多安排几次")
    UNSURE = "unsure", N_("刚开始")
    NOT_BEGUN = "not_begun", N_("今年还没有服务")
    MISSED = "missed", N_("今年没有完成")
