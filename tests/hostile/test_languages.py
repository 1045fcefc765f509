"""Problems in both languages, for every error there is; each explains itself under its address."""

from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI, Request

from raccord.kernel.errors import InternalError, list_error_classes
from raccord.kernel.problems import answer_problem
from raccord.kernel.refusals import RaccordError
from raccord.kernel.text import choose_language
from raccord.kernel.validation import _MESSAGES
from tests.peers import World

CLASSES = list_error_classes()
EACH = pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.code)


@EACH
def test_every_error_speaks_both_languages(kind: type[RaccordError]) -> None:
    for text in (kind.title, kind.remedy):
        assert text.fr
        assert text.en
        assert text.fr != text.en
    assert 400 <= kind.status < 600
    assert kind.code.replace("_", "").isalpha()


def test_codes_are_unique() -> None:
    codes = [kind.code for kind in CLASSES]
    assert len(codes) == len(set(codes))


def test_every_validation_message_speaks_both_languages() -> None:
    assert [code for code, text in _MESSAGES.items() if not (text.fr and text.en and text.fr != text.en)] == []


@EACH
@pytest.mark.parametrize("language", ["fr", "en"])
async def test_every_problem_resolves(world: World, kind: type[RaccordError], language: str) -> None:
    problem = answer_problem(kind(), make_request(world.app, language))
    body = httpx.Response(200, content=bytes(problem.body)).json()
    assert problem.headers["content-language"] == language
    assert problem.media_type == "application/problem+json"
    assert body["type"] == f"http://raccord.test/problems/{kind.code}"

    page = await world.http.get(body["type"], headers={"Accept-Language": language})

    assert page.status_code == 200
    assert page.json()["title"] == body["title"] == kind.title.in_language("fr" if language == "fr" else "en")
    assert page.json()["status"] == body["status"] == kind.status


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "fr"),
        ("", "fr"),
        ("de", "fr"),
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("EN", "en"),
        ("fr-CA,en;q=0.9", "fr"),
        ("en;q=0.3,fr;q=0.8", "fr"),
        ("en, fr", "en"),
        ("fr, en", "fr"),
        ("de,en;q=0.5", "en"),
        ("en;q=0", "fr"),
    ],
)
def test_french_unless_english_is_preferred(header: str | None, language: str) -> None:
    assert choose_language(header) == language


async def test_an_error_of_ours_tells_nothing_of_itself(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(_token: str) -> None:
        raise RuntimeError("Camille Exemple, 1 84 12 76 451 089 46")

    monkeypatch.setattr(world.app.state.tokens, "authenticate", fail)

    response = await world.http.get("/v1/me", headers={"Authorization": "Bearer x", "Accept-Language": "en"})

    assert response.status_code == 500
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.json()["code"] == "internal_error"
    assert response.json()["title"] == InternalError.title.en
    assert "Camille" not in response.text
    assert "RuntimeError" not in response.text


def make_request(app: FastAPI, language: str) -> Request:
    headers = [(b"accept-language", language.encode())]
    return Request({"type": "http", "app": app, "headers": headers, "request_id": "a-request"})
