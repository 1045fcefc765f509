"""From a row to the content of a kind, by a mapping that a person has confirmed. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from raccord.adapters.contract import Drift, RecordRefused, Translation
from raccord.adapters.field_rules import (
    FieldRule,
    OpenKind,
    apply_rule,
    find_missing,
    find_unknown_transforms,
    list_readers,
)
from raccord.kernel.refusals import JsonValue
from raccord.kernel.shapes import Shape, explain_refusal
from raccord.kernel.strict_json import JsonObject
from raccord.kernel.text import Text
from raccord.kernel.validation import write_pointer
from raccord.resources.field_paths import place_value

ColumnName = Annotated[str, StringConstraints(min_length=1, max_length=255)]


def _read_short(given: object) -> object:
    """Let `"Ville"` stand for `{"column": "Ville"}`."""
    return {"column": given} if isinstance(given, str) else given


class ColumnRule(FieldRule):
    """Where a field comes from: a column, or a default for every row."""

    column: ColumnName | None = Field(None, description="Colonne.")


class SheetMapping(Shape):
    """Which column gives which field of the kind, and which says nothing; what is in neither is told as drift."""

    external_id: ColumnName = Field(description="Colonne de l'identifiant, propre à chaque ligne et qui ne change pas.")
    fields: dict[str, Annotated[ColumnRule, BeforeValidator(_read_short)]] = Field(
        description="Champ de Raccord (address.city) = colonne, ou règle.", min_length=1, max_length=300
    )
    ignored: list[ColumnName] = Field([], description="Colonnes laissées de côté.", max_length=500)

    @property
    def columns(self) -> frozenset[str]:
        """The columns that the mapping knows."""
        used = (rule.column for rule in self.fields.values() if rule.column is not None)
        return frozenset((self.external_id, *used, *self.ignored))

    def check(self, kind: OpenKind) -> None:
        """Check the mapping against the kind that it fills.

        Errors: unknown_field, unknown_transform, unmapped_field.
        """
        known = list_readers(kind)
        for path, rule in self.fields.items():
            if path not in known:
                raise explain_refusal("unknown_field", f"{path} : champ absent de {kind}.", f"{path}: not in {kind}.")
            if names := find_unknown_transforms(rule.transforms):
                raise explain_refusal("unknown_transform", f"{names[0]} : inconnue.", f"{names[0]}: unknown.")
        if missing := find_missing(kind, self.fields):
            names = missing
            raise explain_refusal("unmapped_field", f"Manque : {', '.join(names)}.", f"Missing: {', '.join(names)}.")


class Mapped(Shape):
    """The base of settings that hold a mapping."""

    kind: OpenKind = Field(description="Sorte de fiches.")
    mapping: SheetMapping = Field(description="Correspondance des colonnes, confirmée par une personne.")

    @model_validator(mode="after")
    def check_mapping(self) -> Self:
        """Check the mapping against the kind."""
        self.mapping.check(self.kind)
        return self


def read_name(mapping: SheetMapping, fields: JsonObject) -> str | None:
    """Read the row's id; a number is taken as its digits."""
    value = fields.get(mapping.external_id)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value).strip() or None


def drop_ignored(mapping: SheetMapping, fields: JsonObject) -> JsonObject:
    """Leave out the columns that say nothing: their changes are none."""
    ignored = frozenset(mapping.ignored)
    return {name: value for name, value in fields.items() if name not in ignored}


def translate_row(mapping: SheetMapping, readers: Mapping[str, str], fields: JsonObject) -> Translation:
    """Make the content that the mapping draws from the row.

    Errors: RecordRefused for a cell in error, or one that a transform cannot read.
    """
    content: JsonObject = {}
    drifts: list[Drift] = []
    for path, rule in mapping.fields.items():
        pointer = write_pointer([rule.column]) if rule.column is not None else ""
        received = fields.get(rule.column) if rule.column is not None else None
        _refuse_error(received, pointer)
        value = apply_rule(rule, readers[path], received, pointer, drifts.append)
        if value is not None:
            place_value(content, path.split("."), value)
    known = mapping.columns
    drifts += [Drift("new_field", write_pointer([name]), value) for name, value in fields.items() if name not in known]
    return Translation(content, drifts)


def _refuse_error(value: JsonValue, pointer: str) -> None:
    if isinstance(value, dict) and "error" in value:
        code = value["error"]
        message = Text(f"Cellule en erreur ({code}).", f"A cell in error ({code}).")
        raise RecordRefused("cell_error", message, pointer)
