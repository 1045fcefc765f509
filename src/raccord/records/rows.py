"""The statements of the write door: rows of a kind's table found, locked, inserted and updated, many at a time.

Every statement takes one array for each column, so its text does not depend on how many rows it writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import cast
from uuid import UUID

from sqlalchemy.dialects.postgresql.asyncpg import dialect as make_dialect

from raccord.kernel.database import Row, Transaction
from raccord.kernel.strict_json import JsonObject, dump_json
from raccord.records.kind import Kind
from raccord.records.tables import list_own_columns

# The names of the columns, and their values.
NaturalKey = tuple[tuple[str, ...], tuple[object, ...]]
_DIALECT = make_dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves dialects untyped
_ENVELOPE = {
    "id": "uuid", "source": "text", "external_id": "text", "version": "int", "created_at": "timestamptz",
    "updated_at": "timestamptz", "shape_version": "smallint", "raw_hash": "bytea", "document": "text",
}  # fmt: skip


def write_instant(instant: datetime) -> str:
    """Write an instant as it is served.

    Units: UTC with microseconds; source: RFC 3339.
    """
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def make_row(kind: Kind, document: JsonObject, columns: Mapping[str, object], raw_hash: bytes) -> dict[str, object]:
    """Make the row of a document: the envelope's columns, the kind's derived ones, the text to serve."""
    return {
        "id": UUID(str(document["id"])),
        "source": document["source"],
        "external_id": document["external_id"],
        "version": document["version"],
        "created_at": datetime.fromisoformat(str(document["created_at"])),
        "updated_at": datetime.fromisoformat(str(document["updated_at"])),
        "shape_version": kind.shape_version,
        "raw_hash": raw_hash,
        "document": dump_json(document).decode(),
        **columns,
    }


def list_natural_keys(kind: Kind, columns: Mapping[str, object]) -> set[NaturalKey]:
    """List the natural keys of a record, by its columns, those with a null apart: nobody can hold them."""
    keys = {(names, tuple(columns[name] for name in names)) for names in kind.natural_keys}
    return {key for key in keys if None not in key[1]}


async def find_hashes(tx: Transaction, kind: Kind, source: str, external_ids: Sequence[str]) -> dict[str, Row]:
    """Find what is stored under the external ids, without locking: enough to skip what has not changed."""
    found = await tx.fetch(
        f"SELECT id, external_id, version, raw_hash, deleted_at FROM {kind.table.name} "  # noqa: S608
        "WHERE source = $1 AND external_id = ANY ($2::text[])",
        source,
        external_ids,
    )
    return {row["external_id"]: row for row in found}


async def find_ids(tx: Transaction, kind: Kind, ids: Iterable[UUID]) -> set[UUID]:
    """Find which of the ids a record has, or had."""
    found = await tx.fetch(f"SELECT id FROM {kind.table.name} WHERE id = ANY ($1::uuid[])", list(ids))  # noqa: S608
    return {row["id"] for row in found}


async def lock_rows(tx: Transaction, kind: Kind, source: str, external_ids: Sequence[str]) -> dict[str, Row]:
    """Lock the rows, in the order of their ids so that two batches never wait for each other."""
    found = await tx.fetch(
        "SELECT id, external_id, version, created_at, deleted_at, shape_version, document::text AS document "  # noqa: S608
        f"FROM {kind.table.name} WHERE source = $1 AND external_id = ANY ($2::text[]) ORDER BY id FOR UPDATE",
        source,
        external_ids,
    )
    return {row["external_id"]: row for row in found}


async def find_key_holders(
    tx: Transaction, kind: Kind, source: str, keys: Iterable[NaturalKey]
) -> dict[NaturalKey, str]:
    """Find which live records of the source hold the natural keys, by external id."""
    asked: dict[tuple[str, ...], list[tuple[object, ...]]] = {}
    for names, values in keys:
        asked.setdefault(names, []).append(values)
    types = list_own_columns(kind.table)
    holders: dict[NaturalKey, str] = {}
    for names, wanted in asked.items():
        columns = ", ".join(names)
        arrays = ", ".join(f"${place}::{types[name].compile(_DIALECT)}[]" for place, name in enumerate(names, start=2))
        found = await tx.fetch(
            f"SELECT external_id, {columns} FROM {kind.table.name} "  # noqa: S608
            f"JOIN unnest({arrays}) AS asked ({columns}) USING ({columns}) "
            "WHERE source = $1 AND deleted_at IS NULL",
            source,
            *zip(*wanted, strict=True),
        )
        holders |= {(names, tuple(row[name] for name in names)): row["external_id"] for row in found}
    return holders


async def insert_rows(tx: Transaction, kind: Kind, new: Sequence[dict[str, object]]) -> set[UUID]:
    """Insert the rows; returns the ids of those that no other writer's row stood in the way of."""
    if not new:
        return set()
    # In the order of their keys: two batches that insert the same keys then wait, and do not deadlock.
    ordered = sorted(new, key=lambda row: cast("str", row["external_id"]))
    inserted = await tx.fetch(_write_insert(kind), *_list_arrays(kind, ordered))
    return {row["id"] for row in inserted}


async def release_keys(tx: Transaction, kind: Kind, names: tuple[str, ...], ids: Sequence[UUID]) -> None:
    """Take this natural key off the locked rows, about to get others: two of them may exchange theirs."""
    if ids:
        await tx.fetch(
            f"UPDATE {kind.table.name} SET {names[0]} = NULL WHERE id = ANY ($1::uuid[])",  # noqa: S608
            ids,
        )


async def update_rows(tx: Transaction, kind: Kind, changed: Sequence[dict[str, object]]) -> None:
    """Update the locked rows."""
    if changed:
        await tx.fetch(_write_update(kind), *_list_arrays(kind, changed))


async def remember_hashes(tx: Transaction, kind: Kind, hashes: Sequence[tuple[UUID, bytes]]) -> None:
    """Note the raw hash of an input that says the same in other words, so that it is skipped next time."""
    if hashes:
        await tx.fetch(
            f"UPDATE {kind.table.name} SET raw_hash = seen.raw_hash "  # noqa: S608
            f"FROM unnest($1::uuid[], $2::bytea[]) AS seen (id, raw_hash) WHERE {kind.table.name}.id = seen.id",
            [record_id for record_id, _ in hashes],
            [raw_hash for _, raw_hash in hashes],
        )


async def keep_versions(tx: Transaction, kind: Kind, ids: Sequence[UUID], now: datetime) -> None:
    """Keep the present documents of the records, about to be replaced, as their history."""
    if not ids:
        return
    await tx.fetch(
        f"""
        INSERT INTO record_versions
            (kind, record_id, version, updated_at, replaced_at, shape_version, person_id, document)
        SELECT $1, id, version, updated_at, $2, shape_version, {kind.person_column}, document
        FROM {kind.table.name} WHERE id = ANY ($3::uuid[])
        """,  # noqa: S608
        kind.name,
        now,
        ids,
    )


def _list_arrays(kind: Kind, rows: Sequence[dict[str, object]]) -> list[list[object]]:
    return [[_flatten(row[name]) for row in rows] for name in _list_types(kind)]


def _flatten(value: object) -> object:
    """Write a list as the text of an array: `unnest` would take an array of arrays apart to its last element."""
    if not isinstance(value, list):
        return value
    quoted = (str(item).replace("\\", "\\\\").replace('"', '\\"') for item in value)
    return "{" + ",".join(f'"{item}"' for item in quoted) + "}"


@cache
def _list_own_types(kind: Kind) -> dict[str, str]:
    return {name: str(column.compile(_DIALECT)) for name, column in list_own_columns(kind.table).items()}


@cache
def _list_types(kind: Kind) -> dict[str, str]:
    """List the types in which the values are sent, by column; some are cast to their column's when they arrive."""
    own = {name: "text" if sql.endswith("[]") else sql for name, sql in _list_own_types(kind).items()}
    return {**_ENVELOPE, **own}


@cache
def _list_casts(kind: Kind) -> dict[str, str]:
    arrays = {name: f"::{sql}" for name, sql in _list_own_types(kind).items() if sql.endswith("[]")}
    return {"document": "::json", **arrays}


@cache
def _write_insert(kind: Kind) -> str:
    types = _list_types(kind)
    arrays = ", ".join(f"${place}::{sql}[]" for place, sql in enumerate(types.values(), start=1))
    values = ", ".join(name + _list_casts(kind).get(name, "") for name in types)
    return (
        f"INSERT INTO {kind.table.name} ({', '.join(types)}) "  # noqa: S608
        f"SELECT {values} FROM unnest({arrays}) AS new ({', '.join(types)}) ON CONFLICT DO NOTHING RETURNING id"
    )


@cache
def _write_update(kind: Kind) -> str:
    types = _list_types(kind)
    arrays = ", ".join(f"${place}::{sql}[]" for place, sql in enumerate(types.values(), start=1))
    casts = _list_casts(kind)
    values = ", ".join(f"{name} = new.{name}{casts.get(name, '')}" for name in types if name != "id")
    return (
        f"UPDATE {kind.table.name} AS stored SET deleted_at = NULL, {values} "  # noqa: S608
        f"FROM unnest({arrays}) AS new ({', '.join(types)}) WHERE stored.id = new.id"
    )
