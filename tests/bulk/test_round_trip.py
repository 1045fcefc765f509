"""What an export writes an import takes back, here and elsewhere: every field survives, and again changes nothing."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raccord.bulk.command import run_file
from raccord.bulk.exporting import export_records
from raccord.bulk.imports import OPEN_KINDS
from raccord.bulk.ledger import Counts
from raccord.bulk.served import read_content, read_former
from raccord.kernel.database import Database
from raccord.kernel.embedded_postgres import Cluster
from raccord.kernel.errors import InvalidContentError
from raccord.kernel.strict_json import dump_json
from raccord.kernel.validation import validate_content
from raccord.resources.job_offers.shape import JobOfferContent
from tests.bulk.conftest import list_reasons, run_waiting_imports, write_ndjson
from tests.databases import borrow_database
from tests.partners import Partner, Partners
from tests.resources import test_services, test_structures
from tests.resources.offers import make_offer
from tests.resources.test_job_offer_shape import FRANCE_TRAVAIL

Json = dict[str, Any]
WHOLE_OFFER: Json = make_offer(
    **{**FRANCE_TRAVAIL, "licence": {"code": "open_licence_2"}},
    delegate={"role": "agency", "name": "Relais d'exemple"},
    origin="imported",
    wanted_profile="Soigneux",
    work_mode="on_site",
    acquired_skills=["Entretenir des locaux"],
    is_manager_status=False,
    iae={"is_pass_required": True},
    publication={"starts_on": "2026-11-02", "is_multicast": True},
)
MADE_HERE = ("id", "version", "created_at", "updated_at")


@pytest.fixture
async def elsewhere(cluster: Cluster, chosen_template: str) -> AsyncIterator[Database]:
    """Another installation, empty."""
    async with borrow_database(cluster, chosen_template) as name:
        opened = Database(cluster.url(name, "app"), size=4)
        await opened.open()
        yield opened
        await opened.close()


@pytest.fixture
async def owner(partners: Partners) -> Partner:
    """A partner whose records fill every field; its service and its offer are of another source's structure."""
    keeper = await partners.add("annuaire")
    whole = await keeper.put("/v1/structures/by-source/annuaire/S-1", test_structures.WHOLE)
    assert whole.status_code == 201, whole.text
    employer = await keeper.put("/v1/structures/by-source/annuaire/S-2", {"kind": "ACI", "name": "Qui recrute"})
    made = await partners.add("editeur")
    for path, content, structure in (("services", test_services.WHOLE, whole), ("job-offers", WHOLE_OFFER, employer)):
        body = {**content, "structure_id": structure.json()["id"]}
        answer = await made.put(f"/v1/{path}/by-source/editeur/A-1", body)
        assert answer.status_code == 201, answer.text
    plain = await made.put("/v1/structures/by-source/editeur/S-1", {"name": "Association", "kind": None})
    assert plain.status_code == 201, plain.text
    return made


async def export(database: Database, kind: str, path: Path) -> list[Json]:
    output = io.BytesIO()
    await export_records(database, OPEN_KINDS[kind], output)
    save(path, output.getvalue())
    return [json.loads(line) for line in output.getvalue().splitlines()]


def save(path: Path, content: bytes) -> None:
    path.write_bytes(content)


async def take(database: Database, kind: str, path: Path, source: str | None = None) -> Counts:
    return (await run_file(database, kind, path, source=source)).counts


async def count_changes(database: Database) -> int:
    return int((await database.fetch("SELECT count(*) FROM change_inbox"))[0]["count"])


def test_the_whole_offer_of_these_tests_is_whole() -> None:
    assert {*WHOLE_OFFER, "structure_id"} == set(JobOfferContent.model_fields)


async def test_every_field_of_every_open_kind_survives_elsewhere(
    owner: Partner, database: Database, elsewhere: Database, tmp_path: Path
) -> None:
    assert owner.source == "editeur"
    for kind in OPEN_KINDS:
        path, again = tmp_path / f"{kind}.ndjson", tmp_path / f"{kind}-2.ndjson"
        sent = await export(database, kind, path)
        assert sent

        assert await take(elsewhere, kind, path) == Counts(created=len(sent)), await list_reasons(elsewhere)
        changes = await count_changes(elsewhere)
        received = await export(elsewhere, kind, again)

        # A copy begins its own history; all else is the same, down to the id that other records name.
        own = ("version", "created_at", "updated_at")
        assert [drop(item, own) for item in received] == [drop(item, own) for item in sent]
        assert {item["version"] for item in received} == {1}
        for file in (path, again):
            assert await take(elsewhere, kind, file) == Counts(unchanged=len(sent))
            assert await take(database, kind, file) == Counts(unchanged=len(sent))
        assert await count_changes(elsewhere) == changes


async def test_an_export_taken_back_reverts_no_move_and_brings_back_what_was_deleted(
    owner: Partner, database: Database, tmp_path: Path
) -> None:
    path = tmp_path / "offers.ndjson"
    [sent] = await export(database, "job_offers", path)
    address = f"/v1/job-offers/{sent['id']}"
    assert (await owner.move(address, "suspend")).status_code == 200
    assert await take(database, "job_offers", path) == Counts(unchanged=1)
    assert (await owner.get(address)).json()["status"] == "suspended"

    assert (await owner.delete(address, if_match="*")).status_code == 204
    assert await take(database, "job_offers", path) == Counts(created=1)
    assert drop((await owner.get(address)).json(), MADE_HERE) == drop(sent, MADE_HERE)


async def test_a_partner_sends_its_list_back(owner: Partner, database: Database) -> None:
    page = (await owner.get("/v1/structures?source=editeur")).json()["data"]
    listed = [*page, *(await owner.get("/v1/structures?source=annuaire")).json()["data"]]
    changed = {**page[0], "external_id": "S-2", "name": "Nouvelle", "version": 9, "roles": ["prescriber"]}

    sent = await owner.http.post(
        "/v1/imports?kind=structures",
        content=write_ndjson([*listed, changed, {**page[0], "external_id": "S-3", "couleur": "bleu"}]),
        headers={**owner.headers, "Content-Type": "application/x-ndjson", "Idempotency-Key": "une-liste"},
    )
    assert sent.status_code == 202, sent.text
    await run_waiting_imports(database)

    assert await list_reasons(database) == [
        (2, "S-1", "other_source", "/source"),
        (3, "S-2", "other_source", "/source"),
        (5, "S-3", "extra_forbidden", "/couleur"),
    ]
    # What Raccord makes of a record is Raccord's: a partner's line decides of none of it.
    made = (await owner.get("/v1/structures/by-source/editeur/S-2")).json()
    assert (made["name"], made["version"], made["roles"]) == ("Nouvelle", 1, page[0]["roles"])
    assert made["id"] != page[0]["id"]


async def test_a_line_says_its_source_or_the_command_does(owner: Partner, database: Database, tmp_path: Path) -> None:
    path = tmp_path / "structures.ndjson"
    sent = await export(database, "structures", path)
    assert await take(database, "structures", path, source="editeur") == Counts(unchanged=1, rejected=2)

    taken = {**sent[0], "external_id": "S-9", "siret": None}
    wrong = {**taken, "external_id": "S-8", "id": "un"}
    nameless = {"external_id": "X", "name": "Sans source"}
    save(path, write_ndjson([nameless, taken, {**taken, "source": "Éditeur"}, wrong]))
    assert await take(database, "structures", path) == Counts(rejected=4)

    assert [reason[2:] for reason in await list_reasons(database)] == [
        ("other_source", "/source"),
        ("other_source", "/source"),
        ("source_missing", "/source"),
        ("id_taken", "/id"),
        ("source_missing", "/source"),
        ("uuid_parsing", "/id"),
    ]


WHOLE: dict[str, Json] = {
    "structures": test_structures.WHOLE,
    "services": {**test_services.WHOLE, "structure_id": "01920000-0000-7000-8000-000000000001"},
    "job_offers": {**WHOLE_OFFER, "structure_id": "01920000-0000-7000-8000-000000000001"},
}
ENVELOPE: Json = {
    "id": "01920000-0000-7000-8000-000000000002", "source": "editeur", "external_id": "A-1", "version": 3,
    "created_at": "2026-11-01T08:00:00.000000Z", "updated_at": "2026-11-02T08:00:00.000000Z",
}  # fmt: skip


@pytest.mark.parametrize("name", list(WHOLE))
@given(data=st.data())
def test_whichever_fields_are_there_content_and_record_are_read_apart(name: str, data: st.DataObject) -> None:
    kind, whole = OPEN_KINDS[name], WHOLE[name]
    optional = [field for field in whole if not kind.content.model_fields[field].is_required()]
    left_out = data.draw(st.sets(st.sampled_from(optional))) if data.draw(st.booleans()) else set()
    given_ = {field: value for field, value in whole.items() if field not in left_out}
    try:
        content = validate_content(kind.content, dump_json(given_)).model_dump(mode="json")
    except InvalidContentError:
        # Some fields ask for others: without those, it is no record.
        return
    served = kind.trim({**ENVELOPE, **content, **kind.start_state(content, None)})

    again = validate_content(kind.content, dump_json(read_content(kind, served))).model_dump(mode="json")

    assert again == content
    former = read_former(kind, served)
    assert former is not None
    assert kind.trim({**served, **kind.start_state(again, former)}) == served


def drop(record: Json, names: tuple[str, ...]) -> Json:
    return {name: value for name, value in record.items() if name not in names}
