"""Hold what a code list is; the lists themselves live in one module per subject, beside their enumeration."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import Literal, TypeVar

Language = Literal["fr", "en"]
# Public nomenclatures of the French administration, and our own words for them.
LICENCE = "Licence Ouverte 2.0"
Member = TypeVar("Member", bound=StrEnum)


def freeze_mapping(content: Mapping[str, str]) -> Mapping[str, str]:
    """Copy a mapping into one that nobody can change."""
    return MappingProxyType(dict(content))


@dataclass(frozen=True)
class Code:
    """Describe one value of a list.

    Shape: parent is a value of this list or of another; crosswalk maps another system to its code for this value;
    attributes state facts about the value.
    """

    value: str
    label_fr: str
    label_en: str
    parent: str | None = None
    crosswalk: Mapping[str, str] = field(default_factory=lambda: freeze_mapping({}), hash=False)
    attributes: Mapping[str, str] = field(default_factory=lambda: freeze_mapping({}), hash=False)


@dataclass(frozen=True)
class CodeList:
    """Group the values of one notion, in the order in which they are published."""

    name: str
    version: str
    source: str
    codes: tuple[Code, ...]
    licence: str = LICENCE

    @cached_property
    def by_value(self) -> Mapping[str, Code]:
        """Index the codes by value."""
        return MappingProxyType({code.value: code for code in self.codes})

    @property
    def values(self) -> tuple[str, ...]:
        """List the values, in published order."""
        return tuple(code.value for code in self.codes)

    def label(self, value: str, language: Language) -> str:
        """Give the label of a value.

        Errors: KeyError when the value is not in the list.
        """
        code = self.by_value[value]
        return code.label_fr if language == "fr" else code.label_en

    def __contains__(self, value: object) -> bool:
        """Tell whether a value is in the list."""
        return value in self.by_value


def build_codes(
    labels: Mapping[Member, tuple[str, str]],
    *,
    crosswalks: Mapping[Member, Mapping[str, str]] | None = None,
    attributes: Mapping[Member, Mapping[str, str]] | None = None,
) -> tuple[Code, ...]:
    """Build the codes of an enumeration from its (French, English) labels."""
    crosswalks = crosswalks or {}
    attributes = attributes or {}
    return tuple(
        Code(
            value=member.value,
            label_fr=french,
            label_en=english,
            crosswalk=freeze_mapping(crosswalks.get(member, {})),
            attributes=freeze_mapping(attributes.get(member, {})),
        )
        for member, (french, english) in labels.items()
    )
