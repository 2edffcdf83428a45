"""The product in processes of its own, and a bare HTTP client that costs next to nothing."""

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
ENCODINGS = "gzip, deflate, br, zstd"


@dataclass(frozen=True, slots=True)
class Server:
    """A server of our own: where it listens and which process it is."""

    port: int
    process: int

    def line(self) -> http.client.HTTPConnection:
        """A connection to it."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def busy_ms(self) -> float:
        """Milliseconds of processor that it has used; 0 where the system does not tell."""
        try:
            fields = Path(f"/proc/{self.process}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return 0.0
        return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        port: int = asked.getsockname()[1]
        return port


@contextmanager
def serving(
    folder: Path,
    *,
    database_url: str = "",
    workers: int = 0,
    threads: int = 8,
    target: str = "wsgi:app",
    nice: int = 0,
    core: int | None = None,
) -> Iterator[Server]:
    """Serve an instance folder: embedded server, or granian with so many processes and threads in each.

    ``core`` keeps all of it on one core, where the system has ``taskset``.
    """
    port = free_port()
    environment = {
        **os.environ,
        "VOLUNTEER_INSTANCE_DIR": str(folder),
        "VOLUNTEER_PORT": str(port),
        "VOLUNTEER_BASE_URL": f"http://127.0.0.1:{port}",
        "VOLUNTEER_DATABASE_URL": database_url,
        "VOLUNTEER_WORKER_IN_PROCESS": "false",
        "VOLUNTEER_TRUSTED_PROXIES": "1",
    }
    command = [sys.executable, "wsgi.py"]
    if workers:
        command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--log-level", "error"]
        command += ["--workers", str(workers), "--blocking-threads", str(threads)]
        command += ["--host", "127.0.0.1", "--port", str(port), target]
    if nice:
        command = ["nice", "-n", str(nice), *command]
    if core is not None and shutil.which("taskset"):
        command = ["taskset", "-c", str(core), *command]
    log = (folder / f"server-{port}.log").open("wb")
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        _await(port, server, Path(log.name))
        yield Server(port, server.pid)
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait(10)
        log.close()


def _await(port: int, server: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        if server.poll() is not None:
            raise RuntimeError(f"the server did not start: {log.read_text()[-2000:]}")
        try:
            answer = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            answer.request("GET", "/sign-in")
            if answer.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not answer in time")


def get(line: http.client.HTTPConnection, place: str, cookie: str = "") -> tuple[int, bytes, int]:
    """Return status, body as it came over the wire, and bytes on the wire (headers and body)."""
    headers = {"Accept-Encoding": ENCODINGS}
    if cookie:
        headers["Cookie"] = f"session={cookie}"
    line.request("GET", place, headers=headers)
    answer = line.getresponse()
    body = answer.read()
    return answer.status, body, len(body) + len(str(answer.headers)) + 20
