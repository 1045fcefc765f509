"""The kind `structures`."""

from __future__ import annotations

from raccord.records.kind import Kind
from raccord.resources.structures import merging, quality
from raccord.resources.structures.activity import add_facts, derive_facts
from raccord.resources.structures.columns import NATURAL_KEYS, TABLE, derive_columns
from raccord.resources.structures.filters import CONDITIONS, StructureFilters
from raccord.resources.structures.search import SEARCH
from raccord.resources.structures.shape import Structure, StructureInput

STRUCTURES = Kind(
    name="structures",
    singular="structure",
    path="structures",
    title="Structures",
    content=StructureInput,
    record=Structure,
    table=TABLE,
    columns=derive_columns,
    filters=StructureFilters,
    search=SEARCH,
    conditions=CONDITIONS,
    views=(quality.VIEW, merging.VIEW),
    shape_version=2,
    upcasters=(add_facts,),
    natural_keys=NATURAL_KEYS,
    start_state=derive_facts,
    example={
        "kind": "ACI",
        "siret": "00010000800010",
        "name": "Les Jardins du Raccord (démo)",
        "address": {
            "line_1": "1 rue de la Fontaine",
            "postal_code": "69001",
            "city": "Lyon",
            "insee_code": "69381",
            "department": "69",
        },
        "location": {"latitude": 45.7676, "longitude": 4.8344},
        "is_open_to_spontaneous_applications": True,
    },
)
