"""The projection: what a purpose and scopes open, what is hidden and said to be, and ids that do not travel."""

from __future__ import annotations

import base64
import itertools
import re
import uuid
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from raccord.access.caller import Caller
from raccord.access.projection import PURPOSES, SCOPED, list_visible_categories, project
from raccord.kernel.database import Database
from raccord.kernel.identifiers import PairwiseIdentifiers
from raccord.kernel.strict_json import JsonObject
from raccord.resources.registry import KINDS
from tests.partners import ALL_SCOPES, Partner, Partners
from tests.records.ground import fetch_all

PERSONAL = tuple(kind for kind in KINDS if kind.personal is not None)
PAIRWISE = PairwiseIdentifiers(b"k" * 16)
FIELDS = {
    "identity": {"first_name", "last_name", "birth_date"},
    "contact": {"email", "phone", "postal_code", "city"},
}


def make_caller(purpose: str | None, *scopes: str, source: str = "a") -> Caller:
    return Caller(UUID(int=1), "A", source, frozenset(scopes), frozenset(PURPOSES), {}, purpose)


@pytest.mark.parametrize("purpose", [*PURPOSES, None, "inconnue"])
@pytest.mark.parametrize("scopes", [(), ("people:identity",), ("people:contact",), tuple(SCOPED.values())])
def test_a_category_is_seen_when_the_purpose_needs_it_and_the_scope_opens_it(
    purpose: str | None, scopes: tuple[str, ...]
) -> None:
    visible = list_visible_categories(make_caller(purpose, *scopes))

    for category in ("identity", "contact", "plan", "employment_periods"):
        is_needed = category in PURPOSES.get(purpose or "", frozenset())
        is_opened = category not in SCOPED or SCOPED[category] in scopes
        assert (category in visible) == (is_needed and is_opened), category
    assert "envelope" in visible


@pytest.mark.parametrize("kind", PERSONAL, ids=lambda kind: kind.name)
def test_every_field_of_a_personal_shape_has_its_category(kind: object) -> None:
    assert kind in PERSONAL
    for item in PERSONAL:
        assert item.personal is not None
        assert set(item.record.model_fields) <= set(item.personal.categories), item.name


@pytest.mark.parametrize("purpose", PURPOSES)
@pytest.mark.parametrize("scopes", [(), ("people:identity",), tuple(SCOPED.values())])
def test_what_is_hidden_is_absent_and_named_and_unknown_fields_are_denied(
    purpose: str, scopes: tuple[str, ...]
) -> None:
    for kind in PERSONAL:
        assert kind.personal is not None
        categories = kind.personal.categories
        caller = make_caller(purpose, *scopes)
        document: JsonObject = {name: str(uuid.uuid4()) for name in categories if name != "restrictions"}
        document |= {"source": "a", "champ_inconnu": "secret"}

        shown = project(document, caller, categories, kind.personal.person_fields, PAIRWISE)

        visible = list_visible_categories(caller)
        wanted = {name for name in document if categories.get(name) in visible}
        assert set(shown) == wanted | {"restrictions"}
        assert shown["restrictions"] == sorted({categories[n] for n in document if n in categories} - visible)
        assert "secret" not in str(shown)


@given(st.uuids(), st.binary(min_size=16, max_size=16), st.binary(min_size=16, max_size=16))
def test_pairwise_ids_come_back_and_differ_between_clients(person: UUID, one: bytes, other: bytes) -> None:
    first, second = PairwiseIdentifiers(one), PairwiseIdentifiers(other)

    assert first.reveal(first.conceal(person)) == person
    assert first.conceal(first.reveal(person)) == person
    assert (one == other) or first.conceal(person) != second.conceal(person)


@pytest.mark.parametrize(
    ("purpose", "hidden"),
    [("prescription", []), ("orientation", []), ("immersion", []), ("pseudonymised_steering", ["contact", "identity"])],
)
async def test_a_person_is_shown_as_the_purpose_needs(partners: Partners, purpose: str, hidden: list[str]) -> None:
    partner = await partners.add("logiciel", kind="ML", purposes=["prescription", purpose])
    person = await partner.add_person(phone="+33639980001", city="Lyon", postal_code="69001")
    partner.purpose = purpose

    shown = (await partner.get(f"/v1/people/{person['id']}")).json()
    [listed] = (await partner.get("/v1/people")).json()["data"]
    [version] = (await partner.get(f"/v1/people/{person['id']}/history")).json()["data"]

    assert shown == listed == version["document"]
    assert shown["restrictions"] == hidden
    for category, fields in FIELDS.items():
        assert (fields & set(shown) == set()) if category in hidden else (fields <= set(shown))


async def test_scopes_narrow_what_a_purpose_opens(partners: Partners) -> None:
    scopes = [scope for scope in ALL_SCOPES if scope != "people:contact"]
    partner = await partners.add("logiciel", kind="ML", scopes=scopes)

    person = await partner.add_person(phone="+33639980001")

    assert person["restrictions"] == ["contact"]
    assert not FIELDS["contact"] & set(person)
    assert FIELDS["identity"] <= set(person)


async def test_two_projections_of_one_version_have_two_tags(partners: Partners) -> None:
    partner = await partners.add("logiciel", kind="ML", purposes=["prescription", "pseudonymised_steering"])
    person = await partner.add_person()
    address = f"/v1/people/{person['id']}"
    full = await partner.get(address)
    partner.purpose = "pseudonymised_steering"
    masked = await partner.get(address)

    assert full.headers["ETag"] != masked.headers["ETag"]
    assert (await partner.get(address, if_none_match=full.headers["ETag"])).status_code == 200
    assert (await partner.get(address, if_none_match=masked.headers["ETag"])).status_code == 304
    partner.purpose = "prescription"
    # Either names the version that a change is based on.
    changed = await partner.patch(address, {"city": "Lyon"}, if_match=masked.headers["ETag"])
    assert changed.status_code == 200


@pytest.mark.parametrize(
    ("purpose", "status", "code"),
    [(None, 400, "missing_header"), ("immersion", 403, "purpose_not_allowed"), ("x", 403, "purpose_not_allowed")],
)
async def test_a_personal_kind_asks_for_a_purpose_of_the_token(
    prescriber: Partner, purpose: str | None, status: int, code: str
) -> None:
    person = await prescriber.add_person()
    prescriber.purpose = purpose

    answers = [
        await prescriber.get(f"/v1/people/{person['id']}"),
        await prescriber.get("/v1/people"),
        await prescriber.delete(f"/v1/people/{person['id']}", if_match="*"),
    ]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(status, code)] * 3
    assert answers[0].json()["purposes"] == ["career_support", "iae_recruitment", "prescription"]
    assert (await prescriber.get("/v1/structures")).status_code == 200


async def test_a_person_bears_another_id_and_no_external_id_for_each_other_client(
    prescriber: Partner, employer: Partner, stranger: Partner
) -> None:
    person = await prescriber.add_person("Dossier-77")
    ids = {person["id"]}
    assert person["external_id"] == "Dossier-77"
    for number, reader in enumerate((employer, stranger)):
        sent = await prescriber.prescribe(person, reader.structure_id, f"R-{number}")
        theirs = (await reader.get(f"/v1/prescriptions/{sent['id']}")).json()["person_id"]
        seen = (await reader.get(f"/v1/people/{theirs}")).json()
        assert (seen["id"], seen["external_id"], seen["last_name"]) == (theirs, None, "Exemple")
        assert (await reader.get(f"/v1/prescriptions?person_id={theirs}")).json()["data"][0]["id"] == sent["id"]
        assert (await reader.get(f"/v1/people/{person['id']}")).status_code == 404
        assert (await reader.get("/v1/people/by-source/prescripteur/Dossier-77")).status_code == 404
        ids.add(theirs)

    assert len(ids) == 3


class Recorder(httpx.AsyncBaseTransport):
    """A transport that keeps all that was answered."""

    def __init__(self, app: FastAPI) -> None:
        self._inner = httpx.ASGITransport(app, raise_app_exceptions=False)
        self.answers: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        body = await response.aread()
        self.answers.append(f"{request.method} {request.url} {dict(response.headers)} {body.decode()}")
        return response


async def test_the_stored_id_of_a_person_is_in_no_answer(app: FastAPI, database: Database, keys: object) -> None:
    recorder = Recorder(app)
    async with httpx.AsyncClient(transport=recorder, base_url="http://raccord.test") as http:
        partners = Partners(http, database, keys)  # type: ignore[arg-type]  # the fixture's
        prescriber = await partners.add("prescripteur", kind="ML")
        employer = await partners.add("employeur", kind="ACI")
        await play_story(prescriber, employer)

    stored = [str(row["id"]) for row in await fetch_all(database, "SELECT id FROM people")]
    assert len(recorder.answers) > 60
    assert len(stored) == 3
    for answer, person_id in itertools.product(map(open_cursors, recorder.answers), stored):
        assert person_id not in answer.lower()
        assert person_id.replace("-", "") not in answer.lower()


def open_cursors(answer: str) -> str:
    """Add to the answer what its cursors hold: they are signed, and not secret."""
    tokens = re.findall(r"[A-Za-z0-9_-]{40,}", answer)
    held = [base64.urlsafe_b64decode(token[: len(token) // 4 * 4]) for token in tokens]
    return " ".join([answer, *(part.decode("latin-1") for part in held)])


async def play_story(prescriber: Partner, employer: Partner) -> None:
    """Do everything that may name a person, right and wrong."""
    person = await prescriber.add_person()
    other = await prescriber.add_person("P-2", city="Lyon")
    body = {name: person[name] for name in ("first_name", "last_name", "birth_date", "managing_structure_id")}
    for sent_body in (body, body, {**body, "first_name": "Autre"}):
        await prescriber.post("/v1/people", sent_body, idempotency_key="cle")
    for city in ("Paris", 7, "Nice"):
        await prescriber.patch(f"/v1/people/{person['id']}", {"city": city}, if_match='"1"')
    sent = await prescriber.prescribe(person, employer.structure_id)
    known = str((await employer.get(f"/v1/prescriptions/{sent['id']}")).json()["person_id"])
    wrong = {
        "person_id": known,
        "prescriber_structure_id": prescriber.structure_id,
        "recipient_structure_id": employer.structure_id,
        "prescribed_on": "2026-11-20",
    }
    await prescriber.put("/v1/prescriptions/by-source/prescripteur/R-9", wrong)
    for fields in ({}, {"hiring_start_on": "2027-01-04"}, {"hiring_start_on": "2027-01-04"}):
        await employer.move(f"/v1/prescriptions/{sent['id']}", "accept", **fields)
    [path] = (await employer.get("/v1/career-paths")).json()["data"]
    records = [f"/v1/prescriptions/{sent['id']}", f"/v1/career-paths/{path['id']}", f"/v1/people/{other['id']}"]
    await look_around(prescriber, person["id"], records)
    await look_around(employer, known, records)
    await prescriber.delete(f"/v1/people/{person['id']}", if_match="*")
    await look_around(prescriber, person["id"], records)
    await look_around(employer, known, records)


async def look_around(reader: Partner, person_id: str, records: list[str]) -> None:
    """Read all that there is to read, page by page."""
    for one in (f"/v1/people/{person_id}", *records):
        for suffix in ("", "/history", "/transitions"):
            await reader.get(f"{one}{suffix}")
    for kind in ("people", "prescriptions", "career-paths"):
        url = f"/v1/{kind}?limit=1"
        while url:
            found = re.findall('<([^>]+)>; rel="next"', (await reader.get(url)).headers.get("Link", ""))
            url = found[0] if found else ""
    for kind in ("prescriptions", "career-paths"):
        await reader.get(f"/v1/{kind}?person_id={person_id}&limit=1")
    await reader.get("/v1/people/by-source/prescripteur/P-1")
    await reader.read_feed()
