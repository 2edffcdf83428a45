"""Password checks in a process of their own (密码校验进程): politely behind everything else on the machine.

A check costs fifty milliseconds of a core, on purpose. When a whole city signs in at eight, the checks take
what check-in leaves over, and not half of the machine: the child runs at a lower priority. In a thread that
could not be had, because a thread that waits for the processor would keep the interpreter's lock from others.
"""

import atexit
import json
import os
import subprocess
import sys
import threading
from contextlib import suppress

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
"""OWASP's smaller recommendation for argon2id: 19 MiB, two passes."""
POLITENESS = 10


def is_right(stored: str, password: str) -> bool:
    """Check here and now."""
    try:
        return HASHER.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


class Checker:
    """One child that checks one password after the other; started at the first, and again if it died."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child: subprocess.Popen[str] | None = None
        self._owner = 0

    def is_right(self, stored: str, password: str) -> bool:
        """Have it checked; where no child can be had it is checked here."""
        with self._lock:
            for _ in range(2):
                answer = self._ask(stored, password)
                if answer is not None:
                    return answer
        return is_right(stored, password)

    def close(self) -> None:
        """End the child, if it is ours."""
        child, self._child = self._child, None
        if child is None or self._owner != os.getpid():
            return
        with suppress(OSError):
            child.communicate(timeout=2)
        child.kill()
        child.wait()

    def _ask(self, stored: str, password: str) -> bool | None:
        try:
            child = self._running()
            assert child.stdin is not None
            assert child.stdout is not None
            child.stdin.write(json.dumps([stored, password]) + "\n")
            child.stdin.flush()
            said = child.stdout.readline().strip()
        except OSError:
            said = ""
        if said in ("yes", "no"):
            return said == "yes"
        self.close()
        return None

    def _running(self) -> "subprocess.Popen[str]":
        if self._child is None or self._owner != os.getpid() or self._child.poll() is not None:
            self.close()
            self._owner = os.getpid()
            self._child = subprocess.Popen(
                [sys.executable, "-m", __name__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                cwd=os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))),
            )
        return self._child


CHECKER = Checker()
atexit.register(CHECKER.close)


def main() -> None:
    """Answer each line ``[stored, password]`` with yes or no until the end of the input."""
    if hasattr(os, "nice"):
        os.nice(POLITENESS)
    for line in sys.stdin:
        stored, password = json.loads(line)
        sys.stdout.write("yes\n" if is_right(stored, password) else "no\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
