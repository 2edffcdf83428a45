"""Two hundred people who sign in with their passwords in the same moment, as at eight in the morning."""

import json
import random
import re
import subprocess
import sys
import threading
import time
from http.client import HTTPConnection
from urllib.parse import urlencode

GIVES_UP = 90.0


class Herd:
    """Each opens the page, types name and password, and comes again when told to wait."""

    def __init__(self, port: int, names: list[str], password: str) -> None:
        self.port, self.names, self.password = port, names, password
        self.signed_in = 0
        self.asked_to_wait = 0
        self._lock = threading.Lock()

    def run(self) -> None:
        """Let all of them try until they are in."""
        crowd = [threading.Thread(target=self._one, args=(n, i)) for i, n in enumerate(self.names)]
        for person in crowd:
            person.start()
        for person in crowd:
            person.join(GIVES_UP + 30)

    def _one(self, name: str, place: int) -> None:
        from_afar = {"X-Forwarded-For": f"10.0.{place // 250}.{place % 250 + 1}"}
        line = HTTPConnection("127.0.0.1", self.port, timeout=60)
        line.request("GET", "/sign-in", headers=from_afar)
        page = line.getresponse()
        cookie = (page.headers.get("Set-Cookie") or "").split(";")[0]
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.read().decode())
        body = urlencode(
            {"csrf_token": found.group(1) if found else "", "name": name, "password": self.password}
        )
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie}
        until = time.monotonic() + GIVES_UP
        while time.monotonic() < until:
            line.request("POST", "/sign-in", body, headers | from_afar)
            answer = line.getresponse()
            answer.read()
            with self._lock:
                self.signed_in += answer.status == 302
                self.asked_to_wait += answer.status == 503
            if answer.status != 503:
                break
            time.sleep(
                float(answer.headers.get("Retry-After") or 5) * (0.7 + 0.6 * random.random())
            )
        line.close()


def started(port: int, names: list[str], password: str) -> "subprocess.Popen[str]":
    """Let the herd run in a process of its own: its threads must not hold up the clock of those who check in."""
    program = [sys.executable, "-m", "tests.bench.herd", str(port), password, *names]
    return subprocess.Popen(program, stdout=subprocess.PIPE, text=True)


def told(process: "subprocess.Popen[str]") -> dict[str, float]:
    """What became of a herd that has ended: how many are in, how many answers said to wait, seconds."""
    out, _ = process.communicate(timeout=GIVES_UP + 60)
    return dict(json.loads(out))


def main() -> None:
    """``python -m tests.bench.herd PORT PASSWORD NAME…``"""
    herd = Herd(int(sys.argv[1]), sys.argv[3:], sys.argv[2])
    began = time.perf_counter()
    herd.run()
    took = time.perf_counter() - began
    said = {"signed_in": herd.signed_in, "asked_to_wait": herd.asked_to_wait, "seconds": took}
    print(json.dumps(said))


if __name__ == "__main__":
    main()
