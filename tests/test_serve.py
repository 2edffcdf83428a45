"""The embedded server (内置服务器): what it believes of the proxies in front of it."""

import threading
import urllib.request
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
import waitress

from volunteer import cli
from volunteer.app import create_app
from volunteer.config import load_settings
from volunteer.models.base import db


def _headers_seen(options: dict[str, Any]) -> dict[str, Any]:
    """What an application behind the embedded server, started so, is told of one request."""
    seen: dict[str, Any] = {}

    def recorder(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        seen.update(environ)
        start("200 OK", [("Content-Type", "text/plain")])
        return [b"ok"]

    server = waitress.create_server(recorder, **{**options, "port": 0, "threads": 1})
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        request = urllib.request.Request(
            f"http://127.0.0.1:{server.effective_port}/", headers={"X-Forwarded-For": "203.0.113.9"}
        )
        with urllib.request.urlopen(request, timeout=5) as answer:
            assert answer.read() == b"ok"
    finally:
        server.trigger.pull_trigger(server.close)  # by its own thread, which looks at the sockets
        thread.join(10)
        server.task_dispatcher.shutdown()
    assert not thread.is_alive()
    return seen


@pytest.mark.parametrize("proxies", [0, 1])
def test_the_address_of_the_visitor_passes_only_where_a_proxy_is_trusted(
    proxies: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = load_settings(
        instance_dir=tmp_path, trusted_proxies=proxies, worker_in_process=False
    )
    taken: dict[str, Any] = {}
    monkeypatch.setattr(waitress, "serve", lambda app, **options: taken.update(options))
    app = create_app(settings)
    cli.serve(app)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    seen = _headers_seen(taken)
    assert seen["REMOTE_ADDR"] == "127.0.0.1"
    assert seen.get("HTTP_X_FORWARDED_FOR") == ("203.0.113.9" if proxies else None)
