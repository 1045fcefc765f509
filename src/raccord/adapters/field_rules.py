"""What adapters whose map is data have in common: how a received value becomes the value of a field."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Annotated, Literal

from pydantic import Field

from raccord.adapters.contract import Drift, RecordRefused
from raccord.kernel.refusals import JsonValue
from raccord.kernel.shapes import Shape
from raccord.resources.field_paths import list_paths
from raccord.resources.job_offers.shape import JobOffer, JobOfferInput
from raccord.resources.services.shape import Service, ServiceInput
from raccord.resources.structures.shape import Structure, StructureInput
from raccord.resources.transforms import TRANSFORMS, TransformError

Scalar = str | int | float | bool | None
OpenKind = Literal["structures", "services", "job_offers"]
# The kinds that a map may fill: what a source writes of them, and what Raccord tells of them.
CONTENTS: Mapping[OpenKind, type[Shape]] = {
    "structures": StructureInput, "services": ServiceInput, "job_offers": JobOfferInput,
}  # fmt: skip
RECORDS: Mapping[OpenKind, type[Shape]] = {"structures": Structure, "services": Service, "job_offers": JobOffer}
TransformNames = Annotated[list[str], Field(max_length=10)]
Codes = Annotated[dict[str, Scalar], Field(max_length=1_000)]


class FieldRule(Shape):
    """What is done to a received value: an enum table, transforms in their order, a default where nothing is."""

    codes: Codes | None = Field(None, description="Table de correspondance des codes.")
    transforms: TransformNames = Field([], description="Transformations, dans leur ordre.")
    default: Scalar | list[str] = Field(None, description="Valeur si rien n'est dit.")


@cache
def list_told(kind: OpenKind) -> frozenset[str]:
    """List the dotted fields that Raccord tells of the kind, its ids and dates too."""
    return frozenset(list_paths(RECORDS[kind]))


@cache
def list_readers(kind: OpenKind) -> Mapping[str, str]:
    """List the dotted fields of the kind that a map may fill, each with the transform that reads its type."""
    return list_paths(CONTENTS[kind])


def find_missing(kind: OpenKind, paths: Iterable[str]) -> list[str]:
    """Find the fields that the kind requires and the paths do not fill."""
    filled = {path.split(".")[0] for path in paths}
    declared = CONTENTS[kind].model_fields
    return [name for name, field in declared.items() if field.is_required() and name not in filled]


def find_unknown_transforms(names: Sequence[str]) -> list[str]:
    """Find the transforms that do not exist."""
    return [name for name in names if name not in TRANSFORMS]


def apply_rule(
    rule: FieldRule, reader: str, value: JsonValue, pointer: str, note: Callable[[Drift], None]
) -> JsonValue:
    """Make the value of a field; what is not known on the way is noted as drift, and is no value.

    Shape:  `reader` reads the field's type where the rule has no transforms.
    Errors: RecordRefused for a value that a transform cannot read.
    """
    if isinstance(value, str):
        value = value.strip() or None
    if isinstance(value, dict) or (isinstance(value, list) and reader != "list"):
        note(Drift("changed_type", pointer, value))
        value = None
    if value is not None and rule.codes is not None:
        value = _read_codes(rule.codes, value, pointer, note)
    value = apply_transforms(rule.transforms or [reader], value, pointer)
    default: JsonValue = list(rule.default) if isinstance(rule.default, list) else rule.default
    return default if value is None else value


def apply_transforms(names: Sequence[str], value: JsonValue, pointer: str) -> JsonValue:
    """Apply the transforms; nothing passes none.

    Errors: RecordRefused.
    """
    try:
        for name in names:
            if value is None:
                break
            value = TRANSFORMS[name](value)
    except TransformError as error:
        raise RecordRefused(error.code, error.message, pointer) from None
    return value


def write_code(value: JsonValue) -> str:
    """Write a code as an enum table names it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _read_codes(
    codes: Mapping[str, Scalar], value: JsonValue, pointer: str, note: Callable[[Drift], None]
) -> JsonValue:
    if isinstance(value, list):
        found = [_read_codes(codes, item, f"{pointer}/{place}", note) for place, item in enumerate(value)]
        return [item for item in found if item is not None] or None
    name = write_code(value)
    if name not in codes:
        note(Drift("unknown_code", pointer, value))
        return None
    return codes[name]
