"""Letting in what compliance mode keeps away (关闭合规项), and keeping it away again; auditors are told."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from volunteer.domain.access import Act, Actor, require
from volunteer.domain.compliance import BY_CODE, SHORTEST_REASON, Guard
from volunteer.domain.refusal import Refused
from volunteer.domain.terms import Role
from volunteer.models.base import db
from volunteer.models.people import RoleGrant
from volunteer.models.places import CitySetting
from volunteer.operations.journal import note, tell
from volunteer.queries.compliance import KEY, let_in
from volunteer.queries.minors import AUDITED, minors_report


def _guard(code: str) -> Guard:
    guard = BY_CODE.get(code)
    if guard is None:
        raise Refused("not_found", "没有这个合规项。", status=404)
    if not guard.is_switch:
        raise Refused(
            "no_such_function",
            "系统没有“%(label)s”这项功能，不能打开。",
            values={"label": guard.label},
        )
    return guard


def _keep(actor: Actor, known: dict[str, Any], at: datetime) -> CitySetting:
    row = db.session.get(CitySetting, KEY, with_for_update=True)
    if row is None:
        row = CitySetting(key=KEY, value=known, changed_at=at)
        db.session.add(row)
    row.value, row.changed_at, row.changed_by_id = known, at, actor.account_id
    return row


def let_guard_in(actor: Actor, code: str, *, reason: str, at: datetime) -> None:
    """Let in what a guard keeps away; only the city office, with a reason, and the auditors hear of it.

    Raises Refused ``not_allowed``, ``not_found``, ``no_such_function``, ``reason_missing``, ``already_so``.
    """
    require(actor, Act.MANAGE_SETTINGS)
    guard, said = _guard(code), reason.strip()
    if len(said) < SHORTEST_REASON:
        raise Refused(
            "reason_missing",
            "请写明关闭的依据和理由，至少 10 个字。",
            "例如：市文明委某年某号文件，经本人书面同意。",
            field="reason",
            status=422,
        )
    known = let_in()
    if code in known:
        raise Refused("already_so", "这一项已经关闭。")
    known[code] = {"at": at.isoformat(), "by": actor.name, "reason": said[:200]}
    _keep(actor, known, at)
    note(
        actor,
        "let_guard_in",
        "city_setting",
        f"关闭合规项：{guard.label}",
        at=at,
        unit_id=actor.unit_id,
        before={code: True},
        after={code: False},
        reason=said,
    )
    _tell_auditors(f"合规项“{guard.label}”被关闭", f"{actor.name}：{said}", at)


def keep_guard_away(actor: Actor, code: str, *, at: datetime) -> None:
    """Keep away again what was let in; no reason is asked for the safe way.

    Raises Refused ``not_allowed``, ``not_found``, ``no_such_function``, ``already_so``.
    """
    require(actor, Act.MANAGE_SETTINGS)
    guard, known = _guard(code), let_in()
    if known.pop(code, None) is None:
        raise Refused("already_so", "这一项现在就是开启的。")
    _keep(actor, known, at)
    note(
        actor,
        "keep_guard_away",
        "city_setting",
        f"重新开启合规项：{guard.label}",
        at=at,
        unit_id=actor.unit_id,
        before={code: False},
        after={code: True},
    )


def audit_minors(actor: Actor, *, words: str, at: datetime) -> None:
    """Write the yearly audit of minors' data down, with the counts of the moment and what was done about them.

    Raises Refused ``not_allowed``, ``words_missing``.
    """
    require(actor, Act.MANAGE_SETTINGS)
    if len(words.strip()) < SHORTEST_REASON:
        raise Refused(
            "words_missing",
            "请写明核对了什么、结论和整改，至少 10 个字。",
            field="reason",
            status=422,
        )
    report = minors_report(actor, at=at)
    note(
        actor,
        AUDITED,
        "volunteer",
        f"未成年人个人信息年度合规审计：{report.minors} 人，缺监护人同意 {report.without_guardian} 人",
        at=at,
        unit_id=actor.unit_id,
        after={
            "minors": report.minors,
            "without_guardian": report.without_guardian,
            "with_adult_consent": report.with_adult_consent,
            "shown": report.shown,
            "looks": report.looks,
        },
        reason=words.strip(),
    )
    _tell_auditors("已登记未成年人年度合规审计", f"{actor.name}：{words.strip()}", at)


def _tell_auditors(title: str, body: str, at: datetime) -> None:
    auditors = db.session.scalars(
        select(RoleGrant.account_id).where(
            RoleGrant.role == Role.AUDITOR, RoleGrant.revoked_at.is_(None)
        )
    )
    for account_id in sorted(set(auditors)):
        tell(
            topic="compliance",
            title=title,
            body=body[:400],
            at=at,
            account_id=account_id,
            link="/city/privacy/",
        )
