"""Temporary."""

from collections.abc import Sequence
from dataclasses import dataclass

from raccord.kernel.database import Reader
from raccord.reference.communes import load_communes


@dataclass(frozen=True)
class Commune:
    insee_code: str
    label: str
    department: str
    region: str
    epci: str | None
    parent: str | None
    latitude: float | None
    longitude: float | None
    precision: str


async def find_communes(reader: Reader, codes: Sequence[str]) -> dict[str, Commune]:
    known = {c.insee_code: c for c in load_communes()}
    return {
        c: Commune(
            c,
            known[c].name,
            known[c].department,
            known[c].region,
            None,
            None,
            known[c].latitude,
            known[c].longitude,
            "commune",
        )
        for c in codes
        if c in known
    }


async def find_occupations_named(reader: Reader, words: Sequence[Sequence[str]]) -> list[str]:
    return []
