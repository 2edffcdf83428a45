"""Doors of volunteer/views/admin/privacy.py."""

from typing import Any

from tests.builders import City
from tests.house.doors import CITY, Door
from volunteer.domain.timekeeping import now
from volunteer.models.base import db
from volunteer.models.journal import Breach
from volunteer.models.people import Unit

READ = CITY | {"auditor"}


def things(city: City, unit: Unit) -> dict[str, Any]:
    """A breach that was just found."""
    at = now()
    row = Breach(
        title="花名册外传",
        found_at=at,
        kinds="姓名、电话",
        cause="误发",
        harm="",
        affected=3,
        made_at=at,
    )
    db.session.add(row)
    db.session.flush()
    return {"breach": row.id}


def _post(endpoint: str, path: str, form: dict[str, str] | None = None) -> Door:
    return Door(f"privacy.{endpoint}", f"/city/privacy/{path}", CITY, "POST", form=form or {})


DOORS = [
    Door("privacy.compliance", "/city/privacy/", READ),
    _post(
        "let_in", "guards/personal_boards/let-in", {"reason": "市文明委二〇二六年第九号文件要求"}
    ),
    _post("keep_away", "guards/personal_boards/keep-away"),
    Door("privacy.keeping", "/city/privacy/keeping", READ),
    Door("privacy.minors", "/city/privacy/minors", READ),
    _post("save_audit", "minors", {"reason": "核对监护人同意和公开情况，没有问题"}),
    Door("privacy.breach_list", "/city/privacy/breaches", READ),
    Door("privacy.new_breach", "/city/privacy/breaches/new", CITY),
    _post("save_breach", "breaches/new"),
    Door("privacy.breach", "/city/privacy/breaches/{breach}", READ),
    _post("save_step", "breaches/{breach}/steps", {"step": "note", "words": "正在核实"}),
    _post("tell_people", "breaches/{breach}/tell"),
]
