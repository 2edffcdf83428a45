"""Objections and make-up requests in the copy of one's own data (本人资料副本); who vouched is left out."""

from typing import Any

from sqlalchemy import select

from volunteer.models.base import db
from volunteer.models.tickets import MakeUp, Ticket

MOST = 1000


def copied_tickets(profiles: list[int]) -> list[dict[str, Any]]:
    """The objections of these profiles, the newest first."""
    rows = db.session.scalars(
        select(Ticket)
        .where(Ticket.volunteer_id.in_(profiles))
        .order_by(Ticket.id.desc())
        .limit(MOST)
    )
    return [
        {
            "提出时间": t.asked_at,
            "事项": t.topic.label,
            "说明": t.words,
            "证明": t.evidence,
            "证人": t.witnesses,
            "状态": t.state.label,
            "答复": t.answer,
            "答复时间": t.answered_at,
        }
        for t in rows
    ]


def copied_make_ups(profiles: list[int]) -> list[dict[str, Any]]:
    """The make-up requests for these profiles, the newest first."""
    rows = db.session.scalars(
        select(MakeUp)
        .where(MakeUp.volunteer_id.in_(profiles))
        .order_by(MakeUp.id.desc())
        .limit(MOST)
    )
    return [
        {
            "申请时间": m.asked_at,
            "到岗": m.came_at,
            "离岗": m.went_at,
            "分钟": m.minutes,
            "原因": m.cause.label,
            "说明": m.words,
            "证明": m.evidence,
            "状态": m.state.label,
            "公示到": m.announced_until,
            "理由": m.reason,
        }
        for m in rows
    ]
