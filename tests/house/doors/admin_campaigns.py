"""Doors of volunteer/views/admin/campaigns.py."""

import itertools
from datetime import date
from typing import Any

from tests.builders import City, a_point
from tests.house.doors import CITY, OFFICES, READERS, Door
from volunteer.models.base import db
from volunteer.models.campaigns import Campaign, Inspection, KeyPoint
from volunteer.models.people import Unit

DISTRICT = frozenset({"district_admin"})
ALL_DESKS = READERS | {"other_organizer"}
_serial = itertools.count(1)


def _inspection(campaign: Campaign, district_id: int) -> Inspection:
    made = Inspection(
        campaign_id=campaign.id,
        name="督查",
        badge="市级督查",
        starts_on=date(2026, 12, 1),
        ends_on=date(2026, 12, 3),
        district_id=district_id,
    )
    db.session.add(made)
    db.session.flush()
    return made


def things(city: City, unit: Unit) -> dict[str, Any]:
    """An inspection of the own district with a key point, and one of the other district."""
    campaign = Campaign(
        name=f"创文 {next(_serial)}", starts_on=date(2026, 1, 1), ends_on=date(2026, 12, 31)
    )
    db.session.add(campaign)
    db.session.flush()
    own, other = (
        _inspection(campaign, city.district.id),
        _inspection(campaign, city.other_district.id),
    )
    point = a_point(city.district)
    db.session.add(KeyPoint(inspection_id=own.id, point_id=point.id))
    db.session.flush()
    return {"campaign": campaign.id, "own": own.id, "other": other.id, "point": point.id}


def _post(endpoint: str, address: str, **form: str) -> Door:
    return Door(f"campaigns.{endpoint}", f"/city/campaigns/{address}", OFFICES, "POST", form=form)


DOORS = [
    Door("campaigns.listing", "/city/campaigns/", ALL_DESKS),
    Door("campaigns.edit", "/city/campaigns/new", OFFICES),
    Door(
        "campaigns.save",
        "/city/campaigns/{campaign}/edit",
        CITY,
        "POST",
        form={"name": "创文新", "starts_on": "2026-01-01", "ends_on": "2026-12-31"},
    ),
    Door("campaigns.new_inspection", "/city/campaigns/{campaign}/inspections/new", OFFICES),
    _post("create_inspection", "{campaign}/inspections/new"),
    Door("campaigns.inspection", "/city/campaigns/inspections/{own}", ALL_DESKS),
    Door("campaigns.change", "/city/campaigns/inspections/{own}/edit", OFFICES),
    _post("save_inspection", "inspections/{own}/edit"),
    Door("campaigns.points", "/city/campaigns/inspections/{own}/points", OFFICES),
    _post("add", "inspections/{own}/points"),
    _post("drop", "inspections/{own}/points/{point}/drop"),
    _post("close", "inspections/{own}/close"),
    Door(
        "campaigns.close",
        "/city/campaigns/inspections/{other}/close",
        CITY,
        "POST",
        strangers=DISTRICT,
    ),
    Door("campaigns.strengthen", "/city/campaigns/inspections/{own}/bolster", OFFICES),
    _post("apply", "inspections/{own}/bolster"),
]
