"""What a tool was told: under which id it has records of other sources, so that they do not come back as its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from raccord.kernel.database import Transaction
from raccord.kernel.errors import ConflictError, InvalidContentError
from raccord.kernel.refusals import FieldError
from raccord.kernel.strict_json import JsonObject, parse_object
from raccord.kernel.text import Text
from raccord.records.kind import Kind


async def find_pushed(
    tx: Transaction, connection_id: UUID, kind: Kind, external_ids: Sequence[str]
) -> dict[str, JsonObject]:
    """Find which of the tool's records are those that it was told, with what they now say here."""
    rows = await tx.fetch(
        "SELECT p.external_id, r.shape_version, r.document::text AS document FROM sync_pushed p "  # noqa: S608
        f"JOIN {kind.table.name} r ON r.id = p.record_id "
        "WHERE p.connection_id = $1 AND p.kind = $2 AND p.external_id = ANY ($3::text[])",
        connection_id,
        kind.name,
        list(external_ids),
    )
    return {
        row["external_id"]: kind.upcast(parse_object(row["document"].encode()), row["shape_version"]) for row in rows
    }


def find_conflict(translate: Callable[[], JsonObject], document: JsonObject) -> ConflictError | None:
    """Find in which fields the tool says otherwise than the record's owner; the owner's word stands.

    Shape: a field that the tool's translation leaves out is none that it speaks of.
    """
    try:
        said = translate()
    except InvalidContentError:
        return None
    fields = [name for name, value in said.items() if value is not None and document.get(name) != value]
    if not fields or "deleted_at" in document:
        return None
    return ConflictError(
        _OWNED, [FieldError("pointer", f"/{name}", "owned_by_another_source", _OWNED) for name in fields]
    )


async def remember_pushed(
    tx: Transaction, connection_id: UUID, kind: str, record_id: UUID, *, external_id: str, version: int
) -> None:
    """Remember under which id the tool has the record."""
    await tx.fetch(
        "INSERT INTO sync_pushed (connection_id, kind, record_id, external_id, version) VALUES ($1, $2, $3, $4, $5) "
        "ON CONFLICT (connection_id, kind, record_id) DO UPDATE "
        "SET external_id = excluded.external_id, version = excluded.version",
        connection_id,
        kind,
        record_id,
        external_id,
        version,
    )


_OWNED = Text(
    "Champ modifié dans l'outil, alors que la fiche appartient à une autre source : sa version est gardée.",
    "Field changed in the tool, while the record belongs to another source: that one's version is kept.",
)
