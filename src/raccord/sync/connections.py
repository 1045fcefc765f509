"""Connections: one configured use of an adapter each, with its sealed secrets, its schedule and its checkpoint."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Literal
from uuid import UUID

from croniter import croniter  # type: ignore[import-untyped]  # it ships no types
from pydantic import SecretStr

from raccord.adapters.contract import Address, Capability, Manifest
from raccord.kernel.clock import read_now
from raccord.kernel.database import Reader, Row, Transaction
from raccord.kernel.errors import ConflictError, InvalidContentError
from raccord.kernel.identifiers import make_uuid7
from raccord.kernel.network_guard import AddressRefused, NetworkGuard
from raccord.kernel.refusals import FieldError, JsonValue, RaccordError
from raccord.kernel.seals import Seals
from raccord.kernel.shapes import Shape
from raccord.kernel.strict_json import JsonObject, dump_json, parse_object
from raccord.kernel.text import Text
from raccord.kernel.validation import validate_content
from raccord.resources.registry import KINDS_BY_NAME

Direction = Literal["pull", "push", "both"]
DriftPolicy = Literal["accept", "freeze", "quarantine", "drop"]
ConnectionState = Literal["active", "paused", "credentials_refused", "broken"]
# In five minutes nothing of a tool is so urgent that asking oftener serves anybody.
MIN_SCHEDULE_S = 300
_COLUMNS = """
id, name, adapter, source, client_id, settings::text AS settings, secrets, direction, schedule, drift_policy,
look_back_s, reconcile_every, checkpoint::text AS checkpoint, state, next_run_at, walk, runs_since_full, push_position,
version, created_at, updated_at
"""


@dataclass(frozen=True)
class Connection:
    """A connection as it is stored.

    Shape: `checkpoint` holds `cursor` (of the adapter's shape) and `since`, from which the next incremental walk goes.
    """

    id: UUID
    name: str
    adapter: str
    source: str
    client_id: UUID | None
    settings: JsonObject
    secrets: bytes
    direction: Direction
    schedule: str | None
    drift_policy: DriftPolicy
    look_back_s: int
    reconcile_every: int
    checkpoint: JsonObject
    state: ConnectionState
    next_run_at: datetime | None
    walk: int
    runs_since_full: int
    push_position: int | None
    version: int
    created_at: datetime
    updated_at: datetime

    @property
    def origin(self) -> str:
        """How the changes that it writes are marked, so that it never tells a tool its own."""
        return f"connection:{self.id}"


@dataclass(frozen=True)
class Order:
    """What is asked of a connection."""

    name: str
    source: str
    settings: JsonObject
    secrets: JsonObject
    client_id: UUID | None = None
    direction: Direction = "pull"
    schedule: str | None = None
    drift_policy: DriftPolicy = "accept"
    look_back_s: int = 600
    reconcile_every: int = 24


async def add_connection(tx: Transaction, seals: Seals, manifest: Manifest, order: Order) -> Connection:
    """Store a new connection; nothing runs yet.

    Errors: InvalidContentError, ConflictError if the source has one of this name.
    """
    checked = check_settings(manifest, order.settings)
    check_direction(manifest.narrow_to(checked), order.direction)
    settings = checked.model_dump(mode="json")
    secrets = check_secrets(manifest, order.secrets)
    connection_id = make_uuid7()
    made = await tx.fetch(
        f"""
        INSERT INTO connections (id, name, adapter, source, client_id, settings, secrets, direction, schedule,
            drift_policy, look_back_s, reconcile_every, checkpoint, state, next_run_at, version)
        VALUES ($1, $2, $3, $4, $5, $6::text::json, $7, $8, $9, $10, $11, $12, '{{"cursor": null, "since": null}}',
            'active', $13, 1)
        ON CONFLICT (source, name) DO NOTHING RETURNING {_COLUMNS}
        """,  # noqa: S608
        connection_id,
        order.name,
        manifest.name,
        order.source,
        order.client_id,
        dump_json(settings).decode(),
        seals.seal(dump_json(secrets), write_place(connection_id)),
        order.direction,
        order.schedule,
        order.drift_policy,
        order.look_back_s,
        order.reconcile_every,
        find_next_run(order.schedule),
    )
    if not made:
        raise _refuse_name()
    return _read(made[0])


async def find_connection(
    reader: Reader, connection_id: UUID, *, client_id: UUID | None = None, is_locked: bool = False
) -> Connection | None:
    """Find a connection; with a client, only if it is that client's."""
    lock = " FOR UPDATE" if is_locked else ""
    rows = await reader.fetch(
        f"SELECT {_COLUMNS} FROM connections WHERE id = $1 AND ($2::uuid IS NULL OR client_id = $2){lock}",  # noqa: S608
        connection_id,
        client_id,
    )
    return _read(rows[0]) if rows else None


async def list_connections(
    reader: Reader, *, client_id: UUID | None = None, after: UUID | None = None, limit: int = 1_000
) -> list[Connection]:
    """List connections, in the order in which they were made; with a client, that client's."""
    rows = await reader.fetch(
        f"SELECT {_COLUMNS} FROM connections WHERE ($1::uuid IS NULL OR client_id = $1) "  # noqa: S608
        "AND ($2::uuid IS NULL OR id > $2) ORDER BY id LIMIT $3",
        client_id,
        after,
        limit,
    )
    return [_read(row) for row in rows]


async def find_by_name(reader: Reader, name: str) -> list[Connection]:
    """Find the connections of that name, or of that id."""
    rows = await reader.fetch(f"SELECT {_COLUMNS} FROM connections WHERE name = $1 OR id::text = $1", name)  # noqa: S608
    return [_read(row) for row in rows]


async def check_name(tx: Transaction, connection: Connection) -> None:
    """Check that no other connection of the source has the name.

    Errors: ConflictError.
    """
    taken = await tx.fetch(
        "SELECT 1 FROM connections WHERE source = $1 AND name = $2 AND id <> $3",
        connection.source,
        connection.name,
        connection.id,
    )
    if taken:
        raise _refuse_name()


def _refuse_name() -> ConflictError:
    message = Text("Une connexion porte déjà ce nom.", "A connection has this name already.")
    return ConflictError(message, [FieldError("pointer", "/name", "name_taken", message)])


async def save_connection(tx: Transaction, connection: Connection, seals: Seals, secrets: JsonObject | None) -> None:
    """Store what was changed of a connection; new secrets, where given, replace all the old ones."""
    sealed = seals.seal(dump_json(secrets), write_place(connection.id)) if secrets is not None else connection.secrets
    await tx.fetch(
        """
        UPDATE connections SET name = $2, settings = $3::text::json, secrets = $4, direction = $5, schedule = $6,
            drift_policy = $7, look_back_s = $8, reconcile_every = $9, checkpoint = $10::text::json, state = $11,
            next_run_at = $12, version = version + 1, updated_at = now()
        WHERE id = $1
        """,
        connection.id,
        connection.name,
        dump_json(connection.settings).decode(),
        sealed,
        connection.direction,
        connection.schedule,
        connection.drift_policy,
        connection.look_back_s,
        connection.reconcile_every,
        dump_json(connection.checkpoint).decode(),
        connection.state,
        find_next_run(connection.schedule) if connection.state == "active" else None,
    )


async def delete_connection(tx: Transaction, connection_id: UUID) -> None:
    """Forget a connection, its runs and what was set aside; the records that it wrote stay."""
    await tx.fetch("DELETE FROM connections WHERE id = $1", connection_id)


async def set_state(tx: Transaction, connection_id: UUID, state: ConnectionState) -> None:
    """Note that a connection asks for a person, or works again."""
    await tx.fetch(
        "UPDATE connections SET state = $2, updated_at = now() WHERE id = $1 AND state <> $2", connection_id, state
    )


def open_secrets(seals: Seals, connection: Connection) -> JsonObject:
    """Open the secrets.

    Errors: SealBrokenError.
    """
    return parse_object(seals.open(connection.secrets, write_place(connection.id)))


def check_settings(manifest: Manifest, settings: JsonObject) -> Shape:
    """Check settings by the adapter's shape.

    Errors: InvalidContentError, its pointers under /settings.
    """
    return _check(manifest.settings, settings, "/settings")


def check_addresses(manifest: Manifest, settings: Shape, guard: NetworkGuard) -> None:
    """Check where a connection with these settings calls, as far as that can be told without resolving a name.

    Errors: InvalidContentError, naming each setting at fault.
    """
    errors = [
        FieldError("pointer", f"/settings{address.pointer}", "address_not_called", _NOT_CALLED)
        for address in manifest.addresses(settings)
        if not _may_call(guard, address)
    ]
    if errors:
        raise InvalidContentError(errors=errors)


def _may_call(guard: NetworkGuard, address: Address) -> bool:
    try:
        if address.is_url:
            guard.read_url(address.text)
        else:
            guard.check_host(address.text)
    except AddressRefused:
        return False
    return True


def list_scopes(manifest: Manifest, direction: Direction) -> set[str]:
    """List the scopes that a connection's client needs, by the manifest narrowed to its settings."""
    written = manifest.reads if direction != "push" else ()
    read = manifest.writes if direction != "pull" else ()
    return {KINDS_BY_NAME[kind].scope("write") for kind in written} | {
        KINDS_BY_NAME[kind].scope("read") for kind in read
    }


def check_secrets(manifest: Manifest, secrets: JsonObject) -> JsonObject:
    """Check secrets by the adapter's shape.

    Errors: InvalidContentError, its pointers under /secrets.
    """
    checked = _check(manifest.secrets, secrets, "/secrets")
    return {name: _reveal(getattr(checked, name)) for name in manifest.secrets.model_fields}


def check_cursor(manifest: Manifest, cursor: JsonValue) -> None:
    """Check the cursor of a checkpoint by the adapter's shape.

    Errors: InvalidContentError.
    """
    if isinstance(cursor, dict):
        _check(manifest.cursor, cursor, "/checkpoint/cursor")


def check_direction(manifest: Manifest, direction: Direction) -> None:
    """Check that the adapter, narrowed to the connection's settings, goes that way.

    Errors: InvalidContentError.
    """
    is_pulled, is_pushed = direction in ("pull", "both"), direction in ("push", "both")
    can_pull = bool({Capability.PULL, Capability.RECEIVE} & manifest.capabilities and manifest.reads)
    can_push = bool(Capability.PUSH in manifest.capabilities and manifest.writes)
    if (is_pulled and not can_pull) or (is_pushed and not can_push):
        message = Text(
            "Avec ces réglages, l'adaptateur ne va pas dans ce sens.",
            "With these settings, the adapter does not go that way.",
        )
        raise InvalidContentError(message, [FieldError("pointer", "/direction", "direction_not_possible", message)])


def check_schedule(schedule: str) -> None:
    """Check a schedule of five fields, in UTC.

    Errors: ValueError for what is none; OverflowError for one that comes round too often.
    """
    if len(schedule.split()) != 5 or not croniter.is_valid(schedule):
        raise ValueError(schedule)
    times = croniter(schedule, read_now())
    moments = [times.get_next(datetime) for _ in range(25)]
    gaps = (later - sooner for sooner, later in pairwise(moments))
    if min(gap.total_seconds() for gap in gaps) < MIN_SCHEDULE_S:
        raise OverflowError(schedule)


def find_next_run(schedule: str | None) -> datetime | None:
    """Find when the schedule comes round next."""
    if schedule is None:
        return None
    moment: datetime = croniter(schedule, read_now()).get_next(datetime)
    return moment


def parse(shape: type[Shape], value: JsonObject) -> Shape:
    """Read what is stored by a shape of the adapter.

    Errors: InvalidContentError, for what an earlier version of the adapter took.
    """
    return _check(shape, value, "")


def _check(shape: type[Shape], value: JsonObject, pointer: str) -> Shape:
    try:
        return validate_content(shape, dump_json(value))
    except RaccordError as error:
        errors = [FieldError("pointer", pointer + item.name, item.code, item.message) for item in error.errors]
        raise InvalidContentError(error.detail, errors) from None


def _reveal(value: object) -> JsonValue:
    return value.get_secret_value() if isinstance(value, SecretStr) else None if value is None else str(value)


def write_place(connection_id: UUID) -> str:
    """Write for which place it is sealed."""
    return f"connection:{connection_id}"


def _read(row: Row) -> Connection:
    fields: Mapping[str, object] = dict(row)
    parsed = {name: parse_object(row[name].encode()) for name in ("settings", "checkpoint")}
    return Connection(**{**fields, **parsed})  # type: ignore[arg-type]  # the columns bear the names of the fields


_NOT_CALLED = Text(
    "Raccord n'appelle que des adresses publiques, en https, sans identifiants.",
    "Raccord calls public addresses only, by https, without credentials in them.",
)
