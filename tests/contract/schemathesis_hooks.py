"""What schemathesis cannot guess, loaded into its own process: which ids and names are each peer's own.

Half of the generated cases are given them, so that they reach what lies behind the checks; half are sent as they are.
"""

from __future__ import annotations

import itertools
import json
import os
from typing import Any, TypeAlias

import schemathesis
from schemathesis.core.parameters import ParameterLocation

from raccord.resources.registry import KINDS

Case: TypeAlias = "schemathesis.Case[Any]"
OPEN_PATHS = tuple(f"/v1/{kind.path}" for kind in KINDS if not kind.is_personal)
PEERS: dict[str, dict[str, str]] = json.loads(os.environ.get("RACCORD_TEST_PEERS", "{}"))
# Optional fields with a rule that their schema cannot tell, or that must agree with another field.
RULED = frozenset(
    {
        *("siret", "parent_siret", "siren", "safir_code", "habilitation", "convention", "financial_annexes"),
        *("opening_hours", "website", "source_url", "accessibility_url", "mobilisation_url", "source_updated_on"),
        *("spontaneous_applications_open_since_on", "applications_blocked_on", "audiences", "structure_external_id"),
        *("career_path_id", "mirrored_state"),
    }
)
_turns = itertools.count()


@schemathesis.serializer("application/x-ndjson")
def send_as_text(_context: schemathesis.SerializationContext, value: object) -> bytes:
    return value.encode("utf-8", "replace") if isinstance(value, str) else json.dumps(value).encode()


@schemathesis.hook
def before_call(_context: schemathesis.HookContext, case: Case, _kwargs: dict[str, Any]) -> None:
    peer = PEERS.get(getattr(case, "auth_identity", None) or "")
    if peer is None or case.meta is None or next(_turns) % 2:
        return
    # A wrong body too: on another's source it would be refused unread.
    if "source" in case.path_parameters and not case.meta.is_negative_at(ParameterLocation.PATH):
        case.path_parameters["source"] = peer["source"]
    if case.meta.generation.mode is not schemathesis.GenerationMode.POSITIVE:
        return
    if "Raccord-Purpose" in case.headers:
        case.headers["Raccord-Purpose"] = "prescription"
    if isinstance(case.body, dict):
        case.body = own(case.body, peer)


@schemathesis.check
def nothing_of_the_other_peer(_context: schemathesis.CheckContext, response: schemathesis.Response, case: Case) -> None:
    """A peer is answered nothing personal of the other: no record of its source, none of its people's ids."""
    name = getattr(case, "auth_identity", None)
    if name not in PEERS or case.operation.path.startswith(OPEN_PATHS):
        return
    for other in (peer for peer_name, peer in PEERS.items() if peer_name != name):
        assert other["person_id"] not in response.text
        if case.operation.path != "/v1/changes":  # which tells of the open kinds
            assert f'"source":"{other["source"]}"' not in response.text


def own(value: Any, peer: dict[str, str]) -> Any:
    """Put what is the peer's own for every reference in the body, and what no rule on one field can tell."""
    if isinstance(value, list):
        return [own(inner, peer) for inner in value]
    if not isinstance(value, dict):
        return value
    changed = {name: own(inner, peer) for name, inner in value.items()}
    for name in changed:
        if name.endswith("structure_id"):
            changed[name] = peer["structure_id"]
        elif name == "person_id":
            changed[name] = peer["person_id"]
        elif name in RULED:
            changed[name] = None
    fixed = {"birth_date": "1994-05-17", "sender_kind": "prescriber", "state_authority": "raccord", "ended_on": None}
    return {**changed, **{name: fixed[name] for name in fixed if name in changed}}
