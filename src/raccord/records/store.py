"""The one write door: the API, imports, synchronisation and workflow write all records here, many at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Literal
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from raccord.access.caller import Caller
from raccord.access.row_security import see_everything
from raccord.kernel.clock import read_now
from raccord.kernel.database import Row, Transaction
from raccord.kernel.errors import (
    ConflictError,
    ExternalIdTakenError,
    NaturalKeyTakenError,
    VersionMismatchError,
)
from raccord.kernel.refusals import FieldError, RaccordError
from raccord.kernel.shapes import Envelope
from raccord.kernel.strict_json import JsonObject, parse_object
from raccord.kernel.text import Text
from raccord.kernel.validation import validate_content
from raccord.records import entitlements, rows
from raccord.records.attempts import OvertakenError, begin_again
from raccord.records.changes import Change, append_changes
from raccord.records.kind import Kind
from raccord.records.references import check_references, resolve_names

_ENVELOPE = frozenset(Envelope.model_fields)
# As the version expected of a record: whichever it has, but it must be there.
ANY_VERSION = 0


@dataclass(frozen=True)
class Writer:
    """Who writes, through what, as part of which request. Without a caller, rights were checked before."""

    source: str
    origin: str
    correlation_id: str
    caller: Caller | None = None


@dataclass(frozen=True)
class Put:
    """One record to write.

    Shape: `body` is the content's JSON, or makes it where that is work to be spared an unchanged record: then
           `fingerprint` identifies the raw input. What making it raises refuses the record.
           `state` replaces the fields that Raccord keeps (a move of a workflow), otherwise they are carried over.
           `former` makes the record as it was served elsewhere, or before: where none is live here, the new one has
           its id, and carries over what Raccord kept of it.
    """

    external_id: str
    body: bytes | Callable[[], bytes]
    fingerprint: bytes | None = None
    expected_version: int | None = None
    must_be_new: bool = False
    state: JsonObject | None = None
    former: Callable[[], JsonObject] | None = None

    @property
    def raw_hash(self) -> bytes:
        """The hash by which the same input is known again without reading it."""
        raw = self.read_body() if self.fingerprint is None else self.fingerprint
        return hashlib.blake2b(raw, digest_size=16).digest()

    def read_body(self) -> bytes:
        """Return the content's JSON."""
        return self.body() if callable(self.body) else self.body


@dataclass(frozen=True)
class Outcome:
    """What became of one record."""

    external_id: str
    status: Literal["created", "updated", "unchanged", "rejected"]
    id: UUID | None = None
    version: int = 0
    document: JsonObject | None = None
    error: RaccordError | None = None


@dataclass
class Pending:
    """A record on its way through the door."""

    put: Put
    content: JsonObject
    id: UUID
    former: JsonObject | None = None
    before: JsonObject | None = None
    stored: Row | None = None
    document: JsonObject = field(default_factory=dict)
    columns: Mapping[str, object] = field(default_factory=dict)
    changed_fields: tuple[str, ...] = ()


async def put_many(tx: Transaction, kind: Kind, writer: Writer, puts: Sequence[Put]) -> list[Outcome]:
    """Bring the writer's records to the given contents, in order; skip what has not changed.

    Shape:  one outcome for each put, in the same order; a refused record leaves the others unharmed.
    Errors: none is raised for a record at fault; its outcome carries the error.
    """
    outcomes: dict[int, Outcome] = {}
    async with see_everything(tx):
        for wave in _split_waves(puts):
            outcomes.update(await begin_again(tx, partial(_put_wave, tx, kind, writer, wave)))
    return [outcomes[place] for place in range(len(puts))]


async def put_one(tx: Transaction, kind: Kind, writer: Writer, put: Put) -> Outcome:
    """Write one record: a batch of one, whose error is raised."""
    [outcome] = await put_many(tx, kind, writer, [put])
    if outcome.error is not None:
        raise outcome.error
    return outcome


def _split_waves(puts: Sequence[Put]) -> Iterator[dict[int, Put]]:
    """Split so that no wave holds one external id twice: what comes later is then written later."""
    rest = dict(enumerate(puts))
    while rest:
        wave: dict[int, Put] = {}
        taken: set[str] = set()
        for place, put in rest.items():
            if put.external_id not in taken:
                taken.add(put.external_id)
                wave[place] = put
        yield wave
        rest = {place: put for place, put in rest.items() if place not in wave}


async def _put_wave(tx: Transaction, kind: Kind, writer: Writer, wave: dict[int, Put]) -> dict[int, Outcome]:
    """Write what is new in the wave."""
    outcomes, pending = await _read_wave(tx, kind, writer, wave)
    return {**outcomes, **await _write(tx, kind, writer, pending)} if pending else outcomes


async def _read_wave(
    tx: Transaction, kind: Kind, writer: Writer, wave: dict[int, Put]
) -> tuple[dict[int, Outcome], dict[int, Pending]]:
    """Sort out what is known already and what is not valid; the rest is to be written."""
    known = await rows.find_hashes(tx, kind, writer.source, [put.external_id for put in wave.values()])
    # A right may have ended since: of personal kinds, a caller is not told even that nothing changed.
    is_checked = kind.is_personal and writer.caller is not None
    outcomes: dict[int, Outcome] = {}
    pending: dict[int, Pending] = {}
    for place, put in wave.items():
        row = known.get(put.external_id)
        if row is not None and not is_checked and _is_known(put, row):
            outcomes[place] = Outcome(put.external_id, "unchanged", row["id"], row["version"])
            continue
        try:
            content = _read_content(kind, put)
            former = put.former() if put.former is not None and (row is None or row["deleted_at"]) else None
        except RaccordError as error:
            outcomes[place] = Outcome(put.external_id, "rejected", error=error)
        else:
            record_id = row["id"] if row is not None else UUID(str(former["id"])) if former else kind.make_id()
            pending[place] = Pending(put, content, record_id, former)
    refused = await resolve_names(tx, kind, writer.source, {p: item.content for p, item in pending.items()})
    for place, refusal in refused.items():
        outcomes[place] = Outcome(pending.pop(place).put.external_id, "rejected", error=refusal)
    return outcomes, pending


def _is_known(put: Put, row: Row) -> bool:
    is_plain = put.expected_version is None and put.state is None and not put.must_be_new
    return is_plain and row["deleted_at"] is None and row["raw_hash"] == put.raw_hash


def _read_content(kind: Kind, put: Put) -> JsonObject:
    """Validate, and return the content as it will be stored: every field, in the shape's order."""
    return validate_content(kind.content, put.read_body()).model_dump(mode="json")


async def _write(tx: Transaction, kind: Kind, writer: Writer, pending: dict[int, Pending]) -> dict[int, Outcome]:
    outcomes: dict[int, Outcome] = {}
    await entitlements.lock_before_write(
        tx, kind, [(item.id, {**item.content, **(item.put.state or {})}) for item in pending.values()]
    )
    stored = await rows.lock_rows(tx, kind, writer.source, [item.put.external_id for item in pending.values()])
    if not {row["id"] for row in stored.values()} <= {item.id for item in pending.values()}:
        # Made since it was looked for: its head, which comes before its row, is not locked.
        raise OvertakenError
    # Under the locks: the versions of a record are in the order of their instants.
    now = read_now()
    refused = await check_references(tx, kind, writer.caller, {p: item.content for p, item in pending.items()})
    refused |= await _find_taken_ids(tx, kind, {p: i for p, i in pending.items() if i.put.external_id not in stored})
    for place, item in pending.items():
        error = refused.get(place) or _prepare(kind, writer, item, stored.get(item.put.external_id), now)
        if error is not None:
            outcomes[place] = Outcome(item.put.external_id, "rejected", error=error)
    left = {place: item for place, item in pending.items() if place not in outcomes}
    for place, error in (await _check_stored(tx, kind, left)).items():
        outcomes[place] = Outcome(left.pop(place).put.external_id, "rejected", error=error)
    for place, names in (await _find_taken_keys(tx, kind, writer.source, left)).items():
        outcomes[place] = Outcome(left.pop(place).put.external_id, "rejected", error=_refuse_key(names))
    written = await _store(tx, kind, writer, left, now)
    return {**outcomes, **written}


def _prepare(kind: Kind, writer: Writer, item: Pending, stored: Row | None, now: datetime) -> RaccordError | None:
    """Work out the document to store, its columns, and which fields changed."""
    live = stored if stored is not None and stored["deleted_at"] is None else None
    error = _check_precondition(item.put, live)
    if error is not None:
        return error
    item.stored = stored
    if live is not None:
        item.before = kind.upcast(parse_object(live["document"].encode()), live["shape_version"])
    if kind.personal is not None and writer.caller is not None and item.put.state is None:
        try:
            kind.personal.check_write(writer.caller, item.content, item.before)
        except RaccordError as refusal:
            return refusal
    state = item.put.state if item.put.state is not None else kind.start_state(item.content, item.before or item.former)
    fields = kind.trim({**item.content, **state})
    before = item.before or {}
    names = dict.fromkeys((*fields, *before))
    item.changed_fields = tuple(
        name for name in names if name not in _ENVELOPE and before.get(name) != fields.get(name)
    )
    item.document = {
        "id": str(item.id),
        "source": writer.source,
        "external_id": item.put.external_id,
        "version": (stored["version"] if stored is not None else 0) + 1,
        "created_at": rows.write_instant(stored["created_at"] if stored is not None else now),
        "updated_at": rows.write_instant(now),
        **fields,
    }
    item.columns = kind.columns(item.document)
    return None


def _check_precondition(put: Put, live: Row | None) -> RaccordError | None:
    if put.must_be_new and live is not None:
        message = Text("Cette source a déjà une fiche de ce nom.", "This source has such a record already.")
        return ExternalIdTakenError(message, [FieldError("pointer", "/external_id", "external_id_taken", message)])
    current = live["version"] if live is not None else None
    if put.expected_version is not None and (live is None or put.expected_version not in (ANY_VERSION, current)):
        return VersionMismatchError(extensions={"current_version": current})
    return None


async def _find_taken_ids(tx: Transaction, kind: Kind, new: Mapping[int, Pending]) -> dict[int, RaccordError]:
    """Refuse the new records whose former id another record has, stored or earlier in this batch."""
    named = {place: item.id for place, item in new.items() if item.former is not None}
    taken = await rows.find_ids(tx, kind, set(named.values())) if named else set()
    refused: dict[int, RaccordError] = {}
    for place, record_id in named.items():
        if record_id in taken:
            message = Text("Une autre fiche a cet identifiant.", "Another record has this id.")
            refused[place] = ConflictError(message, [FieldError("pointer", "/id", "id_taken", message)])
        taken.add(record_id)
    return refused


async def _check_stored(tx: Transaction, kind: Kind, pending: Mapping[int, Pending]) -> Mapping[int, RaccordError]:
    """Check the documents against what else is stored, where the kind asks for it; what has not changed is not."""
    if kind.check_stored is None:
        return {}
    changed = {place: item.document for place, item in pending.items() if item.changed_fields or item.before is None}
    return await kind.check_stored(tx, changed) if changed else {}


async def _find_taken_keys(
    tx: Transaction, kind: Kind, source: str, pending: Mapping[int, Pending]
) -> dict[int, tuple[str, ...]]:
    """Find the records of which another record of the source holds a natural key, stored or earlier in this batch.

    Shape: the fields of that key, by place.
    """
    wanted = {place: rows.list_natural_keys(kind, item.columns) for place, item in pending.items()}
    holders = await rows.find_key_holders(tx, kind, source, [key for keys in wanted.values() for key in keys])
    # A record that gives a key up in this very batch does not stand in the way, unless it is refused itself.
    leaving = {(item.put.external_id, key) for item in pending.values() for key in _list_given_up(kind, item)}
    taken: dict[int, tuple[str, ...]] = {}
    while True:
        claimed: set[rows.NaturalKey] = set()
        refused: dict[int, tuple[str, ...]] = {}
        for place, keys in wanted.items():
            own = pending[place].put.external_id
            held = {k for k in keys if holders.get(k) not in (None, own) and (holders[k], k) not in leaving}
            clash = held | (keys & claimed)
            if clash:
                refused[place] = min(clash, key=lambda key: kind.natural_keys.index(key[0]))[0]
            else:
                claimed |= keys
        if not refused:
            return taken
        taken |= refused
        gone = {pending[place].put.external_id for place in refused}
        leaving = {(holder, key) for holder, key in leaving if holder not in gone}
        wanted = {place: keys for place, keys in wanted.items() if place not in refused}


def _list_given_up(kind: Kind, item: Pending) -> set[rows.NaturalKey]:
    """List the natural keys that the stored record has, and will have no more."""
    if item.before is None:
        return set()
    return rows.list_natural_keys(kind, kind.columns(item.before)) - rows.list_natural_keys(kind, item.columns)


def _refuse_key(names: tuple[str, ...]) -> NaturalKeyTakenError:
    message = Text("Une autre fiche de cette source a la même clé.", "Another record of this source has this key.")
    return NaturalKeyTakenError(
        message, [FieldError("pointer", f"/{name}", "natural_key_taken", message) for name in names]
    )


async def _store(
    tx: Transaction, kind: Kind, writer: Writer, pending: Mapping[int, Pending], now: datetime
) -> dict[int, Outcome]:
    changed = {place: item for place, item in pending.items() if item.changed_fields or item.before is None}
    same = {place: item for place, item in pending.items() if place not in changed}
    outcomes = {place: _describe(item, "unchanged") for place, item in same.items()}
    await rows.remember_hashes(tx, kind, [(item.id, item.put.raw_hash) for item in same.values()])
    updates = [item for item in changed.values() if item.stored is not None]
    inserts = [item for item in changed.values() if item.stored is None]
    await rows.keep_versions(tx, kind, [item.id for item in updates if item.before is not None], now)
    given_up = [(item.id, names) for item in updates for names, _ in _list_given_up(kind, item)]
    for names in kind.natural_keys:
        await rows.release_keys(tx, kind, names, [record_id for record_id, key in given_up if key == names])
    try:
        await rows.update_rows(
            tx, kind, [rows.make_row(kind, item.document, item.columns, item.put.raw_hash) for item in updates]
        )
    except IntegrityError as error:
        raise OvertakenError from error
    made = await rows.insert_rows(
        tx, kind, [rows.make_row(kind, item.document, item.columns, item.put.raw_hash) for item in inserts]
    )
    if len(made) < len(inserts):
        raise OvertakenError
    await append_changes(tx, [_make_change(kind, writer, item) for item in changed.values()], now)
    await entitlements.follow_writes(
        tx,
        kind,
        [item.document for item in changed.values()],
        {item.id for item in inserts},
        writer.correlation_id,
    )
    for place, item in changed.items():
        outcomes[place] = _describe(item, "created" if item.before is None else "updated")
    return outcomes


def _make_change(kind: Kind, writer: Writer, item: Pending) -> Change:
    return Change(
        kind.name,
        item.id,
        int(str(item.document["version"])),
        "created" if item.before is None else "updated",
        item.changed_fields if item.before is not None else (),
        writer.source,
        writer.origin,
        writer.correlation_id,
        kind.is_personal,
    )


def _describe(item: Pending, status: Literal["created", "updated", "unchanged"]) -> Outcome:
    if item.stored is not None and item.before is not None and status == "unchanged":
        return Outcome(item.put.external_id, status, item.id, item.stored["version"], item.before)
    return Outcome(item.put.external_id, status, item.id, int(str(item.document["version"])), item.document)
