"""One item of a phone's queue (离线记录的一条), as it was sent: read strictly, and known by its digest.

A phone may send anything. What has the shape of an item becomes one; what has not is kept by its digest,
so that even that is not dropped in silence.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from volunteer.domain.place import Fix, LatLon
from volunteer.domain.terms import Datum, DeferredAct, DeferredSource

LONGEST_CODE = 40
_NONCE = re.compile(r"[A-Za-z0-9_-]{8,64}")
_FIGURES = re.compile(r"[0-9]{6}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST_MS, _LATEST_MS = (
    0,
    4_102_444_800_000,
)  # a phone may think that it is any day from 1970 to 2099
_LARGEST_ID = 2**31 - 1
_LARGEST_OFFSET = 10 * 365 * 86_400


@dataclass(frozen=True, slots=True)
class Item:
    """One tap without a signal.

    ``device_at`` is the phone's clock at the tap, ``offset`` what had to be added to it at its last
    contact with the server (None: it never had one). ``code`` is the text of the code that was scanned,
    ``digits`` what was typed instead.
    """

    nonce: str
    source: DeferredSource
    act: DeferredAct
    device_at: datetime
    offset: timedelta | None
    shift_id: int | None = None
    person_id: int | None = None
    code: str = ""
    digits: str = ""
    fix: Fix | None = None

    @property
    def claimed_at(self) -> datetime:
        """The instant of the tap, by the server's clock as far as the phone knew it."""
        return self.device_at + (self.offset or timedelta(0))


def digest_of_item(raw: object) -> str:
    """Return the SHA-256 of an item's canonical JSON: the same item again has the same one."""
    text = json.dumps(raw, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def read_item(raw: object) -> Item | None:
    """Return the item that this value is, or nothing where it has not the shape of one."""
    if not isinstance(raw, Mapping):
        return None
    try:
        return Item(
            nonce=_matched(_NONCE, raw["nonce"]),
            source=DeferredSource[str(raw["source"]).upper()],
            act=DeferredAct[str(raw["act"]).upper()],
            device_at=_instant(raw["device_at"]),
            offset=_offset(raw.get("offset")),
            shift_id=_id(raw.get("shift")),
            person_id=_id(raw.get("person")),
            code=_code(raw.get("code")),
            digits=_digits(raw.get("digits")),
            fix=_fix(raw.get("fix")),
        )
    except (KeyError, TypeError, ValueError):
        return None


def _matched(pattern: re.Pattern[str], value: object) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise ValueError("not of the shape")
    return value


def _whole(value: object, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ValueError("not a whole number within bounds")
    return value


def _instant(value: object) -> datetime:
    return _EPOCH + timedelta(milliseconds=_whole(value, _EARLIEST_MS, _LATEST_MS))


def _offset(value: object) -> timedelta | None:
    if value is None:
        return None
    return timedelta(seconds=_whole(value, -_LARGEST_OFFSET, _LARGEST_OFFSET))


def _id(value: object) -> int | None:
    return None if value is None else _whole(value, 1, _LARGEST_ID)


def _code(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > LONGEST_CODE:
        raise ValueError("not a code")
    return value


def _digits(value: object) -> str:
    return "" if value in (None, "") else _matched(_FIGURES, value)


def _fix(value: object) -> Fix | None:
    """A place that makes no sense is no place: it costs nobody the stamp."""
    if not isinstance(value, Mapping):
        return None
    numbers = [value.get(name) for name in ("lat", "lon", "accuracy")]
    if any(isinstance(n, bool) or not isinstance(n, int | float) for n in numbers):
        return None
    lat, lon, accuracy = (float(n) for n in numbers if isinstance(n, int | float))
    if not (-90 <= lat <= 90 and -180 <= lon <= 180 and 0 <= accuracy <= 100_000):
        return None
    datum = next((one for one in Datum if one.value == value.get("datum")), None)
    return Fix(LatLon(lat, lon), accuracy, datum)
