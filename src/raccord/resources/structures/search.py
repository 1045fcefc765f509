"""How structures are searched."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from raccord.kernel.strict_json import JsonObject, read_object, read_text, read_texts
from raccord.records.search.entry import Entry, Searchable, SearchParameters
from raccord.records.search.tables import make_search_table, make_shelves
from raccord.reference.networks import NETWORKS, Network
from raccord.reference.structure_codes import Habilitation
from raccord.reference.structure_facts import StructureRole
from raccord.reference.structure_kinds import STRUCTURE_KINDS, StructureKind
from raccord.reference.topics import TOPICS, Topic
from raccord.resources.search_places import find_place
from raccord.resources.structures.activity import read_last_active_day


class StructureSearch(SearchParameters):
    """What structures are searched by."""

    kind: list[StructureKind] | None = Field(None, max_length=43, description="Types de structure (l'un d'eux).")
    role: list[StructureRole] | None = Field(None, max_length=3, description="Rôles (l'un d'eux).")
    habilitation: list[Habilitation] | None = Field(None, max_length=4, description="Habilitations (l'une d'elles).")
    network: list[Network] | None = Field(None, max_length=108, description="Réseaux porteurs (l'un d'eux).")
    topic: list[Topic] | None = Field(None, max_length=69, description="Thématiques (l'une d'elles).")
    is_active: bool | None = Field(None, description="Active aujourd'hui, d'après sa convention.")
    is_open_to_spontaneous_applications: bool | None = Field(None, description="Reçoit des candidatures spontanées.")
    has_accessibility: bool | None = Field(None, description="A décrit son accessibilité (Acceslibre).")


def derive_entry(document: JsonObject, _parent: JsonObject | None) -> Entry | None:
    """Make the entry of a structure; its source may ask that it is not proposed in searches."""
    if document.get("is_searchable") is False:
        return None
    kind = read_text(document, "kind")
    networks, topics = read_texts(document, "networks"), read_texts(document, "topics")
    labels = [STRUCTURE_KINDS.label(kind, "fr"), kind] if kind is not None else []
    labels += [NETWORKS.label(network, "fr") for network in networks] + [TOPICS.label(topic, "fr") for topic in topics]
    texts = [read_text(document, name) for name in ("description", "provided_support")]
    last_day = read_last_active_day(document)
    return Entry(
        title=f"{document['name']} {read_text(document, 'brand') or ''}",
        text=" ".join([*filter(None, texts), *labels, read_text(read_object(document, "address"), "city") or ""]),
        published_at=datetime.fromisoformat(str(document["created_at"])),
        tags={
            "kind": [kind] if kind is not None else [],
            "role": read_texts(document, "roles"),
            "habilitation": filter(None, [read_text(document, "habilitation")]),
            "network": networks,
            "topic": topics,
            "has_accessibility": [str(document.get("accessibility_url") is not None).lower()],
            "is_open_to_spontaneous_applications": [
                str(document.get("is_open_to_spontaneous_applications") is True).lower()
            ],
        },
        places=(find_place(document),),
        numbers={"last_active_day": last_day.toordinal() if last_day is not None else None},
    )


SEARCH = Searchable(
    table=make_search_table("structures", "last_active_day"),
    parameters=StructureSearch,
    derive=derive_entry,
    facets=("kind", "role", "habilitation", "network", "topic"),
    # Days are counted as Python does, from the year 1.
    conditions={"is_active": "(s.last_active_day >= current_date - date '0001-01-01' + 1) = {}"},
    companion="kind",
    shelves=make_shelves("structures"),
)
