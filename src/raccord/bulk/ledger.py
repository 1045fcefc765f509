"""The ledger of imports: what was asked, how far it got, which lines were refused and why."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from raccord.kernel.database import Reader, Row, Transaction
from raccord.kernel.refusals import RaccordError
from raccord.kernel.row_files import Format
from raccord.kernel.sheets import write_header, write_rows
from raccord.kernel.text import Text

MAX_ERRORS_BY_LINE = 10
_PAGE = 1_000
_PROGRESS = "lines_read, created_count, updated_count, unchanged_count, rejected_count"
_COLUMNS = """
id, kind, source, format, mapping, state, lines_read, created_count, updated_count, unchanged_count, rejected_count,
payload_sha256, failure_code, failure_fr, failure_en, created_at, started_at, finished_at
"""
# In place of a source, which cannot be called so: each line names its own.
EACH_ITS_OWN = "*"
# What begins like a formula runs as one in a spreadsheet.


@dataclass(frozen=True)
class Order:
    """What is asked of an import: which kind, whose records, from whom, mapped how."""

    kind: str
    source: str | None
    client_id: UUID | None = None
    format: Format | None = None
    mapping: str | None = None


@dataclass(frozen=True)
class Counts:
    """What became of the lines of a batch, or of a whole import."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0

    @property
    def seen(self) -> int:
        """How many lines were read that are not blank."""
        return self.created + self.updated + self.unchanged + self.rejected


@dataclass(frozen=True)
class Progress:
    """The last line dealt with, and what became of all up to it."""

    line: int
    counts: Counts


@dataclass(frozen=True)
class Rejection:
    """Why a line was refused."""

    line: int
    external_id: str | None
    error: RaccordError


async def open_import(tx: Transaction, import_id: UUID, order: Order, payload: bytes | None = None) -> None:
    """Write an import down: one that runs now, or with its payload one that waits for the worker."""
    await tx.fetch(
        """
        INSERT INTO imports (id, kind, source, client_id, format, mapping, state, started_at, payload, payload_sha256)
        VALUES ($1, $2, $3, $4, $5, $6, $7, CASE WHEN $7 = 'running' THEN now() END, $8, $9)
        """,
        import_id,
        order.kind,
        order.source or EACH_ITS_OWN,
        order.client_id,
        order.format,
        order.mapping,
        "running" if payload is None else "pending",
        payload,
        hashlib.sha256(payload).digest() if payload is not None else None,
    )


async def take_import(tx: Transaction, import_id: UUID) -> Row | None:
    """Take an import to run, with its payload; None if it is over, or gone."""
    found = await tx.fetch(
        f"""
        UPDATE imports SET state = 'running', started_at = coalesce(started_at, now()), progressed_at = now()
        WHERE id = $1 AND state IN ('pending', 'running') RETURNING {_COLUMNS}, client_id, payload
        """,  # noqa: S608
        import_id,
    )
    return found[0] if found else None


async def lock_progress(tx: Transaction, import_id: UUID) -> Progress | None:
    """Hold the import until the transaction ends, and return how far it got; None if it is over."""
    found = await tx.fetch(f"SELECT {_PROGRESS} FROM imports WHERE id = $1 AND state = 'running' FOR UPDATE", import_id)  # noqa: S608
    return _read_progress(found[0]) if found else None


async def save_progress(tx: Transaction, import_id: UUID, line: int, counts: Counts) -> Progress:
    """Note, with what the batch wrote, the line up to which the source is dealt with."""
    found = await tx.fetch(
        f"""
        UPDATE imports SET lines_read = $2, progressed_at = now(), created_count = created_count + $3,
            updated_count = updated_count + $4, unchanged_count = unchanged_count + $5,
            rejected_count = rejected_count + $6
        WHERE id = $1 RETURNING {_PROGRESS}
        """,  # noqa: S608
        import_id,
        line,
        counts.created,
        counts.updated,
        counts.unchanged,
        counts.rejected,
    )
    return _read_progress(found[0])


def _read_progress(row: Row) -> Progress:
    counts = Counts(row["created_count"], row["updated_count"], row["unchanged_count"], row["rejected_count"])
    return Progress(row["lines_read"], counts)


async def add_rejections(tx: Transaction, import_id: UUID, rejections: Sequence[Rejection]) -> None:
    """Note why lines were refused, one row for each field at fault."""
    rows = [
        (rejection.line, number, rejection.external_id, code, pointer, message)
        for rejection in rejections
        for number, (code, pointer, message) in enumerate(_list_reasons(rejection.error))
    ]
    if not rows:
        return
    await tx.fetch(
        """
        INSERT INTO import_rejections (import_id, line, number, external_id, code, pointer, message_fr, message_en)
        SELECT $1, * FROM unnest($2::int[], $3::int[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
        """,
        import_id,
        [row[0] for row in rows],
        [row[1] for row in rows],
        [row[2] for row in rows],
        [row[3] for row in rows],
        [row[4] for row in rows],
        [row[5].fr for row in rows],
        [row[5].en for row in rows],
    )


def _list_reasons(error: RaccordError) -> list[tuple[str, str | None, Text]]:
    reasons = [(item.code, item.name or None, item.message) for item in error.errors[:MAX_ERRORS_BY_LINE]]
    return reasons or [(error.code, None, error.detail or error.title)]


async def close_import(tx: Transaction, import_id: UUID, failure: RaccordError | None = None) -> Progress | None:
    """End the import, forget its payload, and return how far it got; None if it was over."""
    message = (failure.detail or failure.title) if failure is not None else None
    found = await tx.fetch(
        f"""
        UPDATE imports SET state = $2, payload = NULL, finished_at = now(), progressed_at = now(),
            failure_code = $3, failure_fr = $4, failure_en = $5
        WHERE id = $1 AND state IN ('pending', 'running') RETURNING {_PROGRESS}
        """,  # noqa: S608
        import_id,
        "completed" if failure is None else "failed",
        failure.code if failure is not None else None,
        message.fr if message is not None else None,
        message.en if message is not None else None,
    )
    return _read_progress(found[0]) if found else None


async def count_waiting(tx: Transaction, client_id: UUID) -> int:
    """Count the client's imports that wait or run: each holds a payload."""
    found = await tx.fetch("SELECT count(*) FROM imports WHERE client_id = $1 AND finished_at IS NULL", client_id)
    return int(found[0]["count"])


async def read_import(reader: Reader, client_id: UUID, import_id: UUID) -> Row | None:
    """Read one of the client's imports."""
    found = await reader.fetch(
        f"SELECT {_COLUMNS} FROM imports WHERE client_id = $1 AND id = $2",  # noqa: S608
        client_id,
        import_id,
    )
    return found[0] if found else None


async def list_imports(reader: Reader, client_id: UUID, before: UUID | None, limit: int) -> Sequence[Row]:
    """List the client's imports, newest first."""
    return await reader.fetch(
        f"SELECT {_COLUMNS} FROM imports WHERE client_id = $1 AND ($2::uuid IS NULL OR id < $2) "  # noqa: S608
        "ORDER BY id DESC LIMIT $3",
        client_id,
        before,
        limit,
    )


async def list_rejections(reader: Reader, import_id: UUID, after: tuple[int, int], limit: int) -> Sequence[Row]:
    """List the import's rejections, in the order of the source."""
    return await reader.fetch(
        """
        SELECT line, number, external_id, code, pointer, message_fr, message_en FROM import_rejections
        WHERE import_id = $1 AND (line, number) > ($2, $3) ORDER BY line, number LIMIT $4
        """,
        import_id,
        *after,
        limit,
    )


async def write_rejections(reader: Reader, import_id: UUID) -> AsyncIterator[str]:
    """Write the import's rejections as CSV, a piece at a time."""
    names = ("line", "external_id", "code", "pointer", "message_fr", "message_en")
    yield write_header(names)
    place = (0, -1)
    while rows := await list_rejections(reader, import_id, place, _PAGE):
        yield write_rows([row[name] for name in names] for row in rows)
        place = (rows[-1]["line"], rows[-1]["number"])


async def drop_old_imports(tx: Transaction) -> None:
    """Give up what has not moved for a day, and forget what ended three months ago."""
    await tx.fetch(
        """
        UPDATE imports SET state = 'failed', payload = NULL, finished_at = now(), failure_code = 'abandoned',
            failure_fr = 'Import interrompu.', failure_en = 'Import interrupted.'
        WHERE state IN ('pending', 'running') AND progressed_at < now() - interval '1 day'
        """
    )
    await tx.fetch("DELETE FROM imports WHERE finished_at < now() - interval '90 days'")
