"""The base of all forms (表单): stripped strings, and refusals told at their field."""

from collections.abc import Iterable, Sequence
from enum import Enum
from functools import cache
from typing import Any, TypeVar

from babel.support import Translations
from flask_babel import LazyString, get_locale
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, Field, IntegerField, SelectChoice, SelectField, StringField
from wtforms.i18n import messages_path
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from volunteer.domain.refusal import Refused
from volunteer.web.words import refusal_words, told_later

REQUIRED = InputRequired(_l("这一项不能为空，请填写。"))


def _strip(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


@cache
def _translations(locale: str) -> Any:
    """The words of the form library in a language: read once, and not for every request."""
    return Translations.load(messages_path(), [locale], domain="wtforms")


class _Words:
    """What WTForms asks for its own words, in the reader's language."""

    def gettext(self, string: str) -> str:
        return str(_translations(str(get_locale())).ugettext(string))

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        return str(_translations(str(get_locale())).ungettext(singular, plural, n))


_WORDS = _Words()


class BaseForm(FlaskForm):
    """A form whose texts are stripped, and that can show a Refused at the field it names."""

    class Meta(FlaskForm.Meta):
        def get_translations(self, _form: Any) -> _Words:
            return _WORDS

        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Field:
            kwargs = unbound_field.kwargs
            if issubclass(unbound_field.field_class, StringField) and "filters" not in kwargs:
                unbound_field.kwargs = {**kwargs, "filters": [_strip]}
            field: Field = unbound_field.bind(form=form, **options)
            return field

    def absorb(self, refused: Refused) -> None:
        """Put the refusal where the person looks: at its field, else at the top of the form.

        A refusal that carries others tells each of them.
        """
        parts = [part for part in refused.details if isinstance(part, Refused)]
        for part in parts or [refused]:
            self._put(part)

    def _put(self, refused: Refused) -> None:
        field = self._fields.get(refused.field) if refused.field else None
        sentence = refusal_words(refused)
        if field is not None:
            field.errors = [*field.errors, sentence]
        else:
            self.form_errors.append(sentence)


def text(
    label: str | LazyString,
    *,
    longest: int,
    required: bool = True,
    description: str | LazyString = "",
    **extra: Any,
) -> StringField:
    """A one-line text with its limit said in words."""
    return StringField(
        label,
        validators=[
            REQUIRED if required else Optional(),
            Length(max=longest, message=_l("最多 %(max)d 个字，请缩短。")),
        ],
        description=description,
        **extra,
    )


def choices(pairs: Iterable[tuple[Any, Any]]) -> list[SelectChoice]:
    """What a select, a radio or a set of boxes offers: values with their words, in any language."""
    return [SelectChoice(value, told_later(label)) for value, label in pairs]


def number_or_none(value: Any) -> int | None:
    """The number of a chosen option; the empty option is none."""
    return int(value) if str(value or "").strip().lstrip("-").isdigit() else None


Word = TypeVar("Word", bound=Enum)


def term_or_none(kind: type[Word], value: Any) -> Word | None:
    """The word of the lexicon that was chosen, or none where it is no such word."""
    return next((word for word in kind if word.value == value), None)


def choice(
    label: str | LazyString, *, required: bool = False, description: str = "", **extra: Any
) -> SelectField:
    """One of a list of numbered rows, whose choices the view puts in."""
    return SelectField(
        label,
        coerce=number_or_none,
        validators=[REQUIRED] if required else [Optional()],
        description=description,
        choices=[],
        validate_choice=True,
        **extra,
    )


def pick(
    label: str | LazyString,
    words: Sequence[tuple[str, Any]],
    *,
    required: bool = True,
    **extra: Any,
) -> SelectField:
    """One of a closed list of words.

    One that is not required begins with an empty option, unless it has a default to fall back on.
    """
    is_open = not required and "default" not in extra
    return SelectField(
        label,
        choices=choices([*([("", _l("不限"))] if is_open else []), *words]),
        validators=[REQUIRED] if required else [Optional()],
        **extra,
    )


def number(
    label: str | LazyString,
    *,
    low: int,
    high: int,
    required: bool = True,
    description: str | LazyString = "",
    **extra: Any,
) -> IntegerField:
    """A whole number within bounds that are said in words."""
    return IntegerField(
        label,
        validators=[
            REQUIRED if required else Optional(),
            NumberRange(low, high, message=_l("请填写 %(min)d 至 %(max)d 之间的整数。")),
        ],
        description=description,
        render_kw={"inputmode": "numeric"},
        **extra,
    )


def day(label: str | LazyString, *, required: bool = True, **extra: Any) -> DateField:
    """A date; browsers show their own calendar for it."""
    return DateField(label, validators=[REQUIRED if required else Optional()], **extra)


def page_asked(arguments: Any) -> int:
    """The page of a list that the address asks for, at least the first."""
    return max(1, number_or_none(arguments.get("page")) or 1)
