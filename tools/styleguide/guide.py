"""The living style guide: every component in its full, empty and error states, on the real templates and styles.

python tools/styleguide/guide.py serve 5101            look at it
python tools/styleguide/guide.py pictures DIRECTORY    screenshots at both sizes, with axe on every page
"""

import logging
import sys
import threading
from datetime import date
from pathlib import Path
from typing import Any

from flask import Flask, abort, flash, render_template, request
from flask_babel import Babel
from jinja2 import ChoiceLoader, FileSystemLoader
from werkzeug.serving import make_server
from wtforms import (
    BooleanField,
    DateField,
    FileField,
    Form,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
    validators,
    widgets,
)
from wtforms.fields.choices import SelectChoice

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from volunteer.web import filters  # noqa: E402  (the root must be on the path first)

PAGES = ("desk", "board", "phone", "checkin", "tables", "forms", "run", "charts", "print", "error")
CSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'"


class ChoicesField(SelectMultipleField):
    """Several of many, as boxes."""

    option_widget = widgets.CheckboxInput()
    widget = widgets.ListWidget(prefix_label=False)


def pick(*choices: tuple[str, str]) -> list[SelectChoice]:
    """Choices of a field from values and words."""
    return [SelectChoice(value, words) for value, words in choices]


class GuideForm(Form):
    """One field of each kind."""

    name = StringField("活动名称", [validators.InputRequired("请填写活动名称")])
    unit = SelectField(
        "主办单位", choices=pick(("1", "市医保局"), ("2", "团市委"), ("3", "市税务局"))
    )
    first = DateField("开始日期", [validators.InputRequired("请选择开始日期")])
    start = TimeField("开始时间", [validators.Optional()])
    heads = IntegerField(
        "每班人数",
        [validators.InputRequired(), validators.NumberRange(1, 50, "人数应在 1 到 50 之间")],
    )
    days = ChoicesField(
        "哪些天", choices=pick(*((str(n), f"周{c}") for n, c in enumerate("一二三四五六日")))
    )
    mode = RadioField(
        "签到方式", choices=pick(("qr", "扫动态码"), ("roll", "带队点名"), ("card", "个人码"))
    )
    points = SelectMultipleField(
        "点位",
        choices=pick(("1", "红旗路—宝庆中路口"), ("2", "敏州路—魏源路口"), ("3", "邵水桥东")),
    )
    note = TextAreaField("安全提示", description="会显示在志愿者的班次卡片上，雨天请提醒穿雨衣。")
    roll = FileField("花名册", description="xlsx 或 csv，不超过 5 MB。先预览，确认后才保存。")
    agree = BooleanField("已核对活动的安全保障和保险")


def a_week() -> dict[str, Any]:
    """A week of shifts that is made by counting, not by chance."""
    places = [
        "红旗路—宝庆中路口",
        "敏州路—魏源路口",
        "邵水桥东",
        "双清路—建设路口",
        "城南公园",
        "西湖路—江北路口",
    ]
    units = [
        "市医保局",
        "市税务局",
        "团市委",
        "区城管执法局",
        "市公路建设养护中心",
        "中河街道办",
        "市文旅广体局",
    ]
    hues = ["traffic", "traffic", "traffic", "traffic", "greenery", "net_cafe"]
    days = [
        {
            "key": f"d{n}",
            "label": f"周{c} 11/{23 + n}",
            "weekday": f"周{c}",
            "date": 23 + n,
            "href": f"?day=d{n}",
            "today": n == 0,
            "rest": n > 4,
            "note": "国检" if n in (2, 3) else None,
            "is_short": n in (1, 2, 4),
        }
        for n, c in enumerate("一二三四五六日")
    ]
    rows = []
    for p, place in enumerate(places):
        cells: dict[str, list[dict[str, Any]]] = {}
        for n in range(7):
            cells[f"d{n}"] = []
            for k, time in enumerate(("07:30", "17:30")):
                if (p + n + k) % 9 == 8:
                    continue
                needed = 2 + (p + n) % 3
                filled = needed - max(0, (p * 3 + n * 5 + k * 2) % 7 - 4)
                cells[f"d{n}"].append(
                    {
                        "time": time,
                        "filled": filled,
                        "needed": needed,
                        "unit": units[(p * 2 + n + k) % 7],
                        "hue": hues[p],
                        "off": p == 4 and n == 4 and k == 0,
                        "inspection": "国检" if n in (2, 3) and p == 0 else None,
                        "id": f"{p}{n}{k}",
                    }
                )
        rows.append({"place": place, "note": "重点点位" if p == 0 else None, "cells": cells})
    return {"days": days, "rows": rows}


def context() -> dict[str, Any]:
    """What the layouts expect from the product."""
    entries = [
        ("总览", "gauge"),
        ("排班看板", "layout-board"),
        ("活动", "calendar-event"),
        ("志愿者", "users"),
        ("现场", "qrcode"),
        ("时长", "clock"),
        ("排行统计", "trophy"),
        ("城市管理", "settings"),
    ]
    tabs = [
        ("首页", "home"),
        ("班次", "calendar-event"),
        ("签到", "scan"),
        ("时长", "trophy"),
        ("我的", "user"),
    ]
    return {
        "current_actor": {"name": "李建国"},
        "role_labels": ["单位组织者"],
        "navigation": [
            {
                "label": a,
                "icon": b,
                "href": "#",
                "active": a == "排班看板",
                "count": 3 if a == "现场" else None,
            }
            for a, b in entries
        ],
        "tabs": [
            {"label": a, "icon": b, "href": "#", "active": a == "首页", "raised": a == "签到"}
            for a, b in tabs
        ],
        "links": {
            name: "/desk"
            for name in (
                "home",
                "search",
                "messages",
                "account",
                "phone",
                "desk",
                "elder",
                "help",
                "sign_out",
            )
        },
        "unit_name": "市医保局",
        "unread_count": 5,
        "elder": "elder" in request.args,
        "request_id": "3f9c1a7be204",
        "support_phone": "0739-5600000",
        "csrf_token": lambda: "token",
        "city_name": "邵阳市",
        "is_desk_person": True,
        "today": date(2026, 11, 23),
        "week": a_week(),
        "static_url": lambda name: f"/static/{name}",
    }


def application() -> Flask:
    """The guide as a small site of its own."""
    app = Flask(
        "guide",
        template_folder=str(ROOT / "volunteer/templates"),
        static_folder=str(ROOT / "volunteer/static"),
    )
    app.secret_key = "guide"
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    Babel(app, default_locale="zh")
    app.jinja_env.globals["csrf_token"] = lambda: "token"
    own = FileSystemLoader(str(Path(__file__).parent / "templates"))
    app.jinja_loader = ChoiceLoader([own, app.jinja_loader])  # type: ignore[list-item,assignment]
    filters.install(app)
    app.context_processor(context)

    @app.get("/<page>")
    def show(page: str) -> str:
        if page not in PAGES:
            abort(404)
        if page == "error":
            return render_template(
                "errors/error.html",
                status=500,
                title="系统出了点问题",
                advice="这一步没有完成，已保存的数据不受影响。请稍后再试。",
                details=(),
            )
        form = GuideForm(data={"name": "文明交通劝导", "days": ["0", "1"], "mode": "qr"})
        wrong = GuideForm(data={"name": "", "heads": 99}, prefix="wrong-")
        wrong.validate()
        if page == "desk":
            flash("已发布第 48 周排班表，通知了 186 人。", "success")
        return render_template(f"{page}.html", form=form, wrong=wrong)

    @app.after_request
    def strict(response: Any) -> Any:
        response.headers["Content-Security-Policy"] = CSP
        return response

    return app


SIZES = {"desk": (1440, 900, 1), "phone": (390, 844, 2)}
SMALL = """least => [...document.querySelectorAll("a.button, button, summary, select, input:not([type=hidden])")]
    .filter(node => node.checkVisibility && node.checkVisibility({contentVisibilityAuto: true}) && node.offsetParent)
    .filter(node => !node.closest("label, details:not([open]) > :not(summary)"))
    .filter(node => node.getBoundingClientRect().height < least - 0.5)
    .map(node => node.outerHTML.slice(0, 120))"""


def faults_of(page: Any, least_target: int) -> list[str]:
    """What axe, the width of the page and the size of targets say about the page that is open."""
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    faults = []
    for fault in found["violations"]:
        for node in fault["nodes"][:4]:
            why = (node["any"] or node["all"] or node["none"] or [{}])[0].get("message", "")
            faults.append(f"{fault['id']}: {node['html'][:160]} | {why[:160]}")
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        faults.append("scrolls sideways")
    if least_target:
        faults += [f"small target: {html}" for html in page.evaluate(SMALL, least_target)]
    return faults


def pictures(
    directory: Path,
    pages: tuple[str, ...],
    *,
    sizes: tuple[str, ...] = ("desk", "phone"),
    least_target: int = 44,
) -> list[str]:
    """Take each page at each size; returns the faults that axe, the console and the measures found."""
    from playwright.sync_api import sync_playwright

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    directory.mkdir(parents=True, exist_ok=True)
    server = make_server("127.0.0.1", 0, application(), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    faults: list[str] = []
    axe = (ROOT / "tests/vendor/axe.min.js").read_text()
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for size in sizes:
            width, height, scale = SIZES[size]
            frame = browser.new_context(
                viewport={"width": width, "height": height}, device_scale_factor=scale
            )
            page = frame.new_page()
            told: list[str] = []
            page.on(
                "console",
                lambda message: (
                    told.append(message.text) if message.type in ("error", "warning") else None
                ),
            )  # noqa: B023
            page.on("pageerror", lambda error: told.append(str(error)))  # noqa: B023
            for name in pages:
                told.clear()
                page.goto(f"http://127.0.0.1:{server.server_port}/{name}")
                page.wait_for_timeout(250)
                stem = name.replace("?", "-")
                page.screenshot(path=str(directory / f"{stem}-{size}.png"))
                page.screenshot(path=str(directory / f"{stem}-{size}-full.png"), full_page=True)
                page.evaluate(axe)
                said = faults_of(page, least_target if size == "phone" else 0)
                faults += [f"{name} {size}: {line}" for line in [*said, *told]]
        browser.close()
    server.shutdown()
    thread.join()
    server.server_close()
    return faults


def main() -> None:
    """Serve or take pictures."""
    if sys.argv[1:2] == ["pictures"]:
        faults = pictures(Path(sys.argv[2]), tuple(sys.argv[3:]) or PAGES)
        print("\n".join([*faults, f"{len(faults)} faults"]))
        sys.exit(1 if faults else 0)
    application().run(port=int(sys.argv[2]) if len(sys.argv) > 2 else 5101)


if __name__ == "__main__":
    main()
