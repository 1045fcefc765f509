"""What is worked out of one offer: its publication report, its duplicates, its schema.org form."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

from pydantic import AwareDatetime, Field

from raccord.kernel.clock import read_today
from raccord.kernel.database import Reader, Transaction
from raccord.kernel.errors import InvalidContentError
from raccord.kernel.refusals import JsonValue, RaccordError
from raccord.kernel.shapes import Day, Shape
from raccord.kernel.strict_json import JsonObject
from raccord.kernel.text import Language
from raccord.records.kind import Viewing
from raccord.records.rows import write_instant
from raccord.reference.job_offer_codes import OfferClosingReason, OfferStatus
from raccord.resources.job_offers.employers import load_employer, load_employers, read_structure_id
from raccord.resources.job_offers.job_posting import make_job_posting
from raccord.resources.job_offers.licensing import find_licence, find_visible_until, may_be_exported
from raccord.resources.job_offers.lifecycle import apply_move, find_publishing_move
from raccord.resources.job_offers.publication import Finding, find_obstacles, list_refusals


class PublicationFinding(Shape):
    """What is wrong with one field of an offer, or unusual."""

    pointer: str = Field(description="Champ (JSON Pointer, RFC 6901).")
    code: str = Field(description="Code stable, fait pour les programmes.")
    message: str = Field(description="Explication, dans la langue demandée.")


class PublicationReport(Shape):
    """Whether an offer may be published, and what stands in the way: one entry for each field."""

    status: OfferStatus = Field(description="État de l'offre.")
    closing_reason: OfferClosingReason | None = Field(description="Pourquoi elle est close, suspendue ou rejetée.")
    publishing_transition: str | None = Field(
        description="Transition qui la publie depuis cet état ; null si elle l'est, ou si aucune n'y suffit."
    )
    is_publishable: bool = Field(description="Rien ne s'oppose à la publication.")
    is_visible: bool = Field(description="Les autres clients voient l'offre en ce moment.")
    visible_until: AwareDatetime | None = Field(description="Jusqu'à quand, si sa licence le borne (UTC).")
    expires_on: Day | None = Field(description="Dernier jour avant expiration.")
    is_exportable: bool = Field(description="Sa licence permet de la rediffuser.")
    attribution: str | None = Field(description="Mention que sa licence demande.")
    errors: list[PublicationFinding] = Field(description="Ce qui empêche de publier.")
    warnings: list[PublicationFinding] = Field(description="Ce qui peut surprendre.")


class DuplicateLink(Shape):
    """An offer of another source that seems to be the same."""

    id: UUID = Field(description="Identifiant Raccord de l'autre offre.")
    source: str = Field(description="Sa source.")
    score: float = Field(description="Ressemblance, de 0 à 1.")
    reasons: list[str] = Field(description="Ce qui les rapproche.")
    is_canonical: bool = Field(description="C'est elle qu'il faut montrer de préférence.")
    computed_at: AwareDatetime = Field(description="Instant de la comparaison (UTC).")


class DuplicateLinks(Shape):
    """The offers of other sources that seem to be the same: linked, never merged."""

    is_canonical: bool = Field(description="C'est cette offre-ci qu'il faut montrer de préférence.")
    data: list[DuplicateLink] = Field(description="Les autres, la plus ressemblante d'abord.")


async def check_publication(tx: Transaction, documents: Mapping[int, JsonObject]) -> dict[int, RaccordError]:
    """Refuse the offers that would be active and may not be published."""
    active = {place: document for place, document in documents.items() if document["status"] == "active"}
    ids = [structure_id for document in active.values() if (structure_id := read_structure_id(document))]
    employers = await load_employers(tx, ids)
    refused: dict[int, RaccordError] = {}
    for place, document in active.items():
        structure_id = read_structure_id(document)
        structure = employers.get(structure_id) if structure_id is not None else None
        found = list_refusals(find_obstacles(document, structure, read_today()))
        if found:
            refused[place] = InvalidContentError(errors=[finding.as_error() for finding in found])
    return refused


async def read_publication(reader: Reader, document: JsonObject, viewing: Viewing) -> JsonObject:
    """Report on the publication of the offer, as the move that publishes it from its state would find it."""
    language = viewing.language
    structure = await load_employer(reader, document)
    today = read_today()
    move = find_publishing_move(str(document["status"]))
    findings = find_obstacles({**document, **(apply_move(document, move, {}) if move else {})}, structure, today)
    until, licence = find_visible_until(document), find_licence(document)
    # No instant is told for what was never shown.
    is_published = document["status"] not in ("draft", "in_review", "rejected")
    return {
        "status": document["status"],
        "closing_reason": document.get("closing_reason"),
        "publishing_transition": move.name if move is not None else None,
        "is_publishable": not list_refusals(findings),
        "is_visible": until is None or until > datetime.now(UTC),
        "visible_until": write_instant(until) if until is not None and is_published else None,
        "expires_on": document.get("expires_on"),
        "is_exportable": may_be_exported(document, today),
        "attribution": licence.attribution.in_language(language) if licence is not None else None,
        "errors": _write_findings(findings, language, is_warning=False),
        "warnings": _write_findings(findings, language, is_warning=True),
    }


async def write_job_posting(reader: Reader, document: JsonObject, address: str) -> JsonObject | None:
    """Write the offer as a schema.org JobPosting; nothing for one that was never published.

    A JobPosting that says nothing else is taken for an open one.
    """
    if "published_at" not in document:
        return None
    structure = await load_employer(reader, document)
    return make_job_posting(document, structure.document if structure is not None else None, address)


def _write_findings(findings: list[Finding], language: Language, *, is_warning: bool) -> list[JsonValue]:
    return [
        {"pointer": finding.pointer, "code": finding.code, "message": finding.message.in_language(language)}
        for finding in findings
        if finding.is_warning is is_warning
    ]
