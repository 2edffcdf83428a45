"""Chinese sentences as data: marked for the catalogue here, translated only at the edge."""

from collections.abc import Mapping

Values = Mapping[str, object]


def N_(text: str) -> str:
    """Return ``text`` unchanged; the name marks it for the gettext catalogue."""
    return text


def fill(template: str, values: Values) -> str:
    """Put ``values`` into the ``%(name)s`` places of a sentence; a sentence without any stays as it is."""
    return template % values if values else template
