"""A process that has loaded the product and forks servers of it: a restart without the seconds of importing.

``python -m tests.faults.nursery`` reads lines: ``serve KIND`` forks a child which runs the product's own
``serve`` (``good``), or the same behind a wrapper that answers before anything is committed (``hasty``),
and prints its process number. The settings are those of the environment. The children are killed by whoever
asked for them.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from tests.bench.serving import ROOT, free_port
from volunteer import cli
from volunteer.app import create_app

DELAY = 0.03
"""Seconds by which the hasty server's work lags behind its word."""


class Hasty:
    """Says "done" to each stamp at once and does the work a moment later: what must never be built."""

    def __init__(self, inside: Callable[..., Iterable[bytes]]) -> None:
        self.inside = inside

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] != "POST" or not environ["PATH_INFO"].startswith("/c/"):
            return self.inside(environ, start)
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        later = {**environ, "wsgi.input": BytesIO(body)}
        threading.Timer(DELAY, self._work, [later]).start()
        start("302 Found", [("Location", "/scan/done/0"), ("Content-Length", "0")])
        return [b""]

    def _work(self, environ: dict[str, Any]) -> None:
        answer = self.inside(environ, lambda *_: None)
        getattr(answer, "close", lambda: None)()


def _child(kind: str) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    app = create_app()
    if kind == "hasty":
        app.wsgi_app = Hasty(app.wsgi_app)  # type: ignore[method-assign]
    cli.serve(app)


def main() -> None:
    """Fork servers as asked until the input ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system buries the children
    create_app()  # loads all that is loaded late; opens no connection
    print("ready", flush=True)
    for line in sys.stdin:
        kind = line.split()[1]
        child = os.fork()
        if child == 0:
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(2, 1)
            try:
                _child(kind)
            finally:
                os._exit(1)
        print(child, flush=True)


@dataclass
class Nursery:
    """The handle of that process: where its servers listen, and how to get one."""

    port: int
    process: "subprocess.Popen[str]"
    log: Path

    def serve(self, kind: str = "good") -> int:
        """Start a server; returns its process number at once, before it listens."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"serve {kind}\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def end(self, server: int, how: int = signal.SIGKILL) -> None:
        """End a server and wait until it is gone."""
        os.kill(server, how)
        until = time.monotonic() + 20
        while time.monotonic() < until:
            try:
                os.kill(server, 0)
            except ProcessLookupError:
                return
            time.sleep(0.002)
        raise RuntimeError(f"server {server} does not end: {self.log.read_text()[-2000:]}")


@contextmanager
def nursery(folder: Path, database_url: str) -> Iterator[Nursery]:
    """A nursery whose servers use this instance folder and database."""
    port = free_port()
    environment = {
        **os.environ,
        "VOLUNTEER_INSTANCE_DIR": str(folder),
        "VOLUNTEER_PORT": str(port),
        "VOLUNTEER_BASE_URL": f"http://127.0.0.1:{port}",
        "VOLUNTEER_DATABASE_URL": database_url,
        "VOLUNTEER_WORKER_IN_PROCESS": "false",
        "VOLUNTEER_THREADS": "6",
    }
    log = folder / "servers.log"
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.nursery"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=sink,
            text=True,
            start_new_session=True,
        )
        assert process.stdout is not None
        try:
            if process.stdout.readline() != "ready\n":
                raise RuntimeError(f"the nursery did not start: {log.read_text()[-2000:]}")
            yield Nursery(port, process, log)
        finally:
            os.killpg(process.pid, signal.SIGKILL)  # the nursery and all that it forked
            process.wait(10)
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    stream.close()


if __name__ == "__main__":
    main()
