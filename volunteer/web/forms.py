"""The base of all forms (表单): stripped strings, and refusals told at their field."""

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, SelectChoice, StringField
from wtforms.validators import InputRequired, Length, Optional

from volunteer.domain.refusal import Refused

REQUIRED = InputRequired(_l("这一项不能为空，请填写。"))


def _strip(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


class BaseForm(FlaskForm):
    """A form whose texts are stripped, and that can show a Refused at the field it names."""

    class Meta(FlaskForm.Meta):
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
        sentence = refused.sentence + (f" {refused.hint}" if refused.hint else "")
        if field is not None:
            field.errors = [*field.errors, sentence]
        else:
            self.form_errors.append(sentence)


def choices(pairs: Iterable[tuple[Any, Any]]) -> list[SelectChoice]:
    """What a select, a radio or a set of boxes offers: values with their words."""
    return [SelectChoice(value, label) for value, label in pairs]


def text(
    label: str, *, longest: int, required: bool = True, description: str = "", **extra: Any
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
