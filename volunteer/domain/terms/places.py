"""Places and days (点位、坐标、日历)."""

from volunteer.domain.terms.word import Term
from volunteer.domain.words import N_


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


class DistanceBucket(Term):
    """How far from the point a fix lay, as coarsely as it is kept (距离)."""

    WITHIN_100 = "within_100", N_("100 米以内")
    WITHIN_300 = "within_300", N_("100 至 300 米")
    WITHIN_1000 = "within_1000", N_("300 米至 1 千米")
    WITHIN_5000 = "within_5000", N_("1 至 5 千米")
    BEYOND_5000 = "beyond_5000", N_("5 千米以外")


class FenceVerdict(Term):
    """Where a fix lies (定位结果); one that is too coarse says nothing."""

    INSIDE = "inside", N_("在点位范围内")
    OUTSIDE = "outside", N_("不在点位范围内")
    UNKNOWN = "unknown", N_("无法判断")


class DayKind(Term):
    """What the State Council's calendar makes of a day (日历)."""

    WORKDAY = "workday", N_("工作日")
    HOLIDAY = "holiday", N_("休息日")
