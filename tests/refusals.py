"""Catching an expected no by its code: ``with refused("too_early") as no: ...; no.value.hint``."""

from types import TracebackType
from typing import cast

from volunteer.domain.refusal import Refused


class Catcher:
    """Swallows the Refused of the one code; anything else fails the test."""

    value: Refused

    def __init__(self, code: str) -> None:
        self.code = code

    def __enter__(self) -> "Catcher":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        if value is not None and not isinstance(value, Refused):
            return False
        assert value is not None, f"nothing was refused, {self.code} was expected"
        self.value = cast(Refused, value)
        assert self.value.code == self.code, f"{self.value.code}: {self.value.sentence}"
        return True


def refused(code: str) -> Catcher:
    """Expect a refusal of this code."""
    return Catcher(code)
