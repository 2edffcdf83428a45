"""People, accounts and units (人员、账号、单位)."""

from volunteer.domain.terms.word import Term
from volunteer.domain.words import N_


class Role(Term):
    """What an account is trusted with (角色)."""

    CITY_ADMIN = "city_admin", N_("市级管理员")
    DISTRICT_ADMIN = "district_admin", N_("区级管理员")
    ORGANIZER = "organizer", N_("单位组织者")
    LEADER = "leader", N_("带队")
    VOLUNTEER = "volunteer", N_("志愿者")
    AUDITOR = "auditor", N_("审计员")


class AccountState(Term):
    """Whether a login works (账号状态)."""

    INVITED = "invited", N_("待激活")
    ACTIVE = "active", N_("正常")
    DISABLED = "disabled", N_("已停用")


class VolunteerState(Term):
    """Where a person stands with the register (志愿者状态); 民政部令第67号第五条、第六条."""

    AWAITING_CONSENT = "awaiting_consent", N_("待本人确认")
    ACTIVE = "active", N_("正常")
    PAUSED = "paused", N_("暂停服务")
    LEFT = "left", N_("已退出")


class Sex(Term):
    """Sex as the service record asks for it (性别)."""

    MALE = "male", N_("男")
    FEMALE = "female", N_("女")


class DocumentKind(Term):
    """Kind of identity document (证件类型)."""

    CITIZEN = "citizen", N_("居民身份证")
    RESIDENCE_PERMIT = "residence_permit", N_("港澳台居民居住证")
    PERMANENT_RESIDENT = "permanent_resident", N_("外国人永久居留身份证")
    OTHER = "other", N_("护照或通行证")


class ConsentPurpose(Term):
    """What a consent is for (同意事项), each given and withdrawn alone; 《个人信息保护法》第十四条、第十五条."""

    ACCOUNT = "account", N_("账号与排班")
    IDENTITY = "identity", N_("证件号码用于身份核验和保险")
    LOCATION = "location", N_("签到时的定位")
    PUBLIC_DISPLAY = "public_display", N_("在排行和光荣榜公开展示")
    TRANSFER = "transfer", N_("报送全国系统和保险机构")


class UnitLevel(Term):
    """Level of a unit in the city (单位层级)."""

    CITY = "city", N_("市级")
    DISTRICT = "district", N_("区级")
    STREET = "street", N_("街道")
    COMMUNITY = "community", N_("社区")


class UnitKind(Term):
    """Legal form of a unit (单位性质)."""

    OFFICE = "office", N_("工作机构")
    AGENCY = "agency", N_("机关")
    PUBLIC_INSTITUTION = "public_institution", N_("事业单位")
    STATE_ENTERPRISE = "state_enterprise", N_("国有企业")
    ENTERPRISE = "enterprise", N_("其他企业")
    MASS_ORGANISATION = "mass_organisation", N_("群团组织")
    STREET_OFFICE = "street_office", N_("街道办事处")
    RESIDENTS_COMMITTEE = "residents_committee", N_("居民委员会")
    VILLAGE_COMMITTEE = "village_committee", N_("村民委员会")
    SOCIAL_ORGANISATION = "social_organisation", N_("社会组织")
    SCHOOL = "school", N_("学校")
    INNER_TEAM = "inner_team", N_("单位内志愿服务队")
