"""The document against the server: schemathesis tries examples, edges, random cases and chains of calls.

Two tenants with equal rights are its peers: neither may be answered what is the other's.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import anyio

from raccord.resources.registry import KINDS
from tests.commands import leave_unmeasured
from tests.contract.test_openapi_frozen import FOLDER
from tests.partners import Partner, Partners
from tests.servers import Server

ROOT = FOLDER.parent
CONFIG = """
base-url = "{url}"
seed = 20261122
hooks = "tests/contract/schemathesis_hooks.py"
continue-on-failure = true
workers = 1
request-timeout = 20
color = false

[warnings]
enabled = false

[analysis.constants]
enabled = false

[cache]
enabled = false

[generation]
deterministic = true
max-examples = 3
no-shrink = true

[phases.stateful]
max-steps = 8
[phases.stateful.generation]
max-examples = 100

[auth.wfc]
path = "{peers}"
peers = ["premier", "second"]
# Left to choose, it goes on without a token after a 403: most bodies would be answered 401, and never read.
user = "premier"

[checks]
enabled = false
[checks.not_a_server_error]
enabled = true
[checks.status_code_conformance]
enabled = true
[checks.content_type_conformance]
enabled = true
[checks.response_schema_conformance]
enabled = true
[checks.response_headers_conformance]
enabled = true
[checks.unsupported_method]
enabled = true
[checks.allow_header_conformance]
enabled = true
[checks.ignored_auth]
enabled = true
[checks.use_after_free]
enabled = true
[checks.object_level_authorization]
enabled = true
[checks.nothing_of_the_other_peer]
enabled = true

# A deleted record's history remains, with its tombstone.
[[operations]]
include-operation-id-regex = "_history$"
[operations.checks.use_after_free]
enabled = false

# An upsert takes the same body, and a patch some of it: their edges are tried there, a patch's by the hostile tests.
[[operations]]
include-operation-id-regex = "^(create|patch)_"
[operations.phases.coverage]
enabled = false
"""
# Open to all who have the scope: what one writes the other reads.
OPEN_KIND = """
[[operations]]
include-tag = "{kind.title}"
[operations.checks.object_level_authorization]
enabled = false
"""


async def test_the_server_keeps_to_its_document(server: Server, served: Partners, tmp_path: Path) -> None:
    peers = {name: await settle(served, name) for name in ("premier", "second")}
    entries = [
        {"name": name, "fixedHeaders": [{"name": "Authorization", "value": f"Bearer {peer.token}"}]}
        for name, (peer, _) in peers.items()
    ]
    accounts = tmp_path / "peers.json"
    accounts.write_text(json.dumps({"auth": entries}), encoding="utf-8")
    config = tmp_path / "schemathesis.toml"
    open_kinds = "".join(OPEN_KIND.format(kind=kind) for kind in KINDS if not kind.is_personal)
    config.write_text(CONFIG.format(url=server.base_url, peers=accounts) + open_kinds, encoding="utf-8")
    own = {
        name: {"source": peer.source, "structure_id": peer.structure_id, "person_id": person}
        for name, (peer, person) in peers.items()
    }

    done = await anyio.run_process(
        [
            sys.executable,
            "-m",
            "schemathesis.cli",
            "--config-file",
            str(config),
            "run",
            str(FOLDER / "raccord.v1.json"),
        ],
        cwd=ROOT,
        env={**leave_unmeasured(os.environ), "RACCORD_TEST_PEERS": json.dumps(own), "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert done.returncode == 0, (done.stdout[-15_000:] + done.stderr[-3_000:]).decode()
    lines = [json.loads(line) for line in server.log.read_text(encoding="utf-8").splitlines()]
    answers = {(line["method"], line["route"], line["status"]) for line in lines if line["event"] == "request"}
    assert not [answer for answer in answers if answer[2] >= 500]
    # What is only ever refused proves nothing: each kind was written and read.
    for kind in KINDS:
        many, named = f"/v1/{kind.path}", f"/v1/{kind.path}/by-source/{{source}}/{{external_id}}"
        assert {("POST", many, 201), ("PUT", named, 201), ("PUT", named, 200)} & answers, kind.name
        assert {("GET", f"{many}/{{id}}", 200), ("GET", f"{many}/{{id}}/history", 200)} & answers, kind.name


async def settle(served: Partners, name: str) -> tuple[Partner, str]:
    """Add a peer with a person of its own; returns both."""
    peer = await served.add(name, kind="ACI")
    person = await peer.add_person()
    return peer, str(person["id"])
