"""What imports are tested with: small files, a worker's run of what waits, the stored structures to compare."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from raccord.bulk.imports import run_queued_import
from raccord.demo.identifiers import make_siret
from raccord.jobs.engine import Job
from raccord.kernel.database import Database

REAL_FILE = Path(__file__).parents[3] / "shared" / "data" / "siae_2023.jsonl.gz"
Json = dict[str, Any]


@pytest.fixture
def write_file(tmp_path: Path) -> Callable[..., Path]:
    """Write a file of the rows given, or of the bytes."""

    def write(content: bytes | list[Json], name: str = "structures.ndjson") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else write_ndjson(content))
        return path

    return write


def make_row(number: int, **fields: object) -> Json:
    return {"external_id": f"S-{number}", "kind": "ACI", "siret": make_siret(number), "name": f"Nom {number}", **fields}


def write_ndjson(rows: list[Json]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


async def run_waiting_imports(database: Database) -> None:
    """Do what the worker does with each import that waits."""
    for row in await database.fetch("SELECT id FROM imports WHERE state IN ('pending', 'running') ORDER BY id"):
        await run_queued_import(database, Job({"import_id": str(row["id"])}, False, lambda: False))


async def dump_structures(database: Database, source: str) -> list[Json]:
    """Dump the structures of a source and their history, less the ids and instants that each run makes anew."""
    rows = await database.fetch(
        "SELECT external_id, s.version, kind, siret, department, is_antenna, latitude, raw_hash, "
        "document::text AS document, coalesce(v.count, 0) AS replaced, c.count AS changes FROM structures s "
        "LEFT JOIN (SELECT record_id, count(*) FROM record_versions GROUP BY 1) v ON v.record_id = s.id "
        "LEFT JOIN (SELECT record_id, count(*) FROM change_inbox GROUP BY 1) c ON c.record_id = s.id "
        "WHERE source = $1 ORDER BY external_id",
        source,
    )
    return [{**row, "document": _strip(json.loads(row["document"]))} for row in rows]


def _strip(document: Mapping[str, object]) -> Json:
    return {name: value for name, value in document.items() if name not in ("id", "source", "created_at", "updated_at")}


async def list_reasons(database: Database) -> list[tuple[int, str | None, str, str | None]]:
    rows = await database.fetch(
        "SELECT line, external_id, code, pointer FROM import_rejections ORDER BY import_id, line, number"
    )
    return [(row["line"], row["external_id"], row["code"], row["pointer"]) for row in rows]
