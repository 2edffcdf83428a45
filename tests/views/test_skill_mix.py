"""The skill mix and the unit quotas of a shift: as many rows as there are skills, with scripts and without."""

import contextvars

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.browsing import DESK, Visit, browser, served
from tests.builders import City, a_city, a_shift, a_skill, an_activity, sign_in
from tests.views.test_activities import ahead, fields, series_form
from volunteer.domain.terms import ActivityState, ShiftState
from volunteer.models.activities import Shift, ShiftSkill
from volunteer.models.base import db

WANTED = 5


@pytest.fixture
def city(app: Flask) -> City:
    app.config["WTF_CSRF_ENABLED"] = False
    return a_city()


@pytest.fixture
def desk(app: Flask, city: City) -> FlaskClient:
    return sign_in(app, city.organizer)


def a_demanding_shift(city: City, asked: int = WANTED) -> Shift:
    """A planned shift that asks for one person of each of so many skills."""
    activity = an_activity(city.unit, state=ActivityState.DRAFT, starts_on=ahead(), ends_on=ahead())
    shift = a_shift(
        activity,
        city.point,
        on=ahead(),
        state=ShiftState.PLANNED,
        **{"min_heads": 6, "target_heads": 7, "max_heads": 8},
    )
    for number in range(WANTED):
        skill = a_skill(f"skill{number}", f"资质{number}")
        if number < asked:
            db.session.add(ShiftSkill(shift_id=shift.id, skill_id=skill.id, count=1))
    db.session.commit()
    return shift


def mix_of(shift_id: int) -> dict[int, int]:
    db.session.rollback()
    asked = select(ShiftSkill.skill_id, ShiftSkill.count)
    return {
        row[0]: row[1] for row in db.session.execute(asked.where(ShiftSkill.shift_id == shift_id))
    }


def chosen(page: str) -> dict[str, str]:
    """What each list of skills shows."""
    found = {}
    for part in page.split("<select")[1:]:
        name = part.split('name="')[1].split('"')[0]
        picked = part.split("</select>")[0].split("selected value=")
        if name.startswith("mix_skill") and len(picked) > 1:
            found[name] = picked[1].split('"')[1]
    return found


def test_a_shift_keeps_all_of_a_long_mix_when_something_else_is_changed(
    desk: FlaskClient, city: City
) -> None:
    shift = a_demanding_shift(city)
    before = mix_of(shift.id)
    page = desk.get(f"/shifts/{shift.id}/edit").text
    shown = chosen(page)
    assert len(shown) == WANTED + 1, "every skill asked for has a row, and one blank row follows"
    assert shown[f"mix_skill_{WANTED + 1}"] == "0"
    form = {**fields(page), **shown, "point_id": str(city.point.id), "priority": "3"}
    saved = desk.post(f"/shifts/{shift.id}/edit", data={**form, "max_heads": "9", "is_open": "y"})
    assert saved.status_code == 302
    assert mix_of(shift.id) == before


def test_a_further_row_is_asked_for_without_scripts(desk: FlaskClient, city: City) -> None:
    shift = a_demanding_shift(city, asked=1)
    form = fields(desk.get(f"/shifts/{shift.id}/edit").text)
    skills = [s for s in mix_of(shift.id)]
    typed = {
        **form,
        "mix_skill_1": str(skills[0]),
        "mix_skill_2": str(skills[0] + 1),
        "mix_count_2": "2",
        "step": "row",
    }
    answer = desk.post(f"/shifts/{shift.id}/edit", data=typed)
    assert answer.status_code == 200
    assert len(chosen(answer.text)) == 3
    assert fields(answer.text)["mix_count_2"] == "2", "what was typed is kept"
    assert len(mix_of(shift.id)) == 1, "nothing is saved by asking for a row"
    activity_id = shift.activity_id
    series = {**series_form(city), "quota_unit_1": str(city.unit.id), "step": "row"}
    page = desk.post(f"/activities/{activity_id}/shifts/preview", data=series)
    assert page.status_code == 200
    assert 'name="quota_unit_2"' in page.text
    assert 'name="quota_unit_3"' not in page.text


@pytest.mark.browser
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
def test_rows_are_added_in_the_browser_and_saved(app: Flask, city: City) -> None:
    shift = a_demanding_shift(city, asked=0)
    cookie = sign_in(app, city.organizer).get_cookie("session")
    assert cookie is not None
    with (
        browser() as running,
        contextvars.copy_context().run(lambda: served(app, with_jobs=False)) as address,
    ):
        visit = Visit(running, address, size=DESK)
        visit.context.add_cookies([{"name": "session", "value": cookie.value, "url": address}])
        page = visit.page
        page.goto(f"/shifts/{shift.id}/edit")
        page.click("details.fold summary")
        for number in range(1, WANTED + 1):
            page.select_option(f"[name=mix_skill_{number}]", label=f"资质{number - 1}")
            page.click("text=再加一项资质")
            assert page.evaluate("document.activeElement.name") == f"mix_skill_{number + 1}"
        page.fill("[name=mix_count_5]", "2")
        page.focus("[name=max_heads]")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/shifts/{shift.id}")
        complaints = visit.complaints
        visit.close()
    assert sorted(mix_of(shift.id).values()) == [1, 1, 1, 1, 2]
    assert complaints == []
