"""Exporting a week (导出排班表): the Excel file, with a line in the log of exports."""

import hashlib
from dataclasses import asdict, dataclass
from datetime import date, datetime

from volunteer.domain.access import Act, Actor, require
from volunteer.models.base import db
from volunteer.models.ledger import ExportLog
from volunteer.operations import journal
from volunteer.queries.rosters.board import Wanted
from volunteer.queries.rosters.sheet import SheetRow, sheet_of_week
from volunteer.render.sheets import workbook_bytes
from volunteer.render.tables import Column, Cover, Table

COLUMNS = (
    Column("on", "日期", "date"),
    Column("weekday", "星期"),
    Column("time", "时段"),
    Column("point", "点位"),
    Column("kind", "服务类型"),
    Column("unit", "责任单位"),
    Column("heads", "人数", "count", summed=True),
    Column("needed", "最少人数", "count", summed=True),
    Column("leader", "带班"),
    Column("people", "人员", "long"),
    Column("phone", "联系电话", "code"),
    Column("note", "备注", "long"),
)


@dataclass(frozen=True, slots=True)
class Exported:
    """A file that was made."""

    name: str
    content: bytes


def export_week(
    actor: Actor, week_on: date, wanted: Wanted, *, inner: bool, at: datetime
) -> Exported:
    """Make the Excel file of a week as the actor may see it, and log the export.

    Raises
    ------
    Refused
        ``not_allowed``.
    """
    require(actor, Act.EXPORT)
    if inner:
        require(actor, Act.MANAGE_ROSTERS)
    rows = sheet_of_week(actor, week_on, wanted, inner=inner)
    version = "内部版" if inner else "公开版"
    columns = COLUMNS if inner else tuple(c for c in COLUMNS if c.key != "phone")
    title = f"排班表 {week_on.isoformat()} {version}"
    filters = {"周": f"{week_on.isoformat()} 起一周", "版本": version}
    if wanted.is_narrow:
        filters["筛选"] = "已按看板的筛选条件缩小"
    cover = Cover(title, actor.name, at, filters, notes=("公开版隐去姓名和电话。",))
    content = workbook_bytes([Table("排班表", columns, [asdict(row) for row in rows])], cover)
    name = f"排班表-{week_on.isoformat()}-{version}.xlsx"
    log = ExportLog(
        at=at,
        account_id=actor.account_id or 0,
        unit_id=actor.unit_id,
        subject="排班表",
        filter_text="；".join(f"{key}：{value}" for key, value in filters.items())[:400],
        file_name=name,
        row_count=len(rows),
        digest=hashlib.sha256(content).hexdigest(),
    )
    db.session.add(log)
    journal.note(actor, "export_roster", log, f"导出{title}，{len(rows)} 行", at=at)
    return Exported(name, content)


def print_inner(actor: Actor, week_on: date, wanted: Wanted, *, at: datetime) -> list[SheetRow]:
    """The rows of the inner paper, with names and phone numbers; whoever prints it leaves a line.

    Raises
    ------
    Refused
        ``not_allowed``.
    """
    require(actor, Act.MANAGE_ROSTERS)
    rows = sheet_of_week(actor, week_on, wanted, inner=True)
    journal.note(
        actor,
        "print_roster",
        "draft_roster",
        f"打开排班表 {week_on.isoformat()} 内部版（含电话），{len(rows)} 行",
        at=at,
        unit_id=actor.unit_id,
    )
    return rows
