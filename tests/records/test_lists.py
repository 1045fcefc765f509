"""Lists: cursors that lose nothing and serve their own question only, links both ways, bounded pages."""

from __future__ import annotations

import asyncio
import base64
import json
import random
import re
from collections import Counter
from urllib.parse import quote

import httpx
import pytest

from raccord.kernel.database import Database
from tests.partners import Partner, Partners
from tests.records.ground import make_put, make_structure, put_structures


@pytest.fixture
async def reader(partners: Partners) -> Partner:
    return await partners.add("lecteur", kind="ML")


async def fill(database: Database, count: int) -> None:
    """Write structures, in batches: those of one batch share their instant."""
    puts = [make_put(f"R-{number}", make_structure(number)) for number in range(100, 100 + count)]
    for start in range(0, count, 10):
        await put_structures(database, *puts[start : start + 10])


def list_names(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [record["external_id"] for record in answer.json()["data"]]


def read_links(answer: httpx.Response) -> dict[str, str]:
    return {rel: url for url, rel in re.findall(r'<([^>]+)>; rel="(\w+)"', answer.headers.get("Link", ""))}


@pytest.mark.parametrize("limit", [1, 7, 10, 25, 200])
async def test_a_walk_shows_each_record_once_in_the_order_of_last_writing(
    reader: Partner, database: Database, limit: int
) -> None:
    await fill(database, 25)
    names: list[str] = []
    url = f"/v1/structures?source=source&limit={limit}"
    while url:
        answer = await reader.get(url)
        names += list_names(answer)
        assert len(list_names(answer)) <= limit
        url = read_links(answer).get("next", "")
        assert (answer.json()["next_cursor"] is None) == (not url)

    assert len(names) == 25
    assert [set(names[n : n + 10]) for n in (0, 10)] == [
        {f"R-{n}" for n in range(100, 110)}, {f"R-{n}" for n in range(110, 120)},
    ]  # fmt: skip


async def test_the_links_lead_back_the_way_they_came(reader: Partner, database: Database) -> None:
    await fill(database, 9)
    pages = []
    url = "/v1/structures?source=source&limit=4"
    while url:
        answer = await reader.get(url)
        pages.append(answer)
        url = read_links(answer).get("next", "")

    assert "prev" not in read_links(pages[0])
    back = await reader.get(read_links(pages[2])["prev"])
    first = await reader.get(read_links(back)["prev"])
    assert [list_names(back), list_names(first)] == [list_names(pages[1]), list_names(pages[0])]
    assert "prev" not in read_links(first)
    assert list_names(await reader.get(read_links(first)["next"])) == list_names(pages[1])


@pytest.mark.parametrize("kind", ["structures", "people"])
async def test_a_walk_while_others_write_misses_no_record(reader: Partner, database: Database, kind: str) -> None:
    rng = random.Random(7)
    names = [f"R-{number}" for number in range(100, 140)]
    address = {"structures": "/v1/structures?source=source&limit=3", "people": "/v1/people?limit=3"}[kind]

    async def write(name: str, word: str) -> None:
        if kind == "structures":
            await put_structures(database, make_put(name, make_structure(int(name[2:]), brand=word)))
        else:
            await reader.add_person(name, city=word)

    for name in names:
        await write(name, "avant")
    is_read = asyncio.Event()
    rewritten: set[str] = set()

    async def rewrite() -> None:
        while not is_read.is_set():
            name = rng.choice(names[10:])
            rewritten.add(name)
            await write(name, f"pendant {rng.random()}")
            await asyncio.sleep(0)

    seen: Counter[str] = Counter()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(rewrite())
        tasks.create_task(rewrite())
        answer = await reader.get(address)
        # The list grows at its end as long as others write: a walk of this many pages has passed all.
        for _ in range(60):
            seen.update(list_names(answer))
            following = read_links(answer).get("next")
            if following is None:
                break
            answer = await reader.get(following)
        is_read.set()

    assert set(names) <= set(seen)
    assert {seen[name] for name in set(names) - rewritten} == {1}
    assert rewritten


@pytest.mark.parametrize("limit", ["0", "-1", "201", "1e2", "١", "", "99999"])
async def test_a_page_has_bounds(reader: Partner, limit: str) -> None:
    answer = await reader.get(f"/v1/structures?limit={quote(limit)}")

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_parameter")
    assert answer.json()["errors"][0]["parameter"] == "limit"


async def take_cursor(reader: Partner, path: str) -> str:
    answer = await reader.get(path)
    return str(answer.json()["next_cursor"])


async def test_a_cursor_serves_its_own_question_and_client_only(
    reader: Partner, partners: Partners, database: Database
) -> None:
    other = await partners.add("autre", kind="ML")
    await fill(database, 3)
    await reader.add_person("P-1")
    await reader.add_person("P-2")
    cursor = await take_cursor(reader, "/v1/structures?kind=ACI&limit=1")
    of_people = await take_cursor(reader, "/v1/people?limit=1")
    of_feed = await take_cursor(reader, "/v1/changes?limit=1")

    right = await reader.get(f"/v1/structures?kind=ACI&limit=2&cursor={cursor}")
    wrong = [
        await reader.get(f"/v1/structures?limit=1&cursor={cursor}"),
        await reader.get(f"/v1/structures?kind=EI&limit=1&cursor={cursor}"),
        await other.get(f"/v1/structures?kind=ACI&limit=1&cursor={cursor}"),
        await reader.get(f"/v1/people?limit=1&cursor={cursor}"),
        await reader.get(f"/v1/structures?limit=1&cursor={of_people}"),
        await reader.get(f"/v1/structures?limit=1&cursor={of_feed}"),
        await reader.get(f"/v1/changes?after={cursor}"),
    ]

    assert right.status_code == 200
    assert [(answer.status_code, answer.json()["code"]) for answer in wrong] == [(400, "invalid_cursor")] * 7


async def test_a_cursor_that_was_changed_is_refused(reader: Partner, database: Database) -> None:
    await fill(database, 3)
    cursor = await take_cursor(reader, "/v1/structures?limit=1")
    raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    payload = json.loads(raw[12:])
    payload[1] = "1970-01-01T00:00:00+00:00"
    forged = raw[:12] + json.dumps(payload, separators=(",", ":")).encode()
    bad = [
        base64.urlsafe_b64encode(forged).decode().rstrip("="),
        cursor[:-2],
        cursor + "AAAA",
        "é",
        "",
        "bm90IG91cnM",
        base64.urlsafe_b64encode(b"[" * 5000).decode(),
    ]

    answers = [await reader.get(f"/v1/structures?limit=1&cursor={quote(value)}") for value in bad]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(400, "invalid_cursor")] * 7


async def test_filters_narrow_the_list_and_unknown_ones_are_refused(reader: Partner, database: Database) -> None:
    await put_structures(
        database,
        make_put("A", make_structure(1, address={"postal_code": "69001", "city": "Lyon", "department": "69"})),
        make_put("B", make_structure(2, kind="EI")),
        make_put("C", make_structure(3, kind="ETTI")),
    )

    assert sorted(list_names(await reader.get("/v1/structures?source=source&kind=ACI&kind=EI"))) == ["A", "B"]
    assert list_names(await reader.get("/v1/structures?source=source&department=69")) == ["A"]
    assert list_names(await reader.get(f"/v1/structures?siret={make_structure(2)['siret']}&source=source")) == ["B"]
    assert (await reader.get("/v1/structures?kind=XYZ")).status_code == 400
    assert (await reader.get("/v1/structures?name=A")).json()["code"] == "unknown_parameter"
