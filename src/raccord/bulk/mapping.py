"""Declarative mappings, from the columns of a source to the fields of a shape: data and pure functions."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from typing import Annotated

from pydantic import BaseModel, Field, ValidationError

from raccord.kernel.errors import InvalidContentError
from raccord.kernel.refusals import FieldError, JsonValue
from raccord.kernel.shapes import Shape
from raccord.kernel.strict_json import JsonObject
from raccord.kernel.text import Text
from raccord.kernel.validation import list_field_errors
from raccord.resources.field_paths import list_paths, place_value
from raccord.resources.transforms import TRANSFORMS, TransformError

ColumnName = Annotated[str, Field(min_length=1, max_length=255)]


class FieldRule(Shape):
    """Where a field comes from: a column, transforms in their order, a default where the cell is blank."""

    column: ColumnName | None = None
    transforms: list[str] = Field(default=[], max_length=10)
    default: str | int | float | bool | None = None


class ColumnMapping(Shape):
    """Which column gives which field. Fields are named by dotted paths: `address.postal_code`."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")
    external_id: ColumnName
    ignored: list[ColumnName] = Field(default=[])
    fields: dict[str, FieldRule]

    @cached_property
    def columns(self) -> frozenset[str]:
        """The columns that the mapping reads."""
        used = {rule.column for rule in self.fields.values() if rule.column is not None}
        return frozenset({self.external_id, *used})

    @cached_property
    def fingerprint(self) -> bytes:
        """Identify the mapping: a line mapped otherwise is another content."""
        return hashlib.blake2b(self.model_dump_json().encode(), digest_size=16).digest()

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """The rules, resolved."""
        return tuple(Step(tuple(path.split(".")), rule) for path, rule in self.fields.items())


@dataclass(frozen=True)
class Step:
    """One field to fill."""

    path: tuple[str, ...]
    rule: FieldRule

    @property
    def pointer(self) -> str:
        """The field as a JSON Pointer."""
        return "/" + "/".join(self.path)


def read_external_id(mapping: ColumnMapping | None, fields: JsonObject) -> str | None:
    """Read the row's external id; a number is taken as its digits."""
    value = fields.get(mapping.external_id if mapping is not None else "external_id")
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value).strip()


def map_fields(mapping: ColumnMapping, fields: JsonObject) -> JsonObject:
    """Make the content that the mapping draws from the row. What is blank is absent.

    Errors: InvalidContentError with one entry for each field whose cell cannot be read.
    """
    content: JsonObject = {}
    found: list[FieldError] = []
    for step in mapping.steps:
        try:
            value = _apply(step.rule, fields)
        except TransformError as error:
            found.append(FieldError("pointer", step.pointer, error.code, error.message))
            continue
        if value is not None:
            place_value(content, step.path, value)
    if found:
        raise InvalidContentError(errors=found)
    return content


def _apply(rule: FieldRule, fields: JsonObject) -> JsonValue:
    value = fields.get(rule.column) if rule.column is not None else None
    if isinstance(value, str):
        value = value.strip() or None
    for name in rule.transforms:
        if value is None:
            break
        value = TRANSFORMS[name](value)
    return rule.default if value is None else value


def parse_mapping(text: str, shape: type[BaseModel]) -> ColumnMapping:
    """Read a mapping from TOML, and check it against the shape that it fills.

    Errors: InvalidContentError, with the place at fault.
    """
    try:
        written = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        raise _refuse("", "malformed_toml", Text("Le fichier n'est pas du TOML.", "The file is not TOML.")) from None
    fields = written.get("fields")
    if isinstance(fields, dict):
        written["fields"] = {path: {"column": rule} if isinstance(rule, str) else rule for path, rule in fields.items()}
    try:
        mapping = ColumnMapping.model_validate(written)
    except ValidationError as error:
        raise InvalidContentError(
            Text("La correspondance est invalide.", "The mapping is invalid."), list_field_errors(error)
        ) from None
    _check_mapping(mapping, shape)
    return mapping


def _check_mapping(mapping: ColumnMapping, shape: type[BaseModel]) -> None:
    known = list_paths(shape)
    for path, rule in mapping.fields.items():
        if path not in known:
            message = Text("Champ absent de la forme.", "No such field in the shape.")
            raise _refuse(f"/fields/{path}", "unknown_field", message)
        for name in rule.transforms:
            if name not in TRANSFORMS:
                message = Text(f"Parmi : {', '.join(TRANSFORMS)}.", f"One of: {', '.join(TRANSFORMS)}.")
                raise _refuse(f"/fields/{path}/transforms", "unknown_transform", message)


def check_columns(mapping: ColumnMapping, columns: Iterable[str]) -> None:
    """Check that a CSV has the columns that the mapping reads.

    Errors: InvalidContentError naming the first that is missing.
    """
    missing = sorted(mapping.columns - set(columns))
    if missing:
        message = Text(f"Colonne absente : {missing[0]}.", f"Column missing: {missing[0]}.")
        raise _refuse("", "missing_column", message)


def derive_mapping(shape: type[BaseModel], columns: Iterable[str]) -> ColumnMapping:
    """Make the mapping of a CSV whose columns bear the names of the shape's own fields.

    Errors: InvalidContentError for a column that is no field, or without external_id.
    """
    known = list_paths(shape)
    fields: dict[str, FieldRule] = {}
    for column in columns:
        if column == "external_id":
            continue
        if column not in known:
            message = Text(
                f"Colonne inconnue : {column[:64]}. Donnez une correspondance (mapping).",
                f"Unknown column: {column[:64]}. Give a mapping.",
            )
            raise _refuse("", "unknown_column", message)
        fields[column] = FieldRule(column=column, transforms=[known[column]])
    mapping = ColumnMapping(name="own-names", external_id="external_id", fields=fields)
    check_columns(mapping, columns)
    return mapping


@cache
def load_mappings(kind: str, shape: type[BaseModel]) -> dict[str, ColumnMapping]:
    """Load the mappings that Raccord ships for the kind, by name."""
    folder = files("raccord.bulk").joinpath("mappings", kind)
    if not folder.is_dir():
        return {}
    texts = (file.read_text(encoding="utf-8") for file in folder.iterdir() if file.name.endswith(".toml"))
    mappings = [parse_mapping(text, shape) for text in texts]
    return {mapping.name: mapping for mapping in sorted(mappings, key=lambda mapping: mapping.name)}


def recognise_mapping(mappings: Iterable[ColumnMapping], columns: Iterable[str]) -> ColumnMapping | None:
    """Find the mapping whose columns, read or ignored, are exactly these."""
    given = set(columns)
    return next((mapping for mapping in mappings if given == mapping.columns | set(mapping.ignored)), None)


def _refuse(pointer: str, code: str, message: Text) -> InvalidContentError:
    return InvalidContentError(message, [FieldError("pointer", pointer, code, message)])
