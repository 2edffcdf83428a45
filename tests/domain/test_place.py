import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteer.domain import place
from volunteer.domain.place import Fix, LatLon
from volunteer.domain.terms import Datum, DistanceBucket, FenceVerdict

SHAOYANG = LatLon(27.239, 111.468)
CHINA = st.builds(LatLon, st.floats(20, 50), st.floats(75, 130))
NEAR = st.builds(LatLon, st.floats(27.0, 27.5), st.floats(111.2, 111.8))


def off(metres: float, direction: float = 0) -> LatLon:
    turn = math.radians(direction)
    return place.from_plane((metres * math.sin(turn), metres * math.cos(turn)), SHAOYANG)


def test_a_degree_of_latitude():
    assert place.metres_between(LatLon(27, 111), LatLon(28, 111)) == pytest.approx(111_195, abs=1)


def test_both_frames_lie_658_metres_apart_here():
    shifted = place.wgs84_to_gcj02(SHAOYANG)
    assert place.metres_between(SHAOYANG, shifted) == pytest.approx(658, abs=1)


def test_a_known_pair_in_beijing():
    shifted = place.wgs84_to_gcj02(LatLon(39.9087, 116.3975))
    assert shifted == pytest.approx((39.910103, 116.403744), abs=1e-6)


@given(CHINA)
def test_there_and_back(at):
    back = place.gcj02_to_wgs84(place.wgs84_to_gcj02(at))
    assert place.metres_between(at, back) < 0.001


def test_abroad_there_is_no_shift():
    for at in (LatLon(48.85, 2.35), LatLon(-33.9, 151.2), LatLon(0, 0)):
        assert place.wgs84_to_gcj02(at) == at
        assert place.gcj02_to_wgs84(at) == at


@given(NEAR)
def test_the_plane_keeps_distances(at):
    east, north = place.plane_metres(at, SHAOYANG)
    straight = place.metres_between(SHAOYANG, at)
    assert math.hypot(east, north) == pytest.approx(straight, rel=0.003, abs=2)


@given(NEAR)
def test_the_plane_goes_back(at):
    back = place.from_plane(place.plane_metres(at, SHAOYANG), SHAOYANG)
    assert place.metres_between(at, back) < 1.5


@given(NEAR)
def test_a_cell_says_no_more_than_250_metres(at):
    east, north = place.plane_metres(at, SHAOYANG)
    x, y = place.cell_metres(place.home_cell(at, SHAOYANG))
    assert max(abs(east - x), abs(north - y)) <= place.CELL_METRES / 2


@pytest.mark.parametrize(
    ("distance", "radius", "accuracy", "verdict"),
    [
        (0, 50, 10, FenceVerdict.INSIDE),
        (99, 50, 0, FenceVerdict.INSIDE),
        (101, 50, 0, FenceVerdict.OUTSIDE),
        (150, 50, 60, FenceVerdict.INSIDE),
        (290, 100, 200, FenceVerdict.INSIDE),
        (350, 100, 400, FenceVerdict.UNKNOWN),
        (501, 100, 400, FenceVerdict.OUTSIDE),
        (0, 100, 501, FenceVerdict.UNKNOWN),
        (5_000, 100, 2_000, FenceVerdict.UNKNOWN),
        (5_000, 100, 30, FenceVerdict.OUTSIDE),
        (380, 400, 5, FenceVerdict.INSIDE),
        (0, 100, -1, FenceVerdict.UNKNOWN),
        (0, 100, float("nan"), FenceVerdict.UNKNOWN),
    ],
)
def test_the_fence(distance, radius, accuracy, verdict):
    assert place.fence(distance, radius, accuracy) is verdict


@given(st.floats(0, 20_000), st.floats(0, 1_000), st.floats(0, 1_000))
def test_coming_nearer_never_puts_one_outside(distance, radius, accuracy):
    order = [FenceVerdict.INSIDE, FenceVerdict.UNKNOWN, FenceVerdict.OUTSIDE]
    here = order.index(place.fence(distance, radius, accuracy))
    nearer = order.index(place.fence(distance / 2, radius, accuracy))
    assert nearer <= here


@pytest.mark.parametrize("datum", list(Datum))
@pytest.mark.parametrize("metres", [0, 40, 90, 110, 400, 3000])
def test_where_a_phone_is_does_not_depend_on_its_frame(metres, datum):
    at = off(metres, 70)
    reported = place.wgs84_to_gcj02(at) if datum is Datum.GCJ02 else at
    seen = place.locate(Fix(reported, 5, datum), SHAOYANG, 100)
    assert seen.verdict is (FenceVerdict.INSIDE if metres <= 105 else FenceVerdict.OUTSIDE)


def test_a_frame_mistaken_for_the_other_is_caught():
    mistaken = Fix(place.wgs84_to_gcj02(SHAOYANG), 5, Datum.WGS84)
    assert place.locate(mistaken, SHAOYANG, 100).verdict is FenceVerdict.OUTSIDE


def test_only_a_bucket_is_kept():
    seen = place.locate(Fix(off(420), 8.4), SHAOYANG, 100)
    assert seen == place.Whereabouts(FenceVerdict.OUTSIDE, DistanceBucket.WITHIN_1000, 8)
    assert place.locate(None, SHAOYANG, 100) is place.NOWHERE
    assert place.locate(Fix(off(0), 8), None, 100) is place.NOWHERE


def test_buckets():
    values = [0, 100, 101, 300, 999, 5_000, 5_001]
    assert [place.bucket_of(v).value for v in values] == [
        "within_100", "within_100", "within_300", "within_300", "within_1000", "within_5000",
        "beyond_5000",
    ]  # fmt: skip


def test_bearings():
    assert [round(place.bearing(SHAOYANG, off(800, d))) for d in (0, 90, 180, 270)] == [
        0, 90, 180, 270,
    ]  # fmt: skip
    assert place.bearing(SHAOYANG, SHAOYANG) == 0


def test_a_phone_that_does_not_name_its_datum_is_read_both_ways():
    here = Fix(place.wgs84_to_gcj02(SHAOYANG), 5)
    seen = place.locate(here, SHAOYANG, 200)
    assert (seen.verdict, seen.bucket, seen.is_datum_doubtful) == (FenceVerdict.UNKNOWN, None, True)
    said = place.locate(Fix(SHAOYANG, 5), SHAOYANG, 200)
    assert (said.verdict, said.is_datum_doubtful) == (FenceVerdict.INSIDE, False)
    far = place.from_plane((5000, 0), SHAOYANG)
    assert place.locate(Fix(far, 5), SHAOYANG, 200).verdict is FenceVerdict.OUTSIDE
    named = Fix(place.wgs84_to_gcj02(SHAOYANG), 5, Datum.WGS84)
    assert place.locate(named, SHAOYANG, 200).verdict is FenceVerdict.OUTSIDE
