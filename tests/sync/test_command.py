"""`raccord sync`, as the terminal sees it: progress, what is left of a stopped run, what waits for a person."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from raccord.adapters.registry import ADAPTERS_BY_NAME
from raccord.kernel.errors import InvalidContentError
from raccord.kernel.strict_json import JsonObject
from raccord.sync import ledger
from raccord.sync.command import (
    add_connection,
    check_connection,
    describe_connections,
    describe_runs,
    edit_connection,
    run_connection,
)
from raccord.sync.runner import run_sync
from tests.adapters.plain_list import make_rows
from tests.adapters.stand_in import server_error
from tests.commands import run_raccord, run_raccord_measured
from tests.conftest import SECRET
from tests.sync.conftest import TOKEN, Bench


async def test_a_run_tells_its_counts(bench: Bench) -> None:
    said: list[str] = []

    state = await run_connection(bench.engine, await bench.read_connection(), "incremental", said.append)

    assert state == "completed"
    assert "completed: 25 seen, 25 created" in said[-1]
    [told] = await describe_runs(bench.engine, await bench.read_connection(), 5)
    assert told["created_count"] == 25


async def test_a_dry_run_shows_its_differences(bench: Bench) -> None:
    said: list[str] = []

    await run_connection(bench.engine, await bench.read_connection(), "dry_run", said.append)

    assert "created  structures S-1: " in said[-1]
    assert await bench.list_names() == []


async def test_what_was_left_of_a_run_is_gone_on_with(bench: Bench) -> None:
    bench.tool.script(server_error(at_call=2, times=4))
    await run_sync(bench.engine, await bench.open_run())
    said: list[str] = []

    state = await run_connection(bench.engine, await bench.read_connection(), "full", said.append)

    assert state == "completed"
    assert said[0].startswith("Going on with the incremental run")
    assert len(await bench.list_names()) == 25


async def test_a_run_that_somebody_is_at_is_watched(bench: Bench) -> None:
    run_id, said = await bench.open_run(), list[str]()
    async with bench.database.begin() as tx:
        await ledger.take_run(tx, run_id, uuid4())
    watching = asyncio.create_task(run_connection(bench.engine, await bench.read_connection(), "full", said.append))
    await asyncio.sleep(0.2)

    await run_sync(bench.engine, run_id)

    assert await watching == "completed"
    assert said[0] == "A worker is at it.\n"


async def test_deletions_that_wait_are_told(bench: Bench) -> None:
    await bench.run()
    bench.tool.rows = make_rows(10)
    said: list[str] = []

    assert await run_connection(bench.engine, await bench.read_connection(), "full", said.append) == "asking"
    assert "15 deletions wait" in said[-1]


async def test_a_check_says_what_is_wrong(bench: Bench) -> None:
    connection = await bench.read_connection()

    assert await check_connection(bench.engine, connection) == "The tool answers, and the secrets open."
    bench.tool.token = "another"
    assert await check_connection(bench.engine, connection) == "The tool refuses the secrets."
    bench.tool.script(server_error(418))
    assert (await check_connection(bench.engine, connection)).startswith("Broken: ")


async def test_an_operator_connects_a_tool_of_any_source(bench: Bench) -> None:
    asked = {
        "name": "autre",
        "adapter": "plain_list",
        "settings": {"url": "https://x.example"},
        "secrets": {"token": TOKEN},
    }

    made = await add_connection(bench.engine, "une-source", asked)  # type: ignore[arg-type]  # JSON, by hand

    assert (made["source"], made["secret_names"]) == ("une-source", ["token"])
    assert TOKEN not in str(await describe_connections(bench.engine))


async def test_an_operator_is_refused_an_address_that_is_never_called(bench: Bench) -> None:
    asked: JsonObject = {"name": "x", "adapter": "plain_list", "settings": {"url": "http://10.0.0.1"}, "secrets": {}}

    with pytest.raises(InvalidContentError) as added:
        await add_connection(bench.engine, "une-source", asked)
    with pytest.raises(InvalidContentError) as edited:
        await edit_connection(bench.engine, await bench.read_connection(), {"settings": {"url": "ftp://x.example"}})

    assert added.value.errors[0].code == edited.value.errors[0].code == "address_not_called"


async def test_an_operator_changes_a_connection_and_its_secrets(bench: Bench) -> None:
    bench.tool.token = "rotated"
    assert (await bench.run())["failure_code"] == "credentials_refused"

    shown = await edit_connection(
        bench.engine, await bench.read_connection(), {"secrets": {"token": "rotated"}, "drift_policy": "drop"}
    )

    assert (shown["state"], shown["drift_policy"], shown["version"]) == ("active", "drop", 2)
    assert "rotated" not in str(shown)
    assert (await bench.run())["state"] == "completed"


async def test_a_change_that_cannot_be_is_refused(bench: Bench) -> None:
    patches: list[JsonObject] = [
        {"secrets": {}}, {"settings": {"url": 5}}, {"schedule": "* * * * *"}, {"adapter": "rest"},
    ]  # fmt: skip
    for patch in patches:
        with pytest.raises(InvalidContentError):
            await edit_connection(bench.engine, await bench.read_connection(), patch)


SPEC = """base_url = "https://api.editeur.example"
[streams.structures]
kind = "structures"
request = { path = "structures" }
records = { id = "/id" }
[streams.structures.map]
name = "/nom"
"""


async def test_the_longest_spec_of_a_rest_connection_is_taken(bench: Bench) -> None:
    spec = SPEC + '# "accents", and quotes\n' * 2_600
    engine = replace(bench.engine, adapters=ADAPTERS_BY_NAME)

    made = await add_connection(engine, "editeur", {"name": "x", "adapter": "rest", "settings": {"spec": spec}})

    assert made["adapter"] == "rest"


async def test_the_commands_answer_on_an_empty_house(tmp_path: Path, database_url: str, owner_url: str) -> None:
    folder = {
        "RACCORD_DATABASE_URL": database_url,
        "RACCORD_MIGRATION_URL": owner_url,
        "RACCORD_SECRET_KEY": SECRET,
        "RACCORD_DATA_DIR": str(tmp_path),
    }
    assert run_raccord("sync", "connections", **folder).returncode == 0
    assert (
        run_raccord("sync", "reseal", **folder).stdout
        == "0 connections, 0 messages, 0 rejections, 0 deletions sealed anew.\n"
    )
    missing = run_raccord("sync", "run", "rien", **folder)
    assert (missing.returncode, missing.stderr) == (2, "No such connection.\n")
    assert run_raccord("sync", "edit", "rien", str(tmp_path / "none.json"), **folder).returncode == 2
    settings = tmp_path / "settings.json"
    settings.write_text("{}", encoding="utf-8")
    wrong = run_raccord("sync", "add", "x", "--adapter", "rien", "--source", "x", "--settings", str(settings), **folder)
    assert wrong.returncode == 2
    assert "/adapter" in wrong.stderr
    spec = tmp_path / "editeur.toml"
    spec.write_text(SPEC, "utf-8")
    options = ("--adapter", "rest", "--source", "x", "--settings", str(spec))
    made = run_raccord_measured("sync", "add", "x", *options, **folder)
    assert json.loads(made.stdout)["settings"]["spec"] == SPEC
