"""The paper of a certificate (证明文件), for the person's phone and for the desk."""

from datetime import datetime
from typing import Any

from flask import Response

from volunteer.domain.certificate import grouped
from volunteer.render.papers import certificate_pdf
from volunteer.web.files import attachment, check_address


def paper(content: dict[str, Any], *, number: str, at: datetime) -> Response:
    """Answer with the PDF of what is ``printed``, under the number that stands on it."""
    shown = grouped(number)
    return attachment(
        certificate_pdf(content, address=check_address(shown), at=at),
        f"志愿服务记录证明-{shown}.pdf",
        "application/pdf",
        plain=f"certificate-{shown}.pdf",
    )
