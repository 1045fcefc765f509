"""A structure of Les emplois and the positions nested in it, in our words and back.

Positions are records of their own here. Their place is resolved when they are read: no place means the structure's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from raccord.adapters.les_emplois.labels import (
    OccupationLabel,
    find_contract_type,
    name_contract,
    parse_occupation,
    write_occupation,
)
from raccord.adapters.les_emplois.payloads import StructurePayload
from raccord.adapters.lossless import Translation
from raccord.adapters.pairs import Pair, get_at, get_text, list_objects, make_line, read_pairs, set_at, write_pairs
from raccord.kernel.refusals import JsonValue
from raccord.kernel.strict_json import JsonObject
from raccord.reference.job_offer_codes import ApplicationModeType
from raccord.reference.licences import LICENCES_BY_CODE, LicenceCode
from raccord.resources.job_offers.shape import JobOfferInput
from raccord.resources.structures.shape import StructureInput

SYSTEM = "les-emplois"
_PARIS = ZoneInfo("Europe/Paris")
_SHORTEST_NAME = 3
_NO_TITLE = "Poste sans intitulé"


@dataclass(frozen=True)
class Named:
    """A content, and the external id under which to write it."""

    external_id: str
    content: JsonObject


def read_structure(payload: JsonObject, licence: LicenceCode = LicenceCode.OTHER) -> tuple[Named, list[Named]]:
    """Read a structure and its positions into contents for the write door, the structure first.

    Shape:  the API states no licence: positions bear the one that the reader was given.
    Errors: ValidationError of Pydantic for what is not such a structure.
    """
    StructurePayload.model_validate(payload)
    alone = {name: value for name, value in payload.items() if name != "postes"}
    structure = Named(str(payload["id"]), _STRUCTURES.read_payload(alone))
    return structure, [
        Named(str(position["id"]), _read_position(position, structure, licence))
        for position in list_objects(payload.get("postes"))
    ]


def write_structure(document: JsonObject, offers: Iterable[JsonObject]) -> JsonObject:
    """Write a structure of ours with its offers, in their order, as Les emplois would send them."""
    translation = _translate_positions({})
    positions: list[JsonValue] = [translation.write_payload(offer) for offer in offers]
    return {**_STRUCTURES.write_payload(document), "postes": positions}


def _read_position(position: JsonObject, structure: Named, licence: LicenceCode) -> JsonObject:
    # What a position takes from its structure stands beside it while it is read.
    known: JsonObject = {"structure": structure.content, "licence": licence.value}
    content = _translate_positions(known).read_payload(position)
    return {**content, "structure_external_id": structure.external_id}


def _translate_positions(known: JsonObject) -> Translation:
    return Translation(SYSTEM, JobOfferInput, lambda payload: _read_offer(payload, known), _write_offer)


def _read_offer(payload: JsonObject, known: JsonObject) -> JsonObject:
    content = read_pairs(_OFFER, payload)
    occupation = parse_occupation(get_text(payload, "rome"))
    if occupation is not None:
        content["occupation"] = {"rome_code": occupation.code, "rome_label": occupation.label}
    content["title"] = _choose_title(get_text(payload, "appellation_modifiee"), occupation)
    # Where the employer wrote nothing more, the title is all there is to say.
    content.setdefault("description", content["title"])
    label = get_text(payload, "type_contrat")
    contract_type = find_contract_type(label, get_text(known, "structure/kind"))
    content["contract"] = {"type": contract_type.value, **({"source_label": label} if label else {})}
    if "lieu" not in payload:
        address = read_pairs(_STRUCTURE_PLACE, known)
        content |= {"workplaces": [address]} if address else {}
    licence = LicenceCode(get_text(known, "licence"))
    return {
        **content,
        # One applies on their platform alone.
        "application": {"modes": [{"type": ApplicationModeType.PLATFORM.value}]},
        "is_published": str(payload.get("recrutement_ouvert")).lower() == "true",
        "provenance": {
            **_read_object(content, "provenance"),
            "system": SYSTEM,
            "external_id": str(payload["id"]),
        },
        "licence": {"code": licence.value, "label": LICENCES_BY_CODE[licence].label.fr},
    }


def _write_offer(document: JsonObject) -> JsonObject:
    payload = write_pairs(_OFFER, document)
    external_id = get_text(document, "provenance/external_id") or get_text(document, "external_id")
    if external_id.isascii() and external_id.isdigit():
        payload["id"] = int(external_id)
    label, code = get_text(document, "occupation/rome_label"), get_text(document, "occupation/rome_code")
    if code:
        payload["rome"] = write_occupation(OccupationLabel(label or code, code))
    title = get_text(document, "title")
    payload["appellation_modifiee"] = "" if title in (make_line(label), _NO_TITLE) else title
    if get_text(payload, "description") == title:
        payload["description"] = ""
    contract_type, said = get_text(document, "contract/type"), get_text(document, "contract/source_label")
    if contract_type:
        payload["type_contrat"] = said if _is_said(said, contract_type) else name_contract(contract_type)
    payload["recrutement_ouvert"] = "True" if document.get("is_published") else "False"
    return payload


def _is_said(label: str, contract_type: str) -> bool:
    """Tell whether the label stands for the contract, whatever the kind of its employer."""
    return bool(label) and contract_type in {find_contract_type(label, kind) for kind in ("", "AI", "ETTI")}


def _choose_title(own_title: str, occupation: OccupationLabel | None) -> str:
    """Choose the title: the employer's own, else the occupation."""
    titles = (make_line(own_title), make_line(occupation.label) if occupation is not None else "")
    return next((title for title in titles if len(title) >= _SHORTEST_NAME), _NO_TITLE)


def _read_place(value: JsonValue) -> JsonValue:
    place = read_pairs(_PLACE, value) if isinstance(value, dict) else {}
    return [place] if place else None


def _write_place(value: JsonValue) -> JsonValue:
    places = list_objects(value)
    return write_pairs(_PLACE, places[0]) if places else None


def _read_instant(value: JsonValue) -> JsonValue:
    try:
        instant = datetime.fromisoformat(str(value))
        return instant.astimezone(UTC).isoformat().replace("+00:00", "Z") if instant.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def _write_instant(value: JsonValue) -> JsonValue:
    try:
        return datetime.fromisoformat(str(value)).astimezone(_PARIS).isoformat()
    except OverflowError:
        return None


def _read_object(content: JsonObject, name: str) -> JsonObject:
    part = content.get(name)
    return part if isinstance(part, dict) else {}


def _read_siae(payload: JsonObject) -> JsonObject:
    content = read_pairs(_STRUCTURE, payload)
    if get_at(content, "brand") == get_at(content, "name"):
        content.pop("brand", None)
    updated_at = _read_instant(payload.get("mis_a_jour_le"))
    if isinstance(updated_at, str):
        content["source_updated_on"] = str(_write_instant(updated_at))[:10]
    siret = get_text(content, "siret")
    # An antenna's made-up number, which our shape refuses.
    return {**content, "is_antenna": True} if siret[9:12] == "999" else content


def _write_siae(document: JsonObject) -> JsonObject:
    payload = write_pairs(_STRUCTURE, document)
    # The display name: the brand, or the name of who has none.
    set_at(payload, "enseigne", get_at(document, "brand") or get_at(document, "name"))
    return payload


_STRUCTURE = (
    Pair("id", "uid"),
    Pair("siret", "siret"),
    Pair("type", "kind"),
    Pair("raison_sociale", "name", make_line),
    Pair("enseigne", "brand"),
    Pair("telephone", "phone"),
    Pair("courriel", "email"),
    Pair("site_web", "website"),
    Pair("description", "description"),
    Pair("bloque_candidatures", "has_blocked_applications"),
    Pair("addresse_ligne_1", "address/line_1"),
    Pair("addresse_ligne_2", "address/line_2"),
    Pair("code_postal", "address/postal_code"),
    Pair("ville", "address/city"),
    Pair("departement", "address/department"),
)
_PLACE = (
    Pair("nom", "city"),
    Pair("departement", "department"),
    Pair("code_insee", "insee_code"),
    Pair(
        "code_postaux",
        "postal_code",
        lambda codes: codes[0] if isinstance(codes, list) and codes else None,
        lambda code: [code],
    ),
)
_STRUCTURE_PLACE = tuple(
    Pair(f"structure/address/{name}", name) for name in ("postal_code", "city", "department", "insee_code")
)
_OFFER = (
    Pair("cree_le", "provenance/created_at", _read_instant, _write_instant),
    Pair("mis_a_jour_le", "provenance/updated_at", _read_instant, _write_instant),
    Pair("description", "description", lambda value: value or None),
    Pair("profil_recherche", "wanted_profile"),
    Pair("nombre_postes_ouverts", "openings/open_count"),
    Pair("lieu", "workplaces", _read_place, _write_place),
)
_STRUCTURES = Translation(SYSTEM, StructureInput, _read_siae, _write_siae)
