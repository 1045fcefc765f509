"""Reading records: one, a page, a history. Open kinds are served as written; personal ones pass the projection.

Open kinds are read on their own, through the readers' pool; personal ones in a transaction that knows its client,
so that row-level security holds and the consultation log is written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from raccord.access.caller import Caller
from raccord.access.consultation import log_consultation
from raccord.access.projection import project
from raccord.access.row_security import enter_as_client
from raccord.kernel.database import Reader, Row, Transaction
from raccord.kernel.errors import GoneError, NotFoundError
from raccord.kernel.identifiers import PairwiseIdentifiers
from raccord.kernel.refusals import JsonValue
from raccord.kernel.strict_json import JsonObject, dump_json, parse_object
from raccord.records.kind import Kind
from raccord.records.visibility import is_shown_to_others, write_visibility


@dataclass(frozen=True)
class Served:
    """A record as it goes out."""

    body: bytes
    etag: str
    version: int


@dataclass(frozen=True)
class Viewer:
    """Who looks: a caller and the pairwise ids under which it knows people."""

    caller: Caller
    pairwise: PairwiseIdentifiers

    def reveal_id(self, kind: Kind, record_id: UUID) -> UUID:
        """Return the stored id of the record that the caller names."""
        return self.pairwise.reveal(record_id) if _is_pairwise(kind) else record_id

    def conceal_id(self, kind: Kind, record_id: UUID) -> UUID:
        """Return the id under which the caller knows the record."""
        return self.pairwise.conceal(record_id) if _is_pairwise(kind) else record_id


COLUMNS = (
    "r.id, r.source, r.external_id, r.version, r.updated_at, r.shape_version, r.deleted_at, "
    # As bytes: what is served as written is then never decoded.
    "convert_to(r.document::text, 'UTF8') AS document"
)


async def read_record(reader: Reader, kind: Kind, viewer: Viewer, key: Mapping[str, object]) -> Served:
    """Read the record whose columns have these values (its id, or its source and external id).

    Errors: NotFoundError, the same for what does not exist and what the caller may not see; GoneError.
    """
    row = await find_row(reader, kind, viewer, key)
    if row is None:
        raise NotFoundError
    if row["deleted_at"] is not None:
        raise GoneError(extensions={"tombstone": show(kind, viewer, parse_object(row["document"]))})
    return serve(kind, viewer, row)


async def find_row(reader: Reader, kind: Kind, viewer: Viewer, key: Mapping[str, object]) -> Row | None:
    """Find the row; for a personal kind, log that it was read, or asked for in vain."""
    values = [*key.values()]
    conditions = [f"r.{column} = ${place}" for place, column in enumerate(key, start=1)]
    if kind.visibility is not None:
        conditions += write_visibility(kind, viewer.caller, _make_bind(values))
    rows = await reader.fetch(
        f"SELECT {COLUMNS}, {kind.person_column} AS person_id FROM {kind.table.name} r "  # noqa: S608
        f"WHERE {' AND '.join(conditions)}",
        *values,
    )
    if kind.is_personal and isinstance(reader, Transaction):
        if rows:
            await log_consultation(reader, viewer.caller, "read", kind.name, [(rows[0]["id"], rows[0]["person_id"])])
        elif "id" in key:
            asked = UUID(str(key["id"]))
            await log_consultation(reader, viewer.caller, "read", kind.name, [(asked, None)], is_allowed=False)
    return rows[0] if rows else None


def serve(kind: Kind, viewer: Viewer, row: Row) -> Served:
    """Make the answer of a live row."""
    text = read_text(kind, row)
    if kind.is_personal:
        return serve_document(kind, viewer, parse_object(text), row["version"])
    return _tag(kind, text, row["version"])


def serve_document(kind: Kind, viewer: Viewer, document: JsonObject, version: int) -> Served:
    """Make the answer of a document just written."""
    return _tag(kind, dump_json(show(kind, viewer, document)), version)


def read_document(kind: Kind, row: Row) -> JsonObject:
    """Return the document of a row, in the present shape."""
    return parse_object(read_text(kind, row))


def reveal_person(viewer: Viewer, value: JsonValue) -> JsonValue:
    """Put the stored id of a person for the client's own; what is no UUID is left for the shape to refuse."""
    try:
        return str(viewer.pairwise.reveal(UUID(str(value))))
    except ValueError:
        return value


async def read_version(tx: Transaction, kind: Kind, viewer: Viewer, record_id: UUID, version: int) -> Served:
    """Read one version of a record that the caller made.

    Errors: NotFoundError once it is gone, or gone from the caller's sight.
    """
    for number, document in await read_history(tx, kind, viewer, record_id, before=version + 1, limit=1):
        if number == version:
            return _tag(kind, dump_json(document), version)
    raise NotFoundError


def show(kind: Kind, viewer: Viewer, document: JsonObject) -> JsonObject:
    """Project a personal document for the viewer."""
    if kind.personal is None:
        return document
    rules = kind.personal
    return project(document, viewer.caller, rules.categories, rules.person_fields, viewer.pairwise)


async def read_history(
    reader: Reader, kind: Kind, viewer: Viewer, record_id: UUID, *, before: int | None, limit: int
) -> list[tuple[int, JsonObject]]:
    """Read the versions of a record the caller may see, newest first.

    Errors: NotFoundError.
    """
    present = await _find_present(reader, kind, viewer, record_id)
    if present is None:
        raise NotFoundError
    found: list[tuple[int, JsonObject]] = []
    while len(found) < limit:
        rows = await _read_versions(reader, kind, record_id, before=before, limit=limit)
        versions = [(row["version"], parse_object(read_text(kind, row))) for row in rows]
        found += [
            (version, show(kind, viewer, document))
            for version, document in versions
            if present["is_own"] or is_shown_to_others(kind, document, is_gone=present["is_gone"])
        ]
        if len(rows) < limit:
            break
        before = versions[-1][0]
    return found[:limit]


async def _find_present(reader: Reader, kind: Kind, viewer: Viewer, record_id: UUID) -> Row | None:
    """Find the record whose history is asked for: whether the caller is its source, and whether it is gone."""
    values: list[object] = [record_id, viewer.caller.source]
    conditions = ["r.id = $1", *write_visibility(kind, viewer.caller, _make_bind(values))]
    present = await reader.fetch(
        f"SELECT r.source = $2 AS is_own, r.deleted_at IS NOT NULL AS is_gone, {kind.person_column} AS person_id "  # noqa: S608
        f"FROM {kind.table.name} r WHERE {' AND '.join(conditions)}",
        *values,
    )
    if kind.is_personal and isinstance(reader, Transaction):
        seen = [(record_id, present[0]["person_id"] if present else None)]
        await log_consultation(reader, viewer.caller, "history", kind.name, seen, is_allowed=bool(present))
    return present[0] if present else None


async def _read_versions(
    reader: Reader, kind: Kind, record_id: UUID, *, before: int | None, limit: int
) -> Sequence[Row]:
    return await reader.fetch(
        f"""
        SELECT * FROM (
            SELECT version, updated_at, shape_version, convert_to(document::text, 'UTF8') AS document
            FROM {kind.table.name} WHERE id = $1
            UNION ALL
            SELECT version, updated_at, shape_version, convert_to(document::text, 'UTF8')
            FROM record_versions WHERE record_id = $1
        ) AS versions
        WHERE $2::int IS NULL OR version < $2 ORDER BY version DESC LIMIT $3
        """,  # noqa: S608
        record_id,
        before,
        limit,
    )


def _make_bind(values: list[object]) -> Callable[[object], str]:
    """Make what takes a value into the list and returns its placeholder."""

    def bind(value: object) -> str:
        values.append(value)
        return f"${len(values)}"

    return bind


async def enter_view(tx: Transaction, viewer: Viewer) -> None:
    """Show the transaction what the viewer may see."""
    await enter_as_client(tx, viewer.caller.client_id)


def _tag(kind: Kind, body: bytes, version: int) -> Served:
    # Two callers see two projections of one version of a personal record: the tag is of what this one sees.
    suffix = "-" + hashlib.blake2b(body, digest_size=6).hexdigest() if kind.is_personal else ""
    return Served(body, f'"{version}{suffix}"', version)


def read_text(kind: Kind, row: Row) -> bytes:
    """Return the text of a row's document, in the present shape: as it is stored, unless the shape has moved."""
    text: bytes = row["document"]
    if row["shape_version"] == kind.shape_version:
        return text
    return dump_json(kind.upcast(parse_object(text), row["shape_version"]))


def _is_pairwise(kind: Kind) -> bool:
    return kind.personal is not None and kind.personal.has_pairwise_id
