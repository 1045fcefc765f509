"""What an adapter is: its manifest, its four verbs, what it is given, and its four errors.

    check    say whether the tool answers and the credentials open, before anything is written
    pull     walk through the tool, page by page: what was received, untouched, and where the walk has got to
    translate   one received item to one content of a kind: pure, called again at a replay
    push     tell the tool one change
    receive  read what the tool sends by itself

An adapter touches no database, no settings and no web framework. The engine (sync/) writes, counts, remembers, retries
and deletes; it knows no tool by name. The errors, by consequence:

    TryLater             what was done stays, the rest later
    CredentialsRefused   the connection pauses and asks for others
    RecordRefused        this record is set aside, the walk goes on
    Broken               the run stops, and a person is told
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Literal, Protocol, TypeVar
from uuid import UUID

import structlog
from pydantic import BaseModel, ConfigDict

from raccord.adapters.quality import Exempt, Quality, find_tier
from raccord.adapters.uses import Address, Kinds, list_urls
from raccord.kernel.consequences import Broken, CredentialsRefused, TryLater
from raccord.kernel.outbound import Outbound
from raccord.kernel.refusals import JsonValue
from raccord.kernel.remote_hosts import Budget
from raccord.kernel.shapes import Shape
from raccord.kernel.strict_json import JsonObject
from raccord.kernel.text import Text

S = TypeVar("S", bound=Shape)

__all__ = [
    "Adapter",
    "Address",
    "Batch",
    "Broken",
    "Budget",
    "Capability",
    "Change",
    "CredentialsRefused",
    "Drift",
    "End",
    "Equipment",
    "Exempt",
    "Gone",
    "Inbound",
    "Item",
    "Kinds",
    "Manifest",
    "Nothing",
    "Quality",
    "Receipt",
    "Received",
    "RecordRefused",
    "Translation",
    "TryLater",
    "Unnamed",
    "Walk",
    "list_new_fields",
    "list_urls",
]


class RecordRefused(Exception):
    """One record cannot be taken over. It is set aside with its reason; the others go on.

    Shape: `code` is stable snake_case; `pointer` names the received field at fault (RFC 6901); no value is repeated.
    """

    def __init__(self, code: str, message: Text, pointer: str | None = None) -> None:
        super().__init__(message.en)
        self.code = code
        self.message = message
        self.pointer = pointer


# ── What a walk gives ────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Item:
    """One thing that the tool says, as received: it becomes one record of a kind.

    Shape: `external_id` is the tool's own stable id; `raw` all that `translate` needs, and nothing that changes from
           one reading to the next (a position in a list): its hash decides whether anything is done at all.
           `part` is the part of the walk it belongs to, where the walk has parts.
    """

    kind: str
    external_id: str
    raw: JsonObject
    updated_at: datetime | None = None
    part: str = ""


@dataclass(frozen=True)
class Gone:
    """A record that the tool says it has no more: a tombstone."""

    kind: str
    external_id: str


@dataclass(frozen=True)
class Unnamed:
    """What was received and bears no usable id; it is set aside, and the walk proves nothing any more."""

    kind: str
    raw: JsonObject
    refusal: RecordRefused


@dataclass(frozen=True)
class End:
    """The end of a kind's walk, or of one of its parts: what was not met in it may be gone.

    Shape: `total` is how many the tool says there are, read last; `is_complete` is false where the adapter knows that
           it could not see all (a ceiling); `is_snapshot` is true where no row can slip between two pages: one file,
           one answer, pages by key. Without it a record must be missing from two walks before it goes.
    """

    kind: str
    part: str = ""
    total: int | None = None
    is_complete: bool = True
    is_snapshot: bool = False


@dataclass(frozen=True)
class Drift:
    """Something received that the adapter does not know: a new field, a code that is not listed.

    Shape: `pointer` names it in the received item. The connection's policy decides what follows.
    """

    sort: Literal["new_field", "unknown_code", "changed_type"]
    pointer: str
    value: JsonValue


@dataclass(frozen=True)
class Batch:
    """A page: written in one transaction, with `cursor`, from which the walk goes on if it is stopped after it.

    Shape: `cursor` is of the manifest's shape. The last batch has `is_last`; its cursor, if it has one, is where the
           next incremental walk begins. A walk that ends without `is_last` was cut short. `drifts` are of the tool
           itself, not of an item: a list of its codes that is no longer ours; they are told, and stop nothing.
    """

    items: Sequence[Item] = ()
    gone: Sequence[Gone] = ()
    unnamed: Sequence[Unnamed] = ()
    cursor: Shape | None = None
    ends: Sequence[End] = ()
    total: int | None = None
    is_last: bool = False
    drifts: Sequence[Drift] = ()


@dataclass(frozen=True)
class Walk:
    """What a walk is asked for.

    Shape: `full` sees everything. `incremental` sees what changed at or after `since` (the engine has taken the
           look-back off already), or after `cursor` where the tool has positions. `cursor` is also where a stopped
           walk goes on, of either sort.
           Of a walk that `is_dry` nothing is kept: it changes nothing where it reads either.
    Units: `since` by the tool's clock: the latest `updated_at` that it gave.
    """

    mode: Literal["full", "incremental"] = "full"
    cursor: Shape | None = None
    since: datetime | None = None
    is_dry: bool = False


# ── What a translation gives ─────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Translation:
    """The content of a kind, as its shape reads it, and what was met on the way that is not known."""

    content: JsonObject
    drifts: Sequence[Drift] = ()


class Received(BaseModel):
    """The base of what a tool sends, typed as received: lenient, and it remembers what it does not know."""

    model_config = ConfigDict(extra="allow", frozen=True, strict=False)


def list_new_fields(received: Received, pointer: str = "") -> Iterable[Drift]:
    """List the fields of what was received, at any depth, that its type does not have."""
    for name, value in (received.model_extra or {}).items():
        yield Drift("new_field", f"{pointer}/{name}", value)
    for name in type(received).model_fields:
        value = getattr(received, name)
        for place, inner in _list_received(value, f"{pointer}/{name}"):
            yield from list_new_fields(inner, place)


def _list_received(value: object, pointer: str) -> Iterable[tuple[str, Received]]:
    if isinstance(value, Received):
        yield pointer, value
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _list_received(inner, f"{pointer}/{number}")


# ── Push and receive ─────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Change:
    """One change of a record of another source, to be told to the tool.

    Shape: `external_id` is the tool's own id, if it gave one to this record before; `document` is null when deleted;
           `key` is the same each time this very change is pushed: for an Idempotency-Key.
    """

    kind: str
    id: UUID
    version: int
    sort: Literal["created", "updated", "deleted"]
    document: JsonObject | None
    external_id: str | None
    key: str


@dataclass(frozen=True)
class Receipt:
    """What the tool made of a change: under which id it has the record; `is_ignored` if it takes no such thing."""

    external_id: str | None = None
    is_ignored: bool = False


@dataclass(frozen=True)
class Inbound:
    """What a tool sent by itself.

    Shape: headers are named in lower case. The adapter checks the signature, unless `is_proven`: the message was
           proven when it came, has waited sealed, and its secret may be another by now.
    """

    headers: Mapping[str, str]
    params: Mapping[str, str]
    body: bytes
    is_proven: bool = False


# ── The adapter ──────────────────────────────────────────────────────────────────────────────────────────────────


class Adapter(Protocol):
    """One connection's adapter, for the time of a run. What a manifest does not claim is never called."""

    async def check(self) -> None:
        """Return if the tool answers and the credentials open. Writes nothing, reads little.

        Errors: TryLater, CredentialsRefused, Broken.
        """

    def pull(self, walk: Walk) -> AsyncIterator[Batch]:
        """Walk through the tool.

        Shape:  the engine reads one page ahead: when a page is asked for, all those before the last given are kept.
        Errors: TryLater, CredentialsRefused, Broken; what was yielded before is kept.
        """

    def translate(self, item: Item) -> Translation:
        """Make a kind's content of an item. Pure: no clock, no network, the item unchanged.

        Errors: RecordRefused.
        """

    async def push(self, change: Change) -> Receipt:
        """Tell the tool a change; the same one twice does what once does.

        Errors: the four.
        """

    async def receive(self, inbound: Inbound) -> Batch:
        """Read what the tool sent, after its proof; calls nothing. `cursor`, `ends` and totals mean nothing here.

        Errors: CredentialsRefused for a wrong signature, Broken for what cannot be read.
        """


@dataclass(frozen=True)
class Equipment:
    """All that an adapter is given: its settings and secrets, typed by its manifest, and the way out.

    Shape: `folder` is the one that file adapters may read, the source's own, if the installation has one.
    """

    settings: Shape
    secrets: Shape
    outbound: Outbound
    now: Callable[[], datetime]
    log: structlog.typing.FilteringBoundLogger
    folder: Path | None = None

    def settings_as(self, shape: type[S]) -> S:
        """Give the settings as the manifest's shape."""
        return _as(self.settings, shape)

    def secrets_as(self, shape: type[S]) -> S:
        """Give the secrets as the manifest's shape."""
        return _as(self.secrets, shape)


def _as(value: Shape, shape: type[S]) -> S:
    if not isinstance(value, shape):
        raise TypeError(f"{type(value).__name__} is not {shape.__name__}")
    return value


class Capability(StrEnum):
    """What an adapter can do."""

    PULL = "pull"
    INCREMENTAL = "incremental"
    TOMBSTONES = "tombstones"
    PUSH = "push"
    RECEIVE = "receive"


class Nothing(Shape):
    """Settings, secrets or cursor of an adapter that has none."""


@dataclass(frozen=True, eq=False)
class Manifest:
    """What an adapter declares of itself.

    Shape: `settings`, `secrets` and `cursor` are shapes: they are asked for, checked and shown by them; every secret is
           a SecretStr. `translation` is raised when `translate` gives something else for the same item: all is then
           translated once more. `budget` is the tool's published limit. `auth` names what the tool asks for.
           `quality` answers each rule of the tiers up to the one that the adapter claims. `receives` tells of settings
           whether a connection with them takes messages, where the adapter claims that it can; `uses` which of the
           kinds it goes with, without it with all; `addresses` where it calls: one that is never called is refused
           before it is stored.
    """

    name: str
    title: Text
    description: Text
    reads: tuple[str, ...]
    capabilities: frozenset[Capability]
    build: Callable[[Equipment], Adapter]
    owner: str
    contact: str
    quality: Quality
    settings: type[Shape] = Nothing
    secrets: type[Shape] = Nothing
    cursor: type[Shape] = Nothing
    writes: tuple[str, ...] = ()
    auth: tuple[str, ...] = ("none",)
    budget: Budget = field(default_factory=Budget)
    translation: int = 1
    receives: Callable[[Shape], bool] = lambda _settings: True
    uses: Callable[[Shape], Kinds] | None = None
    addresses: Callable[[Shape], Iterable[Address]] = list_urls

    def narrow_to(self, settings: Shape) -> Manifest:
        """Give the manifest of a connection with these settings: of the kinds, those alone that it goes with."""
        if self.uses is None:
            return self
        used = self.uses(settings)
        reads = tuple(kind for kind in self.reads if kind in used.reads)
        return replace(self, reads=reads, writes=tuple(kind for kind in self.writes if kind in used.writes))

    @property
    def tier(self) -> str | None:
        """The highest tier all of whose rules, and of those below, are answered."""
        return find_tier(self.quality)
