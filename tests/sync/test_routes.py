"""Connections over HTTP: made, changed, run, decided on; secrets go in and never come out."""

from __future__ import annotations

import csv
import io
import json
from typing import Any
from uuid import UUID

import pytest

from raccord.jobs.engine import Job
from raccord.kernel.database import Database
from raccord.kernel.seals import Seals
from raccord.settings import Settings
from raccord.sync.going import Engine
from raccord.sync.scheduling import decide_queued, run_queued, start_due_runs
from tests.adapters.plain_list import MANIFEST, ListTool, make_rows
from tests.adapters.stand_in import FakeTime, open_outbound
from tests.partners import Partner, Partners

TOKEN = "s3cret-of-the-tool"
Json = dict[str, Any]
BODY: Json = {
    "name": "Liste",
    "adapter": "plain_list",
    "settings": {"url": "https://tool.test/api"},
    "secrets": {"token": TOKEN},
    "schedule": "*/15 * * * *",
}


@pytest.fixture
def tool() -> ListTool:
    return ListTool(make_rows(25), token=TOKEN)


@pytest.fixture
def engine(database: Database, tool: ListTool, settings: Settings) -> Engine:
    outbound = open_outbound(tool, FakeTime(), database)
    return Engine(database, Seals(*settings.read_sealing_secrets()), outbound, {MANIFEST.name: MANIFEST})


@pytest.fixture
async def owner(partners: Partners) -> Partner:
    return await partners.add("outil")


async def connect(owner: Partner, **fields: Any) -> Json:
    response = await owner.post("/v1/connections", {**BODY, **fields}, idempotency_key="one")
    assert response.status_code == 201, response.text
    return dict(response.json())


async def work(engine: Engine) -> None:
    """Do what the worker does with the jobs that wait."""
    rows = await engine.database.fetch(
        "SELECT id, task_name, args::text AS args FROM procrastinate_jobs WHERE status = 'todo' ORDER BY id"
    )
    for row in rows:
        job = Job(json.loads(row["args"]), True, lambda: False)
        await (run_queued if row["task_name"] == "run_sync" else decide_queued)(engine, job)
        async with engine.database.begin() as tx:
            await tx.fetch("DELETE FROM procrastinate_jobs WHERE id = $1", row["id"])


async def run(owner: Partner, engine: Engine, connection: Json, mode: str = "incremental", key: str = "r") -> Json:
    response = await owner.post(f"/v1/connections/{connection['id']}/runs", {"mode": mode}, idempotency_key=key)
    assert response.status_code == 202, response.text
    assert response.headers["Retry-After"] == "1"
    await work(engine)
    path = response.headers["Location"].removeprefix("http://raccord.test")
    return dict((await owner.get(path)).json())


async def test_a_connection_is_made_read_and_run(owner: Partner, engine: Engine) -> None:
    made = await connect(owner)

    assert made["source"] == "outil"
    assert made["secret_names"] == ["token"]
    assert made["next_run_at"] is not None
    done = await run(owner, engine, made)
    assert (done["state"], done["created_count"], done["seen_count"]) == ("completed", 25, 25)
    assert done["proof"] == [{"kind": "structures", "part": "", "is_proven": True, "reason": None}]
    page = (await owner.get("/v1/connections")).json()
    assert [item["id"] for item in page["data"]] == [made["id"]]
    assert page["data"][0]["checkpoint"]["since"] == "2026-11-20T08:00:00+00:00"
    assert len((await owner.get("/v1/structures?source=outil")).json()["data"]) == 25


async def test_made_twice_with_one_key_it_is_made_once(owner: Partner) -> None:
    first = await connect(owner)
    again = await owner.post("/v1/connections", BODY, idempotency_key="one")

    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json() == first
    taken = await owner.post("/v1/connections", BODY, idempotency_key="two")
    assert (taken.status_code, taken.json()["errors"][0]["code"]) == (409, "name_taken")


async def test_a_name_that_is_taken_is_not_given_by_a_change(owner: Partner) -> None:
    await connect(owner)
    response = await owner.post("/v1/connections", {**BODY, "name": "Autre"}, idempotency_key="two")

    taken = await owner.patch(f"/v1/connections/{response.json()['id']}", {"name": "Liste"}, if_match="*")

    assert (taken.status_code, taken.json()["errors"][0]["code"]) == (409, "name_taken")


async def test_no_answer_and_no_row_shows_a_secret(owner: Partner, engine: Engine, database: Database) -> None:
    made = await connect(owner)
    await run(owner, engine, made)
    one = f"/v1/connections/{made['id']}"
    patched = await owner.patch(one, {"secrets": {"token": "another-s3cret"}}, if_match="*")

    texts = [(await owner.get(path)).text for path in (one, "/v1/connections", f"{one}/runs", f"{one}/rejections")]
    for table in ("connections", "sync_runs", "sync_rejections", "idempotency_keys"):
        texts += [str(dict(row)) for row in await database.fetch(f"SELECT * FROM {table}")]
    assert patched.status_code == 200
    assert not [text for text in [*texts, patched.text] if TOKEN in text or "another-s3cret" in text]


async def test_secrets_are_replaced_and_the_connection_is_tried_again(
    owner: Partner, engine: Engine, tool: ListTool
) -> None:
    made = await connect(owner)
    tool.token = "renewed"
    refused = await run(owner, engine, made)
    assert refused["failure"]["code"] == "credentials_refused"
    assert (await owner.get(f"/v1/connections/{made['id']}")).json()["state"] == "credentials_refused"

    changed = await owner.patch(f"/v1/connections/{made['id']}", {"secrets": {"token": "renewed"}}, if_match='"1"')

    assert (changed.json()["state"], changed.json()["version"]) == ("active", 2)
    assert (await run(owner, engine, made, key="s"))["state"] == "completed"


async def test_the_checkpoint_is_edited_by_its_shape(owner: Partner, engine: Engine) -> None:
    made = await connect(owner)
    await run(owner, engine, made)
    one = f"/v1/connections/{made['id']}"

    wrong = await owner.patch(one, {"checkpoint": {"cursor": {"page": "x"}}}, if_match="*")
    back = await owner.patch(one, {"checkpoint": {"cursor": None, "since": None}}, if_match="*")

    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["pointer"] == "/checkpoint/cursor/page"
    assert back.json()["checkpoint"] == {"cursor": None, "since": None}
    assert (await run(owner, engine, made, key="s"))["walk_mode"] == "full"


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"adapter": "rien"}, "/adapter", "unknown_code"),
        ({"settings": {}}, "/settings/url", "missing"),
        ({"settings": {"url": "x", "autre": 1}}, "/settings/autre", "extra_forbidden"),
        ({"secrets": {}}, "/secrets/token", "missing"),
        ({"schedule": "* * * * *"}, "/schedule", "schedule_too_often"),
        ({"schedule": "tous les jours"}, "/schedule", "schedule_unreadable"),
        ({"schedule": "0 0 30 2 *"}, "/schedule", "schedule_unreadable"),
        ({"schedule": "0 3 * * * *"}, "/schedule", "schedule_unreadable"),
        ({"source": "autre"}, "/source", "extra_forbidden"),
        ({"settings": {"url": "x" * 200_000}}, "/settings", "settings_too_large"),
        ({"name": "\x00"}, "/name", "string_pattern_mismatch"),
    ],
)
async def test_what_is_asked_wrongly_is_refused_by_field(owner: Partner, change: Json, pointer: str, code: str) -> None:
    response = await owner.post("/v1/connections", {**BODY, **change}, idempotency_key="x")

    assert response.status_code == 422, response.text
    assert {"pointer": pointer, "code": code}.items() <= response.json()["errors"][0].items()


async def test_a_connection_asks_for_the_right_to_write_what_it_reads(partners: Partners) -> None:
    narrow = await partners.add("etroit", scopes=["connections:manage"])

    response = await narrow.post("/v1/connections", BODY, idempotency_key="x")

    assert (response.status_code, response.json()["errors"][0]["code"]) == (422, "scope_missing")


async def test_a_client_that_lost_its_right_writes_nothing_more(
    owner: Partner, engine: Engine, database: Database
) -> None:
    made = await connect(owner)
    async with database.begin() as tx:
        await tx.fetch("UPDATE oauth_clients SET scopes = ARRAY['connections:manage'] WHERE id = $1", owner.client_id)

    assert (await run(owner, engine, made))["failure"]["code"] == "broken"
    assert await database.fetch("SELECT FROM structures WHERE source = 'outil'") == []


async def test_one_run_at_a_time_and_a_schedule_that_waits_for_it(
    owner: Partner, engine: Engine, database: Database
) -> None:
    made = await connect(owner)
    path = f"/v1/connections/{made['id']}/runs"
    assert (await owner.post(path, {}, idempotency_key="a")).status_code == 202
    assert (await owner.post(path, {}, idempotency_key="b")).status_code == 409
    async with database.begin() as tx:
        await tx.fetch("UPDATE connections SET next_run_at = now()")
        await start_due_runs(tx)
    assert len((await owner.get(path)).json()["data"]) == 1

    await work(engine)
    async with database.begin() as tx:
        await tx.fetch("UPDATE connections SET next_run_at = now()")
        await start_due_runs(tx)
    await work(engine)

    states = [item["state"] for item in (await owner.get(path)).json()["data"]]
    assert states == ["completed", "completed"]


async def test_the_run_that_is_in_the_way_is_named_with_what_to_do(owner: Partner) -> None:
    made = await connect(owner)
    one = f"/v1/connections/{made['id']}"
    run_id = (await owner.post(f"{one}/runs", {}, idempotency_key="a")).json()["id"]

    for path, key in ((f"{one}/runs", {"idempotency_key": "b"}), (f"{one}/rejections/replay", {})):
        refused = await owner.post(path, {}, accept_language="en", **key)

        problem = refused.json()
        assert (refused.status_code, problem["code"], problem["run_id"]) == (409, "run_under_way", run_id)
        assert (await owner.get(problem["run_url"])).json()["id"] == run_id
        assert "run_url" in problem["remedy"]
        assert run_id in problem["detail"]


async def test_what_is_set_aside_is_listed_downloaded_and_replayed(
    owner: Partner, engine: Engine, tool: ListTool
) -> None:
    made = await connect(owner)
    tool.rows[4] |= {"id": "=S-5", "name": "x"}
    tool.rows[5]["name"] = ""
    done = await run(owner, engine, made)
    one = f"/v1/connections/{made['id']}/rejections"

    listed = (await owner.get(f"{one}?limit=1")).json()
    rest = (await owner.get(f"{one}?cursor={listed['next_cursor']}")).json()
    downloaded = await owner.get(one, accept="text/csv")
    replayed = await owner.post(f"{one}/{listed['data'][0]['id']}/replay", {})
    await work(engine)
    all_again = await owner.post(f"{one}/replay", {})
    await work(engine)
    some = await owner.post(f"{one}/replay", {"ids": [listed["data"][0]["id"]]})
    await work(engine)
    none = await owner.post(f"{one}/replay", {"ids": []})

    assert done["rejected_count"] == 2
    assert {item["external_id"] for item in listed["data"] + rest["data"]} == {"=S-5", "S-6"}
    assert "Corrigez" in listed["data"][0]["remedy"]
    # As a French spreadsheet opens it: a mark, then semicolons.
    assert downloaded.text.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(downloaded.text[1:]), delimiter=";"))
    assert {row["external_id"] for row in rows} == {"'=S-5", "S-6"}
    for response, count in ((replayed, 1), (all_again, 2), (some, 1)):
        path = response.headers["Location"].removeprefix("http://raccord.test")
        assert (await owner.get(path)).json()["rejected_count"] == count
    assert (none.status_code, none.json()["errors"][0]["pointer"]) == (422, "/ids")


async def ask_to_delete(owner: Partner, engine: Engine, tool: ListTool) -> tuple[Any, str]:
    """Let a tool lose 13 of its 25 records; returns the connection, and the path of the run that asks."""
    made = await connect(owner)
    await run(owner, engine, made)
    del tool.rows[12:]
    asking = await run(owner, engine, made, "full", "s")
    assert (asking["state"], asking["pending_deletions_count"]) == ("asking", 13)
    return made, f"/v1/connections/{made['id']}/runs/{asking['id']}"


async def test_deletions_are_decided(owner: Partner, engine: Engine, tool: ListTool) -> None:
    _, path = await ask_to_delete(owner, engine, tool)

    await owner.post(f"{path}/deletions", {"decision": "confirm"})
    await work(engine)
    assert (await owner.get(path)).json()["deleted_count"] == 13
    assert len((await owner.get("/v1/structures?source=outil")).json()["data"]) == 12
    await owner.post(f"{path}/deletions", {"decision": "undo"})
    await work(engine)

    assert len((await owner.get("/v1/structures?source=outil")).json()["data"]) == 25


async def test_what_is_kept_is_not_asked_about_again(owner: Partner, engine: Engine, tool: ListTool) -> None:
    made, path = await ask_to_delete(owner, engine, tool)

    await owner.post(f"{path}/deletions", {"decision": "keep"})
    await work(engine)
    again = await run(owner, engine, made, "full", "t")

    assert (again["state"], again["pending_deletions_count"]) == ("completed", 0)
    assert len((await owner.get("/v1/structures?source=outil")).json()["data"]) == 25


async def test_a_connection_is_forgotten_and_its_records_stay(owner: Partner, engine: Engine) -> None:
    made = await connect(owner)
    await run(owner, engine, made)
    one = f"/v1/connections/{made['id']}"

    assert (await owner.delete(one)).status_code == 428
    assert (await owner.delete(one, if_match='"9"')).status_code == 412
    assert (await owner.delete(one, if_match="*")).status_code == 204
    assert (await owner.get(one)).status_code == 404
    assert len((await owner.get("/v1/structures?source=outil")).json()["data"]) == 25


async def test_a_stranger_sees_and_starts_nothing(owner: Partner, partners: Partners, unknown_id: str) -> None:
    made = await connect(owner)
    stranger = await partners.add("etranger")

    assert (await stranger.get("/v1/connections")).json()["data"] == []
    for path in ("", "/runs", "/rejections", f"/runs/{UUID(int=1)}"):
        one = await stranger.get(f"/v1/connections/{made['id']}{path}")
        none = await stranger.get(f"/v1/connections/{unknown_id}{path}")
        assert one.status_code == none.status_code == 404
        assert one.json()["detail"] == none.json()["detail"]


async def test_adapters_tell_what_they_ask_for(owner: Partner) -> None:
    [told] = (await owner.get("/v1/adapters")).json()["data"]

    assert told["name"] == "plain_list"
    assert set(told["settings_schema"]["properties"]) == {"url", "page_size"}
    assert "token" in told["secrets_schema"]["properties"]
