"""What the tests of the write door share: records to write, rows to look at."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from raccord.access.row_security import see_everything
from raccord.demo.identifiers import make_siret
from raccord.kernel.database import Database, Row
from raccord.records.kind import Kind
from raccord.records.store import Outcome, Put, Writer, put_many
from raccord.resources.structures.kind import STRUCTURES

SOURCE = Writer("source", "origine", "essai")
Body = dict[str, Any]


def make_structure(number: int = 1, **fields: object) -> Body:
    """Make the content of a structure."""
    return {"kind": "ACI", "name": f"Structure {number}", "siret": make_siret(number), **fields}


def make_put(external_id: str, body: Body, **options: Any) -> Put:
    """Make a put of the content."""
    return Put(external_id, json.dumps(body).encode(), **options)


async def put_structures(database: Database, *puts: Put, kind: Kind = STRUCTURES) -> list[Outcome]:
    """Write the batch in a transaction of its own."""
    async with database.begin() as tx:
        return await put_many(tx, kind, SOURCE, puts)


async def fetch_all(database: Database, sql: str, *values: object) -> Sequence[Row]:
    """Read past row-level security."""
    async with database.begin() as tx, see_everything(tx):
        return await tx.fetch(sql, *values)


async def list_changes(database: Database) -> list[tuple[str, str, int]]:
    """List the changes not yet numbered: type, external id, version."""
    rows = await fetch_all(
        database,
        "SELECT i.type, s.external_id, i.version FROM change_inbox i JOIN structures s ON s.id = i.record_id "
        "ORDER BY i.id",
    )
    return [(row["type"], row["external_id"], row["version"]) for row in rows]
