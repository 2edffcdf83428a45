"""The English catalogue: collect the texts, keep what is translated, write and compile it.

``python -m tools.catalogue`` is ``make catalogue``: it says which texts still lack English words.
The files hold neither dates nor places in the code, so that they change only where a text does.
"""

import sys
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
PO = ROOT / "volunteer/translations/en/LC_MESSAGES/messages.po"
MO = PO.with_suffix(".mo")
KEYWORDS = {**DEFAULT_KEYWORDS, "N_": None, "_l": None}
METHODS = [("**.py", "tools.sentences:extract"), ("**/templates/**.html", "jinja2")]
HEADER = "# English texts. The source language is Chinese; `make catalogue` refreshes this file."


class Texts(Catalog):
    """A catalogue whose head says only what a reader of the file needs."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:  # type: ignore[override]
        """Language and encoding, no dates and no names."""
        return [
            ("Language", "en"),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit"),
        ]

    @mime_headers.setter
    def mime_headers(self, _headers: object) -> None:
        """Babel hands over its own head; ours is fixed."""


def collected() -> Catalog:
    """Every text of the product that a person may see."""
    found = Catalog()
    folder = str(ROOT / "volunteer")
    options = {"**/templates/**.html": {"newstyle_gettext": "true"}}
    for name, line, text, _comments, context in extract_from_dir(
        folder, METHODS, options, keywords=KEYWORDS
    ):
        found.add(text, None, [(name, line)], context=context)
    return found


def kept() -> Catalog:
    """The catalogue as it is on disk."""
    with PO.open("rb") as file:
        return read_po(file, locale="en")


def refreshed(texts: Catalog, known: Catalog) -> Texts:
    """The catalogue of ``texts`` with the English words of ``known``; nothing is guessed or kept idle."""
    fresh = Texts(locale="en", header_comment=HEADER, fuzzy=False)
    for message in texts:
        if message.id:
            had = known.get(message.id, message.context)
            fresh.add(message.id, had.string if had else "", context=message.context)
    return fresh


def written(catalogue: Catalog) -> tuple[bytes, bytes]:
    """The bytes of the .po and of the .mo."""
    po, mo = BytesIO(), BytesIO()
    write_po(po, catalogue, width=0, no_location=True, sort_output=True)
    write_mo(mo, catalogue)
    return po.getvalue(), mo.getvalue()


def main() -> int:
    """Refresh both files; 1 if a text has no English words yet."""
    fresh = refreshed(collected(), kept())
    po, mo = written(fresh)
    PO.write_bytes(po)
    MO.write_bytes(mo)
    missing = [message for message in fresh if message.id and not message.string]
    for message in missing:
        print(f"no English words yet: {message.id}")
    print(f"{len(fresh)} texts, {len(missing)} without English words")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
