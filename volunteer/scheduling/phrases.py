"""The sentences of the library, Chinese and English side by side: one template per code."""

from collections.abc import Mapping

RULES: Mapping[str, tuple[str, str]] = {
    "availability": ("可服务时间", "availability"),
    "age": ("年龄", "age"),
    "qualification": ("资质", "qualification"),
    "banned": ("已禁排", "ban"),
    "reach": ("联点与距离", "ties and reach"),
    "one_place": ("时间或路程冲突", "one place at a time"),
    "rest": ("休息时间", "rest"),
    "day": ("每日班次上限", "duties a day"),
    "total": ("总时长上限", "total minutes"),
    "seats": ("人数已满", "seats"),
    "apart": ("需分开安排", "kept apart"),
    "pins": ("锁定", "pin"),
    "min": ("缺人", "heads"),
    "target": ("未达目标人数", "wanted heads"),
    "skill": ("缺技能", "skill"),
    "quota": ("缺单位名额", "quota"),
    "dropped": ("已通知者落选", "told otherwise"),
    "fairness": ("均衡", "fairness"),
    "unit_overload": ("单位超额", "unit overload"),
    "wish": ("意愿", "wish"),
    "distance": ("路程", "distance"),
}

FINDINGS: Mapping[str, tuple[str, str]] = {
    "availability": (
        "{person}在{start}至{end}没有可服务时间",
        "{person} is not available from {start} to {end}",
    ),
    "availability_near": (
        "{person}在{start}至{end}没有可服务时间（只有{opens}至{closes}）",
        "{person} is not available from {start} to {end} (only {opens} to {closes})",
    ),
    "age": (
        "{person}{age}岁，不在{min_age}至{max_age}岁之间",
        "{person} is {age}, not between {min_age} and {max_age}",
    ),
    "qualification": ("{person}缺少资质：{lacks}", "{person} lacks: {lacks}"),
    "banned": ("{person}不得安排到{duty}", "{person} is banned from {duty}"),
    "reach_closed": (
        "{duty}只由联点单位承担，{person}所在的{unit}不在其中",
        "{duty} is for tied units only, and {unit} of {person} is not one",
    ),
    "reach_far": (
        "{person}离{duty}{metres}米，超过{reach}米，所在的{unit}也不是联点单位",
        "{person} lives {metres} m from {duty}, beyond {reach} m, and {unit} is not tied",
    ),
    "one_place_overlap": (
        "{person}同一时间已在{other}",
        "{person} stands on {other} at the same time",
    ),
    "one_place": (
        "{person}从{other}赶不到{duty}：间隔{gap}分钟，路上要{need}分钟",
        "{person} cannot get between {other} and {duty}: {gap} min apart, {need} needed",
    ),
    "rest": (
        "{person}在{other}与{duty}之间只休息{gap}分钟，少于{need}分钟",
        "{person} would rest {gap} min between {other} and {duty}, less than {need}",
    ),
    "day": (
        "{person}当天会有{have}个班次，上限{limit}个",
        "{person} would have {have} duties that day, at most {limit}",
    ),
    "total": (
        "{person}总时长会到{have}分钟，上限{limit}分钟",
        "{person} would serve {have} min in all, at most {limit}",
    ),
    "seats": (
        "{duty}会有{have}人，上限{limit}人",
        "{duty} would have {have} people, at most {limit}",
    ),
    "apart": (
        "{person}与{second}需分开安排，不能同在{duty}",
        "{person} and {second} are to be kept apart, and would meet on {duty}",
    ),
    "pins": ("{person}已锁定在{duty}，不能移走", "{person} is pinned to {duty}"),
    "min": (
        "{duty}缺{missing}人（{have}/{want}）",
        "{duty} lacks {missing} people ({have}/{want})",
    ),
    "target": (
        "{duty}离目标差{missing}人（{have}/{want}）",
        "{duty} is {missing} below its target ({have}/{want})",
    ),
    "skill": (
        "{duty}缺{missing}名有“{skill}”技能的人",
        "{duty} lacks {missing} with the skill {skill}",
    ),
    "quota": ("{duty}缺{unit}的{missing}人", "{duty} lacks {missing} people of {unit}"),
    "dropped": (
        "{person}已被通知到{duty}，现在不在名单上",
        "{person} was told to come to {duty} and now is not needed",
    ),
    "fairness": (
        "{person}此前服务{served}分钟，本次{assigned}分钟",
        "{person} has served {served} min, and {assigned} more now",
    ),
    "unit_overload": (
        "{unit}承担{have}分钟，超过应承担的{limit}分钟",
        "{unit} carries {have} min, beyond its share of {limit}",
    ),
    "wish": (
        "{person}对{activity}的意愿：{wish}",
        "{person} {wish} {activity}",
    ),
    "distance": ("{person}到{duty}约{metres}米", "{person} lives {metres} m from {duty}"),
}

WISHES = (
    ("很愿意", "loves"),
    ("一般", "does not mind"),
    ("不太愿意", "would rather not do"),
    ("不愿意", "dislikes"),
)

REMEDIES: Mapping[str, tuple[str, str]] = {
    "widen_reach": (
        "把招募范围扩大到{to}米，可增加{gains}人",
        "widen the reach to {to} m: {gains} more",
    ),
    "open_to_residents": (
        "向附近居民开放，可增加{gains}人",
        "open it to residents nearby: {gains} more",
    ),
    "tie_unit": ("请{unit}支援，可增加{gains}人", "ask {unit} to help: {gains} more"),
    "other_hours": ("改在{at}开始，可增加{gains}人", "start at {at} instead: {gains} more"),
    "raise_max_minutes": (
        "把{people}的时长上限提高到{to}分钟以内，可增加{gains}人",
        "raise the minutes of {people} to at most {to}: {gains} more",
    ),
    "raise_max_shifts": (
        "允许{people}当天多一个班次（至多{to}个），可增加{gains}人",
        "let {people} take up to {to} duties that day: {gains} more",
    ),
    "train_people": (
        "为{people}培训“{skill}”，可增加{gains}人",
        "train {people} in {skill}: {gains} more",
    ),
    "ask_people": (
        "询问{people}能否在这个时间来，可增加{gains}人",
        "ask {people} whether they can come at these hours: {gains} more",
    ),
    "move_person": ("把{person}从{left}调来", "bring {person} over from {left}"),
    "move_person_with_stand_in": (
        "把{person}从{left}调来，由{stand_in}顶班",
        "bring {person} over from {left}, where {stand_in} steps in",
    ),
}
