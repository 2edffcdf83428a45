"""A volunteer's paper card (纸质卡), for the person and for who manages people."""

from dataclasses import dataclass

from volunteer.domain.access import Act, Actor
from volunteer.domain.refusal import Refused
from volunteer.models.base import db
from volunteer.models.people import Unit, Volunteer
from volunteer.queries.people.person import volunteer_for


@dataclass(frozen=True, slots=True)
class PaperCard:
    """Whose card, of which unit, and its number: below one there is none that is valid."""

    person: Volunteer
    unit: Unit
    issue: int
    secret: bytes

    @property
    def is_valid(self) -> bool:
        """Whether a card is in use."""
        return self.issue > 0

    @property
    def is_lost(self) -> bool:
        """Whether the last one was reported lost."""
        return self.issue < 0


def card_for(actor: Actor, volunteer_id: int, *, is_needed: bool = False) -> PaperCard:
    """The own card, or that of a person whom the actor manages.

    Raises Refused ``not_found``, also where a card ``is_needed`` and none is valid.
    """
    if actor.volunteer_id == volunteer_id:
        person = db.session.get(Volunteer, volunteer_id)
    else:
        person = volunteer_for(actor, volunteer_id, Act.MANAGE_PEOPLE)
    if person is None or (is_needed and person.card_issue <= 0):
        raise Refused("not_found", "现在没有在用的卡。", "请先制一张。", status=404)
    unit = db.session.get(Unit, person.unit_id)
    assert unit is not None, "a person has a unit"
    return PaperCard(person, unit, person.card_issue, person.personal_secret)
