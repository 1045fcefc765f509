"""What the API shows of imports."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from pydantic import Field

from raccord.kernel.database import Row
from raccord.kernel.refusals import JsonValue
from raccord.kernel.shapes import Shape
from raccord.kernel.strict_json import JsonObject
from raccord.kernel.text import Language, Text
from raccord.records.rows import write_instant


class ImportFailure(Shape):
    """Why an import stopped as a whole."""

    code: str = Field(description="Code stable.")
    message: str = Field(description="Explication, pour une personne.")


class ImportStatus(Shape):
    """An import: what was asked, how far it got, what became of the lines."""

    id: str = Field(description="Identifiant de l'import.", json_schema_extra={"format": "uuid"})
    kind: str = Field(description="Sorte de fiches.")
    source: str = Field(description="Source des fiches : la vôtre.")
    format: str = Field(description="ndjson ou csv.")
    mapping: str | None = Field(description="Correspondance de colonnes demandée.")
    state: Literal["pending", "running", "completed", "failed"] = Field(description="État.")
    lines_read: int = Field(description="Dernière ligne du fichier traitée.")
    created_count: int = Field(description="Fiches créées.")
    updated_count: int = Field(description="Fiches mises à jour.")
    unchanged_count: int = Field(description="Lignes qui ne changent rien.")
    rejected_count: int = Field(description="Lignes rejetées.")
    payload_sha256: str = Field(description="Empreinte SHA-256 du corps reçu, en hexadécimal.")
    failure: ImportFailure | None = Field(description="Pourquoi l'import a échoué en entier.")
    created_at: datetime = Field(description="Instant de la demande (UTC).")
    started_at: datetime | None = Field(description="Instant du début (UTC).")
    finished_at: datetime | None = Field(description="Instant de la fin (UTC).")


class ImportPage(Shape):
    """A page of imports, the newest first."""

    data: list[ImportStatus] = Field(description="Imports, le dernier d'abord.")
    next_cursor: str | None = Field(description="null à la dernière page.")


class ImportRejection(Shape):
    """One reason for which a line was rejected. The value at fault is not repeated."""

    line: int = Field(description="Numéro de la ligne dans le fichier, à partir de 1.")
    external_id: str | None = Field(description="Identifiant de la fiche, s'il a pu être lu.")
    code: str = Field(description="Code stable du motif.")
    pointer: str | None = Field(description="Champ en cause (JSON Pointer).")
    message: str = Field(description="Explication, pour une personne.")


class ImportRejectionPage(Shape):
    """A page of rejections, in the order of the file."""

    data: list[ImportRejection] = Field(description="Motifs, dans l'ordre du fichier.")
    next_cursor: str | None = Field(description="null à la dernière page.")


IMPORT_EXAMPLE: JsonObject = {
    "id": "019a0000-0000-7000-8000-0000000000e1",
    "kind": "structures",
    "source": "logiciel-demo",
    "format": "csv",
    "mapping": None,
    "state": "completed",
    "lines_read": 1201,
    "created_count": 1180,
    "updated_count": 0,
    "unchanged_count": 18,
    "rejected_count": 2,
    "payload_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "failure": None,
    "created_at": "2026-11-22T09:30:00.000000Z",
    "started_at": "2026-11-22T09:30:01.000000Z",
    "finished_at": "2026-11-22T09:30:02.000000Z",
}
REJECTION_EXAMPLE: JsonObject = {
    "line": 12,
    "external_id": "A-1024",
    "code": "siret_checksum",
    "pointer": "/siret",
    "message": "La clé de contrôle du SIRET est fausse.",
}


def show_import(row: Row, language: Language) -> JsonObject:
    """Show an import as the API does."""
    failure: JsonValue = None
    if row["failure_code"] is not None:
        message = Text(row["failure_fr"], row["failure_en"]).in_language(language)
        failure = {"code": row["failure_code"], "message": message}
    return {
        "id": str(row["id"]),
        **{name: row[name] for name in _PLAIN},
        "payload_sha256": row["payload_sha256"].hex(),
        "failure": failure,
        **{name: write_instant(row[name]) if row[name] is not None else None for name in _INSTANTS},
    }


def show_rejections(rows: Sequence[Row], language: Language) -> list[JsonValue]:
    """Show rejections as the API does."""
    return [
        {
            **{name: row[name] for name in ("line", "external_id", "code", "pointer")},
            "message": Text(row["message_fr"], row["message_en"]).in_language(language),
        }
        for row in rows
    ]


_PLAIN = (
    "kind", "source", "format", "mapping", "state", "lines_read", "created_count", "updated_count", "unchanged_count",
    "rejected_count",
)  # fmt: skip
_INSTANTS = ("created_at", "started_at", "finished_at")
