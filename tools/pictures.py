"""Make the pictures of docs/pictures from a demo city: ``make pictures``.

The city is built for 07:50 on the Wednesday of this week, the morning peak, so that the same week always
gives the same pictures; the run that is photographed is a real one, over next week.
"""

import argparse
import contextvars
import io
import logging
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import time_machine
from flask import Flask
from PIL import Image
from sqlalchemy import func, select

from tests.browsing import DESK, PHONE, Visit, browser, served
from tests.showcase import account_named, account_of, city_app, demo_city, session_cookie
from volunteer.domain.terms import AssignmentState, ShiftState, StampKind
from volunteer.domain.timekeeping import beijing, local_date, now, week_of
from volunteer.models.activities import Shift
from volunteer.models.attendance import CheckIn
from volunteer.models.base import db
from volunteer.models.ledger import LedgerEntry
from volunteer.models.rosters import Assignment

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
HEAVIEST = 200_000
MORNING = 7 * 60 + 50
RUN_SECONDS = 60
LOOK_AFTER = 25
"""Seconds into the run at which it is photographed, still improving."""


def moment_of(today: date) -> Any:
    """07:50 on the Wednesday of the week."""
    return beijing(week_of(today) + timedelta(days=2), MORNING)


def keep(name: str, png: bytes) -> None:
    """Write a picture; where it is too heavy, in its 256 most frequent colours, which stay exact."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    path = FOLDER / f"{name}.png"
    picture.save(path, optimize=True)
    if path.stat().st_size > HEAVIEST:
        counted = sorted(picture.getcolors(1 << 24) or [], reverse=True)[:256]
        palette = Image.new("P", (1, 1))
        palette.putpalette([part for _, colour in counted for part in colour])
        picture.quantize(palette=palette, dither=Image.Dither.NONE).save(path, optimize=True)
    print(f"{path.name:22} {picture.width}x{picture.height} {path.stat().st_size:>7} bytes")


class Studio:
    """One browser and one city; takes pictures as different people."""

    def __init__(self, running: Any, app: Flask, address: str, wanted: set[str]) -> None:
        self.running, self.app, self.address, self.wanted = running, app, address, wanted

    def visit(self, account: Any, size: dict[str, int]) -> Visit:
        """A browser in which the account is signed in."""
        visit = Visit(self.running, self.address, size=size)
        cookie = {"name": "session", "value": session_cookie(self.app, account)}
        visit.context.add_cookies([{**cookie, "url": self.address}])
        visit.context.set_default_timeout(60_000)
        return visit

    def take(
        self, name: str, account: Any, size: dict[str, int], look: Callable[[Any], None]
    ) -> None:
        """Photograph what ``look`` opens."""
        if name not in self.wanted:
            return
        visit = self.visit(account, size)
        look(visit.page)
        _settle(visit.page)
        keep(name, visit.page.screenshot())
        for complaint in visit.complaints:
            print(f"  {name}: {complaint}")
        visit.close()


def _settle(page: Any) -> None:
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(900)  # charts draw themselves in


def _opens(place: str) -> Callable[[Any], None]:
    return lambda page: page.goto(place)


def running_shift() -> Shift:
    """The shift under way with a leader and most people here."""
    here = func.count(CheckIn.id)
    found = (
        select(Shift)
        .join(CheckIn, CheckIn.shift_id == Shift.id)
        .where(
            CheckIn.kind == StampKind.IN,
            Shift.starts_at <= now(),
            Shift.ends_at > now(),
            Shift.leader_id.is_not(None),
            Shift.state == ShiftState.PUBLISHED,
        )
        .group_by(Shift.id)
        .order_by(here.desc(), Shift.id)
    )
    return db.session.scalars(found).first() or _next_shift()


def _next_shift() -> Shift:
    ahead = select(Shift).where(Shift.ends_at > now(), Shift.leader_id.is_not(None))
    return db.session.scalars(ahead.order_by(Shift.starts_at, Shift.id)).first()


def busy_volunteer() -> Any:
    """Who served most among those asked to come, with a seat still unanswered."""
    served_minutes = (
        select(func.coalesce(func.sum(LedgerEntry.minutes), 0))
        .where(LedgerEntry.volunteer_id == Assignment.volunteer_id)
        .correlate(Assignment)
        .scalar_subquery()
    )
    asked = (
        select(Assignment.volunteer_id, Assignment.shift_id)
        .join(Shift, Shift.id == Assignment.shift_id)
        .where(Assignment.state == AssignmentState.PROPOSED, Shift.starts_at > now())
        .order_by(served_minutes.desc(), Shift.starts_at, Assignment.id)
    )
    return db.session.execute(asked).first()


def diligent_volunteer() -> int:
    """Who served most."""
    found = (
        select(LedgerEntry.volunteer_id)
        .group_by(LedgerEntry.volunteer_id)
        .order_by(func.sum(LedgerEntry.minutes).desc(), LedgerEntry.volunteer_id)
    )
    return db.session.scalars(found).first() or 0


def ask_for_run(page: Any) -> None:
    """Ask for a plan of next week, as the city office would."""
    page.goto("/planning/new")
    page.check(f"[name=seconds][value='{RUN_SECONDS}']")
    page.click("main form button.button-main")
    page.wait_for_url("**/planning/runs/*")


def photograph_run(studio: Studio, admin: Any) -> None:
    """The run while it gets better, then its draft."""
    if not studio.wanted & {"run-desk", "draft-desk"}:
        return
    visit = studio.visit(admin, DESK)
    ask_for_run(visit.page)
    visit.page.wait_for_timeout(LOOK_AFTER * 1000)
    if "run-desk" in studio.wanted:
        keep("run-desk", visit.page.screenshot())
    draft = visit.page.locator("a.button-main[href*='/planning/drafts/']")
    draft.wait_for(timeout=(RUN_SECONDS + 120) * 1000)
    place = draft.get_attribute("href")
    visit.close()
    studio.take("draft-desk", admin, DESK, _opens(place or "/planning"))


ALL = (
    "board-desk",
    "home-phone",
    "duty-phone",
    "hours-phone",
    "onsite-phone",
    "standings-desk",
    "run-desk",
    "draft-desk",
)


def photograph(app: Flask, address: str, wanted: set[str]) -> None:
    """Take all that is wanted."""
    with app.app_context(), browser() as running:
        studio = Studio(running, app, address, wanted)
        admin = account_named("shi")
        volunteer_id, shift_id = busy_volunteer()
        person, shift = account_of(volunteer_id), running_shift()
        leader = account_of(shift.leader_id or 0)
        studio.take("board-desk", admin, DESK, _opens("/rosters"))
        studio.take("home-phone", person, PHONE, _opens("/me"))
        studio.take("duty-phone", person, PHONE, _opens(f"/me/duties/{shift_id}"))
        studio.take("hours-phone", account_of(diligent_volunteer()), PHONE, _opens("/me/record"))
        studio.take("onsite-phone", leader, PHONE, _opens(f"/onsite/{shift.id}"))
        studio.take("standings-desk", admin, DESK, _opens("/standings"))
        photograph_run(studio, admin)


def main() -> None:
    """Build the city, photograph it."""
    parser = argparse.ArgumentParser(description="Make the pictures of docs/pictures.")
    parser.add_argument("--city", help="keep the city in this folder and use it again")
    parser.add_argument("--only", nargs="*", choices=ALL, default=ALL, metavar="NAME")
    chosen = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    moment = moment_of(local_date(now()))
    with time_machine.travel(moment, tick=True), demo_city(chosen.city, at=moment) as folder:
        app = city_app(folder)
        with contextvars.Context().run(lambda: served(app)) as address:
            photograph(app, address, set(chosen.only))


if __name__ == "__main__":
    main()
