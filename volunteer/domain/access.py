"""Who may do what (权限): one table of acts and roles, one function that all floors ask.

A role decides how far its holder reaches: the city office everywhere, a district office over
its district, an organizer over the own unit and the units below it, a leader over the shifts
led, a volunteer over the own things. The table decides which acts a role holds at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from volunteer.domain.refusal import Refused
from volunteer.domain.terms import Role, Term
from volunteer.domain.words import N_


class Act(Term):
    """Everything a person can do in the product (权限项)."""

    VIEW_PLACES = "view_places", N_("查看点位")
    VIEW_KINDS = "view_kinds", N_("查看服务类型")
    VIEW_CALENDAR = "view_calendar", N_("查看日历")
    VIEW_STANDINGS = "view_standings", N_("查看单位排行")
    VIEW_UNITS = "view_units", N_("查看单位")
    VIEW_PEOPLE = "view_people", N_("查看志愿者")
    VIEW_ACTIVITIES = "view_activities", N_("查看活动")
    VIEW_PLANNING = "view_planning", N_("查看排班任务")
    VIEW_ROSTERS = "view_rosters", N_("查看排班表")
    VIEW_ATTENDANCE = "view_attendance", N_("查看到岗情况")
    VIEW_HOURS = "view_hours", N_("查看时长")
    VIEW_TICKETS = "view_tickets", N_("查看申诉与补录")
    VIEW_CASES = "view_cases", N_("查看核查事项")
    VIEW_CAMPAIGNS = "view_campaigns", N_("查看创建周期与检查")
    VIEW_AUDIT = "view_audit", N_("查看操作日志")
    VIEW_SETTINGS = "view_settings", N_("查看系统设置")
    EXPORT = "export", N_("导出")

    MANAGE_PLACES = "manage_places", N_("维护点位")
    MANAGE_KINDS = "manage_kinds", N_("维护服务类型")
    MANAGE_CALENDAR = "manage_calendar", N_("维护日历")
    MANAGE_SETTINGS = "manage_settings", N_("修改系统设置")
    MANAGE_UNITS = "manage_units", N_("维护单位")
    MANAGE_ACCOUNTS = "manage_accounts", N_("管理账号与角色")
    MANAGE_PEOPLE = "manage_people", N_("维护志愿者")
    IMPORT_ROLL = "import_roll", N_("导入花名册")
    SEE_FULL_IDENTITY = "see_full_identity", N_("查看完整证件号码")
    MANAGE_ACTIVITIES = "manage_activities", N_("管理活动")
    MANAGE_SHIFTS = "manage_shifts", N_("管理班次")
    PLAN = "plan", N_("自动排班")
    MANAGE_ROSTERS = "manage_rosters", N_("调整并发布排班表")
    RUN_ONSITE = "run_onsite", N_("现场签到管理")
    SETTLE = "settle", N_("结算时长")
    CORRECT = "correct", N_("更正时长")
    REVIEW_UNIT = "review_unit", N_("上级单位复核时长")
    REVIEW_CITY = "review_city", N_("市级复核时长")
    DECIDE_TICKETS = "decide_tickets", N_("办理申诉与补录")
    DECIDE_CASES = "decide_cases", N_("办理核查事项")
    ISSUE_CERTIFICATES = "issue_certificates", N_("出具志愿服务记录证明")
    DECIDE_STARS = "decide_stars", N_("评定星级与表彰")
    SET_TARGETS = "set_targets", N_("设定年度目标")
    MANAGE_CAMPAIGNS = "manage_campaigns", N_("管理创建周期与检查")
    INSPECT = "inspect", N_("现场督查")

    OWN_ACCOUNT = "own_account", N_("本人账号")
    OWN_MESSAGES = "own_messages", N_("本人通知")
    OWN_PROFILE = "own_profile", N_("本人资料")
    OWN_AVAILABILITY = "own_availability", N_("本人可服务时间")
    OWN_DUTIES = "own_duties", N_("本人班次")
    OWN_STAMPS = "own_stamps", N_("本人签到签退")
    OWN_HOURS = "own_hours", N_("本人时长")
    OWN_TICKETS = "own_tickets", N_("本人申诉与补录")
    OWN_CASES = "own_cases", N_("本人核查事项")
    OWN_CERTIFICATES = "own_certificates", N_("本人志愿服务记录证明")


_CITY = frozenset({Role.CITY_ADMIN})
_OFFICES = _CITY | {Role.DISTRICT_ADMIN}
_DESK = _OFFICES | {Role.ORGANIZER}
_SITE = _DESK | {Role.LEADER}
_SELF = frozenset({Role.VOLUNTEER})
_ALL = frozenset(Role)
_READ = _DESK | {Role.AUDITOR}

#: Which roles hold which act. The auditor stands in reading rows only. REVIEW_UNIT is asked with
#: the parent of the recording unit as owner: a unit does not review its own long days.
HOLDERS: Mapping[Act, frozenset[Role]] = {
    Act.VIEW_PLACES: _ALL,
    Act.VIEW_KINDS: _ALL,
    Act.VIEW_CALENDAR: _ALL,
    Act.VIEW_STANDINGS: _ALL,
    Act.VIEW_UNITS: _READ,
    Act.VIEW_PEOPLE: _READ,
    Act.VIEW_ACTIVITIES: _READ,
    Act.VIEW_PLANNING: _READ,
    Act.VIEW_ROSTERS: _READ | {Role.LEADER},
    Act.VIEW_ATTENDANCE: _READ | {Role.LEADER},
    Act.VIEW_HOURS: _READ,
    Act.VIEW_TICKETS: _READ,
    Act.VIEW_CASES: _READ,
    Act.VIEW_CAMPAIGNS: _READ,
    Act.VIEW_AUDIT: _OFFICES | {Role.AUDITOR},
    Act.VIEW_SETTINGS: _CITY | {Role.AUDITOR},
    Act.EXPORT: _READ,
    Act.MANAGE_PLACES: _OFFICES,
    Act.MANAGE_KINDS: _CITY,
    Act.MANAGE_CALENDAR: _CITY,
    Act.MANAGE_SETTINGS: _CITY,
    Act.MANAGE_UNITS: _OFFICES,
    Act.MANAGE_ACCOUNTS: _OFFICES,
    Act.MANAGE_PEOPLE: _DESK,
    Act.IMPORT_ROLL: _DESK,
    Act.SEE_FULL_IDENTITY: _DESK,
    Act.MANAGE_ACTIVITIES: _DESK,
    Act.MANAGE_SHIFTS: _DESK,
    Act.PLAN: _DESK,
    Act.MANAGE_ROSTERS: _DESK,
    Act.RUN_ONSITE: _SITE,
    Act.SETTLE: _DESK,
    Act.CORRECT: _DESK,
    Act.REVIEW_UNIT: _DESK,
    Act.REVIEW_CITY: _CITY,
    Act.DECIDE_TICKETS: _DESK,
    Act.DECIDE_CASES: _DESK,
    Act.ISSUE_CERTIFICATES: _DESK,
    Act.DECIDE_STARS: _DESK,
    Act.SET_TARGETS: _DESK,
    Act.MANAGE_CAMPAIGNS: _OFFICES,
    Act.INSPECT: _OFFICES,
    Act.OWN_ACCOUNT: _ALL,
    Act.OWN_MESSAGES: _ALL,
    Act.OWN_PROFILE: _SELF,
    Act.OWN_AVAILABILITY: _SELF,
    Act.OWN_DUTIES: _SELF,
    Act.OWN_STAMPS: _SELF,
    Act.OWN_HOURS: _SELF,
    Act.OWN_TICKETS: _SELF,
    Act.OWN_CASES: _SELF,
    Act.OWN_CERTIFICATES: _SELF,
}

#: Acts that change nothing: all that an auditor may hold, beside the own account.
READING = frozenset(act for act in Act if act.value.startswith("view_")) | {Act.EXPORT}

#: Common ground: whoever holds the act sees the whole city in it.
COMMON = frozenset({Act.VIEW_PLACES, Act.VIEW_KINDS, Act.VIEW_CALENDAR, Act.VIEW_STANDINGS})


@dataclass(frozen=True, slots=True)
class Grant:
    """One role given to an account, and how far it reaches.

    ``unit_ids`` are all units within reach, put in by whoever loads the actor: for an organizer
    the own unit and all below it, for a district office every unit of the district.
    """

    role: Role
    unit_id: int | None = None
    district_id: int | None = None
    unit_ids: frozenset[int] = frozenset()

    @property
    def reach(self) -> frozenset[int]:
        """Units within reach, the granted one included."""
        return self.unit_ids if self.unit_id is None else self.unit_ids | {self.unit_id}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: an account with its grants, perhaps a volunteer, perhaps leading shifts now."""

    account_id: int | None
    name: str
    volunteer_id: int | None = None
    unit_id: int | None = None
    grants: tuple[Grant, ...] = ()
    led_shift_ids: frozenset[int] = frozenset()

    @property
    def roles(self) -> frozenset[Role]:
        """All roles held; a volunteer and a leader are so by fact, without a grant."""
        roles = {grant.role for grant in self.grants}
        if self.volunteer_id is not None:
            roles.add(Role.VOLUNTEER)
        if self.led_shift_ids:
            roles.add(Role.LEADER)
        return frozenset(roles)


#: The product itself, when a job closes a forgotten check-out or sends a reminder.
SYSTEM = Actor(account_id=None, name=N_("系统"), grants=(Grant(Role.CITY_ADMIN),))


@dataclass(frozen=True, slots=True)
class Scope:
    """The rows an actor reaches in one act: the union of what each role gives."""

    everything: bool = False
    district_ids: frozenset[int] = frozenset()
    unit_ids: frozenset[int] = frozenset()
    shift_ids: frozenset[int] = frozenset()
    volunteer_id: int | None = None

    @property
    def is_empty(self) -> bool:
        """Whether no row at all is reached."""
        return not (
            self.everything
            or self.district_ids
            or self.unit_ids
            or self.shift_ids
            or self.volunteer_id is not None
        )

    def covers(
        self,
        *,
        unit_id: int | None = None,
        district_id: int | None = None,
        shift_id: int | None = None,
        volunteer_id: int | None = None,
    ) -> bool:
        """Whether an object that belongs to any of the named owners is within reach."""
        return (
            self.everything
            or (unit_id is not None and unit_id in self.unit_ids)
            or (district_id is not None and district_id in self.district_ids)
            or (shift_id is not None and shift_id in self.shift_ids)
            or (volunteer_id is not None and volunteer_id == self.volunteer_id)
        )


def holds(actor: Actor, act: Act) -> bool:
    """Whether the actor holds the act anywhere at all."""
    if act in (Act.OWN_ACCOUNT, Act.OWN_MESSAGES):
        return actor.account_id is not None
    return bool(HOLDERS[act] & actor.roles)


def scope_of(actor: Actor, act: Act) -> Scope:
    """What the actor reaches in this act; empty when the act is not held."""
    held = HOLDERS[act] & actor.roles
    if not held:
        return Scope()
    granting = [grant for grant in actor.grants if grant.role in held]
    citywide = {Role.CITY_ADMIN, Role.AUDITOR} & {grant.role for grant in granting}
    if act in COMMON or citywide:
        return Scope(everything=True, volunteer_id=actor.volunteer_id)
    offices = [grant for grant in granting if grant.role is Role.DISTRICT_ADMIN]
    desks = [grant for grant in granting if grant.role in (Role.DISTRICT_ADMIN, Role.ORGANIZER)]
    return Scope(
        district_ids=frozenset(g.district_id for g in offices if g.district_id is not None),
        unit_ids=frozenset(unit for grant in desks for unit in grant.reach),
        shift_ids=actor.led_shift_ids if Role.LEADER in held else frozenset(),
        volunteer_id=actor.volunteer_id if Role.VOLUNTEER in held else None,
    )


def may(
    actor: Actor,
    act: Act,
    *,
    unit_id: int | None = None,
    district_id: int | None = None,
    shift_id: int | None = None,
    volunteer_id: int | None = None,
) -> bool:
    """Whether the actor may do this to an object of the named owner; without one, anywhere."""
    if not holds(actor, act):
        return False
    if unit_id is district_id is shift_id is volunteer_id is None:
        return True
    return scope_of(actor, act).covers(
        unit_id=unit_id, district_id=district_id, shift_id=shift_id, volunteer_id=volunteer_id
    )


def require(
    actor: Actor,
    act: Act,
    *,
    unit_id: int | None = None,
    district_id: int | None = None,
    shift_id: int | None = None,
    volunteer_id: int | None = None,
) -> None:
    """Pass in silence if the actor may do this.

    Raises
    ------
    Refused
        ``not_allowed`` (403) when no role holds the act; ``not_yours`` (404) when the object is
        another's, in the words of a thing that does not exist.
    """
    if not holds(actor, act):
        raise Refused(
            "not_allowed",
            N_("您的账号没有“%(act)s”的权限。"),
            N_("如工作需要，请联系上级管理员授权。"),
            status=403,
            values={"act": act.label},
        )
    owners = {
        "unit_id": unit_id,
        "district_id": district_id,
        "shift_id": shift_id,
        "volunteer_id": volunteer_id,
    }
    if not may(actor, act, **owners):
        raise Refused("not_yours", N_("没有找到您要的内容。"), N_("请从列表重新进入。"), status=404)


def require_other(actor: Actor, volunteer_id: int) -> None:
    """Pass if the actor is not the person who would gain: nobody approves the own hours.

    Raises
    ------
    Refused
        ``own_case`` (403).
    """
    if actor.volunteer_id is not None and actor.volunteer_id == volunteer_id:
        raise Refused(
            "own_case",
            N_("不能办理与本人有关的时长事项。"),
            N_("请由本单位其他组织者或上级管理员办理。"),
            status=403,
        )


#: Roles that are given by hand; a volunteer and a leader are so by fact.
GIVEN = (Role.ORGANIZER, Role.DISTRICT_ADMIN, Role.AUDITOR, Role.CITY_ADMIN)


def may_give(
    actor: Actor, role: Role, *, unit_id: int | None = None, district_id: int | None = None
) -> bool:
    """Whether the actor may give or take this role with this reach.

    The city office gives every role; a district office makes organizers of its own units, and
    nobody gives what would reach further than the giver.
    """
    if role not in GIVEN:
        return False
    scope = scope_of(actor, Act.MANAGE_ACCOUNTS)
    if scope.everything:
        return True
    return role is Role.ORGANIZER and district_id is None and unit_id in scope.unit_ids
