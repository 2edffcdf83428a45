"""Chinese sentences as data: marked for the catalogue here, translated only at the edge."""

from collections.abc import Callable, Iterable, Mapping

Values = Mapping[str, object]
Translate = Callable[[str], str]


def N_(text: str) -> str:
    """Return ``text`` unchanged; the name marks it for the gettext catalogue."""
    return text


def fill(template: str, values: Values) -> str:
    """Put ``values`` into the ``%(name)s`` places of a sentence; a sentence without any stays as it is."""
    return template % values if values else template


def say(template: str, values: Values, translate: Translate) -> str:
    """Translate a sentence and the labels put into it; a name that is in no catalogue stays itself."""
    if not template:
        return ""
    labels = {
        name: spoken(value, translate) if isinstance(value, str) else value
        for name, value in values.items()
    }
    return fill(translate(template), labels)


class Sentence(str):
    """A Chinese sentence that knows how it was made, so that it can be said in another language.

    Everywhere else it is the plain Chinese text: stored, logged and compared as such.
    """

    _again: Callable[[Translate], str]

    @classmethod
    def made(cls, again: Callable[[Translate], str], chinese: str | None = None) -> "Sentence":
        """Return the sentence that ``again`` makes, given the catalogue's ``gettext``."""
        text = cls(again(lambda word: word) if chinese is None else chinese)
        text._again = again
        return text

    def said(self, translate: Translate) -> str:
        """Return the sentence in the language of the catalogue."""
        return self._again(translate)


def sentence(template: str, values: Values | None = None) -> Sentence:
    """Return the Chinese sentence of a marked template, ready to be said in another language."""
    return Sentence.made(lambda translate: say(template, values or {}, translate))


def listed(parts: Iterable[str], mark: str) -> Sentence:
    """Return sentences or names one after the other, with a marked ``mark`` between them."""
    kept = tuple(parts)
    return Sentence.made(lambda translate: translate(mark).join(spoken(p, translate) for p in kept))


def spoken(text: str, translate: Translate) -> str:
    """Return a text in the language of the catalogue, however it was made."""
    if isinstance(text, Sentence):
        return text.said(translate)
    return translate(text) if text else ""
