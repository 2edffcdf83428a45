"""Group commit (成组提交): small writes that come at once share one transaction, and are told after its commit.

Whoever comes while nobody is writing and nobody else was seen lately writes at once, in the own thread; whoever comes
meanwhile waits and is in the next transaction, together with all others who wait. So a lone write costs no hop between
threads, and under load what a transaction costs is shared: while others keep coming, some milliseconds are waited until
there are a few, and who completes the few writes for all. One transaction is open at a time, and where the database can
do more, a second one while the first waits for a slow disk.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Generic, TypeVar

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import SQLAlchemyError

from volunteer.models.base import writing

Ask = TypeVar("Ask")
Answer = TypeVar("Answer")


AT_ONCE = 64
"""So many asks at most share a transaction."""
SLOW = 0.003
"""Seconds after which those who wait go ahead: without company, or with a transaction beside a slow one."""
FEW = 4
"""So many make a transaction worth its cost; fewer wait for company, at most SLOW."""
LULL = 0.003
"""Seconds without an ask after which no company is expected: who comes then writes at once."""


class Crowded(Exception):
    """Too many wait, or the wait was too long; nothing was written for this one."""


class Undone(Exception):
    """The database refused this one, alone, too; nothing was written for it. The cause says why."""


class _Place(Generic[Ask, Answer]):
    """One who waits: released when there is an answer, or when it is their turn to write for all."""

    __slots__ = ("answer", "ask", "batch", "error", "is_late", "turn")

    def __init__(self, ask: Ask) -> None:
        self.ask = ask
        self.turn = threading.Lock()
        self.turn.acquire()
        self.is_late = False
        self.batch: list[_Place[Ask, Answer]] = []
        self.answer: Answer | None = None
        self.error: BaseException | None = None


def _tuned(connection: Connection) -> Connection:
    """On PostgreSQL: plan each statement once for this connection, and by indexes alone; commit each by itself.

    What is written here is found by keys. A plan made while the tables were small would else read them from
    end to end when they have grown, and making one anew costs five times its execution. ``work`` writes with
    one statement there, so that BEGIN and COMMIT would only be two more ways there and back.
    """
    if connection.dialect.name != "postgresql":
        return connection
    tuned = connection.execution_options(isolation_level="AUTOCOMMIT")
    with tuned.begin():
        for said in ("plan_cache_mode = force_generic_plan", "enable_seqscan = off", "jit = off"):
            tuned.exec_driver_sql(f"SET {said}")
    return tuned


class GroupCommit(Generic[Ask, Answer]):
    """Runs ``work(connection, asks)`` in transactions of its own, several asks in each.

    ``work`` answers every ask in order, writes only through the connection (on PostgreSQL with a single
    statement, which commits as it ends) and raises where it cannot; then each ask of that transaction is tried
    again alone, so that a bad one harms nobody. ``keys`` names what two asks of one transaction must not
    share. ``most_waiting`` bounds the queue, ``patience`` the wait in seconds, ``most_writing`` the transactions
    that may be open at once where one is slow.
    """

    def __init__(
        self,
        work: Callable[[Connection, Sequence[Ask]], list[Answer]],
        *,
        keys: Callable[[Ask], Iterable[Hashable]],
        most_waiting: int = 512,
        patience: float = 8.0,
        most_writing: int = 1,
    ) -> None:
        self._work, self._keys = work, keys
        self._most_waiting, self._patience = most_waiting, patience
        self._most_writing = most_writing
        self._lock = threading.Lock()
        self._waiting: deque[_Place[Ask, Answer]] = deque()
        self._writing = 0
        self._came = 0.0
        self._connections: list[Connection] = []
        self.transactions = 0
        self.written = 0

    def ask(self, engine: Engine, ask: Ask) -> Answer:
        """Have one ask written; returns its answer after the commit.

        Raises :class:`Crowded` when too many wait, :class:`Undone` where the database refused this one, and
        whatever else ``work`` raised.
        """
        place: _Place[Ask, Answer] = _Place(ask)
        with self._lock:
            if len(self._waiting) >= self._most_waiting:
                raise Crowded
            before, self._came = self._came, time.monotonic()
            self._waiting.append(place)
            is_alone = self._came - before > LULL
            if not self._writing and (is_alone or len(self._waiting) >= FEW):
                self._begin(place)
        if not place.batch:
            self._wait(place)
        if place.batch:
            self._write(engine, place)
        if place.error is not None:
            raise place.error
        return place.answer  # type: ignore[return-value]

    def close(self) -> None:
        """End the connections; the next ask opens another."""
        with self._lock:
            ended, self._connections = self._connections, []
        for connection in ended:
            _end(connection)

    def _wait(self, place: _Place[Ask, Answer]) -> None:
        if place.turn.acquire(timeout=SLOW) or self._goes_ahead(place):
            return
        if place.turn.acquire(timeout=self._patience):
            return
        with self._lock:
            if place in self._waiting:
                self._waiting.remove(place)
                raise Crowded
        place.turn.acquire()  # it is being written just now: its answer must be told

    def _goes_ahead(self, place: _Place[Ask, Answer]) -> bool:
        """Open a transaction for those who have waited long enough, where the database allows one more."""
        with self._lock:
            if self._writing >= self._most_writing or place not in self._waiting:
                place.is_late = True
                return False
            self._begin(place)
            return True

    def _begin(self, place: _Place[Ask, Answer]) -> None:
        """Let one who waits write for as many as may go with it; the lock is held."""
        self._waiting.remove(place)
        self._waiting.appendleft(place)
        self._writing += 1
        place.batch = self._next_batch()

    def _write(self, engine: Engine, place: _Place[Ask, Answer]) -> None:
        batch, place.batch = place.batch, []
        try:
            self._settle(engine, batch)
        except BaseException as error:  # an answer is owed to everybody who waits
            for one in batch:
                one.error = error
        finally:
            self._hand_on()
            for one in batch:
                if one is not place:
                    one.turn.release()

    def _hand_on(self) -> None:
        with self._lock:
            is_due = len(self._waiting) >= FEW or any(one.is_late for one in self._waiting)
            batch = self._next_batch() if is_due else []
            self._writing -= not batch
        if batch:
            batch[0].batch = batch
            batch[0].turn.release()

    def _next_batch(self) -> list[_Place[Ask, Answer]]:
        taken: set[Hashable] = set()
        batch: list[_Place[Ask, Answer]] = []
        left: list[_Place[Ask, Answer]] = []
        while self._waiting and len(batch) < AT_ONCE:
            place = self._waiting.popleft()
            keys = set(self._keys(place.ask))
            if taken & keys:
                left.append(place)
            else:
                taken |= keys
                batch.append(place)
        self._waiting.extendleft(reversed(left))
        return batch

    def _settle(self, engine: Engine, batch: list[_Place[Ask, Answer]]) -> None:
        try:
            self._commit(engine, batch)
        except Exception as error:
            if len(batch) == 1:
                known = (SQLAlchemyError, engine.dialect.loaded_dbapi.Error)
                batch[0].error = Undone(str(error)) if isinstance(error, known) else error
                batch[0].error.__cause__ = error
                return
            for one in batch:
                self._settle(engine, [one])

    def _commit(self, engine: Engine, batch: list[_Place[Ask, Answer]]) -> None:
        connection = self._taken(engine)
        try:
            with writing(), connection.begin():
                answers = self._work(connection, [one.ask for one in batch])
        except BaseException:
            _end(connection)  # it may be broken; a new one costs little
            raise
        with self._lock:
            self._connections.append(connection)
            self.transactions += 1
            self.written += len(batch)
        for one, answer in zip(batch, answers, strict=True):
            one.answer = answer

    def _taken(self, engine: Engine) -> Connection:
        with self._lock:
            if self._connections:
                return self._connections.pop()
        if not event.contains(engine, "engine_disposed", self._let_go):
            event.listen(engine, "engine_disposed", self._let_go)
        connection = engine.connect()
        try:
            return _tuned(connection)
        except BaseException:
            _end(connection)
            raise

    def _let_go(self, _engine: Engine) -> None:
        self.close()


def _end(connection: Connection) -> None:
    connection.invalidate()  # its settings are its own: it must not go back among the others
    connection.close()
