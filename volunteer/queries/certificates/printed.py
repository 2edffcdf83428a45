"""A certificate as it is printed (打印内容): every value as text, the figures from the frozen minutes."""

from datetime import date
from typing import Any

from volunteer.domain.certificate import grouped, hours_text
from volunteer.domain.terms import CertificateDetail, CertificateLayout, CertificateSpan, Grade
from volunteer.models.certificates import Certificate
from volunteer.queries.certificates.issued import content

SHORT_LIST = 5
"""Records that may stand before the seal if the page has room; a longer list follows as an annex."""
_KINDS_NAMED = 3


def _day(iso: str) -> str:
    on = date.fromisoformat(iso)
    return f"{on.year}年{on.month}月{on.day}日"


def _sums(rows: list[dict[str, Any]], step: int) -> list[dict[str, str]]:
    return [
        {
            "name": row["name"],
            "times": str(row["times"]),
            "hours": hours_text(row["minutes"], step),
        }
        for row in rows
    ]


def _grades(known: dict[str, Any]) -> list[dict[str, str]]:
    minutes = {row["name"]: row["minutes"] for row in known["grades"]}
    return [
        {"name": grade.label, "hours": hours_text(minutes.get(grade.value, 0), known["hour_step"])}
        for grade in Grade
    ]


def _month(name: str) -> str:
    year, month = name.split("-")
    return f"{year}年{int(month)}月"


def printed(certificate: Certificate, *, for_person: bool) -> dict[str, Any]:
    """All values of the paper as text; from the frozen content only, so a reprint says the same.

    A full document number is printed for the person alone; the desk's copy has it masked.
    """
    known = content(certificate, for_person=for_person)
    step = known["hour_step"]
    months = [{**row, "name": _month(row["name"])} for row in known["months"]]
    return {
        **{
            name: known[name]
            for name in (
                "city",
                "layout",
                "detail",
                "issuer",
                "person_in_charge",
                "contact",
                "name",
                "own_unit",
            )
        },
        "title": "志愿服务记录证明",
        "number": grouped(known["number"]),
        "code": grouped(known["code"]),
        "digest": bytes(certificate.digest).hex()[:32],
        "volunteer_number": known["national_number"] or known["volunteer_number"],
        "document_kind": known["document_kind"] or "—",
        "document": known["document"] or ("未登记" if known["document_kind"] else "—"),
        "star": known.get("star", ""),  # papers from before stars were printed have none
        "period": f"{_day(known['first_on'])}至{_day(known['last_on'])}",
        "issued_on": _day(known["issued_on"]),
        "handler": known["handler"] or "志愿者本人自助出具",
        "hours": hours_text(known["minutes"], step),
        "times": str(known["times"]),
        "prose": _prose(known),
        "grades": _grades(known),
        "units": _sums(known["units"], step),
        "kinds": _sums(known["kinds"], step),
        "months": _sums(months, step),
        "lines": _lines(known),
        "is_short": known["layout"] == CertificateLayout.FULL.value
        and known["detail"] == CertificateDetail.RECORDS.value
        and len(known["lines"]) <= SHORT_LIST,
        "notes": _notes(known),
        "root": _root(known),
    }


def _lines(known: dict[str, Any]) -> list[dict[str, str]]:
    return [
        {
            "place_in_list": str(number),
            "day": line["on"],
            "title": line["title"],
            "content": line["content"] if line["content"] != line["title"] else "",
            "place": line["place"],
            "unit": line["unit"],
            "person_in_charge": line["person_in_charge"],
            "hours": hours_text(line["minutes"], known["hour_step"]),
            "grade": line["grade"],
        }
        for number, line in enumerate(known["lines"], 1)
    ]


def _prose(known: dict[str, Any]) -> str:
    units = [row["name"] for row in known["units"]]
    named = "、".join(units[:_KINDS_NAMED]) + ("等单位" if len(units) > _KINDS_NAMED else "")
    kinds = [row["name"] for row in known["kinds"]]
    done = "、".join(kinds[:_KINDS_NAMED]) + ("等" if len(kinds) > _KINDS_NAMED else "")
    document = ""
    if known["layout"] == CertificateLayout.SHORT.value and known["document"]:
        document = f"（{known['document_kind']}：{known['document']}）"
    return (
        f"兹证明{known['name']}{document}于{_day(known['first_on'])}至{_day(known['last_on'])}期间，"
        f"参加{named}组织的志愿服务 {known['times']} 次，服务时间共计 "
        f"{hours_text(known['minutes'], known['hour_step'])} 小时，服务内容为{done}。"
    )


def _notes(known: dict[str, Any]) -> list[str]:
    notes = [f"用途：{known['purpose']}。"] if known["purpose"] else []
    counted = "时长由实到时间按分钟累计，合计后进位一次；路途、休息和公务值守不计入。"
    grades = (
        "等级为签到证据的强弱：A 现场动态码，B 带队扫个人码，C 固定码或定位，D 带队点名，E 补录。"
    )
    notes.append(counted + (grades if known["layout"] == CertificateLayout.FULL.value else ""))
    if known["span"] == CertificateSpan.CITY.value:
        notes.append("本证明汇总多个记录单位的记录，各单位对其所记录的部分负责。")
    if known.get("star") and known["layout"] == CertificateLayout.FULL.value:
        notes.append("志愿者星级为出具之日有效的评定结果。")
    if known["waiting_minutes"]:
        waiting = hours_text(known["waiting_minutes"], known["hour_step"])
        notes.append(f"另有 {waiting} 小时待复核，未计入。")
    notes.append(
        "本证明依据《志愿服务记录与证明出具办法（试行）》（民政部令第 67 号）免费出具，以扫码核验页显示的状态为准；"
        "所载记录如有更正，本证明即失效。"
    )
    return notes


def _root(known: dict[str, Any]) -> str:
    root = known["root"]
    if root is None:
        return ""
    return f"时长台账根值 {root['day']}（至第 {root['last_seq']} 条）{root['root']}"
