"""Changing the city's rules and words (修改参数): a new version with its day, never an edit."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from volunteer.domain.access import Act, Actor, require
from volunteer.domain.figures import FIGURES, policy_with
from volunteer.domain.identity import local_phone, normalise_phone
from volunteer.domain.policy import STANDARD
from volunteer.domain.refusal import Refused
from volunteer.domain.timekeeping import local_date
from volunteer.models.base import db
from volunteer.models.places import CitySetting, RuleVersion
from volunteer.operations.changes import hold, told
from volunteer.operations.journal import note
from volunteer.queries.policy import figures_on
from volunteer.queries.titles import CITY_NAME, SUPPORT_PHONE, city_words


def make_rules(
    actor: Actor, figures: Mapping[str, Any], *, effective_on: date, why: str, at: datetime
) -> RuleVersion:
    """Make a new version of the rules, in force from a day on; ``figures`` are all that it sets.

    What was recorded before keeps the version it was made by. Versions already announced for later
    days stay as they are and win from their own day on.

    Raises Refused ``why_missing``, ``in_the_past``, ``nothing_new``, ``out_of_range``,
    ``caps``, ``stars``, and what ``require`` raises.
    """
    require(actor, Act.MANAGE_SETTINGS)
    _require_announced(effective_on, why, at=at)
    unknown = set(figures) - set(FIGURES)
    assert not unknown, f"no such figures: {unknown}"
    changed = {name: value for name, value in figures.items() if value != getattr(STANDARD, name)}
    version = _next_version(effective_on)
    policy_with(changed, rule_version=version)
    before = figures_on(effective_on)
    if before == changed:
        raise Refused("nothing_new", "没有任何改动。", status=422)
    row = RuleVersion(
        version=version,
        effective_on=effective_on,
        figures={name: told(value) for name, value in changed.items()},
        why=why.strip()[:200],
        made_at=at,
        made_by_id=actor.account_id,
        made_by_name=actor.name,
    )
    db.session.add(row)
    db.session.flush()
    names = sorted(name for name in {*before, *changed} if before.get(name) != changed.get(name))
    note(
        actor,
        "make_rules",
        row,
        f"时长规则 {version} 从 {effective_on} 起生效：{'、'.join(FIGURES[name].label for name in names)}",
        at=at,
        unit_id=actor.unit_id,
        before={name: told(before.get(name, getattr(STANDARD, name))) for name in names},
        after={name: told(changed.get(name, getattr(STANDARD, name))) for name in names},
        reason=why,
    )
    return row


def _require_announced(effective_on: date, why: str, *, at: datetime) -> None:
    """Pass if the change has a reason and does not reach back."""
    if not why.strip():
        raise Refused("why_missing", "请写明为什么修改。", field="why", status=422)
    if effective_on < local_date(at):
        raise Refused(
            "in_the_past",
            "生效日期不能早于今天。",
            "已经按原规则认定的时长不会重算。",
            field="effective_on",
            status=422,
        )


def _next_version(effective_on: date) -> str:
    """The next free number of its year, after the default's: 2026.2, 2026.3 and so on."""
    year = str(effective_on.year)
    known = {STANDARD.rule_version, *db.session.scalars(select(RuleVersion.version))}
    number = 1
    while f"{year}.{number}" in known:
        number += 1
    return f"{year}.{number}"


def withdraw_rules(actor: Actor, version_id: int, *, at: datetime) -> RuleVersion:
    """Withdraw a version that has not come into force.

    Raises Refused ``not_found``, ``in_force``.
    """
    require(actor, Act.MANAGE_SETTINGS)
    row = db.session.get(RuleVersion, version_id)
    if row is None:
        raise Refused("not_found", "没有找到这个版本。", status=404)
    hold(row)
    if row.withdrawn_at is not None:
        return row
    if row.effective_on <= local_date(at):
        raise Refused(
            "in_force",
            "这个版本已经生效，不能撤回。",
            "请修改参数，做成新的版本。",
        )
    row.withdrawn_at = at
    note(
        actor,
        "withdraw_rules",
        row,
        f"撤回尚未生效的时长规则 {row.version}",
        at=at,
        unit_id=actor.unit_id,
    )
    return row


def set_words(actor: Actor, *, city_name: str, support_phone: str, at: datetime) -> None:
    """Set the city's name and the phone that pages tell people to call; an empty phone says nothing.

    Raises Refused ``name_missing``, ``phone_shape``, and what ``require`` raises.
    """
    require(actor, Act.MANAGE_SETTINGS)
    if not city_name.strip():
        raise Refused("name_missing", "请填写城市名称。", field="city_name", status=422)
    try:
        phone = local_phone(normalise_phone(support_phone)) if support_phone.strip() else ""
    except Refused as refused:
        refused.field = "support_phone"
        raise
    before = city_words()
    after = {CITY_NAME: city_name.strip()[:40], SUPPORT_PHONE: phone}
    changed = {key: value for key, value in after.items() if before.get(key) != value}
    for key, value in changed.items():
        row = db.session.get(CitySetting, key)
        if row is None:
            row = CitySetting(key=key, value=value, changed_at=at)
            db.session.add(row)
        row.value, row.changed_at, row.changed_by_id = value, at, actor.account_id
    if changed:
        note(
            actor,
            "set_words",
            "city_setting",
            "修改城市名称或求助电话",
            at=at,
            unit_id=actor.unit_id,
            before={key: before.get(key) for key in changed},
            after=changed,
        )
