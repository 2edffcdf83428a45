"""A real server and a real Chromium for tests: nothing leaves the host, every complaint of the page counts."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import make_server

from volunteer.jobs.queue import Worker

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}


def chromium() -> str:
    """The browser of the machine."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found:
            return found
    raise AssertionError("no Chromium: run `make test`, which installs it")


@contextmanager
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    with sync_playwright() as driver:
        running = driver.chromium.launch(
            executable_path=chromium(),
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ],
        )
        try:
            yield running
        finally:
            running.close()


@contextmanager
def served(app: Flask, *, with_jobs: bool = True) -> Iterator[str]:
    """The application on a port of its own, with a worker for its jobs; yields the address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    address = f"http://127.0.0.1:{server.server_port}"
    app.config["SETTINGS"].base_url = address
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    worker = Worker(app.app_context)
    if with_jobs:
        worker.start()
    try:
        yield address
    finally:
        worker.stop()
        server.shutdown()
        thread.join(10)
        server.server_close()


class Visit:
    """One person's browser; ``complaints`` collects console errors, failed and foreign requests."""

    def __init__(
        self, running: Browser, address: str, *, size: dict[str, int] = DESK, **options: Any
    ) -> None:
        self.address = address
        self.complaints: list[str] = []
        self.context: BrowserContext = running.new_context(
            viewport=size, locale="zh-CN", timezone_id="Asia/Shanghai", base_url=address, **options
        )
        self.context.set_default_timeout(15_000)
        self.page: Page = self.context.new_page()
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        self.page.on("request", self._watch)

    def _hear(self, message: Any) -> None:
        expected = "the server responded with a status of" in message.text
        if message.type == "error" and not expected:
            self.complaints.append(f"console: {message.text}")

    def _watch(self, request: Any) -> None:
        place = urlsplit(request.url)
        if place.scheme in ("http", "https") and place.netloc != urlsplit(self.address).netloc:
            self.complaints.append(f"foreign request: {request.url}")

    def sign_in(self, login: str, password: str, *, keep: bool = False) -> None:
        """Sign in through the page, as a person does."""
        self.page.goto("/sign-in")
        self.page.fill("[name=name]", login)
        self.page.fill("[name=password]", password)
        if keep:
            self.page.check("[name=keep]")
        self.page.click("main form button.button-main")
        self.page.wait_for_url(lambda url: "/sign-in" not in url)

    def close(self) -> None:
        """Close the browser of this person."""
        self.context.close()
