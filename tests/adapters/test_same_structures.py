"""data·inclusion and Les emplois before the same real structures: linked, nothing overwritten, one merged view."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pytest

from raccord.adapters.data_inclusion.manifest import MANIFEST as DATA_INCLUSION
from raccord.adapters.les_emplois.manifest import MANIFEST as LES_EMPLOIS
from raccord.kernel.database import Database
from raccord.records.changes import sequence_changes
from raccord.resources.structures.merging import Voice, merge
from raccord.resources.structures.same_as import link_changed, read_links
from tests.adapters.data_inclusion.stand_in import TOKEN, DataInclusionTool
from tests.adapters.les_emplois.stand_in import USER, LesEmploisTool
from tests.adapters.runs import ToolBench
from tests.adapters.stand_in import FakeTime, Row

DATA = Path(__file__).parents[3] / "shared" / "data" / "siae_2023.jsonl.gz"
DEPARTMENTS = ("69", "93")

pytestmark = pytest.mark.skipif(not DATA.exists(), reason="the real structures are not beside this checkout")


def read_real() -> list[dict[str, Any]]:
    with gzip.open(DATA, "rt", encoding="utf-8") as lines:
        return [row for row in map(json.loads, lines) if row["department"] in DEPARTMENTS]


def say_as_data_inclusion(row: dict[str, Any]) -> Row:
    return {
        "source": "emplois-de-linclusion",
        "id": f"emplois-de-linclusion--{row['external_id']}",
        "nom": (row["brand"] or row["name"])[:150],
        "date_maj": row["updated_at"][:10],
        "siret": row["siret"],
        "commune": row["city"],
        "code_postal": row["post_code"],
        "adresse": row["address_line_1"] or None,
        "longitude": row["longitude"],
        "latitude": row["latitude"],
        "reseaux_porteurs": [row["kind"].lower()] if row["kind"] in ("EI", "ACI", "AI", "ETTI", "EITI") else None,
    }


def say_as_les_emplois(row: dict[str, Any]) -> Row:
    return {
        "id": str(uuid5(NAMESPACE_URL, row["external_id"])),
        "cree_le": row["created_at"],
        "mis_a_jour_le": row["updated_at"],
        "siret": row["siret"],
        "type": row["kind"],
        "raison_sociale": row["name"],
        "enseigne": row["brand"] or row["name"],
        "telephone": "",
        "courriel": "",
        "site_web": "",
        "description": "",
        "bloque_candidatures": False,
        "addresse_ligne_1": row["address_line_1"],
        "addresse_ligne_2": row["address_line_2"],
        "code_postal": row["post_code"],
        "ville": row["city"],
        "departement": row["department"],
        "postes": [],
    }


async def connect_both(database: Database, real: list[dict[str, Any]]) -> list[ToolBench]:
    clock = FakeTime()
    directory = DataInclusionTool([say_as_data_inclusion(row) for row in real], [])
    platform = LesEmploisTool([say_as_les_emplois(row) for row in real], clock)
    benches = [
        ToolBench(database, DATA_INCLUSION, directory, {"url": "http://di.test"}, {"token": TOKEN}, "data-inclusion"),
        ToolBench(
            database, LES_EMPLOIS, platform,
            {"url": "http://emplois.test", "access": "user", "departments": list(DEPARTMENTS)}, {"token": USER},
            "les-emplois", clock=clock,
        ),
    ]  # fmt: skip
    for bench in benches:
        await bench.connect()
    return benches


async def link_all(database: Database) -> None:
    while await sequence_changes(database):
        pass
    while True:
        async with database.begin() as tx:
            if not await link_changed(tx):
                return


async def test_the_same_real_structures_are_linked_and_nothing_is_overwritten(database: Database) -> None:
    real = read_real()
    benches = await connect_both(database, real)

    for bench in benches:
        run = await bench.run()
        assert run["state"] == "completed"
        assert run["counts"].get("rejected", 0) + run["counts"]["created"] == len(real)
    before = await database.fetch("SELECT id, version, document::text AS document FROM structures ORDER BY id")
    await link_all(database)
    for bench in benches:
        assert "updated" not in (await bench.run())["counts"]

    after = await database.fetch("SELECT id, version, document::text AS document FROM structures ORDER BY id")
    assert [tuple(row.values()) for row in after] == [tuple(row.values()) for row in before]
    assert {row["version"] for row in after} == {1}
    # Whoever is alone with its SIRET in both is linked; where one SIRET is two employers, names must tell.
    sirets = Counter(row["siret"] for row in real)
    written = await database.fetch(
        "SELECT siret FROM structures WHERE siret IS NOT NULL GROUP BY siret HAVING count(DISTINCT source) = 2"
    )
    linked = await database.fetch("SELECT s.siret FROM same_as JOIN structures AS s ON s.id = first_id WHERE is_same")
    alone = {row["siret"] for row in written if sirets[row["siret"]] == 1}
    assert len(alone) > 100
    assert alone <= {row["siret"] for row in linked}


async def test_one_view_shows_what_each_says_and_where_they_differ(database: Database) -> None:
    real = [row for row in read_real() if row["brand"] and row["brand"] != row["name"] and row["latitude"]][:1]
    for bench in await connect_both(database, real):
        await bench.run()
    await link_all(database)
    [register] = await database.fetch(
        "SELECT id, document::text AS document FROM structures WHERE source = 'les-emplois'"
    )

    [twin] = await read_links(database, register["id"])
    voices = [
        Voice(str(register["id"]), "les-emplois", json.loads(register["document"])),
        Voice(str(twin["id"]), twin["source"], json.loads(twin["document"])),
    ]
    data, fields = merge(voices)

    told: dict[Any, Any] = {field["name"]: field for field in fields}
    assert data["kind"] == real[0]["kind"]
    assert data["location"] == {"latitude": real[0]["latitude"], "longitude": real[0]["longitude"]}
    assert told["location"]["source"] == "data-inclusion"
    assert {told["name"]["source"], *(other["source"] for other in told["name"]["others"])} == {
        "data-inclusion", "les-emplois",
    }  # fmt: skip
