"""The route on which tools send by themselves: no token, the connection's adapter proves the sender."""

# No postponed annotations here: FastAPI reads the endpoints' signatures.
from fastapi import APIRouter, Request, Response

from raccord.adapters.contract import (
    Adapter,
    Broken,
    Capability,
    CredentialsRefused,
    Inbound,
    Manifest,
)
from raccord.kernel.database import Database
from raccord.kernel.errors import (
    InvalidContentError,
    NotFoundError,
    ProofRefusedError,
    TooManyRequestsError,
    UnavailableError,
)
from raccord.kernel.network_guard import ClosedTransport
from raccord.kernel.outbound import Outbound
from raccord.kernel.refusals import FieldError, RaccordError
from raccord.kernel.remote_hosts import SharedBook
from raccord.kernel.strict_json import dump_json
from raccord.kernel.text import Text
from raccord.kernel.web import read_body
from raccord.oauth.throttle import Throttle, name_origin
from raccord.records.answers import read_id
from raccord.sync import connections, descriptions
from raccord.sync.connections import Connection
from raccord.sync.going import Engine
from raccord.sync.messages import check_room, keep_message
from raccord.sync.runner import build_adapter


def build_messages_router(
    *, connection_limit: int = 600, origin_limit: int = 6_000, waiting_limit: int = 20_000
) -> APIRouter:
    """Build the router.

    Units: messages: in a minute to one connection, and from one network origin; of one connection that wait at once.
    """
    endpoint = _Endpoint(Throttle(connection_limit), Throttle(origin_limit), waiting_limit)
    router = APIRouter(tags=["Connections"])
    router.add_api_route(
        "/v1/connections/{id}/messages", endpoint.receive, methods=["POST"], **descriptions.describe_message()
    )
    return router


class _Endpoint:
    def __init__(self, taken: Throttle, origins: Throttle, waiting_limit: int) -> None:
        self._taken = taken
        self._origins = origins
        self._waiting_limit = waiting_limit

    async def receive(self, request: Request) -> Response:
        """Take a message in: proven and read here, written by a worker."""
        origin = name_origin(request.client.host if request.client else None)
        _refuse_haste(self._origins, origin)
        self._origins.count_act(origin)
        inbound = await _read_inbound(request)
        connection_id = read_id(request.path_params["id"])
        _refuse_haste(self._taken, str(connection_id))
        database: Database = request.app.state.database
        found = await connections.find_connection(database, connection_id)
        await _check(self._build(request, found), inbound)
        # Only now is the sender who it says: a stranger cannot use up the tool's share.
        self._taken.count_act(str(connection_id))
        async with database.begin() as tx:
            await check_room(tx, connection_id, self._waiting_limit)
            message_id = await keep_message(tx, request.app.state.seals, connection_id, inbound)
        return Response(dump_json({"id": str(message_id)}), 202, {"Cache-Control": "no-store"}, "application/json")

    def _build(self, request: Request, found: Connection | None) -> Adapter:
        """Build the connection's adapter, with no way out: to read a message calls nothing.

        Errors: NotFoundError for a connection that takes no messages, and for none; UnavailableError for one whose
                settings or secrets do not hold any more: the tool keeps its message.
        """
        state = request.app.state
        manifest: Manifest | None = state.adapters.get(found.adapter) if found is not None else None
        if found is None or manifest is None or not _takes_messages(found, manifest):
            raise NotFoundError
        outbound = Outbound(state.network_guard, SharedBook(state.database), transport=ClosedTransport())
        engine = Engine(state.database, state.seals, outbound, state.adapters)
        try:
            settings = connections.parse(manifest.settings, found.settings)
            adapter = build_adapter(engine, found, engine.outbound)[1]
        except (RaccordError, Broken, CredentialsRefused):
            raise UnavailableError(headers={"Retry-After": "60"}) from None
        if not manifest.receives(settings):
            raise NotFoundError
        return adapter


def _takes_messages(found: Connection, manifest: Manifest) -> bool:
    is_open = found.state != "paused" and found.direction != "push"
    return is_open and Capability.RECEIVE in manifest.capabilities


async def _check(adapter: Adapter, inbound: Inbound) -> None:
    """Check that the message is the tool's, and can be read.

    Errors: ProofRefusedError, InvalidContentError.
    """
    try:
        await adapter.receive(inbound)
    except CredentialsRefused:
        raise ProofRefusedError(headers={"WWW-Authenticate": 'Signature realm="raccord"'}) from None
    except Broken as error:
        found = FieldError("pointer", "", "unreadable_message", error.reason)
        raise InvalidContentError(error.reason, [found]) from None


async def _read_inbound(request: Request) -> Inbound:
    body = await read_body(request, "application/json")
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Inbound(headers, dict(request.query_params), body)


def _refuse_haste(throttle: Throttle, key: str) -> None:
    wait_s = throttle.tell_wait(key)
    if wait_s:
        message = Text("Attendez avant d'envoyer encore.", "Wait before you send more.")
        raise TooManyRequestsError(message, headers={"Retry-After": str(wait_s)})
