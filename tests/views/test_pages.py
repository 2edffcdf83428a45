"""Every page that the table of guards names, in a real browser at both sizes.

axe finds nothing, the console is silent, no request leaves the host, nothing scrolls sideways, no English
leaks into the Chinese page, and phone pages stay light.
"""

import contextvars
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser

from tests.browsing import DESK, PHONE, Visit, browser, served
from tests.builders import a_city, sign_in
from tests.house.test_doors import MODULES, ROOMS
from volunteer.models.base import db

# flask-compress leaves the closing of static files to the garbage collector; nothing of ours is open.
pytestmark = [
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning"),
]

AXE = (Path(__file__).parents[1] / "vendor" / "axe.min.js").read_text(encoding="utf-8")
LIGHTEST_FIRST = (
    "volunteer_account",
    "organizer",
    "city_admin",
    "district_admin",
    "auditor",
    "anonymous",
)
HEAVIEST_PHONE_PAGE = 60_000
WORDS_OF_TRADE = {
    "excel", "csv", "xlsx", "xls", "ods", "pdf", "wps", "wgs", "gcj", "gps", "qr", "gov", "cn", "json", "utf", "iphone", "ipad",
    "chrome", "edge", "safari", "firefox", "windows", "android", "amap", "url", "http", "https", "localhost", "sms", "ics", "ctrl",
    "esc", "python", "volunteer", "check", "verify", "sha", "merkle", "ed25519", "ed", "hmac", "account", "linux", "wang", "fang", "yibaoju",
}  # fmt: skip

RUN_AXE = """async () => {
  const found = await axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]});
  return found.violations.map(v => v.id + ": " + v.nodes.map(n => n.target.join(" ")).slice(0, 3).join(" | "));
}"""
VISIBLE_TEXT = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) {
    const holder = walker.currentNode.parentElement;
    if (!holder || holder.closest("script,style,code,kbd,[data-latin],template")) continue;
    if (holder.checkVisibility && !holder.checkVisibility()) continue;
    texts.push(walker.currentNode.textContent);
  }
  return texts.join("\\n");
}"""


@pytest.fixture(scope="module")
def running() -> Iterator[Browser]:
    """One browser for the module; run outside the test's own context."""
    with browser() as chromium:
        yield chromium


def _cookie(app: Flask, account: Any) -> str:
    client = sign_in(app, account)
    cookie = client.get_cookie("session")
    assert cookie is not None
    return cookie.value


def _faults(visit: Visit, address: str, *, is_phone: bool) -> list[str]:
    page = visit.page
    weight = {"bytes": 0}

    def weigh(response: Any) -> None:
        try:
            weight["bytes"] += response.request.sizes()["responseBodySize"]
        except Exception:  # noqa: BLE001 - a request that was given up has no size
            return

    page.on("response", weigh)
    page.goto(address, wait_until="load")
    page.wait_for_timeout(150)
    page.remove_listener("response", weigh)
    faults = [f"axe {line}" for line in _axe(page)]
    if page.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1"):
        faults.append("scrolls sideways")
    told = re.sub(
        r"\w{3,}(?:[-\s·]\w{3,}){2,}", grouped_code, page.evaluate(VISIBLE_TEXT), flags=re.ASCII
    )
    words = {w.lower() for w in re.findall(r"[A-Za-z]{3,}", told)}
    leaks = {w for w in words - WORDS_OF_TRADE if not re.fullmatch(r"(kind|hue|sy|account)\w*", w)}
    if leaks:
        faults.append(f"English words: {sorted(leaks)}")
    if is_phone and page.query_selector("body > .phone") and weight["bytes"] > HEAVIEST_PHONE_PAGE:
        faults.append(f"weighs {weight['bytes']} bytes")
    faults += visit.complaints
    visit.complaints.clear()
    return faults


def grouped_code(found: re.Match[str]) -> str:
    """Leave out a number in groups of letters and figures, such as a certificate's."""
    parts = re.split(r"[-\s·]", found.group())
    is_code = len({len(part) for part in parts}) == 1 and found.group().upper() == found.group()
    return "" if is_code else found.group()


def _axe(page: Any) -> list[str]:
    page.evaluate(AXE)
    found: list[str] = page.evaluate(RUN_AXE)
    return found


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.xdist_group("pages")
@pytest.mark.parametrize("room", ROOMS)
def test_the_pages_of_a_room_are_sound(app: Flask, running: Browser, room: str) -> None:
    module = MODULES[room]
    city = a_city()
    values = module.things(city, city.unit)
    db.session.commit()
    wrong = []
    with contextvars.copy_context().run(lambda: served(app, with_jobs=False)) as address:
        for size in (PHONE, DESK):
            for door in (d for d in module.DOORS if d.method == "GET" and d.admits):
                who = next(name for name in LIGHTEST_FIRST if name in door.admits)
                visit = Visit(running, address, size=size)
                if who != "anonymous" and door.endpoint != "signin.sign_in":
                    visit.context.add_cookies(
                        [
                            {
                                "name": "session",
                                "value": _cookie(app, getattr(city, who)),
                                "url": address,
                            }
                        ]
                    )
                place = door.address.format(**values)
                answer = visit.context.request.get(place, max_redirects=0)
                if (
                    answer.status == 200 and "<!DOCTYPE html>" in answer.text()[:200]
                ):  # fragments are parts of pages
                    told = _faults(visit, place, is_phone=size is PHONE)
                    wrong += [f"{door.endpoint} at {size['width']}: {fault}" for fault in told]
                visit.close()
    assert wrong == []
