"""Live with a kind that was just added: run beside a copy of the source that has it, by the test of adding one."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import httpx
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import create_async_engine

from raccord.app import create_app
from raccord.bulk.command import run_file
from raccord.contract import make_documents
from raccord.kernel.keys import Keys
from raccord.resources.registry import KINDS_BY_NAME, list_scopes
from raccord.settings import Settings
from tests.partners import Partner, Partners


def check_contract() -> None:
    """Find the kind wherever the contract speaks of kinds."""
    document = make_documents()["raccord.v1.json"]
    paths = document["paths"]
    for path in ("/v1/toys", "/v1/toys/{id}", "/v1/toys/by-source/{source}/{external_id}", "/v1/toys/{id}/history"):
        assert path in paths, path
    assert {"toys:read", "toys:write"} <= set(list_scopes())
    flows = document["components"]["securitySchemes"]["oauth2"]["flows"].values()
    assert all("toys:write" in flow["scopes"] for flow in flows)
    [kind] = [p for p in paths["/v1/imports"]["post"]["parameters"] if p["name"] == "kind"]
    assert "toys" in kind["schema"]["enum"]
    assert {"Toy", "ToyInput", "ToyPatch"} <= set(document["components"]["schemas"])


async def make_table(owner_url: str) -> None:
    """Do what the kind's migration would."""
    engine = create_async_engine(owner_url)
    async with engine.begin() as connection:
        await connection.run_sync(KINDS_BY_NAME["toys"].table.create)
    await engine.dispose()


async def live(app_url: str, folder: Path) -> None:
    """Write, read, filter, patch, delete, import, and follow the feed."""
    settings = Settings(data_dir=folder, secret_key=SecretStr("toys-" * 8), public_url="http://raccord.test")
    app = create_app(settings, app_url)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://raccord.test") as http,
    ):
        partner = await Partners(http, app.state.database, Keys(settings.read_secret())).add("atelier")
        await use(partner)
        file = folder / "toys.csv"
        file.write_text("external_id,name,colour\nB,Cerf-volant,bleu\nC,,bleu\n", encoding="utf-8")
        summary = await run_file(app.state.database, "toys", file, source="atelier")
        assert (summary.counts.created, summary.counts.rejected) == (1, 1)
        changes, _ = await partner.read_feed(query="&kind=toys")
        assert [change["type"] for change in changes] == ["created", "updated", "deleted", "created"]


async def use(partner: Partner) -> None:
    """Lead one toy through its life."""
    made = await partner.put("/v1/toys/by-source/atelier/A", {"name": "Toupie", "colour": "rouge"})
    assert made.status_code == 201, made.text
    path = f"/v1/toys/{made.json()['id']}"
    assert [toy["id"] for toy in (await partner.get("/v1/toys?colour=rouge")).json()["data"]] == [made.json()["id"]]
    assert (await partner.get("/v1/toys?colour=vert")).json()["data"] == []
    assert (await partner.patch(path, {"colour": "vert"}, if_match='"1"')).status_code == 200
    assert len((await partner.get(f"{path}/history")).json()["data"]) == 2
    assert (await partner.delete(path, if_match='"2"')).status_code == 204
    assert (await partner.get(path)).status_code == 410


if __name__ == "__main__":
    check_contract()
    asyncio.run(make_table(sys.argv[2]))
    asyncio.run(live(sys.argv[1], Path(sys.argv[3])))
