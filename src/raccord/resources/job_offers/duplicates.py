"""Whether two offers of different sources are the same job: a pure comparison, with its score and its reasons.

Source: the rule of La bonne alternance (same employer, same postal code, close titles), with contract and occupation.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from raccord.kernel.strict_json import JsonObject, read_object
from raccord.resources.job_offers.licensing import find_licence

MIN_SCORE = 0.6
MIN_SIMILARITY = 0.8
# A name, a place and a close title make 0.55: something of the job itself must agree too.
WEIGHTS: Mapping[str, float] = {
    "same_siret": 0.35,
    "same_brand": 0.25,
    "same_name": 0.25,
    "same_postal_code": 0.1,
    "same_title": 0.3,
    "same_clean_title": 0.25,
    "similar_title": 0.2,
    "same_contract_family": 0.1,
    "same_occupation": 0.15,
    "same_parent_occupation": 0.1,
}
_EMPLOYER = ("same_siret", "same_brand", "same_name")

_FAMILIES = {
    "permanent": "permanent", "permanent_inclusion": "permanent", "permanent_site": "permanent",
    "permanent_temp_agency": "temporary", "temp_mission": "temporary", "temp_mission_inclusion": "temporary",
    "ai_placement": "temporary", "fixed_term": "fixed_term", "fixed_term_usage": "fixed_term",
    "fixed_term_inclusion": "fixed_term", "fixed_term_inclusion_phc": "fixed_term",
    "fixed_term_inclusion_cvg": "fixed_term", "fixed_term_tremplin": "fixed_term", "seasonal": "fixed_term",
    "apprenticeship": "work_study", "professional_training": "work_study", "business_creation": "self_employed",
    "self_employed": "self_employed", "franchise": "self_employed", "business_takeover": "self_employed",
    "commercial_agent": "self_employed", "immersion": "placement", "internship": "placement",
}  # fmt: skip
# What titles add to the trade: both genders, contract, hours, urgency.
_NOISE = re.compile(
    r"\((?:[^()]*)\)|\b[hf] ?/ ?[hf]\b"
    r"|\b(?:cdi|cddi?|interim|mission|urgent|temps (?:plein|partiel)|recherche|recrute)\b"
    r"|\b[0-9]+ ?h(?:eures)?\b|[^a-z0-9 /]"
)
_WORD = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True)
class Traits:
    """What of an offer and its employer is compared."""

    siret: str | None
    brand: str | None
    name: str | None
    postal_code: str | None
    title: str
    contract_family: str | None
    rome_code: str | None

    def list_blocks(self) -> list[int]:
        """List the keys under which the offer is looked for: an employer at a place.

        Shape: signed numbers of 64 bits, so that millions of them make a small index.
        """
        if self.postal_code is None:
            return []
        told = (("siret", self.siret), ("name", self.brand), ("name", self.name))
        texts = {f"{self.postal_code} {name} {value}" for name, value in told if value}
        digests = (hashlib.blake2b(text.encode(), digest_size=8).digest() for text in sorted(texts))
        return [int.from_bytes(digest, "big", signed=True) for digest in digests]


@dataclass(frozen=True)
class Likeness:
    """How alike two offers are."""

    score: float
    reasons: tuple[str, ...]


def read_traits(document: JsonObject, structure: JsonObject | None) -> Traits:
    """Read what is compared; the employer's record says more than the offer's own words."""
    told = {**read_object(document, "employer"), **(structure or {})}
    places = document.get("workplaces")
    place = places[0] if isinstance(places, list) and places and isinstance(places[0], dict) else {}
    return Traits(
        siret=_read_text(told.get("siret")),
        brand=_normalise_name(told.get("brand")),
        name=_normalise_name(told.get("name")),
        postal_code=_read_text(place.get("postal_code")),
        title=str(document["title"]),
        contract_family=_FAMILIES.get(str(read_object(document, "contract").get("type"))),
        rome_code=_read_text(read_object(document, "occupation").get("rome_code")),
    )


def compare(one: Traits, other: Traits) -> Likeness | None:
    """Compare two offers; None if they are not the same job.

    Shape: symmetric; an employer, a place and a title in common are needed, and a score of MIN_SCORE.
    """
    employer = _compare_employers(one, other)
    title = _compare_titles(one.title, other.title)
    is_same_place = one.postal_code is not None and one.postal_code == other.postal_code
    if employer is None or title is None or not is_same_place:
        return None
    reasons = [employer, "same_postal_code", title]
    if one.contract_family is not None and one.contract_family == other.contract_family:
        reasons.append("same_contract_family")
    occupation = _compare_occupations(one.rome_code, other.rome_code)
    if occupation is not None:
        reasons.append(occupation)
    score = round(sum(WEIGHTS[reason] for reason in reasons), 2)
    return Likeness(min(score, 1.0), tuple(reasons)) if score >= MIN_SCORE else None


def measure_similarity(one: str, other: str) -> float:
    """Measure how alike two titles are, by the pairs of letters that they share.

    Source: Sørensen–Dice coefficient on bigrams.
    """
    first, second = _count_bigrams(one), _count_bigrams(other)
    total = sum(first.values()) + sum(second.values())
    if not total:
        return 1.0 if one == other else 0.0
    return 2 * sum((first & second).values()) / total


def rank(document: JsonObject) -> tuple[bool, bool, int, str, str]:
    """Rank an offer among its duplicates: the least is the canonical one, whoever compares and when.

    Shape: first published here, then licence that lets it be passed on, then the most complete, then the oldest.
    """
    licence = find_licence(document)
    return (
        document.get("provenance") is not None,
        licence is not None and not licence.allows_onward_export,
        -sum(1 for value in document.values() if value not in (None, [], {})),
        str(document["created_at"]),
        str(document["id"]),
    )


def clean_title(title: str) -> str:
    """Keep of a title what names the trade, in either gender first named."""
    plain = _NOISE.sub(" ", _fold(title))
    first = plain.split("/")[0] if "/" in plain else plain
    return " ".join(_WORD.findall(first))


def _compare_employers(one: Traits, other: Traits) -> str | None:
    for reason, first, second in (
        ("same_siret", one.siret, other.siret),
        ("same_brand", one.brand, other.brand),
        ("same_name", one.name, other.name),
    ):
        if first is not None and first == second:
            return reason
    # One source's brand is another's name.
    names = ({one.brand, one.name} & {other.brand, other.name}) - {None}
    return "same_name" if names else None


def _compare_titles(one: str, other: str) -> str | None:
    if one.strip() == other.strip():
        return "same_title"
    first, second = clean_title(one), clean_title(other)
    if first == second and first:
        return "same_clean_title"
    return "similar_title" if measure_similarity(first, second) >= MIN_SIMILARITY else None


def _compare_occupations(one: str | None, other: str | None) -> str | None:
    if one is None or other is None:
        return None
    if one == other:
        return "same_occupation"
    return "same_parent_occupation" if one[:3] == other[:3] else None


def _count_bigrams(text: str) -> Counter[str]:
    compact = text.replace(" ", "")
    return Counter(compact[place : place + 2] for place in range(len(compact) - 1))


def _normalise_name(value: object) -> str | None:
    return " ".join(_WORD.findall(_fold(str(value)))) or None if value else None


def _fold(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in folded if not unicodedata.combining(letter))


def _read_text(value: object) -> str | None:
    return str(value) if value else None
