"""`raccord demo`, as a person runs it: what it writes, what it keeps, and that it leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from raccord.access.projection import PURPOSES
from raccord.resources.registry import list_scopes
from tests.commands import leave_unmeasured, run_raccord
from tests.demos import Demo, list_processes, make_demo, run_demo, wait_until_gone
from tests.once import copy_made

NAMES = ["prescriber", "employer", "stranger", "open-data-reader", "operator"]
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="processes are looked for in /proc")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo's folder, made and stopped: the tests start copies of it, which is quick."""
    return make_demo(tmp_path_factory)


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    return copy_made(made, tmp_path / "copy")


@pytest.fixture(scope="module")
def demo(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A demo for the tests that leave it running."""
    with run_demo(copy_made(made, tmp_path_factory.mktemp("demo") / "copy")) as running:
        yield running


def test_the_credentials_file_tells_how_to_call_and_is_its_owners_alone(made: Path) -> None:
    path = made / "demo-credentials.json"
    content = json.loads(path.read_text("utf-8"))

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert set(content) == {"base_url", "token_url", "clients"}
    assert content["token_url"] == content["base_url"] + "/oauth/token"
    assert [client["name"] for client in content["clients"]] == NAMES
    for client in content["clients"]:
        assert set(client) == {"name", "client_id", "client_secret", "scopes", "purposes", "structures"}
        assert set(client["scopes"]) <= set(list_scopes())
        assert set(client["purposes"]) <= set(PURPOSES)
        assert all(UUID(structure) for structure in client["structures"])
    acting = {client["name"]: bool(client["structures"]) for client in content["clients"]}
    assert acting == {name: name in NAMES[:3] for name in NAMES}


def test_a_port_in_use_is_told_before_anything_is_made(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        done = run_raccord("demo", RACCORD_DATA_DIR=str(tmp_path / "demo"), RACCORD_PORT=port)

    assert done.returncode == 2
    assert f"127.0.0.1:{port}" in done.stderr
    assert "RACCORD_PORT" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "demo").exists()


@on_linux
def test_two_run_side_by_side_and_ctrl_c_stops_all_of_one_alone(demo: Demo, folder: Path) -> None:
    with run_demo(folder) as other:  # started where Ctrl-C is ignored
        assert demo.base_url != other.base_url
        assert demo.call_as("operator", "/v1/me").status_code == 200
        assert other.call_as("operator", "/v1/me").status_code == 200
        assert len(list_processes(folder)) >= 4  # the demo, the API, the worker, PostgreSQL and its own

        assert other.stop(signal.SIGINT) == 0

        assert not list_processes(folder)
        assert demo.call_as("operator", "/v1/me").status_code == 200


def test_started_again_it_keeps_data_and_secrets_and_moves_with_its_port(made: Path, demo: Demo) -> None:
    before = json.loads((made / "demo-credentials.json").read_text("utf-8"))

    after = demo.read_credentials()

    assert after["clients"] == before["clients"]
    assert after["base_url"] == demo.base_url != before["base_url"]
    structures = demo.call_as("open-data-reader", "/v1/structures?limit=200")
    assert len(structures.json()["data"]) == 200
    prescriptions = demo.call_as("employer", "/v1/prescriptions", **{"Raccord-Purpose": "iae_recruitment"})
    assert prescriptions.json()["data"]


def test_two_tools_beside_it_are_synchronised_one_by_the_printed_command_from_any_folder(
    demo: Demo, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()

    runs = {
        "les-emplois": run_printed_synchronisation(demo, elsewhere),
        "data-inclusion": run_raccord(
            "sync", "run", "data-inclusion", **{**demo.environment, "RACCORD_OUTBOUND_LOOPBACK": "true"}
        ),
    }

    assert not list(elsewhere.iterdir())
    kept = []
    for name, ran in runs.items():
        assert ran.returncode == 0, ran.stderr
        assert "completed" in ran.stderr
        assert "rejected" not in ran.stdout + ran.stderr
        kept = demo.call_as("open-data-reader", f"/v1/structures?source={name}&limit=1").json()["data"]
        assert kept
    merged = demo.call_as("open-data-reader", f"/v1/structures/{kept[0]['id']}/merged")
    assert merged.status_code == 200


def run_printed_synchronisation(demo: Demo, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run what the demo printed, in the folder, with nothing of the demo's environment."""
    known = leave_unmeasured(os.environ)
    kept = {name: value for name, value in known.items() if not name.startswith("RACCORD_")}
    log, deadline = demo.folder.parent / f"{demo.folder.name}.log", time.monotonic() + 10
    while " sync run " not in log.read_text("utf-8") and time.monotonic() < deadline:
        time.sleep(0.05)
    [command] = [line for line in log.read_text("utf-8").splitlines() if " sync run " in line]
    return subprocess.run(["sh", "-c", command], cwd=folder, env=kept, capture_output=True, text=True, check=False)


@on_linux
def test_lost_credentials_are_renewed_and_killed_outright_it_leaves_no_process(folder: Path) -> None:
    path = folder / "demo-credentials.json"
    lost = json.loads(path.read_text("utf-8"))
    path.unlink()

    with run_demo(folder) as demo:
        found = demo.read_credentials()
        read = demo.call_as("operator", "/v1/me")
        demo.process.kill()
        demo.process.wait()
        left = wait_until_gone(folder)

    assert not left
    assert sorted(client["name"] for client in found["clients"]) == sorted(NAMES)
    assert {c["client_id"] for c in found["clients"]} == {c["client_id"] for c in lost["clients"]}
    assert not {c["client_secret"] for c in found["clients"]} & {c["client_secret"] for c in lost["clients"]}
    assert read.status_code == 200
