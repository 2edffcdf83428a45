"""Coordinates as people have them (坐标录入): two figures in a known datum, or a link out of a map.

AMap writes GCJ-02 into its links. Latitudes and longitudes of China do not overlap (18 to 54, 73 to
135), so the order of a pair says itself.
"""

import re
from urllib.parse import quote, unquote

from volunteer.domain.place import LatLon, in_wgs84, metres_between, wgs84_to_gcj02
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import Datum
from volunteer.domain.words import N_

FARTHEST_METRES = 60_000
"""A point lies within so many metres of the middle of its district."""

_FIGURE = re.compile(r"(?<![\d.])-?\d{1,3}\.\d{3,}(?!\d)")
_SHORT_LINK = re.compile(r"surl\.amap\.com|j\.map\.baidu\.com")
_FOREIGN = re.compile(r"map\.baidu\.com|bdmap://|baidumap")


def _is_lat(value: float) -> bool:
    return 3 <= value <= 54


def _is_lon(value: float) -> bool:
    return 72 <= value <= 136


def _refused(code: str, sentence: str, hint: str = "", *, field: str = "link") -> Refused:
    return Refused(code, sentence, hint, field=field, status=422)


def read_map_link(text: str) -> LatLon:
    """Return the coordinate in a link that AMap shared, or in two pasted figures, as GCJ-02.

    Raises
    ------
    Refused
        ``short_link`` for a link that only AMap itself can resolve, ``foreign_map`` for another map
        with a datum of its own, ``no_coordinate`` when there are no two figures in it.
    """
    plain = unquote(unquote(text.strip()))
    if _FOREIGN.search(plain):
        hint = N_("请在高德地图里找到同一位置后分享。")
        raise _refused("foreign_map", N_("百度地图用的是另一种坐标，不能直接使用。"), hint)
    figures = [float(figure) for figure in _FIGURE.findall(plain)]
    for one, other in zip(figures, figures[1:], strict=False):
        if _is_lat(one) and _is_lon(other):
            return LatLon(one, other)
        if _is_lon(one) and _is_lat(other):
            return LatLon(other, one)
    if _SHORT_LINK.search(plain):
        hint = N_("请在浏览器里打开它，再复制地址栏里的长链接。")
        raise _refused("short_link", N_("这是短链接，里面没有坐标。"), hint)
    hint = N_("链接里应有类似 111.468000,27.238000 的两个数字。")
    raise _refused("no_coordinate", N_("没有在链接里找到坐标。"), hint)


def read_pair(lat: float, lon: float, datum: Datum) -> LatLon:
    """Return two typed figures as WGS-84.

    Raises
    ------
    Refused
        ``swapped`` when they stand in each other's place, ``not_in_china`` otherwise.
    """
    if _is_lat(lon) and _is_lon(lat):
        raise _refused("swapped", N_("纬度和经度填反了，请对调。"), field="lat")
    if not (_is_lat(lat) and _is_lon(lon)):
        hint = N_("邵阳市区的纬度约 27.2，经度约 111.5。")
        raise _refused("not_in_china", N_("这个坐标不在国内。"), hint, field="lat")
    return in_wgs84(LatLon(lat, lon), datum)


def require_near(at: LatLon, centre: LatLon | None) -> None:
    """Pass if a point lies near the middle of its district, or the middle is not known.

    Raises
    ------
    Refused
        ``far_away``.
    """
    if centre is None:
        return
    metres = metres_between(at, centre)
    if metres > FARTHEST_METRES:
        raise Refused(
            "far_away",
            N_("这个坐标离所在区的中心有 %(km)d 千米，可能填错了。"),
            N_("请核对经纬度、坐标系和所在区。"),
            field="lat",
            status=422,
            values={"km": round(metres / 1000)},
        )


def datum_shift_metres(at: LatLon) -> int:
    """Return by how many metres a point would be off if its datum were mistaken for the other."""
    return round(metres_between(at, wgs84_to_gcj02(at)))


def amap_link(at: LatLon, name: str) -> str:
    """Return the address that opens AMap at a WGS-84 coordinate; AMap asks for GCJ-02, longitude first."""
    there = wgs84_to_gcj02(at)
    marker = f"position={there.lon:.6f},{there.lat:.6f}&name={quote(name)}"
    return f"https://uri.amap.com/marker?{marker}&src=volunteer&coordinate=gaode"
