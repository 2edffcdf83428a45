"""Place (地点): distances, the fence around a point, and the two coordinate frames used in China.

Phones and Chinese maps mostly speak GCJ-02, satellites WGS-84; in Shaoyang the two lie about
658 m apart, so a coordinate without its datum is worthless. One fix is taken at check-in and
one at check-out, and only the verdict, a distance bucket and the accuracy are kept:
《个人信息保护法》第二十八条 counts a person's track as sensitive.
"""

from dataclasses import dataclass
from math import asin, atan2, cos, degrees, hypot, pi, radians, sin, sqrt
from typing import NamedTuple

from volunteer.domain.terms import Datum, DistanceBucket, FenceVerdict

EARTH_METRES = 6_371_008.8
CELL_METRES = 250
#: No fence is tighter than this: a phone between high houses is easily 50 m off.
MIN_RADIUS_METRES = 100
#: So much of a fix's own accuracy is added to the fence.
ACCURACY_CREDIT_METRES = 200
#: A fix coarser than this says nothing.
COARSE_METRES = 500

_AXIS = 6_378_245.0  # Krasovsky 1940, on which GCJ-02 is computed
_ECCENTRICITY2 = 0.006_693_421_622_965_943


class LatLon(NamedTuple):
    """A coordinate in degrees."""

    lat: float
    lon: float


def metres_between(one: LatLon, other: LatLon) -> float:
    """Return the great-circle distance in metres; both must be in the same datum."""
    lat1, lat2 = radians(one.lat), radians(other.lat)
    half = sin((lat2 - lat1) / 2) ** 2
    half += cos(lat1) * cos(lat2) * sin(radians(other.lon - one.lon) / 2) ** 2
    return 2 * EARTH_METRES * asin(min(1.0, sqrt(half)))


def _is_abroad(at: LatLon) -> bool:
    return not (0.8293 <= at.lat <= 55.8271 and 72.004 <= at.lon <= 137.8347)


def _waves(value: float, base: float, parts: tuple[tuple[float, float], ...]) -> float:
    """Sum the published sine series of one axis."""
    total = base
    for amplitude, wavelength in parts:
        total += amplitude * sin(value * pi / wavelength) * 2.0 / 3.0
    return total


def wgs84_to_gcj02(at: LatLon) -> LatLon:
    """Shift a WGS-84 coordinate into GCJ-02; outside China both are the same."""
    if _is_abroad(at):
        return at
    x, y = at.lon - 105.0, at.lat - 35.0
    root = 0.1 * sqrt(abs(x))
    ripple = ((20.0, 1 / 6), (20.0, 0.5))
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 2.0 * root
    north = _waves(x, north, ripple)
    north = _waves(y, north, ((20.0, 1.0), (40.0, 3.0), (160.0, 12.0), (320.0, 30.0)))
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + root
    east = _waves(x, east, (*ripple, (20.0, 1.0), (40.0, 3.0), (150.0, 12.0), (300.0, 30.0)))
    lat = radians(at.lat)
    magic = 1 - _ECCENTRICITY2 * sin(lat) ** 2
    meridian = _AXIS * (1 - _ECCENTRICITY2) / (magic * sqrt(magic))
    parallel = _AXIS / sqrt(magic) * cos(lat)
    return LatLon(at.lat + degrees(north / meridian), at.lon + degrees(east / parallel))


def gcj02_to_wgs84(at: LatLon) -> LatLon:
    """Find the WGS-84 coordinate that shifts onto this GCJ-02 one, to better than a millimetre."""
    guess = at
    for _ in range(10):
        shifted = wgs84_to_gcj02(guess)
        off = LatLon(at.lat - shifted.lat, at.lon - shifted.lon)
        guess = LatLon(guess.lat + off.lat, guess.lon + off.lon)
        if max(abs(off.lat), abs(off.lon)) < 1e-10:
            break
    return guess


def in_wgs84(at: LatLon, datum: Datum) -> LatLon:
    """Return the coordinate in WGS-84, from whichever frame it was given in."""
    return gcj02_to_wgs84(at) if datum is Datum.GCJ02 else at


@dataclass(frozen=True, slots=True)
class Fix:
    """One position a phone reported: where, how accurately in metres, and in which datum.

    A browser should say WGS-84 and does not say what it did: some phones sold in China hand out GCJ-02.
    Without a datum both readings are tried before anybody is called far away.
    """

    at: LatLon
    accuracy: float
    datum: Datum | None = None


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """What is kept of a fix: the verdict, a distance bucket and the accuracy in whole metres.

    ``is_datum_doubtful`` tells that one reading of the fix lies outside and the other does not.
    """

    verdict: FenceVerdict
    bucket: DistanceBucket | None = None
    accuracy_metres: int | None = None
    is_datum_doubtful: bool = False


NOWHERE = Whereabouts(FenceVerdict.UNKNOWN)


def fence(distance: float, radius: float, accuracy: float) -> FenceVerdict:
    """Judge a distance to a point of the given radius, all in metres.

    Inside: within the radius (never tighter than 100 m) widened by the accuracy, at most 200 m.
    Unknown: the accuracy is over 500 m or leaves both answers open. It is evidence, not a gate.
    """
    if not 0 <= accuracy <= COARSE_METRES:
        return FenceVerdict.UNKNOWN
    edge = max(MIN_RADIUS_METRES, radius)
    if distance <= edge + min(accuracy, ACCURACY_CREDIT_METRES):
        return FenceVerdict.INSIDE
    if distance > edge + accuracy:
        return FenceVerdict.OUTSIDE
    return FenceVerdict.UNKNOWN


def bucket_of(distance: float) -> DistanceBucket:
    """Return the coarse bucket of a distance in metres, the only form in which it is kept."""
    for limit, bucket in (
        (100, DistanceBucket.WITHIN_100),
        (300, DistanceBucket.WITHIN_300),
        (1_000, DistanceBucket.WITHIN_1000),
        (5_000, DistanceBucket.WITHIN_5000),
    ):
        if distance <= limit:
            return bucket
    return DistanceBucket.BEYOND_5000


def locate(fix: Fix | None, point: LatLon | None, radius: float) -> Whereabouts:
    """Judge a fix against a point given in WGS-84; without either, nothing is known."""
    if fix is None or point is None:
        return NOWHERE
    distance = metres_between(in_wgs84(fix.at, fix.datum or Datum.WGS84), point)
    verdict = fence(distance, radius, fix.accuracy)
    accuracy = round(fix.accuracy) if fix.accuracy >= 0 else None
    if verdict is FenceVerdict.OUTSIDE and fix.datum is None:
        other = metres_between(in_wgs84(fix.at, Datum.GCJ02), point)
        if fence(other, radius, fix.accuracy) is not FenceVerdict.OUTSIDE:
            return Whereabouts(FenceVerdict.UNKNOWN, None, accuracy, is_datum_doubtful=True)
    bucket = bucket_of(distance) if verdict is not FenceVerdict.UNKNOWN else None
    return Whereabouts(verdict, bucket, accuracy)


def plane_metres(at: LatLon, centre: LatLon) -> tuple[int, int]:
    """Return metres east and north of a centre, on the flat plane that the optimizer uses."""
    north = radians(at.lat - centre.lat) * EARTH_METRES
    east = radians(at.lon - centre.lon) * EARTH_METRES * cos(radians(centre.lat))
    return round(east), round(north)


def from_plane(metres: tuple[float, float], centre: LatLon) -> LatLon:
    """Return the coordinate that lies so many metres east and north of a centre."""
    east, north = metres
    lat = centre.lat + degrees(north / EARTH_METRES)
    return LatLon(lat, centre.lon + degrees(east / (EARTH_METRES * cos(radians(centre.lat)))))


def home_cell(at: LatLon, centre: LatLon) -> tuple[int, int]:
    """Return the 250 m cell of a home: all that is ever kept of where a person lives."""
    east, north = plane_metres(at, centre)
    return east // CELL_METRES, north // CELL_METRES


def cell_metres(cell: tuple[int, int]) -> tuple[int, int]:
    """Return the middle of a cell in metres east and north of the centre."""
    half = CELL_METRES // 2
    return cell[0] * CELL_METRES + half, cell[1] * CELL_METRES + half


def coarsened(at: LatLon) -> LatLon:
    """Return the middle of the 250 m cell around a home; the exact place is forgotten."""
    centre = LatLon(float(round(at.lat)), float(round(at.lon)))  # any fixed ground will do
    east, north = cell_metres(home_cell(at, centre))
    rough = from_plane((east, north), centre)
    return LatLon(round(rough.lat, 5), round(rough.lon, 5))


def bearing(one: LatLon, other: LatLon) -> float:
    """Return the direction from one place to another in degrees clockwise from north."""
    east, north = plane_metres(other, one)
    return degrees(atan2(east, north)) % 360 if hypot(east, north) else 0.0
