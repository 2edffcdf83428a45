"""Clients that cost next to nothing: many connections in one thread, each asking when it was answered."""

import selectors
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

LONGEST_WAIT = 30.0


@dataclass
class Round:
    """What came of some seconds of asking."""

    seconds: float = 0.0
    spent: list[float] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.spent) / self.seconds if self.seconds else 0.0

    def at(self, share: float) -> float:
        """Milliseconds within which this share was answered."""
        ordered = sorted(self.spent) or [0.0]
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000


def together(rounds: list[Round]) -> Round:
    """Several rounds as one."""
    return Round(
        sum(r.seconds for r in rounds),
        [s for r in rounds for s in r.spent],
        [s for r in rounds for s in r.refused],
    )


def post(place: str, body: str, cookie: str) -> bytes:
    """The bytes of a POST with a session."""
    return (
        f"POST {place} HTTP/1.1\r\nHost: bench\r\nCookie: session={cookie}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


class _Line:
    """One connection: what it waits for, since when."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.socket = self._dial()
        self.asked = 0.0
        self.got = b""

    def _dial(self) -> socket.socket:
        line = socket.create_connection(("127.0.0.1", self.port), timeout=LONGEST_WAIT)
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return line

    def ask(self, request: bytes) -> None:
        self.asked, self.got = time.perf_counter(), b""
        self.socket.sendall(request)

    def hear(self) -> bytes | None:
        """The head of the answer when it is complete."""
        part = self.socket.recv(65536)
        if not part:
            raise ConnectionError("the server hung up")
        self.got += part
        end = self.got.find(b"\r\n\r\n")
        if end < 0:
            return None
        head = self.got[:end].lower()
        start = head.find(b"content-length: ")
        length = int(head[start + 16 :].split(b"\r\n", 1)[0]) if start >= 0 else 0
        return self.got[:end] if len(self.got) >= end + 4 + length else None


def run(
    ports: Sequence[int],
    next_request: Callable[[], bytes | None],
    is_good: Callable[[bytes], bool],
    *,
    clients: int,
    seconds: float,
) -> Round:
    """Ask with so many clients for some seconds, each one request after the other; None ends a client.

    Each client keeps to one of the ports, as many to the one as to the other.
    """
    made = Round()
    waiting = selectors.DefaultSelector()
    lines = [_Line(ports[number % len(ports)]) for number in range(clients)]
    began = time.perf_counter()
    busy = 0
    for line in lines:
        request = next_request()
        if request is not None:
            waiting.register(line.socket, selectors.EVENT_READ, line)
            line.ask(request)
            busy += 1
    while busy:
        ready = waiting.select(LONGEST_WAIT)
        if not ready:
            raise TimeoutError("no answer")
        for key, _ in ready:
            line = key.data
            head = line.hear()
            if head is None:
                continue
            heard = time.perf_counter()
            if is_good(head):
                made.spent.append(heard - line.asked)
            else:
                made.refused.append(int(head[9:12]))
            request = next_request() if heard - began < seconds else None
            if request is None:
                waiting.unregister(line.socket)
                busy -= 1
            else:
                line.ask(request)
    made.seconds = time.perf_counter() - began
    for line in lines:
        line.socket.close()
    waiting.close()
    return made
