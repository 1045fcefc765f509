"""Structures of several sources: linked by SIRET and kind, decided on by people, merged on read, never overwritten."""

from __future__ import annotations

import itertools
import json
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raccord.demo.identifiers import make_siret
from raccord.kernel.database import Database
from raccord.records.changes import sequence_changes
from raccord.records.store import Put, Writer, put_one
from raccord.resources.structures.kind import STRUCTURES
from raccord.resources.structures.merging import Voice, merge
from raccord.resources.structures.same_as import Traits, choose_pairs, compare, link_changed
from tests.partners import Partner, Partners

SIRET = make_siret(7)
Json = dict[str, Any]


async def write(database: Database, source: str, external_id: str = "1", **fields: object) -> str:
    body = json.dumps({"kind": "ACI", "siret": SIRET, "name": "Les Jardins", **fields}).encode()
    async with database.begin() as tx:
        outcome = await put_one(tx, STRUCTURES, Writer(source, source, "test"), Put(external_id, body))
    await sequence_changes(database)
    async with database.begin() as tx:
        while await link_changed(tx):
            pass
    return str(outcome.id)


@pytest.fixture
async def reader(partners: Partners) -> Partner:
    return await partners.add("emplois")


async def read_merged(reader: Partner, structure_id: str) -> Json:
    response = await reader.get(f"/v1/structures/{structure_id}/merged")
    assert response.status_code == 200, response.text
    return dict(response.json())


async def test_two_sources_are_linked_and_neither_is_changed(database: Database, reader: Partner) -> None:
    one = await write(database, "emplois", description="Maraîchage", source_updated_on="2026-11-01")
    other = await write(database, "dora", name="JARDINS", phone="0100000000", source_updated_on="2026-11-20")

    merged = await read_merged(reader, one)

    assert [(link["id"], link["reasons"]) for link in merged["links"]] == [(other, ["same_siret", "same_kind"])]
    assert merged["data"]["name"] == "JARDINS"
    assert merged["data"]["description"] == "Maraîchage"
    fields = {field["name"]: field for field in merged["fields"]}
    assert fields["name"]["others"] == [{"source": "emplois", "record_id": one, "said": {"name": "Les Jardins"}}]
    assert (await reader.get(f"/v1/structures/{one}")).json()["name"] == "Les Jardins"
    assert (await reader.get(f"/v1/structures/{other}")).json()["version"] == 1


async def test_two_kinds_at_one_siret_are_two(database: Database, reader: Partner) -> None:
    one = await write(database, "emplois")
    await write(database, "dora", kind="EI")

    assert (await read_merged(reader, one))["links"] == []


async def test_without_a_kind_it_is_the_only_one_there_or_none(database: Database, reader: Partner) -> None:
    one = await write(database, "emplois")
    loose = await write(database, "dora", kind=None)
    assert [link["id"] for link in (await read_merged(reader, one))["links"]] == [loose]

    await write(database, "emplois", "2", kind="EI")

    assert (await read_merged(reader, one))["links"] == []
    assert (await read_merged(reader, loose))["links"] == []


async def test_a_link_goes_with_its_reason(database: Database, reader: Partner) -> None:
    one = await write(database, "emplois")
    await write(database, "dora")
    await write(database, "dora", siret=make_siret(8))

    assert (await read_merged(reader, one))["links"] == []


async def test_what_a_person_decides_holds_against_the_rules(database: Database, reader: Partner) -> None:
    one, other = await write(database, "emplois"), await write(database, "dora")
    path = f"/v1/structures/{one}/same-as/{other}"

    assert (await reader.put(path, {"is_same": False})).status_code == 204
    await write(database, "dora", name="Renommés")
    assert (await read_merged(reader, one))["links"] == []
    assert (await reader.put(path, {"is_same": True})).status_code == 204

    [link] = (await read_merged(reader, other))["links"]
    assert (link["id"], link["is_manual"], link["reasons"]) == (one, True, ["decided_by_hand"])


async def test_only_a_source_concerned_decides(database: Database, reader: Partner, unknown_id: str) -> None:
    mine, first, second = [await write(database, source) for source in ("emplois", "dora", "soliguide")]
    same = await write(database, "emplois", "2", siret=make_siret(9))

    async def decide(one: str, other: str) -> int:
        return (await reader.put(f"/v1/structures/{one}/same-as/{other}", {"is_same": True})).status_code

    assert await decide(first, second) == 403
    assert await decide(mine, unknown_id) == 404
    assert await decide(mine, same) == 422
    assert await decide(mine, mine) == 404
    assert await decide(mine, first) == 204


KINDS = st.sampled_from(["ACI", "EI", None])
TRAITS = st.builds(
    Traits, st.integers(1, 50).map(lambda n: UUID(int=n)), st.sampled_from(["a", "b", "c"]), st.just(SIRET), KINDS,
    st.sampled_from(["Jardins", "JARDINS", "Atelier"]),
)  # fmt: skip


@given(TRAITS, TRAITS)
def test_likeness_is_symmetric(one: Traits, other: Traits) -> None:
    assert compare(one, other) == compare(other, one)


@given(st.lists(TRAITS, max_size=8, unique_by=lambda traits: traits.id))
def test_pairs_do_not_depend_on_the_order_and_no_record_has_two_twins_in_a_source(known: list[Traits]) -> None:
    pairs = choose_pairs(known)

    assert choose_pairs(known[::-1]) == pairs
    by_id = {traits.id: traits for traits in known}
    ends = [(one, by_id[other].source) for pair in pairs for one, other in (pair, pair[::-1])]
    assert len(ends) == len(set(ends))
    assert all(by_id[one].source != by_id[other].source for one, other in pairs)


@given(st.permutations(range(3)))
def test_merging_does_not_depend_on_the_order(order: list[int]) -> None:
    documents: list[Json] = [
        {"name": f"Nom {n}", "kind": kind, "convention": convention, "updated_at": f"2026-11-2{n}", "phone": phone}
        for n, (kind, convention, phone) in enumerate(
            [("ACI", {"kind": "ACI"}, None), (None, None, "1"), ("EI", None, "")]
        )
    ]
    voices = [Voice(str(n), f"source-{n}", documents[n]) for n in order]

    data, fields = merge(voices)

    assert data["name"] == "Nom 2"
    assert data["kind"] == "ACI"
    assert {field["name"] for field in fields} == set(data)
    assert list(itertools.chain(fields)) == merge(sorted(voices, key=lambda voice: voice.id))[1]
