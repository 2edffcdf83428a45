"""Minors on the register (未成年人), for the yearly audit: guardians, positions, publicity, and who looked.

《未成年人网络保护条例》第三十六条、第三十七条: least access, each look with a reason, an audit every year.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import distinct, exists, func, select

from volunteer.domain.access import Act, Actor, require
from volunteer.domain.privacy import ADULT_ONLY
from volunteer.domain.terms import VolunteerState
from volunteer.domain.timekeeping import beijing, local_date
from volunteer.models.base import db
from volunteer.models.journal import AuditEntry
from volunteer.models.people import Consent, Volunteer
from volunteer.queries.policy import policy_on

AUDITED = "audit_minors"
"""The act of the audit line by which a yearly audit is written down."""
LOOKED = "open_minors"


@dataclass(frozen=True, slots=True)
class MinorsReport:
    """Counts only: how many minors, what is missing, what must be none, and how often somebody looked."""

    minors: int
    without_guardian: int
    with_adult_consent: int
    shown: int
    looks: int
    lookers: int
    last_audit: AuditEntry | None
    is_due: bool

    @property
    def is_sound(self) -> bool:
        """Whether nothing is there that must not be."""
        return not (self.without_guardian or self.with_adult_consent or self.shown)


def minors_report(actor: Actor, *, at: datetime) -> MinorsReport:
    """The report of this year.

    Raises Refused ``not_allowed``.
    """
    require(actor, Act.VIEW_SETTINGS)
    today = local_date(at)
    young: list[Any] = [
        Volunteer.state.in_([VolunteerState.ACTIVE, VolunteerState.PAUSED]),
        Volunteer.merged_into_id.is_(None),
        Volunteer.birth_year > today.year - policy_on(today).adult_age,
    ]
    consented = exists().where(
        Consent.volunteer_id == Volunteer.id,
        Consent.purpose.in_(sorted(ADULT_ONLY)),
        Consent.withdrawn_at.is_(None),
    )
    counts = db.session.execute(
        select(
            func.count(),
            func.count().filter(Volunteer.has_guardian_consent.is_(False)),
            func.count().filter(consented),
            func.count().filter(Volunteer.is_public.is_(True)),
        ).where(*young)
    ).one()
    looks, lookers = db.session.execute(
        select(func.count(), func.count(distinct(AuditEntry.account_id))).where(
            AuditEntry.act == LOOKED, AuditEntry.at >= beijing(today.replace(month=1, day=1))
        )
    ).one()
    last = db.session.scalar(
        select(AuditEntry).where(AuditEntry.act == AUDITED).order_by(AuditEntry.id.desc()).limit(1)
    )
    due = counts[0] > 0 and (last is None or last.at < at - timedelta(days=365))
    return MinorsReport(*counts, looks, lookers, last, due)
