"""Drafts in the simulation: begun from what is published, changed by hand, published over each other or thrown away."""

from typing import Any

from sqlalchemy import select

from tests.builders import MONDAY
from tests.simulation.scene import IDLE, Scene
from volunteer.domain.terms import DraftState
from volunteer.models.activities import Shift
from volunteer.models.base import db
from volunteer.models.rosters import DraftRoster, DraftSeat
from volunteer.operations.rosters.drafts import (
    discard_draft,
    move_seat,
    open_draft,
    place_seat,
    remove_seat,
    undo_move,
)
from volunteer.operations.rosters.publish import publish_roster
from volunteer.queries.planning.scope import PlanScope


def begin_draft(scene: Scene) -> None:
    """The desk begins a draft of the week."""
    scope = PlanScope(unit_id=scene.chance.choice(scene.cast.units[:1] * 4 + scene.cast.units))
    open_draft(scene.organizer(), week_on=MONDAY, scope=scope, at=scene.at)


def change_draft(scene: Scene) -> str | None:
    """The desk puts somebody on a draft, moves, removes, or takes the last step back."""
    draft = _draft(scene)
    if draft is None:
        return IDLE
    actor, chance = scene.organizer(), scene.chance
    seats = list(
        db.session.scalars(
            select(DraftSeat)
            .where(DraftSeat.draft_id == draft.id)
            .order_by(DraftSeat.shift_id, DraftSeat.volunteer_id)
        )
    )
    shift_id = chance.choice(list(db.session.scalars(select(Shift.id).order_by(Shift.id))))
    force = chance.choice(("", "", "人手不够"))
    wish = chance.choice(("place", "place", "place", "move", "remove", "undo"))
    given: dict[str, Any] = {"version": draft.version, "at": scene.at}
    if wish == "place" or not seats:
        place_seat(
            actor,
            draft.id,
            shift_id=shift_id,
            volunteer_id=scene.person(),
            force=force,
            **given,
        )
        return "placed"
    seat = chance.choice(seats)
    match wish:
        case "move":
            where = (seat.shift_id, seat.volunteer_id)
            move_seat(actor, draft.id, where, to=shift_id, force=force, **given)
        case "remove":
            remove_seat(
                actor, draft.id, shift_id=seat.shift_id, volunteer_id=seat.volunteer_id, **given
            )
        case _:
            undo_move(actor, draft.id, at=scene.at)
    return wish


def publish_draft(scene: Scene) -> str | None:
    """A draft is published as it was seen, at times as it was seen before somebody changed it, or thrown away."""
    draft = _draft(scene)
    if draft is None:
        return IDLE
    if scene.chance.random() < 0.15:
        discard_draft(scene.organizer(), draft.id, at=scene.at)
        return "discarded"
    seen = draft.version - scene.chance.choice((0, 0, 0, 0, 1))
    publish_roster(scene.organizer(), draft.id, version=seen, at=scene.at)
    return None


def _draft(scene: Scene) -> DraftRoster | None:
    """A draft, mostly an open one."""
    rows = list(db.session.scalars(select(DraftRoster).order_by(DraftRoster.id)))
    still = [row for row in rows if row.state is DraftState.OPEN]
    among = still if still and scene.chance.random() < 0.95 else rows
    return scene.chance.choice(among) if among else None
