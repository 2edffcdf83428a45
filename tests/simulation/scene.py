"""The moment of an act in the simulation: chance, the clock, who is there, and what was acknowledged before."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import select

from tests.simulation.world import Cast
from volunteer.domain.access import Actor
from volunteer.domain.terms import ShiftState, StampKind
from volunteer.models.activities import Shift
from volunteer.models.attendance import CheckIn
from volunteer.models.base import db
from volunteer.models.people import Account
from volunteer.models.rosters import Assignment
from volunteer.queries.accounts import actor_of
from volunteer.queries.attendance import seat_at


@dataclass
class Scene:
    """The moment of an act: chance, the clock, who is there, and what was acknowledged before."""

    chance: Random
    at: datetime
    cast: Cast
    acked: dict[str, tuple[int, str, datetime]] = field(default_factory=dict)
    sent: list[tuple[str, int, str]] = field(default_factory=list)
    brought: dict[str, tuple[int, datetime]] = field(default_factory=dict)
    queue: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    serial: int = 0

    def nonce(self) -> str:
        """A nonce that no other page has."""
        self.serial += 1
        return f"simulated-{self.serial:06d}"

    def actor(self, account_id: int) -> Actor:
        """An account as it may act now."""
        account = db.session.get(Account, account_id, populate_existing=True)
        assert account is not None
        return actor_of(account, at=self.at)

    def organizer(self) -> Actor:
        """Somebody of the desk: mostly of the own unit, at times an office or another unit."""
        who = self.cast.organizers if self.chance.random() < 0.85 else self.cast.offices
        return self.actor(self.chance.choice(who))

    def person(self) -> int:
        """A volunteer, at times of another unit."""
        who = self.cast.volunteers if self.chance.random() < 0.9 else self.cast.strangers
        return self.chance.choice(who)

    def shift(self) -> Shift:
        """A shift, mostly one that is near."""
        rows = list(db.session.scalars(select(Shift).order_by(Shift.id)))
        near = [
            s
            for s in rows
            if s.starts_at - timedelta(hours=1) < self.at < s.ends_at + timedelta(hours=2)
        ]
        return self.chance.choice(near if near and self.chance.random() < 0.9 else rows)

    def seat(self) -> tuple[Shift, int]:
        """A shift and somebody who has or had a seat on it, at times anybody."""
        shift = self.shift()
        seated = list(
            db.session.scalars(
                select(Assignment.volunteer_id)
                .where(Assignment.shift_id == shift.id)
                .order_by(Assignment.id)
            )
        )
        return shift, self.chance.choice(seated) if seated and self.chance.random() < 0.85 else (
            self.person()
        )

    def sensible(self, shift_id: int, volunteer_id: int) -> StampKind:
        """The stamp that comes next for this person, or at times the other one."""
        if self.chance.random() < 0.15:
            return self.kind()
        seat = seat_at(shift_id, volunteer_id, at=self.at)
        return StampKind.OUT if seat.gate.is_present else StampKind.IN

    def site(self, shift: Shift) -> Actor:
        """Who runs the site: the leader or the desk."""
        account = self.cast.accounts.get(shift.leader_id or 0)
        if account is not None and self.chance.random() < 0.5:
            return self.actor(account)
        return self.organizer()

    def settled(self) -> Shift | None:
        """A shift that was settled, if there is one."""
        rows = db.session.scalars(
            select(Shift).where(Shift.state == ShiftState.SETTLED).order_by(Shift.id)
        ).all()
        return self.chance.choice(rows) if rows else None

    def times(self, shift: Shift) -> tuple[datetime, datetime]:
        """When somebody says to have come and gone: mostly within the plan and in order."""
        length = int((shift.ends_at - shift.starts_at).total_seconds()) // 60
        if self.chance.random() < 0.15:
            first, last = sorted(self.chance.sample(range(-20, length + 20), 2))
        else:
            first, last = self.chance.choice((0, 0, 5, 20)), length - self.chance.choice((0, 0, 5))
        at = shift.starts_at
        return at + timedelta(minutes=first), at + timedelta(minutes=last)

    def kind(self) -> StampKind:
        """In or out."""
        return self.chance.choice((StampKind.IN, StampKind.OUT))

    def keep(self, row: CheckIn) -> None:
        """Remember a stamp that was acknowledged."""
        self.acked[row.nonce] = (row.id, row.kind.value, row.at)


IDLE = "idle"
"""What an act returns that found nothing to do."""

Act = Callable[[Scene], Any]
