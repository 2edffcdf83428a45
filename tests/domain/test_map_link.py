import pytest

from volunteer.domain.map_link import (
    amap_link,
    datum_shift_metres,
    read_map_link,
    read_pair,
    require_near,
)
from volunteer.domain.place import LatLon, in_wgs84, metres_between
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import Datum

HERE = LatLon(27.238, 111.468)


@pytest.mark.parametrize(
    "link",
    [
        "https://uri.amap.com/marker?position=111.468000,27.238000&name=%E8%B7%AF%E5%8F%A3",
        "https://www.amap.com/?q=27.238000,111.468000,红旗路",
        "https://ditu.amap.com/regeo?lng=111.468000&lat=27.238000",
        "https://uri.amap.com/navigation?to=111.468000%2C27.238000%2Cend",
        "我在高德地图分享了 111.468000, 27.238000",
        "27.238000 111.468000",
    ],
)
def test_a_link_tells_its_coordinate_in_either_order(link):
    assert read_map_link(link) == HERE


@pytest.mark.parametrize(
    ("link", "code"),
    [
        ("https://surl.amap.com/1aBcD", "short_link"),
        ("https://map.baidu.com/@12409876.5,3145678.2,19z", "foreign_map"),
        ("https://www.amap.com/place/B0FFG", "no_coordinate"),
        ("", "no_coordinate"),
        ("https://www.amap.com/?zoom=17.500&x=18.250", "no_coordinate"),
    ],
)
def test_a_link_without_a_coordinate_says_what_to_do(link, code):
    with pytest.raises(Refused) as told:
        read_map_link(link)
    assert (told.value.code, told.value.field) == (code, "link")


def test_a_typed_pair_becomes_wgs84():
    assert read_pair(*HERE, Datum.WGS84) == HERE
    shifted = read_pair(*HERE, Datum.GCJ02)
    assert 600 < metres_between(shifted, HERE) < 720
    assert 600 < datum_shift_metres(HERE) < 720


@pytest.mark.parametrize(
    ("lat", "lon", "code"), [(111.468, 27.238, "swapped"), (0.0, 0.0, "not_in_china")]
)
def test_a_pair_that_cannot_be_is_refused(lat, lon, code):
    with pytest.raises(Refused) as told:
        read_pair(lat, lon, Datum.WGS84)
    assert told.value.code == code


def test_a_point_lies_near_its_district():
    require_near(HERE, None)
    require_near(HERE, LatLon(27.24, 111.47))
    with pytest.raises(Refused) as told:
        require_near(HERE, LatLon(28.2, 112.9))
    assert told.value.code == "far_away"


def test_the_link_out_leads_back_to_the_same_place():
    link = amap_link(HERE, "红旗路口")
    assert link.startswith("https://uri.amap.com/marker?position=111.47")
    assert metres_between(in_wgs84(read_map_link(link), Datum.GCJ02), HERE) < 0.2
