"""The walk through more offers than a search shows: cut by creation date, and by département within one second.

A search that finds more than it can show is halved in time, always the same way; the halves share their border, so
that nothing falls between them. What is still too much in one second is asked for by département. What cannot be
seen even so leaves the part incomplete: it is written, and proves no absence.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from pydantic import AwareDatetime, Field

from raccord.adapters.france_travail.client import CEILING, PAGE, Found, Slice
from raccord.kernel.shapes import Shape
from raccord.reference.departments import DEPARTMENTS

OLDEST = datetime(2000, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
# Their search knows no commune that has arrondissements, only these.
_ARRONDISSEMENTS: Mapping[str, tuple[str, ...]] = {
    "75056": tuple(str(code) for code in range(75101, 75121)),
    "69123": tuple(str(code) for code in range(69381, 69390)),
    "13055": tuple(str(code) for code in range(13201, 13217)),
}


class FranceTravailCursor(Shape):
    """Where a walk has got to.

    Shape: `narrowed_to` is the département asked for within a second too full, and `unplaced` how many offers of that
           second no département has shown yet.
    """

    part: str = Field(description="Territoire en cours de lecture ; vide pour la France entière.")
    is_full: bool = Field(description="Le parcours voit toutes les offres.")
    since: AwareDatetime = Field(description="Début de la période parcourue.")
    until: AwareDatetime = Field(description="Fin de la période parcourue.")
    low: AwareDatetime = Field(description="Début de la tranche en cours.")
    high: AwareDatetime = Field(description="Fin de la tranche en cours.")
    start: int = Field(0, description="Rang de la prochaine offre dans la tranche.")
    narrowed_to: str | None = Field(None, description="Département en cours, dans une seconde trop pleine.")
    unplaced: int = Field(0, description="Offres de cette seconde qu'aucun département n'a encore montrées.")
    is_complete: bool = Field(True, description="Rien n'a échappé à la lecture du territoire.")

    @property
    def stretch(self) -> Slice:
        """The stretch of time being read."""
        return Slice(self.low, self.high)


def list_parts(departments: list[str], communes: list[str]) -> list[str]:
    """List the parts of a walk: territories, or the whole country."""
    expanded = [code for commune in communes for code in _ARRONDISSEMENTS.get(commune, (commune,))]
    return [*departments, *dict.fromkeys(expanded)] or [""]


def write_filter(part: str, narrowed_to: str | None = None) -> dict[str, str]:
    """Write the part as the search wants it."""
    department = narrowed_to or (part if part in DEPARTMENTS.values else None)
    if department is not None:
        return {"departement": department}
    return {"commune": part, "distance": "0"} if part else {}


def begin_part(part: str, *, since: datetime, until: datetime, is_full: bool) -> FranceTravailCursor:
    """Begin a part with its whole period."""
    return FranceTravailCursor(part=part, is_full=is_full, since=since, until=until, low=since, high=until)


def narrow(cursor: FranceTravailCursor, found: Found) -> FranceTravailCursor | None:
    """Narrow a search that finds more than it shows; None if it need not be, or cannot be, and is to be read."""
    if cursor.start or found.total <= CEILING:
        return None
    length = cursor.high - cursor.low
    if length > _SECOND:
        return cursor.model_copy(update={"high": cursor.low + timedelta(seconds=length // _SECOND // 2)})
    if cursor.part == "" and cursor.narrowed_to is None:
        return cursor.model_copy(update={"narrowed_to": DEPARTMENTS.values[0], "unplaced": found.total})
    return None


def step(cursor: FranceTravailCursor, found: Found) -> FranceTravailCursor | None:
    """Go on within the part, after what was found was read; None at its end."""
    is_complete = cursor.is_complete and found.total <= CEILING
    following = cursor.start + PAGE
    if found.offers and following < min(found.total, CEILING):
        return cursor.model_copy(update={"start": following, "is_complete": is_complete})
    seen = cursor.model_copy(update={"start": 0, "is_complete": is_complete})
    if seen.narrowed_to is not None:
        seen = _leave_department(seen, found)
    if seen.narrowed_to is not None:
        return seen
    if seen.high >= seen.until:
        return None
    # Offers come as thick as before, give or take: twice as long is tried, rather than all that is left.
    length = 2 * (seen.high - seen.low)
    return seen.model_copy(update={"low": seen.high, "high": min(seen.until, seen.high + length)})


def ends_complete(cursor: FranceTravailCursor, found: Found) -> bool:
    """Tell, of the last page of a part, whether all of the part was seen."""
    if cursor.narrowed_to is not None:
        return _leave_department(cursor, found).is_complete and found.total <= CEILING
    return cursor.is_complete and found.total <= CEILING


def _leave_department(cursor: FranceTravailCursor, found: Found) -> FranceTravailCursor:
    """Go to the next département of a second too full; after the last, what has no département was not seen."""
    unplaced = cursor.unplaced - found.total
    place = DEPARTMENTS.values.index(str(cursor.narrowed_to)) + 1
    if place < len(DEPARTMENTS.values):
        return cursor.model_copy(update={"narrowed_to": DEPARTMENTS.values[place], "unplaced": unplaced})
    is_complete = cursor.is_complete and unplaced <= 0
    return cursor.model_copy(update={"narrowed_to": None, "unplaced": 0, "is_complete": is_complete})
