"""The routes of connections: made, changed, run and watched by the client whose they are; the worker does the work."""

# No postponed annotations here: FastAPI reads the endpoints' signatures.
from collections.abc import Mapping, Sequence
from typing import Annotated, TypeVar, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response, Security
from fastapi.responses import StreamingResponse

from raccord.access.caller import Caller
from raccord.adapters.contract import Manifest
from raccord.jobs.engine import TaskName, enqueue
from raccord.kernel.database import Database, Row, Transaction
from raccord.kernel.errors import InvalidContentError, NotFoundError, VersionMismatchError
from raccord.kernel.pages import fingerprint_question, read_cursor, write_cursor
from raccord.kernel.refusals import FieldError, JsonValue
from raccord.kernel.seals import Seals
from raccord.kernel.shapes import Shape
from raccord.kernel.strict_json import JsonObject, dump_json, parse_json
from raccord.kernel.text import Language, Text, choose_language
from raccord.kernel.validation import validate_content
from raccord.kernel.web import open_transaction, read_body
from raccord.oauth.authentication import get_caller
from raccord.records.answers import read_id, read_if_match, read_limit, write_link
from raccord.records.idempotency import KeyedRequest, Replay, check_key, find_replay, keep_key
from raccord.records.store import ANY_VERSION
from raccord.resources.registry import CONNECTIONS_SCOPE
from raccord.sync import connections, descriptions, ledger, rejections
from raccord.sync.connections import Connection, Order
from raccord.sync.editing import read_edit, save_edit
from raccord.sync.replaying import plan_replay
from raccord.sync.scheduling import enqueue_run
from raccord.sync.shapes import ConnectionEdit, ConnectionInput, DeletionDecision, ReplayOrder, RunOrder
from raccord.sync.showing import show_adapter, show_connection, show_rejection, show_run

MAX_CONNECTIONS = 200
Tx = Annotated[Transaction, Depends(open_transaction, scope="function")]
Called = Annotated[Caller, Security(get_caller, scopes=[CONNECTIONS_SCOPE])]
S = TypeVar("S", bound=Shape)


def build_connections_router() -> APIRouter:
    """Build the router."""
    router = APIRouter(tags=["Connections"])
    add, many, one = router.add_api_route, "/v1/connections", "/v1/connections/{id}"
    add("/v1/adapters", list_adapters, methods=["GET"], **descriptions.describe_adapters())
    add(many, create_connection, methods=["POST"], **descriptions.describe_create())
    add(many, list_connections, methods=["GET"], **descriptions.describe_list())
    add(one, read_connection, methods=["GET"], **descriptions.describe_read())
    add(one, patch_connection, methods=["PATCH"], **descriptions.describe_patch())
    add(one, delete_connection, methods=["DELETE"], **descriptions.describe_delete())
    add(f"{one}/runs", start_run, methods=["POST"], **descriptions.describe_start())
    add(f"{one}/runs", list_runs, methods=["GET"], **descriptions.describe_runs())
    add(f"{one}/runs/{{run_id}}", read_run, methods=["GET"], **descriptions.describe_run())
    add(f"{one}/runs/{{run_id}}/deletions", decide, methods=["POST"], **descriptions.describe_decision())
    add(f"{one}/rejections", list_rejections, methods=["GET"], **descriptions.describe_rejections())
    add(f"{one}/rejections/replay", replay, methods=["POST"], **descriptions.describe_replay(is_one=False))
    add(
        f"{one}/rejections/{{rejection_id}}/replay", replay, methods=["POST"],
        **descriptions.describe_replay(is_one=True),
    )  # fmt: skip
    return router


async def list_adapters(request: Request, _caller: Called) -> Response:
    """List every adapter."""
    language = _language(request)
    data: list[JsonValue] = [show_adapter(manifest, language) for manifest in _adapters(request).values()]
    return _answer({"data": data, "next_cursor": None}, language)


async def create_connection(request: Request, caller: Called, tx: Tx) -> Response:
    """Make a connection; sent again with its key, it is made once."""
    key = check_key(request.headers.get("idempotency-key"))
    body = await read_body(request, "application/json")
    keyed = KeyedRequest(caller.client_id, "create_connection", key, body)
    done = await find_replay(tx, keyed)
    if done is not None:
        made = await _find(tx, caller, done.record_id)
        return _answer_connection(request, made, 201, {"Idempotency-Replayed": "true"})
    asked = _validate(ConnectionInput, parse_json(body))
    manifest = _find_manifest(request, caller, asked.adapter, asked)
    await _check_room(tx, caller)
    plain = {name: getattr(asked, name) for name in ConnectionInput.model_fields if name != "adapter"}
    order = Order(source=caller.source, client_id=caller.client_id, **plain)
    made = await connections.add_connection(tx, _seals(request), manifest, order)
    await keep_key(tx, keyed, "connections", Replay(201, made.id, made.version))
    return _answer_connection(request, made, 201)


async def list_connections(request: Request, caller: Called) -> Response:
    """List the caller's connections."""
    limit, question = (
        read_limit(request.query_params.get("limit")),
        fingerprint_question("connections", caller.client_id),
    )
    place = _read_place(request, question)
    found = await connections.list_connections(
        _database(request), client_id=caller.client_id, after=UUID(str(place[0])) if place else None, limit=limit + 1
    )
    shown: list[JsonValue] = [show_connection(_seals(request), each) for each in found[:limit]]
    return _answer_page(request, question, shown, [str(found[limit - 1].id)] if len(found) > limit else None)


async def read_connection(request: Request, caller: Called) -> Response:
    """Read one of the caller's connections."""
    return _answer_connection(request, await _find(_database(request), caller, _read_id(request)))


async def patch_connection(request: Request, caller: Called, tx: Tx) -> Response:
    """Change a connection; secrets that are given replace all those before."""
    found = await _find(tx, caller, _read_id(request), is_locked=True)
    patch = parse_json(await read_body(request, "application/merge-patch+json", "application/json"))
    _check_version(request, found)
    edit = read_edit(found, patch)
    manifest = _find_manifest(request, caller, found.adapter, edit, settings_before=found.settings)
    await save_edit(tx, _seals(request), manifest, found, edit)
    return _answer_connection(request, await _find(tx, caller, found.id))


async def delete_connection(request: Request, caller: Called, tx: Tx) -> Response:
    """Forget a connection; its records stay."""
    found = await _find(tx, caller, _read_id(request), is_locked=True)
    _check_version(request, found)
    await connections.delete_connection(tx, found.id)
    return Response(status_code=204)


async def start_run(request: Request, caller: Called, tx: Tx) -> Response:
    """Ask for a run; sent again with its key, it is asked for once."""
    key = check_key(request.headers.get("idempotency-key"))
    found = await _find(tx, caller, _read_id(request))
    body = await read_body(request, "application/json")
    keyed = KeyedRequest(caller.client_id, "start_run", key, str(found.id).encode() + body)
    done = await find_replay(tx, keyed)
    if done is not None:
        row = await _find_run(tx, found, done.record_id)
        return _answer_run(request, row, 202, {"Idempotency-Replayed": "true"})
    asked = _validate(RunOrder, parse_json(body))
    run_id = await ledger.open_run(tx, found.id, asked.mode)
    await enqueue_run(tx, found.id, run_id)
    await keep_key(tx, keyed, "sync_runs", Replay(202, run_id, 0))
    return _answer_run(request, await _find_run(tx, found, run_id), 202)


async def list_runs(request: Request, caller: Called) -> Response:
    """List a connection's runs, the newest first."""
    found = await _find(_database(request), caller, _read_id(request))
    limit, question = read_limit(request.query_params.get("limit")), fingerprint_question("runs", found.id)
    place = _read_place(request, question)
    before = UUID(str(place[0])) if place else None
    rows = await ledger.list_runs(_database(request), found.id, before, limit + 1)
    shown: list[JsonValue] = [show_run(row, _language(request)) for row in rows[:limit]]
    return _answer_page(request, question, shown, [str(rows[limit - 1]["id"])] if len(rows) > limit else None)


async def read_run(request: Request, caller: Called) -> Response:
    """Read a run; its counts move while it goes."""
    found = await _find(_database(request), caller, _read_id(request))
    row = await _find_run(_database(request), found, _read_id(request, "run_id"))
    return _answer_run(request, row, 200)


async def decide(request: Request, caller: Called, tx: Tx) -> Response:
    """Confirm, drop or undo the deletions of a run."""
    found = await _find(tx, caller, _read_id(request))
    asked = _validate(DeletionDecision, parse_json(await read_body(request, "application/json")))
    row = await _find_run(tx, found, _read_id(request, "run_id"))
    args = {"connection_id": str(found.id), "run_id": str(row["id"]), "decision": asked.decision}
    await enqueue(tx, TaskName.DECIDE_DELETIONS, args, lock=f"sync:{found.id}")
    return _answer_run(request, row, 202)


async def list_rejections(request: Request, caller: Called) -> Response:
    """List what is set aside; as CSV, all of it."""
    database = _database(request)
    found = await _find(database, caller, _read_id(request))
    if "text/csv" in request.headers.get("accept", "").lower():
        headers = {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="{found.id}.csv"'}
        return StreamingResponse(rejections.write_csv(database, found.id), 200, headers, "text/csv")
    limit, question = read_limit(request.query_params.get("limit")), fingerprint_question("set_aside", found.id)
    place = _read_place(request, question)
    after = UUID(str(place[0])) if place else None
    rows = await rejections.list_rejections(database, found.id, after, limit + 1)
    shown: list[JsonValue] = [show_rejection(row, _language(request)) for row in rows[:limit]]
    return _answer_page(request, question, shown, [str(rows[limit - 1]["id"])] if len(rows) > limit else None)


async def replay(request: Request, caller: Called, tx: Tx) -> Response:
    """Replay what is set aside: one, some, or all."""
    found = await _find(tx, caller, _read_id(request))
    ids = await _read_chosen(request)
    if "rejection_id" in request.path_params:
        row = await rejections.find_rejection(tx, found.id, _read_id(request, "rejection_id"))
        if row is None or not row["is_replayable"]:
            raise NotFoundError
        ids = [row["id"]]
    run_id = await ledger.open_run(tx, found.id, "replay", plan_replay(ids))
    await enqueue_run(tx, found.id, run_id)
    return _answer_run(request, await _find_run(tx, found, run_id), 202)


async def _read_chosen(request: Request) -> list[UUID] | None:
    """Read which records are asked for; no body asks for all."""
    if not await request.body():
        return None
    return _validate(ReplayOrder, parse_json(await read_body(request, "application/json"))).ids


def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


def _seals(request: Request) -> Seals:
    seals: Seals = request.app.state.seals
    return seals


def _adapters(request: Request) -> Mapping[str, Manifest]:
    adapters: Mapping[str, Manifest] = request.app.state.adapters
    return adapters


def _language(request: Request) -> Language:
    return choose_language(request.headers.get("accept-language"))


def _read_id(request: Request, name: str = "id") -> UUID:
    return read_id(request.path_params[name])


def _read_place(request: Request, question: str) -> Sequence[str | int]:
    cursor = request.query_params.get("cursor")
    return read_cursor(request.app.state.keys, question, cursor) if cursor is not None else ()


def _validate(shape: type[S], value: JsonValue) -> S:
    return validate_content(shape, dump_json(value))


async def _find(
    reader: Transaction | Database, caller: Caller, connection_id: UUID, *, is_locked: bool = False
) -> Connection:
    found = await connections.find_connection(reader, connection_id, client_id=caller.client_id, is_locked=is_locked)
    if found is None:
        raise NotFoundError
    return found


async def _find_run(reader: Transaction | Database, connection: Connection, run_id: UUID) -> Row:
    row = await ledger.read_run(reader, connection.id, run_id)
    if row is None:
        raise NotFoundError
    return row


def _find_manifest(
    request: Request,
    caller: Caller,
    name: str,
    asked: ConnectionInput | ConnectionEdit,
    *,
    settings_before: JsonObject | None = None,
) -> Manifest:
    """Find the adapter; check that the caller may write, or read, what it goes with, and that it calls what may be.

    Errors: InvalidContentError.
    """
    manifest = _adapters(request).get(name)
    if manifest is None:
        message = Text("Adaptateur inconnu : voyez /v1/adapters.", "Unknown adapter: see /v1/adapters.")
        raise InvalidContentError(message, [FieldError("pointer", "/adapter", "unknown_code", message)])
    settings = connections.check_settings(manifest, cast("JsonObject", asked.settings))
    if asked.settings != settings_before:
        # Left as they are, they keep nobody from pausing a connection that was made under other rules.
        connections.check_addresses(manifest, settings, request.app.state.network_guard)
    wanted = connections.list_scopes(manifest.narrow_to(settings), asked.direction)
    missing = sorted(wanted - caller.scopes)
    if missing:
        names = ", ".join(missing)
        message = Text(f"Il vous faut aussi : {names}.", f"You need besides: {names}.")
        raise InvalidContentError(message, [FieldError("pointer", "/adapter", "scope_missing", message)])
    return manifest


async def _check_room(tx: Transaction, caller: Caller) -> None:
    rows = await tx.fetch("SELECT count(*) AS count FROM connections WHERE client_id = $1", caller.client_id)
    if rows[0]["count"] >= MAX_CONNECTIONS:
        message = Text(f"{MAX_CONNECTIONS} connexions au plus.", f"{MAX_CONNECTIONS} connections at most.")
        raise InvalidContentError(message, [FieldError("pointer", "", "too_many_connections", message)])


def _check_version(request: Request, found: Connection) -> None:
    if read_if_match(request) not in (ANY_VERSION, found.version):
        raise VersionMismatchError(extensions={"current_version": found.version})


def _answer(
    value: JsonObject, language: Language, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    framed = {"Cache-Control": "no-store", "Content-Language": language, **(headers or {})}
    return Response(dump_json(value), status, framed, "application/json")


def _answer_connection(
    request: Request, found: Connection, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    given = {"ETag": f'"{found.version}"', **(headers or {})}
    if status == 201:
        given["Location"] = f"{request.app.state.public_url}/v1/connections/{found.id}"
    return _answer(show_connection(_seals(request), found), _language(request), status, given)


def _answer_run(request: Request, row: Row, status: int, headers: Mapping[str, str] | None = None) -> Response:
    given = {**({"Retry-After": "1"} if row["finished_at"] is None else {}), **(headers or {})}
    if status == 202:
        address = request.app.state.public_url + ledger.write_path(row["connection_id"], row["id"])
        given = {"Location": address, **given}
    return _answer(show_run(row, _language(request)), _language(request), status, given)


def _answer_page(
    request: Request, question: str, shown: list[JsonValue], following: Sequence[str | int] | None
) -> Response:
    headers: dict[str, str] = {}
    cursor = None
    if following is not None:
        cursor = write_cursor(request.app.state.keys, question, following)
        headers["Link"] = write_link(request, cursor, "next")
    return _answer({"data": shown, "next_cursor": cursor}, _language(request), 200, headers)
