"""What must hold of access at any time, worked out anew and without the code that keeps it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from uuid import UUID

from raccord.kernel.database import Database
from raccord.kernel.strict_json import parse_object
from raccord.records.kind import Kind
from raccord.resources.registry import KINDS
from tests.records.ground import fetch_all

PERSONAL = tuple(kind for kind in KINDS if kind.is_personal)
Check = Callable[[], Awaitable[None]]
Access = dict[tuple[UUID, UUID], tuple[str, float]]
_INSTANT = "extract(epoch FROM {0}.valid_until)::float8"


async def check_access(database: Database) -> None:
    """Check that access is exactly links × grants × agreements, and the links exactly what the documents state."""
    assert await list_stored_access(database) == await work_out_access(database)
    for kind in PERSONAL:
        assert await list_stored_links(database, kind) == await work_out_links(database, kind), kind.name
    assert await fetch_all(database, _OUT_OF_STEP) == []


async def work_out_access(database: Database) -> Access:
    """Work out who has access to what, and until when."""
    links = await fetch_all(database, _select("links"))
    grants = await fetch_all(database, _select("grants"))
    agreements = {row["structure_id"]: row["until"] for row in await fetch_all(database, _select("agreements"))}
    access: Access = {}
    for link in links:
        for grant in grants:
            if grant["structure_id"] != link["structure_id"] or f"{link['kind']}:read" not in grant["scopes"]:
                continue
            if link["structure_id"] not in agreements:
                continue
            until = min(link["until"], grant["until"], agreements[link["structure_id"]])
            key = (grant["client_id"], link["record_id"])
            access[key] = (link["kind"], max(until, access.get(key, ("", until))[1]))
    return access


async def list_stored_access(database: Database) -> Access:
    """List the live access that is stored."""
    rows = await fetch_all(database, _select("record_access"))
    return {(row["client_id"], row["record_id"]): (row["kind"], row["until"]) for row in rows}


async def work_out_links(database: Database, kind: Kind) -> set[tuple[object, ...]]:
    """Work out the links that the live documents of the kind state."""
    assert kind.personal is not None
    rows = await fetch_all(database, f"SELECT id, document::text AS document FROM {kind.name} WHERE deleted_at IS NULL")
    return {
        (row["id"], *(value for name, value in asdict(link).items() if name != "ends_on"))
        for row in rows
        for link in kind.personal.list_links(parse_object(row["document"].encode()))
    }


async def list_stored_links(database: Database, kind: Kind) -> set[tuple[object, ...]]:
    """List the links that are stored for the live documents of the kind."""
    rows = await fetch_all(
        database,
        "SELECT via_id, l.kind, record_id, structure_id, basis FROM links l "
        f"JOIN {kind.name} r ON r.id = l.via_id AND r.deleted_at IS NULL",
    )
    return {tuple(row.values()) for row in rows}


def _select(table: str) -> str:
    return f"SELECT *, {_INSTANT.format(table)} AS until FROM {table} WHERE valid_until > now()"


# A client's list is in the order of its access rows: they follow the records.
_OUT_OF_STEP = """
SELECT a.record_id FROM record_access a JOIN record_heads h USING (record_id)
LEFT JOIN (SELECT id, updated_at FROM people UNION ALL SELECT id, updated_at FROM prescriptions
           UNION ALL SELECT id, updated_at FROM career_paths) r ON r.id = a.record_id
WHERE a.updated_at <> h.updated_at OR h.updated_at IS DISTINCT FROM r.updated_at
"""
