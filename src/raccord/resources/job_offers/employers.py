"""What the rules of offers need to know of employers that have their record in Raccord."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from raccord.kernel.database import Reader
from raccord.kernel.strict_json import JsonObject, parse_object
from raccord.reference.structure_kinds import StructureKind
from raccord.resources.structures.activity import Activity, find_activity
from raccord.resources.structures.kind import STRUCTURES


@dataclass(frozen=True)
class Employer:
    """A structure as an offer's employer. One that was deleted is not found at all."""

    kind: StructureKind | None
    activity: Activity
    document: JsonObject

    def can_recruit(self, day: date) -> bool:
        """Tell whether it may recruit on the day; it is believed to, where its source does not say."""
        return self.activity.is_active(day) is not False and not self.document.get("has_blocked_applications")


async def load_employers(reader: Reader, ids: Iterable[UUID]) -> Mapping[UUID, Employer]:
    """Read the live structures among these, by id."""
    wanted = list(set(ids))
    if not wanted:
        return {}
    rows = await reader.fetch(
        "SELECT id, shape_version, document::text AS document FROM structures "
        "WHERE id = ANY ($1::uuid[]) AND deleted_at IS NULL",
        wanted,
    )
    documents = {
        row["id"]: STRUCTURES.upcast(parse_object(row["document"].encode()), row["shape_version"]) for row in rows
    }
    return {structure_id: _describe(document) for structure_id, document in documents.items()}


async def load_employer(reader: Reader, document: JsonObject) -> Employer | None:
    """Read the employer of one offer, if it has its record."""
    structure_id = read_structure_id(document)
    return (await load_employers(reader, [structure_id])).get(structure_id) if structure_id is not None else None


def read_structure_id(document: JsonObject) -> UUID | None:
    """Read the id of the offer's employer, if it has its record."""
    structure_id = document.get("structure_id")
    return UUID(str(structure_id)) if structure_id else None


def _describe(document: JsonObject) -> Employer:
    kind = document.get("kind")
    return Employer(StructureKind(str(kind)) if kind is not None else None, find_activity(document), document)
