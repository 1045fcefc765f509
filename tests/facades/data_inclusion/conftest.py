"""A client of data·inclusion that was pointed at Raccord, and what it finds there."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from raccord.adapters.data_inclusion.translate import read_service, read_structure
from tests.adapters.data_inclusion.records import FULL_SERVICE, FULL_STRUCTURE
from tests.partners import Partner, Partners

BASE = "/facades/data-inclusion/api/v1"
Json = dict[str, Any]


class Client:
    """What calls data·inclusion's paths with its token."""

    def __init__(self, partner: Partner) -> None:
        self._partner = partner

    async def get(self, path: str, **parameters: Any) -> httpx.Response:
        return await self._partner.http.get(
            f"{BASE}{path}", params=parameters or None, headers={"Authorization": f"Bearer {self._partner.token}"}
        )

    async def read(self, path: str, **parameters: Any) -> Json:
        response = await self.get(path, **parameters)
        assert response.status_code == 200, response.text
        return dict(response.json())

    async def list_ids(self, path: str, **parameters: Any) -> list[str]:
        page = await self.read(path, **parameters)
        return [item.get("service", item)["id"] for item in page["items"]]


class Directory:
    """What is written through the public door."""

    def __init__(self, gathered: Partner, own: Partner) -> None:
        self._gathered, self._own = gathered, own

    async def add_gathered_structure(self, external_id: str, **fields: object) -> None:
        payload: Json = {**FULL_STRUCTURE, "siret": None, "doublons": [], **fields, "id": external_id}
        await self._put(self._gathered, "structures", external_id, read_structure(payload))

    async def add_gathered_service(self, external_id: str, **fields: object) -> None:
        payload: Json = {**FULL_SERVICE, **fields, "id": external_id}
        await self._put(self._gathered, "services", external_id, read_service(payload))

    async def add_own(self, path: str, external_id: str, **fields: object) -> None:
        await self._put(self._own, path, external_id, dict(fields))

    async def _put(self, partner: Partner, path: str, external_id: str, body: Json) -> None:
        response = await partner.put(f"/v1/{path}/by-source/{partner.source}/{external_id}", body)
        assert response.status_code in (200, 201), response.text


@pytest.fixture
async def directory(partners: Partners) -> Directory:
    made = Directory(await partners.add("data-inclusion"), await partners.add("editeur"))
    await made.add_gathered_structure("dora--42")
    return made


@pytest.fixture
async def consumer(partners: Partners) -> Client:
    return Client(await partners.add("dora", scopes=["structures:read", "services:read"]))
