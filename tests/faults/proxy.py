"""A line that breaks: requests pass, and at times the answer is dropped after the server has done its work."""

import http.client
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from random import Random

Sender = Callable[[http.client.HTTPConnection], tuple[int, str]]


@dataclass
class Line:
    """A proxy with a will of its own; ``lost_answers`` and ``lost_requests`` count what it dropped."""

    port: int
    behind: int
    chance: Random
    drop_answer: float
    drop_request: float
    lost_answers: int = 0
    lost_requests: int = 0
    passed: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def carry(self, near: socket.socket) -> None:
        """Carry one request over, or not, and its answer back, or not."""
        with closing(near):
            near.settimeout(30)
            request = _message(near)
            with self.lock:
                fate = self.chance.random()
            if not request or fate < self.drop_request:
                self.lost_requests += bool(request)
                return
            with closing(socket.create_connection(("127.0.0.1", self.behind), 30)) as far:
                far.sendall(request)
                answer = _message(far)
            if fate < self.drop_request + self.drop_answer:
                self.lost_answers += 1
                return
            self.passed += 1
            near.sendall(answer)


def _message(line: socket.socket) -> bytes:
    """One whole message of HTTP, by its length."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = line.recv(65536)
        if not part:
            return data
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    length = 0
    for row in head.split(b"\r\n")[1:]:
        name, _, value = row.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    while len(body) < length:
        part = line.recv(65536)
        if not part:
            break
        body += part
    return head + b"\r\n\r\n" + body


@contextmanager
def a_breaking_line(
    behind: int, *, seed: int, drop_answer: float, drop_request: float
) -> Iterator[Line]:
    """Stand between a client and the server on a port."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    line = Line(listener.getsockname()[1], behind, Random(seed), drop_answer, drop_request)
    over = threading.Event()
    carriers: list[threading.Thread] = []

    def stand() -> None:
        while not over.is_set():
            try:
                near, _ = listener.accept()
            except OSError:
                return
            carrier = threading.Thread(target=_quietly, args=(line, near))
            carriers.append(carrier)
            carrier.start()

    guard = threading.Thread(target=stand)
    guard.start()
    try:
        yield line
    finally:
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        guard.join(10)
        for carrier in carriers:
            carrier.join(10)


def _quietly(line: Line, near: socket.socket) -> None:
    try:
        line.carry(near)
    except OSError:
        return  # the client hung up


def until_answered(port: int, send: Sender, *, most: int = 40) -> tuple[int, str]:
    """Ask again until there is an answer, as a phone does."""
    for _ in range(most):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            return send(connection)
        except (OSError, http.client.HTTPException):
            continue
        finally:
            connection.close()
    raise AssertionError("never an answer")
