"""The enumerations of the reference data, found in its modules."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from enum import StrEnum
from types import ModuleType

import raccord.reference


def list_reference_modules() -> Iterator[ModuleType]:
    for found in pkgutil.iter_modules(raccord.reference.__path__, "raccord.reference."):
        yield importlib.import_module(found.name)


def list_enumerations() -> list[type[StrEnum]]:
    """List the enumerations where they are defined, not where they are imported."""
    return [
        value
        for module in list_reference_modules()
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, StrEnum) and value.__module__ == module.__name__
    ]
