"""From a question to SQL: conditions, score, distance, order, where a page begins. Values are bound, never written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from raccord.kernel.database import Row
from raccord.records.kind import Kind
from raccord.records.search.entry import COMMON_PARAMETERS, Searchable, SearchParameters
from raccord.records.search.occupations import name_occupations
from raccord.records.search.places import EVERYWHERE, Circle, cover_circle, write_distance
from raccord.records.search.words import Wanted

# What a word weighs: written so in the title, nearly so in the title, or anywhere else.
TITLE, NEAR_TITLE, ELSEWHERE = 6, 4, 1
OCCUPATION = 3
_TAGGED = ("postal_code", "department", "region", "epci", "source")
# Who is everywhere comes after all who are somewhere.
_FAR = "1e9"


@dataclass(frozen=True)
class Question:
    """A question, understood.

    Shape: `wanted` are its words; `occupations` the ROME codes that its words name; `circle` and `communes` where to
           look; `as_of` when its first page was asked, `after` the key of the last record seen.
    """

    kind: Kind
    search: Searchable
    parameters: SearchParameters
    wanted: Sequence[Wanted]
    occupations: Sequence[str]
    circle: Circle | None
    as_of: datetime
    after: tuple[object, ...] | None = None


@dataclass
class _Writer:
    """Conditions and the values they bind."""

    values: list[object] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)

    def bind(self, value: object, sql_type: str) -> str:
        self.values.append(value)
        return f"${len(self.values)}::{sql_type}"

    def require(self, condition: str) -> None:
        self.conditions.append(condition)


def write_page(question: Question, limit: int) -> tuple[str, list[object]]:
    """Write the query of a page, and one record more to know whether it goes on."""
    writer = _Writer()
    _require_all(writer, question, without=None)
    score = _write_score(writer, question)
    distance = _write_distance(writer, question)
    keys, direction = _ORDERS[question.parameters.order]
    table = question.search.table.name
    least = "s.applications" if "applications" in question.search.table.columns else "NULL::float8"
    found = (
        f"SELECT s.record_id, s.published_at, {score} AS score, {distance} AS distance_km, "  # noqa: S608
        f"coalesce({least}, 0) AS applications FROM {table} s WHERE {' AND '.join(writer.conditions)}"
    )
    seek = ""
    if question.after is not None:
        types = [_KEY_TYPES[key] for key in keys]
        bound = ", ".join(writer.bind(value, kind) for value, kind in zip(question.after, types, strict=True))
        seek = f"WHERE ({', '.join(_ranked(key) for key in keys)}) {'>' if direction == 'ASC' else '<'} ({bound})"
    order = ", ".join(f"{_ranked(key)} {direction}" for key in keys)
    page = f"SELECT * FROM ({found}) AS found {seek} ORDER BY {order} LIMIT {limit + 1}"  # noqa: S608
    sql = (
        "SELECT found.*, r.shape_version, convert_to(r.document::text, 'UTF8') AS document "  # noqa: S608
        f"FROM ({page}) AS found LEFT JOIN {question.kind.table.name} r "
        f"ON r.id = found.record_id AND r.deleted_at IS NULL ORDER BY {order}"
    )
    return sql, writer.values


def write_facet(question: Question, name: str, most: int) -> tuple[str, list[object]]:
    """Write the query that counts the values of a tag among what is found, but for the filter on this very tag."""
    writer = _Writer()
    _require_all(writer, question, without=name)
    prefix = writer.bind(f"{name}:", "text")
    sql = (
        f"SELECT substr(tag, length({prefix}) + 1) AS value, count(*) AS count "  # noqa: S608
        f"FROM {question.search.table.name} s CROSS JOIN LATERAL unnest(s.tags) AS tag "
        f"WHERE {' AND '.join(writer.conditions)} AND starts_with(tag, {prefix}) "
        f"GROUP BY tag ORDER BY count DESC, tag LIMIT {most}"
    )
    return sql, writer.values


def read_key(question: Question, row: Row) -> list[str | int]:
    """Read the key of a row, as a cursor keeps it."""
    keys, _ = _ORDERS[question.parameters.order]
    return [_write_key(key, row[key]) for key in keys]


def restore_key(parameters: SearchParameters, written: Sequence[str | int]) -> tuple[object, ...]:
    """Restore a key from a cursor."""
    keys, _ = _ORDERS[parameters.order]
    return tuple(_read_key(key, str(value)) for key, value in zip(keys, written, strict=True))


def _write_key(key: str, value: object) -> str | int:
    if isinstance(value, datetime):
        return value.isoformat()
    if key == "distance_km" and value is None:
        return _FAR
    return value if isinstance(value, int) else str(value)


def _read_key(key: str, written: str) -> object:
    match _KEY_TYPES[key]:
        case "int":
            return int(written)
        case "float8":
            return float(written)
        case "uuid":
            return UUID(written)
        case _:
            return datetime.fromisoformat(written)


def _require_all(writer: _Writer, question: Question, *, without: str | None) -> None:
    writer.require("(s.visible_until IS NULL OR s.visible_until > now())")
    _require_words(writer, question)
    _require_place(writer, question)
    parameters = question.parameters
    for name in (*_TAGGED, *_list_own(question.search)):
        value = getattr(parameters, name)
        if value is None or name == without:
            continue
        _require_value(writer, question.search, name, value)
    if parameters.updated_since is not None:
        writer.require(f"s.updated_at >= {writer.bind(parameters.updated_since, 'timestamptz')}")
    if parameters.published_since is not None:
        writer.require(f"s.published_at >= {writer.bind(parameters.published_since, 'timestamptz')}")


def _list_own(search: Searchable) -> list[str]:
    return [name for name in search.parameters.model_fields if name not in COMMON_PARAMETERS]


def _require_value(writer: _Writer, search: Searchable, name: str, value: object) -> None:
    if name in search.conditions:
        kind = "boolean" if isinstance(value, bool) else "float8"
        writer.require(search.conditions[name].format(writer.bind(value, kind)))
        return
    values = value if isinstance(value, list) else [str(value).lower()]
    writer.require(f"s.tags && {writer.bind([f'{name}:{item}' for item in values], 'text[]')}")


def _require_words(writer: _Writer, question: Question) -> None:
    if question.parameters.q is None:
        return
    if not question.wanted:
        # Words were asked for, and none of them says anything.
        writer.require("false")
        return
    # Each word or the occupation that all of them name: the same as all words or the occupation, and one index scan.
    named = name_occupations(question.occupations)
    for wanted in question.wanted:
        writer.require(f"s.words && {writer.bind([*wanted.terms, *named], 'text[]')}")


def _require_place(writer: _Writer, question: Question) -> None:
    commune, circle = question.parameters.commune, question.circle
    if circle is None:
        if commune is not None:
            writer.require(f"s.tags && {writer.bind([f'commune:{commune}'], 'text[]')}")
        return
    writer.require(f"s.tags && {writer.bind([*cover_circle(circle), EVERYWHERE], 'text[]')}")
    latitude, longitude = writer.bind(circle.latitude, "float8"), writer.bind(circle.longitude, "float8")
    radius = writer.bind(circle.radius_km, "float8")
    writer.require(f"(s.is_everywhere OR {write_distance(latitude, longitude)} <= {radius})")


def _write_score(writer: _Writer, question: Question) -> str:
    parts = [
        f"CASE WHEN s.title_words && {writer.bind(list(wanted.exact), 'text[]')} THEN {TITLE} "
        f"WHEN s.title_words && {writer.bind(list(wanted.near), 'text[]')} THEN {NEAR_TITLE} ELSE {ELSEWHERE} END"
        for wanted in question.wanted
    ]
    if question.occupations:
        named = writer.bind(name_occupations(question.occupations), "text[]")
        parts.append(f"CASE WHEN s.tags && {named} THEN {OCCUPATION} ELSE 0 END")
    return f"({' + '.join(parts)})" if parts else "0"


def _write_distance(writer: _Writer, question: Question) -> str:
    circle = question.circle
    if circle is None:
        return "NULL::float8"
    distance = write_distance(writer.bind(circle.latitude, "float8"), writer.bind(circle.longitude, "float8"))
    # What is everywhere and not near has no distance.
    return f"CASE WHEN {distance} <= {writer.bind(circle.radius_km, 'float8')} THEN {distance} END"


def _ranked(key: str) -> str:
    return f"coalesce(found.distance_km, {_FAR})" if key == "distance_km" else f"found.{key}"


_ORDERS: dict[str, tuple[tuple[str, ...], str]] = {
    "relevance": (("score", "published_at", "record_id"), "DESC"),
    "date": (("published_at", "record_id"), "DESC"),
    "distance": (("distance_km", "record_id"), "ASC"),
    "least_applied": (("applications", "record_id"), "ASC"),
}
_KEY_TYPES = {
    "score": "int", "published_at": "timestamptz", "record_id": "uuid", "distance_km": "float8",
    "applications": "float8",
}  # fmt: skip
