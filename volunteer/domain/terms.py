"""The lexicon (术语): every closed set of words of the field, with its Chinese label.

The value is what the database stores; the label is what a person reads. Base terms follow
MZ/T 148 《志愿服务基本术语》 and 《志愿服务记录与证明出具办法（试行）》. docs/glossary.md says
what each one means.
"""

from enum import StrEnum
from typing import Self

from volunteer.domain.words import N_


class Term(StrEnum):
    """A word with a stored value and a Chinese label; the member's name is the value in capitals."""

    label: str

    def __new__(cls, value: str, label: str) -> Self:
        """Bind the label to the stored value."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """Value and label of every member, for a form's choices."""
        return [(member.value, member.label) for member in cls]


class Role(Term):
    """What an account is trusted with (角色)."""

    CITY_ADMIN = "city_admin", N_("市级管理员")
    DISTRICT_ADMIN = "district_admin", N_("区级管理员")
    ORGANIZER = "organizer", N_("单位组织者")
    LEADER = "leader", N_("带队")
    VOLUNTEER = "volunteer", N_("志愿者")
    AUDITOR = "auditor", N_("审计员")


class AccountState(Term):
    """Whether a login works (账号状态)."""

    INVITED = "invited", N_("待激活")
    ACTIVE = "active", N_("正常")
    DISABLED = "disabled", N_("已停用")


class VolunteerState(Term):
    """Where a person stands with the register (志愿者状态); 民政部令第67号第五条、第六条."""

    AWAITING_CONSENT = "awaiting_consent", N_("待本人确认")
    ACTIVE = "active", N_("正常")
    PAUSED = "paused", N_("暂停服务")
    LEFT = "left", N_("已退出")


class Sex(Term):
    """Sex as the service record asks for it (性别)."""

    MALE = "male", N_("男")
    FEMALE = "female", N_("女")


class DocumentKind(Term):
    """Kind of identity document (证件类型)."""

    CITIZEN = "citizen", N_("居民身份证")
    RESIDENCE_PERMIT = "residence_permit", N_("港澳台居民居住证")
    PERMANENT_RESIDENT = "permanent_resident", N_("外国人永久居留身份证")
    OTHER = "other", N_("护照或通行证")


class UnitLevel(Term):
    """Level of a unit in the city (单位层级)."""

    CITY = "city", N_("市级")
    DISTRICT = "district", N_("区级")
    STREET = "street", N_("街道")
    COMMUNITY = "community", N_("社区")


class UnitKind(Term):
    """Legal form of a unit (单位性质)."""

    OFFICE = "office", N_("工作机构")
    AGENCY = "agency", N_("机关")
    PUBLIC_INSTITUTION = "public_institution", N_("事业单位")
    STATE_ENTERPRISE = "state_enterprise", N_("国有企业")
    ENTERPRISE = "enterprise", N_("其他企业")
    MASS_ORGANISATION = "mass_organisation", N_("群团组织")
    STREET_OFFICE = "street_office", N_("街道办事处")
    RESIDENTS_COMMITTEE = "residents_committee", N_("居民委员会")
    VILLAGE_COMMITTEE = "village_committee", N_("村民委员会")
    SOCIAL_ORGANISATION = "social_organisation", N_("社会组织")
    SCHOOL = "school", N_("学校")
    INNER_TEAM = "inner_team", N_("单位内志愿服务队")


class PointKind(Term):
    """Kind of place where people serve (点位类型), after the points that inspectors visit."""

    CROSSING = "crossing", N_("交通路口")
    ROAD_SECTION = "road_section", N_("包干路段")
    COMMUNITY = "community", N_("社区")
    BUILDING = "building", N_("楼栋")
    PARK = "park", N_("公园广场")
    MARKET = "market", N_("农贸市场")
    SHOP = "shop", N_("商场超市")
    STATION = "station", N_("车站")
    BUS_STOP = "bus_stop", N_("公交站点")
    HOSPITAL = "hospital", N_("医院")
    SCHOOL_GATE = "school_gate", N_("学校周边")
    SERVICE_HALL = "service_hall", N_("服务窗口")
    NET_CAFE = "net_cafe", N_("网吧")
    CARE_HOME = "care_home", N_("养老机构")
    CULTURE_SITE = "culture_site", N_("文化场馆")
    ALLEY = "alley", N_("背街小巷")
    CIVIC_STATION = "civic_station", N_("文明实践站")
    OTHER = "other", N_("其他点位")


class Datum(Term):
    """The frame a coordinate was given in (坐标系)."""

    WGS84 = "wgs84", N_("WGS-84")
    GCJ02 = "gcj02", N_("GCJ-02（国测局坐标）")


class DayKind(Term):
    """What the State Council's calendar makes of a day (日历)."""

    WORKDAY = "workday", N_("工作日")
    HOLIDAY = "holiday", N_("休息日")


class Nature(Term):
    """What an activity is in law (活动性质); only 志愿服务 may be recorded, 民政部令第67号第十九条."""

    VOLUNTEER = "volunteer", N_("志愿服务")
    DUTY = "duty", N_("公务值守")
    TRAINING = "training", N_("培训")
    OTHER = "other", N_("其他")


class ActivityState(Term):
    """State of an activity (活动状态)."""

    DRAFT = "draft", N_("草稿")
    PUBLISHED = "published", N_("已发布")
    CANCELLED = "cancelled", N_("已取消")
    CLOSED = "closed", N_("已结束")


class ShiftState(Term):
    """State of a shift (班次状态)."""

    PLANNED = "planned", N_("待排班")
    PUBLISHED = "published", N_("已发布")
    CANCELLED = "cancelled", N_("已取消")
    SETTLED = "settled", N_("已结算")


class RunState(Term):
    """State of a scheduling run (排班任务状态)."""

    QUEUED = "queued", N_("排队中")
    RUNNING = "running", N_("计算中")
    FINISHED = "finished", N_("已完成")
    CANCELLED = "cancelled", N_("已停止")
    FAILED = "failed", N_("未能完成")


class DraftState(Term):
    """State of a draft roster (排班草案状态)."""

    OPEN = "open", N_("编辑中")
    PUBLISHED = "published", N_("已发布")
    DISCARDED = "discarded", N_("已弃用")


class AssignmentState(Term):
    """What a person said to a proposed duty (派班状态); nobody may be forced, 《志愿服务条例》第二十五条."""

    PROPOSED = "proposed", N_("待确认")
    ACCEPTED = "accepted", N_("已接受")
    DECLINED = "declined", N_("已谢绝")
    EXPIRED = "expired", N_("逾期未答复")
    CANCELLED = "cancelled", N_("已取消")


class CancelCause(Term):
    """Why an assignment or a shift fell away (取消原因); only the first is the person's own."""

    BY_PERSON = "by_person", N_("本人请假")
    BY_UNIT = "by_unit", N_("单位取消")
    WEATHER = "weather", N_("天气原因")
    REPLACED = "replaced", N_("已换人")


class PinVerdict(Term):
    """A person's place fixed by hand before a run (锁定)."""

    MUST = "must", N_("锁定在岗")
    NEVER = "never", N_("不安排")


class AvailabilityLevel(Term):
    """How free a person is (可服务程度); only "cannot" binds the optimizer."""

    CAN = "can", N_("可以")
    RATHER_NOT = "rather_not", N_("尽量不")
    CANNOT = "cannot", N_("不可以")


class AvailabilityScope(Term):
    """Whether an availability repeats or is for one date (可服务时间类别)."""

    WEEKLY = "weekly", N_("每周")
    DATED = "dated", N_("指定日期")


class StampKind(Term):
    """The two stamps of a duty (签到、签退)."""

    IN = "in", N_("签到")
    OUT = "out", N_("签退")


class Way(Term):
    """How a stamp came about (签到方式)."""

    ROTATING_CODE = "rotating_code", N_("动态码")
    PERSONAL_CODE = "personal_code", N_("个人码")
    POSTER_CODE = "poster_code", N_("固定码")
    ROLL_CALL = "roll_call", N_("带队点名")
    LEADER_SELF = "leader_self", N_("带队自签")
    SYSTEM_FAILURE = "system_failure", N_("系统故障登记")
    AUTO_CLOSE = "auto_close", N_("自动签退")
    MAKE_UP = "make_up", N_("补录")


class FenceVerdict(Term):
    """Where a fix lies (定位结果); one that is too coarse says nothing."""

    INSIDE = "inside", N_("在点位范围内")
    OUTSIDE = "outside", N_("不在点位范围内")
    UNKNOWN = "unknown", N_("无法判断")


class DistanceBucket(Term):
    """How far from the point a fix lay, as coarsely as it is kept (距离)."""

    WITHIN_100 = "within_100", N_("100 米以内")
    WITHIN_300 = "within_300", N_("100 至 300 米")
    WITHIN_1000 = "within_1000", N_("300 米至 1 千米")
    WITHIN_5000 = "within_5000", N_("1 至 5 千米")
    BEYOND_5000 = "beyond_5000", N_("5 千米以外")


class Attendance(Term):
    """Where a person stands in a duty (到岗状态), derived from stamps."""

    EXPECTED = "expected", N_("待到岗")
    PRESENT = "present", N_("在岗")
    LEFT = "left", N_("已签退")
    AUTO_CLOSED = "auto_closed", N_("自动签退")
    ABSENT = "absent", N_("缺岗")
    EXCUSED = "excused", N_("已请假")


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


class ChainFault(Term):
    """What was done to a sealed row behind the product's back (台账异常)."""

    EDITED = "edited", N_("被改动")
    DELETED = "deleted", N_("被删除")
    INSERTED = "inserted", N_("被插入")
    REORDERED = "reordered", N_("顺序被调换")


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
    SUPERSEDED = "superseded", N_("已被新证明取代")
    REVOKED = "revoked", N_("已撤销")


class ConsentPurpose(Term):
    """What a consent is for (同意事项), each given and withdrawn alone; 《个人信息保护法》第十四条、第十五条."""

    ACCOUNT = "account", N_("账号与排班")
    IDENTITY = "identity", N_("证件号码用于身份核验和保险")
    LOCATION = "location", N_("签到时的定位")
    PHOTO = "photo", N_("现场照片")
    PUBLIC_DISPLAY = "public_display", N_("在排行和光荣榜公开展示")
    TRANSFER = "transfer", N_("报送全国系统和保险机构")


class StandingBasis(Term):
    """By what a standing orders (排行依据)."""

    TOTAL = "total", N_("总时长")
    PER_HEAD = "per_head", N_("人均时长")
    PARTICIPATIONS = "participations", N_("参与人次")
    ACTIVE_RATE = "active_rate", N_("活跃率")


class InspectionKind(Term):
    """Who inspects (检查类型)."""

    NATIONAL = "national", N_("国检")
    PROVINCIAL = "provincial", N_("省检")
    REVIEW = "review", N_("复审")
    CITY = "city", N_("市级督查")


class JobState(Term):
    """State of a background job (后台任务状态)."""

    QUEUED = "queued", N_("排队中")
    RUNNING = "running", N_("进行中")
    DONE = "done", N_("已完成")
    FAILED = "failed", N_("失败")
    CANCELLED = "cancelled", N_("已取消")


class Channel(Term):
    """By which way a message goes (通知渠道)."""

    IN_APP = "in_app", N_("站内")
    WECHAT = "wechat", N_("微信")
    SMS = "sms", N_("短信")


class MessageState(Term):
    """State of a message (通知状态); skipped is not failed."""

    QUEUED = "queued", N_("待发送")
    SENT = "sent", N_("已发送")
    SKIPPED = "skipped", N_("无需发送")
    FAILED = "failed", N_("发送失败")
