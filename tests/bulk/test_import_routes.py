"""Imports over the API: taken in at once, written by the worker, told to their sender alone."""

from __future__ import annotations

import gzip
from typing import Any

import httpx
import pytest

from raccord.kernel.database import Database
from raccord.kernel.row_files import MAX_BLANK_LINES
from tests.bulk.conftest import REAL_FILE, Json, make_row, run_waiting_imports, write_ndjson
from tests.partners import Partner, Partners

NDJSON = "application/x-ndjson"


async def send(partner: Partner, content: bytes, query: str = "kind=structures", **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    sent = {**partner.headers, "content-type": NDJSON, "idempotency-key": "k-1", **named}
    return await partner.http.post(f"/v1/imports?{query}", content=content, headers=sent)


async def import_rows(partner: Partner, database: Database, rows: list[Json], key: str = "k-1") -> Json:
    taken = await send(partner, write_ndjson(rows), idempotency_key=key)
    assert taken.status_code == 202, taken.text
    await run_waiting_imports(database)
    read = await partner.get(f"/v1/imports/{taken.json()['id']}")
    assert read.status_code == 200
    return dict(read.json())


async def test_a_file_is_taken_in_then_written_under_the_sender_s_source(
    partners: Partners, database: Database
) -> None:
    editor = await partners.add("editeur")
    content = write_ndjson([make_row(1), make_row(2, siret="1")])

    taken = await send(editor, content)
    assert taken.status_code == 202
    assert taken.headers["Retry-After"] == "1"
    assert taken.headers["Location"] == f"http://raccord.test/v1/imports/{taken.json()['id']}"
    assert taken.json()["state"] == "pending"
    jobs = await database.fetch("SELECT task_name, args::text AS args FROM procrastinate_jobs")
    assert [tuple(job.values()) for job in jobs] == [("run_import", f'{{"import_id": "{taken.json()["id"]}"}}')]

    await run_waiting_imports(database)
    done = (await editor.get(f"/v1/imports/{taken.json()['id']}")).json()
    assert (done["state"], done["lines_read"], done["created_count"], done["rejected_count"]) == ("completed", 2, 1, 1)
    assert done["finished_at"]
    made = await editor.get("/v1/structures/by-source/editeur/S-1")
    assert made.json()["name"] == "Nom 1"
    changes, _ = await editor.read_feed()
    assert [change["id"] for change in changes] == [made.json()["id"]]


async def test_the_same_request_is_taken_in_once(partners: Partners, database: Database) -> None:
    editor = await partners.add("editeur")
    content = write_ndjson([make_row(1)])
    first = await send(editor, content)

    again = await send(editor, content)
    other = await send(editor, content + b"\n")
    otherwise = await send(editor, content, "kind=structures&mapping=siae-2023")

    assert (again.status_code, again.json()["id"]) == (202, first.json()["id"])
    assert again.headers["Idempotency-Replayed"] == "true"
    assert [(one.status_code, one.json()["code"]) for one in (other, otherwise)] == [
        (422, "idempotency_key_reused")
    ] * 2
    assert (await database.fetch("SELECT count(*) FROM procrastinate_jobs"))[0]["count"] == 1


async def test_an_import_is_its_sender_s_alone(partners: Partners, database: Database, unknown_id: str) -> None:
    editor, stranger = await partners.add("editeur"), await partners.add("etranger")
    done = await import_rows(editor, database, [make_row(1, siret="1")])

    for path in (f"/v1/imports/{done['id']}", f"/v1/imports/{done['id']}/rejections"):
        refused = await stranger.get(path)
        unknown = await stranger.get(path.replace(done["id"], unknown_id))
        assert refused.status_code == unknown.status_code == 404
        assert {**refused.json(), "request_id": ""} == {**unknown.json(), "request_id": ""}
    assert (await stranger.get("/v1/imports")).json() == {"data": [], "next_cursor": None}


async def test_imports_are_listed_the_newest_first_by_page(partners: Partners, database: Database) -> None:
    editor = await partners.add("editeur")
    made = [(await import_rows(editor, database, [make_row(n)], f"k-{n}"))["id"] for n in range(3)]

    first = await editor.get("/v1/imports?limit=2")
    assert [item["id"] for item in first.json()["data"]] == made[:0:-1]
    assert first.headers["Link"].endswith('>; rel="next"')
    second = await editor.get(first.headers["Link"][1:].partition(">")[0].removeprefix("http://raccord.test"))
    assert [item["id"] for item in second.json()["data"]] == made[:1]
    assert second.json()["next_cursor"] is None


async def test_rejections_are_read_by_page_in_the_caller_s_language_or_as_csv(
    partners: Partners, database: Database
) -> None:
    editor = await partners.add("editeur")
    done = await import_rows(editor, database, [make_row(n, siret="1", kind="?") for n in range(3)])
    path = f"/v1/imports/{done['id']}/rejections"

    found: list[Json] = []
    query = "?limit=4"
    while True:
        page = (await editor.get(path + query)).json()
        found += page["data"]
        if page["next_cursor"] is None:
            break
        query = f"?limit=4&cursor={page['next_cursor']}"
    assert [(item["line"], item["pointer"]) for item in found] == [
        (line, pointer) for line in (1, 2, 3) for pointer in ("/kind", "/siret")
    ]
    assert found[0] == {
        "line": 1, "external_id": "S-0", "code": "enum", "pointer": "/kind",
        "message": "Valeur hors de la liste de codes.",
    }  # fmt: skip
    english = (await editor.get(path, accept_language="en")).json()
    assert english["data"][0]["message"] == "Not a value of the code list."
    written = await editor.get(path, accept="text/csv")
    assert written.headers["Content-Type"].startswith("text/csv")
    assert written.text.splitlines()[:2] == [
        "\ufeffline;external_id;code;pointer;message_fr;message_en",
        "1;S-0;enum;/kind;Valeur hors de la liste de codes.;Not a value of the code list.",
    ]


@pytest.mark.skipif(not REAL_FILE.exists(), reason="the real structures are not beside this checkout")
async def test_the_real_file_is_taken_compressed(partners: Partners, database: Database) -> None:
    editor = await partners.add("editeur")

    taken = await send(editor, REAL_FILE.read_bytes(), "kind=structures&mapping=siae-2023")
    await run_waiting_imports(database)

    done = (await editor.get(f"/v1/imports/{taken.json()['id']}")).json()
    assert (done["created_count"], done["rejected_count"]) == (3_840, 13)


async def test_csv_is_taken_and_a_wrong_header_told(partners: Partners, database: Database) -> None:
    editor = await partners.add("editeur")

    taken = await send(editor, b"external_id;Nom\n1;Jardin\n", content_type="text/csv; charset=utf-8")
    await run_waiting_imports(database)

    done = (await editor.get(f"/v1/imports/{taken.json()['id']}")).json()
    assert (done["format"], done["state"]) == ("csv", "failed")
    assert done["failure"]["code"] == "invalid_content"
    assert "Colonne inconnue : Nom." in done["failure"]["message"]


@pytest.mark.parametrize(
    ("query", "headers", "content", "status", "code"),
    [
        ("", {}, b"{}", 400, "invalid_parameter"),
        ("kind=people", {}, b"{}", 400, "invalid_parameter"),
        ("kind=structures&mapping=x", {}, b"{}", 400, "invalid_parameter"),
        ("kind=structures&autre=1", {}, b"{}", 400, "unknown_parameter"),
        ("kind=structures", {"Content-Type": "application/json"}, b"{}", 415, "unsupported_media_type"),
        ("kind=structures", {"Content-Type": "text/csv; charset=latin-1"}, b"a", 415, "unsupported_media_type"),
        ("kind=structures", {"Idempotency-Key": "é".encode().decode("latin-1")}, b"{}", 400, "invalid_header"),
        ("kind=structures", {}, b"", 400, "malformed_body"),
    ],
)
async def test_what_is_asked_wrongly_is_refused_at_once(
    partners: Partners, query: str, headers: dict[str, str], content: bytes, status: int, code: str
) -> None:
    editor = await partners.add("editeur")
    sent: dict[Any, Any] = {"Content-Type": NDJSON, "Idempotency-Key": "k", **editor.headers, **headers}

    answer = await editor.http.post(
        f"/v1/imports?{query}",
        content=content,
        headers={name: value.encode("latin-1") for name, value in sent.items()},
    )

    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_scopes_and_tokens_are_required(partners: Partners, client: httpx.AsyncClient) -> None:
    reader = await partners.add("lecteur", scopes=["structures:read"])

    assert (await send(reader, b"{}")).status_code == 403
    assert (await reader.get("/v1/imports")).status_code == 403
    missing = await reader.http.post(
        "/v1/imports?kind=structures", content=b"{}", headers={**reader.headers, "Content-Type": NDJSON}
    )
    assert missing.status_code == 403
    assert (await client.post("/v1/imports?kind=structures", content=b"{}")).status_code == 401


async def test_a_key_is_required(partners: Partners) -> None:
    editor = await partners.add("editeur")

    answer = await editor.http.post(
        "/v1/imports?kind=structures", content=b"{}", headers={**editor.headers, "Content-Type": NDJSON}
    )

    assert (answer.status_code, answer.json()["code"]) == (400, "missing_header")


async def test_a_bad_cursor_or_id_is_refused(partners: Partners) -> None:
    editor = await partners.add("editeur")

    assert (await editor.get("/v1/imports?cursor=x")).json()["code"] == "invalid_cursor"
    assert (await editor.get("/v1/imports/x")).json()["code"] == "invalid_parameter"


async def test_too_many_waiting_imports_are_put_off(partners: Partners) -> None:
    editor = await partners.add("editeur")
    for number in range(10):
        assert (await send(editor, b"{}\n", idempotency_key=f"k-{number}")).status_code == 202

    answer = await send(editor, b"{}\n", idempotency_key="k-11")

    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_requests")


async def test_a_compressed_body_beyond_the_limit_fails_and_ends(partners: Partners, database: Database) -> None:
    editor = await partners.add("editeur")
    taken = await send(editor, gzip.compress(b"\n" * (MAX_BLANK_LINES + 1)))

    await run_waiting_imports(database)

    done = (await editor.get(f"/v1/imports/{taken.json()['id']}")).json()
    assert (done["state"], done["failure"]["code"]) == ("failed", "body_too_large")
