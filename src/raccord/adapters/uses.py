"""What a connection goes with, as its settings say: kinds and addresses. Adapters take it from the contract."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from raccord.kernel.shapes import Shape


@dataclass(frozen=True)
class Address:
    """Where a connection calls, as the setting at `pointer` says: a URL, or the host of another protocol."""

    pointer: str
    text: str
    is_url: bool = True


def list_urls(settings: Shape, pointer: str = "") -> Iterable[Address]:
    """List the settings, at any depth, that are named `url` or end in `_url`."""
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if isinstance(value, Shape):
            yield from list_urls(value, f"{pointer}/{name}")
        elif isinstance(value, str) and (name == "url" or name.endswith("_url")):
            yield Address(f"{pointer}/{name}", value)


@dataclass(frozen=True)
class Kinds:
    """The kinds that a connection reads of its tool, and those that it tells it."""

    reads: frozenset[str]
    writes: frozenset[str] = frozenset()
