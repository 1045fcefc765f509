"""Our structures and services as data·inclusion answers them: every field of its schema, and what its API adds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from statistics import fmean

from raccord.adapters.data_inclusion.payloads import ServicePayload, StructurePayload
from raccord.adapters.data_inclusion.translate import SYSTEM, write_service, write_structure
from raccord.facades.data_inclusion.codes import NETWORKS_BY_KIND
from raccord.kernel.refusals import JsonValue
from raccord.kernel.strict_json import JsonObject
from raccord.resources.quality import compute_score
from raccord.resources.services.quality import assess_service

_SEPARATOR = "--"
_SHORTEST_DESCRIPTION = 5
_STRUCTURE_FIELDS = (*StructurePayload.model_fields, "adresse_certifiee")
_SERVICE_FIELDS = (*ServicePayload.model_fields, "adresse_certifiee")


def name_record(source: str, external_id: str) -> str:
    """Name a record there: as data·inclusion itself does, or by its source and its id in it."""
    return external_id if source == SYSTEM else f"{source}{_SEPARATOR}{external_id}"


def name_source(source: str, external_id: str) -> str:
    """Name the source of a record: data·inclusion's are those that it gathers."""
    return external_id.partition(_SEPARATOR)[0] if source == SYSTEM else source


def list_names(record_id: str) -> list[tuple[str, str]]:
    """List the sources and external ids that the name of a record may stand for."""
    parts = record_id.split(_SEPARATOR)
    return [
        (SYSTEM, record_id),
        *((_SEPARATOR.join(parts[:place]), _SEPARATOR.join(parts[place:])) for place in range(1, len(parts))),
    ]


def make_structure(document: JsonObject, score: float, twins: Iterable[tuple[str, str]]) -> JsonObject:
    """Make a structure; `twins` are the sources and external ids of the same one elsewhere."""
    payload = write_structure(_keep_own_extension(document))
    network = NETWORKS_BY_KIND.get(str(document.get("kind")))
    if "reseaux_porteurs" not in payload and network is not None:
        payload["reseaux_porteurs"] = [network]
    if len(str(payload.get("description", ""))) < _SHORTEST_DESCRIPTION:
        payload["description"] = None
    doublons: list[JsonValue] = [
        {"source": name_source(source, external_id), "id": name_record(source, external_id)}
        for source, external_id in twins
    ]
    return {**_fill(_STRUCTURE_FIELDS, payload, document), "score_qualite": score, "doublons": doublons}


def make_service(document: JsonObject, structure: tuple[str, str], day: date) -> JsonObject:
    """Make a service of the structure of that source and external id."""
    payload = write_service(_keep_own_extension(document))
    payload["structure_id"] = name_record(*structure)
    return {**_fill(_SERVICE_FIELDS, payload, document), "score_qualite": score_service(document, day)}


def score_service(document: JsonObject, day: date) -> float:
    """Score a service on the day."""
    return compute_score(assess_service(document, day))


def score_structures(services: Iterable[tuple[str, JsonObject]], day: date) -> Mapping[str, float]:
    """Score structures, by id: the mean of their services'."""
    scores: dict[str, list[float]] = {}
    for structure_id, document in services:
        scores.setdefault(structure_id, []).append(score_service(document, day))
    return {structure_id: round(fmean(found), 2) for structure_id, found in scores.items()}


def _keep_own_extension(document: JsonObject) -> JsonObject:
    """Drop what others than data·inclusion would say in its words: it was not checked against its schema."""
    if document["source"] == SYSTEM:
        return document
    return {name: value for name, value in document.items() if name != "extensions"}


def _fill(fields: Iterable[str], payload: JsonObject, document: JsonObject) -> JsonObject:
    """Write every field, null where it has no value, with the names that the record bears there."""
    source, external_id = str(document["source"]), str(document["external_id"])
    named: JsonObject = {"source": name_source(source, external_id), "id": name_record(source, external_id)}
    dated: JsonObject = {} if "date_maj" in payload else {"date_maj": str(document["updated_at"])[:10]}
    said = {**payload, **named, **dated}
    return {name: said.get(name) for name in fields}
