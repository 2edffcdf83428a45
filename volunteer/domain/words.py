"""Chinese sentences as data: marked for the catalogue here, translated only at the edge."""

from collections.abc import Callable, Mapping

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
        name: translate(value) if isinstance(value, str) and value else value
        for name, value in values.items()
    }
    return fill(translate(template), labels)
