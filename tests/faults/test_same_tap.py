"""F3 and F6: the same tap many times over, and over a line that loses answers: one record, one answer."""

import http.client
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.faults.conftest import opened
from tests.faults.crowd import Crowd, Tap, gather
from tests.faults.nursery import nursery
from tests.faults.proxy import a_breaking_line, until_answered
from volunteer.domain.terms import StampKind
from volunteer.domain.timekeeping import clock_at, now
from volunteer.domain.token import rotating_code
from volunteer.models.activities import Activity
from volunteer.models.attendance import CheckIn
from volunteer.models.base import db
from volunteer.models.journal import AuditEntry

pytestmark = [pytest.mark.faults]

COPIES = 100
LOSSY = 200


@pytest.fixture
def served(folder: Path, database: str) -> Iterator[tuple[int, Crowd]]:
    """A served city and the crowd before it."""
    with opened(folder, database) as app:
        crowd = gather(app, people=LOSSY + 10)
    with nursery(folder, database) as house:
        server = house.serve()
        until_answered(house.port, _knock, most=100_000)
        yield house.port, crowd
        house.end(server)


def _knock(line: http.client.HTTPConnection) -> tuple[int, str]:
    line.request("GET", "/health")
    answer = line.getresponse()
    answer.read()
    return answer.status, ""


def _whole(port: int, tap: Tap, text: str, start: threading.Barrier) -> tuple[int, str, bytes]:
    """Send one copy and return all that a person would see of the answer."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    start.wait(30)
    try:
        headers = {
            "Cookie": f"session={tap.phone.cookie}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        body = f"csrf_token={tap.phone.csrf}&nonce={tap.nonce}"
        line.request("POST", f"/c/{text}", body, headers)
        answer = line.getresponse()
        return answer.status, answer.headers.get("Location") or "", answer.read()
    finally:
        line.close()


def _at_once(port: int, taps: list[Tap]) -> list[tuple[int, str, bytes]]:
    start = threading.Barrier(len(taps))
    text = rotating_code(taps[0].secret, taps[0].shift_id, StampKind.IN, now())
    with ThreadPoolExecutor(len(taps)) as pool:
        return list(pool.map(lambda tap: _whole(port, tap, text, start), taps))


def test_a_hundred_copies_of_a_tap_get_one_answer_to_the_byte(
    served: tuple[int, Crowd], folder: Path, database: str
) -> None:
    port, crowd = served
    answers = _at_once(port, [crowd.taps[0]] * COPIES)
    assert len(set(answers)) == 1
    assert answers[0][0] == 302
    assert answers[0][1].startswith("/scan/done/")
    with opened(folder, database):
        assert db.session.scalar(select(func.count()).select_from(CheckIn)) == 1


def test_another_tap_of_the_same_person_is_told_when_they_came(
    served: tuple[int, Crowd], folder: Path, database: str
) -> None:
    port, crowd = served
    first = crowd.taps[1]
    answers = _at_once(port, [replace(first, nonce=f"another-{n:08d}") for n in range(20)])
    assert sorted(status for status, _, _ in answers) == [302] + [409] * 19
    with opened(folder, database):
        row = db.session.scalars(select(CheckIn)).one()
        came = clock_at(row.at)
    told = [body.decode() for status, _, body in answers if status == 409]
    assert all(f"您已于 {came} 签到" in page for page in told)


def test_answers_that_are_lost_cost_nothing_and_double_nothing(
    served: tuple[int, Crowd],
    folder: Path,
    database: str,
    figure: Callable[[str], None],
) -> None:
    port, crowd = served
    taps = crowd.taps[2 : 2 + LOSSY]
    with a_breaking_line(port, seed=6, drop_answer=0.4, drop_request=0.15) as line:
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda tap: until_answered(line.port, tap.send), taps))
        figure(f"{line.lost_answers} answers and {line.lost_requests} requests lost of {LOSSY}")
        assert line.lost_answers > LOSSY / 4, "the line must lose answers after the work was done"
    assert {status for status, _ in answers} == {302}
    assert len({place for _, place in answers}) == LOSSY
    with opened(folder, database):
        rows = {row.nonce: row.id for row in db.session.scalars(select(CheckIn))}
        lines = db.session.scalars(
            select(AuditEntry.subject_id).where(AuditEntry.act == "check_in")
        ).all()
    assert rows == {
        tap.nonce: int(place.rpartition("/")[2])
        for tap, (_, place) in zip(taps, answers, strict=True)
    }
    assert sorted(lines) == sorted(rows.values())  # type: ignore[type-var]


def test_a_phone_that_makes_a_new_nonce_for_each_try_is_left_without_its_answer(
    served: tuple[int, Crowd],
) -> None:
    """The harness can fail: without the nonce of the page a lost answer becomes a refusal."""
    port, crowd = served
    taps = iter(crowd.taps[:30])
    counter = iter(range(10**6))

    def forgetful(tap: Tap) -> tuple[int, str]:
        return until_answered(
            line.port, lambda way: replace(tap, nonce=f"forgotten-{next(counter):06d}").send(way)
        )

    with a_breaking_line(port, seed=7, drop_answer=0.5, drop_request=0.0) as line:
        assert 409 in {forgetful(tap)[0] for tap in taps}


def _copies(port: int, crowd: Crowd, activity_id: int, *, has_key: bool) -> int:
    """Ask for twenty copies of an activity over the breaking line; returns how many answers were lost."""

    def copy(number: int) -> None:
        given = {"once": f"copy-number-{number:04d}"} if has_key else {}

        def send(way: http.client.HTTPConnection) -> tuple[int, str]:
            answer = crowd.desk.post(way, f"/activities/{activity_id}/copy", **given)
            return answer.status, ""

        assert until_answered(line.port, send)[0] == 302

    with a_breaking_line(port, seed=8, drop_answer=0.5, drop_request=0.0) as line:
        for number in range(20):
            copy(number)
        return line.lost_answers


def test_a_form_with_a_key_makes_one_thing_over_a_line_that_loses_answers(
    served: tuple[int, Crowd], folder: Path, database: str
) -> None:
    port, crowd = served
    with opened(folder, database):
        (first,) = db.session.scalars(select(Activity.id))
    assert _copies(port, crowd, first, has_key=True) > 3
    with opened(folder, database):
        assert db.session.scalar(select(func.count()).select_from(Activity)) == 21


def test_a_form_without_a_key_makes_more(
    served: tuple[int, Crowd], folder: Path, database: str
) -> None:
    """The harness can fail: each lost answer leaves one copy too many."""
    port, crowd = served
    with opened(folder, database):
        (first,) = db.session.scalars(select(Activity.id))
    lost = _copies(port, crowd, first, has_key=False)
    with opened(folder, database):
        assert db.session.scalar(select(func.count()).select_from(Activity)) == 21 + lost > 21
