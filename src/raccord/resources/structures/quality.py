"""The quality of a structure: the mean of its services', and what its own record lacks.

Source: data·inclusion, quality score, July 2026.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from pydantic import Field

from raccord.kernel.clock import read_today
from raccord.kernel.database import Reader
from raccord.kernel.shapes import Shape
from raccord.kernel.strict_json import JsonObject
from raccord.kernel.text import Text
from raccord.records.kind import View, Viewing
from raccord.records.reads import read_document
from raccord.reference.quality_codes import QualityCriterionCode as Code
from raccord.resources.quality import (
    Assessment,
    QualityCriterion,
    assess_description,
    assess_freshness,
    compute_score,
    require,
    show_assessments,
)
from raccord.resources.services.kind import SERVICES
from raccord.resources.services.quality import assess_service

MAX_SERVICES = 1_000


class ScoredService(Shape):
    """One of the structure's services, with its score."""

    id: UUID = Field(description="Service.")
    name: str = Field(description="Nom du service.")
    score: float = Field(description="Score du service, de 0 à 1.", ge=0, le=1)


class StructureQuality(Shape):
    """How good a structure's record is, and those of its services."""

    score: float = Field(description="Moyenne des scores de ses services, de 0 à 1 ; 0 sans service.", ge=0, le=1)
    record_score: float = Field(
        description="Complétude et fraîcheur de la fiche elle-même : moyenne des critères, de 0 à 1.", ge=0, le=1
    )
    criteria: list[QualityCriterion] = Field(description="Critères de la fiche elle-même, un par un.")
    services: list[ScoredService] = Field(description=f"Ses services, {MAX_SERVICES} au plus.")


def assess_structure(document: JsonObject, day: date) -> list[Assessment]:
    """Assess the structure's own record on the day."""
    return [
        require(Code.IDENTIFIER, document, ("siret", "siren", "parent_siret"), _NO_IDENTIFIER),
        require(Code.ADDRESS, document, ("address",), _NO_ADDRESS),
        require(Code.CONTACT, document, ("email", "phone", "website"), _NO_CONTACT),
        assess_description(document),
        assess_freshness(document, day),
    ]


async def read_quality(reader: Reader, document: JsonObject, viewing: Viewing) -> JsonObject:
    """Report on the structure, as it and its services are today."""
    today = read_today()
    rows = await reader.fetch(
        "SELECT shape_version, convert_to(document::text, 'UTF8') AS document FROM services "
        "WHERE structure_id = $1 AND deleted_at IS NULL ORDER BY id LIMIT $2",
        UUID(str(document["id"])),
        MAX_SERVICES,
    )
    services = [read_document(SERVICES, row) for row in rows]
    scores = [compute_score(assess_service(service, today)) for service in services]
    own = assess_structure(document, today)
    return {
        "score": round(sum(scores) / len(scores), 2) if scores else 0.0,
        "record_score": compute_score(own),
        "criteria": [*show_assessments(own, viewing.language)],
        "services": [
            {"id": service["id"], "name": service["name"], "score": score}
            for service, score in zip(services, scores, strict=True)
        ],
    }


_NO_IDENTIFIER = Text("Donnez le SIRET, ou celui de la structure mère.", "Give the SIRET, or the parent's.")
_NO_ADDRESS = Text("Donnez l'adresse.", "Give the address.")
_NO_CONTACT = Text("Donnez un courriel, un téléphone ou un site.", "Give an e-mail address, a phone or a website.")

VIEW = View(
    name="quality",
    summary="Lire la qualité d'une structure",
    description="La moyenne de ses services, et ce qui manque ou a vieilli dans sa propre fiche.",
    answer=StructureQuality,
    example={
        "score": 0.74,
        "record_score": 0.8,
        "criteria": [
            {
                "code": "identifier",
                "is_applicable": True,
                "score": 0.0,
                "missing_fields": ["siret", "siren", "parent_siret"],
                "is_stale": False,
                "message": _NO_IDENTIFIER.fr,
            }
        ],
        "services": [{"id": "019a0000-0000-7000-8000-0000000000d1", "name": "Atelier numérique (démo)", "score": 0.74}],
    },
    read=read_quality,
)
