"""The main program of a worker process: tasks by name from standard input, answers to standard output."""

import contextlib
import ctypes
import os
import pickle
import queue
import signal
import sys
import threading
from typing import Any, BinaryIO

from volunteer.scheduling.engine.crew import HEAD
from volunteer.scheduling.engine.tasks import TASKS


def _die_with_master() -> None:
    """Ask Linux to kill this process when the one that started it dies; elsewhere the pipe tells."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def _listen(source: BinaryIO, inbox: "queue.SimpleQueue[bytes]") -> None:
    while True:
        head = source.read(HEAD.size)
        if len(head) < HEAD.size:
            os._exit(0)
        (size,) = HEAD.unpack(head)
        inbox.put(source.read(size))


def main() -> None:
    """Serve tasks until the input ends."""
    _die_with_master()
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # nothing a solver prints may mix with the answers
    inbox: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, inbox), daemon=True).start()

    def say(ticket: int, kind: str, value: Any) -> None:
        message = pickle.dumps((ticket, kind, value), protocol=5)
        out.write(HEAD.pack(len(message)))
        out.write(message)
        out.flush()

    while True:
        ticket, task, args = pickle.loads(inbox.get())

        def note(value: Any, ticket: int = ticket) -> None:
            say(ticket, "note", value)

        try:
            answer = TASKS[task](note, *args)
        except Exception as error:  # noqa: BLE001 - whatever goes wrong costs this task only
            say(ticket, "lost", repr(error))
        else:
            say(ticket, "answer", answer)


if __name__ == "__main__":
    main()
