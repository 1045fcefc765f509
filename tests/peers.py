"""Two clients who must not see each other's records, on an app of their own: the ground of tests of every operation."""

from __future__ import annotations

import copy
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

import asyncpg
import httpx
from fastapi import FastAPI

from raccord.app import create_app
from raccord.kernel.database import Database
from raccord.kernel.embedded_postgres import Cluster
from raccord.kernel.keys import Keys
from raccord.records.kind import Kind
from raccord.resources.registry import KINDS
from raccord.settings import Settings
from tests.adapters.plain_list import TEST_ADAPTERS
from tests.databases import borrow_database, make_plain
from tests.operations import Operation
from tests.partners import Partner, Partners

Json = dict[str, Any]
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


@dataclass
class World:
    """An app, an owner with one record of each kind, and a stranger with as many rights over its own."""

    app: FastAPI
    http: httpx.AsyncClient
    database: Database
    all_seeing: Connection
    digest_query: str
    partners: Partners
    owner: Partner
    stranger: Partner
    records: dict[str, Json]
    import_id: str
    connection_id: str

    def fill_path(self, operation: Operation, **values: str) -> str:
        """Write the operation's address: the owner's record, save where another value is given."""
        record = self.records[operation.kind.name] if operation.kind else {"id": self.find_own(operation)}
        named = {name: str(record.get(name, "1")) for name in ("id", "source", "external_id")}
        return operation.fill_path({**named, **values})

    def find_own(self, operation: Operation) -> str:
        """Find the owner's thing that an operation outside the kinds is about."""
        return self.connection_id if operation.path.startswith("/v1/connections") else self.import_id

    def make_body(self, operation: Operation, partner: Partner) -> bytes:
        """Write a body: right for the partner where it is a kind's content, else the document's example."""
        kind = operation.kind
        if kind is not None and operation.body_schema == {"$ref": f"#/components/schemas/{kind.content.__name__}"}:
            known = {"structures": partner.structure_id}
            if partner is self.owner:
                known = {name: str(record["id"]) for name, record in self.records.items()} | known
            return operation.make_body(make_content(kind, known))
        return operation.make_body()

    async def call(self, operation: Operation, partner: Partner, *, path: str = "", **headers: str) -> httpx.Response:
        """Call the operation as the partner, rightly, on the owner's record unless a path is given."""
        return await self.http.request(
            operation.method,
            path or self.fill_path(operation),
            content=self.make_body(operation, partner) or None,
            headers={**partner.headers, **operation.make_headers(), **headers},
        )

    async def digest_tables(self) -> dict[str, str]:
        """Digest what every table holds, but for the consultation log, which notes what was asked in vain.

        The reference lists are left out too: no route writes them, and they are long.
        """
        return {row["name"]: row["digest"] for row in await self.all_seeing.fetch(self.digest_query)}


def make_content(kind: Kind, known: Mapping[str, str]) -> Json:
    """Make a content of the kind from its example, its references put on records that are known."""
    content: Json = copy.deepcopy(dict(kind.example))
    whole = kind.content.model_validate_json(json.dumps(content)).model_dump(mode="json")
    for reference in kind.list_references(whole):
        *way, last = reference.pointer.strip("/").split("/")
        target: Any = content
        for part in way:
            target = target[int(part) if part.isdigit() else part]
        target[last] = known.get(reference.kind, target[last])
    return content


async def add_records(owner: Partner) -> dict[str, Json]:
    """Write one record of each kind, in the registry's order, each naming those before."""
    known = {"structures": owner.structure_id}
    records: dict[str, Json] = {}
    for kind in KINDS:
        path = f"/v1/{kind.path}/by-source/{owner.source}/X-{kind.singular}-1"
        response = await owner.put(path, make_content(kind, known))
        assert response.status_code == 201, response.text
        records[kind.name] = dict(response.json())
        known.setdefault(kind.name, records[kind.name]["id"])
    return records


async def write_digest_query(connection: Connection) -> str:
    tables = await connection.fetch(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace "
        "AND relname NOT LIKE 'consultation_log%' AND relname NOT LIKE 'reference_%'"
    )
    digest = "md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) AS digest"
    each = f"SELECT '{{0}}' AS name, {digest} FROM {{0}} t"
    return " UNION ALL ".join(each.format(row["relname"]) for row in tables)


async def add_import(owner: Partner) -> str:
    """Hand in a file, which no worker takes up here."""
    response = await owner.http.post(
        "/v1/imports?kind=structures",
        content=b'{"external_id":"A-1","kind":"ACI","name":"Les Jardins"}\n',
        headers={**owner.headers, "Content-Type": "application/x-ndjson", "Idempotency-Key": "a-file"},
    )
    assert response.status_code == 202, response.text
    return str(response.json()["id"])


async def add_connection(owner: Partner) -> str:
    """Connect a tool, which nothing calls here."""
    body = {
        "name": "Liste",
        "adapter": "plain_list",
        "settings": {"url": "https://tool.example/api"},
        "secrets": {"token": "s3cret-of-the-tool"},
    }
    response = await owner.post("/v1/connections", body, idempotency_key="a-connection")
    assert response.status_code == 201, response.text
    return str(response.json()["id"])


@dataclass
class OpenApp:
    """An app that runs, and who may be added to call it."""

    app: FastAPI
    http: httpx.AsyncClient
    database: Database
    owner_url: str
    partners: Partners


@asynccontextmanager
async def open_app(cluster: Cluster, template: str, settings: Settings) -> AsyncIterator[OpenApp]:
    """Open an app on a database of its own."""
    async with borrow_database(cluster, template) as name:
        app = create_app(settings, cluster.url(name, "app"), adapters=TEST_ADAPTERS)
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://raccord.test") as http,
        ):
            database: Database = app.state.database
            partners = Partners(http, database, Keys(settings.read_secret()))
            yield OpenApp(app, http, database, cluster.url(name, "owner"), partners)


@asynccontextmanager
async def open_world(cluster: Cluster, template: str, settings: Settings) -> AsyncIterator[World]:
    """Open a world on a database of its own."""
    async with open_app(cluster, template, settings) as opened:
        owner = await opened.partners.add("proprietaire", kind="ACI")
        stranger = await opened.partners.add("etranger", kind="EI")
        records = await add_records(owner)
        await owner.read_feed()
        all_seeing = await asyncpg.connect(make_plain(opened.owner_url))
        await all_seeing.execute("SELECT set_config('raccord.is_system', 'on', false)")
        query = await write_digest_query(all_seeing)
        import_id = await add_import(owner)
        connection_id = await add_connection(owner)
        yield World(
            *(opened.app, opened.http, opened.database, all_seeing, query, opened.partners),
            *(owner, stranger, records, import_id, connection_id),
        )
        await all_seeing.close()
