"""The routes of imports: many records in one request, written later by a worker, told line by line."""

# No postponed annotations here: FastAPI reads the endpoints' signatures.
from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response, Security
from fastapi.responses import StreamingResponse

from raccord.access.caller import Caller
from raccord.bulk import descriptions, ledger
from raccord.bulk.imports import OPEN_KINDS
from raccord.bulk.ledger import Order
from raccord.bulk.mapping import load_mappings
from raccord.bulk.shapes import show_import, show_rejections
from raccord.jobs.engine import TaskName, enqueue
from raccord.kernel.database import Database, Row, Transaction
from raccord.kernel.errors import InsufficientScopeError, InvalidParameterError, NotFoundError, TooManyRequestsError
from raccord.kernel.identifiers import make_uuid7
from raccord.kernel.pages import fingerprint_question, read_cursor, write_cursor
from raccord.kernel.refusals import FieldError, JsonValue
from raccord.kernel.row_files import Format
from raccord.kernel.strict_json import dump_json
from raccord.kernel.text import Text, choose_language
from raccord.kernel.web import open_transaction, read_body
from raccord.oauth.authentication import get_caller
from raccord.records.answers import read_id, read_limit, write_link
from raccord.records.idempotency import KeyedRequest, Replay, check_key, find_replay, keep_key
from raccord.records.kind import Kind

FORMATS: dict[str, Format] = {"application/x-ndjson": "ndjson", "text/csv": "csv"}
MAX_WAITING = 10
Tx = Annotated[Transaction, Depends(open_transaction, scope="function")]
Called = Annotated[Caller, Security(get_caller)]


def build_imports_router() -> APIRouter:
    """Build the router."""
    router = APIRouter(tags=["Imports"])
    add, one = router.add_api_route, "/v1/imports/{id}"
    add("/v1/imports", create_import, methods=["POST"], **descriptions.describe_create())
    add("/v1/imports", list_imports, methods=["GET"], **descriptions.describe_list())
    add(one, read_import, methods=["GET"], **descriptions.describe_read())
    add(f"{one}/rejections", list_rejections, methods=["GET"], **descriptions.describe_rejections())
    return router


async def create_import(request: Request, caller: Called, tx: Tx) -> Response:
    """Take in a file; sent again with its key, it is taken in once."""
    kind = _choose_kind(request)
    mapping = _choose_mapping(request, kind)
    caller.require_scope(kind.scope("write"))
    key = check_key(request.headers.get("idempotency-key"))
    body = await read_body(request, *FORMATS)
    format_ = FORMATS[request.headers["content-type"].partition(";")[0].strip().lower()]
    meaning = f"{kind.name} {mapping} {format_} ".encode()
    keyed = KeyedRequest(caller.client_id, "create_import", key, meaning + body)
    replay = await find_replay(tx, keyed)
    if replay is not None:
        return _answer_taken(request, await _find_import(tx, caller, replay.record_id), is_replay=True)
    if await ledger.count_waiting(tx, caller.client_id) >= MAX_WAITING:
        message = Text(f"{MAX_WAITING} imports attendent déjà.", f"{MAX_WAITING} imports wait already.")
        raise TooManyRequestsError(message, headers={"Retry-After": "30"})
    import_id = make_uuid7()
    await ledger.open_import(tx, import_id, Order(kind.name, caller.source, caller.client_id, format_, mapping), body)
    await keep_key(tx, keyed, "imports", Replay(202, import_id, 0))
    # One at a time for a source, so that its files are applied in the order in which it sent them.
    lock = f"import:{kind.name}:{caller.source}"
    await enqueue(tx, TaskName.RUN_IMPORT, {"import_id": str(import_id)}, lock=lock)
    return _answer_taken(request, await _find_import(tx, caller, import_id))


async def list_imports(request: Request, caller: Called) -> Response:
    """List the caller's imports, the newest first."""
    _require_writer(caller)
    limit = read_limit(request.query_params.get("limit"))
    question = fingerprint_question("imports", caller.client_id)
    place = _read_place(request, question)
    before = UUID(str(place[0])) if place else None
    rows = await ledger.list_imports(_database(request), caller.client_id, before, limit + 1)
    language = choose_language(request.headers.get("accept-language"))
    shown: list[JsonValue] = [show_import(row, language) for row in rows[:limit]]
    following = [str(rows[limit - 1]["id"])] if len(rows) > limit else None
    return _answer_page(request, question, shown, following)


async def read_import(request: Request, caller: Called) -> Response:
    """Read one of the caller's imports; its counts move while it runs."""
    _require_writer(caller)
    row = await _find_import(_database(request), caller, read_id(request.path_params["id"]))
    return _answer(request, row, 200, {"Retry-After": "1"} if row["finished_at"] is None else {})


async def list_rejections(request: Request, caller: Called) -> Response:
    """List why lines were rejected, in the order of the file."""
    _require_writer(caller)
    database = _database(request)
    row = await _find_import(database, caller, read_id(request.path_params["id"]))
    if _prefers_csv(request):
        headers = {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="{row["id"]}.csv"'}
        return StreamingResponse(ledger.write_rejections(database, row["id"]), 200, headers, "text/csv")
    limit = read_limit(request.query_params.get("limit"))
    question = fingerprint_question("rejections", row["id"])
    place = _read_place(request, question)
    after = (int(place[0]), int(place[1])) if place else (0, -1)
    rows = await ledger.list_rejections(database, row["id"], after, limit + 1)
    shown = show_rejections(rows[:limit], choose_language(request.headers.get("accept-language")))
    following = [rows[limit - 1]["line"], rows[limit - 1]["number"]] if len(rows) > limit else None
    return _answer_page(request, question, shown, following)


def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


def _choose_kind(request: Request) -> Kind:
    name = request.query_params.get("kind")
    if name in OPEN_KINDS:
        return OPEN_KINDS[name]
    message = Text(f"Requis, parmi : {', '.join(OPEN_KINDS)}.", f"Required, one of: {', '.join(OPEN_KINDS)}.")
    raise InvalidParameterError(message, [FieldError("parameter", "kind", "enum", message)])


def _choose_mapping(request: Request, kind: Kind) -> str | None:
    name = request.query_params.get("mapping")
    known = load_mappings(kind.name, kind.content)
    if name is None or name in known:
        return name
    message = Text(f"Parmi : {', '.join(known)}.", f"One of: {', '.join(known)}.")
    raise InvalidParameterError(message, [FieldError("parameter", "mapping", "enum", message)])


def _require_writer(caller: Caller) -> None:
    """Refuse who may import nothing."""
    scopes = [kind.scope("write") for kind in OPEN_KINDS.values()]
    if caller.scopes.isdisjoint(scopes):
        raise InsufficientScopeError(
            Text(f"Portée requise : {' ou '.join(scopes)}.", f"Scope required: {' or '.join(scopes)}."),
            headers={"WWW-Authenticate": 'Bearer realm="raccord", error="insufficient_scope"'},
        )


async def _find_import(reader: Transaction | Database, caller: Caller, import_id: UUID) -> Row:
    row = await ledger.read_import(reader, caller.client_id, import_id)
    if row is None:
        raise NotFoundError
    return row


def _prefers_csv(request: Request) -> bool:
    return "text/csv" in request.headers.get("accept", "").lower()


def _read_place(request: Request, question: str) -> Sequence[str | int]:
    cursor = request.query_params.get("cursor")
    return read_cursor(request.app.state.keys, question, cursor) if cursor is not None else ()


def _answer_taken(request: Request, row: Row, *, is_replay: bool = False) -> Response:
    location = f"{request.app.state.public_url}/v1/imports/{row['id']}"
    headers = {"Location": location, "Retry-After": "1"}
    return _answer(request, row, 202, {**headers, "Idempotency-Replayed": "true"} if is_replay else headers)


def _answer(request: Request, row: Row, status: int, headers: dict[str, str]) -> Response:
    language = choose_language(request.headers.get("accept-language"))
    framed = {**headers, "Cache-Control": "no-store", "Content-Language": language}
    return Response(dump_json(show_import(row, language)), status, framed, "application/json")


def _answer_page(
    request: Request, question: str, shown: list[JsonValue], following: Sequence[str | int] | None
) -> Response:
    headers = {"Cache-Control": "no-store"}
    cursor = None
    if following is not None:
        cursor = write_cursor(request.app.state.keys, question, following)
        headers["Link"] = write_link(request, cursor, "next")
    return Response(dump_json({"data": shown, "next_cursor": cursor}), 200, headers, "application/json")
