"""One view of a structure that several sources describe: for each field the value that holds, and those that do not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import Field

from raccord.kernel.database import Reader
from raccord.kernel.shapes import Shape
from raccord.kernel.strict_json import JsonObject, parse_object
from raccord.records.kind import View, Viewing
from raccord.records.rows import write_instant
from raccord.resources.structures.same_as import read_links
from raccord.resources.structures.shape import StructureInput

# Who is conventioned, for what and until when is known best by the register that employs it.
REGISTER_FIELDS = frozenset({"kind", "siret", "siren", "convention", "financial_annexes", "is_antenna", "parent_siret"})


class LosingValue(Shape):
    """What another source says of a field."""

    source: str = Field(description="Source.")
    record_id: UUID = Field(description="Sa fiche.")
    said: dict[str, object] = Field(description="Le champ, et sa valeur.")


class MergedField(Shape):
    """Where the value of a field comes from, and what others say."""

    name: str = Field(description="Champ.")
    source: str = Field(description="Source dont la valeur est retenue.")
    record_id: UUID = Field(description="Sa fiche.")
    others: list[LosingValue] = Field(description="Valeurs différentes, non retenues.")


class SameAsLink(Shape):
    """A record of another source that describes the same structure."""

    id: UUID = Field(description="Identifiant Raccord de l'autre fiche.")
    source: str = Field(description="Sa source.")
    score: float = Field(description="Certitude, de 0 à 1.")
    reasons: list[str] = Field(description="Ce qui les rapproche.")
    is_manual: bool = Field(description="Décidé par une personne ; aucune règle n'y revient.")
    decided_at: datetime = Field(description="Instant de la décision (UTC).")


class MergedStructure(Shape):
    """A structure as all its sources describe it together. No record is changed by it."""

    id: UUID = Field(description="Identifiant Raccord de la fiche demandée.")
    links: list[SameAsLink] = Field(description="Fiches d'autres sources, la plus sûre d'abord.")
    data: dict[str, object] = Field(description="Champs retenus, comme dans une fiche.")
    fields: list[MergedField] = Field(description="D'où vient chaque champ, et ce que disent les autres.")


@dataclass(frozen=True)
class Voice:
    """One source's record."""

    id: str
    source: str
    document: JsonObject

    @property
    def rank(self) -> tuple[str, str]:
        """How fresh it is: the day its source gives, or else the instant it came."""
        return str(self.document.get("source_updated_on") or self.document["updated_at"])[:10], self.id


def merge(voices: Sequence[Voice]) -> tuple[JsonObject, list[JsonObject]]:
    """Merge what the sources say: each field from the first that says something, in the order of its authority."""
    freshest = sorted(voices, key=lambda voice: voice.rank, reverse=True)
    register = sorted(freshest, key=lambda voice: not voice.document.get("convention"))
    data: JsonObject = {}
    fields: list[JsonObject] = []
    for name in StructureInput.model_fields:
        order = register if name in REGISTER_FIELDS else freshest
        said = [voice for voice in order if voice.document.get(name) not in (None, [], {})]
        if not said:
            continue
        winner, value = said[0], said[0].document[name]
        data[name] = value
        others = [voice for voice in said[1:] if voice.document[name] != value]
        fields.append(
            {
                "name": name,
                "source": winner.source,
                "record_id": winner.id,
                "others": [
                    {"source": voice.source, "record_id": voice.id, "said": {name: voice.document[name]}}
                    for voice in others
                ],
            }
        )
    return data, fields


async def read_merged(reader: Reader, document: JsonObject, viewing: Viewing) -> JsonObject:
    """Read the structure with its twins, as one."""
    rows = await read_links(reader, UUID(str(document["id"])))
    voices = [Voice(str(document["id"]), str(document["source"]), document)]
    for row in rows:
        twin = viewing.kind.upcast(parse_object(row["document"].encode()), row["shape_version"])
        voices.append(Voice(str(row["id"]), row["source"], twin))
    data, fields = merge(voices)
    return {
        "id": document["id"],
        "links": [
            {
                "id": str(row["id"]), "source": row["source"], "score": row["score"], "reasons": [*row["reasons"]],
                "is_manual": row["is_manual"], "decided_at": write_instant(row["decided_at"]),
            }
            for row in rows
        ],
        "data": data,
        "fields": [*fields],
    }  # fmt: skip


VIEW = View(
    name="merged",
    summary="Lire la structure telle que ses sources la décrivent ensemble",
    description="Les fiches de plusieurs sources qui sont une même structure (SIRET et type), réunies à la lecture : "
    "chaque champ vient de la source qui fait autorité, les autres valeurs restent visibles. Rien n'est changé.",
    answer=MergedStructure,
    example={
        "id": "019a0000-0000-7000-8000-00000000000a",
        "links": [
            {
                "id": "019a0000-0000-7000-8000-00000000000b",
                "source": "data-inclusion",
                "score": 0.95,
                "reasons": ["same_siret", "same_kind"],
                "is_manual": False,
                "decided_at": "2026-11-25T03:16:00.000000Z",
            }
        ],
        "data": {"name": "Les Jardins du Raccord (démo)", "siret": "00010000800010"},
        "fields": [
            {
                "name": "name",
                "source": "les-emplois",
                "record_id": "019a0000-0000-7000-8000-00000000000a",
                "others": [
                    {
                        "source": "data-inclusion",
                        "record_id": "019a0000-0000-7000-8000-00000000000b",
                        "said": {"name": "JARDINS DU RACCORD"},
                    }
                ],
            }
        ],
    },
    read=read_merged,
)
