"""References between records: what a document points to must exist and be in the writer's reach."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from uuid import UUID

from raccord.access.caller import Caller
from raccord.kernel.database import Transaction
from raccord.kernel.errors import InvalidContentError
from raccord.kernel.refusals import FieldError, RaccordError
from raccord.kernel.strict_json import JsonObject
from raccord.kernel.text import Text
from raccord.records.kind import Kind, Reference

_UNKNOWN = Text("Fiche inconnue, ou hors de vos droits.", "Record unknown, or beyond your rights.")
_MISMATCH = Text(
    "Les deux noms désignent deux fiches ; envoyez null pour l'un d'eux.",
    "The two names are of two records; send null for one of them.",
)


async def check_references(
    tx: Transaction, kind: Kind, caller: Caller | None, contents: Mapping[int, JsonObject]
) -> dict[int, RaccordError]:
    """Check the references of the contents; returns an error for each that points to nothing the caller may use."""
    stated = {place: list(kind.list_references(content)) for place, content in contents.items()}
    wanted: dict[tuple[str, bool], set[UUID]] = defaultdict(set)
    for references in stated.values():
        for reference in references:
            wanted[reference.kind, reference.is_personal and caller is not None].add(reference.id)
    reachable: set[tuple[str, UUID]] = set()
    for (name, is_guarded), ids in wanted.items():
        found = await (_find_accessible(tx, name, caller, ids) if is_guarded else _find_live(tx, name, ids))
        reachable |= {(name, record_id) for record_id in found}
    refused: dict[int, RaccordError] = {}
    for place, references in stated.items():
        missing = [reference for reference in references if (reference.kind, reference.id) not in reachable]
        if missing:
            refused[place] = InvalidContentError(errors=[_describe(reference) for reference in missing])
    return refused


async def resolve_names(
    tx: Transaction, kind: Kind, source: str, contents: Mapping[int, JsonObject]
) -> dict[int, RaccordError]:
    """Put the ids of records in the contents, where these name them as their own source does.

    Shape: the contents are changed in place; returns an error for each that names nothing, or two things.
    """
    refused: dict[int, RaccordError] = {}
    for named in kind.named_references:
        names = {place: content.pop(named.name_field) for place, content in contents.items()}
        ids = await _find_named(tx, named.kind, source, {str(name) for name in names.values() if name is not None})
        for place, name in names.items():
            if name is None:
                continue
            record_id, stated = ids.get(str(name)), contents[place][named.id_field]
            if record_id is None:
                refused[place] = _refuse(f"/{named.name_field}", "unknown_reference", _UNKNOWN)
            elif stated not in (None, record_id):
                refused[place] = _refuse(f"/{named.name_field}", "reference_mismatch", _MISMATCH)
            contents[place][named.id_field] = record_id
    return refused


async def _find_named(tx: Transaction, name: str, source: str, external_ids: set[str]) -> dict[str, str]:
    if not external_ids:
        return {}
    found = await tx.fetch(
        f"SELECT external_id, id FROM {name} "  # noqa: S608
        "WHERE source = $1 AND external_id = ANY ($2::text[]) AND deleted_at IS NULL",
        source,
        list(external_ids),
    )
    return {row["external_id"]: str(row["id"]) for row in found}


async def _find_live(tx: Transaction, name: str, ids: set[UUID]) -> set[UUID]:
    found = await tx.fetch(
        f"SELECT id FROM {name} WHERE id = ANY ($1::uuid[]) AND deleted_at IS NULL",  # noqa: S608
        list(ids),
    )
    return {row["id"] for row in found}


async def _find_accessible(tx: Transaction, name: str, caller: Caller | None, ids: set[UUID]) -> set[UUID]:
    """Find which personal records the caller sees: it may not point to a person it does not know."""
    found = await tx.fetch(
        f"SELECT a.record_id FROM record_access a JOIN {name} r ON r.id = a.record_id "  # noqa: S608
        "WHERE a.client_id = $1 AND a.kind = $2 AND a.record_id = ANY ($3::uuid[]) "
        "AND a.valid_until > now() AND r.deleted_at IS NULL",
        caller.client_id if caller is not None else None,
        name,
        list(ids),
    )
    return {row["record_id"] for row in found}


def _refuse(pointer: str, code: str, message: Text) -> InvalidContentError:
    return InvalidContentError(errors=[FieldError("pointer", pointer, code, message)])


def _describe(reference: Reference) -> FieldError:
    return FieldError("pointer", reference.pointer, "unknown_reference", _UNKNOWN)
