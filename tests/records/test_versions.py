"""Versions: merge patches, entity tags, history, and documents of an older shape."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import pytest
from fastapi import APIRouter, FastAPI

from raccord.kernel.database import Database
from raccord.kernel.problems import install_problem_handlers
from raccord.kernel.strict_json import JsonObject
from raccord.records.kind import Kind
from raccord.records.routes import KindRoutes
from raccord.resources.structures.kind import STRUCTURES
from tests.partners import Partner, Partners
from tests.records.ground import fetch_all, make_put, make_structure, put_structures

ADDRESS = "/v1/structures/by-source/editeur/A"
FULL = make_structure(
    1,
    brand="Les Jardins",
    address={"line_1": "1 rue Haute", "postal_code": "69001", "city": "Lyon", "department": "69"},
)


@pytest.fixture
async def partner(partners: Partners) -> Partner:
    return await partners.add("editeur")


@pytest.fixture
async def one(partner: Partner) -> str:
    """The address of a structure of the partner's."""
    return f"/v1/structures/{(await partner.put(ADDRESS, FULL)).json()['id']}"


async def test_a_patch_merges_objects_and_removes_what_is_null(partner: Partner, one: str) -> None:
    answer = await partner.patch(one, {"brand": None, "address": {"city": "Villeurbanne"}}, if_match='"1"')

    document = answer.json()
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')
    assert document["brand"] is None
    assert document["address"]["city"] == "Villeurbanne"
    assert document["address"]["line_1"] == "1 rue Haute"
    assert document["name"] == FULL["name"]
    assert (await partner.get(one)).json() == document


async def test_a_patch_that_changes_nothing_makes_no_version(partner: Partner, one: str) -> None:
    answer = await partner.patch(one, {"brand": "Les Jardins"}, if_match='"1"')

    assert (answer.status_code, answer.headers["ETag"]) == (200, '"1"')
    assert [change["type"] for change in (await partner.read_feed())[0]] == ["created"]


@pytest.mark.parametrize(
    ("patch", "pointer"),
    [({"version": 9}, "/version"), ({"inconnu": 1}, "/inconnu"), ({"name": None}, "/name"),
     ({"address": {"postal_code": "6900"}}, "/address/postal_code")],
)  # fmt: skip
async def test_a_patch_that_breaks_the_shape_is_refused_by_field(
    partner: Partner, one: str, patch: dict[str, object], pointer: str
) -> None:
    answer = await partner.patch(one, patch, if_match='"1"')

    assert answer.status_code == 422
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]
    assert (await partner.get(one)).headers["ETag"] == '"1"'


async def test_a_patch_says_on_which_version_it_is_based(partner: Partner, one: str) -> None:
    await partner.patch(one, {"brand": "Deux"}, if_match='"1"')

    absent = await partner.patch(one, {"brand": "Trois"})
    stale = await partner.patch(one, {"brand": "Trois"}, if_match='"1"')
    garbled = await partner.patch(one, {"brand": "Trois"}, if_match="deux")
    any_one = await partner.patch(one, {"brand": "Trois"}, if_match="*")

    assert (absent.status_code, absent.json()["code"]) == (428, "precondition_required")
    assert (stale.status_code, stale.json()["current_version"]) == (412, 2)
    assert (garbled.status_code, garbled.json()["code"]) == (400, "invalid_header")
    assert (any_one.status_code, any_one.headers["ETag"]) == (200, '"3"')


@pytest.mark.parametrize("tag", ['"0"', 'W/"0"', '"00"', '"01"'])
async def test_a_tag_that_was_never_given_is_refused(partner: Partner, one: str, tag: str) -> None:
    patched = await partner.patch(one, {"brand": "Passe-partout"}, if_match=tag)
    put = await partner.put(ADDRESS, {**FULL, "brand": "Passe-partout"}, if_match=tag)
    deleted = await partner.delete(one, if_match=tag)

    assert {answer.json()["code"] for answer in (patched, put, deleted)} == {"invalid_header"}
    assert (await partner.get(one)).headers["ETag"] == '"1"'


async def test_an_upsert_that_asks_for_any_version_creates_nothing(partner: Partner, one: str) -> None:
    absent = await partner.put(f"{ADDRESS}-absent", FULL, if_match="*")
    present = await partner.put(ADDRESS, {**FULL, "brand": "Deux"}, if_match="*")
    await partner.delete(one, if_match="*")
    deleted = await partner.put(ADDRESS, FULL, if_match="*")

    assert (absent.status_code, absent.json()["code"]) == (412, "version_mismatch")
    assert (await partner.get(f"{ADDRESS}-absent")).status_code == 404
    assert (present.status_code, present.headers["ETag"]) == (200, '"2"')
    assert deleted.status_code == 412


async def test_a_record_of_another_source_is_not_patched(partner: Partner, partners: Partners) -> None:
    other = await partners.add_structure()

    answer = await partner.patch(f"/v1/structures/{other}", {"brand": "Pirate"}, if_match='"1"')

    assert (answer.status_code, answer.json()["code"]) == (403, "source_not_yours")


async def test_who_has_the_present_version_is_told_so_without_a_body(partner: Partner, one: str) -> None:
    for known in ('"1"', 'W/"1"', '"7", "1"', "*"):
        answer = await partner.get(one, if_none_match=known)
        assert (answer.status_code, answer.content, answer.headers["ETag"]) == (304, b"", '"1"')
    assert (await partner.get(one, if_none_match='"2"')).status_code == 200


async def test_history_tells_each_version_newest_first_page_by_page(partner: Partner, one: str) -> None:
    for number in range(2, 6):
        await partner.put(ADDRESS, {**FULL, "brand": f"Marque {number}"})

    first = (await partner.get(f"{one}/history?limit=2")).json()
    second = (await partner.get(f"{one}/history?limit=2&before_version={first['next_before_version']}")).json()
    last = (await partner.get(f"{one}/history?limit=2&before_version={second['next_before_version']}")).json()

    entries = [*first["data"], *second["data"], *last["data"]]
    assert [entry["version"] for entry in entries] == [5, 4, 3, 2, 1]
    assert [entry["document"]["brand"] for entry in entries] == [
        "Marque 5", "Marque 4", "Marque 3", "Marque 2", "Les Jardins",
    ]  # fmt: skip
    assert all(entry["at"] == entry["document"]["updated_at"] for entry in entries)
    assert last["next_before_version"] is None


async def test_history_of_what_does_not_exist_is_not_found(partner: Partner, unknown_id: str) -> None:
    assert (await partner.get(f"/v1/structures/{unknown_id}/history")).status_code == 404


# --- Documents of an older shape: the version before called the brand `nickname`.


def rename_nickname(document: JsonObject) -> JsonObject:
    """Bring a document of the version before to the newer one."""
    document = dict(document)
    document["brand"] = document.pop("nickname")
    return document


NEWER: Kind = dataclasses.replace(
    STRUCTURES, shape_version=STRUCTURES.shape_version + 1, upcasters=(*STRUCTURES.upcasters, rename_nickname)
)


@pytest.fixture
async def newer(app: FastAPI, database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """The API as a newer release serves it, on records that an older one wrote."""
    later = FastAPI()
    later.state._state.update(app.state._state)
    install_problem_handlers(later)
    router: APIRouter = KindRoutes(NEWER).build()
    later.include_router(router)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(later), base_url="http://raccord.test") as http:
        yield http


async def write_old(database: Database) -> UUID:
    """Write two versions as the older release did."""
    await put_structures(database, make_put("A", FULL))
    [outcome] = await put_structures(database, make_put("A", {**FULL, "name": "Deuxième"}))
    for table in ("structures", "record_versions"):
        await fetch_all(
            database,
            f"""UPDATE {table} SET document = replace(document::text, '"brand"', '"nickname"')::json""",
        )
    assert outcome.id is not None
    return outcome.id


async def read_stored(database: Database) -> list[tuple[int, bool]]:
    rows = await fetch_all(database, "SELECT shape_version, document::text LIKE '%nickname%' AS is_old FROM structures")
    return [(row["shape_version"], row["is_old"]) for row in rows]


async def test_documents_of_an_older_shape_are_served_in_the_present_one(
    newer: httpx.AsyncClient, partner: Partner, database: Database
) -> None:
    record_id = await write_old(database)
    reader = dataclasses.replace(partner, http=newer)

    one = (await reader.get(f"/v1/structures/{record_id}")).json()
    [listed] = (await reader.get("/v1/structures")).json()["data"]
    history = (await reader.get(f"/v1/structures/{record_id}/history")).json()["data"]

    assert one["brand"] == "Les Jardins"
    assert "nickname" not in one
    assert listed == one
    assert [(entry["document"]["brand"], entry["version"]) for entry in history] == [
        ("Les Jardins", 2), ("Les Jardins", 1),
    ]  # fmt: skip
    assert await read_stored(database) == [(STRUCTURES.shape_version, True)]


async def test_the_same_content_in_the_present_shape_is_no_change_of_an_older_document(
    database: Database,
) -> None:
    await write_old(database)

    [same] = await put_structures(
        database, make_put("A", {**FULL, "name": "Deuxième"}, fingerprint=b"autre"), kind=NEWER
    )
    assert await read_stored(database) == [(STRUCTURES.shape_version, True)]
    [changed] = await put_structures(database, make_put("A", {**FULL, "name": "Troisième"}), kind=NEWER)

    assert (same.status, same.version) == ("unchanged", 2)
    assert (same.document or {})["brand"] == "Les Jardins"
    assert (changed.status, changed.version) == ("updated", 3)
    assert await read_stored(database) == [(NEWER.shape_version, False)]


async def test_a_tombstone_of_an_older_shape_is_left_as_it_is(
    newer: httpx.AsyncClient, partner: Partner, database: Database
) -> None:
    made = (await partner.put(ADDRESS, FULL)).json()
    await partner.delete(f"/v1/structures/{made['id']}", if_match='"1"')
    await fetch_all(
        database,
        """UPDATE record_versions SET document = replace(document::text, '"brand"', '"nickname"')::json""",
    )
    reader = dataclasses.replace(partner, http=newer)

    gone = await reader.get(f"/v1/structures/{made['id']}")
    history = await reader.get(f"/v1/structures/{made['id']}/history")

    assert gone.status_code == 410
    assert [entry["version"] for entry in history.json()["data"]] == [2, 1]
    assert history.json()["data"][1]["document"]["brand"] == "Les Jardins"
