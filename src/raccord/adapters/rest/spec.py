"""The spec of a connection, as typed data: what docs/adapters/rest.md tells. Rules between its parts: rules.py."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, JsonValue

from raccord.adapters.field_rules import Codes, FieldRule, OpenKind, Scalar, TransformNames
from raccord.adapters.rest.message_spec import MessageSpec, ReceiveSpec
from raccord.adapters.rest.patterns import (
    FieldPointer,
    HeaderTemplates,
    Parameter,
    Pointer,
    Status,
    StreamName,
    Template,
    Templates,
    Token,
)
from raccord.kernel.shapes import Shape

# ── How it opens, how often it may be called, what its answers mean ──────────────────────────────────────────────────


class NoAuth(Shape):
    """Open to all."""

    type: Literal["none"]


class ApiKeyAuth(Shape):
    """The secret `key`, in a header or a query parameter of that name."""

    type: Literal["api_key"]
    place: Literal["header", "query"] = "header"
    name: Token
    prefix: str = Field("", max_length=50)


class BasicAuth(Shape):
    """HTTP Basic with the secrets `username` and `password`."""

    type: Literal["basic"]


class BearerAuth(Shape):
    """The secret `key`, as a bearer token."""

    type: Literal["bearer"]


class OAuth2Auth(Shape):
    """OAuth2 client credentials, with the secrets `client_id` and `client_secret`."""

    type: Literal["oauth2_cc"]
    token_url: Template
    scope: Template | None = None
    audience: Template | None = None
    realm: Template | None = None


Auth = Annotated[NoAuth | ApiKeyAuth | BasicAuth | BearerAuth | OAuth2Auth, Field(discriminator="type")]


class BudgetSpec(Shape):
    """The limit that the tool publishes."""

    calls: int = Field(10, ge=1, le=10_000)
    per_s: float = Field(1.0, gt=0, le=86_400)
    concurrency: int = Field(4, ge=1, le=20)


class WaitSpec(Shape):
    """How long to wait before the same call again."""

    first_s: float = Field(1.0, ge=0, le=3_600)
    growth: float = Field(2.0, ge=1, le=10)
    header: Token | None = "retry-after"
    is_instant: bool = False


class RuleSpec(Shape):
    """Of an answer that matches, what follows."""

    action: Literal["return", "retry", "slow_down", "refresh", "refused", "fail"]
    statuses: list[Status] = Field(["100-599"], min_length=1, max_length=50)
    text: str | None = Field(None, min_length=1, max_length=200)
    pointer: Pointer | None = None
    values: list[str | int | bool] = Field([], max_length=50)
    has_header: Token | None = None
    wait: WaitSpec = WaitSpec()
    attempts: int = Field(4, ge=1, le=10)


# ── What is asked, page by page ──────────────────────────────────────────────────────────────────────────────────────


class RequestSpec(Shape):
    """A call that reads."""

    path: Template
    method: Literal["GET", "POST"] = "GET"
    params: Templates = Field({})
    headers: HeaderTemplates = Field({})
    body: dict[str, JsonValue] | None = None


class _Placed(Shape):
    # Where the parameters of the pages stand; "body" for searches by POST.
    place: Literal["params", "body"] = "params"


class NoPages(Shape):
    """All in one answer."""

    type: Literal["none"]


class CursorPages(_Placed):
    """The answer holds a token for the next page; none, or an empty one, at the end."""

    type: Literal["cursor"]
    param: Parameter
    pointer: FieldPointer
    has_more: FieldPointer | None = None


class NextUrlPages(Shape):
    """The answer holds the address of the next page."""

    type: Literal["next_url"]
    pointer: FieldPointer


class LinkHeaderPages(Shape):
    """The Link header, rel="next", holds it (RFC 8288)."""

    type: Literal["link_header"]


class PagePages(_Placed):
    """Pages are numbered; a page that is not full, or the last of their number, ends."""

    type: Literal["page"]
    param: Parameter = "page"
    first: int = Field(1, ge=0, le=1)
    size: int | None = Field(None, ge=1, le=10_000)
    size_param: Parameter | None = None
    page_count: FieldPointer | None = None


class OffsetPages(_Placed):
    """Rows are counted; a page that is not full ends."""

    type: Literal["offset"]
    param: Parameter = "offset"
    size: int = Field(ge=1, le=10_000)
    size_param: Parameter | None = "limit"


class RangePages(Shape):
    """Rows are asked for by a range, and Content-Range says how many there are: 206 as long as there are more."""

    type: Literal["range_header"]
    size: int = Field(ge=1, le=10_000)
    header: Token = "range"
    param: Parameter | None = None
    unit: str = Field("items", pattern=r"^[A-Za-z0-9_-]{0,30}$")
    ceiling: int | None = Field(None, ge=1)


class KeysetPages(_Placed):
    """A page holds what follows a key, in the order of the key; a page that is not full ends."""

    type: Literal["keyset"]
    param: Parameter
    field: FieldPointer
    size: int = Field(ge=1, le=10_000)
    size_param: Parameter | None = None


Pages = Annotated[
    NoPages | CursorPages | NextUrlPages | LinkHeaderPages | PagePages | OffsetPages | RangePages | KeysetPages,
    Field(discriminator="type"),
]


class RecordsSpec(Shape):
    """Where the records are in an answer, and how each is named."""

    id: FieldPointer = "/id"
    format: Literal["json", "jsonl", "csv"] = "json"
    pointer: Pointer = ""
    encoding: Literal["utf-8", "latin-1"] = "utf-8"
    total: FieldPointer | None = None
    total_header: Token | None = None
    ignored: list[FieldPointer] = Field([], max_length=200)


class CursorSpec(Shape):
    """How what changed is asked for.

    Units: `lookback` is in seconds for a datetime, in positions for an int.
    """

    type: Literal["datetime", "int", "opaque"]
    param: Parameter | None = None
    field: FieldPointer | None = None
    pointer: FieldPointer | None = None
    lookback: int = Field(0, ge=0, le=31_536_000)
    is_inclusive: bool = True
    granularity: Literal["microsecond", "millisecond", "second", "day"] = "second"
    format: Literal["iso", "epoch"] = "iso"
    zone: Literal["UTC", "Europe/Paris"] = "UTC"


class NoDeletes(Shape):
    """Nothing is ever deleted."""

    type: Literal["none"]


class TombstoneField(Shape):
    """A field says that the record is gone: if it has one of the values; without values, if it is there and true."""

    type: Literal["tombstone_field"]
    field: FieldPointer
    values: list[str | int | bool] = Field([], max_length=50)


class DeletedEndpoint(Shape):
    """Another call lists what is gone."""

    type: Literal["deleted_endpoint"]
    request: RequestSpec
    pages: Pages = NoPages(type="none")
    pointer: Pointer = ""
    id: FieldPointer = "/id"


class FullDiff(Shape):
    """What a complete walk did not meet is gone; the engine proves and guards it."""

    type: Literal["full_diff"]


Deletes = Annotated[NoDeletes | TombstoneField | DeletedEndpoint | FullDiff, Field(discriminator="type")]


class DriftSpec(Shape):
    """What is known of the records besides what is mapped: all else that comes is told as drift."""

    known: list[FieldPointer] = Field([], max_length=500)
    is_watched: bool = True


# ── What a field becomes, and back ───────────────────────────────────────────────────────────────────────────────────


def _read_short(name: str) -> BeforeValidator:
    """Let `"/nom"` stand for `{ pointer = "/nom" }`."""
    return BeforeValidator(lambda value: {name: value} if isinstance(value, str) else value)


class FieldSpec(FieldRule):
    """Where a field of Raccord comes from."""

    pointer: FieldPointer | None = None


class SentSpec(Shape):
    """What a field of the tool is filled with: a field of Raccord, an enum table, transforms, a default."""

    field: str | None = Field(None, max_length=100)
    codes: Codes | None = None
    transforms: TransformNames = Field([])
    default: Scalar = None


class CallSpec(Shape):
    """A call that writes; `id` points at the tool's own id in its answer."""

    path: Template
    method: Literal["POST", "PUT", "PATCH", "DELETE"]
    params: Templates = Field({})
    headers: HeaderTemplates = Field({})
    id: FieldPointer | None = None


class FindSpec(Shape):
    """A call that finds a record by what Raccord wrote in it."""

    path: Template
    params: Templates = Field({})
    pointer: Pointer = ""
    id: FieldPointer = "/id"


class EchoSpec(Shape):
    """What marks a record in the tool as Raccord's, so that it does not come back."""

    field: FieldPointer
    value: str = Field("raccord", min_length=1, max_length=100)


class WriteSpec(Shape):
    """How the tool is told changes."""

    create: CallSpec | None = None
    update: CallSpec | None = None
    delete: CallSpec | None = None
    find: FindSpec | None = None
    idempotency_header: Token | None = None
    precondition: Literal["none", "etag"] = "none"
    echo: EchoSpec | None = None
    map: dict[FieldPointer, Annotated[SentSpec, _read_short("field")]] = Field({}, max_length=300)


class StreamSpec(Shape):
    """One list of the tool."""

    kind: OpenKind | None = None
    parent: StreamName | None = None
    request: RequestSpec | None = None
    pages: Pages = NoPages(type="none")
    records: RecordsSpec = RecordsSpec()
    cursor: CursorSpec | None = None
    deletes: Deletes = NoDeletes(type="none")
    drift: DriftSpec = DriftSpec()
    map: dict[str, Annotated[FieldSpec, _read_short("pointer")]] = Field({}, max_length=300)
    write: WriteSpec | None = None
    receive: MessageSpec | None = None


class CheckSpec(Shape):
    """A call that says whether the credentials open."""

    path: Template


class Spec(Shape):
    """The whole."""

    base_url: Template
    auth: Auth = NoAuth(type="none")
    budget: BudgetSpec = BudgetSpec()
    headers: HeaderTemplates = Field({})
    rules: list[RuleSpec] = Field([], max_length=50)
    check: CheckSpec | None = None
    receive: ReceiveSpec | None = None
    streams: dict[StreamName, StreamSpec] = Field(min_length=1, max_length=20)
