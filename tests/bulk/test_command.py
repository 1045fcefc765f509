"""The import of a file: every line lands or is rejected; the same again changes nothing; a killed one is made good."""

from __future__ import annotations

import asyncio
import csv
import gzip
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from raccord.bulk.command import Summary, import_file, run_file
from raccord.bulk.ledger import Counts
from raccord.demo.identifiers import make_siret
from raccord.kernel.database import Database
from raccord.kernel.errors import InvalidContentError, InvalidParameterError, MalformedBodyError
from tests.bulk.conftest import REAL_FILE, Json, dump_structures, list_reasons, make_row, write_ndjson
from tests.commands import leave_unmeasured

Write = Callable[..., Path]
IMPORT = """
import asyncio, sys
from pathlib import Path
from raccord.bulk.command import run_file
from raccord.kernel.database import Database

async def run() -> None:
    database = Database(sys.argv[1], size=2)
    await database.open()
    await run_file(database, "structures", Path(sys.argv[2]), source="siae")
    await database.close()

asyncio.run(run())
"""


async def run(database: Database, path: Path, mapping: str | None = None, source: str = "siae") -> Counts:
    summary: Summary = await run_file(database, "structures", path, source=source, mapping=mapping)
    return summary.counts


async def count_changes(database: Database) -> int:
    return int((await database.fetch("SELECT count(*) FROM change_inbox"))[0]["count"])


@pytest.mark.skipif(not REAL_FILE.exists(), reason="the real structures are not beside this checkout")
async def test_the_real_file_lands_line_by_line_and_again_changes_nothing(database: Database) -> None:
    counts = await run(database, REAL_FILE)

    assert counts == Counts(created=3_840, rejected=13)
    assert {(code, pointer) for _, _, code, pointer in await list_reasons(database)} == {("siret_checksum", "/siret")}
    shared = "SELECT count(*) FROM (SELECT siret FROM structures GROUP BY siret HAVING count(*) > 1) AS shared"
    assert (await database.fetch(shared))[0]["count"] == 12
    unplaced = "SELECT count(*) FROM structures WHERE latitude IS NULL"
    assert (await database.fetch(unplaced))[0]["count"] == 32
    cedex = "SELECT count(*) FROM structures WHERE document->'address'->>'city' ILIKE '%cedex'"
    assert (await database.fetch(cedex))[0]["count"] == 2
    stored, changes = await dump_structures(database, "siae"), await count_changes(database)

    assert await run(database, REAL_FILE) == Counts(unchanged=3_840, rejected=13)
    assert await dump_structures(database, "siae") == stored
    assert await count_changes(database) == changes == 3_840


async def test_an_import_killed_midway_and_run_again_ends_as_one_undisturbed(
    database: Database, database_url: str, write_file: Write
) -> None:
    old = write_file([make_row(n, name=f"Ancien {n}") for n in range(0, 2_500, 2)], "old.ndjson")
    new = write_file([make_row(n) for n in range(2_500)] + [make_row(1), make_row(7_000, siret="1")])
    for source in ("temoin", "siae"):
        await run(database, old, source=source)
    assert (await run(database, new, source="temoin")).rejected == 2

    killed = await asyncio.create_subprocess_exec(
        sys.executable, "-c", IMPORT, database_url, str(new), env=leave_unmeasured(os.environ)
    )
    for _ in range(10_000):
        if await database.fetch("SELECT FROM structures WHERE source = 'siae' AND version = 2 LIMIT 1"):
            break
        await asyncio.sleep(0.005)
    killed.kill()
    assert await killed.wait() == -signal.SIGKILL

    counts = await run(database, new)
    assert counts.rejected == 2
    assert 0 < counts.unchanged < 2_500
    assert await dump_structures(database, "siae") == await dump_structures(database, "temoin")
    assert len(await dump_structures(database, "siae")) == 2_500
    assert await run(database, new) == Counts(unchanged=2_500, rejected=2)


async def test_a_mixed_file_tells_each_line(database: Database, write_file: Write) -> None:
    rows: list[Json] = [
        make_row(1),
        {"kind": "ACI", "name": "Sans identifiant"},
        make_row(2, siret="13002526500014"),
        make_row(3, siret="13002526599901"),
        make_row(4, external_id="a/b"),
        make_row(5, couleur="bleu"),
        make_row(6, siret=make_siret(1)),
        make_row(1, name="Répétée"),
        make_row(7, siret=make_siret(1), kind="EI"),
        make_row(8, name="\x00", kind="inconnu"),
        make_row(9, external_id=9),
    ]

    counts = await run(database, write_file(write_ndjson(rows) + b'{"external_id":"d","name":"x","name":"y"}\n'))

    assert counts == Counts(created=3, rejected=9)
    assert await list_reasons(database) == [
        (2, None, "invalid_external_id", "/external_id"),
        (3, "S-2", "siret_checksum", "/siret"),
        (4, "S-3", "siret_made_up", "/siret"),
        (5, None, "invalid_external_id", "/external_id"),
        (6, "S-5", "extra_forbidden", "/couleur"),
        (7, "S-6", "natural_key_taken", "/siret"),
        (7, "S-6", "natural_key_taken", "/kind"),
        (8, "S-1", "external_id_repeated", "/external_id"),
        (10, "S-8", "enum", "/kind"),
        (10, "S-8", "string_too_short", "/name"),
        (12, "d", "malformed_body", None),
    ]
    named = await database.fetch("SELECT external_id FROM structures ORDER BY external_id")
    assert [row["external_id"] for row in named] == ["9", "S-1", "S-7"]


async def test_csv_with_the_shape_s_own_names(database: Database, write_file: Write) -> None:
    content = (
        "external_id;kind;siret;name;is_antenna;address.postal_code;address.city;location.latitude;location.longitude\r\n"
        f'A;ACI;{make_siret(1)};"Jardin; et fils";non;69001;Lyon;45,76;4,83\r\n'
        f"B;EI;{make_siret(2)};Atelier;;59041;LILLE CEDEX;;\r\n"
    ).encode("utf-8-sig")

    path = write_file(content, "structures.csv")
    assert await run(database, path) == Counts(created=2)
    assert await run(database, path) == Counts(unchanged=2)

    [first, second] = await dump_structures(database, "siae")
    assert first["document"]["name"] == "Jardin; et fils"
    assert first["document"]["location"] == {"latitude": 45.76, "longitude": 4.83}
    assert second["document"]["address"]["city"] == "LILLE CEDEX"
    assert second["document"]["location"] is None


async def test_columns_in_another_order_are_another_reading_and_no_change(
    database: Database, write_file: Write
) -> None:
    await run(database, write_file(b"external_id,kind,name\nA,ACI,Jardin\n"))

    assert await run(database, write_file(b"external_id,name,kind\nA,Jardin,ACI\n")) == Counts(unchanged=1)
    assert await run(database, write_file(b"external_id,kind,name\nA,EI,Jardin\n")) == Counts(updated=1)


async def test_a_mapping_of_one_s_own(database: Database, write_file: Write, tmp_path: Path) -> None:
    mapping = tmp_path / "tableur.toml"
    mapping.write_text('name = "tableur"\nexternal_id = "N°"\n[fields]\nname = "Nom"\nkind = { default = "ACI" }\n')

    counts = await run(database, write_file("N°\tNom\tVu\n7\tJardin\toui\n".encode()), str(mapping))

    assert counts == Counts(created=1)
    [stored] = await database.fetch("SELECT mapping, format FROM imports")
    assert tuple(stored.values()) == ("tableur", "csv")


async def test_what_was_deleted_comes_back_with_the_file(database: Database, write_file: Write) -> None:
    path = write_file([make_row(1)])
    await run(database, path)
    async with database.begin() as tx:
        await tx.fetch("UPDATE structures SET deleted_at = now()")

    assert await run(database, path) == Counts(created=1)


async def test_the_command_tells_progress_and_writes_rejections(
    database: Database, write_file: Write, tmp_path: Path
) -> None:
    said: list[str] = []
    path = write_file([make_row(1), make_row(2, external_id="=cmd", siret="1")])
    options = {"source": "siae", "report": said.append}

    rejected = await import_file(database, "structures", path, rejections=tmp_path / "no.csv", **options)  # type: ignore[arg-type]  # one dictionary for two types
    await import_file(database, "structures", path, **options)  # type: ignore[arg-type]  # as above

    assert rejected == 1
    assert "2 lines" in said[0]
    assert "1 created, 0 updated, 0 unchanged, 1 rejected" in said[0]
    assert "line 2: string_pattern_mismatch /siret" in said[-1]
    with (tmp_path / "no.csv").open(encoding="utf-8-sig", newline="") as written:
        [row] = csv.DictReader(written, delimiter=";")
    assert (row["line"], row["external_id"], row["code"]) == ("2", "'=cmd", "string_pattern_mismatch")


@pytest.mark.parametrize(
    ("kind", "source", "mapping"),
    [
        ("people", "siae", None),
        ("rien", "siae", None),
        ("structures", "Pas Ça", None),
        ("structures", "siae", "absent"),
    ],
)
async def test_what_is_asked_wrongly_is_refused_before_anything(
    database: Database, write_file: Write, kind: str, source: str, mapping: str | None
) -> None:
    with pytest.raises(InvalidParameterError):
        await run_file(database, kind, write_file([make_row(1)]), source=source, mapping=mapping)

    assert await database.fetch("SELECT FROM imports") == []


async def test_a_file_that_cannot_be_read_fails_as_a_whole(database: Database, write_file: Write) -> None:
    with pytest.raises(InvalidContentError):
        await run(database, write_file(b"colonne\n1\n"))
    with pytest.raises(MalformedBodyError):
        await run(database, write_file(b"\x1f\x8b\x08damaged"))

    assert await database.fetch("SELECT FROM imports") == []


async def test_a_file_cut_short_leaves_what_came_before(database: Database, write_file: Write) -> None:
    whole = gzip.compress(write_ndjson([make_row(n, description=f"{n:x}" * 40) for n in range(2_500)]))

    with pytest.raises(MalformedBodyError):
        await run(database, write_file(whole[: len(whole) - 20]))

    [failed] = await database.fetch("SELECT state, failure_code, lines_read FROM imports")
    assert tuple(failed.values()) == ("failed", "malformed_body", 2_000)
