"""Reading pages of records, in the order of their last writing.

A page of an open kind is joined by PostgreSQL and served as it comes; a personal one passes the projection, record by
record, and the consultation log.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from raccord.access.consultation import log_consultation
from raccord.kernel.database import Reader, Transaction
from raccord.records.kind import Kind
from raccord.records.reads import COLUMNS, Viewer, serve
from raccord.records.visibility import write_visibility

Key = tuple[datetime, UUID]


@dataclass(frozen=True)
class Place:
    """Where a page begins: after this record, or before it when walking back."""

    updated_at: datetime
    id: UUID
    is_backward: bool = False


@dataclass(frozen=True)
class Page:
    """One page of a list: its records, joined by commas, and the keys of the first and the last."""

    documents: bytes
    first: Key | None
    last: Key | None
    has_more: bool


@dataclass(frozen=True)
class PageQuery:
    """The ordered, bounded query of one page, and one record more to know whether the list goes on.

    Shape: `where` holds SQL conditions with {} for their one value.
    """

    kind: Kind
    viewer: Viewer
    where: Sequence[tuple[str, object]]
    place: Place | None
    limit: int

    @property
    def is_backward(self) -> bool:
        """Whether the page is read from its end."""
        return self.place is not None and self.place.is_backward

    def write(self, columns: str) -> tuple[str, list[object]]:
        """Write the query, and its values."""
        conditions, values = ["r.deleted_at IS NULL"], list[object]()

        def bind(value: object) -> str:
            values.append(value)
            return f"${len(values)}"

        source, order = f"{self.kind.table.name} r", ("r.updated_at", "r.id")
        if self.kind.is_personal:
            # The client's own index gives its records in order; row-level security checks each again.
            source, order = f"record_access a JOIN {source} ON r.id = a.record_id", ("a.updated_at", "a.record_id")
            conditions += [f"a.client_id = {bind(self.viewer.caller.client_id)}", f"a.kind = {bind(self.kind.name)}"]
            conditions += ["a.valid_until > now()"]
        conditions += write_visibility(self.kind, self.viewer.caller, bind)
        conditions += [condition.format(bind(value)) for condition, value in self.where]
        if self.place is not None:
            sign = "<" if self.is_backward else ">"
            conditions += [f"({', '.join(order)}) {sign} ({bind(self.place.updated_at)}, {bind(self.place.id)})"]
        direction = " DESC" if self.is_backward else ""
        sql = (
            f"SELECT {columns} FROM {source} WHERE {' AND '.join(conditions)} "  # noqa: S608
            f"ORDER BY {order[0]}{direction}, {order[1]}{direction} LIMIT {self.limit + 1}"
        )
        return sql, values


async def read_page(reader: Reader, query: PageQuery) -> Page:
    """Read the page."""
    if not query.kind.is_personal:
        page = await _read_joined(reader, query)
        if page is not None:
            return page
    return await _read_records(reader, query)


async def _read_joined(reader: Reader, query: PageQuery) -> Page | None:
    """Read a page as one text, or None if a document on it is of an older shape."""
    # The documents stay packed until they are joined: unpacked sooner, large ones would be copied at each step.
    inner, values = query.write("r.id, r.updated_at, r.shape_version, r.document")
    # Said for each aggregate: to order one, PostgreSQL sorts the input of all.
    order = " ORDER BY place DESC" if query.is_backward else ""
    shown = f"FILTER (WHERE place <= {query.limit})"
    rows = await reader.fetch(
        f"""
        SELECT convert_to(string_agg(document::text, ','{order}) {shown}, 'UTF8') AS documents,
               bool_and(shape_version = {query.kind.shape_version}) {shown} AS is_present,
               (array_agg(updated_at{order}) {shown})[1] AS first_at,
               (array_agg(id{order}) {shown})[1] AS first_id,
               (array_agg(updated_at{order}) {shown})[least(count(*), {query.limit})] AS last_at,
               (array_agg(id{order}) {shown})[least(count(*), {query.limit})] AS last_id,
               count(*) > {query.limit} AS has_more
        FROM (SELECT *, row_number() OVER () AS place FROM ({inner}) AS page) AS placed
        """,  # noqa: S608
        *values,
    )
    row = rows[0]
    if row["documents"] is None:
        return Page(b"", None, None, has_more=False)
    if not row["is_present"]:
        return None
    first, last = (row["first_at"], row["first_id"]), (row["last_at"], row["last_id"])
    return Page(row["documents"], first, last, row["has_more"])


async def _read_records(reader: Reader, query: PageQuery) -> Page:
    """Read a page record by record."""
    kind, viewer = query.kind, query.viewer
    sql, values = query.write(f"{COLUMNS}, {kind.person_column} AS person_id")
    found = await reader.fetch(sql, *values)
    rows = list(found[: query.limit])
    if query.is_backward:
        rows.reverse()
    if kind.is_personal and isinstance(reader, Transaction):
        seen = [(row["id"], row["person_id"]) for row in rows]
        await log_consultation(reader, viewer.caller, "list", kind.name, seen)
    keys = [(row["updated_at"], row["id"]) for row in rows]
    documents = b",".join(serve(kind, viewer, row).body for row in rows)
    return Page(documents, keys[0] if keys else None, keys[-1] if keys else None, len(found) > query.limit)
