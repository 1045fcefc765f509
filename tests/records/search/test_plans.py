"""The plans of searches among many: found by an index, never by reading the whole table."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from raccord.kernel.embedded_postgres import Cluster
from raccord.records.search.commonness import Part, choose_walk, read_parts
from raccord.records.search.entry import SearchParameters
from raccord.records.search.places import NO_ZONE, ZONES, Circle, cover_circle
from raccord.records.search.query import Query, Question, write_facet, write_page
from raccord.records.search.words import Wanted
from raccord.resources.job_offers.kind import JOB_OFFERS
from raccord.resources.job_offers.search import SEARCH, JobOfferSearch
from tests.databases import borrow_database, make_plain

MANY = 60_000
# Offers spread over a grid of France, their words and contracts in turn.
FILL = """
INSERT INTO search_job_offers (record_id, zone, published_at, updated_at, latitude, longitude, is_everywhere,
                               applications, words, titles, tags)
SELECT gen_random_uuid(), n % 10, now() - n * interval '1 minute', now(), 43 + (n % 70) / 10.0, -1 + (n % 83) / 12.0,
       false, n % 9,
       ARRAY['metier' || n % 300, 'equip', 'poste' || n % 40, 'commun'],
       ARRAY['metier' || n % 300, title, title || '|' || contract || '|' || cell],
       ARRAY['contract_type:' || contract,
             'department:' || lpad((n % 95 + 1)::text, 2, '0'),
             'rome:' || chr(65 + n % 14) || lpad((n % 29)::text, 2, '0'),
             '{near}',
             'cell:f' || floor((43 + (n % 70) / 10.0) / 0.15) || '.' || floor((-1 + (n % 83) / 12.0) / 0.2)]
FROM generate_series(1, {many}) AS n,
     LATERAL (SELECT CASE WHEN n % 5 = 0 THEN 'commun' ELSE 'rare' END AS title,
                     (ARRAY['permanent', 'fixed_term', 'temp_mission'])[n % 3 + 1] AS contract,
                     floor((43 + (n % 70) / 10.0) / 0.75) || '.' || floor(-1 + (n % 83) / 12.0) AS cell) AS own
"""
SHELVE = """
INSERT INTO search_job_offers_shelves (shelf, published_at, record_id, latitude, longitude)
SELECT hashtextextended(term, 0), published_at, record_id, latitude, longitude
FROM search_job_offers CROSS JOIN LATERAL unnest(titles) AS term WHERE term LIKE '%|%'
"""
COPY = """
INSERT INTO job_offers (id, source, external_id, version, created_at, updated_at, shape_version, document)
SELECT record_id, 'essai', record_id::text, 1, now(), now(), 1, '{}' FROM search_job_offers
"""


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
async def connection(cluster: Cluster, template: str) -> AsyncIterator[asyncpg.Connection[Any]]:
    """One table for all: a plan changes nothing in it."""
    async with borrow_database(cluster, template) as name:
        opened = await asyncpg.connect(make_plain(cluster.url(name, "owner")))
        await opened.execute(FILL.format(many=MANY, near=cover_circle(AMID)[0]))
        await opened.execute(SHELVE)
        await opened.execute(COPY)
        await opened.execute("VACUUM ANALYZE search_job_offers, search_job_offers_shelves, job_offers")
        await wait_until_visible(opened, "search_job_offers_shelves")
        yield opened
        await opened.close()


async def wait_until_visible(connection: asyncpg.Connection[Any], table: str) -> None:
    """Wait until PostgreSQL knows that all see the same: a snapshot that autovacuum holds puts it off."""
    for _ in range(100):
        if await connection.fetchval(
            "SELECT relallvisible = relpages FROM pg_class WHERE oid = $1::text::regclass", table
        ):
            return
        await asyncio.sleep(0.1)
        await connection.execute(f"VACUUM {table}")
    raise AssertionError(f"{table} is not seen alike by all")


def ask(query: dict[str, object], words: tuple[str, ...] = (), circle: Circle | None = None) -> Question:
    parameters: SearchParameters = JobOfferSearch.model_validate_json(json.dumps(query))
    wanted = [Wanted((word,)) for word in words]
    return Question(JOB_OFFERS, SEARCH, parameters, wanted, (), circle, datetime.now(UTC))


def list_nodes(plan: dict[str, Any]) -> list[tuple[str, str]]:
    nodes = [(plan["Node Type"], plan.get("Relation Name", plan.get("Index Name", "")))]
    return nodes + [node for inner in plan.get("Plans", ()) for node in list_nodes(inner)]


async def explain(connection: asyncpg.Connection[Any], query: Query) -> list[tuple[str, str]]:
    """Tell how the query is run, planned as the API has it planned."""
    values = ", ".join(write_literal(value) for value in query.values)
    await connection.execute(f"SET plan_cache_mode = {query.plan.value}; PREPARE asked AS {query.sql}")
    [row] = await connection.fetch(f"EXPLAIN (FORMAT JSON) EXECUTE asked {f'({values})' if values else ''}")
    await connection.execute("DEALLOCATE asked")
    return list_nodes(json.loads(row[0])[0]["Plan"])


def write_literal(value: object) -> str:
    return f"'{{{','.join(value)}}}'" if isinstance(value, list) else f"'{value}'"


# As if all said so: the walk finds too few, and the index is asked after all.
CERTAIN = {"commun": 1.0, "cell:everywhere": 1.0}
# Far from the edges of a wide cell: here the offers bear the one in which they are alone.
AMID = Circle(46.9, 2.5, 25)
LILLE = Circle(46.6, 2.4, 25)
COMMON = ask({"q": "x"}, ("commun",))
COMMON_NEAR = ask({"q": "x", "commune": "59350"}, ("commun",), Circle(46.6, 2.4, 50))
SHELVED = ask({"q": "x", "commune": "59350", "contract_type": ["permanent"]}, ("commun",), AMID)
QUESTIONS = {
    "words, place and contract": ask(
        {"q": "x", "commune": "59350", "contract_type": ["permanent"]}, ("metier7", "rare"), LILLE
    ),
    "a word, a place and a contract": SHELVED,
    "words alone": ask({"q": "x"}, ("metier7",)),
    "place alone": ask({"commune": "59350"}, (), LILLE),
    "a common word, by date": ask({"q": "x", "sort": "date"}, ("equip",)),
    "département and ROME": ask({"department": ["59"], "rome": ["A14"]}),
    "the newest": ask({}),
}


@pytest.mark.parametrize("name", QUESTIONS)
async def test_no_search_reads_the_whole_table(connection: asyncpg.Connection[Any], name: str) -> None:
    nodes = await explain(connection, write_page(QUESTIONS[name], 50))

    assert not [node for node in nodes if node[0] == "Seq Scan"], nodes


async def test_words_place_and_contract_are_intersected_in_the_index_of_the_zone(
    connection: asyncpg.Connection[Any],
) -> None:
    nodes = await explain(connection, write_page(QUESTIONS["words, place and contract"], 50))

    assert {node for node in nodes if node[0] == "Bitmap Index Scan"} == {
        ("Bitmap Index Scan", f"search_job_offers_{zone}_words_titles_tags_idx") for zone in (NO_ZONE, 5)
    }


async def test_a_word_a_place_and_a_contract_are_read_off_a_shelf(connection: asyncpg.Connection[Any]) -> None:
    nodes = await explain(connection, write_page(SHELVED, 21))

    assert [node for node, name in nodes if "shelves" in name] == ["Index Only Scan", "Index Only Scan"]
    assert "Unique" in {node for node, _ in nodes}


async def test_a_shelf_gives_the_same_pages(connection: asyncpg.Connection[Any]) -> None:
    pages = await read_pages(connection, SHELVED, 3)

    assert len({record for record, _ in pages}) == len(pages) == 15
    assert await read_pages(connection, replace(SHELVED, search=replace(SEARCH, companion=None)), 3) == pages


async def test_a_facet_of_a_narrow_question_reads_no_whole_table(connection: asyncpg.Connection[Any]) -> None:
    nodes = await explain(connection, write_facet(QUESTIONS["words, place and contract"], "contract_type", 50))

    assert not [node for node in nodes if node[0] == "Seq Scan"]


async def test_what_is_common_is_found_by_walking_back_through_time(connection: asyncpg.Connection[Any]) -> None:
    parts = await read_parts(connection, "search_job_offers")

    walked = await explain(connection, write_page(replace(COMMON, parts=parts), 21))
    seldom = await explain(connection, write_page(replace(QUESTIONS["words alone"], parts=parts), 21))

    assert sum(part.rows for part in parts) == MANY
    assert {round(part.shares["commun"], 1) for part in parts if part.zone % 5 == 0} == {1.0}
    assert {name for node, name in walked if node == "Index Scan"} > {f"search_job_offers_{zone}" for zone in ZONES}
    assert not [name for node, name in seldom if node == "Index Scan" and name.startswith("search")]


@pytest.mark.parametrize("question", [COMMON, COMMON_NEAR], ids=["anywhere", "near"])
@pytest.mark.parametrize("is_certain", [False, True])
async def test_a_walk_gives_the_same_pages(
    connection: asyncpg.Connection[Any], question: Question, is_certain: bool
) -> None:
    parts = await read_parts(connection, "search_job_offers")
    known = [replace(part, shares=CERTAIN) for part in parts] if is_certain else parts

    pages = await read_pages(connection, question)

    assert len({record for record, _ in pages}) == len(pages) == 100
    assert await read_pages(connection, replace(question, parts=known)) == pages


@pytest.mark.parametrize(
    ("share", "walk"),
    [(0.0, None), (0.001, None), (0.007, None), (0.008, 8192), (0.02, 4096), (0.05, 1024), (0.5, 256), (1.0, 256)],
)
def test_only_what_is_common_is_walked_to(share: float, walk: int | None) -> None:
    parts = [Part(1, 200_000, {"a": share, "department:59": 1.0})]

    assert choose_walk(parts, [("a", "b"), ("department:59",)], 21) == walk
    assert choose_walk([], [("a",)], 21) is None


async def read_pages(connection: asyncpg.Connection[Any], question: Question, size: int = 20) -> list[tuple[UUID, int]]:
    """Read five pages, one after the other, as a walk by cursors does."""
    found: list[tuple[UUID, int]] = []
    for _ in range(5):
        query = write_page(question, size)
        rows = await connection.fetch(query.sql, *query.values)
        found += [(row["record_id"], row["score"]) for row in rows]
        last = rows[-1]
        question = replace(question, after=(last["score"], last["published_at"], last["record_id"]))
    return found
