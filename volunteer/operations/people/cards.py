"""Paper cards (纸质卡) for who has no phone at hand: a code that does not change, until a new card is made or it is lost.

A card can be copied and brought by somebody else, so a scan of it is evidence of grade C, answers no doubt,
and counts as no more than a roll-call where who made the card scans it.
"""

from datetime import datetime

from volunteer.domain.access import Act, Actor, require
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import VolunteerState
from volunteer.models.people import Volunteer
from volunteer.operations.journal import note, tell
from volunteer.operations.people.register import locked_volunteer, reached


def issue_card(actor: Actor, volunteer_id: int, *, at: datetime) -> Volunteer:
    """Make a card, by the person or the desk; the one before it is worth nothing from now on.

    Raises Refused ``not_active``, ``not_found``, ``not_yours``, ``merged_away``.
    """
    person = _held(actor, volunteer_id)
    if person.state is not VolunteerState.ACTIVE:
        raise Refused("not_active", "这位志愿者的资料尚未确认或已停用。", "资料生效后再制卡。")
    before = person.card_issue
    person.card_issue = abs(before) + 1
    person.version += 1
    sentence = f"为 {person.name} 制纸质卡，第 {person.card_issue} 张"
    _written(actor, person, "issue_card", sentence, before, at)
    body = "凭卡由带队扫码签到（C 级）。以前的卡不能再用；不是您要的，请在“我的”里挂失。"
    _told(person, "为您制了一张纸质卡", body, at)
    return person


def void_card(actor: Actor, volunteer_id: int, *, at: datetime) -> Volunteer:
    """Report a card lost: it is worth nothing from now on.

    Raises Refused ``no_card``, ``not_found``, ``not_yours``, ``merged_away``.
    """
    person = _held(actor, volunteer_id)
    before = person.card_issue
    if before <= 0:
        raise Refused("no_card", "现在没有在用的卡。", "可以再制一张。", status=404)
    person.card_issue = -before
    person.version += 1
    _written(actor, person, "void_card", f"挂失 {person.name} 的纸质卡，第 {before} 张", before, at)
    _told(person, "您的纸质卡已挂失", "这张卡不能再用来签到。需要时可以再制一张。", at)
    return person


def _held(actor: Actor, volunteer_id: int) -> Volunteer:
    if actor.volunteer_id == volunteer_id:
        require(actor, Act.OWN_STAMPS)
        return locked_volunteer(volunteer_id)
    return reached(actor, volunteer_id)


def _written(
    actor: Actor, person: Volunteer, act: str, sentence: str, before: int, at: datetime
) -> None:
    note(
        actor,
        act,
        person,
        sentence,
        at=at,
        unit_id=person.unit_id,
        before={"card": before},
        after={"card": person.card_issue},
    )


def _told(person: Volunteer, title: str, body: str, at: datetime) -> None:
    tell(
        topic="card",
        title=title,
        body=body,
        at=at,
        volunteer_id=person.id,
        link="/me/card",
        dedupe=f"card:{person.id}:{person.card_issue}",
    )
