"""Files as answers: a header holds Latin letters alone, whatever the file is called."""

from typing import Any

import pytest
from flask import Flask
from werkzeug.http import parse_options_header

from volunteer.web.files import attachment


@pytest.mark.parametrize("name", ["花名册模板.xlsx", 'a"b；é.csv', "𠮷.pdf", "roots.json"])
def test_every_name_goes_through_a_server(app: Flask, name: str) -> None:
    answer = attachment(b"1", name, "application/pdf")
    header = answer.headers["Content-Disposition"]
    header.encode("ascii")
    kind, options = parse_options_header(header)
    assert (kind, options["filename"]) == ("attachment", name)


def test_an_old_program_gets_a_plain_name(app: Flask) -> None:
    def plain(**more: Any) -> str:
        header = attachment(b"1", "花名册模板.xlsx", "x/y", **more).headers["Content-Disposition"]
        return header.split('filename="')[1].split('"')[0]

    assert plain() == "xlsx"
    assert plain(plain="roll.xlsx") == "roll.xlsx"
