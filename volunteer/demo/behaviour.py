"""How people of the demo come and go (到岗习惯): mostly a little early, some late, a few not at all."""

import random
from datetime import datetime, timedelta
from typing import Any

from volunteer.domain.attendance import grade_of
from volunteer.domain.place import bucket_of
from volunteer.domain.terms import FenceVerdict, StampKind, Way
from volunteer.models.activities import Shift
from volunteer.models.rosters import Assignment

WAYS = ((Way.ROTATING_CODE, 80), (Way.PERSONAL_CODE, 7), (Way.ROLL_CALL, 10), (Way.POSTER_CODE, 3))


class Habits:
    """Seeded habits; the same seed gives the same stamps."""

    def __init__(self, rng: random.Random, located: set[int]) -> None:
        self.rng = rng
        self.located = located
        """Volunteers who agreed to one fix at check-in and one at check-out."""

    def of_shift(
        self, shift: Shift, seats: list[Assignment], until: datetime
    ) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """The stamps and the leader's notes of one shift, up to an instant."""
        rng = self.rng
        stamps: list[dict[str, Any]] = []
        notes: list[dict[str, Any]] = []
        system_failed = rng.random() < 0.012
        for seat in seats:
            fate = rng.random()
            if fate < 0.022:
                if fate < 0.012:
                    notes.append(self._note(seat, shift))
                continue
            way = Way.SYSTEM_FAILURE if system_failed else self._way()
            came = shift.starts_at + timedelta(seconds=self._arrival())
            went = self._departure(shift)
            if came < until:
                stamps.append(self._stamp(seat, shift, StampKind.IN, came, way))
            if went is not None and went < until:
                stamps.append(self._stamp(seat, shift, StampKind.OUT, went, way))
        return stamps, [note for note in notes if note["at"] < until]

    def _way(self) -> Way:
        return self.rng.choices([way for way, _ in WAYS], [share for _, share in WAYS])[0]

    def _arrival(self) -> int:
        """Seconds after the start: mostly before, one in eight late, the tail to 21 minutes."""
        if self.rng.random() < 0.12:
            return int(min(21 * 60, 60 + self.rng.expovariate(1 / 300)))
        return -self.rng.randint(20, 9 * 60)

    def _departure(self, shift: Shift) -> datetime | None:
        """When somebody checked out; None where it was forgotten."""
        fate = self.rng.random()
        if fate < 0.055:
            return None
        if fate < 0.13:
            return shift.ends_at - timedelta(seconds=self.rng.randint(120, 15 * 60))
        return shift.ends_at + timedelta(seconds=self.rng.randint(5, 12 * 60))

    def _stamp(
        self, seat: Assignment, shift: Shift, kind: StampKind, at: datetime, way: Way
    ) -> dict[str, Any]:
        is_located = seat.volunteer_id in self.located and way is Way.ROTATING_CODE
        fence = FenceVerdict.INSIDE if is_located else FenceVerdict.UNKNOWN
        late = int((at - shift.starts_at).total_seconds() // 60) if kind is StampKind.IN else 0
        early = int((shift.ends_at - at).total_seconds() // 60) if kind is StampKind.OUT else 0
        return {
            "assignment_id": seat.id,
            "shift_id": shift.id,
            "volunteer_id": seat.volunteer_id,
            "kind": kind,
            "round": 1,
            "at": at,
            "received_at": at,
            "way": way,
            "grade": grade_of(way, fence),
            "nonce": f"demo-{seat.id}-{kind.value}",
            "late_minutes": max(0, late),
            "early_minutes": max(0, early),
            "place_verdict": fence,
            "distance_bucket": bucket_of(self.rng.randint(5, 150)) if is_located else None,
            "is_forced": False,
            "signals": [],
            "accuracy_metres": self.rng.randint(8, 60) if is_located else None,
            "by_account_id": None,
            "reason": "现场二维码无法刷新，带队登记在场" if way is Way.SYSTEM_FAILURE else "",
        }

    def _note(self, seat: Assignment, shift: Shift) -> dict[str, Any]:
        return {
            "assignment_id": seat.id,
            "verdict": "excused",
            "reason": self.rng.choice(("临时就医，已电话请假", "单位紧急任务", "家中有急事")),
            "by_account_id": 0,
            "at": shift.starts_at + timedelta(minutes=6),
        }
