"""Sending a paper (下载): a PDF with a Chinese name that every browser saves under it."""

from urllib.parse import quote

from flask import Response, current_app


def pdf(made: bytes, *, name: str, plain: str) -> Response:
    """Answer with a PDF; ``name`` is Chinese, ``plain`` is ASCII for old browsers."""
    answer = Response(made, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = (
        f"attachment; filename=\"{plain}.pdf\"; filename*=UTF-8''{quote(name)}.pdf"
    )
    return answer


def check_address(number: str) -> str:
    """Where the code on a certificate leads; ``number`` as it is printed."""
    return f"{current_app.config['SETTINGS'].base_url}/v/{number}"
