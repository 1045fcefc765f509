"""The quality of a service: the ten criteria of data·inclusion, and what would improve each.

Source: data·inclusion, quality score, July 2026.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pydantic import Field

from raccord.kernel.clock import read_today
from raccord.kernel.database import Reader
from raccord.kernel.shapes import Shape
from raccord.kernel.strict_json import JsonObject
from raccord.kernel.text import Language, Text
from raccord.records.kind import View, Viewing
from raccord.reference.quality_codes import QualityCriterionCode as Code
from raccord.reference.service_codes import Fee, MobilisationMode, ReceptionMode
from raccord.resources.quality import (
    Assessment,
    QualityCriterion,
    assess_description,
    assess_freshness,
    compute_score,
    require,
    show_assessments,
)
from raccord.resources.topics import list_codes


class ServiceQuality(Shape):
    """How good a service's record is."""

    score: float = Field(description="Moyenne des critères qui comptent, de 0 à 1.", ge=0, le=1)
    criteria: list[QualityCriterion] = Field(description="Critères, un par un.")


def assess_service(document: JsonObject, day: date) -> list[Assessment]:
    """Assess the service on the day."""
    return [
        _assess_address(document),
        _assess_mobilisation(document),
        require(Code.AUDIENCES, document, ("audiences",), _NO_AUDIENCE),
        require(Code.TOPICS, document, ("topics",), _NO_TOPIC),
        require(Code.CONTACT, document, ("email", "mobilisation_url", "phone"), _NO_CONTACT),
        _assess_mode(Code.EMAIL, document, MobilisationMode.EMAIL, "email", _NO_EMAIL),
        assess_freshness(document, day),
        _assess_fee(document),
        assess_description(document),
        _assess_mode(Code.PHONE, document, MobilisationMode.PHONE, "phone", _NO_PHONE),
    ]


def _has(document: JsonObject, name: str, code: str) -> bool:
    return code in (list_codes(document, name) or ())


def _assess_address(document: JsonObject) -> Assessment:
    """Ask for an address where people come."""
    is_visited = _has(document, "reception_modes", ReceptionMode.ON_SITE)
    if not is_visited and not _has(document, "mobilisation_modes", MobilisationMode.WALK_IN):
        return Assessment(Code.ADDRESS, None)
    address = document.get("address")
    if isinstance(address, dict) and address.get("line_1"):
        return Assessment(Code.ADDRESS, 1.0)
    return Assessment(Code.ADDRESS, 0.0, _NO_ADDRESS, ("address",))


def _assess_mobilisation(document: JsonObject) -> Assessment:
    missing = tuple(name for name in ("mobilisation_modes", "mobilisers") if not document.get(name))
    return Assessment(Code.MOBILISATION, 1 - len(missing) / 2, _NO_MOBILISATION if missing else None, missing)


def _assess_mode(code: Code, document: JsonObject, mode: MobilisationMode, name: str, advice: Text) -> Assessment:
    """Ask for what the way of mobilising needs."""
    if not _has(document, "mobilisation_modes", mode):
        return Assessment(code, None)
    return require(code, document, (name,), advice)


def _assess_fee(document: JsonObject) -> Assessment:
    if document.get("fee") is None:
        return Assessment(Code.FEE, 0.0, _NO_FEE, ("fee",))
    if document["fee"] == Fee.PAID and not document.get("fee_details"):
        return Assessment(Code.FEE, 0.5, _NO_FEE_DETAILS, ("fee_details",))
    return Assessment(Code.FEE, 1.0)


def show_quality(assessments: Sequence[Assessment], language: Language) -> JsonObject:
    """Show the report."""
    return {"score": compute_score(assessments), "criteria": [*show_assessments(assessments, language)]}


async def read_quality(_reader: Reader, document: JsonObject, viewing: Viewing) -> JsonObject:
    """Report on the service, as it is today."""
    return show_quality(assess_service(document, read_today()), viewing.language)


_NO_ADDRESS = Text(
    "On s'y rend : donnez l'adresse (numéro et voie).", "People come there: give the address (number and street)."
)
_NO_MOBILISATION = Text("Dites comment demander le service, et qui le peut.", "Say how to ask for it, and who may.")
_NO_AUDIENCE = Text(
    "Dites à qui le service s'adresse ; « tous-publics », s'il n'en vise aucun.",
    "Say whom the service is for; `tous-publics` if for everyone.",
)
_NO_TOPIC = Text("Choisissez une thématique au moins.", "Choose one topic at least.")
_NO_CONTACT = Text("Donnez un courriel, un téléphone ou un lien.", "Give an e-mail address, a phone or a link.")
_NO_EMAIL = Text("Le service se demande par courriel : donnez-le.", "It is asked for by e-mail: give the address.")
_NO_PHONE = Text(
    "Le service se demande par téléphone : donnez le numéro.", "It is asked for by phone: give the number."
)
_NO_FEE = Text("Dites si le service est gratuit ou payant.", "Say whether it is free or paid.")
_NO_FEE_DETAILS = Text("Le service est payant : précisez les frais.", "It is paid: say how much.")

EXAMPLE: JsonObject = {
    "score": 0.88,
    "criteria": [
        {
            "code": "contact",
            "is_applicable": True,
            "score": 0.0,
            "missing_fields": ["email", "mobilisation_url", "phone"],
            "is_stale": False,
            "message": _NO_CONTACT.fr,
        }
    ],
}
VIEW = View(
    name="quality",
    summary="Lire la qualité d'un service",
    description="Ce qui manque à la fiche et ce qui a vieilli, selon les critères de data·inclusion.",
    answer=ServiceQuality,
    example=EXAMPLE,
    read=read_quality,
)
