"""Codes are judged by a decoder that knows nothing of the encoder."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET

import pytest
import zxingcpp
from PIL import Image, ImageDraw, ImageFilter

from volunteer.render import qr

TOKEN = (
    "https://zyz.shaoyang.example/c/k7Jx2QmPz9.aVfL0wYtR4uH8nBcD6eGsI1oKpM3qXvZ5jAhWyTb.CgUdFrEl"
)
SVG = "{http://www.w3.org/2000/svg}"


def picture_of(svg: str) -> Image.Image:
    """Paint the SVG's rectangles at its own width, as a browser would."""
    root = ET.fromstring(svg)
    side = int(root.get("width", "0"))
    modules = int(root.get("viewBox", "").split()[2])
    scale = side // modules
    image = Image.new("L", (side, side), 128)
    paint = ImageDraw.Draw(image)
    light, dark = root.findall(f"{SVG}path")
    assert light.get("fill") == "#ffffff"
    paint.rectangle((0, 0, side, side), fill=255)
    for x, y, w in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", dark.get("d", "")):
        left, top, width = int(x) * scale, int(y) * scale, int(w) * scale
        paint.rectangle((left, top, left + width - 1, top + scale - 1), fill=0)
    return image


def read(image: Image.Image) -> list[str]:
    return [code.text for code in zxingcpp.read_barcodes(image)]


@pytest.mark.parametrize(
    "payload", ["https://a.cn/x", TOKEN, "http://127.0.0.1:5000/c/abc?x=1&y=2"]
)
@pytest.mark.parametrize("resilience", ["L", "M", "Q", "H"])
def test_both_pictures_say_the_address(payload, resilience):
    assert read(picture_of(qr.svg(payload, title="签到码", resilience=resilience))) == [payload]
    image = Image.open(io.BytesIO(qr.png(payload, resilience=resilience)))
    assert read(image) == [payload]


def test_a_code_is_read_small_blurred_and_askew_in_a_photo_of_a_screen():
    code = picture_of(qr.svg(TOKEN, title="签到码", width=320)).convert("L")
    scene = Image.new("L", (1280, 960), 70)
    scene.paste(code.resize((260, 260), Image.Resampling.BILINEAR), (500, 330))
    photo = scene.rotate(17, Image.Resampling.BILINEAR, fillcolor=70)
    assert read(photo.filter(ImageFilter.GaussianBlur(1.1))) == [TOKEN]


def test_every_module_is_a_whole_number_of_pixels_and_at_least_as_wide_as_asked():
    for width in (1, 200, 320, 333, 900):
        root = ET.fromstring(qr.svg(TOKEN, title="签到码", width=width))
        modules = int(root.get("viewBox", "").split()[2])
        side = int(root.get("width", "0"))
        assert root.get("height") == root.get("width")
        assert side >= width
        assert side % modules == 0
        assert side // modules >= qr.LEAST_MODULE
        image = Image.open(io.BytesIO(qr.png(TOKEN, width=width)))
        assert image.width >= width
        assert image.width == image.height


def test_four_empty_modules_stand_around_both_pictures():
    image = picture_of(qr.svg(TOKEN, title="签到码"))
    modules = int(ET.fromstring(qr.svg(TOKEN, title="x")).get("viewBox", "").split()[2])
    for drawn, count in ((image, modules), (Image.open(io.BytesIO(qr.png(TOKEN))).convert("L"), 0)):
        dark = drawn.point(lambda value: 255 - value).getbbox()
        assert dark is not None
        side = (dark[0], dark[1], drawn.width - dark[2], drawn.height - dark[3])
        assert len(set(side)) == 1
        pixel = drawn.width // count if count else side[0] // qr.QUIET_ZONE
        assert side[0] == qr.QUIET_ZONE * pixel


def test_the_svg_obeys_a_strict_content_policy_and_keeps_its_colours_in_dark_mode():
    drawn = qr.svg(TOKEN, title='签到码 "<b>"&')
    assert "style" not in drawn
    assert "currentColor" not in drawn
    assert "script" not in drawn
    root = ET.fromstring(drawn)
    assert root.get("role") == "img"
    title = root.find(f"{SVG}title")
    assert title is not None
    assert title.text == '签到码 "<b>"&'


def test_a_file_carries_its_declaration_and_an_inline_element_does_not():
    assert qr.svg(TOKEN, title="x").startswith("<svg ")
    assert qr.svg(TOKEN, title="x", inline=False).startswith("<?xml ")


@pytest.mark.parametrize(
    "payload",
    [
        "",
        "张三",
        "javascript:alert(1)",
        "weixin://dl/business",
        "https://",
        "https://a.cn/有 空格",
        "https://a.cn/\nx",
        "https://a.cn/" + "x" * 300,
    ],
)
def test_what_is_no_readable_web_address_is_refused(payload):
    with pytest.raises(ValueError, match="address"):
        qr.svg(payload, title="签到码")
    with pytest.raises(ValueError, match="address"):
        qr.png(payload)
