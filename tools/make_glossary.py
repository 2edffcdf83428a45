"""Write the second part of docs/glossary.md anew from the lexicon: python tools/make_glossary.py."""

import inspect
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from volunteer.domain import terms  # noqa: E402 - the path comes first
from volunteer.domain.access import Act  # noqa: E402

TITLE = "## Closed sets of words"


def main() -> None:
    """Keep the first part, which is written by hand, and write the table of closed sets."""
    page = ROOT / "docs" / "glossary.md"
    by_hand = page.read_text(encoding="utf-8").split(TITLE)[0]
    lines = [TITLE, "", "Stored value and label of every member, by class.", ""]
    lines += ["| English | 中文 | Meaning |", "|---|---|---|"]
    kinds = [
        kind
        for _, kind in inspect.getmembers(terms, inspect.isclass)
        if issubclass(kind, terms.Term) and kind is not terms.Term
    ]
    for kind in [*kinds, Act]:
        words = "、".join(f"`{member.value}` {member.label}" for member in kind)
        meaning = " ".join((kind.__doc__ or "").split()).rstrip(".")
        lines.append(f"| {kind.__name__} | {words} | {meaning} |")
    page.write_text(by_hand + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
