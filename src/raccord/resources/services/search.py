"""How services are searched."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from raccord.kernel.strict_json import JsonObject, read_object, read_text, read_texts
from raccord.records.search.entry import Entry, Searchable, SearchParameters
from raccord.records.search.tables import make_search_table
from raccord.reference.service_codes import (
    SERVICE_TYPES,
    Audience,
    Fee,
    MobilisationMode,
    Mobiliser,
    ReceptionMode,
    ServiceType,
)
from raccord.reference.topics import TOPICS, Topic, TopicCategory
from raccord.resources.search_places import find_place


class ServiceSearch(SearchParameters):
    """What services are searched by."""

    kind: list[ServiceType] | None = Field(None, max_length=6, description="Types de service (l'un d'eux).")
    topic: list[Topic] | None = Field(None, max_length=69, description="Thématiques (l'une d'elles).")
    topic_category: list[TopicCategory] | None = Field(
        None, max_length=16, description="Catégories de thématiques (l'une d'elles)."
    )
    fee: list[Fee] | None = Field(None, max_length=2, description="Gratuit ou payant.")
    audience: list[Audience] | None = Field(
        None, max_length=14, description="Publics (l'un d'eux) ; un service pour tous les publics convient toujours."
    )
    reception_mode: list[ReceptionMode] | None = Field(None, max_length=2, description="Modes d'accueil (l'un d'eux).")
    mobilisation_mode: list[MobilisationMode] | None = Field(
        None, max_length=4, description="Façons de demander le service (l'une d'elles)."
    )
    mobiliser: list[Mobiliser] | None = Field(None, max_length=2, description="Qui peut le demander (l'un d'eux).")


def derive_entry(document: JsonObject, structure: JsonObject | None) -> Entry | None:
    """Make the entry of a service; one that has no place is where its structure is."""
    topics, audiences = read_texts(document, "topics"), read_texts(document, "audiences")
    kind, modes = read_text(document, "kind"), read_texts(document, "reception_modes")
    place = find_place(document)
    if place == NOWHERE and structure is not None:
        place = find_place(structure)
    labels = [TOPICS.label(topic, "fr") for topic in topics] + ([SERVICE_TYPES.label(kind, "fr")] if kind else [])
    structure_name = read_text(structure, "name") if structure is not None else None
    city = read_text(read_object(document, "address"), "city")
    return Entry(
        title=f"{document['name']} {' '.join(labels)}",
        text=" ".join(filter(None, [str(document["description"]), structure_name, city])),
        published_at=datetime.fromisoformat(str(document["created_at"])),
        tags={
            "kind": [kind] if kind else [],
            "topic": topics,
            "topic_category": {topic.partition("--")[0] for topic in topics},
            "fee": filter(None, [read_text(document, "fee")]),
            # Who serves everybody serves each audience that is asked for.
            "audience": list(Audience) if Audience.EVERYONE in audiences else audiences,
            "reception_mode": modes,
            "mobilisation_mode": read_texts(document, "mobilisation_modes"),
            "mobiliser": read_texts(document, "mobilisers"),
        },
        places=(place,),
        is_everywhere=ReceptionMode.REMOTE in modes,
    )


NOWHERE = find_place({})
SEARCH = Searchable(
    table=make_search_table("services"),
    parameters=ServiceSearch,
    derive=derive_entry,
    facets=("kind", "topic", "topic_category", "fee", "audience", "reception_mode", "mobilisation_mode", "mobiliser"),
    parent="structure_id",
)
