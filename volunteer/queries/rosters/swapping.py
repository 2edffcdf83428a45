"""Who could change places with a person (互换): both must be allowed where the other stands."""

from dataclasses import dataclass

from volunteer.queries.planning import names
from volunteer.queries.rosters.drafts import names_of
from volunteer.queries.rosters.table import Table
from volunteer.scheduling.review import objections

MOST_PARTNERS = 12


@dataclass(frozen=True, slots=True)
class Partner:
    """Somebody who could take the person's seat while the person takes theirs."""

    volunteer_id: int
    name: str
    unit_name: str
    shift_id: int
    shift: str


def partners_of(table: Table, volunteer_id: int, shift_id: int) -> list[Partner]:
    """Return people of the draft with whom the person may change places without breaking a rule."""
    person, duty = names.person(volunteer_id), names.duty(shift_id)
    if (person, duty) not in table.roster:
        return []
    fits: list[tuple[int, int]] = []
    for other, there in table.roster:
        if len(fits) >= MOST_PARTNERS:
            break
        if other == person or there == duty or (other, duty) in table.roster:
            continue
        if (person, there) in table.roster:
            continue
        if _may_swap(table, person, duty, other, there):
            fits.append((names.number_of(other), names.number_of(there)))
    named = names_of(who for who, _ in fits)
    return [
        Partner(who, named[who].name, named[who].unit_name, shift, table.name("duty", f"s{shift}"))
        for who, shift in fits
    ]


def _may_swap(table: Table, person: str, duty: str, other: str, there: str) -> bool:
    pins = table.index.book.pins
    if (person, duty) in pins or (other, there) in pins:
        return False
    empty = table.roster.changed(remove=[(person, duty), (other, there)])
    if objections(empty, person, there):
        return False
    return not objections(empty.changed(add=[(person, there)]), other, duty)
