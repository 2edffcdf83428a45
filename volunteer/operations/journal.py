"""The journal (日志): the audit line, the message and the job, in the same transaction as the act."""

from contextvars import ContextVar
from datetime import datetime
from typing import Any

from sqlalchemy import select

from volunteer.domain.access import Actor
from volunteer.domain.terms import JobState, MessageState
from volunteer.models.base import db
from volunteer.models.journal import AuditEntry, Job, Message
from volunteer.models.people import Account

request_id: ContextVar[str] = ContextVar("volunteer_request_id", default="")
"""The number of the request at hand; set by the web edge, copied onto audit lines."""

SYSTEM = "系统"


def note(  # noqa: PLR0913 - an audit line has this many parts
    actor: Actor | None,
    act: str,
    subject: Any,
    sentence: str,
    *,
    at: datetime,
    unit_id: int | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    reason: str = "",
) -> AuditEntry:
    """Write an audit line. ``subject`` is a model instance, or a word where there is no row.

    ``actor`` is None for the system's own acts. ``sentence`` is Chinese, for the people who audit.
    """
    if isinstance(subject, str):
        name, number = subject, None
    else:
        name, number = subject.__tablename__, getattr(subject, "id", None)
        if number is None and hasattr(subject, "id"):
            db.session.flush()
            number = subject.id
    entry = AuditEntry(
        at=at,
        account_id=actor.account_id if actor else None,
        actor_name=actor.name if actor else SYSTEM,
        act=act,
        subject=name,
        subject_id=number,
        unit_id=unit_id,
        sentence=sentence[:400],
        before=before,
        after=after,
        reason=reason[:200],
        request_id=request_id.get(),
    )
    db.session.add(entry)
    return entry


def tell(  # noqa: PLR0913 - a message has this many parts
    *,
    topic: str,
    title: str,
    body: str,
    at: datetime,
    volunteer_id: int | None = None,
    account_id: int | None = None,
    link: str = "",
    dedupe: str | None = None,
    due_at: datetime | None = None,
) -> Message | None:
    """Put a message into the outbox of a volunteer or an account.

    With ``dedupe`` (a key that names the event) a second message of the same key is not written; then
    None is returned. A volunteer without an account still gets the row: the adapters reach the phone.
    """
    if dedupe is not None:
        dedupe = dedupe[:120]
        if db.session.scalar(select(Message.id).where(Message.dedupe == dedupe)) is not None:
            return None
    if account_id is None and volunteer_id is not None:
        account_id = db.session.scalar(
            select(Account.id).where(Account.volunteer_id == volunteer_id)
        )
    message = Message(
        account_id=account_id,
        volunteer_id=volunteer_id,
        topic=topic,
        title=title[:80],
        body=body[:400],
        link=link,
        dedupe=dedupe,
        state=MessageState.QUEUED,
        created_at=at,
        due_at=due_at or at,
    )
    db.session.add(message)
    return message


def tell_many(messages: list[dict[str, Any]], *, at: datetime) -> int:
    """Put many messages for volunteers into the outbox with two statements, however many there are.

    Each has topic, title, body, volunteer_id, link and an optional dedupe key; known keys are skipped.
    Returns how many were written.
    """
    if not messages:
        return 0
    keys = [m["dedupe"] for m in messages if m.get("dedupe")]
    known: set[str] = set()
    for start in range(0, len(keys), 400):
        part = keys[start : start + 400]
        known.update(
            k
            for k in db.session.scalars(select(Message.dedupe).where(Message.dedupe.in_(part)))
            if k
        )
    accounts: dict[int, int] = {}
    people = sorted({m["volunteer_id"] for m in messages})
    for start in range(0, len(people), 400):
        rows = db.session.execute(
            select(Account.volunteer_id, Account.id).where(
                Account.volunteer_id.in_(people[start : start + 400])
            )
        )
        accounts.update({row[0]: row[1] for row in rows if row[0] is not None})
    fresh = []
    for m in messages:
        key = m.get("dedupe")
        if key and key in known:
            continue
        if key:
            known.add(key)
        fresh.append(
            Message(
                account_id=accounts.get(m["volunteer_id"]),
                volunteer_id=m["volunteer_id"],
                topic=m["topic"],
                title=m["title"][:80],
                body=m["body"][:400],
                link=m.get("link", ""),
                dedupe=key,
                state=MessageState.QUEUED,
                created_at=at,
                due_at=m.get("due_at", at),
            )
        )
    db.session.add_all(fresh)
    return len(fresh)


def enqueue(
    task: str, arguments: dict[str, Any], *, at: datetime, due_at: datetime | None = None
) -> Job:
    """Ask for a job; the queue finds its row after the commit. Returns the row with its number."""
    job = Job(
        task=task, arguments=arguments, state=JobState.QUEUED, created_at=at, due_at=due_at or at
    )
    db.session.add(job)
    db.session.flush()
    return job
