"""Add to the synthetic structures what they agreed and offer: conventions, annexes, hours, networks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random

from raccord.demo.documents import AnnexDocument, ConventionDocument, StructureDocument
from raccord.reference.networks import NETWORKS
from raccord.reference.structure_codes import FinancialAnnexState
from raccord.reference.structure_kinds import SIAE_KINDS, StructureKind

OPENING_HOURS = (
    "Mo-Fr 09:00-12:00,14:00-17:00; PH off",
    "Mo-Th 08:30-12:30,13:30-17:30; Fr 08:30-12:30; PH off",
    "Tu,Th 14:00-18:00; PH off",
    "Mo-Fr 09:00-12:30; Sa 09:00-12:00; PH off",
)
NETWORKS_BY_KIND = {
    code.crosswalk["les_emplois"]: code.value for code in NETWORKS.codes if "les_emplois" in code.crosswalk
}
# Of a hundred conventions, so many ended lately, in their period of grace, and so many before.
LATELY_ENDED, LONG_ENDED = 3, 4


def describe_agreements(
    rng: Random, today: date, structures: Sequence[StructureDocument], always_active: frozenset[str]
) -> None:
    """Add what each structure agreed and offers; those named always keep their convention."""
    for number, structure in enumerate(structures, start=1):
        describe_offer(rng, today, structure, number)
        if structure["kind"] in SIAE_KINDS:
            chance = 100 if structure["external_id"] in always_active else rng.randrange(100)
            structure["convention"] = make_convention(today, structure["kind"], number, chance)
            structure["financial_annexes"] = [
                make_annex(structure, number, year, is_current=year == today.year)
                for year in range(today.year - 1, today.year + 1)
            ]


def describe_offer(rng: Random, today: date, structure: StructureDocument, number: int) -> None:
    """Add hours, network, and what depends on the kind."""
    network = NETWORKS_BY_KIND.get(structure["kind"])
    if network is not None:
        structure["networks"] = [network]
    if rng.random() < 0.4:
        structure["opening_hours"] = rng.choice(OPENING_HOURS)
    if structure["kind"] == StructureKind.FT.value:
        structure["safir_code"] = f"{number:05d}"
    if structure.get("is_open_to_spontaneous_applications") and rng.random() < 0.5:
        opened_on = today - timedelta(days=rng.randrange(1, 120))
        structure["spontaneous_applications_open_since_on"] = opened_on.isoformat()
    structure["source_updated_on"] = (today - timedelta(days=rng.randrange(1, 900))).isoformat()


def make_convention(today: date, kind: str, number: int, chance: int) -> ConventionDocument:
    """Make a convention; the chance, from 0 to 100, says whether it still runs."""
    convention: ConventionDocument = {"kind": kind, "asp_id": f"{9_000_000 + number}", "is_active": True}
    if chance < LATELY_ENDED + LONG_ENDED:
        ended_on = today - timedelta(days=10 if chance < LATELY_ENDED else 200 + number % 400)
        convention["is_active"] = False
        convention["deactivated_on"] = ended_on.isoformat()
    return convention


def make_annex(structure: StructureDocument, number: int, year: int, *, is_current: bool) -> AnnexDocument:
    """Make the annex of a year."""
    department = f"{structure['address']['department']:0>3}"[:3]
    state = FinancialAnnexState.VALID if is_current else FinancialAnnexState.ARCHIVED
    # Overseas and Corsican codes fit the number's three characters as they are.
    return {
        "number": f"{structure['kind']}{department}{year % 100:02d}{number % 10_000:04d}A0M0",
        "state": state.value,
        "starts_on": f"{year}-01-01",
        "ends_on": f"{year}-12-31",
    }
