"""The share of each client, and how it is told."""

from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI

from raccord.kernel.quota import Quota
from tests.partners import Partners


def test_a_share_is_spent_and_renewed() -> None:
    now = [0.0]
    quota = Quota(2, window_s=60, clock=lambda: now[0])

    spent = [quota.spend("a") for _ in range(3)]
    other = quota.spend("b")
    now[0] = 61.0
    renewed = quota.spend("a")

    assert [is_within for is_within, _, _ in spent] == [True, True, False]
    assert [remaining for _, remaining, _ in spent] == [1, 0, 0]
    assert other[0]
    assert renewed == (True, 1, 61)


def test_the_oldest_key_is_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("raccord.kernel.quota._MAX_KEYS", 2)
    quota = Quota(1)

    for key in ("a", "b", "c"):
        quota.spend(key)

    assert quota.spend("b")[0] is False
    assert quota.spend("a")[0] is True


async def test_every_answer_tells_the_share_and_the_end_of_it(
    app: FastAPI, client: httpx.AsyncClient, partners: Partners
) -> None:
    partner = await partners.add("logiciel")
    app.state.quota = Quota(1)

    first = await partner.get("/v1/me")
    second = await partner.get("/v1/me")

    assert first.headers["RateLimit-Policy"] == '"client";q=1;w=60'
    assert first.headers["RateLimit"].startswith('"client";r=0;t=')
    assert second.status_code == 429
    assert second.json()["code"] == "too_many_requests"
    assert 1 <= int(second.headers["Retry-After"]) <= 61
    assert (await client.get("/health/live")).status_code == 200
