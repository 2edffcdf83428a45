"""The writer that requests share (成组提交): one for each application and process, made at its first use."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any

from flask import current_app
from sqlalchemy import Connection, Dialect

from volunteer.domain.refusal import Refused
from volunteer.models.base import db
from volunteer.models.group_commit import Crowded, GroupCommit, Undone

AT_ONCE = 2
"""So many transactions of a process may be open at once on PostgreSQL; SQLite has one writer."""

Work = Callable[[Connection, Sequence[Any]], list[Any]]


def written(
    work: Callable[[Dialect], Work], ask: Any, *, keys: Callable[[Any], Iterable[Hashable]]
) -> Any:
    """Have an ask written in a transaction shared with others; returns after its commit, None if it was not.

    ``work`` makes what writes on a database. ``keys`` names what two asks of one transaction must not share.

    Raises Refused ``busy`` (503) when so many wait that an answer would come too late: nothing was written,
    and the same tap may be sent again.
    """
    writers: dict[Any, GroupCommit[Any, Any]] = current_app.extensions.setdefault("writers", {})
    writer = writers.get(work)
    if writer is None:
        settings = current_app.config["SETTINGS"]
        writer = writers.setdefault(
            work,
            GroupCommit(
                work(db.engine.dialect),
                keys=keys,
                most_waiting=settings.intake_waiting,
                most_writing=1 if db.engine.dialect.name == "sqlite" else AT_ONCE,
            ),
        )
    try:
        return writer.ask(db.engine, ask)
    except Undone:
        return None
    except Crowded:
        raise Refused(
            "busy",
            "现在签到的人太多，还没有轮到您。",
            "没有丢失任何记录，请等几秒钟再点一次。",
            status=503,
        ) from None
