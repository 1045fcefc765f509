"""What the parameters of data·inclusion ask, as SQL conditions on our tables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Self

from raccord.adapters.data_inclusion.translate import SYSTEM
from raccord.facades.data_inclusion.codes import CATEGORIES, KINDS_BY_NETWORK, fold_text, list_departments
from raccord.facades.data_inclusion.parameters import PlaceParameters, ServiceParameters, StructureParameters
from raccord.kernel.database import Reader
from raccord.reference.gazetteer import Commune, list_arrondissements
from raccord.reference.service_codes import AUDIENCES, Audience, ReceptionMode

RADIUS_KM = 50
EVERYWHERE = ("france", "99100")
_EARTH_KM = 6371.0088
_KM_PER_DEGREE = 111.2
# The same SIRET in another source; of twins, the one its source updated last is kept, then the first by name.
_BETTER_TWIN = """
    SELECT 1 FROM structures t
    WHERE t.siret = {0}.siret AND t.source <> {0}.source AND t.deleted_at IS NULL
      AND (coalesce(t.document ->> 'source_updated_on', ''), {0}.source, {0}.external_id)
          > (coalesce({0}.document ->> 'source_updated_on', ''), t.source, t.external_id)
"""


@dataclass
class Conditions:
    """Conditions that all hold, and their values by place."""

    written: list[str] = field(default_factory=lambda: ["r.deleted_at IS NULL"])
    values: list[object] = field(default_factory=list)

    def bind(self, value: object) -> str:
        """Take a value, and return its placeholder."""
        self.values.append(value)
        return f"${len(self.values)}"

    def add(self, condition: str, *values: object) -> None:
        """Add a condition, with {} for each of its values."""
        self.written.append(condition.format(*[self.bind(value) for value in values]))

    def add_overlap(self, column: str, values: Iterable[str]) -> None:
        """Ask for one of the values in a column that holds several."""
        self.add(f"r.{column} && {{}}::text[]", [*values])

    def write(self) -> str:
        """Write them as one."""
        return " AND ".join(f"({condition})" for condition in self.written)


@dataclass(frozen=True)
class Around:
    """Where to search: a commune, a point, or both; the point is then that of the distance."""

    commune: Commune | None
    latitude: float | None
    longitude: float | None

    @classmethod
    def make(cls, commune: Commune | None, latitude: float | None, longitude: float | None) -> Self:
        """Make it: where no point is given, it is the commune's centre, if that is known."""
        if latitude is None and commune is not None and commune.location is not None:
            return cls(commune, commune.location.latitude, commune.location.longitude)
        return cls(commune, latitude, longitude)

    def write_distance(self, conditions: Conditions) -> str | None:
        """Write the distance in kilometres from the point to a record (haversine); None without a point."""
        if self.latitude is None or self.longitude is None:
            return None
        lat, lon = (f"{conditions.bind(value)}::float8" for value in (self.latitude, self.longitude))
        return (
            f"2 * {_EARTH_KM} * asin(least(1, sqrt(sin(radians(r.latitude - {lat}) / 2) ^ 2 + cos(radians({lat})) "
            f"* cos(radians(r.latitude)) * sin(radians(r.longitude - {lon}) / 2) ^ 2)))"
        )


async def add_place(conditions: Conditions, asked: PlaceParameters, reader: Reader) -> None:
    """Add the conditions on source and place. A département is that of the address, or of its commune's code."""
    if asked.sources:
        conditions.add(
            "r.source = ANY ({0}::text[]) "
            "OR (r.source = {1} AND split_part(r.external_id, '--', 1) = ANY ({0}::text[]))",
            asked.sources,
            SYSTEM,
        )
    departments = [asked.department] if asked.department else list_departments(asked.region) if asked.region else []
    if departments:
        conditions.add(
            "r.department = ANY ({}::text[]) OR (r.department IS NULL AND r.insee_code LIKE ANY ({}::text[]))",
            departments,
            [f"{code}%" for code in departments],
        )
    if asked.code_commune:
        await add_commune(conditions, asked.code_commune, reader)


async def add_commune(conditions: Conditions, insee_code: str, reader: Reader) -> None:
    """Ask for a commune; a city has its arrondissements."""
    parts = await list_arrondissements(reader, insee_code)
    conditions.add("r.insee_code = ANY ({}::text[])", [insee_code, *(part.insee_code for part in parts)])


def add_structure_filters(conditions: Conditions, asked: StructureParameters) -> None:
    """Add the conditions of structures."""
    if asked.reseaux_porteurs:
        kinds = [KINDS_BY_NETWORK[network] for network in asked.reseaux_porteurs if network in KINDS_BY_NETWORK]
        conditions.add(
            "r.networks && {}::text[] OR (r.networks IS NULL AND r.kind = ANY ({}::text[]))",
            [network.value for network in asked.reseaux_porteurs],
            kinds,
        )
    if asked.exclure_doublons:
        conditions.add(f"NOT EXISTS ({_BETTER_TWIN.format('r')})")


def add_service_filters(conditions: Conditions, asked: ServiceParameters) -> None:
    """Add the conditions of services."""
    if asked.thematiques:
        categories = [value for value in asked.thematiques if value in CATEGORIES]
        conditions.add(
            "r.topics && {}::text[] OR r.topic_categories && {}::text[]",
            [value for value in asked.thematiques if value not in CATEGORIES],
            categories,
        )
    if asked.publics:
        conditions.add_overlap("audiences", {*(value.value for value in asked.publics), Audience.EVERYONE.value})
    if asked.recherche_public:
        _add_audience_search(conditions, asked.recherche_public)
    if asked.frais:
        conditions.add("r.fee = ANY ({}::text[])", [value.value for value in asked.frais])
    if asked.types:
        conditions.add("r.kind = ANY ({}::text[])", [value.value for value in asked.types])
    if asked.modes_accueil:
        conditions.add_overlap("reception_modes", (value.value for value in asked.modes_accueil))


def add_around(conditions: Conditions, around: Around, distance: str | None) -> None:
    """Keep what is open to people of the commune, and near enough or remote."""
    commune = around.commune
    if commune is not None:
        places = (commune.insee_code, commune.parent, commune.department, commune.epci)
        conditions.add(
            "r.eligibility_zones IS NULL OR r.eligibility_zones && {}::text[]",
            [*(place for place in places if place), *EVERYWHERE],
        )
    near = None
    if distance is not None and around.latitude is not None and around.longitude is not None:
        reach = RADIUS_KM / _KM_PER_DEGREE
        near = (
            f"(r.latitude BETWEEN {conditions.bind(around.latitude - reach)}::float8 "
            f"AND {conditions.bind(around.latitude + reach)}::float8 AND {distance} <= {RADIUS_KM})"
        )
    elif commune is not None:
        # Nobody knows where it is: what is in it is near.
        near = f"r.insee_code = {conditions.bind(commune.insee_code)}"
    if near is not None:
        remote = conditions.bind([ReceptionMode.REMOTE.value])
        conditions.written.append(f"{near} OR r.reception_modes && {remote}::text[]")


def add_first_structures(conditions: Conditions) -> None:
    """Keep the services of structures that have no better twin."""
    conditions.written.append(
        f"EXISTS (SELECT 1 FROM structures s WHERE s.id = r.structure_id "  # noqa: S608
        f"AND NOT EXISTS ({_BETTER_TWIN.format('s')}))"
    )


def _add_audience_search(conditions: Conditions, text: str) -> None:
    """Look for the text in the labels of audiences, and in what a service says of its own."""
    words = fold_text(text)
    found = [code.value for code in AUDIENCES.codes if words in fold_text(code.label_fr) or words in code.value]
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    conditions.add("r.audiences && {}::text[] OR r.document ->> 'audience_details' ILIKE {}", found, f"%{escaped}%")
