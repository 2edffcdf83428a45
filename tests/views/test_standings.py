"""The ranking page and its files: sums equal the ledger, the export is logged, nothing runs as a formula."""

import io
from datetime import timedelta

import openpyxl
from flask import Flask
from sqlalchemy import func, select

from tests.builders import a_city, a_unit, a_volunteer, an_entry, sign_in
from tests.records import a_record
from volunteer.domain.timekeeping import local_date, now
from volunteer.models.base import db
from volunteer.models.journal import AuditEntry
from volunteer.models.ledger import ExportLog, LedgerEntry
from volunteer.operations.sealing import seal_due
from volunteer.queries.roots import root_words


def _served(app: Flask):  # type: ignore[no-untyped-def]
    app.config["WTF_CSRF_ENABLED"] = False
    city = a_city()
    today = local_date(now())
    an_entry(city.volunteer, 50, on=today)
    an_entry(city.volunteer, 50, on=today.replace(day=1))
    an_entry(city.other_volunteer, 50, on=today)
    an_entry(a_volunteer(a_unit("=HYPERLINK(1)局")), 7, on=today)
    db.session.commit()
    return city


def test_the_page_rounds_once(app: Flask) -> None:
    city = _served(app)
    page = sign_in(app, city.city_admin).get("/standings").get_data(as_text=True)
    assert "1.7" in page  # 100 minutes, not 0.8 + 0.8
    assert "2.6" in page  # 157 minutes in all


def test_the_workbook_sums_to_the_ledger_and_is_logged(app: Flask) -> None:
    city = _served(app)
    answer = sign_in(app, city.city_admin).post("/standings/export/xlsx?period=month&by=unit")
    assert answer.status_code == 200
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    assert book.sheetnames == ["说明", "单位"]
    sheet = book["单位"]
    assert sheet.freeze_panes is not None
    heads = [cell.value for cell in sheet[1]]
    column = heads.index("志愿服务时长（分钟）")
    figures = [row[column] for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert (
        sum(figures[:-1]) == figures[-1] == db.session.scalar(select(func.sum(LedgerEntry.minutes)))
    )
    cover = [
        str(value) for row in book["说明"].iter_rows(values_only=True) for value in row if value
    ]
    assert any("台账" in text for text in cover)
    log = db.session.scalars(select(ExportLog)).one()
    assert log.row_count == 3
    assert db.session.scalar(select(AuditEntry.sentence).where(AuditEntry.act == "export"))


def test_the_workbook_carries_the_newest_signed_root(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    city = a_city()
    a_record(city.unit, city.volunteer, on=local_date(now()) - timedelta(days=1))
    seal_due(at=now() + timedelta(days=1))
    db.session.commit()
    client = sign_in(app, city.city_admin)
    answer = client.post("/standings/export/xlsx?period=month&by=unit")
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    cover = [value for row in book["说明"].iter_rows(values_only=True) for value in row if value]
    assert root_words()
    assert root_words() in cover


def test_a_unit_named_like_a_formula_stays_a_text(app: Flask) -> None:
    city = _served(app)
    client = sign_in(app, city.city_admin)
    book = openpyxl.load_workbook(io.BytesIO(client.post("/standings/export/xlsx").data))
    cells = [
        cell for row in book["单位"].iter_rows() for cell in row if str(cell.value).startswith("=")
    ]
    assert cells != []
    assert {cell.data_type for cell in cells} == {"s"}
    text = client.post("/standings/export/csv").data.decode("utf-8-sig")
    assert "'=HYPERLINK" in text


def test_a_period_that_ends_before_it_starts_is_told(app: Flask) -> None:
    city = _served(app)
    answer = sign_in(app, city.city_admin).get(
        "/standings?period=custom&first=2026-02-01&last=2026-01-01"
    )
    assert answer.status_code == 422
    assert "请填写起止日期" in answer.get_data(as_text=True)


def test_the_public_page_names_no_person_and_no_small_group(app: Flask) -> None:
    city = _served(app)
    page = app.test_client().get("/public").get_data(as_text=True)
    assert "王芳" not in page
    assert city.unit.name not in page  # one person only
    for _ in range(5):
        an_entry(a_volunteer(city.unit), 10, on=local_date(now()))
    db.session.commit()
    assert city.unit.name in app.test_client().get("/public").get_data(as_text=True)


def test_a_period_of_ones_own_is_exported_too(app: Flask) -> None:
    city = _served(app)
    client = sign_in(app, city.city_admin)
    today = local_date(now())
    asked = f"period=custom&first={today.replace(day=1).isoformat()}&last={today.isoformat()}"
    assert client.get(f"/standings?{asked}").status_code == 200
    assert (
        client.post(f"/standings/export/xlsx?{asked}", data={"csrf_token": "x"}).status_code == 200
    )


def test_an_address_may_say_what_it_likes(app: Flask) -> None:
    """Names that mean something to whoever builds addresses are words like all others."""
    city = a_city()
    db.session.commit()
    page = sign_in(app, city.city_admin).get("/standings?endpoint=x&_scheme=javascript&file_kind=y")
    assert page.status_code == 200
    assert "javascript:" not in page.get_data(as_text=True)
