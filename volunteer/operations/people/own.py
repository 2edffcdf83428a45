"""What people keep of themselves (本人资料): contact, home, week, wishes, limits.

The week, wishes and limits may also be kept by the unit's organizer, for whoever has no phone at hand.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select

from volunteer.domain.access import Act, Actor, may
from volunteer.domain.identity import normalise_phone
from volunteer.domain.place import LatLon, coarsened
from volunteer.domain.refusal import Refused
from volunteer.models.activities import ActivityKind, Wish
from volunteer.models.base import db
from volunteer.models.cipher import encrypt
from volunteer.models.people import Volunteer
from volunteer.models.places import CheckPoint, Community
from volunteer.operations.journal import note, tell
from volunteer.operations.people.consents import own_profile
from volunteer.operations.people.register import (
    LONGEST_WEEK,
    normalise_guardian,
    reached,
    set_phone,
    sync_account,
)
from volunteer.operations.people.seats import organizers_of
from volunteer.queries.people.listing import full_phone


def tended(actor: Actor, volunteer_id: int) -> Volunteer:
    """A person whose week the actor may keep: oneself, or somebody of the own unit.

    Raises Refused ``not_allowed``, ``not_yours``, ``not_found``.
    """
    if actor.volunteer_id == volunteer_id and may(
        actor, Act.OWN_AVAILABILITY, volunteer_id=volunteer_id
    ):
        return own_profile(actor, Act.OWN_AVAILABILITY)
    return reached(actor, volunteer_id)


def set_contact(
    actor: Actor, *, phone: str, guardian_name: str, guardian_phone: str, at: datetime
) -> Volunteer:
    """Change the own phone and guardian; an empty phone leaves the old one. The organizers are told.

    Raises Refused ``phone_shape``.
    """
    person = own_profile(actor)
    changed = []
    if phone.strip():
        normal = normalise_phone(phone)
        if full_phone(person.phone_cipher) != full_phone_of(normal):
            set_phone(person, normal)
            changed.append("电话")
    guardian = normalise_guardian(guardian_phone)
    if guardian is not None:
        person.guardian_phone_cipher = encrypt(guardian)
        changed.append("监护人电话")
    if guardian_name.strip() != person.guardian_name:
        person.guardian_name = guardian_name.strip()[:100]
        changed.append("监护人")
    if not changed:
        return person
    person.version += 1
    sync_account(person)
    words = "、".join(changed)
    note(
        actor,
        "set_contact",
        person,
        f"{person.name} 修改了本人{words}",
        at=at,
        unit_id=person.unit_id,
        after={"changed": changed},
    )
    for account_id in organizers_of(person.unit_id):
        tell(
            topic="contact_changed",
            title=f"{person.name} 更换了联系方式",
            body=f"{person.name}（{person.number}）修改了{words}。",
            at=at,
            account_id=account_id,
            link=f"/people/{person.id}",
        )
    return person


def full_phone_of(normal: str) -> str:
    """A normalised phone as people write it."""
    return full_phone(encrypt(normal))


def set_home_community(actor: Actor, community_id: int, *, at: datetime) -> Volunteer:
    """Say in which community one lives; the home cell is the middle of its points, where there are any.

    Raises Refused ``no_community``.
    """
    person = own_profile(actor)
    community = db.session.get(Community, community_id)
    if community is None:
        raise Refused("no_community", "请选择社区。", field="community_id", status=422)
    lat, lon = db.session.execute(
        select(func.avg(CheckPoint.lat), func.avg(CheckPoint.lon)).where(
            CheckPoint.community_id == community.id, CheckPoint.lat.is_not(None)
        )
    ).one()
    person.community_id = community.id
    if lat is not None and lon is not None:
        rough = coarsened(LatLon(float(lat), float(lon)))
        person.home_lat, person.home_lon = rough
    else:
        person.home_lat, person.home_lon = None, None
    _note_home(actor, person, f"{person.name} 填写居住社区：{community.name}", at=at)
    return person


def set_home_position(actor: Actor, *, lat: float, lon: float, at: datetime) -> Volunteer:
    """Keep the 250 m cell around a position given once; the position itself is forgotten.

    Raises Refused ``no_position``.
    """
    person = own_profile(actor)
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise Refused("no_position", "没有得到位置。", "可以改为选择社区。", status=422)
    rough = coarsened(LatLon(lat, lon))
    person.home_lat, person.home_lon = rough
    _note_home(actor, person, f"{person.name} 用一次定位填写住处所在的 250 米方格", at=at)
    return person


def forget_home(actor: Actor, *, at: datetime) -> Volunteer:
    """Forget where the person lives; nearness is then not weighed."""
    person = own_profile(actor)
    person.home_lat, person.home_lon, person.community_id = None, None, None
    _note_home(actor, person, f"{person.name} 删除了住处", at=at)
    return person


def _note_home(actor: Actor, person: Volunteer, words: str, *, at: datetime) -> None:
    person.version += 1
    note(actor, "set_home", person, words, at=at, unit_id=person.unit_id)


def set_limits(
    actor: Actor, volunteer_id: int, *, minutes_per_week: int, shifts_per_day: int, at: datetime
) -> Volunteer:
    """Set how much a person serves at most; zero minutes means not at all.

    Raises Refused ``wrong_limits``, and what ``tended`` raises.
    """
    person = tended(actor, volunteer_id)
    if not 0 <= minutes_per_week <= LONGEST_WEEK:
        raise Refused(
            "wrong_limits",
            "每周最多请填 0 到 %(hours)s 小时。",
            field="hours",
            status=422,
            values={"hours": LONGEST_WEEK // 60},
        )
    if not 1 <= shifts_per_day <= 6:
        raise Refused("wrong_limits", "每天最多请填 1 到 6 班。", field="shifts", status=422)
    before = {
        "minutes_per_week": person.max_minutes_per_week,
        "shifts_per_day": person.max_shifts_per_day,
    }
    person.max_minutes_per_week = minutes_per_week
    person.max_shifts_per_day = shifts_per_day
    person.version += 1
    note(
        actor,
        "set_limits",
        person,
        f"{person.name} 的服务上限：每周 {minutes_per_week} 分钟，每天 {shifts_per_day} 班",
        at=at,
        unit_id=person.unit_id,
        before=before,
        after={"minutes_per_week": minutes_per_week, "shifts_per_day": shifts_per_day},
    )
    return person


def set_wishes(
    actor: Actor, volunteer_id: int, wishes: Mapping[int, int | None], *, at: datetime
) -> int:
    """Set wishes by kind: cost 0 (loves) to 3 (rather not), None says nothing. Returns how many changed.

    Raises Refused ``wrong_wish``, and what ``tended`` raises.
    """
    person = tended(actor, volunteer_id)
    known = set(db.session.scalars(select(ActivityKind.id).where(ActivityKind.is_active)))
    if any(kind not in known for kind in wishes) or any(
        cost is not None and not 0 <= cost <= 3 for cost in wishes.values()
    ):
        raise Refused("wrong_wish", "意愿的选项不对。", "请刷新页面后重新选择。", status=422)
    held = {
        wish.kind_id: wish
        for wish in db.session.scalars(select(Wish).where(Wish.volunteer_id == person.id))
    }
    before = {str(kind): wish.cost for kind, wish in held.items()}
    changed = 0
    for kind, cost in wishes.items():
        wish = held.get(kind)
        if cost == (wish.cost if wish else None):
            continue
        changed += 1
        if wish is None and cost is not None:
            db.session.add(Wish(volunteer_id=person.id, kind_id=kind, cost=cost))
        elif wish is not None and cost is not None:
            wish.cost = cost
        elif wish is not None:
            db.session.delete(wish)
    if changed:
        note(
            actor,
            "set_wishes",
            person,
            f"修改 {person.name} 的服务意愿（{changed} 项）",
            at=at,
            unit_id=person.unit_id,
            before=before,
            after={str(kind): cost for kind, cost in wishes.items()},
        )
    return changed


def prefer_large_type(actor: Actor, *, at: datetime) -> None:
    """Show pages in large type on every device of the person."""
    _set_type(actor, wants_large=True, at=at)


def prefer_usual_type(actor: Actor, *, at: datetime) -> None:
    """Show pages in the usual type again."""
    _set_type(actor, wants_large=False, at=at)


def _set_type(actor: Actor, *, wants_large: bool, at: datetime) -> None:
    person = own_profile(actor)
    if person.prefers_large_type is wants_large:
        return
    person.prefers_large_type = wants_large
    words = "大字版" if wants_large else "标准字号"
    note(actor, "set_type", person, f"{person.name} 改用{words}", at=at, unit_id=person.unit_id)


def note_own_copy(actor: Actor, *, form: str, at: datetime) -> None:
    """Write down that a person took a copy of the own data (《个人信息保护法》第四十五条)."""
    person = own_profile(actor)
    note(
        actor,
        "copy_own_data",
        person,
        f"{person.name} 下载本人资料（{form}）",
        at=at,
        unit_id=person.unit_id,
    )
