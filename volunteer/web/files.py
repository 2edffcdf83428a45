"""Files as answers (下载): named in Chinese, never opened in the page, never kept by anybody on the way."""

from werkzeug.wrappers import Response


def attachment(content: bytes, name: str, mimetype: str) -> Response:
    """Answer with a file to be saved under a name."""
    response = Response(content, mimetype=mimetype)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
