"""A judged collection: what people type, and what a fair reader calls relevant, judged apart from this engine.

170 offers, 40 structures and 40 services; 80 questions with every relevant record of each.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from raccord.kernel.database import Database
from raccord.kernel.embedded_postgres import Cluster
from raccord.records.kind import Kind
from raccord.records.store import Put, Writer, put_many
from raccord.resources.registry import KINDS_BY_NAME
from raccord.settings import Settings
from tests.partners import Partner
from tests.peers import open_app
from tests.records.search.test_search import catch_up

Json = dict[str, Any]
FOLDER = Path(__file__).parent / "judged"
BAR = 0.9


def read_file(name: str) -> list[Json]:
    return list(json.loads((FOLDER / f"{name}.json").read_text("utf-8")))


QUERIES = read_file("queries")


def write_place(record: Json) -> Json:
    return {"city": record["city"], "insee_code": record["insee_code"], "postal_code": record["postal_code"]}


def write_structure(record: Json) -> Json:
    content = {name: record[name] for name in ("kind", "name", "brand", "description")}
    return {**content, "address": write_place(record)}


def write_service(record: Json, structure_id: str) -> Json:
    content = {name: record[name] for name in ("name", "description", "kind", "topics")}
    return {**content, "structure_id": structure_id, "address": write_place(record)}


def write_offer(record: Json) -> Json:
    occupation = {name: record[name] for name in ("rome_code", "rome_label", "appellation_label")}
    return {
        "title": record["title"],
        "description": record["description"],
        "employer": {"name": record["employer_name"]},
        "occupation": occupation,
        "workplaces": [write_place(record)],
        "contract": {"type": record["contract_type"]},
        "application": {"modes": [{"type": "platform"}]},
        "is_published": True,
    }


async def put_all(database: Database, kind: Kind, contents: dict[str, Json]) -> list[str]:
    puts = [Put(name, json.dumps(content).encode()) for name, content in contents.items()]
    async with database.begin() as tx:
        outcomes = await put_many(tx, kind, Writer("juge", "juge", "essai"), puts)
    assert [(outcome.external_id, outcome.error.errors) for outcome in outcomes if outcome.error] == []
    return [str(outcome.id) for outcome in outcomes]


@pytest.fixture(scope="module")
async def reader(cluster: Cluster, full_template: str, lasting_settings: Settings) -> AsyncIterator[Partner]:
    """A reader of the whole collection."""
    async with open_app(cluster, full_template, lasting_settings) as opened:
        structures = {record["external_id"]: write_structure(record) for record in read_file("structures")}
        [first, *_] = await put_all(opened.database, KINDS_BY_NAME["structures"], structures)
        services = {record["external_id"]: write_service(record, first) for record in read_file("services")}
        await put_all(opened.database, KINDS_BY_NAME["services"], services)
        offers = {record["external_id"]: write_offer(record) for record in read_file("offers")}
        await put_all(opened.database, KINDS_BY_NAME["job_offers"], offers)
        await catch_up(opened.database)
        yield await opened.partners.add("lecteur")


async def ask(reader: Partner, query: Json) -> list[str]:
    filters = [(name, item) for name, v in query["filters"].items() for item in (v if isinstance(v, list) else [v])]
    parameters = httpx.QueryParams([("q", query["q"]), *((name, str(item)) for name, item in filters), ("limit", "10")])
    answer = await reader.get(f"/v1/{KINDS_BY_NAME[query['kind']].path}/search?{parameters}")
    assert answer.status_code == 200, answer.text
    return [hit["record"]["external_id"] for hit in answer.json()["data"]]


@pytest.mark.parametrize("kind", ["job_offers", "structures", "services"])
async def test_nine_in_ten_of_what_is_relevant_stand_among_the_first_ten(reader: Partner, kind: str) -> None:
    recalls: dict[str, float] = {}
    for query in QUERIES:
        if query["kind"] == kind and query["expected"]:
            found = await ask(reader, query)
            recalls[query["q"]] = len(set(found) & set(query["expected"])) / len(query["expected"])

    missed = {words: recall for words, recall in recalls.items() if recall < 1}
    assert len(recalls) >= 10
    assert sum(recalls.values()) / len(recalls) >= BAR, missed


@pytest.mark.parametrize("query", [query for query in QUERIES if not query["expected"]], ids=lambda query: query["q"])
async def test_what_nobody_offers_is_not_found(reader: Partner, query: Json) -> None:
    assert await ask(reader, query) == []


def test_the_collection_is_as_large_as_it_says() -> None:
    assert len(QUERIES) >= 60
    assert len({json.dumps(query) for query in QUERIES}) == len(QUERIES)
