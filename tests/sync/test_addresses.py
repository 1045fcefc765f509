"""Where a connection may call: what is never called is refused before it is stored, by the setting that names it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from raccord.adapters.contract import Manifest
from raccord.adapters.registry import ADAPTERS_BY_NAME
from raccord.kernel.database import Database
from raccord.settings import Settings
from tests.partners import Partner, Partners

Json = dict[str, Any]
SHEET: Json = {"kind": "structures", "files": "a.csv", "mapping": {"external_id": "id", "fields": {"name": "nom"}}}
SPEC = """base_url = "{base}"
[auth]
type = "oauth2_cc"
token_url = "{token}"
[streams.structures]
kind = "structures"
request = {{ path = "structures" }}
map.name = "/nom"
"""


@pytest.fixture
def adapters() -> Mapping[str, Manifest]:
    return ADAPTERS_BY_NAME


@pytest.fixture
async def owner(partners: Partners) -> Partner:
    return await partners.add("outil")


async def connect(owner: Partner, adapter: str, settings: Json) -> Any:
    body = {"name": "x", "adapter": adapter, "settings": settings, "secrets": {}}
    return await owner.post("/v1/connections", body, idempotency_key="x")


@pytest.mark.parametrize(
    "url",
    ["http://emplois.example", "emplois.example", "https://10.0.0.1", "https://169.254.169.254/latest", "https://[::1]/",
     "https://127.1", "https://2130706433", "https://LOCALHOST./", "https://a.localhost", "https://u:p@emplois.example",
     "https://[::ffff:10.0.0.1]", "ftp://emplois.example", "https://emplois.example:port", "https://", "https://100.64.0.1"],
)  # fmt: skip
async def test_what_is_never_called_is_refused_at_once(owner: Partner, database: Database, url: str) -> None:
    response = await connect(owner, "les_emplois", {"url": url})

    assert response.status_code == 422, response.text
    [error] = response.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/settings/url", "address_not_called")
    assert url not in response.text
    assert await database.fetch("SELECT FROM connections") == []


@pytest.mark.parametrize(
    ("adapter", "asked", "pointers"),
    [
        ("france_travail", {"url": "http://a.example", "token_url": "https://192.168.1.1"},
         ["/settings/url", "/settings/token_url"]),
        ("spreadsheet", {**SHEET, "place": {"type": "grist", "url": "http://a.example", "document": "d", "table": "t"}},
         ["/settings/place/url"]),
        ("spreadsheet", {**SHEET, "place": {"type": "sftp", "host": "10.1.2.3", "username": "u", "host_key": "a b"}},
         ["/settings/place/host"]),
        ("rest", {"spec": SPEC.format(base="https://{config.host}", token="https://b.example"),
                  "config": {"host": "127.0.0.1"}}, ["/settings/spec"]),
        ("rest", {"spec": SPEC.format(base="https://a.example", token="http://b.example")}, ["/settings/spec"]),
    ],
)  # fmt: skip
async def test_the_setting_at_fault_is_named(owner: Partner, adapter: str, asked: Json, pointers: list[str]) -> None:
    response = await connect(owner, adapter, asked)

    assert [error["pointer"] for error in response.json()["errors"]] == pointers


async def test_a_name_is_taken_and_a_change_to_another_address_is_checked(owner: Partner, database: Database) -> None:
    made = await connect(owner, "les_emplois", {"url": "https://emplois.example"})
    one = f"/v1/connections/{made.json()['id']}"

    changed = await owner.patch(one, {"settings": {"url": "https://10.0.0.1"}}, if_match="*")
    async with database.begin() as tx:
        await tx.fetch("UPDATE connections SET settings = replace(settings::text, 'https:', 'http:')::json")
    paused = await owner.patch(one, {"state": "paused"}, if_match="*")

    assert made.status_code == 201
    assert (changed.status_code, changed.json()["errors"][0]["pointer"]) == (422, "/settings/url")
    # What was made before this was checked is still paused, and run.
    assert (paused.status_code, paused.json()["state"]) == (200, "paused")


class TestOfThisMachine:
    """On an installation that may call its own machine."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"outbound_loopback": True})

    @pytest.mark.parametrize("url", ["http://127.0.0.1:8080", "http://localhost", "https://[::1]"])
    async def test_its_addresses_are_taken_and_private_ones_are_not(self, owner: Partner, url: str) -> None:
        private = await connect(owner, "les_emplois", {"url": "http://10.0.0.1"})

        assert private.status_code == 422
        assert (await connect(owner, "les_emplois", {"url": url})).status_code == 201
