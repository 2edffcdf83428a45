"""Where one can go (导航): one table for the desk and one for the phone; shown by what one may do."""

from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from volunteer.domain.access import Act


@dataclass(frozen=True, slots=True)
class Place:
    """One entry: its words, endpoint, icon, the acts that open it, the endpoints it stands
    for, and the acts whose holders have a better entry."""

    label: str | LazyString
    endpoint: str
    icon: str
    acts: tuple[Act, ...] = ()
    prefixes: tuple[str, ...] = ()
    raised: bool = False
    unless: tuple[Act, ...] = ()


DESK = (
    Place(_l("总览"), "organizer_home.home", "gauge", (Act.VIEW_ACTIVITIES,), ("organizer_home.",)),
    Place(
        _l("排班看板"),
        "rosters.board",
        "layout-board",
        (Act.VIEW_ROSTERS,),
        ("rosters.", "roster_papers.", "planning.", "drafts.", "mending."),
    ),
    Place(
        _l("活动"),
        "activities.listing",
        "calendar-event",
        (Act.VIEW_ACTIVITIES,),
        ("activities.", "shifts.", "shift_"),
    ),
    Place(
        _l("志愿者"),
        "people.listing",
        "users",
        (Act.VIEW_PEOPLE,),
        ("people.", "people_", "rolls."),
    ),
    Place(
        _l("现场"),
        "onsite.today",
        "qrcode",
        (Act.RUN_ONSITE, Act.VIEW_ATTENDANCE),
        ("onsite.", "deferred.", "paper_roll.", "spots."),
    ),
    Place(
        _l("时长"),
        "hours.records",
        "clock",
        (Act.VIEW_HOURS,),
        (
            "hours.",
            "unit_certificates.",
            "stars.",
            "honours.",
            "targets.",
            "tickets.",
            "make_ups.",
            "recording.",
            "cases.",
        ),
    ),
    Place(_l("排行统计"), "standings.overview", "trophy", (Act.VIEW_STANDINGS,), ("standings.",)),
    Place(
        _l("城市管理"),
        "city.overview",
        "settings",
        (Act.MANAGE_UNITS, Act.VIEW_SETTINGS, Act.VIEW_AUDIT),
        (
            "city.",
            "settings.",
            "units.",
            "places.",
            "areas.",
            "kinds.",
            "skills.",
            "calendar.",
            "campaigns.",
            "oversight.",
            "privacy.",
            "trust_figures.",
            "accounts.",
        ),
    ),
    Place(
        _l("资料"),
        "units.listing",
        "building",
        (Act.VIEW_UNITS,),
        ("units.", "places.", "areas.", "kinds.", "skills.", "calendar.", "campaigns."),
        unless=(Act.MANAGE_UNITS, Act.VIEW_SETTINGS),
    ),
)

SECTIONS = (
    Place(
        _l("概况"),
        "city.overview",
        "gauge",
        (Act.MANAGE_UNITS, Act.VIEW_SETTINGS, Act.VIEW_AUDIT),
        ("city.",),
    ),
    Place(_l("单位"), "units.listing", "building", (Act.VIEW_UNITS,), ("units.",)),
    Place(_l("点位"), "places.listing", "map-pin", (Act.VIEW_PLACES,), ("places.",)),
    Place(_l("区划"), "areas.listing", "map-2", (Act.VIEW_PLACES,), ("areas.",)),
    Place(_l("服务类型"), "kinds.listing", "star", (Act.VIEW_KINDS,), ("kinds.", "skills.")),
    Place(_l("日历"), "calendar.year", "calendar", (Act.VIEW_CALENDAR,), ("calendar.",)),
    Place(_l("迎检"), "campaigns.listing", "flag", (Act.VIEW_CAMPAIGNS,), ("campaigns.",)),
    Place(_l("账号"), "accounts.listing", "key", (Act.VIEW_AUDIT,), ("accounts.",)),
    Place(_l("参数"), "settings.figures", "settings", (Act.VIEW_SETTINGS,), ("settings.",)),
    Place(_l("隐私"), "privacy.compliance", "shield-check", (Act.VIEW_SETTINGS,), ("privacy.",)),
    Place(
        _l("监督"), "oversight.audit", "eye", (Act.VIEW_AUDIT,), ("oversight.", "trust_figures.")
    ),
)
"""The rooms of 城市管理, as tabs above each of its pages."""

PHONE = (
    Place(_l("首页"), "me.home", "home", (Act.OWN_DUTIES,), ("me.home",)),
    Place(_l("班次"), "me.duties", "calendar-event", (Act.OWN_DUTIES,), ("me.dut",)),
    Place(
        _l("签到"), "scan.open_scanner", "scan", (Act.OWN_STAMPS,), ("scan.", "spot."), raised=True
    ),
    Place(
        _l("时长"),
        "record.hours",
        "trophy",
        (Act.OWN_HOURS,),
        (
            "record.",
            "certificates.",
            "recognition.",
            "my_tickets.",
            "my_make_ups.",
            "recap.",
            "my_cases.",
        ),
    ),
    Place(_l("我的"), "profile.show", "user", (Act.OWN_PROFILE,), ("profile.",)),
)
