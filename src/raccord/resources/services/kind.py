"""The kind `services`."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from raccord.kernel.strict_json import JsonObject
from raccord.records.kind import Kind, NamedReference, Reference
from raccord.resources.services import quality
from raccord.resources.services.columns import TABLE, derive_columns
from raccord.resources.services.filters import ServiceFilters
from raccord.resources.services.shape import Service, ServiceInput


def list_references(document: JsonObject) -> Iterable[Reference]:
    """List the structure: its own source need not be the service's."""
    yield Reference("/structure_id", "structures", UUID(str(document["structure_id"])), is_personal=False)


SERVICES = Kind(
    name="services",
    singular="service",
    path="services",
    title="Services",
    content=ServiceInput,
    record=Service,
    table=TABLE,
    columns=derive_columns,
    filters=ServiceFilters,
    list_references=list_references,
    views=(quality.VIEW,),
    named_references=(NamedReference("structure_id", "structure_external_id", "structures"),),
    example={
        "structure_id": "01920000-0000-7000-8000-000000000001",
        "name": "Atelier numérique du Raccord (démo)",
        "description": "Apprendre à envoyer un courriel, à remplir un formulaire et à suivre ses démarches en ligne.",
        "kind": "atelier",
        "topics": ["numerique--maitriser-les-fondamentaux-du-numerique"],
        "fee": "gratuit",
        "audiences": ["tous-publics"],
        "reception_modes": ["en-presentiel"],
        "address": {"line_1": "1 rue de la Fontaine", "postal_code": "69001", "city": "Lyon", "insee_code": "69381"},
        "eligibility_zones": ["69"],
        "mobilisation_modes": ["se-presenter"],
        "mobilisers": ["usagers", "professionnels"],
        "opening_hours": "Tu,Th 14:00-17:00; PH off",
        "source_updated_on": "2026-03-02",
    },
)
