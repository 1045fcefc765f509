"""From a question to SQL: conditions, score, distance, order, where a page begins. Values are bound, never written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from raccord.kernel.database import PlanMode, Row
from raccord.records.kind import Kind
from raccord.records.search.commonness import Part, choose_walk
from raccord.records.search.entry import COMMON_PARAMETERS, Searchable, SearchParameters
from raccord.records.search.places import (
    EVERYWHERE,
    Circle,
    cover_circle,
    describe_cap,
    list_zones,
    write_distance,
    write_within,
)
from raccord.records.search.ranking import Level, Terms, list_levels, list_sought
from raccord.records.search.titles import narrow_terms, write_shelf
from raccord.records.search.words import Wanted

# More are followed together by the index.
MAX_SHELVES = 12
_TAGGED = ("postal_code", "department", "region", "epci", "source")


@dataclass(frozen=True)
class Question:
    """A question, understood.

    Shape: `wanted` are its words; `occupations` the ROME codes that its words name; `circle` where to look; `as_of`
           when its first page was asked, `after` the key of the last record seen; `parts` what the table holds, if it
           is known.
    """

    kind: Kind
    search: Searchable
    parameters: SearchParameters
    wanted: Sequence[Wanted]
    occupations: Sequence[str]
    circle: Circle | None
    as_of: datetime
    after: tuple[object, ...] | None = None
    parts: Sequence[Part] = ()


@dataclass(frozen=True)
class Query:
    """A query, and how it is planned."""

    sql: str
    values: Sequence[object]
    plan: PlanMode


@dataclass
class _Writer:
    """Conditions and the values they bind, each once; of the tags that are asked for, one of each of `tags`."""

    bound: list[tuple[object, str]] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)
    tags: list[Terms] = field(default_factory=list)

    @property
    def values(self) -> list[object]:
        return [value for value, _ in self.bound]

    def bind(self, value: object, sql_type: str) -> str:
        pair = (value, sql_type)
        if pair not in self.bound:
            self.bound.append(pair)
        return f"${self.bound.index(pair) + 1}::{sql_type}"

    def require(self, condition: str) -> None:
        self.conditions.append(condition)

    def write_terms(self, column: str, every: Sequence[Terms]) -> list[str]:
        return [f"s.{column} && {self.bind(list(terms), 'text[]')}" for terms in every]

    def require_tag(self, tags: Sequence[str]) -> None:
        self.tags.append(tuple(tags))
        self.conditions += self.write_terms("tags", [tuple(tags)])


def write_page(question: Question, most: int) -> Query:
    """Write the query of a page of so many records."""
    writer = _Writer()
    keys, direction = _ORDERS[question.parameters.order]
    ranked = [_RANKED.get(key, f"found.{key}") for key in keys]
    order = ", ".join(f"{each} {direction}" for each in ranked)
    seek, plan = "", PlanMode.ANEW
    if question.parameters.order == "relevance" and question.wanted:
        # Whatever the words, the index is asked for them: to plan that anew would take half as long as to do it.
        plan = PlanMode.ONCE
        found = _write_levels(writer, question, most)
    else:
        _require_all(writer, question)
        levels = list_levels(question.wanted, question.occupations) if question.wanted else []
        found = _write_found(writer, question, _write_score(writer, levels) if levels else "0")
        if question.after is not None:
            seek = f"WHERE {_write_seek(writer, ranked, keys, question.after, direction)}"
    page = f"SELECT * FROM ({found}) AS found {seek} ORDER BY {order} LIMIT {most}"  # noqa: S608
    sql = (
        "SELECT found.*, r.shape_version, convert_to(r.document::text, 'UTF8') AS document "  # noqa: S608
        f"FROM ({page}) AS found LEFT JOIN {question.kind.table.name} r "
        f"ON r.id = found.record_id AND r.deleted_at IS NULL ORDER BY {order}"
    )
    return Query(sql, writer.values, plan)


def _write_levels(writer: _Writer, question: Question, most: int) -> str:
    """Write what is found on the best level, and the rest: each is run only if what comes before fills no page."""
    _require_all(writer, question, has_words=False)
    shared, after = writer.conditions, question.after
    best, *others = list_levels(question.wanted, question.occupations)
    parts: dict[str, str] = {}
    if after is None or after[0] == best.score:
        parts = _write_best(writer, question, best, most)
    score = _write_score(writer, others)
    sought = writer.write_terms("words", list_sought(question.wanted, question.occupations))
    lacks = [_write_lack(name, most) for name in parts]
    writer.conditions = [*sought, *shared, f"NOT ({' AND '.join(writer.write_terms('titles', best.every))})", *lacks]
    if after is not None and not parts:
        writer.require(
            _write_seek(writer, (score, "s.published_at", "s.record_id"), ("score", *_NEWEST), after, "DESC")
        )
    parts["rest"] = f"{_write_found(writer, question, score)} ORDER BY score DESC, {_NEWEST_FIRST} LIMIT {most}"
    named = ", ".join(f"{name} AS MATERIALIZED ({part})" for name, part in parts.items())
    # Where the newest do not fill the page, the best hold them too.
    union = " UNION " if "newest" in parts else " UNION ALL "
    return f"WITH {named} {union.join(f'TABLE {name}' for name in parts)}"


def _write_best(writer: _Writer, question: Question, best: Level, most: int) -> dict[str, str]:
    """Write what is found on the best level: off the shelves, among the newest where it is common, or by the index."""
    shared, after = [*writer.conditions], question.after
    typed = writer.write_terms("titles", best.every)
    narrowed = _narrow(question, best)
    seek = _write_seek(writer, ("s.published_at", "s.record_id"), _NEWEST, after[1:], "DESC") if after else "true"
    if narrowed is not None and len(narrowed) == 1 and len(narrowed[0]) <= MAX_SHELVES:
        writer.conditions = _write_near_first(writer, question, [*typed, *shared])
        source = _write_shelved(writer, question, narrowed[0], seek)
        return {"best": f"{_write_found(writer, question, str(best.score), source)} {_BACKWARDS} LIMIT {most}"}
    parts: dict[str, str] = {}
    walk = choose_walk(_list_parts(question), [*best.every, *writer.tags], most)
    if walk is not None:
        newest = f"(SELECT * FROM {_name_parts(question)} s WHERE {seek} {_BACKWARDS} LIMIT {walk}) s"  # noqa: S608
        writer.conditions = _write_near_first(writer, question, [*typed, *shared])
        # In the very order of the walk, which ends as soon as the page is full.
        parts["newest"] = f"{_write_found(writer, question, str(best.score), newest)} {_BACKWARDS} LIMIT {most}"
    lacks = [_write_lack(name, most) for name in parts]
    writer.conditions = [*_write_narrowest(writer, question, typed, narrowed, shared), seek, *lacks]
    parts["best"] = f"{_write_found(writer, question, str(best.score))} ORDER BY {_NEWEST_FIRST} LIMIT {most}"
    return parts


def _narrow(question: Question, best: Level) -> tuple[Terms, ...] | None:
    companion = question.search.companion
    asked = getattr(question.parameters, companion) if companion is not None else None
    return narrow_terms(best.every, _list_values(asked), question.circle) if asked is not None else None


def _write_shelved(writer: _Writer, question: Question, terms: Terms, seek: str) -> str:
    """Write the entries that stand on the shelves of the terms, the newest first, without those that are too far."""
    if question.search.shelves is None or question.circle is None:
        raise TypeError("there are no shelves")
    columns = "s.published_at, s.record_id, s.latitude, s.longitude, NULL::float8[] AS more_points"
    shelves = " UNION ALL ".join(
        f"(SELECT {columns} FROM {question.search.shelves.name} s "  # noqa: S608
        f"WHERE s.shelf = {write_shelf(writer.bind(term, 'text'))} AND {seek} {_BACKWARDS})"
        for term in terms
    )
    near = f"s.latitude IS NULL OR {_write_within(writer, question.circle)}"
    # A title may have several of the terms.
    stood = f"SELECT DISTINCT ON (s.published_at, s.record_id) * FROM ({shelves}) s WHERE {near} {_BACKWARDS}"  # noqa: S608
    return (
        f"({stood}) stood CROSS JOIN LATERAL "  # noqa: S608
        f"(SELECT * FROM {_name_parts(question)} s "
        "WHERE s.record_id = stood.record_id AND s.published_at = stood.published_at) s"
    )


def _write_near_first(writer: _Writer, question: Question, conditions: Sequence[str]) -> list[str]:
    """Have the distance looked at first, which rules most rows out for less than their words and tags."""
    if question.circle is None:
        return [*conditions]
    near = _write_reached(writer, question.circle)
    return [f"CASE WHEN {near} THEN {' AND '.join(conditions)} ELSE false END"]


def _write_narrowest(
    writer: _Writer, question: Question, typed: list[str], narrowed: Sequence[Terms] | None, shared: Sequence[str]
) -> list[str]:
    """Write the best level and the other conditions as the index finds it soonest: in one list, where there is one."""
    if narrowed is None:
        return [*typed, *shared]
    companion = str(question.search.companion)
    held = writer.write_terms("tags", [_name_tags(companion, getattr(question.parameters, companion))])
    return [*writer.write_terms("titles", narrowed), *(condition for condition in shared if condition not in held)]


def _write_lack(name: str, most: int) -> str:
    """Write that a part does not fill the page: it is asked before the next one is looked for."""
    return f"(SELECT count(*) FROM {name}) < {most}"  # noqa: S608


def _list_parts(question: Question) -> list[Part]:
    zones = list_zones(question.circle) if question.circle is not None else None
    return [part for part in question.parts if zones is None or part.zone in zones]


def _write_found(writer: _Writer, question: Question, score: str, source: str | None = None) -> str:
    least = "s.applications" if "applications" in question.search.table.columns else "NULL::float8"
    distance = _write_distance(writer, question)
    return (
        f"SELECT s.record_id, s.published_at, {score} AS score, {distance} AS distance_km, "  # noqa: S608
        f"coalesce({least}, 0) AS applications FROM {source or f'{_name_parts(question)} s'} "
        f"WHERE {' AND '.join(writer.conditions)}"
    )


def _name_parts(question: Question) -> str:
    """Name the table, or those of its parts that hold what may be near: a plan made once looks into no others."""
    table = question.search.table.name
    if question.circle is None:
        return table
    return f"({' UNION ALL '.join(f'TABLE {table}_{zone}' for zone in list_zones(question.circle))})"


def _write_seek(
    writer: _Writer, columns: Sequence[str], keys: Sequence[str], after: Sequence[object], direction: str
) -> str:
    bound = ", ".join(writer.bind(value, _KEY_TYPES[key]) for value, key in zip(after, keys, strict=True))
    return f"({', '.join(columns)}) {'>' if direction == 'ASC' else '<'} ({bound})"


def write_facet(question: Question, name: str, most: int) -> Query:
    """Write the query that counts the values of a tag among what is found, but for the filter on this very tag."""
    writer = _Writer()
    _require_all(writer, question, without=name)
    prefix = writer.bind(f"{name}:", "text")
    sql = (
        f"SELECT substr(tag, length({prefix}) + 1) AS value, count(*) AS count "  # noqa: S608
        f"FROM {_name_parts(question)} s CROSS JOIN LATERAL unnest(s.tags) AS tag "
        f"WHERE {' AND '.join(writer.conditions)} AND starts_with(tag, {prefix}) "
        f"GROUP BY tag ORDER BY count DESC, tag LIMIT {most}"
    )
    return Query(sql, writer.values, PlanMode.ANEW)


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


def _require_all(writer: _Writer, question: Question, *, without: str | None = None, has_words: bool = True) -> None:
    writer.require("(s.visible_until IS NULL OR s.visible_until > now())")
    if has_words:
        _require_words(writer, question)
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
    _require_place(writer, question)


def _list_own(search: Searchable) -> list[str]:
    return [name for name in search.parameters.model_fields if name not in COMMON_PARAMETERS]


def _require_value(writer: _Writer, search: Searchable, name: str, value: object) -> None:
    if name in search.conditions:
        kind = "boolean" if isinstance(value, bool) else "float8"
        writer.require(search.conditions[name].format(writer.bind(value, kind)))
        return
    writer.require_tag(_name_tags(name, value))


def _name_tags(name: str, value: object) -> Terms:
    return tuple(f"{name}:{item}" for item in _list_values(value))


def _list_values(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else [str(value).lower()]


def _require_words(writer: _Writer, question: Question) -> None:
    if question.parameters.q is None:
        return
    if not question.wanted:
        # Words were asked for, and none of them says anything.
        writer.require("false")
        return
    writer.conditions += writer.write_terms("words", list_sought(question.wanted, question.occupations))


def _require_place(writer: _Writer, question: Question) -> None:
    commune, circle = question.parameters.commune, question.circle
    if circle is None:
        if commune is not None:
            writer.require_tag([f"commune:{commune}"])
        return
    writer.require_tag([*cover_circle(circle), EVERYWHERE])
    writer.require(_write_reached(writer, circle))


def _write_reached(writer: _Writer, circle: Circle) -> str:
    return f"(s.is_everywhere OR {_write_within(writer, circle)})"


def _write_score(writer: _Writer, levels: Sequence[Level]) -> str:
    """Write the score of what stands on one of the levels, the best first."""
    *better, last = levels
    cases = [f"WHEN {' AND '.join(writer.write_terms('titles', level.every))} THEN {level.score}" for level in better]
    return f"CASE {' '.join(cases)} ELSE {last.score} END" if cases else str(last.score)


def _write_distance(writer: _Writer, question: Question) -> str:
    circle = question.circle
    if circle is None:
        return "NULL::float8"
    # What is everywhere and not near has no distance.
    return f"CASE WHEN {_write_within(writer, circle)} THEN {write_distance(*_bind_cap(writer, circle)[:3])} END"


def _write_within(writer: _Writer, circle: Circle) -> str:
    return write_within(*_bind_cap(writer, circle))


def _bind_cap(writer: _Writer, circle: Circle) -> list[str]:
    return [writer.bind(number, "float8") for number in describe_cap(circle)]


# Who is everywhere comes after all who are somewhere.
_FAR = "1e9"
_RANKED = {"distance_km": f"coalesce(found.distance_km, {_FAR})"}
_NEWEST = ("published_at", "record_id")
# Not the column alone: by the index on dates PostgreSQL would look for a page's worth of what may not be there at all.
_BACKWARDS = "ORDER BY s.published_at DESC, s.record_id DESC"
_NEWEST_FIRST = "s.published_at + interval '0' DESC, s.record_id DESC"
_ORDERS: dict[str, tuple[tuple[str, ...], str]] = {
    "relevance": (("score", *_NEWEST), "DESC"),
    "date": (_NEWEST, "DESC"),
    "distance": (("distance_km", "record_id"), "ASC"),
    "least_applied": (("applications", "record_id"), "ASC"),
}
_KEY_TYPES = {
    "score": "int", "published_at": "timestamptz", "record_id": "uuid", "distance_km": "float8",
    "applications": "float8",
}  # fmt: skip
