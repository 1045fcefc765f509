"""Specs for the publisher, and how it is connected by them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from raccord.adapters.rest.manifest import MANIFEST
from tests.adapters.case import Case
from tests.adapters.rest.publisher import BASE, KEY, Publisher

MAP = """
[streams.structures.map]
name = "/nom"
kind = { pointer = "/type", codes = { chantier = "ACI", entreprise = "EI" } }
"address.postal_code" = { pointer = "/adresse/cp", transforms = ["postal_code"] }
"address.city" = "/adresse/ville"
"""
CURSOR = 'cursor = { type = "datetime", field = "/modifie_le", param = "since" }\n'
KNOWN = 'drift = { known = ["/actif"] }\n'
PAGES = {
    "none": '{ type = "none" }',
    "page": '{ type = "page", size = 10, size_param = "page_size" }',
    "page_count": '{ type = "page", page_count = "/meta/pages" }',
    "stuck": '{ type = "page", size = 10 }',
    "cursor": '{ type = "cursor", param = "cursor", pointer = "/next", has_more = "/more" }',
    "next_url": '{ type = "next_url", pointer = "/next" }',
    "link_header": '{ type = "link_header" }',
    "offset": '{ type = "offset", size = 10 }',
    "keyset": '{ type = "keyset", param = "after", field = "/id", size = 10 }',
    "range": '{ type = "range_header", size = 10 }',
    "search": '{ type = "page", size = 10, place = "body" }',
}
BARE = {"none", "link_header", "range", "jsonl", "csv"}
AUTH = {
    "bearer": '{ type = "bearer" }',
    "header": '{ type = "api_key", name = "x-api-key", prefix = "Key " }',
    "query": '{ type = "api_key", place = "query", name = "api_key" }',
    "basic": '{ type = "basic" }',
    "oauth2": '{ type = "oauth2_cc", token_url = "http://publisher.test/api/v2/token", '
    'scope = "structures {config.scope}", audience = "api", realm = "/partenaire" }',
}
SECRETS = {
    "bearer": {"key": KEY},
    "header": {"key": KEY},
    "query": {"key": KEY},
    "basic": {"username": "moi", "password": KEY},
    "oauth2": {"client_id": "moi", "client_secret": KEY},
}
_BODY = 'method = "POST", body = { region = "{config.region}" }, '


def write_spec(
    style: str = "page", auth: str = "bearer", *, stream: str = "", more: str = "", deletes: str = "full_diff",
    cursor: str = CURSOR, records: str = "", fields: str = MAP,
) -> str:  # fmt: skip
    """Write the spec of the publisher that pages and opens so."""
    pointer = "" if style in BARE else 'pointer = "/results", '
    return f"""
base_url = "{BASE}"
auth = {AUTH[auth]}
[streams.structures]
kind = "structures"
request = {{ {_BODY if style == "search" else ""}path = "structures" }}
records = {{ {pointer}{records}id = "/id" }}
pages = {PAGES[style]}
deletes = {{ type = "{deletes}" }}
{cursor}{KNOWN}{stream}{fields}
{more}"""


MESSAGES = """
[streams.structures.receive]
pointer = "/data"
when = { pointer = "/event", values = ["structure.saved", "structure.gone"] }
gone = { pointer = "/event", values = ["structure.gone"] }
"""
PROOFS = {
    "hmac": '{ type = "hmac_sha256", header = "x-signature", prefix = "sha256=" }',
    "hmac_base64": '{ type = "hmac_sha256", header = "X-Signature", encoding = "base64" }',
    "hmac_dated": '{ type = "hmac_sha256", header = "x-signature", timestamp_header = "x-sent-at", tolerance_s = 60 }',
    "standard_webhooks": '{ type = "standard_webhooks" }',
    "token": '{ type = "token", prefix = "Bearer " }',
}


def write_receiving_spec(proof: str = "hmac", **more: str) -> str:
    """Write the spec of the publisher that sends messages too."""
    return write_spec(more=f"{MESSAGES}\n[receive]\nproof = {PROOFS[proof]}\n", **more)


def connect(
    tool: Publisher, spec: str, *, reads: tuple[str, ...] = ("structures",), secrets: dict[str, str] | None = None,
    **more: Any,
) -> Case:  # fmt: skip
    """Connect the publisher by the spec."""
    return Case(
        replace(MANIFEST, reads=reads),
        tool,
        settings={"spec": spec, "config": {"scope": "lecture", "region": "84"}},
        secrets=secrets or SECRETS[tool.auth],
        **more,
    )
