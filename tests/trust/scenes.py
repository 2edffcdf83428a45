"""A shift on which several people serve, each with a phone, and the desk above it."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from tests.builders import a_unit, a_volunteer, an_account, an_assignment
from tests.operations.test_attendance import Scene, clock
from volunteer.domain.access import Actor
from volunteer.domain.place import Fix, LatLon
from volunteer.domain.terms import ConsentPurpose, Role, StampKind
from volunteer.models.attendance import CheckIn
from volunteer.models.base import db
from volunteer.models.people import Consent, DeviceSession, Volunteer
from volunteer.operations.attendance import stamp_by_code
from volunteer.operations.ledger import settle_shift

HERE = LatLon(27.2377, 111.4683)
AWAY = LatLon(27.2877, 111.4683)  # 5.6 km north


class Street(Scene):
    """Scene with further people, phones, and a unit above the one that recorded."""

    def __init__(self) -> None:
        super().__init__()
        self.above = a_unit("市卫生健康委")
        self.city.unit.parent_id = self.above.id
        self.above_organizer = an_account(Role.ORGANIZER, unit=self.above)
        self.second_organizer = an_account(Role.ORGANIZER, unit=self.city.unit)
        self.friend = a_volunteer(self.city.unit, "李强")
        self.friend_account = an_account(volunteer=self.friend)
        an_assignment(self.shift, self.friend)
        db.session.commit()

    @property
    def desk(self) -> Actor:
        return self.actor(self.city.organizer)

    @property
    def over(self) -> Actor:
        return self.actor(self.above_organizer)

    def phone(self, account: Any, mark: bytes | None = None) -> int:
        """A session of an account on a phone; the same mark is the same phone."""
        row = DeviceSession(
            account_id=account.id,
            token_hash=secrets.token_bytes(32),
            session_version=1,
            mark=mark or secrets.token_bytes(32),
            created_at=clock("06:00"),
            last_seen_at=clock("06:00"),
            expires_at=clock("06:00") + timedelta(days=30),
        )
        db.session.add(row)
        db.session.flush()
        return row.id

    def may_be_located(self, person: Volunteer) -> None:
        db.session.add(
            Consent(
                volunteer_id=person.id,
                purpose=ConsentPurpose.LOCATION,
                text_version="1",
                given_at=clock("06:00"),
            )
        )
        db.session.flush()

    def stamp(
        self, account: Any, at: datetime, kind: StampKind = StampKind.IN, **given: Any
    ) -> CheckIn:
        from volunteer.domain.token import rotating_code

        text = rotating_code(self.city.point.secret, self.shift.id, kind, at)
        row = stamp_by_code(self.actor(account), text=text, touch=self.touch(**given), at=at)
        db.session.commit()
        return row

    def fix(self, at: LatLon = HERE, accuracy: float = 17.42) -> Fix:
        return Fix(at, accuracy)

    def share_a_phone(self) -> None:
        """Wang Fang stamps, then Li Qiang on the same phone."""
        mark = secrets.token_bytes(32)
        for account, minute in ((self.city.volunteer_account, 0), (self.friend_account, 1)):
            phone = self.phone(account, mark)
            came = clock("07:28") + timedelta(minutes=minute)
            went = clock("08:31") + timedelta(minutes=minute)
            self.stamp(account, came, device_id=phone)
            self.stamp(account, went, StampKind.OUT, device_id=phone)

    def settled(self, at: str = "09:00") -> Any:
        done = settle_shift(self.desk, shift_id=self.shift.id, at=clock(at))
        db.session.commit()
        return done

    def record_of(self, person: Volunteer) -> Any:
        from volunteer.models.ledger import ServiceRecord
        from volunteer.queries.ledger import newest

        return (
            db.session.query(ServiceRecord)
            .filter(ServiceRecord.volunteer_id == person.id, newest())
            .one()
        )
