"""The only way tests make rows: each builder fills in what the test does not care about.

Builders add and flush, they do not commit. ``a_city`` gives a small world to stand in.
"""

import itertools
import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from volunteer.domain.identity import normalise_phone
from volunteer.domain.terms import (
    ActivityState,
    AssignmentState,
    AvailabilityLevel,
    EntryKind,
    Grade,
    Nature,
    PointKind,
    Role,
    ShiftState,
    Source,
    UnitKind,
    UnitLevel,
    VolunteerState,
)
from volunteer.domain.timekeeping import beijing, minutes_of
from volunteer.models import activities, ledger, people, places, rosters
from volunteer.models.base import db
from volunteer.models.cipher import blind, encrypt
from volunteer.operations.ledger.totals import keep_totals
from volunteer.queries.accounts import digest_of

MONDAY = date(2026, 11, 23)
"""The Monday of the week in which tests live."""
NOW = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
"""Monday 23 November 2026, 08:00 in Beijing."""

_numbers = itertools.count(1)


def _keep(row: Any) -> Any:
    db.session.add(row)
    db.session.flush()
    return row


def a_district(name: str = "") -> places.District:
    """A district."""
    return _keep(
        places.District(name=name or f"第{next(_numbers)}区", centre_lat=27.233, centre_lon=111.468)
    )


def a_community(district: places.District | None = None, name: str = "") -> places.Community:
    """A community of a district."""
    district = district or a_district()
    return _keep(places.Community(district_id=district.id, name=name or f"第{next(_numbers)}社区"))


def a_point(district: places.District | None = None, **given: Any) -> places.CheckPoint:
    """A crossing in the middle of the city."""
    district = district or a_district()
    values: dict[str, Any] = {
        "name": f"第{next(_numbers)}路口",
        "kind": PointKind.CROSSING,
        "district_id": district.id,
        "lat": 27.2377,
        "lon": 111.4683,
        "radius_metres": 200,
        "secret": secrets.token_bytes(32),
    }
    return _keep(places.CheckPoint(**{**values, **given}))


def a_unit(name: str = "", **given: Any) -> people.Unit:
    """A city agency."""
    values: dict[str, Any] = {
        "name": name or f"第{next(_numbers)}局",
        "level": UnitLevel.CITY,
        "kind": UnitKind.AGENCY,
        "pinyin": "",
    }
    return _keep(people.Unit(**{**values, **given}))


def a_tie(
    unit: people.Unit, community: places.Community, since: date = date(2026, 1, 1)
) -> people.Tie:
    """A tie of a unit to a community."""
    return _keep(people.Tie(unit_id=unit.id, community_id=community.id, since_on=since))


def a_volunteer(unit: people.Unit | None = None, name: str = "", **given: Any) -> people.Volunteer:
    """A volunteer born in 1990 who may serve twice a day."""
    unit = unit or a_unit()
    number = next(_numbers)
    phone = normalise_phone(given.pop("phone", f"199{number:08d}"))
    values: dict[str, Any] = {
        "number": f"V{number:07d}",
        "name": name or f"志愿者{number}",
        "unit_id": unit.id,
        "state": VolunteerState.ACTIVE,
        "birth_year": 1990,
        "max_minutes_per_week": 600,
        "max_shifts_per_day": 2,
        "personal_secret": secrets.token_bytes(32),
        "joined_on": date(2026, 1, 1),
        "phone_cipher": encrypt(phone),
        "phone_index": blind("phone", phone),
    }
    return _keep(people.Volunteer(**{**values, **given}))


def available(
    volunteer: people.Volunteer, *weekdays: int, start: str = "07:00", end: str = "21:00"
) -> None:
    """Make a volunteer available on the weekdays (all seven by default)."""
    for weekday in weekdays or range(7):
        _keep(
            people.Availability(
                volunteer_id=volunteer.id,
                weekday=weekday,
                start_minute=minutes_of(start),
                end_minute=minutes_of(end),
                level=AvailabilityLevel.CAN,
            )
        )


def a_skill(code: str = "leader", name: str = "带队") -> people.Skill:
    """A skill."""
    return _keep(people.Skill(code=code, name=name))


def a_kind(**given: Any) -> activities.ActivityKind:
    """Traffic duty at the morning peak."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "code": f"kind{number}",
        "name": f"文明交通劝导{number}",
        "hue": "traffic",
        "slots": [["07:30", "08:30"]],
        "min_age": 18,
        "max_age": 65,
    }
    return _keep(activities.ActivityKind(**{**values, **given}))


def an_activity(unit: people.Unit | None = None, **given: Any) -> activities.Activity:
    """A published activity of volunteers."""
    unit = unit or a_unit()
    values: dict[str, Any] = {
        "title": "周一文明交通劝导",
        "unit_id": unit.id,
        "nature": Nature.VOLUNTEER,
        "state": ActivityState.PUBLISHED,
        "starts_on": MONDAY,
        "ends_on": MONDAY + timedelta(days=13),
        "purpose": "文明交通",
        "content": "路口劝导行人与非机动车",
        "conditions": "18—65 岁",
        "risk_note": "站在路沿石以内",
        "safeguards": "意外保险、马甲、饮水",
        "contact_name": "李主任",
        "contact_phone": "0739-5320001",
        "person_in_charge": "李主任",
        "created_at": NOW,
        "created_by_id": 1,
        "published_at": NOW,
    }
    if "kind_id" not in given:
        given["kind_id"] = a_kind().id
    return _keep(activities.Activity(**{**values, **given}))


def a_shift(
    activity: activities.Activity | None = None,
    point: places.CheckPoint | None = None,
    *,
    on: date = MONDAY,
    start: str = "07:30",
    end: str = "08:30",
    **given: Any,
) -> activities.Shift:
    """A published shift for two to four people."""
    activity = activity or an_activity()
    point = point or a_point()
    values: dict[str, Any] = {
        "activity_id": activity.id,
        "point_id": point.id,
        "starts_at": beijing(on, minutes_of(start)),
        "ends_at": beijing(on, minutes_of(end)),
        "service_on": on,
        "state": ShiftState.PUBLISHED,
        "min_heads": 2,
        "target_heads": 3,
        "max_heads": 4,
        "min_age": 18,
        "max_age": 65,
    }
    return _keep(activities.Shift(**{**values, **given}))


def an_assignment(
    shift: activities.Shift,
    volunteer: people.Volunteer,
    state: AssignmentState = AssignmentState.ACCEPTED,
    **given: Any,
) -> rosters.Assignment:
    """A seat that the person accepted."""
    values: dict[str, Any] = {
        "shift_id": shift.id,
        "volunteer_id": volunteer.id,
        "unit_id": volunteer.unit_id,
        "state": state,
        "told_at": NOW,
    }
    return _keep(rosters.Assignment(**{**values, **given}))


def an_account(
    role: Role | None = None,
    *,
    unit: people.Unit | None = None,
    district: places.District | None = None,
    volunteer: people.Volunteer | None = None,
    **given: Any,
) -> people.Account:
    """An account with one role, or none; without a password, so that no test waits for a hash."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "login": f"account{number}",
        "name": volunteer.name if volunteer else f"账号{number}",
        "must_change_password": False,
        "unit_id": unit.id if unit else volunteer.unit_id if volunteer else None,
        "volunteer_id": volunteer.id if volunteer else None,
        "created_at": NOW,
    }
    account: people.Account = _keep(people.Account(**{**values, **given}))
    if role is not None:
        reach = f"district:{district.id}" if district else f"unit:{unit.id}" if unit else "city"
        _keep(
            people.RoleGrant(
                account_id=account.id,
                role=role,
                unit_id=unit.id if unit else None,
                district_id=district.id if district else None,
                reach=reach,
                granted_at=NOW,
            )
        )
    return account


def sign_in(app: Flask, account: people.Account, *, at: datetime | None = None) -> FlaskClient:
    """A browser in which the account is signed in, through a real device session."""
    db.session.refresh(account)  # a request may have raised its session version
    token = secrets.token_urlsafe(32)
    at = at or datetime.now(UTC)  # noqa: TID251 - the session must be live now
    _keep(
        people.DeviceSession(
            account_id=account.id,
            token_hash=digest_of(token),
            session_version=account.session_version,
            label="test",
            created_at=at,
            last_seen_at=at,
            expires_at=at + timedelta(days=30),
        )
    )
    db.session.commit()
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = token
        cookie["_fresh"] = True
    return client


@dataclass
class City:
    """A small world: two districts, two units with an organizer each, and the offices."""

    district: places.District
    other_district: places.District
    community: places.Community
    point: places.CheckPoint
    unit: people.Unit
    other_unit: people.Unit
    volunteer: people.Volunteer
    other_volunteer: people.Volunteer
    city_admin: people.Account
    district_admin: people.Account
    organizer: people.Account
    other_organizer: people.Account
    auditor: people.Account
    volunteer_account: people.Account
    other_volunteer_account: people.Account


def a_city() -> City:
    """Make the small world and commit it."""
    district, other = a_district("大祥区"), a_district("双清区")
    community = a_community(district, "人民巷社区")
    unit = a_unit("市医保局", district_id=district.id)
    other_unit = a_unit("双清交警大队", district_id=other.id, level=UnitLevel.DISTRICT)
    a_tie(unit, community)
    volunteer = a_volunteer(unit, "王芳")
    stranger = a_volunteer(other_unit, "赵强")
    city = City(
        district=district,
        other_district=other,
        community=community,
        point=a_point(district, community_id=community.id),
        unit=unit,
        other_unit=other_unit,
        volunteer=volunteer,
        other_volunteer=stranger,
        city_admin=an_account(Role.CITY_ADMIN),
        district_admin=an_account(Role.DISTRICT_ADMIN, district=district),
        organizer=an_account(Role.ORGANIZER, unit=unit),
        other_organizer=an_account(Role.ORGANIZER, unit=other_unit),
        auditor=an_account(Role.AUDITOR),
        volunteer_account=an_account(volunteer=volunteer),
        other_volunteer_account=an_account(volunteer=stranger),
    )
    db.session.commit()
    return city


def an_entry(
    volunteer: people.Volunteer,
    minutes: int,
    *,
    on: date = MONDAY,
    shift: activities.Shift | None = None,
    **given: Any,
) -> ledger.LedgerEntry:
    """A credit of the ledger with its record, unsealed: for sums only."""
    shift = shift or a_shift(on=on)
    activity = db.session.get(activities.Activity, shift.activity_id)
    point = db.session.get(places.CheckPoint, shift.point_id)
    assert activity is not None
    assert point is not None
    seat = an_assignment(shift, volunteer)
    shared: dict[str, Any] = {
        "volunteer_id": volunteer.id,
        "unit_id": given.pop("unit_id", volunteer.unit_id),
        "district_id": point.district_id,
        "kind_id": activity.kind_id,
        "nature": given.pop("nature", Nature.VOLUNTEER),
        "service_on": on,
        "source": given.pop("source", Source.QR),
        "grade": given.pop("grade", Grade.A),
    }
    record = _keep(
        ledger.ServiceRecord(
            **shared,
            assignment_id=seat.id,
            recording_unit_id=activity.unit_id,
            activity_id=activity.id,
            shift_id=shift.id,
            place=point.name,
            content=activity.content,
            person_in_charge=activity.person_in_charge,
            attended_minutes=minutes,
            served_minutes=minutes,
            credited_minutes=minutes,
            rule_version="test",
            arithmetic=[],
            settled_at=NOW,
        )
    )
    entry = _keep(
        ledger.LedgerEntry(
            **shared,
            seq=next(_numbers),
            kind=EntryKind.CREDIT,
            record_id=record.id,
            minutes=minutes,
            posted_at=NOW,
            previous_seal=bytes(32),
            seal=secrets.token_bytes(32),
            **given,
        )
    )
    keep_totals([entry])
    return entry
