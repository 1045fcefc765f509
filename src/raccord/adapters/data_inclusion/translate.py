"""A structure or a service of data·inclusion, in our words and back.

Its `id`, `source` and `structure_id` name records in its own way: they are kept, and our records are named by the
external id and the source under which they are written.
"""

from __future__ import annotations

from raccord.adapters.data_inclusion.payloads import ServicePayload, StructurePayload
from raccord.adapters.lossless import Translation
from raccord.adapters.pairs import Pair, get_at, make_line, read_pairs, set_at, write_pairs
from raccord.kernel.refusals import JsonValue
from raccord.kernel.strict_json import JsonObject
from raccord.reference.departments import DEPARTMENTS
from raccord.resources.services.shape import ServiceInput
from raccord.resources.structures.shape import StructureInput

SYSTEM = "data-inclusion"


def read_structure(payload: JsonObject) -> JsonObject:
    """Read a structure into content for the write door.

    Errors: ValidationError of Pydantic for what is not such a structure.
    """
    StructurePayload.model_validate(payload)
    return _STRUCTURES.read_payload(payload)


def write_structure(document: JsonObject) -> JsonObject:
    """Write a structure of ours as data·inclusion would; one first written here has no id and no source."""
    return _STRUCTURES.write_payload(document)


def read_service(payload: JsonObject) -> JsonObject:
    """Read a service into content for the write door, which finds its structure under its id there.

    Errors: ValidationError of Pydantic for what is not such a service.
    """
    ServicePayload.model_validate(payload)
    return _SERVICES.read_payload(payload)


def write_service(document: JsonObject) -> JsonObject:
    """Write a service of ours as data·inclusion would; one first written here has no id, source and structure_id."""
    return _SERVICES.write_payload(document)


def find_department(insee_code: str) -> str | None:
    """Find the département of a commune by its code."""
    code = insee_code[:3] if insee_code.startswith(("97", "98")) else insee_code[:2]
    return code if code in DEPARTMENTS else None


def _keep_point(value: JsonObject) -> JsonObject:
    """Drop half a point."""
    location = value.get("location")
    if isinstance(location, dict) and len(location) == 1:
        return {name: inner for name, inner in value.items() if name != "location"}
    return value


def _read(pairs: tuple[Pair, ...], payload: JsonObject) -> JsonObject:
    content = _keep_point(read_pairs(pairs, payload))
    insee_code = get_at(content, "address/insee_code")
    if isinstance(insee_code, str):
        set_at(content, "address/department", find_department(insee_code))
    return content


def _read_date(value: JsonValue) -> JsonValue:
    # A day, or an instant of that day.
    return str(value)[:10]


_LOCATED = (
    Pair("description", "description"),
    Pair("date_maj", "source_updated_on", _read_date),
    Pair("lien_source", "source_url"),
    Pair("commune", "address/city"),
    Pair("code_postal", "address/postal_code"),
    Pair("code_insee", "address/insee_code"),
    Pair("adresse", "address/line_1"),
    Pair("complement_adresse", "address/line_2"),
    Pair("adresse_certifiee", "address/resolved_address"),
    Pair("longitude", "location/longitude"),
    Pair("latitude", "location/latitude"),
    Pair("telephone", "phone"),
    Pair("courriel", "email"),
    Pair("horaires_accueil", "opening_hours"),
)
_STRUCTURE = (
    Pair("nom", "name", make_line),
    *_LOCATED,
    Pair("siret", "siret"),
    Pair("site_web", "website"),
    Pair("accessibilite_lieu", "accessibility_url"),
    Pair("reseaux_porteurs", "networks"),
)
_SERVICE = (
    Pair("nom", "name", make_line),
    *_LOCATED,
    Pair("type", "kind"),
    Pair("thematiques", "topics"),
    Pair("frais", "fee"),
    Pair("frais_precisions", "fee_details"),
    Pair("publics", "audiences"),
    Pair("publics_precisions", "audience_details"),
    Pair("conditions_acces", "access_conditions"),
    Pair("modes_accueil", "reception_modes"),
    Pair("zone_eligibilite", "eligibility_zones"),
    Pair("contact_nom_prenom", "contact_name"),
    Pair("lien_mobilisation", "mobilisation_url"),
    Pair("modes_mobilisation", "mobilisation_modes"),
    Pair("mobilisable_par", "mobilisers"),
    Pair("mobilisation_precisions", "mobilisation_details"),
    Pair("volume_horaire_hebdomadaire", "hours_per_week"),
    Pair("nombre_semaines", "duration_weeks"),
)

_STRUCTURES = Translation(
    SYSTEM,
    StructureInput,
    lambda payload: _read(_STRUCTURE, payload),
    lambda document: write_pairs(_STRUCTURE, document),
)
_SERVICES = Translation(
    SYSTEM,
    ServiceInput,
    lambda payload: {**_read(_SERVICE, payload), "structure_external_id": payload.get("structure_id")},
    lambda document: write_pairs(_SERVICE, document),
)
