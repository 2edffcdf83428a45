"""Registering a data breach (登记数据安全事件) and what is done about it; entries are added, never changed.

《个人信息保护法》第五十七条: measures at once; the office in charge and the people are told which data, why, what
harm may come, what was done, what they can do themselves, and whom to call.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from volunteer.domain.access import Act, Actor, require
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import BreachStep, VolunteerState
from volunteer.models.base import db
from volunteer.models.journal import Breach, BreachEntry
from volunteer.models.people import Volunteer
from volunteer.operations.journal import note, tell_many
from volunteer.queries.breaches import MUST, BreachLine, breach_for


@dataclass(frozen=True, slots=True)
class BreachFacts:
    """What is known when a breach is written down."""

    title: str
    found_at: datetime
    happened_at: datetime | None
    kinds: str
    cause: str
    harm: str
    affected: int


def register_breach(actor: Actor, facts: BreachFacts, *, at: datetime) -> Breach:
    """Write a breach down.

    Raises Refused ``not_allowed``, ``facts_missing``, ``in_the_future``, ``wrong_order``.
    """
    require(actor, Act.MANAGE_SETTINGS)
    if not (facts.title.strip() and facts.kinds.strip() and facts.cause.strip()):
        raise Refused("facts_missing", "请写明事件、涉及的信息种类和原因。", status=422)
    if facts.found_at > at:
        raise Refused("in_the_future", "发现时间不能晚于现在。", field="found_at", status=422)
    if facts.happened_at is not None and facts.happened_at > facts.found_at:
        raise Refused("wrong_order", "发生时间不能晚于发现时间。", field="happened_at", status=422)
    row = Breach(
        title=facts.title.strip()[:80],
        found_at=facts.found_at,
        happened_at=facts.happened_at,
        kinds=facts.kinds.strip()[:200],
        cause=facts.cause.strip()[:400],
        harm=facts.harm.strip()[:400],
        affected=max(0, facts.affected),
        made_at=at,
        made_by_id=actor.account_id,
        made_by_name=actor.name,
    )
    db.session.add(row)
    db.session.flush()
    note(
        actor,
        "register_breach",
        row,
        f"登记数据安全事件：{row.title}（涉及约 {row.affected} 人）",
        at=at,
        unit_id=actor.unit_id,
        after={"found_at": row.found_at.isoformat(), "kinds": row.kinds},
    )
    return row


def _open(actor: Actor, breach_id: int, *, at: datetime) -> BreachLine:
    require(actor, Act.MANAGE_SETTINGS)
    db.session.get(Breach, breach_id, with_for_update=True)
    line = breach_for(actor, breach_id, at=at)
    if line.is_closed:
        raise Refused("already_closed", "这个事件已经结案。", "新的情况请另行登记。")
    return line


def add_step(
    actor: Actor, breach_id: int, *, step: BreachStep, whom: str, words: str, at: datetime
) -> BreachEntry:
    """Write down what was done. Closing needs measures, a report, and the people told or a reason why not.

    Raises Refused ``not_found``, ``already_closed``, ``words_missing``, ``not_done``.
    """
    line = _open(actor, breach_id, at=at)
    if len(words.strip()) < 4:
        raise Refused("words_missing", "请写明做了什么。", field="words", status=422)
    missing = [due.step for due in line.open_due if due.step in MUST]
    if step is BreachStep.CLOSE and missing:
        raise Refused(
            "not_done",
            "还没有：%(steps)s，不能结案。",
            "已经采取措施避免危害、因而不通知个人的，请在“通知受影响的人”里写明理由。",
            values={"steps": "、".join(one.label for one in missing)},
        )
    return _write(actor, line.breach, step, whom=whom, words=words, at=at)


def _write(  # noqa: PLR0913 - an entry has this many parts
    actor: Actor,
    breach: Breach,
    step: BreachStep,
    *,
    whom: str,
    words: str,
    at: datetime,
    count: int = 0,
) -> BreachEntry:
    entry = BreachEntry(
        breach_id=breach.id,
        step=step,
        at=at,
        whom=whom.strip()[:120],
        words=words.strip()[:400],
        count=count,
        by_id=actor.account_id,
        by_name=actor.name,
        made_at=at,
    )
    db.session.add(entry)
    db.session.flush()
    note(
        actor,
        "breach_step",
        breach,
        f"数据安全事件“{breach.title}”：{step.label}",
        at=at,
        unit_id=actor.unit_id,
        after={"step": step.value, "whom": entry.whom, "count": count},
        reason=entry.words[:200],
    )
    return entry


def tell_affected(
    actor: Actor, breach_id: int, *, unit_id: int | None, words: str, at: datetime
) -> int:
    """Tell the people concerned, those of one unit or everybody on the register; returns how many.

    Raises Refused ``not_found``, ``already_closed``, ``words_missing``, ``nobody_there``.
    """
    line = _open(actor, breach_id, at=at)
    if len(words.strip()) < 10:
        raise Refused(
            "words_missing",
            "请写明泄露了什么、可能的危害、已采取的措施和本人可以怎么做。",
            field="message",
            status=422,
        )
    people = select(Volunteer.id).where(
        Volunteer.state.in_([VolunteerState.ACTIVE, VolunteerState.PAUSED])
    )
    if unit_id is not None:
        people = people.where(Volunteer.unit_id == unit_id)
    ids = list(db.session.scalars(people.order_by(Volunteer.id)))
    if not ids:
        raise Refused("nobody_there", "这个范围里没有在册的人。", field="unit_id", status=422)
    told = tell_many(
        [
            {
                "topic": "breach",
                "title": "关于您个人信息的安全通知",
                "body": words.strip(),
                "volunteer_id": person,
                "link": "/me/profile",
                "dedupe": f"breach:{breach_id}:{person}:{at.date()}",
            }
            for person in ids
        ],
        at=at,
    )
    whom = "全部在册志愿者" if unit_id is None else f"单位 {unit_id} 的志愿者"
    _write(actor, line.breach, BreachStep.PEOPLE, whom=whom, words=words, at=at, count=told)
    return told
