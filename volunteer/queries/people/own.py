"""The own profile (本人资料), read by its owner: masked numbers, wishes to tick, and a copy of everything."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from volunteer.domain.access import Act, Actor, require
from volunteer.domain.identity import mask_number_inside
from volunteer.domain.privacy import CONSENTS, REQUIRED, ConsentText
from volunteer.domain.recognition import star_name
from volunteer.domain.timekeeping import local, local_date
from volunteer.models.activities import Activity, ActivityKind, Shift, Wish
from volunteer.models.base import db
from volunteer.models.cipher import decrypt
from volunteer.models.ledger import LedgerEntry, ServiceRecord
from volunteer.models.people import Account, Consent, Unit, Volunteer, WeChatBond
from volunteer.models.places import CheckPoint, Community
from volunteer.models.recognition import Award, Honour, StarDecision
from volunteer.models.rosters import Assignment
from volunteer.models.trust import TrustCase
from volunteer.queries.people.holdings import (
    SkillLine,
    Week,
    consents_of,
    pauses_of,
    skills_of,
    week_of_person,
    wishes_of,
)
from volunteer.queries.people.listing import full_phone, masked_phone
from volunteer.queries.people.own_tickets import copied_make_ups, copied_tickets
from volunteer.queries.people.person import is_minor_on, no_such_person, profile_ids

MOST_COPIED = 5_000
"""Rows of a kind in a copy of the own data; ten years of weekly service are far fewer."""


def own_volunteer(actor: Actor) -> Volunteer:
    """The profile of the actor.

    Raises Refused ``not_allowed`` where the account is no volunteer's.
    """
    require(actor, Act.OWN_PROFILE)
    person = db.session.get(Volunteer, actor.volunteer_id or 0)
    if person is None:
        raise no_such_person()
    return person


@dataclass(frozen=True, slots=True)
class OwnPage:
    """What the own page shows; numbers are masked even here: a phone lies open on tables."""

    person: Volunteer
    login: str
    unit_name: str
    community_name: str
    phone: str
    number: str
    guardian_phone: str
    is_minor: bool
    has_password: bool
    skills: list[SkillLine]
    week: Week
    wishes: list[tuple[str, int]]
    consents: int


def own_page(actor: Actor, *, at: datetime) -> OwnPage:
    """The own page."""
    person = own_volunteer(actor)
    on = local_date(at)
    unit_name, community, login, stored = db.session.execute(
        select(Unit.name, Community.name, Account.login, Account.password_hash)
        .select_from(Volunteer)
        .join(Unit, Unit.id == Volunteer.unit_id)
        .outerjoin(Community, Community.id == Volunteer.community_id)
        .outerjoin(Account, Account.volunteer_id == Volunteer.id)
        .where(Volunteer.id == person.id)
    ).one()
    number = decrypt(person.id_cipher)
    return OwnPage(
        person=person,
        login=login or "",
        unit_name=unit_name,
        community_name=community or "",
        phone=masked_phone(person.phone_cipher),
        number=mask_number_inside(number) if number else "",
        guardian_phone=masked_phone(person.guardian_phone_cipher),
        is_minor=is_minor_on(person, on),
        has_password=stored is not None,
        skills=[skill for skill in skills_of(person.id) if not skill.is_over(on)],
        week=week_of_person(person.id, on=on),
        wishes=wishes_of(person.id),
        consents=sum(line.given is not None for line in own_consents(actor)),
    )


@dataclass(frozen=True, slots=True)
class ConsentLine:
    """One purpose: its words, and the receipt that holds, if there is one."""

    text: ConsentText
    given: Consent | None
    is_required: bool


def own_consents(actor: Actor) -> list[ConsentLine]:
    """All purposes with what the actor said to each."""
    person = own_volunteer(actor)
    held = {row.purpose: row for row in consents_of(person.id) if row.withdrawn_at is None}
    return [
        ConsentLine(words, held.get(words.purpose), words.purpose in REQUIRED) for words in CONSENTS
    ]


def wishes_to_tick(volunteer_id: int) -> list[tuple[ActivityKind, int | None]]:
    """All kinds in use, each with the wish of the person, or none."""
    rows = db.session.execute(
        select(ActivityKind, Wish.cost)
        .outerjoin(Wish, (Wish.kind_id == ActivityKind.id) & (Wish.volunteer_id == volunteer_id))
        .where(ActivityKind.is_active)
        .order_by(ActivityKind.name)
    )
    return [(row[0], row[1]) for row in rows]


def own_copy(actor: Actor) -> dict[str, list[dict[str, Any]]]:
    """Everything that is kept of the actor, in tables with Chinese titles, numbers in full."""
    person = own_volunteer(actor)
    profiles = profile_ids(person.id)
    return {
        "基本资料": [_profile(person)],
        "可服务时间": _week(person),
        "意愿": [{"服务类型": kind, "意愿": cost} for kind, cost in wishes_of(person.id)],
        "资质": [
            {"资质": s.name, "有效期至": s.expires_on, "确认人": s.confirmed_by}
            for s in skills_of(person.id)
        ],
        "同意": [
            {
                "事项": c.purpose.label,
                "告知版本": c.text_version,
                "同意时间": c.given_at,
                "撤回时间": c.withdrawn_at,
            }
            for c in consents_of(person.id)
        ],
        "微信通知": _wechat(person),
        "暂停": [
            {"开始": p.since_on, "结束": p.until_on, "原因": p.reason} for p in pauses_of(person.id)
        ],
        "班次": _seats(profiles),
        "服务记录": _records(profiles),
        "时长流水": _entries(profiles),
        "星级与表彰": _thanks(profiles),
        "申诉": copied_tickets(profiles),
        "补录": copied_make_ups(profiles),
        "核查事项": _cases(profiles),
    }


def own_copy_in_words(actor: Actor) -> dict[str, list[dict[str, Any]]]:
    """The own copy with days and instants as Beijing words, so that all files say the same."""

    def said(value: Any) -> Any:
        if isinstance(value, datetime):
            return local(value).strftime("%Y-%m-%d %H:%M")
        return value.isoformat() if isinstance(value, date) else value

    return {
        name: [{key: said(value) for key, value in row.items()} for row in rows]
        for name, rows in own_copy(actor).items()
    }


def _profile(person: Volunteer) -> dict[str, Any]:
    unit = db.session.get(Unit, person.unit_id)
    community = db.session.get(Community, person.community_id) if person.community_id else None
    return {
        "编号": person.number,
        "姓名": person.name,
        "性别": person.sex.label if person.sex else "",
        "出生年份": str(person.birth_year or ""),
        "单位": unit.name if unit else "",
        "状态": person.state.label,
        "电话": full_phone(person.phone_cipher),
        "证件号码": decrypt(person.id_cipher) or "",
        "居住社区": community.name if community else "",
        "住处方格": f"{person.home_lat}, {person.home_lon}" if person.home_lat else "",
        "监护人": person.guardian_name,
        "监护人电话": full_phone(person.guardian_phone_cipher),
        "每周最多分钟": person.max_minutes_per_week,
        "每天最多班次": person.max_shifts_per_day,
        "全国编号": person.national_number or "",
        "登记日期": person.joined_on,
    }


def _wechat(person: Volunteer) -> list[dict[str, Any]]:
    """The WeChat to which messages go, if one is bound."""
    rows = db.session.scalars(
        select(WeChatBond)
        .join(Account, Account.id == WeChatBond.account_id)
        .where(Account.volunteer_id == person.id)
    )
    return [
        {
            "标识（openid）": decrypt(row.openid_cipher),
            "绑定时间": row.bound_at,
            "告知版本": row.notice_version,
        }
        for row in rows
    ]


def _week(person: Volunteer) -> list[dict[str, Any]]:
    return [
        {
            "星期": f"周{'一二三四五六日'[window.weekday]}",
            "开始": f"{window.start // 60:02d}:{window.start % 60:02d}",
            "结束": f"{window.end // 60:02d}:{window.end % 60:02d}",
            "程度": window.level.label,
        }
        for window in week_of_person(person.id, on=person.joined_on).windows
    ]


def _seats(profiles: list[int]) -> list[dict[str, Any]]:
    rows = db.session.execute(
        select(
            Shift.starts_at,
            Shift.ends_at,
            CheckPoint.name,
            Activity.title,
            Assignment.state,
            Assignment.answer_reason,
        )
        .join(Shift, Shift.id == Assignment.shift_id)
        .join(Activity, Activity.id == Shift.activity_id)
        .join(CheckPoint, CheckPoint.id == Shift.point_id)
        .where(Assignment.volunteer_id.in_(profiles))
        .order_by(Shift.starts_at.desc())
        .limit(MOST_COPIED)
    )
    keys = ("开始", "结束", "点位", "活动")
    return [
        {
            **dict(zip(keys, row[:4], strict=True)),
            "答复": row[4].label,
            "说明": row[5],
        }
        for row in rows
    ]


def _records(profiles: list[int]) -> list[dict[str, Any]]:
    rows = db.session.scalars(
        select(ServiceRecord)
        .where(ServiceRecord.volunteer_id.in_(profiles))
        .order_by(ServiceRecord.service_on.desc(), ServiceRecord.id.desc())
        .limit(MOST_COPIED)
    )
    return [
        {
            "日期": r.service_on,
            "地点": r.place,
            "内容": r.content,
            "负责人": r.person_in_charge,
            "实到分钟": r.attended_minutes,
            "认定分钟": r.credited_minutes,
            "证据等级": r.grade.label,
            "版本": r.version,
        }
        for r in rows
    ]


def _entries(profiles: list[int]) -> list[dict[str, Any]]:
    rows = db.session.scalars(
        select(LedgerEntry)
        .where(LedgerEntry.volunteer_id.in_(profiles))
        .order_by(LedgerEntry.seq.desc())
        .limit(MOST_COPIED)
    )
    return [
        {
            "序号": e.seq,
            "日期": e.service_on,
            "类别": e.kind.label,
            "分钟": e.minutes,
            "来源": e.source.label,
            "入账时间": e.posted_at,
            "说明": e.reason,
        }
        for e in rows
    ]


def _thanks(profiles: list[int]) -> list[dict[str, Any]]:
    stars = db.session.scalars(
        select(StarDecision)
        .where(StarDecision.volunteer_id.in_(profiles))
        .order_by(StarDecision.id.desc())
    )
    awards = db.session.execute(
        select(Award, Honour)
        .join(Honour, Honour.id == Award.honour_id)
        .where(Award.volunteer_id.in_(profiles))
        .order_by(Award.id.desc())
    )
    return [
        {
            "名称": star_name(row.level),
            "决定": row.verdict.label,
            "时间": row.decided_at,
            "办理人": row.decided_by_name,
            "说明": row.reason,
        }
        for row in stars
    ] + [
        {
            "名称": f"{honour.year} 年{honour.title}",
            "决定": row.verdict.label,
            "时间": row.decided_at,
            "办理人": row.decided_by_name,
            "说明": row.reason or row.citation,
        }
        for row, honour in awards
    ]


def _cases(profiles: list[int]) -> list[dict[str, Any]]:
    """The cases about which the person was asked, with what they said and what came of it."""
    rows = db.session.scalars(
        select(TrustCase)
        .where(TrustCase.volunteer_id.in_(profiles), TrustCase.asked_at.is_not(None))
        .order_by(TrustCase.id.desc())
    )
    return [
        {
            "编号": row.id,
            "进度": row.state.label,
            "请说明": row.question,
            "本人说明": row.answer,
            "决定": row.decision,
            "决定时间": row.decided_at,
            "申诉": row.appeal,
        }
        for row in rows
    ]
