"""The true story over the network: real processes, real structures from a file, partners who only speak HTTP."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from raccord.demo.identifiers import make_siret
from raccord.kernel.clock import read_today
from tests.conftest import SECRET
from tests.servers import run_server

REAL_FILE = Path(__file__).parents[3] / "shared" / "data" / "siae_2023.jsonl.gz"
SOURCE = "annuaire-siae"
SCOPES = (
    "structures:read", "people:read", "people:write", "people:identity", "prescriptions:read", "prescriptions:write",
    "career_paths:read",
)  # fmt: skip
Json = dict[str, Any]


@dataclass(frozen=True)
class Service:
    """A served installation, and the command line beside it."""

    base_url: str
    environment: dict[str, str]
    clients: ExitStack

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        command = [sys.executable, "-m", "raccord", *arguments]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)


@pytest.fixture
def service(database_url: str, owner_url: str, tmp_path: Path) -> Iterator[Service]:
    with run_server(
        tmp_path, database_url=database_url, migration_url=owner_url, secret_key=SECRET, is_measured=True
    ) as server:
        own = {"DATABASE_URL": database_url, "MIGRATION_URL": owner_url, "SECRET_KEY": SECRET, "DATA_DIR": tmp_path}
        environment = {**os.environ, **{f"RACCORD_{name}": str(value) for name, value in own.items()}}
        with ExitStack() as clients:
            yield Service(server.base_url, environment, clients)


@dataclass(frozen=True)
class Software:
    """A partner's software: its token, its source, and the structure that it acts for."""

    http: httpx.Client
    source: str
    structure_id: str

    def send(self, method: str, path: str, status: int, body: Json | None = None, **headers: str) -> httpx.Response:
        """Call, and expect the status."""
        spelt = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.http.request(method, path, json=body, headers=spelt)
        assert answer.status_code == status, answer.text
        return answer

    def follow(self, cursor: str | None) -> tuple[list[Json], str]:
        """Read the feed from the cursor to its end."""
        found: list[Json] = []
        while True:
            query = "?limit=200" + (f"&after={cursor}" if cursor else "")
            page = self.send("GET", f"/v1/changes{query}", 200).json()
            found += page["data"]
            cursor = str(page["next_cursor"])
            if page["is_caught_up"]:
                return found, cursor


async def test_the_story_goes_from_a_file_to_a_career_path(service: Service, tmp_path: Path) -> None:
    lines = import_structures(service, tmp_path)
    check_closed_to_strangers(service)
    prescriber = connect(service, "logiciel-prescripteur", lines["ML"], "prescription")
    employer = connect(service, "logiciel-employeur", lines["ACI"], "iae_recruitment")
    stranger = connect(service, "logiciel-etranger", lines["EI"], "iae_recruitment")
    cursors = {software.source: software.follow(None)[1] for software in (prescriber, employer, stranger)}

    [found] = prescriber.send("GET", f"/v1/structures?kind=ACI&siret={make_siret(2)}", 200).json()["data"]
    assert found["id"] == employer.structure_id
    person_id, prescription_id = prescribe(prescriber, found["id"])

    seen, cursors[employer.source] = employer.follow(cursors[employer.source])
    assert ("created", prescription_id) in {(change["type"], change["id"]) for change in seen}
    read = employer.send("GET", f"/v1/prescriptions/{prescription_id}", 200)
    accept = {"transition": "accept", "hiring_start_on": read_today().isoformat()}
    moves = f"/v1/prescriptions/{prescription_id}/transitions"
    assert employer.send("POST", moves, 428, accept).json()["code"] == "precondition_required"
    accepted = employer.send("POST", moves, 200, accept, If_Match=read.headers["ETag"])
    assert accepted.json()["state"] == "accepted"
    again = employer.send("POST", moves, 409, accept, If_Match=accepted.headers["ETag"]).json()
    assert again["code"] == "transition_illegal"
    assert "cancel" in again["legal_transitions"]

    seen, _ = prescriber.follow(cursors[prescriber.source])
    kinds = {change["kind"] for change in seen}
    assert {"prescriptions", "career_paths"} <= kinds
    assert prescriber.send("GET", f"/v1/prescriptions/{prescription_id}", 200).json()["state"] == "accepted"
    [path] = prescriber.send("GET", f"/v1/career-paths?person_id={person_id}", 200).json()["data"]
    assert path["status"] == "active"
    assert path["employment_periods"][0]["structure_id"] == employer.structure_id

    nothing, _ = stranger.follow(cursors[stranger.source])
    assert nothing == []
    for address in (f"/v1/prescriptions/{prescription_id}", f"/v1/career-paths/{path['id']}"):
        assert stranger.send("GET", address, 404).json()["code"] == "not_found"
    for kind in ("prescriptions", "career-paths", "people"):
        assert stranger.send("GET", f"/v1/{kind}", 200).json()["data"] == []


@pytest.mark.skipif(not REAL_FILE.exists(), reason="the real structures are not in the repository")
async def test_real_structures_come_in_from_a_file_once(service: Service, tmp_path: Path) -> None:
    command = ("import", "structures", str(REAL_FILE), "--source", SOURCE, "--mapping", "siae-2023")

    first = service.run(*command, "--rejections", str(tmp_path / "rejections.csv"))
    again = service.run(*command)

    assert first.returncode in (0, 3), first.stderr
    assert "3853 lines" in first.stdout + first.stderr
    assert " 0 created, 0 updated" in again.stdout + again.stderr
    rejected = (tmp_path / "rejections.csv").read_text("utf-8").splitlines()[1:]
    assert len(rejected) < 50


def check_closed_to_strangers(service: Service) -> None:
    answer = httpx.get(f"{service.base_url}/v1/structures")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def import_structures(service: Service, tmp_path: Path) -> dict[str, str]:
    """Import the story's structures with the command line; returns their external ids by kind."""
    kinds = {"ML": "Mission locale d'Exemple", "ACI": "Chantier d'Exemple", "EI": "Entreprise d'Exemple"}
    rows = [
        {"external_id": f"S-{number}", "kind": kind, "name": name, "siret": make_siret(number)}
        for number, (kind, name) in enumerate(kinds.items(), start=1)
    ]
    path = tmp_path / "structures.ndjson"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    ran = service.run("import", "structures", str(path), "--source", SOURCE)
    assert ran.returncode == 0, ran.stderr
    assert "3 created" in ran.stdout + ran.stderr
    return {str(row["kind"]): str(row["external_id"]) for row in rows}


def connect(service: Service, source: str, external_id: str, purpose: str) -> Software:
    """Register a software with the command line, have the structure sign and authorise it, and get a token."""
    scopes = [part for scope in SCOPES for part in ("--scope", scope)]
    made = read_json(service.run("client", "create", source, "--source", source, *scopes, "--purpose", purpose))
    credentials = (made["client_id"], made["client_secret"])
    token = httpx.post(
        f"{service.base_url}/oauth/token", data={"grant_type": "client_credentials"}, auth=credentials
    ).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}", "Raccord-Purpose": purpose}
    http = service.clients.enter_context(httpx.Client(base_url=service.base_url, headers=headers))
    structure_id = http.get(f"/v1/structures/by-source/{SOURCE}/{external_id}").json()["id"]
    assert service.run("agreement", "sign", structure_id, "--signatory", "Direction").returncode == 0
    read_json(service.run("grant", "add", made["client_id"], structure_id, *scopes))
    return Software(http, source, structure_id)


def prescribe(prescriber: Software, recipient_id: str) -> tuple[str, str]:
    """Send a person to the recipient; returns the ids of the person and of the prescription."""
    person = {
        "first_name": "Camille",
        "last_name": "Exemple",
        "birth_date": "1994-05-17",
        "managing_structure_id": prescriber.structure_id,
    }
    person_id = prescriber.send("PUT", f"/v1/people/by-source/{prescriber.source}/P-1", 201, person).json()["id"]
    prescription = {
        "person_id": person_id,
        "prescriber_structure_id": prescriber.structure_id,
        "recipient_structure_id": recipient_id,
        "prescribed_on": read_today().isoformat(),
    }
    address = f"/v1/prescriptions/by-source/{prescriber.source}/R-1"
    sent = prescriber.send("PUT", address, 201, prescription).json()
    assert prescriber.send("PUT", address, 200, prescription).json()["version"] == sent["version"]
    return person_id, str(sent["id"])


def read_json(ran: subprocess.CompletedProcess[str]) -> Json:
    assert ran.returncode == 0, ran.stderr
    return dict(json.loads(ran.stdout))
