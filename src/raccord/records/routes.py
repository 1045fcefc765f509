"""The routes that every kind has, made from its declaration."""

# No postponed annotations here: FastAPI reads the scope of each operation from the signatures made in `_bind`.
from collections.abc import Awaitable, Callable
from typing import Annotated, Literal, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from starlette.convertors import StringConvertor, register_url_convertor

from raccord.access.caller import Caller
from raccord.kernel.database import Database, Reader, Row, Transaction
from raccord.kernel.errors import GoneError, NotFoundError, SourceNotYoursError, VersionMismatchError
from raccord.kernel.identifiers import make_uuid4
from raccord.kernel.openapi import RouteDocs
from raccord.kernel.problems import answer_problem
from raccord.kernel.refusals import FieldError
from raccord.kernel.strict_json import JsonObject, dump_json, merge_patch, parse_object
from raccord.kernel.text import Text, choose_language
from raccord.kernel.web import open_transaction, read_body
from raccord.oauth.authentication import SCHEME_NAME, get_caller
from raccord.records import reads
from raccord.records.answers import (
    ListQuestion,
    answer_history,
    answer_record,
    read_before,
    read_create_only,
    read_id,
    read_if_match,
    read_limit,
    read_name,
)
from raccord.records.descriptions import KindDescriptions
from raccord.records.idempotency import KeyedRequest, Replay, check_key, find_replay, keep_key
from raccord.records.kind import Kind, View, Viewing
from raccord.records.lists import read_page
from raccord.records.reads import Served, Viewer
from raccord.records.representations import answer_chosen
from raccord.records.search.answers import SearchRequest
from raccord.records.store import ANY_VERSION, Outcome, Put, Writer, put_one
from raccord.records.tombstones import delete_record
from raccord.records.workflow import find_moves, move_record

MERGE_PATCH = "application/merge-patch+json"
Tx = Annotated[Transaction, Depends(open_transaction, scope="function")]
Verb = Literal["read", "write"]
Operation = Callable[[Request, Viewer, Transaction], Awaitable[Response]]
OpenOperation = Callable[[Request, Viewer, Reader], Awaitable[Response]]
Endpoint = Callable[..., Awaitable[Response]]


class RecordConvertor(StringConvertor):
    """What stands where an id is asked for; `search` is an address of its own."""

    regex = "(?!search$)[^/]+"


register_url_convertor("record", RecordConvertor())


class KindRoutes:
    """The operations of one kind."""

    def __init__(self, kind: Kind) -> None:
        self._kind = kind

    def build(self) -> APIRouter:
        """Build the router, one line for each operation; the first is found fastest."""
        kind, docs = self._kind, KindDescriptions(self._kind)
        many = f"/v1/{kind.path}"
        one, named = f"{many}/{{id:record}}", f"{many}/by-source/{{source}}/{{external_id}}"
        router = APIRouter(tags=[kind.title])
        if kind.search is not None:
            self._add(router, "read", "GET", f"{many}/search", self.search_records, docs.describe_search())
        self._add(router, "read", "GET", one, self.read_one, docs.describe_read())
        self._add(router, "read", "GET", many, self.list_records, docs.describe_list())
        self._add(router, "write", "POST", many, self.create_record, docs.describe_create())
        self._add(router, "read", "GET", named, self.read_by_source, docs.describe_read_by_source())
        self._add(router, "write", "PUT", named, self.upsert_record, docs.describe_upsert())
        self._add(router, "write", "PATCH", one, self.patch_record, docs.describe_patch())
        self._add(router, "write", "DELETE", one, self.delete_one, docs.describe_delete())
        self._add(router, "read", "GET", f"{one}/history", self.list_history, docs.describe_history())
        if kind.workflow is not None:
            moves = f"{one}/transitions"
            self._add(router, "read", "GET", moves, self.list_moves, docs.describe_moves())
            self._add(router, "write", "POST", moves, self.move_one, docs.describe_move())
        for view in kind.views:
            self._add(router, "read", "GET", f"{one}/{view.name}", self._make_view(view), docs.describe_view(view))
        return router

    async def list_records(self, request: Request, viewer: Viewer, reader: Reader) -> Response:
        """List what the caller may see, oldest writing first."""
        question = ListQuestion(request, self._kind, viewer)
        return question.answer(await read_page(reader, question.write_query()))

    async def read_one(self, request: Request, viewer: Viewer, reader: Reader) -> Response:
        """Read one record by its id."""
        served = await reads.read_record(reader, self._kind, viewer, {"id": self._read_id(request, viewer)})
        if self._kind.representations:
            return await answer_chosen(request, reader, self._kind, served)
        return answer_record(request, served, is_personal=self._kind.is_personal)

    async def search_records(self, request: Request, viewer: Viewer, reader: Reader) -> Response:
        """Search by words, place and tags."""
        return await SearchRequest(request, self._kind, viewer).answer(cast("Database", reader))

    async def read_by_source(self, request: Request, viewer: Viewer, reader: Reader) -> Response:
        """Read one record by its source and external id."""
        source, external_id = read_name(request)
        if self._kind.is_personal and source != viewer.caller.source:
            # Another source's external id would be a key to look people up by.
            raise NotFoundError
        key = {"source": source, "external_id": external_id}
        served = await reads.read_record(reader, self._kind, viewer, key)
        if self._kind.representations:
            return await answer_chosen(request, reader, self._kind, served)
        return answer_record(request, served, is_personal=self._kind.is_personal)

    async def create_record(self, request: Request, viewer: Viewer, tx: Transaction) -> Response:
        """Create a record under a name that Raccord chooses; sent again with its key, it is created once."""
        key = check_key(request.headers.get("idempotency-key"))
        body = await read_body(request, "application/json")
        keyed = KeyedRequest(viewer.caller.client_id, f"create_{self._kind.singular}", key, body)
        replay = await find_replay(tx, keyed)
        if replay is not None:
            served = await reads.read_version(tx, self._kind, viewer, replay.record_id, replay.version)
            return self._answer_made(request, viewer, replay.record_id, served, is_replay=True)
        put = Put(str(make_uuid4()), self._read_content(viewer, body), must_be_new=True)
        outcome = await put_one(tx, self._kind, self._make_writer(viewer), put)
        made = Replay(201, _require_id(outcome), outcome.version)
        await keep_key(tx, keyed, self._kind.name, made)
        served = reads.serve_document(self._kind, viewer, outcome.document or {}, outcome.version)
        return self._answer_made(request, viewer, made.record_id, served)

    async def upsert_record(self, request: Request, viewer: Viewer, tx: Transaction) -> Response:
        """Bring the record of the caller's source to this content; the same content again changes nothing."""
        source, external_id = read_name(request)
        if source != viewer.caller.source:
            message = Text("Vous n'écrivez que sous votre source.", "You write under your own source only.")
            raise SourceNotYoursError(message, [FieldError("parameter", "source", "source_not_yours", message)])
        body = self._read_content(viewer, await read_body(request, "application/json"))
        put = Put(
            external_id,
            body,
            expected_version=read_if_match(request) if "if-match" in request.headers else None,
            must_be_new=read_create_only(request),
        )
        outcome = await put_one(tx, self._kind, self._make_writer(viewer), put)
        record_id = _require_id(outcome)
        if outcome.status == "created":
            served = reads.serve_document(self._kind, viewer, outcome.document or {}, outcome.version)
            return self._answer_made(request, viewer, record_id, served)
        return await self._answer_written(request, viewer, tx, outcome)

    async def patch_record(self, request: Request, viewer: Viewer, tx: Transaction) -> Response:
        """Change some fields of a record of the caller's source (JSON Merge Patch)."""
        version = read_if_match(request)
        patch = parse_object(await read_body(request, MERGE_PATCH, "application/json"))
        row, document = await self._find_own(request, viewer, tx)
        _check_version(version, row)
        content: JsonObject = {name: document[name] for name in self._kind.content_fields if name in document}
        merged = cast("JsonObject", merge_patch(content, self._reveal_persons(viewer, patch)))
        # A null takes a field away; of a field that is not the source's, it is refused like any other value.
        foreign = {name: value for name, value in patch.items() if name not in self._kind.content_fields}
        put = Put(row["external_id"], dump_json({**merged, **foreign}), expected_version=version or row["version"])
        outcome = await put_one(tx, self._kind, self._make_writer(viewer), put)
        return await self._answer_written(request, viewer, tx, outcome)

    async def delete_one(self, request: Request, viewer: Viewer, tx: Transaction) -> Response:
        """Delete a record of the caller's source; a tombstone remains."""
        version = read_if_match(request)
        row, document = await self._find_own(request, viewer, tx)
        if self._kind.personal is not None:
            self._kind.personal.check_write(viewer.caller, document, document)
        await delete_record(
            tx,
            self._kind,
            self._make_writer(viewer),
            row["id"],
            expected_version=version or row["version"],
            reason="deleted_by_source",
        )
        return Response(status_code=204)

    async def list_history(self, request: Request, viewer: Viewer, reader: Reader) -> Response:
        """List the versions of a record, newest first."""
        limit = read_limit(request.query_params.get("limit"))
        entries = await reads.read_history(
            reader,
            self._kind,
            viewer,
            self._read_id(request, viewer),
            before=read_before(request),
            limit=limit + 1,
        )
        return answer_history(entries, limit, is_personal=self._kind.is_personal)

    async def list_moves(self, request: Request, viewer: Viewer, reader: Reader) -> Response:
        """List the moves that the caller may make now."""
        row = await self._find_live(request, viewer, reader)
        document = reads.read_document(self._kind, row)
        moves = find_moves(self._kind, viewer.caller, document)
        return Response(
            dump_json({"data": [*moves]}),
            headers={"Cache-Control": "no-store"},
            media_type="application/json",
        )

    def _make_view(self, view: View) -> OpenOperation:
        """Make the operation that works something out of one record."""

        async def read_view(request: Request, viewer: Viewer, reader: Reader) -> Response:
            """Work it out of the record as it stands."""
            row = await self._find_live(request, viewer, reader)
            language = choose_language(request.headers.get("accept-language"))
            viewing = Viewing(self._kind, viewer.caller, language)
            body = dump_json(await view.read(reader, reads.read_document(self._kind, row), viewing))
            headers = {"Cache-Control": "no-store", "Content-Language": language, "Vary": "Accept-Language"}
            return Response(body, headers=headers, media_type="application/json")

        return read_view

    async def move_one(self, request: Request, viewer: Viewer, tx: Transaction) -> Response:
        """Make a move of the workflow."""
        version = read_if_match(request)
        body = await read_body(request, "application/json")
        parse_object(body)
        row = await self._find_live(request, viewer, tx)
        _check_version(version, row)
        document = reads.read_document(self._kind, row)
        outcome = await move_record(tx, self._kind, viewer.caller, document, version=row["version"], body=body)
        return await self._answer_written(request, viewer, tx, outcome)

    def _add(  # noqa: PLR0917  # a table of operations
        self,
        router: APIRouter,
        verb: Verb,
        method: str,
        path: str,
        operation: Operation | OpenOperation,
        docs: RouteDocs,
    ) -> None:
        """Add an operation: the scope that it announces is the scope that its endpoint asks."""
        scope = self._kind.scope(verb)
        is_open = verb == "read" and not self._kind.is_personal
        # What reads an open kind takes any reader, a transaction or not.
        endpoint = self._bind_open(cast("OpenOperation", operation), scope) if is_open else self._bind(operation, scope)
        docs["openapi_extra"]["security"] = [{SCHEME_NAME: [scope]}]
        router.add_api_route(path, endpoint, methods=[method], **docs)

    def _bind(self, operation: Operation, scope: str) -> Endpoint:
        """Make the endpoint of an operation that runs in a transaction."""

        async def endpoint(request: Request, tx: Tx) -> Response:
            viewer = self._make_viewer(request, await get_caller.identify(request, (scope,)))
            await reads.enter_view(tx, viewer)
            try:
                return await operation(request, viewer, tx)
            except (NotFoundError, GoneError) as error:
                # Answered and not raised: that somebody asked in vain stays in the consultation log.
                return answer_problem(error, request)

        return endpoint

    def _bind_open(self, operation: OpenOperation, scope: str) -> Endpoint:
        """Make the endpoint of a read that is open to all who have the scope: no transaction is needed."""

        # The caller is asked for here and not by a dependency, which would cost a tenth of the whole read.
        async def endpoint(request: Request) -> Response:
            viewer = self._make_viewer(request, await get_caller.identify(request, (scope,)))
            return await operation(request, viewer, request.app.state.database)

        return endpoint

    def _make_viewer(self, request: Request, caller: Caller) -> Viewer:
        if self._kind.is_personal:
            headers = request.headers
            caller = caller.state_purpose(headers.get("raccord-purpose"), headers.get("raccord-actor"))
        return Viewer(caller, request.app.state.keys.pairwise_for(caller.client_id))

    def _make_writer(self, viewer: Viewer) -> Writer:
        caller = viewer.caller
        return Writer(caller.source, caller.source, caller.request_id, caller)

    def _read_id(self, request: Request, viewer: Viewer) -> UUID:
        return viewer.reveal_id(self._kind, read_id(request.path_params["id"]))

    def _read_content(self, viewer: Viewer, body: bytes) -> bytes:
        """Check the JSON; where it names people, put the stored ids for the client's own."""
        content = parse_object(body)
        revealed = self._reveal_persons(viewer, content)
        return body if revealed is content else dump_json(revealed)

    def _reveal_persons(self, viewer: Viewer, content: JsonObject) -> JsonObject:
        names = [name for name in self._kind.person_fields if name in content]
        revealed = {name: reads.reveal_person(viewer, content[name]) for name in names}
        return {**content, **revealed} if revealed else content

    async def _find_live(self, request: Request, viewer: Viewer, reader: Reader) -> Row:
        row = await reads.find_row(reader, self._kind, viewer, {"id": self._read_id(request, viewer)})
        if row is None or row["deleted_at"] is not None:
            raise NotFoundError
        return row

    async def _find_own(self, request: Request, viewer: Viewer, tx: Transaction) -> tuple[Row, JsonObject]:
        row = await self._find_live(request, viewer, tx)
        if row["source"] != viewer.caller.source:
            raise SourceNotYoursError(extensions={"source": row["source"]})
        return row, reads.read_document(self._kind, row)

    async def _answer_written(self, request: Request, viewer: Viewer, tx: Transaction, outcome: Outcome) -> Response:
        """Answer the record as it now stands; who may write and not read is answered what it wrote."""
        try:
            served = await reads.read_record(tx, self._kind, viewer, {"id": _require_id(outcome)})
        except NotFoundError:
            if outcome.document is None:
                raise
            served = reads.serve_document(self._kind, viewer, outcome.document, outcome.version)
        return answer_record(request, served, is_personal=self._kind.is_personal)

    def _answer_made(
        self, request: Request, viewer: Viewer, record_id: UUID, served: Served, *, is_replay: bool = False
    ) -> Response:
        response = answer_record(request, served, is_personal=self._kind.is_personal, status=201)
        public_id = viewer.conceal_id(self._kind, record_id)
        response.headers["Location"] = f"{request.app.state.public_url}/v1/{self._kind.path}/{public_id}"
        if is_replay:
            response.headers["Idempotency-Replayed"] = "true"
        return response


def _check_version(version: int, row: Row) -> None:
    if version not in (ANY_VERSION, row["version"]):
        raise VersionMismatchError(extensions={"current_version": row["version"]})


def _require_id(outcome: Outcome) -> UUID:
    if outcome.id is None:
        raise RuntimeError("a record that was written has an id")
    return outcome.id
