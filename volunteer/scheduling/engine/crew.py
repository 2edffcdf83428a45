"""Worker processes: tasks go out, answers come back; none outlives the crew or its master.

A worker is a fresh interpreter (never a fork, so it is safe from any thread). It ends when its
input ends, when the master dies, or at :meth:`Crew.close`. A worker that is killed costs its task
and nothing else: the task is reported as lost, and another worker takes the next one.
"""

import contextlib
import os
import pickle
import selectors
import struct
import subprocess
import sys
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HEAD = struct.Struct(">Q")
ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True, slots=True)
class Report:
    """What a worker says of a task: a ``note`` on the way, the ``answer``, or that it was ``lost``."""

    ticket: int
    kind: str
    value: Any


class _Worker:
    def __init__(self) -> None:
        env = dict(os.environ, PYTHONPATH=str(ROOT), OMP_NUM_THREADS="1")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "volunteer.scheduling.engine.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=env,
            close_fds=True,
        )
        self.ticket: int | None = None
        self.buffer = bytearray()

    def send(self, ticket: int, message: bytes) -> bool:
        self.ticket = ticket
        stdin = self.process.stdin
        assert stdin is not None
        try:
            stdin.write(HEAD.pack(len(message)))
            stdin.write(message)
            stdin.flush()
        except OSError:
            return False
        return True

    def messages(self) -> list[tuple[int, str, Any]] | None:
        """Whole messages that have arrived; None when the worker is gone."""
        stdout = self.process.stdout
        assert stdout is not None
        data = os.read(stdout.fileno(), 1 << 20)
        if not data:
            return None
        self.buffer += data
        out = []
        while len(self.buffer) >= HEAD.size:
            (size,) = HEAD.unpack_from(self.buffer)
            if len(self.buffer) < HEAD.size + size:
                break
            out.append(pickle.loads(bytes(self.buffer[HEAD.size : HEAD.size + size])))
            del self.buffer[: HEAD.size + size]
        return out

    def end(self) -> None:
        self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        self.process.wait()


class Crew:
    """A few worker processes, started when first needed. Use it as a context manager.

    Tickets count from ``first``, so that two crews can be told apart.
    """

    def __init__(self, size: int, first: int = 0) -> None:
        self.size = max(1, size)
        self._workers: list[_Worker] = []
        self._select = selectors.DefaultSelector()
        self._queue: deque[tuple[int, bytes]] = deque()
        self._tickets = first
        self._reports: deque[Report] = deque()
        self._starts = 0

    def __enter__(self) -> "Crew":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def submit(self, task: str, *args: Any) -> int:
        """Hand out a task by name; its ticket."""
        self._tickets += 1
        message = pickle.dumps((self._tickets, task, args), protocol=5)
        self._queue.append((self._tickets, message))
        self._hand_out()
        return self._tickets

    def _hand_out(self) -> None:
        while self._queue:
            idle = next((w for w in self._workers if w.ticket is None), None)
            if idle is None:
                if len(self._workers) >= self.size:
                    return
                if self._starts > 8 * self.size:  # workers die as fast as they start
                    ticket, _ = self._queue.popleft()
                    self._reports.append(Report(ticket, "lost", None))
                    continue
                idle = self._start()
            ticket, message = self._queue.popleft()
            if not idle.send(ticket, message):
                self._bury(idle)

    def _start(self) -> _Worker:
        worker = _Worker()
        self._starts += 1
        self._workers.append(worker)
        assert worker.process.stdout is not None
        self._select.register(worker.process.stdout, selectors.EVENT_READ, worker)
        return worker

    def _bury(self, worker: _Worker) -> None:
        assert worker.process.stdout is not None
        self._select.unregister(worker.process.stdout)
        self._workers.remove(worker)
        worker.end()
        if worker.ticket is not None:
            self._reports.append(Report(worker.ticket, "lost", None))

    def wait(self, seconds: float) -> list[Report]:
        """Reports that arrive within so many seconds (at once if some are there already)."""
        until = time.monotonic() + max(0.0, seconds)
        while not self._reports:
            rest = until - time.monotonic()
            for key, _ in self._select.select(max(0.0, rest)):
                self._read(key.data)
            if rest <= 0:
                break
        out = list(self._reports)
        self._reports.clear()
        return out

    def _read(self, worker: _Worker) -> None:
        messages = worker.messages()
        if messages is None:
            self._bury(worker)
            self._hand_out()
            return
        for ticket, kind, value in messages:
            self._reports.append(Report(ticket, kind, value))
            if kind != "note":
                worker.ticket = None
        self._hand_out()

    def pids(self) -> list[int]:
        """Process ids of the workers that live."""
        return [w.process.pid for w in self._workers]

    def close(self) -> None:
        """End every worker, now."""
        for worker in list(self._workers):
            worker.ticket = None
            self._bury(worker)
        self._queue.clear()
        self._reports.clear()
        self._select.close()


__all__ = ["HEAD", "Crew", "Report"]
