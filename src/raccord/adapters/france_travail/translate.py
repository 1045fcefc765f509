"""An offer of France Travail, in our words and back.

Of `contact`, all but the address where to apply may name a person: it is sealed before it is kept with the open
record, and only who holds the installation's key can write it back.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol

from raccord.adapters.france_travail import codes
from raccord.adapters.france_travail.parts import read_parts, read_schedule, refresh_parts
from raccord.adapters.france_travail.payloads import OfferPayload
from raccord.adapters.lossless import Translation, drop_nulls
from raccord.adapters.pairs import (
    Pair,
    get_at,
    get_text,
    list_objects,
    make_line,
    pair_codes,
    pair_items,
    read_pairs,
    set_at,
    write_pairs,
)
from raccord.kernel.refusals import JsonValue
from raccord.kernel.strict_json import JsonObject, dump_json, parse_object
from raccord.reference.job_offer_codes import ApplicationModeType, ContractScheme, OfferOrigin
from raccord.reference.licences import LICENCES_BY_CODE, LicenceCode
from raccord.resources.job_offers.shape import JobOfferInput

SYSTEM = "france-travail"
_DETAIL_URL = "https://candidat.francetravail.fr/offres/recherche/detail/"


class Sealer(Protocol):
    """What closes text to all who do not hold its key; the same text is closed into the same."""

    def seal(self, plain: bytes) -> str:
        """Close."""

    def unseal(self, sealed: str) -> bytes:
        """Open."""


def read_offer(payload: JsonObject, seen_at: datetime | None = None, sealer: Sealer | None = None) -> JsonObject:
    """Read an offer, seen at France Travail at that instant, into content for the write door.

    Shape:  without a sealer, whom to write to is left out.
    Errors: ValidationError of Pydantic for what is not such an offer.
    """
    OfferPayload.model_validate(payload)
    content = _OFFERS.read_payload(payload)
    if seen_at is not None:
        set_at(content, "provenance/last_seen_at", _write_utc(seen_at))
    kept = get_at(content, f"extensions/{SYSTEM}/kept")
    if isinstance(kept, dict) and "contact" in kept:
        contact = kept.pop("contact")
        if sealer is not None:
            set_at(content, f"extensions/{SYSTEM}/sealed_contact", sealer.seal(dump_json(contact)))
    return content


def write_offer(document: JsonObject, sealer: Sealer) -> JsonObject:
    """Write an offer of ours as France Travail would send it."""
    opened = drop_nulls(document)
    remainder = get_at(opened, f"extensions/{SYSTEM}")
    if isinstance(remainder, dict) and "sealed_contact" in remainder:
        contact = parse_object(sealer.unseal(str(remainder.pop("sealed_contact"))))
        set_at(remainder, "kept/contact", contact)
    return _OFFERS.write_payload(opened)


def read_instant(value: JsonValue) -> JsonValue:
    """Read an instant, in UTC; None for anything else."""
    try:
        instant = datetime.fromisoformat(str(value))
        return _write_utc(instant) if instant.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def write_instant(value: JsonValue) -> JsonValue:
    """Write an instant in UTC with milliseconds."""
    instant = datetime.fromisoformat(str(value)).astimezone(UTC)
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _write_utc(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _read_naf(value: JsonValue) -> JsonValue:
    return str(value).replace(".", "", 1)


def _write_naf(value: JsonValue) -> JsonValue:
    return f"{str(value)[:2]}.{str(value)[2:]}"


def _read_place(value: JsonValue) -> JsonValue:
    place = read_pairs(_PLACE, value) if isinstance(value, dict) else {}
    if not place.keys() >= {"latitude", "longitude"}:
        place = {name: inner for name, inner in place.items() if name not in ("latitude", "longitude")}
    return [place] if place else None


def _write_place(value: JsonValue) -> JsonValue:
    places = list_objects(value)
    return write_pairs(_PLACE, places[0]) if places else None


def _read_line(value: JsonValue) -> JsonValue:
    return " ".join(str(value).split())


def _read_lines(value: JsonValue) -> JsonValue:
    return [_read_line(line) for line in value] if isinstance(value, list) else None


_PLACE = (
    Pair("libelle", "label"),
    Pair("codePostal", "postal_code"),
    Pair("commune", "insee_code"),
    Pair("latitude", "latitude"),
    Pair("longitude", "longitude"),
)
_REQUIREMENT = pair_codes("exigence", "requirement", codes.REQUIREMENTS)
_EDUCATION = (
    Pair("codeFormation", "code"),
    Pair("domaineLibelle", "domain"),
    Pair("niveauLibelle", "level_label"),
    Pair("commentaire", "comment"),
    _REQUIREMENT,
)
_LABEL = Pair("libelle", "label")
_CODE = Pair("code", "code")
_PAIRS = (
    Pair("id", "provenance/external_id"),
    Pair("origineOffre/origine", "provenance/origin_code"),
    Pair("origineOffre/urlOrigine", "provenance/url"),
    pair_items(
        "origineOffre/partenaires",
        "provenance/partners",
        (Pair("nom", "name"), Pair("url", "url"), Pair("logo", "logo_url")),
    ),
    Pair("dateCreation", "provenance/created_at", read_instant, write_instant),
    Pair("dateActualisation", "provenance/updated_at", read_instant, write_instant),
    Pair("intitule", "title", make_line),
    Pair("description", "description"),
    Pair("lieuTravail", "workplaces", _read_place, _write_place),
    Pair("romeCode", "occupation/rome_code"),
    Pair("romeLibelle", "occupation/rome_label"),
    Pair("appellationlibelle", "occupation/appellation_label"),
    Pair("entreprise/nom", "employer/name"),
    Pair("entreprise/description", "employer/description"),
    Pair("entreprise/logo", "employer/logo_url"),
    Pair("entreprise/url", "employer/website"),
    Pair("entreprise/siret", "employer/siret"),
    Pair("codeNAF", "employer/naf_code", _read_naf, _write_naf),
    Pair("secteurActiviteLibelle", "employer/sector_label"),
    Pair("trancheEffectifEtab", "employer/size_label"),
    Pair("typeContrat", "contract/source_type_code"),
    pair_codes("natureContrat", "contract/source_nature_code", codes.NATURES),
    Pair("typeContratLibelle", "contract/source_label"),
    pair_codes("experienceExige", "requirements/experience/level", codes.EXPERIENCES),
    Pair("experienceLibelle", "requirements/experience/source_label"),
    Pair("experienceCommentaire", "requirements/experience/comment"),
    pair_items("formations", "requirements/educations", _EDUCATION),
    pair_items("langues", "requirements/languages", (_LABEL, _REQUIREMENT)),
    pair_items("permis", "requirements/driving_licences", (_LABEL, _REQUIREMENT)),
    Pair("outilsBureautiques", "requirements/tools"),
    pair_items("competences", "requirements/skills", (_CODE, _LABEL, _REQUIREMENT)),
    pair_items("qualitesProfessionnelles", "requirements/qualities", (_LABEL, Pair("description", "description"))),
    Pair("salaire/libelle", "pay/source_label"),
    Pair("salaire/commentaire", "pay/comment"),
    Pair("dureeTravailLibelle", "working_time/source_label"),
    pair_codes("dureeTravailLibelleConverti", "working_time/time", codes.WORKING_TIMES),
    Pair("contexteTravail/horaires", "working_time/schedules", _read_lines),
    Pair("nombrePostes", "openings/open_count"),
    Pair("accessibleTH", "accessibility/is_open_to_disabled_workers"),
    Pair("entreprise/entrepriseAdaptee", "accessibility/is_adapted_company"),
    Pair("employeurHandiEngage", "accessibility/is_committed_employer"),
    pair_codes("deplacementCode", "mobility/travel", codes.TRAVELS),
    pair_codes("qualificationCode", "qualification", {code: code for code in codes.QUALIFICATION_LABELS}),
    Pair("offresManqueCandidats", "signals/is_short_of_candidates"),
)


def _read(payload: JsonObject) -> JsonObject:
    content = read_pairs(_PAIRS, payload)
    _read_complements(payload, content)
    _read_adapted_company(payload, content)
    area = _strip_frequency(get_text(payload, "deplacementLibelle"))
    set_at(content, "mobility/travel_area", area)
    read_parts(content)
    url = get_text(payload, "contact/urlPostulation") or _find_page(payload)
    return {
        **content,
        "application": {"modes": [{"type": ApplicationModeType.URL.value, "value": url}]},
        "provenance": {"system": SYSTEM, **_read_object(content, "provenance")},
        "licence": {
            "code": LicenceCode.FRANCE_TRAVAIL.value,
            "label": LICENCES_BY_CODE[LicenceCode.FRANCE_TRAVAIL].label.fr,
        },
        "origin": OfferOrigin.IMPORTED.value,
        "is_published": True,
    }


def _write(document: JsonObject) -> JsonObject:
    content = drop_nulls(document)
    refresh_parts(content)
    payload = write_pairs(_PAIRS, content)
    _write_complements(content, payload)
    _write_derived(content, payload)
    schedule = read_schedule(_read_object(content, "working_time"))
    if get_at(payload, "contexteTravail/horaires") in ([], [schedule]):
        payload.pop("contexteTravail", None)
    modes = [mode for mode in list_objects(get_at(content, "application/modes")) if mode.get("type") == "url"]
    if modes and modes[0].get("value") != _find_page(payload):
        set_at(payload, "contact/urlPostulation", modes[0].get("value"))
    return payload


def _read_complements(payload: JsonObject, content: JsonObject) -> None:
    """Read what is added to the salary: two texts, then a list with codes."""
    texts = [get_text(payload, f"salaire/{name}") for name in ("complement1", "complement2")]
    listed = [read_pairs((_CODE, _LABEL), item) for item in list_objects(get_at(payload, "salaire/listeComplements"))]
    complements: list[JsonValue] = []
    complements += [{"label": text} for text in texts if text]
    complements += listed
    if complements:
        set_at(content, "pay/complements", complements)


def _write_complements(content: JsonObject, payload: JsonObject) -> None:
    complements = list_objects(get_at(content, "pay/complements"))
    plain = [item for item in complements if "code" not in item][:2]
    listed: list[JsonValue] = [write_pairs((_CODE, _LABEL), item) for item in complements if item not in plain]
    for name, item in zip(("complement1", "complement2"), plain, strict=False):
        set_at(payload, f"salaire/{name}", item.get("label"))
    if listed:
        set_at(payload, "salaire/listeComplements", listed)


def _read_adapted_company(payload: JsonObject, content: JsonObject) -> None:
    """Read the same flag from the two places where it may stand, and work-study from the one where it is said."""
    if get_at(content, "accessibility/is_adapted_company") is None:
        set_at(content, "accessibility/is_adapted_company", payload.get("entrepriseAdaptee"))
    if payload.get("alternance") is True:
        set_at(content, "contract/schemes", [ContractScheme.APPRENTICESHIP_SCHEME.value])


def _write_derived(content: JsonObject, payload: JsonObject) -> None:
    """Write what follows from other fields: labels of codes, the division of the NAF, work-study."""
    qualification, naf = get_text(content, "qualification"), get_text(content, "employer/naf_code")
    if qualification:
        payload["qualificationLibelle"] = codes.QUALIFICATION_LABELS[qualification]
    if naf:
        payload["secteurActivite"] = naf[:2]
    words = [codes.TRAVEL_WORDS.get(get_text(payload, "deplacementCode")), get_at(content, "mobility/travel_area")]
    if words[0] is not None:
        payload["deplacementLibelle"] = " ".join(str(word) for word in words if word)
    schemes = get_at(content, "contract/schemes")
    if "contract" in content:
        payload["alternance"] = isinstance(schemes, list) and ContractScheme.APPRENTICESHIP_SCHEME in schemes


def _strip_frequency(label: str) -> str | None:
    """Take the frequency from a label of travel, and leave the area."""
    word, _, area = label.partition(" ")
    return area.strip() or None if word in codes.TRAVEL_WORDS.values() else None


def _find_page(payload: JsonObject) -> str:
    """Find the page of the offer at its origin."""
    return get_text(payload, "origineOffre/urlOrigine") or f"{_DETAIL_URL}{get_text(payload, 'id')}"


def _read_object(content: JsonObject, name: str) -> JsonObject:
    part = content.get(name)
    return part if isinstance(part, dict) else {}


_OFFERS = Translation(SYSTEM, JobOfferInput, _read, _write)
