"""What every refusal is made of; the refusals themselves are in errors.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from raccord.kernel.text import Text

JsonValue = str | int | float | bool | None | list["JsonValue"] | dict[str, "JsonValue"]


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one field, parameter or header: where, a stable code, a sentence. Never the value."""

    place: str
    name: str
    code: str
    message: Text


@dataclass
class RaccordError(Exception):
    """Any refusal. Subclasses say status, code, title and remedy; the instance says what is particular."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"
    title: ClassVar[Text] = Text("Erreur interne", "Internal error")
    remedy: ClassVar[Text] = Text(
        "Réessayez ; si l'erreur persiste, transmettez l'identifiant de requête à l'équipe Raccord.",
        "Try again; if it persists, send the request id to the Raccord team.",
    )

    detail: Text | None = None
    errors: Sequence[FieldError] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    extensions: Mapping[str, JsonValue] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.code}: {self.detail.en if self.detail else self.title.en}"
