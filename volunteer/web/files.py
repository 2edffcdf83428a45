"""Files as answers (下载): saved under a Chinese name, never opened in the page, never kept on the way."""

from urllib.parse import quote

from flask import Response, current_app


def attachment(content: bytes | str, name: str, mimetype: str, *, plain: str = "") -> Response:
    """Answer with a file to be saved under ``name``.

    A header holds Latin letters alone, so the name goes in the form of RFC 6266 (``filename*``);
    ``plain`` is the ASCII name for programs that do not know it.
    """
    response = Response(content, content_type=mimetype)
    fallback = plain or name.encode("ascii", "ignore").decode().lstrip(".-") or "file"
    response.headers["Content-Disposition"] = (
        f"attachment; filename=\"{fallback}\"; filename*=UTF-8''{quote(name, safe='')}"
    )
    return response


def check_address(number: str) -> str:
    """Where the code on a certificate leads; ``number`` as it is printed."""
    return f"{current_app.config['SETTINGS'].base_url}/v/{number}"
