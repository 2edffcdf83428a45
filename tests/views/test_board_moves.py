"""Moving a person on a draft in a real Chromium: with the mouse, with the keyboard, from the menu."""

import contextvars
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser
from sqlalchemy import select

from tests.browsing import DESK, Visit, browser, served
from tests.builders import sign_in
from tests.views.test_rosters import Desk
from volunteer.models.base import db
from volunteer.models.rosters import DraftRoster, DraftSeat

pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning"),
]


class Board(Desk):
    """A draft by hand with one person on Monday's shift, open in a browser."""

    visit: Visit
    running: Browser
    address: str

    def open(self, running: Browser, address: str, **options: bool) -> Visit:
        """The draft in a browser of its own."""
        visit = Visit(running, address, size=DESK, **options)
        cookie = sign_in(self.app, self.city.organizer).get_cookie("session")
        assert cookie is not None
        visit.context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])
        visit.page.goto(f"/planning/drafts/{self.draft_id}")
        return visit

    def __init__(self, app: Flask) -> None:
        super().__init__(app)
        self.client.post("/planning/drafts", data={"week": self.monday, "scope": self.scope()})
        self.draft_id = db.session.scalars(select(DraftRoster.id)).one()
        self.who, (self.monday_id, self.tuesday_id) = self.people[0], [s.id for s in self.shifts]
        self.name, self.who_id = self.who.name, self.who.id
        db.session.add(
            DraftSeat(draft_id=self.draft_id, shift_id=self.monday_id, volunteer_id=self.who_id)
        )
        db.session.commit()

    def where(self) -> list[int]:
        """The shifts on which the person stands now."""
        db.session.rollback()
        asked = select(DraftSeat.shift_id).where(DraftSeat.volunteer_id == self.who_id)
        return list(db.session.scalars(asked))

    def chip(self) -> str:
        return f"[data-drag='{self.who_id}-{self.monday_id}']"

    def target(self) -> str:
        return f"[data-drop='{self.tuesday_id}']"

    def moved(self) -> None:
        """Wait until the board shows the person on Tuesday; then the toast says what it meant."""
        page = self.visit.page
        page.wait_for_selector(f"{self.target()} [data-drag='{self.who_id}-{self.tuesday_id}']")
        told = page.inner_text(".toast")
        assert f"{self.name} 从 周一 07:30" in told
        assert "移到 周二 07:30" in told
        assert "近 90 天已服务" in told
        assert self.where() == [self.tuesday_id]
        assert self.visit.complaints == []


@pytest.fixture
def board(app: Flask) -> Iterator[Board]:
    made = Board(app)
    with (
        browser() as running,
        contextvars.copy_context().run(lambda: served(app, with_jobs=False)) as address,
    ):
        made.running, made.address = running, address
        made.visit = made.open(running, address)
        yield made
        made.visit.close()


def test_a_person_is_dragged_with_the_mouse_and_the_effect_is_said_at_once(board: Board) -> None:
    page = board.visit.page
    page.wait_for_selector(f"{board.chip()}[aria-roledescription]")
    page.hover(board.chip())
    page.mouse.down()
    box = page.locator(board.target()).bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x - 40, y, steps=5)
    page.mouse.move(x, y, steps=5)
    words = page.wait_for_selector(f"{board.target()} .drop-words").inner_text()
    assert words, "what it would mean stands on the target before the person is put down"
    assert "原班次会缺人" in words
    assert "may-" in (page.get_attribute(board.target(), "class") or "")
    assert board.where() == [board.monday_id], "nothing is changed before the person is put down"
    page.mouse.up()
    board.moved()
    undo = page.locator(".toast button", has_text="撤销")
    with page.expect_navigation():
        undo.click()
    assert board.where() == [board.monday_id]


def test_a_person_put_down_where_they_were_stays(board: Board) -> None:
    page = board.visit.page
    page.wait_for_selector(f"{board.chip()}[aria-roledescription]")
    page.hover(board.chip())
    page.mouse.down()
    box = page.locator(board.target()).bounding_box()
    here = page.locator(board.chip()).bounding_box()
    assert box is not None
    assert here is not None
    page.mouse.move(box["x"] + 20, box["y"] + 20, steps=5)
    page.mouse.move(here["x"] + 20, here["y"] + 10, steps=5)
    page.mouse.up()
    page.wait_for_timeout(400)
    assert board.where() == [board.monday_id]
    assert page.locator(".drop-words").count() == 0
    assert page.locator(board.chip()).count() == 1


def test_a_person_is_moved_with_the_keyboard(board: Board) -> None:
    page = board.visit.page
    page.wait_for_selector(f"{board.chip()}[aria-roledescription]")
    page.focus(board.chip())
    page.keyboard.press("Enter")
    page.wait_for_selector(f"{board.target()} .drop-words")
    assert board.name in page.inner_text("#move-bar")
    page.keyboard.press("ArrowRight")
    assert "is-aim" in (page.get_attribute(board.target(), "class") or "")
    assert "原班次会缺人" in page.inner_text("#board-says"), "ears hear what it would mean"
    page.keyboard.press("Escape")
    assert page.locator("#move-bar").count() == 0
    assert board.where() == [board.monday_id]
    page.keyboard.press("Enter")
    page.wait_for_selector(f"{board.target()} .drop-words")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    board.moved()


def test_a_person_is_moved_from_the_menu_without_scripts(board: Board) -> None:
    visit = board.open(board.running, board.address, java_script_enabled=False)
    page = visit.page
    page.click(board.chip())
    page.wait_for_url(f"**/people/{board.who_id}**")
    assert page.inner_text("h1") == f"移动 {board.name}"
    row = page.locator("tr", has_text="周二 07:30")
    assert "周一 07:30 第" in row.inner_text(), "the gap it leaves behind is said"
    row.locator("button", has_text="移到这里").click()
    page.wait_for_url(f"**/planning/drafts/{board.draft_id}")
    assert "移到 周二 07:30" in page.inner_text("#flashes")
    assert board.where() == [board.tuesday_id]
    visit.close()
