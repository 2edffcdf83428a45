"""The expected no (拒绝): a code for programs, a sentence and a hint for the person."""

from collections.abc import Sequence

from volunteer.domain.words import Translate, Values, fill, say


class Refused(Exception):
    """Raised when something may not be done and the person can be told why.

    Parameters
    ----------
    code
        Stable lower-case word for programs and tests, such as ``too_early``.
    sentence
        Chinese sentence that names the reason; may hold ``%(name)s`` places.
    hint
        Chinese sentence that names the way out; may be empty.
    field
        Name of the form field at fault, if there is one.
    status
        HTTP status at the edge: 409 for a rule, 403 for a missing right, 404 for another's object.
    details
        More refusals or findings that were found at the same time.
    values
        What stands in the ``%(name)s`` places of sentence and hint.
    """

    def __init__(
        self,
        code: str,
        sentence: str,
        hint: str = "",
        *,
        field: str | None = None,
        status: int = 409,
        details: Sequence[object] = (),
        values: Values | None = None,
    ) -> None:
        self.code = code
        self.template = sentence
        self.hint_template = hint
        self.field = field
        self.status = status
        self.details = tuple(details)
        self.values: Values = dict(values or {})
        super().__init__(self.sentence)

    @property
    def sentence(self) -> str:
        """The reason in Chinese, values filled in."""
        return fill(self.template, self.values)

    @property
    def hint(self) -> str:
        """The way out in Chinese, values filled in."""
        return fill(self.hint_template, self.values)

    def said(self, translate: Translate) -> tuple[str, str]:
        """Return sentence and hint in another language, given the catalogue's ``gettext``."""
        return (
            say(self.template, self.values, translate),
            say(self.hint_template, self.values, translate),
        )
