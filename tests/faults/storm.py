"""Clients that stamp and settle without pause, and write down each answer the moment they have it."""

import http.client
import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.faults.crowd import Crowd, Phone, Tap

CLIENTS = 4


@dataclass
class Storm:
    """What is still to be sent, what was acknowledged, and what hangs without an answer."""

    crowd: Crowd
    port: int
    taps: deque[Tap] = field(default_factory=deque)
    shifts: deque[int] = field(default_factory=deque)
    acked: dict[str, str] = field(default_factory=dict)
    settled: list[int] = field(default_factory=list)
    refused: list[tuple[str, int]] = field(default_factory=list)
    unanswered: int = 0
    first_ack: float | None = None
    over: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.taps.extend(self.crowd.taps)
        self.shifts.extend(self.crowd.finished)

    def begin(self) -> list[threading.Thread]:
        """Let the clients loose; they end when ``over`` is set."""
        self.first_ack = None
        self.over.clear()
        clients = [threading.Thread(target=self._stamp) for _ in range(CLIENTS)]
        if self.shifts:
            clients.append(threading.Thread(target=self._settle))
        for client in clients:
            client.start()
        return clients

    def end(self, clients: list[threading.Thread]) -> None:
        """Stop the clients and wait for them."""
        self.over.set()
        for client in clients:
            client.join(60)

    def _lines(self) -> Iterator[http.client.HTTPConnection]:
        """A connection for each try, as soon as somebody listens."""
        while not self.over.is_set():
            line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
            try:
                line.connect()
                yield line
            except OSError:
                time.sleep(0.003)
            finally:
                line.close()

    def _stamp(self) -> None:
        for line in self._lines():
            try:
                tap = self.taps.popleft()
            except IndexError:
                return
            try:
                status, place = tap.send(line)
            except (OSError, http.client.HTTPException):
                with self.lock:
                    self.unanswered += 1
                self.taps.appendleft(tap)  # the phone asks again with the same nonce
                continue
            with self.lock:
                if status == 302 and place.startswith("/scan/done/"):
                    self.acked[tap.nonce] = place.rpartition("/")[2]
                    self.first_ack = self.first_ack or time.monotonic()
                else:
                    self.refused.append((f"{tap.nonce} {place}", status))

    def _settle(self) -> None:
        desk: Phone = self.crowd.desk
        for line in self._lines():
            try:
                shift = self.shifts.popleft()
            except IndexError:
                return
            try:
                answer = desk.post(line, f"/onsite/{shift}/settle")
            except (OSError, http.client.HTTPException):
                continue  # not asked again: the next look must find all of it or nothing
            with self.lock:
                if answer.status == 302:
                    self.settled.append(shift)
                else:
                    self.refused.append((f"settle {shift}", answer.status))
