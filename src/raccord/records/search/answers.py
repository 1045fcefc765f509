"""A search, from its request to its answer: parameters read, places and words looked up, hits and facets written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fastapi import Request, Response
from pydantic import Field

from raccord.kernel.clock import read_now
from raccord.kernel.database import Database, Row
from raccord.kernel.errors import InvalidParameterError
from raccord.kernel.memory import Memory
from raccord.kernel.pages import fingerprint_question, read_cursor, write_cursor
from raccord.kernel.refusals import FieldError, JsonValue
from raccord.kernel.shapes import Shape
from raccord.kernel.strict_json import dump_json
from raccord.kernel.text import Text
from raccord.records.answers import read_filters, read_limit, write_link
from raccord.records.kind import Kind
from raccord.records.reads import Viewer, read_text
from raccord.records.search.commonness import Part, read_parts
from raccord.records.search.entry import DEFAULT_RADIUS_KM, PLACE_FACETS, Searchable
from raccord.records.search.occupations import find_named_occupations
from raccord.records.search.places import Circle
from raccord.records.search.query import Question, read_key, restore_key, write_facet, write_page
from raccord.records.search.words import Wanted, read_wanted
from raccord.reference.gazetteer import Commune, find_commune

MAX_FACETS = 10
MAX_FACET_VALUES = 50


class SearchCentre(Shape):
    """Where distances are counted from."""

    insee_code: str | None = Field(None, description="Code INSEE de la commune, si elle a été donnée.")
    label: str | None = Field(None, description="Nom de la commune.")
    latitude: float | None = Field(None, description="Latitude, en degrés (WGS 84).")
    longitude: float | None = Field(None, description="Longitude, en degrés (WGS 84).")
    precision: str | None = Field(None, description="Précision du centre : point, commune, epci ou department.")
    radius_km: float = Field(description="Rayon retenu, en kilomètres.")


class FacetValue(Shape):
    """How many of what is found have a value, were this value's own filter lifted."""

    value: str = Field(description="Valeur du filtre du même nom.")
    count: int = Field(description="Nombre de fiches.")


@dataclass(frozen=True)
class Understood:
    """What the words of a question ask for, of the words that the index had at a moment."""

    as_of: datetime
    wanted: Sequence[Wanted]
    occupations: Sequence[str]


class SearchMemory:
    """What searches ask again and again: the same words while filters change, the same communes."""

    def __init__(self) -> None:
        self.texts: Memory[tuple[str, str, datetime | None], Understood] = Memory(2_000, 5)
        self.communes: Memory[str, Commune] = Memory(5_000, 60)
        self.parts: Memory[str, Sequence[Part]] = Memory(10, 60)


class SearchRequest:
    """What a search asks."""

    def __init__(self, request: Request, kind: Kind, viewer: Viewer) -> None:
        if kind.search is None:
            raise TypeError(f"{kind.name} is not searched")
        self._request, self._kind, self._search = request, kind, kind.search
        self._memory: SearchMemory = request.app.state.search_memory
        query = request.query_params
        self._parameters = read_filters(kind.search.parameters, request)
        self._facets = _read_facets(kind.search, query.getlist("facets"))
        self._limit = read_limit(query.get("limit"))
        self._fingerprint = fingerprint_question("search", kind.name, self._parameters, viewer.caller.client_id)
        self._place: Sequence[str | int] = ()
        if (cursor := query.get("cursor")) is not None:
            self._place = read_cursor(request.app.state.keys, self._fingerprint, cursor)

    async def answer(self, database: Database) -> Response:
        """Answer the page asked for."""
        question, centre = await self._understand(database)
        page = write_page(question, self._limit + 1)
        rows = await database.fetch_as(page.plan, page.sql, *page.values)
        following = self._write_cursor(question, rows) if len(rows) > self._limit else None
        hits = b",".join(self._write_hit(row) for row in rows[: self._limit] if row["document"] is not None)
        cursor = b"null" if following is None else b'"' + following.encode() + b'"'
        parts = [b'{"data":[' + hits + b'],"next_cursor":' + cursor]
        if centre is not None:
            parts.append(b'"centre":' + dump_json(centre.model_dump(mode="json")))
        if self._facets:
            parts.append(b'"facets":' + dump_json(await self._count_facets(database, question)))
        headers = {"Cache-Control": "private, no-cache"}
        if following is not None:
            headers["Link"] = write_link(self._request, following, "next")
        return Response(b",".join(parts) + b"}", 200, headers, "application/json")

    async def _understand(self, database: Database) -> tuple[Question, SearchCentre | None]:
        parameters = self._parameters
        after = restore_key(parameters, self._place[1:]) if self._place else None
        text = await self._read_text(database)
        circle, centre = await self._locate(database)
        question = Question(
            self._kind, self._search, parameters, text.wanted, text.occupations, circle, text.as_of, after,
            await self._read_parts(database) if text.wanted else (),
        )  # fmt: skip
        return question, centre

    async def _read_text(self, database: Database) -> Understood:
        """Read what the words ask for; who narrows a question down asks them again, and a walk as it began."""
        typed = self._parameters.q
        as_of = datetime.fromisoformat(str(self._place[0])) if self._place else None
        if typed is None:
            return Understood(as_of or read_now(), (), ())
        key = (self._kind.name, typed, as_of)
        known = self._memory.texts.recall(key)
        if known is not None:
            return known
        moment = as_of or read_now()
        wanted = await read_wanted(database, typed, moment)
        names = "occupation" in self._search.facets
        occupations = await find_named_occupations(database, typed) if names else ()
        return self._memory.texts.keep(key, Understood(moment, wanted, occupations))

    async def _locate(self, database: Database) -> tuple[Circle | None, SearchCentre | None]:
        """Find the centre, and how far around it to look; a commune alone is found by its code."""
        parameters = self._parameters
        radius = float(DEFAULT_RADIUS_KM) if parameters.radius_km is None else parameters.radius_km
        if parameters.latitude is not None and parameters.longitude is not None:
            circle = Circle(parameters.latitude, parameters.longitude, radius)
            return circle, SearchCentre(
                latitude=parameters.latitude, longitude=parameters.longitude, precision="point", radius_km=radius
            )
        if parameters.commune is None:
            return None, None
        commune = self._memory.communes.recall(parameters.commune)
        if commune is None:
            commune = await find_commune(database, parameters.commune)
            if commune is None:
                message = Text("Commune inconnue (code INSEE).", "Unknown commune (INSEE code).")
                raise InvalidParameterError(message, [FieldError("parameter", "commune", "unknown_commune", message)])
            self._memory.communes.keep(parameters.commune, commune)
        centre = _describe_commune(commune, radius)
        if radius == 0 or commune.location is None:
            return None, centre
        return Circle(commune.location.latitude, commune.location.longitude, radius), centre

    async def _read_parts(self, database: Database) -> Sequence[Part]:
        name = self._search.table.name
        known = self._memory.parts.recall(name)
        return known if known is not None else self._memory.parts.keep(name, await read_parts(database, name))

    async def _count_facets(self, database: Database, question: Question) -> dict[str, JsonValue]:
        counted: dict[str, JsonValue] = {}
        for name in self._facets:
            facet = write_facet(question, name, MAX_FACET_VALUES)
            rows = await database.fetch_as(facet.plan, facet.sql, *facet.values)
            counted[name] = [{"value": row["value"], "count": row["count"]} for row in rows]
        return counted

    def _write_hit(self, row: Row) -> bytes:
        score = row["score"] if self._parameters.q is not None else None
        distance = round(row["distance_km"], 1) if row["distance_km"] is not None else None
        head = dump_json({"score": score, "distance_km": distance})
        return head[:-1] + b',"record":' + read_text(self._kind, row) + b"}"

    def _write_cursor(self, question: Question, rows: Sequence[Row]) -> str:
        place = [question.as_of.isoformat(), *read_key(question, rows[self._limit - 1])]
        return write_cursor(self._request.app.state.keys, self._fingerprint, place)


def _describe_commune(commune: Commune, radius: float) -> SearchCentre:
    location = commune.location
    return SearchCentre(
        insee_code=commune.insee_code,
        label=commune.name,
        latitude=location.latitude if location is not None else None,
        longitude=location.longitude if location is not None else None,
        precision=location.precision if location is not None else None,
        radius_km=radius,
    )


def list_facets(search: Searchable) -> list[str]:
    """List what may be counted."""
    return sorted({*search.facets, *PLACE_FACETS})


def _read_facets(search: Searchable, asked: Sequence[str]) -> list[str]:
    names = list(dict.fromkeys(asked))
    known = list_facets(search)
    if len(asked) <= MAX_FACETS and set(names) <= set(known):
        return names
    message = Text(
        f"{MAX_FACETS} au plus, parmi : {', '.join(known)}.", f"At most {MAX_FACETS}, of: {', '.join(known)}."
    )
    raise InvalidParameterError(message, [FieldError("parameter", "facets", "unknown_facet", message)])
