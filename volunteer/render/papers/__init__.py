"""Papers (纸面文件): values to PDF/A, set by typst with the product's own fonts and nothing of the machine's.

The text comes in as data, never as markup, so nobody's words can run as typesetting.
"""

from __future__ import annotations

import json
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst

from volunteer.render import qr
from volunteer.render.glyphs import drawable, folders

HERE = Path(__file__).parent
FAMILY = "Noto Serif CJK SC"


@lru_cache(maxsize=2)
def _fonts(places: tuple[Path, ...]) -> Any:
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(place) for place in places],
    )


def _families(fonts: Any) -> list[str]:
    others = sorted(name for name in fonts.families() if name != FAMILY)
    return [FAMILY, *others]


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return drawable(value)
    if isinstance(value, dict):
        return {name: _clean(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_clean(part) for part in value]
    return value


def certificate_pdf(printed: dict[str, Any], *, address: str, at: datetime) -> bytes:
    """Set a certificate as PDF/A-2b. The same values give the same bytes.

    ``printed`` holds ready-made text (see ``queries/certificates/printed.py``), ``address`` is where its
    code leads, ``at`` the instant of issue that the file carries as its own.
    """
    fonts = _fonts(folders())
    values = {**_clean(printed), "fonts": _families(fonts)}
    made = typst.compile(
        str(HERE / "certificate.typ"),
        root=str(HERE),
        format="pdf",
        font_paths=fonts,
        ignore_system_fonts=True,
        pdf_standards="a-2b",
        timestamp=int(at.timestamp()),
        sys_inputs={
            "data": json.dumps(values, ensure_ascii=False),
            "qr": qr.svg(address, title="核验", width=300, resilience="M", inline=False),
        },
    )
    assert isinstance(made, bytes), "without an output file typst returns the bytes"
    return made
