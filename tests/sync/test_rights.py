"""What a connection's client must be allowed: the kinds that its settings name, whatever else the adapter can do."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from raccord.adapters.contract import Manifest
from raccord.adapters.registry import ADAPTERS_BY_NAME
from raccord.jobs.engine import Job
from raccord.kernel.database import Database
from raccord.kernel.seals import Seals
from raccord.settings import Settings
from raccord.sync.going import Engine
from raccord.sync.scheduling import run_queued
from tests.adapters.plain_list import ListTool
from tests.adapters.stand_in import FakeTime, open_outbound
from tests.partners import Partner, Partners

Json = dict[str, Any]
SHEET: Json = {
    "place": {"type": "folder"},
    "files": "structures.csv",
    "min_age_s": 0,
    "kind": "structures",
    "mapping": {"external_id": "id", "fields": {"name": "nom"}},
}
SPEC = """base_url = "https://api.editeur.example"
[streams.structures]
kind = "structures"
request = { path = "structures" }
map.name = "/nom"
[streams.offres]
kind = "job_offers"
write.create = { path = "offres/{state.id}", method = "PUT" }
"""
READS_ONLY, _, _written = SPEC.partition("[streams.offres]")
WRITES_ONLY = 'base_url = "https://api.editeur.example"\n[streams.offres]' + _written
PERSONS: Json = {"access": "department", "managing_structure_id": str(UUID(int=7))}


@pytest.fixture
def adapters() -> Mapping[str, Manifest]:
    return ADAPTERS_BY_NAME


async def ask(partners: Partners, adapter: str, settings: Json, direction: str, *scopes: str) -> Any:
    narrow = await partners.add("etroit" if scopes else "sans-droit", scopes=["connections:manage", *scopes])
    body = {"name": "x", "adapter": adapter, "settings": settings, "direction": direction}
    return narrow, await narrow.post("/v1/connections", body, idempotency_key="x")


@pytest.mark.parametrize(
    ("adapter", "asked", "direction", "scopes"),
    [
        ("spreadsheet", SHEET, "pull", ["structures:write"]),
        ("rest", {"spec": SPEC}, "pull", ["structures:write"]),
        ("rest", {"spec": SPEC}, "push", ["job_offers:read"]),
        ("rest", {"spec": SPEC}, "both", ["job_offers:read", "structures:write"]),
        ("les_emplois", {}, "pull", ["job_offers:write", "structures:write"]),
        ("les_emplois", PERSONS, "pull",
         ["job_offers:write", "people:write", "prescriptions:write", "structures:write"]),
    ],
)  # fmt: skip
async def test_a_connection_asks_for_the_kinds_that_its_settings_name(
    partners: Partners, adapter: str, asked: Json, direction: str, scopes: list[str]
) -> None:
    _, without = await ask(partners, adapter, asked, direction)
    _, made = await ask(partners, adapter, asked, direction, *scopes)

    [error] = without.json()["errors"]
    assert (error["code"], error["message"]) == ("scope_missing", f"Il vous faut aussi : {', '.join(scopes)}.")
    assert made.status_code == 201, made.text


@pytest.mark.parametrize(("spec", "direction"), [(WRITES_ONLY, "pull"), (WRITES_ONLY, "both"), (READS_ONLY, "push")])
async def test_a_direction_in_which_its_settings_name_nothing_is_refused(
    partners: Partners, spec: str, direction: str
) -> None:
    scopes = ["structures:write", "job_offers:read"]
    _, refused = await ask(partners, "rest", {"spec": spec}, direction, *scopes)

    [error] = refused.json()["errors"]
    assert (refused.status_code, error["pointer"], error["code"]) == (422, "/direction", "direction_not_possible")


async def test_it_runs_with_these_rights_and_others_are_asked_for_when_its_settings_name_another_kind(
    partners: Partners, database: Database, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "etroit").mkdir()
    (tmp_path / "etroit" / "structures.csv").write_text("id,nom\n1,Une structure\n", "utf-8")
    narrow, made = await ask(partners, "spreadsheet", SHEET, "pull", "structures:write", "structures:read")
    one = f"/v1/connections/{made.json()['id']}"

    state = await run(narrow, one, database, settings, tmp_path)
    mapping = {"fields": {"name": None, "title": "nom", "structure_external_id": "id"}}
    changed = await narrow.patch(one, {"settings": {"kind": "job_offers", "mapping": mapping}}, if_match="*")

    assert state == "completed"
    assert [each["name"] for each in (await narrow.get("/v1/structures?source=etroit")).json()["data"]]
    assert (changed.status_code, changed.json()["errors"][0]["code"]) == (422, "scope_missing"), changed.text


async def run(owner: Partner, one: str, database: Database, settings: Settings, folder: Path) -> str:
    asked = await owner.post(f"{one}/runs", {}, idempotency_key="r")
    outbound = open_outbound(ListTool([]), FakeTime(), database)
    engine = Engine(database, Seals(*settings.read_sealing_secrets()), outbound, ADAPTERS_BY_NAME, folder)
    await run_queued(engine, Job({"run_id": asked.json()["id"]}, True, lambda: False))
    return str((await owner.get(asked.headers["Location"].removeprefix("http://raccord.test"))).json()["state"])
