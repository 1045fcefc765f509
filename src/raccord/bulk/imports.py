"""Importing: rows of a source, through the one write door, a batch and a transaction at a time.

A batch commits its records, its rejections and the line it reached together: killed at any moment and started again,
an import ends as if it had never stopped.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from uuid import UUID

import structlog
from pydantic import TypeAdapter, ValidationError
from sqlalchemy.exc import DBAPIError

from raccord.bulk import ledger
from raccord.bulk.ledger import Counts, Order, Progress, Rejection
from raccord.bulk.mapping import (
    ColumnMapping,
    check_columns,
    derive_mapping,
    load_mappings,
    map_fields,
    read_external_id,
    recognise_mapping,
)
from raccord.bulk.served import read_content, read_former, was_served
from raccord.jobs.engine import Job, JobInterrupted
from raccord.kernel.database import Database, Row
from raccord.kernel.errors import InternalError, InvalidContentError, MalformedBodyError
from raccord.kernel.logs import describe_exception
from raccord.kernel.refusals import FieldError, RaccordError
from raccord.kernel.row_files import Format, Source, SourceRow, open_source
from raccord.kernel.shapes import ExternalId, SourceName
from raccord.kernel.strict_json import JsonObject, dump_json, parse_object
from raccord.kernel.text import Text
from raccord.records.kind import Kind
from raccord.records.singly import REFUSALS, put_singly
from raccord.records.store import Put, Writer, put_many
from raccord.resources.registry import KINDS

BATCH = 1_000
MAX_REJECTED = 100_000
MAX_API_UNPACKED_BYTES = 500_000_000
_TRIES = 4
SOURCE_NAME: TypeAdapter[str] = TypeAdapter(SourceName)
_EXTERNAL_ID: TypeAdapter[str] = TypeAdapter(ExternalId)
OPEN_KINDS = {kind.name: kind for kind in KINDS if not kind.is_personal}


@dataclass(frozen=True)
class Import:
    """An import on its way: where its records go, in whose name, and how its rows are read.

    Shape: without a source, each row names its own; `is_operators` tells whether what Raccord made of a served record
           is kept with it; `salt` stands before a line's bytes in its fingerprint, for what decides of its meaning
           besides them.
    """

    id: UUID
    kind: Kind
    source: str | None
    is_operators: bool
    format: Format
    mapping: ColumnMapping | None
    salt: bytes

    @property
    def takes_served(self) -> bool:
        """Whether its rows may be records as Raccord serves them."""
        return self.format == "ndjson" and self.mapping is None


@dataclass(frozen=True)
class Named:
    """A row that names its record."""

    row: SourceRow
    source: str
    put: Put


def plan_import(import_id: UUID, order: Order, source: Source, asked: ColumnMapping | None) -> Import:
    """Settle how the source is read: by the mapping asked for, one known by its columns, or the shape's own names.

    Errors: InvalidContentError if the columns do not fit, or if nothing can tell the source.
    """
    kind = OPEN_KINDS[order.kind]
    mapping = asked or recognise_mapping(load_mappings(kind.name, kind.content).values(), source.columns)
    columns = b""
    if source.format == "csv":
        mapping = mapping or derive_mapping(kind.content, source.columns)
        check_columns(mapping, source.columns)
        # A line of CSV says nothing without its header.
        columns = "\n".join(source.columns).encode()
    salt = hashlib.blake2b(columns + mapping.fingerprint, digest_size=16).digest() if mapping is not None else b""
    job = Import(import_id, kind, order.source, order.client_id is None, source.format, mapping, salt)
    if job.source is None and not job.takes_served:
        raise _refuse("source_missing", _NO_SOURCE, "/source")
    return job


async def run_import(
    database: Database,
    job: Import,
    source_rows: Iterator[SourceRow],
    *,
    report: Callable[[Progress], None] = lambda _progress: None,
    is_stopping: Callable[[], bool] = lambda: False,
) -> None:
    """Import the rows that come after the last line that the ledger has as written.

    Errors: JobInterrupted between two batches, when asked to stop; InvalidContentError past MAX_REJECTED, because
            the file is then not what it claims to be; what reading or writing raises.
    """
    seen: set[int] = set()
    # Read in a thread: a stretch of blank lines, or one of many megabytes, must not hold up the loop.
    while batch := await asyncio.to_thread(lambda: list(islice(source_rows, BATCH))):
        progress = await _write_until_done(database, job, batch, _find_repeated(job, batch, seen))
        if progress is None:
            return
        report(progress)
        if progress.counts.rejected > MAX_REJECTED:
            raise InvalidContentError(_TOO_MANY_REJECTED)
        if is_stopping():
            raise JobInterrupted


def _find_repeated(job: Import, batch: Sequence[SourceRow], seen: set[int]) -> set[int]:
    """Find the lines that bear the external id of an earlier one of their source.

    The first holds: otherwise the two would replace each other at every import.
    Units: `seen` keeps a hash of 8 bytes for each row, and not the row.
    """
    repeated: set[int] = set()
    for row in batch:
        external_id = read_external_id(job.mapping, row.fields) if row.error is None else None
        if external_id is None:
            continue
        source = row.fields.get("source", job.source) if job.takes_served else job.source
        digest = hash((source if isinstance(source, str) else None, external_id))
        if digest in seen:
            repeated.add(row.line)
        seen.add(digest)
    return repeated


async def _write_until_done(
    database: Database, job: Import, batch: Sequence[SourceRow], repeated: set[int]
) -> Progress | None:
    """Write the batch; if the database fails, again; if it refuses the batch as a whole, row by row."""
    is_row_by_row = False
    for attempt in range(_TRIES):
        try:
            return await _write_batch(database, job, batch, repeated, is_row_by_row=is_row_by_row)
        except (DBAPIError, OSError) as error:
            structlog.get_logger().warning("import batch failed", **describe_exception(error))
            if attempt == _TRIES - 1:
                raise
            is_row_by_row = is_row_by_row or isinstance(error, REFUSALS)
            await asyncio.sleep(0.1 * 4**attempt)
    return None


async def _write_batch(
    database: Database, job: Import, batch: Sequence[SourceRow], repeated: set[int], *, is_row_by_row: bool
) -> Progress | None:
    """Write the batch in one transaction; None if somebody ended the import."""
    async with database.begin() as tx:
        # Held until the commit: a second worker on the same import, or a second try, sees what is done.
        progress = await ledger.lock_progress(tx, job.id)
        if progress is None:
            return None
        left = [row for row in batch if row.last_line > progress.line]
        if not left:
            return progress
        named, rejections = _name_rows(job, left, repeated)
        write = put_singly if is_row_by_row else put_many
        counts: Counter[str] = Counter()
        # In one order: two imports of several sources then wait for each other's rows, and do not deadlock.
        for source in sorted({item.source for item in named}):
            items = [item for item in named if item.source == source]
            writer = Writer(source, source, f"import:{job.id}")
            outcomes = await write(tx, job.kind, writer, [item.put for item in items])
            counts.update(outcome.status for outcome in outcomes)
            for item, outcome in zip(items, outcomes, strict=True):
                if outcome.error is not None:
                    rejections.append(Rejection(item.row.line, outcome.external_id, outcome.error))
        await ledger.add_rejections(tx, job.id, rejections)
        return await ledger.save_progress(
            tx,
            job.id,
            batch[-1].last_line,
            Counts(counts["created"], counts["updated"], counts["unchanged"], len(rejections)),
        )


def _name_rows(job: Import, rows: Sequence[SourceRow], repeated: set[int]) -> tuple[list[Named], list[Rejection]]:
    """Find which record each row is about; refuse what cannot be read or names none."""
    named: list[Named] = []
    rejections: list[Rejection] = []
    for row in rows:
        external_id = None
        try:
            if row.error is not None:
                raise MalformedBodyError(errors=[row.error])
            external_id = _read_external_id(job, row)
            source = _read_source(job, row)
            if row.line in repeated:
                raise _refuse("external_id_repeated", _REPEATED)
        except RaccordError as error:
            rejections.append(Rejection(row.line, external_id, error))
            continue
        is_served = job.is_operators and job.takes_served and was_served(row.fields)
        former = partial(_make_former, job, row) if is_served else None
        # A line known by its bytes is neither mapped nor validated.
        put = Put(external_id, partial(_make_body, job, row), fingerprint=job.salt + row.raw, former=former)
        named.append(Named(row, source, put))
    return named, rejections


def _read_external_id(job: Import, row: SourceRow) -> str:
    try:
        return _EXTERNAL_ID.validate_python(read_external_id(job.mapping, row.fields))
    except ValidationError:
        raise _refuse("invalid_external_id", _NO_NAME) from None


def _read_source(job: Import, row: SourceRow) -> str:
    """Read the source that the row names; the import's own, if it has one, and then no other."""
    stated = row.fields.get("source") if job.takes_served else None
    if stated is None and job.source is not None:
        return job.source
    try:
        source = SOURCE_NAME.validate_python(stated)
    except ValidationError:
        raise _refuse("source_missing", _NO_SOURCE, "/source") from None
    if job.source not in (None, source):
        raise _refuse("other_source", _OTHER_SOURCE, "/source")
    return source


def _make_former(job: Import, row: SourceRow) -> JsonObject:
    return read_former(job.kind, parse_object(row.raw))


def _make_body(job: Import, row: SourceRow) -> bytes:
    """Make the content's JSON of the row.

    Errors: MalformedBodyError for JSON that lenient readers let through; InvalidContentError from the mapping.
    """
    fields = parse_object(row.raw) if job.format == "ndjson" else row.fields
    if job.mapping is not None:
        return dump_json(map_fields(job.mapping, fields))
    return dump_json(read_content(job.kind, fields))


async def run_queued_import(database: Database, job: Job) -> None:
    """Run an import sent to the API, or what is left of it.

    Errors: JobInterrupted when the worker stops; what may pass with time, until the last attempt.
    """
    import_id = UUID(job.args["import_id"])
    async with database.begin() as tx:
        row = await ledger.take_import(tx, import_id)
    if row is None:
        return
    failure: RaccordError | None = None
    try:
        await _run_payload(database, row, job)
    except JobInterrupted:
        raise
    except RaccordError as error:
        failure = error
    except Exception as error:
        if not job.is_last_attempt:
            raise
        structlog.get_logger().error("import failed", import_id=str(import_id), **describe_exception(error))
        failure = InternalError()
    async with database.begin() as tx:
        await ledger.close_import(tx, import_id, failure)


async def _run_payload(database: Database, row: Row, job: Job) -> None:
    order = Order(row["kind"], row["source"], row["client_id"], row["format"], row["mapping"])
    kind = OPEN_KINDS[order.kind]
    asked = load_mappings(kind.name, kind.content)[order.mapping] if order.mapping is not None else None
    source = await asyncio.to_thread(
        open_source, io.BytesIO(row["payload"]), order.format, limit=MAX_API_UNPACKED_BYTES
    )
    plan = plan_import(row["id"], order, source, asked)
    await run_import(database, plan, source.rows, is_stopping=job.is_stopping)


def _refuse(code: str, message: Text, pointer: str = "/external_id") -> InvalidContentError:
    return InvalidContentError(message, [FieldError("pointer", pointer, code, message)])


_TOO_MANY_REJECTED = Text(
    f"Plus de {MAX_REJECTED} lignes rejetées : l'import s'arrête là.",
    f"More than {MAX_REJECTED} lines rejected: the import stops there.",
)
_NO_NAME = Text(
    "external_id absent, ou hors format : 1 à 128 caractères, sans / ? # % ni espace.",
    "external_id absent or ill-formed: 1 to 128 characters, without / ? # % or space.",
)
_NO_SOURCE = Text(
    "Dites la source de l'import, ou envoyez des lignes qui portent la leur.",
    "Say the source of the import, or send lines that bear their own.",
)
_OTHER_SOURCE = Text("La ligne est d'une autre source que l'import.", "The line is of another source than the import.")
_REPEATED = Text(
    "Un enregistrement précédent du fichier porte cet external_id.",
    "An earlier row of the file has this external_id.",
)
