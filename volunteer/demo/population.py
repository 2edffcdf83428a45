"""The people of the demo city: staff of every unit and residents, with skills, hours, wishes and consents."""

import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from volunteer.demo.city import Ground
from volunteer.demo.names import Inventor
from volunteer.domain.identity import normalise_phone
from volunteer.domain.place import LatLon, from_plane, plane_metres
from volunteer.domain.terms import (
    AvailabilityLevel,
    ConsentPurpose,
    Role,
    Sex,
    UnitKind,
    VolunteerState,
)
from volunteer.models import activities, people
from volunteer.models.base import db
from volunteer.models.cipher import blind, encrypt

CENTRE = LatLon(27.239, 111.468)
RESIDENTS = {"观音塘社区居委会": 34, "资园社区居委会": 28}
"""Residents enrolled by their community, beside the staff that the units send."""

BLOCKS = ((410, 540), (505, 735), (840, 1055), (1010, 1130), (1090, 1310))
"""Parts of a day in minutes: morning peak, morning, afternoon, evening peak, evening."""

LIMITS = ((120, 20), (240, 40), (360, 30), (480, 10))
STATES = (
    (VolunteerState.ACTIVE, 945),
    (VolunteerState.AWAITING_CONSENT, 30),
    (VolunteerState.PAUSED, 18),
    (VolunteerState.LEFT, 7),
)


@dataclass
class Population:
    """Who lives in the demo, by unit name."""

    by_unit: dict[str, list[people.Volunteer]] = field(default_factory=dict)
    accounts: dict[int, people.Account] = field(default_factory=dict)
    leaders: dict[str, list[people.Volunteer]] = field(default_factory=dict)

    def everyone(self) -> list[people.Volunteer]:
        """All volunteers in order."""
        return [person for group in self.by_unit.values() for person in group]


def _pick(rng: random.Random, table: tuple[tuple[Any, int], ...]) -> Any:
    return rng.choices([value for value, _ in table], [weight for _, weight in table])[0]


def _released(rng: random.Random) -> set[tuple[int, int]]:
    """The parts of the week in which a unit lets its staff go: (weekday, block)."""
    slots: set[tuple[int, int]] = set()
    for day in rng.sample(range(5), rng.randint(3, 5)):
        slots |= {(day, 0), (day, 3)}
        if rng.random() < 0.4:
            slots.add((day, rng.choice((1, 2))))
        if rng.random() < 0.4:
            slots.add((day, 4))
    for day in (5, 6):
        if rng.random() < 0.65:
            slots |= {(day, 0), (day, 1), (day, 2)}
    return slots


def _resident_week(rng: random.Random) -> set[tuple[int, int]]:
    return {(day, block) for day in range(7) for block in range(5) if rng.random() < 0.35}


def _windows(slots: set[tuple[int, int]]) -> list[tuple[int, int, int]]:
    merged: list[tuple[int, int, int]] = []
    for day, block in sorted(slots):
        start, end = BLOCKS[block]
        if merged and merged[-1][0] == day and start <= merged[-1][2]:
            merged[-1] = (day, merged[-1][1], max(end, merged[-1][2]))
        else:
            merged.append((day, start, end))
    return merged


def _home(
    rng: random.Random, around: tuple[float, float]
) -> tuple[float, float] | tuple[None, None]:
    if rng.random() < 0.03:
        return None, None
    east, north = plane_metres(LatLon(*around), CENTRE)
    cell = (round(rng.gauss(east, 1300) / 250) * 250, round(rng.gauss(north, 1100) / 250) * 250)
    at = from_plane(cell, CENTRE)
    return round(at.lat, 5), round(at.lon, 5)


class _Maker:
    def __init__(self, ground: Ground, monday: date, at: datetime, seed: int) -> None:
        self.ground, self.monday, self.at = ground, monday, at
        self.rng = random.Random(f"people {seed}")
        self.inventor = Inventor(seed)
        self.serial = 0

    def person(self, unit_name: str, *, is_resident: bool) -> people.Volunteer:
        """Invent one volunteer of a unit."""
        rng, unit = self.rng, self.ground.units[unit_name]
        self.serial += 1
        born = (1951, 1966) if is_resident and rng.random() < 0.7 else (1967, 2003)
        invented = self.inventor.person(born_between=born)
        community = self.ground.communities[self.ground.ties[unit_name][0]]
        centre = self._around(unit, community.district_id)
        lat, lon = _home(rng, centre)
        return people.Volunteer(
            number=f"SY{self.serial:06d}",
            name=invented.name,
            unit_id=unit.id,
            community_id=community.id,
            state=_pick(rng, STATES),
            sex=Sex.FEMALE if invented.sex == Sex.FEMALE else Sex.MALE,
            birth_year=invented.birth_year,
            phone_cipher=encrypt(normalise_phone(invented.phone)),
            phone_index=blind("phone", normalise_phone(invented.phone)),
            id_cipher=encrypt(invented.citizen_number),
            id_index=blind("id", invented.citizen_number),
            home_lat=lat,
            home_lon=lon,
            max_minutes_per_week=_pick(rng, LIMITS),
            max_shifts_per_day=rng.choices((1, 2, 3), (35, 50, 15))[0],
            is_public=rng.random() < 0.06,
            prefers_large_type=is_resident and rng.random() < 0.5,
            personal_secret=rng.randbytes(32),
            joined_on=self.monday - timedelta(days=rng.randint(40, 900)),
        )

    def _around(self, unit: people.Unit, district_id: int) -> tuple[float, float]:
        wanted = unit.district_id or district_id
        district = next(d for d in self.ground.districts.values() if d.id == wanted)
        return district.centre_lat or CENTRE.lat, district.centre_lon or CENTRE.lon

    def skills(self, volunteer: people.Volunteer, unit: people.Unit) -> list[people.Qualification]:
        """Qualifications, most valid, some about to expire, a few gone."""
        rng = self.rng
        shares = {"leader": 0.1, "first_aid": 0.12, "care": 0.22, "traffic": 0.45}
        if unit.kind in (UnitKind.RESIDENTS_COMMITTEE, UnitKind.MASS_ORGANISATION):
            shares["care"] = 0.55
        if "交警" in unit.name or "公安" in unit.name:
            shares["traffic"] = 0.9
        found = []
        for code, share in shares.items():
            if rng.random() >= share:
                continue
            skill = self.ground.skills[code]
            expires = None
            if skill.valid_months:
                expires = self.monday + timedelta(days=rng.randint(-20, 30 * skill.valid_months))
            found.append(
                people.Qualification(
                    volunteer_id=volunteer.id,
                    skill_id=skill.id,
                    expires_on=expires,
                    confirmed_at=self.at,
                )
            )
        return found

    def wishes(self, volunteer: people.Volunteer) -> list[activities.Wish]:
        """What some people love or rather avoid."""
        return [
            activities.Wish(
                volunteer_id=volunteer.id, kind_id=kind.id, cost=self.rng.choice((0, 0, 2, 3))
            )
            for kind in self.ground.kinds.values()
            if self.rng.random() < 0.12
        ]

    def consents(self, volunteer: people.Volunteer) -> list[people.Consent]:
        """Receipts for what the person agreed to."""
        if volunteer.state is VolunteerState.AWAITING_CONSENT:
            return []
        purposes = [ConsentPurpose.ACCOUNT, ConsentPurpose.IDENTITY]
        if self.rng.random() < 0.7:
            purposes.append(ConsentPurpose.LOCATION)
        if volunteer.is_public:
            purposes.append(ConsentPurpose.PUBLIC_DISPLAY)
        given = self.at - timedelta(days=self.rng.randint(30, 300))
        return [
            people.Consent(
                volunteer_id=volunteer.id, purpose=purpose, text_version="2026.1", given_at=given
            )
            for purpose in purposes
        ]


def populate(ground: Ground, monday: date, at: datetime, seed: int) -> Population:
    """Add the staff of every unit and the residents, with all that the scheduler knows of them."""
    maker = _Maker(ground, monday, at, seed)
    population = Population()
    for name, unit in ground.units.items():
        group = [maker.person(name, is_resident=False) for _ in range(ground.staff[name])]
        group += [maker.person(name, is_resident=True) for _ in range(RESIDENTS.get(name, 0))]
        if not group:
            continue
        db.session.add_all(group)
        population.by_unit[name] = group
        db.session.flush()
        _equip(maker, population, unit, group)
    db.session.flush()
    return population


def _equip(
    maker: _Maker, population: Population, unit: people.Unit, group: list[people.Volunteer]
) -> None:
    released = _released(maker.rng)
    leaders = []
    staff = maker.ground.staff[unit.name]
    for index, volunteer in enumerate(group):
        slots = released if index < staff else _resident_week(maker.rng)
        if maker.rng.random() < 0.5:
            slots = {slot for slot in slots if maker.rng.random() < 0.75}
        db.session.add_all(
            people.Availability(
                volunteer_id=volunteer.id,
                weekday=day,
                start_minute=start,
                end_minute=end,
                level=AvailabilityLevel.RATHER_NOT
                if maker.rng.random() < 0.08
                else AvailabilityLevel.CAN,
            )
            for day, start, end in _windows(slots)
        )
        skills = maker.skills(volunteer, unit)
        db.session.add_all([*skills, *maker.wishes(volunteer), *maker.consents(volunteer)])
        leader_skill = maker.ground.skills["leader"].id
        if volunteer.state is VolunteerState.ACTIVE:
            if any(q.skill_id == leader_skill for q in skills):
                leaders.append(volunteer)
            account = people.Account(
                login=volunteer.number.lower(),
                phone_index=volunteer.phone_index,
                name=volunteer.name,
                volunteer_id=volunteer.id,
                unit_id=volunteer.unit_id,
                must_change_password=False,
                created_at=maker.at - timedelta(days=200),
            )
            population.accounts[volunteer.id] = account
            db.session.add(account)
    population.leaders[unit.name] = leaders or group[:1]


def grant(
    account: people.Account,
    role: Role,
    at: datetime,
    *,
    unit_id: int | None = None,
    district_id: int | None = None,
) -> None:
    """Give an account a role."""
    reach = f"unit:{unit_id}" if unit_id else f"district:{district_id}" if district_id else "city"
    db.session.add(
        people.RoleGrant(
            account_id=account.id,
            role=role,
            unit_id=unit_id,
            district_id=district_id,
            reach=reach,
            granted_at=at,
        )
    )
