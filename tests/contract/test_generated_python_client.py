"""A client generated from the published document, with nothing added by hand, runs the whole story."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest

from tests.commands import leave_unmeasured
from tests.once import make_once
from tests.operations import Operation, list_operations
from tests.partners import Partner, Partners
from tests.servers import Server

PACKAGE = "generated_raccord_client"
DOCUMENT = Path(__file__).parents[2] / "openapi" / "raccord.v1.codegen.json"
EVERY = pytest.mark.parametrize("operation", list_operations(), ids=str)

Call = Callable[..., Awaitable[Any]]


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give the client's folder, importable."""
    folder = make_once(tmp_path_factory, "generated-client", generate)
    sys.path.insert(0, str(folder))
    yield folder / PACKAGE
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]


def generate(folder: Path) -> None:
    """Generate the client in the folder. A warning of the generator is an error."""
    config = folder / "config.yml"
    # The generator knows no NDJSON by itself: a file is sent as it is.
    config.write_text(
        "post_hooks: []\ncontent_type_overrides:\n  application/x-ndjson: application/octet-stream\n", encoding="utf-8"
    )
    done = subprocess.run(
        [
            *(sys.executable, "-m", "openapi_python_client", "generate", "--fail-on-warning", "--meta", "none"),
            *("--overwrite", "--path", str(DOCUMENT), "--output-path", str(folder / PACKAGE), "--config", str(config)),
        ],
        env=leave_unmeasured(os.environ),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "warning" not in (done.stdout + done.stderr).lower()


def load(name: str) -> ModuleType:
    """Load the module of an operation, wherever its tag put it."""
    [operation] = [o for o in list_operations() if o.name == name]
    tag = operation.described["tags"][0].lower().replace(" ", "_")
    return importlib.import_module(f"{PACKAGE}.api.{tag}.{name}")


def model(name: str) -> Any:
    return getattr(importlib.import_module(f"{PACKAGE}.models"), name)


@asynccontextmanager
async def sign_in(server: Server, partner: Partner) -> AsyncIterator[Call]:
    """Give a way to call any operation by its name, as the partner."""
    async with httpx.AsyncClient(base_url=server.base_url) as http:
        form = {"grant_type": "client_credentials"}
        answer = await http.post("/oauth/token", data=form, auth=(str(partner.client_id), partner.secret))
    client_class = importlib.import_module(PACKAGE).AuthenticatedClient
    client = client_class(base_url=server.base_url, token=answer.json()["access_token"])

    async def call(name: str, *path: str, status: int = 200, **given: object) -> Any:
        function = load(name).asyncio_detailed
        if "raccord_purpose" in function.__annotations__:
            given["raccord_purpose"] = "prescription"
        answer = await function(*path, client=client, **given)
        assert answer.status_code == status, answer.content
        return answer

    async with client:
        yield call


@EVERY
def test_every_operation_has_its_function(generated: Path, operation: Operation) -> None:
    assert generated.is_dir()
    module = load(operation.name)
    for way in ("sync_detailed", "asyncio_detailed"):
        assert callable(getattr(module, way))
    if operation.body_types:
        assert "body" in module.sync_detailed.__annotations__
    for parameter in operation.described.get("parameters", ()):
        name = parameter["name"].lower().replace("-", "_")
        assert {name, f"{name}_"} & module.sync_detailed.__annotations__.keys()


async def test_the_generated_client_runs_the_story(generated: Path, server: Server, served: Partners) -> None:
    assert generated.name == PACKAGE
    prescriber = await served.add("prescripteur", kind="ML")
    employer = await served.add("employeur", kind="ACI")
    stranger = await served.add("etranger", kind="EI")
    async with (
        sign_in(server, prescriber) as as_prescriber,
        sign_in(server, employer) as as_employer,
        sign_in(server, stranger) as as_stranger,
    ):
        await play_story(prescriber, employer, as_prescriber, as_employer, as_stranger)


async def play_story(
    prescriber: Partner, employer: Partner, as_prescriber: Call, as_employer: Call, as_stranger: Call
) -> None:
    found = (await as_prescriber("list_structures", kind=[model("ListStructuresKindItem")("ACI")], limit=10)).parsed
    assert [str(structure.id) for structure in found.data] == [employer.structure_id]

    person = model("PersonInput").from_dict(
        {
            "first_name": "Camille",
            "last_name": "Exemple",
            "birth_date": "1994-05-17",
            "managing_structure_id": prescriber.structure_id,
        }
    )
    written = await as_prescriber("upsert_person", prescriber.source, "P-1", body=person, status=201)
    prescription = model("PrescriptionInput").from_dict(
        {
            "person_id": str(written.parsed.id),
            "prescriber_structure_id": prescriber.structure_id,
            "recipient_structure_id": employer.structure_id,
            "prescribed_on": "2026-11-20",
        }
    )
    sent = await as_prescriber("upsert_prescription", prescriber.source, "R-1", body=prescription, status=201)

    feed = (await as_employer("list_changes")).parsed
    [seen] = [change for change in feed.data if change.kind == "prescriptions"]
    assert seen.id == sent.parsed.id
    read = await as_employer("read_prescription", seen.id)
    assert read.parsed.state == "new"
    moves = (await as_employer("list_prescription_transitions", seen.id)).parsed
    assert "accept" in [move.transition for move in moves.data]
    accept = model("PrescriptionTransition").from_dict({"transition": "accept", "hiring_start_on": "2026-12-01"})
    accepted = await as_employer("move_prescription", seen.id, body=accept, if_match=read.headers["ETag"])
    assert accepted.parsed.state == "accepted"

    after = (await as_prescriber("list_changes", after=feed.next_cursor)).parsed
    [path_id] = {change.id for change in after.data if change.kind == "career_paths"}
    path = (await as_prescriber("read_career_path", path_id)).parsed
    assert path.status == "active"
    assert str(path.employment_periods[0].structure_id) == employer.structure_id
    refused = (await as_stranger("read_career_path", path_id, status=404)).parsed
    assert refused.code == "not_found"

    known = await as_prescriber("read_person", written.parsed.id)
    patch = model("PersonPatch").from_dict({"city": "Lyon"})
    patched = await as_prescriber("patch_person", written.parsed.id, body=patch, if_match=known.headers["ETag"])
    assert (patched.parsed.city, patched.parsed.first_name) == ("Lyon", "Camille")
    history = (await as_prescriber("list_person_history", written.parsed.id)).parsed
    assert [version.version for version in history.data] == [2, 1]
