"""Giving honours (表彰): named, with year and criteria; each award is a row with its citation, never changed.

《志愿服务记录与证明出具办法（试行）》第九条: an honour is recorded with its name, date and granting body.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from volunteer.domain.access import Act, Actor, require, require_other, scope_of
from volunteer.domain.recognition import public_until
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import AwardVerdict, VolunteerState
from volunteer.domain.timekeeping import day_words, local_date
from volunteer.models.base import db
from volunteer.models.people import Volunteer
from volunteer.models.recognition import Award, Honour
from volunteer.operations.journal import note, tell
from volunteer.queries.calendar import work_calendar
from volunteer.queries.honours import award_for, holds, honour_for, is_taken_back
from volunteer.queries.policy import policy_on


@dataclass(frozen=True, slots=True)
class HonourFacts:
    """What an honour is: its name and year, who gives it, for what, by which document."""

    title: str
    year: int
    body: str
    criteria: str
    document: str = ""
    unit_id: int | None = None


def found_honour(actor: Actor, facts: HonourFacts, *, at: datetime) -> Honour:
    """Set up an honour; without a unit it is the city's.

    Raises Refused ``not_allowed``, ``not_yours``, ``city_only``, ``facts_missing``, ``wrong_year``,
    ``already_there``.
    """
    require(actor, Act.DECIDE_STARS, unit_id=facts.unit_id)
    if facts.unit_id is None and not scope_of(actor, Act.DECIDE_STARS).everything:
        raise Refused(
            "city_only", "全市的表彰由市级设立。", "请选择单位。", field="unit_id", status=422
        )
    if not (facts.title.strip() and facts.criteria.strip() and facts.body.strip()):
        raise Refused("facts_missing", "请写明名称、授予单位和条件。", status=422)
    if not 2000 <= facts.year <= local_date(at).year + 1:
        raise Refused("wrong_year", "年度不对。", field="year", status=422)
    known = select(Honour.id).where(
        Honour.title == facts.title.strip(),
        Honour.year == facts.year,
        Honour.unit_id.is_(None) if facts.unit_id is None else Honour.unit_id == facts.unit_id,
    )
    if db.session.scalar(known.limit(1)) is not None:
        raise Refused("already_there", "这一年已经有同名的表彰。", field="title", status=422)
    row = Honour(
        title=facts.title.strip()[:60],
        year=facts.year,
        body=facts.body.strip()[:80],
        criteria=facts.criteria.strip()[:400],
        document=facts.document.strip()[:80],
        unit_id=facts.unit_id,
        made_at=at,
        made_by_id=actor.account_id,
        made_by_name=actor.name,
    )
    db.session.add(row)
    db.session.flush()
    note(
        actor,
        "found_honour",
        row,
        f"设立表彰：{row.year} 年{row.title}",
        at=at,
        unit_id=facts.unit_id,
        after={"title": row.title, "year": row.year},
    )
    return row


def give_honour(
    actor: Actor, honour_id: int, volunteer_id: int, *, citation: str, at: datetime
) -> Award:
    """Give an honour to a person of the own reach, with the words why; published like a star.

    Raises Refused ``not_found``, ``not_yours``, ``own_case``, ``citation_missing``, ``not_serving``,
    ``already_given``, ``city_only``.
    """
    honour = honour_for(actor, honour_id, Act.DECIDE_STARS)
    _require_giver(actor, honour)
    person = db.session.scalars(
        select(Volunteer).where(Volunteer.id == volunteer_id).with_for_update()
    ).one_or_none()
    if person is None:
        raise Refused("not_yours", "没有找到您要的内容。", "请从列表重新进入。", status=404)
    require(actor, Act.DECIDE_STARS, unit_id=person.unit_id)
    require_other(actor, person.id)
    if len(citation.strip()) < 4:
        raise Refused("citation_missing", "请写明事迹。", field="citation", status=422)
    if person.state not in (VolunteerState.ACTIVE, VolunteerState.PAUSED):
        raise Refused("not_serving", "%(name)s已不在册，不能评定。", values={"name": person.name})
    if holds(person.id, honour.id):
        raise Refused("already_given", "%(name)s已经获得这项表彰。", values={"name": person.name})
    until = public_until(local_date(at), policy_on(local_date(at)), work_calendar())
    row = Award(
        honour_id=honour.id,
        volunteer_id=person.id,
        unit_id=person.unit_id,
        verdict=AwardVerdict.GRANTED,
        citation=citation.strip()[:300],
        public_until=until,
        **_by(actor, at),
    )
    db.session.add(row)
    db.session.flush()
    _tell_given(actor, person, honour, row, at=at)
    return row


def _tell_given(
    actor: Actor, person: Volunteer, honour: Honour, row: Award, *, at: datetime
) -> None:
    title = f"{honour.year} 年{honour.title}"
    note(
        actor,
        "give_honour",
        row,
        f"授予 {person.name} {title}",
        at=at,
        unit_id=person.unit_id,
        after={"honour": honour.id},
        reason=row.citation[:200],
    )
    until = row.public_until
    when = (
        f"在本单位公示到 {day_words(until)}，无异议即生效。"
        if until is not None and until >= local_date(at)
        else "即日起生效。"
    )
    tell(
        topic="honour",
        title=f"您获得表彰：{title}"[:80],
        body=f"{row.citation} {when}是否对单位以外公开，由您在“同意与撤回”里决定。",
        at=at,
        volunteer_id=person.id,
        link="/me/recognition",
        dedupe=f"honour:{row.id}",
    )


def _require_giver(actor: Actor, honour: Honour) -> None:
    if honour.unit_id is None and not scope_of(actor, Act.DECIDE_STARS).everything:
        raise Refused("city_only", "全市的表彰由市级授予。", status=403)


def _by(actor: Actor, at: datetime) -> dict[str, Any]:
    return {"decided_at": at, "decided_by_id": actor.account_id, "decided_by_name": actor.name}


def withdraw_honour(actor: Actor, award_id: int, *, reason: str, at: datetime) -> Award:
    """Take an award back; the award and the reason stay.

    Raises Refused ``not_found``, ``reason_missing``, ``not_a_grant``, ``already_withdrawn``, ``own_case``,
    ``city_only``.
    """
    award = award_for(actor, award_id)
    honour = honour_for(actor, award.honour_id, Act.DECIDE_STARS)
    _require_giver(actor, honour)
    require_other(actor, award.volunteer_id)
    if not reason.strip():
        raise Refused(
            "reason_missing", "请写明撤回的原因，本人会看到。", field="reason", status=422
        )
    if award.verdict is not AwardVerdict.GRANTED:
        raise Refused("not_a_grant", "只有已授予的表彰可以撤回。")
    person = db.session.scalars(
        select(Volunteer).where(Volunteer.id == award.volunteer_id).with_for_update()
    ).one()
    if is_taken_back(award.id):
        raise Refused("already_withdrawn", "这项表彰已经撤回。")
    row = Award(
        honour_id=award.honour_id,
        volunteer_id=award.volunteer_id,
        unit_id=award.unit_id,
        verdict=AwardVerdict.WITHDRAWN,
        citation=award.citation,
        about_id=award.id,
        reason=reason.strip()[:200],
        **_by(actor, at),
    )
    db.session.add(row)
    db.session.flush()
    _tell_withdrawn(actor, person, honour, row, at=at)
    return row


def _tell_withdrawn(
    actor: Actor, person: Volunteer, honour: Honour, row: Award, *, at: datetime
) -> None:
    title = f"{honour.year} 年{honour.title}"
    note(
        actor,
        "withdraw_honour",
        row,
        f"撤回 {person.name} 的{title}",
        at=at,
        unit_id=row.unit_id,
        before={"award": row.about_id},
        reason=row.reason,
    )
    tell(
        topic="honour",
        title=f"{title}已撤回"[:80],
        body=f"原因：{row.reason}。不同意可以联系市级管理员。",
        at=at,
        volunteer_id=person.id,
        link="/me/recognition",
        dedupe=f"honour:{row.id}",
    )
