"""What each unit of the demo city does again and again."""

from collections.abc import Iterator
from dataclasses import dataclass

from volunteer.demo.city import Ground
from volunteer.domain.terms import Nature, PointKind


@dataclass(frozen=True)
class Routine:
    """One thing a unit does again and again: ``days`` are weekdays, or "workdays"."""

    unit: str
    kind: str
    points: tuple[str, ...]
    days: tuple[int, ...] | str
    slots: tuple[tuple[str, str], ...]
    joint: tuple[str, ...] = ()
    heads: tuple[int, int, int] | None = None
    title: str = ""
    breaks: tuple[tuple[int, int], ...] = ()
    nature: Nature = Nature.VOLUNTEER


PEAKS = (("07:30", "08:30"), ("17:30", "18:30"))
MORNING = (("07:30", "08:30"),)


def routines_at_points(ground: Ground) -> Iterator[Routine]:
    """What the responsible unit of each point does there."""
    for name, point in ground.points.items():
        if name not in ground.responsible:
            continue
        unit = ground.responsible[name]
        if point.kind is PointKind.CROSSING:
            yield Routine(unit, "traffic", (name,), "workdays", PEAKS)
        if point.kind is PointKind.ROAD_SECTION:
            yield Routine(unit, "road_inspection", (name,), (0, 2, 4), (("08:30", "10:30"),))
            yield Routine(unit, "traffic", (name,), (4,), MORNING, heads=(4, 6, 8))
        if point.kind is PointKind.STATION:
            yield Routine(unit, "traffic", (name,), "workdays", MORNING, heads=(2, 3, 4))
            yield Routine(
                "市救助管理站",
                "street_patrol",
                (name,),
                (1, 3),
                (("08:00", "12:00"),),
                breaks=((120, 135),),
            )
        if point.kind is PointKind.MARKET:
            yield Routine(unit, "cleaning", (name,), (5,), (("08:30", "10:30"),), heads=(6, 9, 14))
        if point.kind is PointKind.NET_CAFE:
            yield Routine(unit, "net_cafe", (name,), (2, 4, 5), (("19:30", "21:30"),))
            yield Routine(unit, "net_cafe", (name,), (6,), (("15:00", "17:00"),))
        if point.kind is PointKind.CARE_HOME:
            yield Routine(unit, "elderly", (name,), (1, 3, 5), (("09:00", "10:30"),))
            yield Routine(
                "市医保局",
                "elderly",
                (name,),
                (2,),
                (("14:30", "16:30"),),
                title="医保政策进敬老院",
            )


TIED_KINDS = ("cleaning", "household", "elderly", "household")
TIED_SLOTS = (("08:30", "10:30"), ("15:00", "17:00"), ("09:00", "10:30"), ("18:30", "20:00"))


def routines_of_ties(ground: Ground) -> Iterator[Routine]:
    """What each unit does in its tied community (联点): one thing a week, on its own weekday."""
    for index, (unit, communities) in enumerate(ground.ties.items()):
        for place, community in enumerate(communities):
            turn = (index + place) % len(TIED_KINDS)
            weekday = (4, 5, 2, 3, 0)[(index + 2 * place) % 5]
            yield Routine(
                unit,
                TIED_KINDS[turn],
                (f"{community}文明实践站",),
                (weekday,),
                (TIED_SLOTS[turn],),
                title=f"{community}联点{TIED_NAMES[turn]}",
                heads=(4, 6, 9),
            )


TIED_NAMES = ("环境清洁", "入户走访", "关爱老人", "敲门行动")

STANDING = (
    Routine("城南街道办事处", "greenery", ("城南公园",), (5,), (("09:00", "11:00"),)),
    Routine("市市政工程总公司", "greenery", ("爱莲池公园",), (3,), (("14:30", "16:00"),)),
    Routine("小江湖街道办事处", "cleaning", ("爱莲池公园",), (6,), (("08:30", "10:30"),)),
    Routine(
        "市医保局",
        "cleaning",
        ("人民巷社区居民区",),
        (5,),
        (("08:30", "10:30"),),
        title="人民巷社区周末清洁",
    ),
    Routine(
        "观音塘社区居委会",
        "household",
        ("观音塘社区居民区",),
        (1, 3),
        (("18:30", "20:00"),),
        title="观音塘楼栋包干入户走访",
    ),
    Routine("资园社区居委会", "household", ("资园社区居民区",), (2,), (("18:30", "20:00"),)),
    Routine("资园社区居委会", "hazard_waste", ("资园社区居民区",), (5,), (("09:00", "11:00"),)),
    Routine(
        "市公安局",
        "posters",
        ("湘运市场",),
        (1,),
        (("14:30", "17:00"),),
        joint=("市创文办", "大祥公安分局"),
    ),
    Routine(
        "北塔区城管执法局",
        "parking_order",
        ("320国道资园路口",),
        (3,),
        (("09:00", "11:00"),),
        joint=("双清交警大队", "资园社区居委会"),
    ),
    Routine(
        "市中心医院",
        "elderly",
        ("观音塘社区居民区",),
        (0,),
        (("14:30", "16:30"),),
        title="社区义诊与慢病随访",
    ),
    Routine(
        "北塔区税务局",
        "household",
        ("资园社区居民区",),
        (5,),
        (("09:00", "10:30"),),
        title="便民办税入户辅导",
    ),
    Routine(
        "市行政审批服务局",
        "elderly",
        ("人民巷社区居民区",),
        (4,),
        (("09:00", "10:30"),),
        title="帮老人网上办事",
    ),
    Routine(
        "市住建局",
        "road_inspection",
        ("魏源路—西湖路路口",),
        (5,),
        (("08:30", "12:00"),),
        title="节假日应急值守",
        nature=Nature.DUTY,
        heads=(2, 2, 3),
    ),
)
