"""QR codes (二维码) of https addresses: SVG for screens and print, PNG for saving and sending.

A code holds nothing but an address: WeChat's own scanner opens an address at once, any other text
it only shows. Every module is a whole number of pixels and the colours are fixed (never the page's
own), so a page in dark mode still shows dark on light, which is what scanners read.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Literal
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

import qrcode
import segno
from qrcode.image.pure import PyPNGImage

Resilience = Literal["L", "M", "Q", "H"]

QUIET_ZONE = 4
"""Empty modules around the code; ISO/IEC 18004 asks for four."""

LEAST_MODULE = 4
"""Pixels of the smallest module: about one millimetre on a common screen, read from half a metre."""

LONGEST_PAYLOAD = 300
"""Bytes of the longest address. Beyond it the modules grow too fine for a phone across a table."""


def svg(
    payload: str, *, title: str, width: int = 320, resilience: Resilience = "M", inline: bool = True
) -> str:
    """Draw `payload` as an SVG element at least `width` CSS pixels wide.

    `title` is what a screen reader says instead of the picture. With `inline=False` the text is a
    complete file with an XML declaration.

    Raises `ValueError` when the payload is not a web address or too long to be read from a screen.
    """
    code = segno.make(_address(payload), error=resilience, micro=False)
    matrix = [bytes(row) for row in code.matrix_iter(border=QUIET_ZONE)]
    modules = len(matrix)
    side = modules * _module_pixels(modules, width)
    head = '<?xml version="1.0" encoding="utf-8"?>\n' if not inline else ""
    return (
        f'{head}<svg xmlns="http://www.w3.org/2000/svg" width="{side}" height="{side}" '
        f'viewBox="0 0 {modules} {modules}" role="img" shape-rendering="crispEdges">'
        f"<title>{escape(title)}</title>"
        f'<path fill="#ffffff" d="M0 0h{modules}v{modules}H0z"/>'
        f'<path fill="#000000" d="{_dark_runs(matrix)}"/></svg>'
    )


def png(payload: str, *, width: int = 480, resilience: Resilience = "M") -> bytes:
    """Draw `payload` as a black-and-white PNG at least `width` pixels wide.

    Raises `ValueError` when the payload is not a web address or too long to be read from a screen.
    """
    levels = {
        "L": qrcode.ERROR_CORRECT_L,
        "M": qrcode.ERROR_CORRECT_M,
        "Q": qrcode.ERROR_CORRECT_Q,
        "H": qrcode.ERROR_CORRECT_H,
    }
    code = qrcode.QRCode(error_correction=levels[resilience], border=QUIET_ZONE)
    code.add_data(_address(payload))
    code.make(fit=True)
    code.box_size = _module_pixels(code.modules_count + 2 * QUIET_ZONE, width)
    stream = io.BytesIO()
    code.make_image(image_factory=PyPNGImage).save(stream)
    return stream.getvalue()


def _address(payload: str) -> str:
    parts = urlsplit(payload)
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        raise ValueError("a QR code holds a web address")
    if not payload.isascii() or not payload.isprintable() or " " in payload:
        raise ValueError("the address holds characters that must be percent-encoded")
    if len(payload) > LONGEST_PAYLOAD:
        raise ValueError(
            f"the address has {len(payload)} bytes, at most {LONGEST_PAYLOAD} can be read"
        )
    return payload


def _module_pixels(modules: int, width: int) -> int:
    return max(LEAST_MODULE, -(-width // modules))


def _dark_runs(matrix: Iterable[bytes]) -> str:
    """One closed rectangle for each horizontal run of dark modules, as path data."""
    runs: list[str] = []
    for y, row in enumerate(matrix):
        x = row.find(1)
        while x >= 0:
            end = row.find(0, x)
            end = len(row) if end < 0 else end
            runs.append(f"M{x} {y}h{end - x}v1h-{end - x}z")
            x = row.find(1, end)
    return "".join(runs)
