"""What a word of the lexicon is: a stored value and a Chinese label."""

from enum import StrEnum
from typing import Self


class Term(StrEnum):
    """A word with a stored value and a Chinese label; the member's name is the value in capitals."""

    label: str

    def __new__(cls, value: str, label: str) -> Self:
        """Bind the label to the stored value."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """Value and label of every member, for a form's choices."""
        return [(member.value, member.label) for member in cls]
