"""The reader's language (语言): the words of the domain, translated at the moment they are shown.

``domain`` speaks Chinese and knows no reader. Whoever shows its words asks here; a template need
not ask, because reading a label or a sentence of the domain in a template is showing it.
"""

from collections.abc import Iterable
from enum import Enum
from typing import Any

from flask.templating import Environment
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from volunteer.domain.refusal import Refused
from volunteer.domain.words import spoken

OF_DOMAIN = "volunteer.domain."


def told(text: str) -> str:
    """A text of the lexicon in the reader's language; what is in no catalogue stays as it is."""
    return spoken(text, _)


def told_each(texts: str | Iterable[str]) -> str | list[str]:
    """The same for a template: one text, or each of several."""
    return told(texts) if isinstance(texts, str) else [told(text) for text in texts]


def told_later(text: str | LazyString) -> str | LazyString:
    """The same for a text that is shown later, in whatever language the reader has then."""
    return _l(text) if isinstance(text, str) and text else text


def label(term: Any) -> str:
    """The word of a term in the reader's language."""
    return "" if term is None else told(str(getattr(term, "label", term)))


def refusal_words(refused: Refused) -> str:
    """Reason and way out of a refusal, in one line."""
    return " ".join(part for part in refused.said(_) if part)


def detail_words(detail: object) -> str:
    """One of several findings that a refusal carries."""
    return (
        detail.said(_)[0]
        if isinstance(detail, Refused)
        else told(detail if isinstance(detail, str) else str(detail))
    )


class Templates(Environment):
    """Jinja as Flask has it, and the words of the domain in the reader's language."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Read an attribute; labels, sentences and hints of the domain come translated."""
        if attribute == "label" and (isinstance(obj, Enum) or _is_of_domain(obj)):
            return label(obj)
        if attribute in ("sentence", "hint") and _is_of_domain(obj) and hasattr(obj, "said"):
            return _said(obj, attribute)
        return super().getattr(obj, attribute)


def _is_of_domain(obj: Any) -> bool:
    return type(obj).__module__.startswith(OF_DOMAIN)


def _said(obj: Any, attribute: str) -> str:
    """One of the sentences of a refusal, a finding or a step."""
    said = obj.said(_)
    if isinstance(said, tuple):
        return str(said[attribute == "hint"])
    return str(said)
