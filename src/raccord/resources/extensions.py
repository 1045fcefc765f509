"""What only one system says of a record, kept with it under that system's name."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator

from raccord.kernel.shapes import SourceName, explain_refusal

MAX_BYTES = 65_536
# Any JSON: what only one system knows is kept as it came, and never read.
Extension = dict[str, object]


def check_extensions(value: dict[str, Extension]) -> dict[str, Extension]:
    """Bound what is kept for one system alone.

    Errors: extensions_too_large; nul_character, for what PostgreSQL keeps and then cannot read a field beside.
    """
    if _measure(value) > MAX_BYTES:
        raise explain_refusal("extensions_too_large", "64 Ko au plus.", "64 KB at most.")
    if _has_nul(value):
        raise explain_refusal("nul_character", "Le caractère NUL est refusé.", "The character NUL is refused.")
    return value


def _has_nul(value: object) -> bool:
    if isinstance(value, dict):
        return any("\x00" in str(name) or _has_nul(inner) for name, inner in value.items())
    if isinstance(value, list):
        return any(map(_has_nul, value))
    return isinstance(value, str) and "\x00" in value


def _measure(value: object) -> int:
    """Measure the JSON text, roughly and without writing it."""
    if isinstance(value, dict):
        return sum(len(str(name).encode()) + 4 + _measure(inner) for name, inner in value.items()) + 2
    if isinstance(value, list):
        return sum(_measure(inner) + 1 for inner in value) + 2
    return len(value.encode()) + 2 if isinstance(value, str) else 8


Extensions = Annotated[dict[SourceName, Extension], AfterValidator(check_extensions)]
