"""Partners of the API, for tests: each is a client with a token, and the structures that authorised it."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

import httpx

from raccord.demo.identifiers import make_siret
from raccord.kernel.clock import read_today
from raccord.kernel.database import Database
from raccord.kernel.keys import Keys
from raccord.oauth.clients import create_client
from raccord.records.entitlements import add_grant, sign_agreement
from raccord.records.store import Put, Writer, put_one
from raccord.resources.registry import list_scopes
from raccord.resources.structures.kind import STRUCTURES

ALL_SCOPES = tuple(list_scopes())
Json = dict[str, Any]


@dataclass
class Partner:
    """A client's software, as it calls."""

    http: httpx.AsyncClient
    client_id: UUID
    secret: str
    token: str
    source: str
    purpose: str | None = "prescription"
    structure_id: str = ""
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def headers(self) -> dict[str, str]:
        purpose = {"Raccord-Purpose": self.purpose} if self.purpose else {}
        return {"Authorization": f"Bearer {self.token}", **purpose, **self.extra}

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.http.get(path, headers={**self.headers, **_spell(headers)})

    async def put(self, path: str, body: Json, **headers: str) -> httpx.Response:
        return await self.http.put(path, json=body, headers={**self.headers, **_spell(headers)})

    async def post(self, path: str, body: Json, **headers: str) -> httpx.Response:
        return await self.http.post(path, json=body, headers={**self.headers, **_spell(headers)})

    async def patch(self, path: str, body: Json, **headers: str) -> httpx.Response:
        media = {"Content-Type": "application/merge-patch+json"}
        return await self.http.patch(path, json=body, headers={**self.headers, **media, **_spell(headers)})

    async def delete(self, path: str, **headers: str) -> httpx.Response:
        return await self.http.delete(path, headers={**self.headers, **_spell(headers)})

    async def read_feed(self, after: str | None = None, query: str = "") -> tuple[list[Json], str]:
        """Read the feed to its end."""
        found: list[Json] = []
        while True:
            response = await self.get(f"/v1/changes?limit=200{query}" + (f"&after={after}" if after else ""))
            assert response.status_code == 200, response.text
            page = response.json()
            found += page["data"]
            after = page["next_cursor"]
            if page["is_caught_up"]:
                return found, str(after)

    async def add_person(self, external_id: str = "P-1", **fields: object) -> Json:
        """Write a person followed by the partner's structure."""
        body = {
            "first_name": "Camille",
            "last_name": "Exemple",
            "birth_date": "1994-05-17",
            "email": "camille@example.org",
            "managing_structure_id": self.structure_id,
            **fields,
        }
        response = await self.put(f"/v1/people/by-source/{self.source}/{external_id}", body)
        assert response.status_code in (200, 201), response.text
        return dict(response.json())

    async def prescribe(self, person: Json, recipient: str, external_id: str = "R-1", **fields: object) -> Json:
        """Send the person to the structure."""
        body = {
            "person_id": person["id"],
            "prescriber_structure_id": self.structure_id,
            "recipient_structure_id": recipient,
            "prescribed_on": "2026-11-20",
            **fields,
        }
        response = await self.put(f"/v1/prescriptions/by-source/{self.source}/{external_id}", body)
        assert response.status_code in (200, 201), response.text
        return dict(response.json())

    async def move(self, path: str, transition: str, **fields: object) -> httpx.Response:
        """Make a move on the record as it stands now."""
        etag = (await self.get(path)).headers["ETag"]
        return await self.post(f"{path}/transitions", {"transition": transition, **fields}, if_match=etag)


class Partners:
    """Make partners and structures."""

    def __init__(self, http: httpx.AsyncClient, database: Database, keys: Keys) -> None:
        self._http = http
        self._database = database
        self._keys = keys
        self._numbers = itertools.count(1)

    async def add(
        self,
        name: str,
        *,
        kind: str | None = None,
        scopes: Sequence[str] = ALL_SCOPES,
        purposes: Sequence[str] = ("prescription", "iae_recruitment", "career_support"),
    ) -> Partner:
        """Add a client; with a kind, also a structure that authorised it."""
        async with self._database.begin() as tx:
            made, secret = await create_client(
                tx, self._keys, name=name, source=name, scopes=list(scopes), purposes=list(purposes)
            )
        structure_id = await self.add_structure(kind) if kind else ""
        if structure_id:
            await self.grant(made.id, structure_id, scopes)
        token = await self.get_token(made.id, secret)
        return Partner(self._http, made.id, secret, token, name, structure_id=structure_id)

    async def add_structure(self, kind: str = "ACI", **fields: object) -> str:
        """Add a structure of the source `annuaire`."""
        number = next(self._numbers)
        body = {"kind": kind, "name": f"Structure {number}", "siret": make_siret(number), **fields}
        async with self._database.begin() as tx:
            put = Put(f"S-{number}", STRUCTURES.content.model_validate_json(_dump(body)).model_dump_json().encode())
            outcome = await put_one(tx, STRUCTURES, Writer("annuaire", "annuaire", "test"), put)
        return str(outcome.id)

    async def grant(
        self,
        client_id: UUID,
        structure_id: str,
        scopes: Sequence[str] = ALL_SCOPES,
        ends_on: date | None = None,
    ) -> UUID:
        """Have the structure sign and authorise."""
        async with self._database.begin() as tx:
            await sign_agreement(tx, UUID(structure_id), read_today(), "Direction")
            return await add_grant(tx, client_id, UUID(structure_id), list(scopes), ends_on)

    async def get_token(self, client_id: UUID, secret: str, scope: str | None = None) -> str:
        """Get a token as any client does."""
        form = {"grant_type": "client_credentials", **({"scope": scope} if scope else {})}
        response = await self._http.post("/oauth/token", data=form, auth=(str(client_id), secret))
        assert response.status_code == 200, response.text
        return str(response.json()["access_token"])


def _dump(body: Mapping[str, object]) -> bytes:
    import json

    return json.dumps(body).encode()


def _spell(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
