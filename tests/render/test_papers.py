"""The certificate as a paper: the seal stands on the first page beside what it certifies, whatever the length."""

import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from volunteer.render.papers import certificate_pdf

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def printed(*, layout: str = "full", lines: int = 0, units: int = 1, kinds: int = 1) -> Any:
    """The values of a paper with so many records, recording units and kinds of service."""
    sums = {"times": "3", "hours": "4.5"}
    return {
        "city": "邵阳市",
        "layout": layout,
        "detail": "records",
        "issuer": "邵阳市创建全国文明城市工作办公室",
        "person_in_charge": "李主任",
        "contact": "0739-5345394",
        "name": "王芳",
        "own_unit": "市医保局",
        "title": "志愿服务记录证明",
        "number": "AAAA-BBBB",
        "code": "CCCC-DDDD",
        "digest": "0" * 32,
        "volunteer_number": "SY000001",
        "document_kind": "居民身份证",
        "document": "43*************384",
        "star": "",
        "period": "2026年3月2日至2026年3月9日",
        "issued_on": "2026年3月10日",
        "handler": "志愿者本人自助出具",
        "hours": "4.5",
        "times": "3",
        "prose": "兹证明王芳参加志愿服务。" * 6,
        "grades": [{"name": f"{grade} 级", "hours": "0.0"} for grade in "ABCDE"],
        "units": [{"name": f"第{n}单位", **sums} for n in range(units)],
        "kinds": [{"name": f"第{n}类型", **sums} for n in range(kinds)],
        "months": [],
        "lines": [
            {
                "place_in_list": str(n + 1),
                "day": "2026-03-02",
                "title": "市医保局文明交通劝导",
                "content": "佩戴袖标，在斑马线两侧劝导闯红灯、逆行和未戴头盔，请行人走斑马线。",
                "place": "红旗路—宝庆中路路口",
                "unit": "市医保局",
                "person_in_charge": "周建国",
                "hours": "1.0",
                "grade": "A",
            }
            for n in range(lines)
        ],
        "is_short": 0 < lines <= 5,
        "notes": ["以扫码核验页显示的状态为准；所载记录如有更正，本证明即失效。" * 2] * 4,
        "root": "时长台账根值 2026-03-09（至第 12 条）" + "0" * 64,
    }


def pages_of(folder: Path, values: Any) -> list[str]:
    """The words of each page."""
    path = folder / "paper.pdf"
    path.write_bytes(certificate_pdf(values, address="http://127.0.0.1/v/x", at=AT))
    done = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, check=True)
    return done.stdout.decode().split("\f")[:-1]


@pytest.mark.parametrize(
    ("layout", "lines", "units", "kinds"),
    [
        ("full", 1, 1, 1),
        ("full", 3, 1, 1),
        ("full", 4, 1, 1),
        ("full", 5, 5, 2),
        ("full", 40, 8, 11),
        ("full", 17, 30, 4),
        ("short", 0, 8, 4),
        ("short", 0, 60, 30),
    ],
)
def test_the_seal_stands_on_the_first_page_and_nothing_is_left_out(
    tmp_path: Path, layout: str, lines: int, units: int, kinds: int
) -> None:
    pages = pages_of(tmp_path, printed(layout=layout, lines=lines, units=units, kinds=kinds))
    assert "盖章处" in pages[0]
    assert "兹证明王芳" in pages[0]
    assert not any("盖章处" in page for page in pages[1:])
    words = "".join(pages).replace(" ", "")
    if not 0 < lines <= 5 or "第0类型" in words:
        assert all(f"第{n}类型" in words for n in range(kinds))
        assert units == 1 or all(f"第{n}单位" in words for n in range(units))


def test_a_record_is_not_torn_between_two_pages(tmp_path: Path) -> None:
    for page in pages_of(tmp_path, printed(lines=60))[1:]:
        assert page.count("2026-03-02") == page.count("周建国") == page.count("请行人走斑马线")
