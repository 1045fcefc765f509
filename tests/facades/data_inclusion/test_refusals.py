"""What the facade refuses, it refuses in the dialect of data·inclusion; and nothing makes it fail."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV31SpecValidator, validate

from raccord.facades.data_inclusion.parameters import SearchParameters, StructureParameters
from raccord.kernel.database import Database
from raccord.kernel.errors import NotFoundError
from raccord.kernel.keys import Keys
from raccord.oauth.clients import issue_token, revoke_client
from tests.facades.data_inclusion.conftest import BASE, Client, Directory
from tests.operations import read_document
from tests.partners import Partner, Partners

DOCUMENT = "/facades/data-inclusion/api/openapi.json"
PATHS = ("/structures", "/structures/dora--42", "/services", "/services/x", "/search/services", "/sources")
HUGE = "9" * 5_000


NAMES = sorted({*StructureParameters.model_fields, *SearchParameters.model_fields})
VALUES = st.one_of(
    st.text(max_size=8),
    st.integers().map(str),
    st.floats().map(str),
    st.sampled_from(["69381", "69", "true", "jeunes", "sante", "45.7", "gratuit", "plie", "auvergne-rhone-alpes"]),
)


async def ask(partner: Partner, path: str) -> httpx.Response:
    return await partner.http.get(f"{BASE}{path}", headers={"Authorization": f"Bearer {partner.token}"})


@pytest.mark.parametrize("path", PATHS)
async def test_without_a_token_nothing_is_answered(client: httpx.AsyncClient, path: str) -> None:
    absent = await client.get(f"{BASE}{path}?page=bad")
    wrong = await client.get(f"{BASE}{path}", headers={"Authorization": "Bearer nobody"})

    assert (absent.status_code, wrong.status_code) == (401, 401)
    assert set(absent.json()) == set(wrong.json()) == {"detail"}
    assert absent.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    ("scope", "closed"),
    [
        ("structures:read", ("/structures/x", "/services", "/services/x", "/search/services", "/sources")),
        ("services:read", ("/structures", "/structures/x", "/services/x", "/sources")),
        ("job_offers:read", PATHS),
    ],
)
async def test_each_path_asks_for_its_scopes(partners: Partners, scope: str, closed: tuple[str, ...]) -> None:
    partner = await partners.add("lecteur", scopes=[scope])

    for path in closed:
        response = await ask(partner, path)
        assert (response.status_code, set(response.json())) == (403, {"detail"}), path


@pytest.mark.parametrize(
    "path", ["/structures/dora--43", "/services/x", "/structures/a--b--c", "/structures/%00", "/x"]
)
async def test_what_is_not_there_is_not_found(consumer: Client, directory: Directory, path: str) -> None:
    response = await consumer.get(path)

    assert (response.status_code, response.json()) == (404, {"detail": "Not Found"})


BAD_VALUES = [
    "page=0", "page=-1", "page=x", f"page={HUGE}", "size=0", "size=10001", f"size={HUGE}",
    "code_departement=00", "code_departement=%00", "slug_region=nulle-part", "code_region=XX",
    "code_commune=Lyon", "code_commune=%006938", "sources=%00", "code_commune=69381'--",
]  # fmt: skip


@pytest.mark.parametrize("path", ["/structures", "/services", "/search/services"])
async def test_bad_values_are_refused_field_by_field(consumer: Client, path: str) -> None:
    for query in BAD_VALUES:
        response = await consumer.get(f"{path}?{query}")

        assert response.status_code == 422, query[:80]
        [problem, *_] = response.json()["detail"]
        assert set(problem) == {"type", "loc", "msg"}
        assert problem["loc"][:2] == ["query", query.partition("=")[0]]


BAD_SEARCHES = [
    "thematiques=nouvelle", "frais=cher", "publics=moi", "modes_accueil=x", "types=x", "recherche_public=%00",
    f"recherche_public={'a' * 101}", "score_qualite_minimum=2", "score_qualite_minimum=nan", "lat=45", "lon=4",
    "lat=nan&lon=4", "lat=1e400&lon=4", "lat=91&lon=4", "code_commune=00000", "code_commune=99999",
]  # fmt: skip


async def test_a_search_refuses_what_it_cannot_look_for(consumer: Client) -> None:
    for query in BAD_SEARCHES:
        response = await consumer.get(f"/search/services?{query}")

        assert response.status_code == 422, query
        assert set(response.json()) == {"detail"}


async def test_an_unknown_commune_is_a_value_that_cannot_be_searched(consumer: Client) -> None:
    response = await consumer.get("/search/services", code_commune="69999")

    assert (response.status_code, response.json()) == (422, {"detail": "This commune does not exist."})


ODD_QUERIES = [
    "sources=%ff%fe", "sources=%F0%9F%98%80", "recherche_public=%25_%5C", "recherche_public='%3B--",
    "recherche_public=%ED%A0%80", "page=99999999999999999999", "a=%00", "=", "&&&", "sources=",
]  # fmt: skip


@pytest.mark.parametrize("path", ["/structures", "/services", "/search/services"])
async def test_odd_input_is_answered(consumer: Client, directory: Directory, path: str) -> None:
    await directory.add_gathered_service("dora--a")

    answers = {query: (await consumer.get(f"{path}?{query}")).status_code for query in ODD_QUERIES}

    assert set(answers.values()) == {200}, answers


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.sampled_from(["/structures", "/services", "/search/services"]),
    parameters=st.lists(st.tuples(st.sampled_from(NAMES), VALUES), max_size=6),
)
async def test_no_query_makes_it_fail(consumer: Client, path: str, parameters: list[tuple[str, str]]) -> None:
    response = await consumer.get(f"{path}?{urlencode(parameters)}")

    assert response.status_code in (200, 422), response.text


async def test_a_value_that_was_sent_is_not_repeated(consumer: Client) -> None:
    response = await consumer.get("/structures?code_departement=camille-inventee")

    assert "camille" not in response.text


async def test_only_reading_is_answered(consumer: Client, client: httpx.AsyncClient) -> None:
    response = await client.post(f"{BASE}/structures", json={})

    assert (response.status_code, response.json()) == (405, {"detail": "Method Not Allowed"})


async def test_the_facade_has_a_document_of_its_own(client: httpx.AsyncClient) -> None:
    document: dict[str, Any] = (await client.get(DOCUMENT)).json()

    validate(document, cls=OpenAPIV31SpecValidator)

    assert document["servers"] == [{"url": "/facades/data-inclusion"}]
    assert {path.removeprefix("/api/v1/") for path in document["paths"]} == {
        "structures", "structures/{id}", "services", "services/{id}", "search/services", "sources",
        "doc/frais", "doc/modes-accueil", "doc/modes-mobilisation", "doc/personnes-mobilisatrices", "doc/publics",
        "doc/reseaux-porteurs", "doc/thematiques", "doc/types-services",
    }  # fmt: skip
    assert not [path for path in read_document()["paths"] if "facades" in path]


async def test_a_lasting_token_serves_a_tool_that_can_only_hold_one(
    partners: Partners, database: Database, keys: Keys
) -> None:
    partner = await partners.add("dora", scopes=["structures:read"])
    async with database.begin() as tx:
        token = await issue_token(tx, keys, partner.client_id, ["structures:read"], lifetime=timedelta(days=365))
    lasting = replace(partner, token=token)

    assert (await ask(lasting, "/structures")).status_code == 200
    assert (await ask(lasting, "/services")).status_code == 403

    async with database.begin() as tx:
        await revoke_client(tx, partner.client_id)
        with pytest.raises(NotFoundError):
            await issue_token(tx, keys, partner.client_id, ["structures:read"], lifetime=timedelta(days=1))


async def test_a_lasting_token_has_no_scope_that_its_client_has_not(
    partners: Partners, database: Database, keys: Keys
) -> None:
    partner = await partners.add("dora", scopes=["structures:read"])

    async with database.begin() as tx:
        with pytest.raises(NotFoundError):
            await issue_token(tx, keys, partner.client_id, ["services:read"], lifetime=timedelta(days=1))
