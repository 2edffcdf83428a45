"""What phone and desk share in asking for make-up hours (补录申请): the claim of a form, and the log of a no."""

from volunteer.domain.refusal import Refused
from volunteer.domain.terms import MakeUpCause
from volunteer.domain.timekeeping import now
from volunteer.operations.make_ups import Claim, note_refused
from volunteer.queries.make_up_chances import Chance
from volunteer.views.ticket_forms import MakeUpForm
from volunteer.web.guard import current_actor
from volunteer.web.work import unit_of_work


def claim_of(form: MakeUpForm, chance: Chance) -> Claim:
    """What a valid form claims."""
    came_at, went_at = form.instants(chance.shift.starts_at, chance.shift.ends_at)
    assert came_at is not None, "the form asks for it"
    assert went_at is not None, "the form asks for it"
    return Claim(
        came_at,
        went_at,
        MakeUpCause[str(form.cause.data).upper()],
        form.words.data or "",
        form.evidence.data or "",
    )


def log_refused(refused: Refused, what: str) -> None:
    """Undo what was begun, and log a broken rule of make-up hours in a transaction of its own."""
    with unit_of_work():
        note_refused(current_actor(), refused, what=what, at=now())
