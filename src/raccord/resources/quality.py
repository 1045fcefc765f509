"""How good a record is: criteria from 0 to 1, what is missing, what is stale. Pure functions of a document and a day.

A kind lists its criteria; those that several kinds share are here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from pydantic import Field

from raccord.kernel.shapes import Shape
from raccord.kernel.strict_json import JsonObject
from raccord.kernel.text import Language, Text
from raccord.reference.quality_codes import QualityCriterionCode

FRESH_DAYS, STALE_DAYS = 180, 730
# They publish without saying when: their records are not judged on it.
UNDATED_SOURCES = frozenset({"agefiph", "france-travail"})


class QualityCriterion(Shape):
    """One criterion of a record's quality."""

    code: QualityCriterionCode = Field(description="Critère.")
    is_applicable: bool = Field(description="Le critère compte-t-il pour cette fiche ?")
    score: float | None = Field(description="De 0 à 1 ; null si le critère ne compte pas.", ge=0, le=1)
    missing_fields: list[str] = Field(description="Champs qui manquent.")
    is_stale: bool = Field(description="L'information a vieilli.")
    message: str | None = Field(description="Ce qu'il y a à améliorer, pour une personne.")


@dataclass(frozen=True)
class Assessment:
    """What one criterion says of a record. Without a score, it does not apply."""

    code: QualityCriterionCode
    score: float | None
    advice: Text | None = None
    missing: tuple[str, ...] = ()
    is_stale: bool = False


def compute_score(assessments: Iterable[Assessment]) -> float:
    """Compute the mean of the criteria that apply.

    Units:  0 to 1, two digits.
    Source: data·inclusion, score_qualite.
    """
    scores = [round(item.score, 2) for item in assessments if item.score is not None]
    return round(sum(scores) / len(scores), 2) if scores else 0.0


def show_assessments(assessments: Sequence[Assessment], language: Language) -> list[JsonObject]:
    """Show the criteria as the API does."""
    return [
        {
            "code": item.code.value,
            "is_applicable": item.score is not None,
            "score": round(item.score, 2) if item.score is not None else None,
            "missing_fields": [*item.missing],
            "is_stale": item.is_stale,
            "message": item.advice.in_language(language) if item.advice is not None else None,
        }
        for item in assessments
    ]


def require(code: QualityCriterionCode, document: JsonObject, names: Sequence[str], advice: Text) -> Assessment:
    """Ask for one of the fields at least."""
    if any(document.get(name) for name in names):
        return Assessment(code, 1.0)
    return Assessment(code, 0.0, advice, tuple(names))


def assess_description(document: JsonObject) -> Assessment:
    """Prefer a description of 200 to 2,000 characters."""
    code, description = QualityCriterionCode.DESCRIPTION, str(document.get("description") or "")
    if not description:
        return Assessment(code, 0.0, _NO_DESCRIPTION, ("description",))
    if len(description) < 200:
        return Assessment(code, 0.5 if len(description) >= 50 else 0.0, _SHORT)
    return Assessment(code, 1.0) if len(description) < 2_000 else Assessment(code, 0.5, _LONG)


def assess_freshness(document: JsonObject, day: date) -> Assessment:
    """Prefer what its source looked at within six months; after two years it is worth nothing."""
    code, updated_on = QualityCriterionCode.FRESHNESS, document.get("source_updated_on")
    if document.get("source") in UNDATED_SOURCES:
        return Assessment(code, None)
    if not isinstance(updated_on, str):
        return Assessment(code, 0.0, _NO_DATE, ("source_updated_on",))
    age_days = (day - date.fromisoformat(updated_on)).days
    if age_days < FRESH_DAYS:
        return Assessment(code, 1.0)
    score = max(0.0, (STALE_DAYS - age_days) / (STALE_DAYS - FRESH_DAYS))
    return Assessment(code, score, _STALE, is_stale=True)


_NO_DESCRIPTION = Text("Décrivez-la.", "Describe it.")
_SHORT = Text("Développez la présentation : 200 caractères au moins.", "Say more: 200 characters at least.")
_LONG = Text("Resserrez la présentation : moins de 2 000 caractères.", "Say less: under 2,000 characters.")
_NO_DATE = Text("Dites de quand date l'information.", "Say from when the information dates.")
_STALE = Text("Relisez la fiche : elle a plus de six mois.", "Review the record: it is over six months old.")
