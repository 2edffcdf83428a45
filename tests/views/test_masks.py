"""No page shows a whole phone or document number, but where the work needs it and the table below says why."""

import re
from typing import Any

import pytest
from flask import Flask

from tests.builders import a_city, sign_in
from tests.house.test_doors import MODULES, ROOMS
from volunteer.models.base import db
from volunteer.models.cipher import encrypt

NUMBER = re.compile(r"(?<![0-9A-Za-z])\d{17}[0-9Xx](?![0-9A-Za-z])")
PHONE = re.compile(r"(?<![0-9A-Za-z.])(?:\+86)?1[3-9]\d{9}(?![0-9A-Za-z])")
DOCUMENT = "430502198506150011"

SHOWS_PHONES = {
    "onsite.shift": "whoever leads a shift calls those who are missing, on the day, on site",
    "onsite.people": "the live list of the same page",
    "onsite.person": "the same, for one person",
    "onsite.today": "the leader of a shift of the day",
    "me.home": "the leader's phone, for those who serve in the shift",
    "me.duty": "the leader's phone, for those who serve in the shift",
}
"""Pages with a phone number in full, and why no reason is asked: all within one's own shift."""


@pytest.mark.parametrize("room", ROOMS)
def test_r8_6_no_page_of_a_room_shows_a_whole_number(app: Flask, room: str) -> None:
    module = MODULES[room]
    city = a_city()
    for person in (city.volunteer, city.other_volunteer):
        person.id_cipher = encrypt(DOCUMENT)
    values: dict[str, Any] = module.things(city, city.unit)
    db.session.commit()
    wrong = []
    doors = [d for d in module.DOORS if d.method == "GET" and not d.endpoint.startswith("signin.")]
    for who in ("organizer", "city_admin", "auditor", "volunteer_account"):
        client = sign_in(app, getattr(city, who))
        for door in doors:
            if who not in door.admits:
                continue
            answer = client.get(door.address.format(**values))
            if not (answer.content_type or "").startswith("text/html"):
                continue
            told = re.sub(
                r"<svg.*?</svg>|data:[^\"']*", "", answer.get_data(as_text=True), flags=re.S
            )
            if NUMBER.search(told):
                wrong.append(f"{door.endpoint} as {who}: a document number")
            if PHONE.search(told) and door.endpoint not in SHOWS_PHONES:
                wrong.append(f"{door.endpoint} as {who}: a phone")
    assert wrong == []
