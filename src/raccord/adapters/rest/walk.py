"""The walk: the steps of the spec in their order, page by page, each page with the place from which to go on.

A step is a stream's records, or the list of what it has deleted. A stream with a parent is read once for each record
of its parent's pages; a page of the parent is then one batch or several, and is read again if it was cut short.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

from raccord.adapters.contract import Batch, Broken, End, Gone, Item, Unnamed, Walk
from raccord.adapters.rest.client import Client
from raccord.adapters.rest.connection import RestCursor
from raccord.adapters.rest.pages import (
    Position,
    find_next,
    is_cut_by_ceiling,
    place_page,
    read_range_total,
    strip_parameter,
)
from raccord.adapters.rest.records import (
    PARENT,
    Unreadable,
    read_id,
    read_list,
    read_records,
    write_since,
)
from raccord.adapters.rest.sorting import sort_record
from raccord.adapters.rest.spec import ApiKeyAuth, Pages, RecordsSpec, RequestSpec, Spec, StreamSpec
from raccord.adapters.rest.template import Values
from raccord.kernel.outbound import Reply
from raccord.kernel.response_rules import read_pointer
from raccord.kernel.strict_json import JsonObject, dump_json
from raccord.kernel.text import Text

MAX_PAGES = 100_000
MAX_BATCH = 1_000
DELETED = ":deleted"


@dataclass(frozen=True)
class Step:
    """One part of the walk: a stream's records, or what it has deleted."""

    name: str
    stream: StreamSpec
    is_deleted: bool
    part: str

    @property
    def kind(self) -> str:
        """The kind of its records."""
        return self.stream.kind or ""


@dataclass(frozen=True)
class Page:
    """One answer: its rows, and what follows."""

    reply: Reply
    rows: Sequence[JsonObject | Unreadable]
    following: Position
    total: int | None

    @cached_property
    def records(self) -> list[JsonObject]:
        """The rows that are records."""
        return [row for row in self.rows if not isinstance(row, Unreadable)]


def list_steps(spec: Spec) -> list[Step]:
    """List the steps of a walk."""
    steps: list[Step] = []
    kinds = [stream.kind for stream in spec.streams.values() if stream.request is not None]
    for name, stream in spec.streams.items():
        if stream.kind is None or stream.request is None:
            continue
        part = name if kinds.count(stream.kind) > 1 else ""
        steps.append(Step(name, stream, is_deleted=False, part=part))
        if stream.deletes.type == "deleted_endpoint":
            steps.append(Step(name + DELETED, stream, is_deleted=True, part=part))
    return steps


def list_told_steps(spec: Spec) -> list[Step]:
    """List the streams of which messages tell: those that are only told of are each a part that no walk sees whole."""
    walked = {step.name: step for step in list_steps(spec)}
    return [
        walked.get(name) or Step(name, stream, is_deleted=False, part=name)
        for name, stream in spec.streams.items()
        if stream.receive is not None and stream.kind is not None
    ]


class Walker:
    """One walk of one connection."""

    def __init__(self, client: Client, walk: Walk) -> None:
        self.client = client
        self.walk = walk
        self.steps = list_steps(client.spec)
        began = walk.cursor if isinstance(walk.cursor, RestCursor) else RestCursor()
        if began.step is None:
            marks = began.next_marks if walk.mode == "incremental" else {}
            first = self.steps[0].name if self.steps else None
            began = RestCursor(step=first, since=walk.since, marks=marks, next_marks=dict(began.next_marks))
        self.cursor = began

    async def run(self) -> AsyncIterator[Batch]:
        """Walk from where the cursor stands."""
        names = [step.name for step in self.steps]
        if not names:
            yield Batch(is_last=True)
            return
        if self.cursor.step not in names:
            raise Broken(Text("Cette étape n'est plus dans la description.", "This step is in the spec no more."))
        following = dict(pairwise(names))
        for step in self.steps[names.index(self.cursor.step) :]:
            async for batch in self._walk_step(step):
                is_end = batch.is_last
                if is_end:
                    self._move(step=following.get(step.name), position=None, skipped_count=0)
                yield replace(batch, cursor=self._write_cursor(), is_last=is_end and step is self.steps[-1])

    def _move(self, **changes: str | int | dict[str, str] | None) -> None:
        self.cursor = self.cursor.model_copy(update=changes)

    def _write_cursor(self) -> RestCursor | None:
        """Write the cursor; between two walks it is nothing but the marks."""
        if self.cursor.step is not None:
            return self.cursor
        return RestCursor(next_marks=self.cursor.next_marks) if self.cursor.next_marks else None

    async def _walk_step(self, step: Step) -> AsyncIterator[Batch]:
        """Give the batches of a step; the last of them has `is_last`."""
        last = b""
        for _ in range(MAX_PAGES):
            began_at, parent = self.cursor.position, step.stream.parent
            if parent is None:
                page = await self._read_step_page(step, began_at)
                final = self._make_batch(step, page.rows)
            else:
                page = await self._read_stream_page(self.client.spec.streams[parent], began_at, self.client.values)
                final = Batch()
                async for batch in self._read_children(step, page.records):
                    # Until the page is done, a walk that is stopped reads it again.
                    yield final
                    final = batch
            digest = hashlib.blake2b(dump_json(list(page.records)), digest_size=16).digest() if page.records else b""
            if page.following is not None and (page.following == began_at or (digest and digest == last)):
                break
            last = digest or last
            self._note_marks(step, page)
            self._move(position=page.following)
            if page.following is None:
                yield replace(self._end(step, final, page), is_last=True)
                return
            yield self._count(final, page)
        raise Broken(_SAME_PAGE)

    async def read_first(self) -> None:
        """Read one page of the first step, and keep nothing."""
        stream = self.steps[0].stream
        await self._read_stream_page(
            self.client.spec.streams.get(stream.parent or "", stream), None, self.client.values
        )

    async def _read_step_page(self, step: Step, position: Position) -> Page:
        values = Values(self.client.values.config, self._read_state(step))
        if not step.is_deleted:
            return await self._read_stream_page(step.stream, position, values, self._ask_changes(step))
        deletes = step.stream.deletes
        assert deletes.type == "deleted_endpoint"
        reply, url = await self._call(deletes.request, deletes.pages, position, values)
        rows = read_list(reply.json, deletes.pointer) if reply.content else []
        return Page(reply, rows, self._find_next(deletes.pages, position, reply, rows, url), None)

    async def _read_stream_page(
        self, stream: StreamSpec, position: Position, values: Values, asked: dict[str, str] | None = None
    ) -> Page:
        assert stream.request is not None
        reply, url = await self._call(
            stream.request, stream.pages, position, values, asked, is_json=stream.records.format == "json"
        )
        rows = read_records(reply, stream.records)
        plain = [row.raw if isinstance(row, Unreadable) else row for row in rows]
        following = self._find_next(stream.pages, position, reply, plain, url)
        return Page(reply, rows, following, _read_total(stream.records, stream.pages, reply))

    async def _call(
        self, request: RequestSpec, pages: Pages, position: Position, values: Values,
        asked: dict[str, str] | None = None, *, is_json: bool = True,
    ) -> tuple[Reply, str]:  # fmt: skip
        place = place_page(pages, position)
        if asked and getattr(pages, "place", "params") == "body":
            place = replace(place, body={**asked, **place.body})
        elif asked:
            place = replace(place, params={**asked, **place.params})
        reply = await self.client.read(request, values, place, is_json=is_json)
        return reply, place.url or self.client.write_url(request.path, values)

    def _find_next(
        self, pages: Pages, position: Position, reply: Reply, rows: Sequence[JsonObject], url: str
    ) -> Position:
        following = find_next(pages, position, reply, rows, url)
        auth = self.client.spec.auth
        if isinstance(following, str) and isinstance(auth, ApiKeyAuth) and auth.place == "query" and "://" in following:
            return strip_parameter(following, auth.name)
        return following

    # ── What changed since ───────────────────────────────────────────────────────────────────────────────────────

    def _read_state(self, step: Step) -> dict[str, str]:
        since = self._write_since(step)
        return {"since": since} if since is not None else {}

    def _write_since(self, step: Step) -> str | None:
        cursor = step.stream.cursor
        if cursor is None or self.walk.mode != "incremental":
            return None
        if cursor.type == "datetime":
            return write_since(self.cursor.since, cursor) if self.cursor.since is not None else None
        mark = self.cursor.marks.get(step.name.removesuffix(DELETED))
        return str(max(0, int(mark) - cursor.lookback)) if mark is not None and cursor.type == "int" else mark

    def _ask_changes(self, step: Step) -> dict[str, str]:
        cursor, since = step.stream.cursor, self._write_since(step)
        return {cursor.param: since} if cursor is not None and cursor.param is not None and since is not None else {}

    def _note_marks(self, step: Step, page: Page) -> None:
        """Note the position up to which this stream has been read."""
        cursor = step.stream.cursor
        if cursor is None or cursor.type == "datetime" or step.is_deleted or step.stream.parent is not None:
            return
        mark: str | None = self.cursor.next_marks.get(step.name)
        if cursor.type == "opaque":
            token = read_pointer(page.reply.json, cursor.pointer or "") if page.reply.content else None
            mark = str(token) if isinstance(token, str | int) and not isinstance(token, bool) else mark
        else:
            found = [read_pointer(record, cursor.field or "") for record in page.records]
            numbers = [value for value in found if isinstance(value, int) and not isinstance(value, bool)]
            mark = str(max([*numbers, *([int(mark)] if mark is not None else [])], default=0)) if numbers else mark
        if mark is not None:
            self._move(next_marks={**self.cursor.next_marks, step.name: mark})

    # ── From rows to a batch ─────────────────────────────────────────────────────────────────────────────────────

    async def _read_children(self, step: Step, parents: Sequence[JsonObject]) -> AsyncIterator[Batch]:
        rows: list[JsonObject | Unreadable] = []
        kept = list(_list_parent_fields(step.stream))
        for parent in parents:
            values = Values(self.client.values.config, self._read_state(step), parent)
            shown = {name: parent[name] for name in kept if name in parent}
            position: Position = None
            for _ in range(MAX_PAGES):
                page = await self._read_stream_page(step.stream, position, values, self._ask_changes(step))
                rows += [row if isinstance(row, Unreadable) else {**row, PARENT: shown} for row in page.rows]
                if page.following is None or page.following == position:
                    break
                position = page.following
            if len(rows) >= MAX_BATCH:
                yield self._make_batch(step, rows)
                rows = []
        yield self._make_batch(step, rows)

    def _make_batch(self, step: Step, rows: Sequence[JsonObject | Unreadable]) -> Batch:
        items: list[Item] = []
        gone: list[Gone] = []
        unnamed: list[Unnamed] = []
        for row in rows:
            made = self._sort(step, row)
            if isinstance(made, Item):
                items.append(made)
            elif isinstance(made, Gone):
                gone.append(made)
            elif made is not None:
                unnamed.append(made)
        return Batch(items=items, gone=gone, unnamed=unnamed)

    def _sort(self, step: Step, row: JsonObject | Unreadable) -> Item | Gone | Unnamed | None:
        if isinstance(row, Unreadable):
            return Unnamed(step.kind, row.raw, row.refusal)
        deletes = step.stream.deletes
        if step.is_deleted and deletes.type == "deleted_endpoint":
            name = read_id(row, deletes.id)
            return Gone(step.kind, name) if name is not None else None
        made = sort_record(step.stream, step.part, row)
        if made is None:
            self._move(skipped_count=self.cursor.skipped_count + 1)
        return made

    def _count(self, batch: Batch, page: Page) -> Batch:
        # A total of one list says nothing of another: the engine watches whether it moves.
        return replace(batch, total=page.total if len(self.steps) == 1 else None)

    def _end(self, step: Step, batch: Batch, page: Page) -> Batch:
        """Say at the end of a full walk's step what it has proven."""
        if self.walk.mode != "full" or step.is_deleted:
            return self._count(batch, page)
        pages, is_child = step.stream.pages, step.stream.parent is not None
        total = page.total if not is_child else None
        end = End(
            step.kind,
            step.part,
            total=max(0, total - self.cursor.skipped_count) if total is not None else None,
            is_complete=step.stream.deletes.type == "full_diff" and not is_cut_by_ceiling(pages, page.total),
            is_snapshot=pages.type in ("none", "keyset") and not is_child,
        )
        return replace(self._count(batch, page), ends=[end])


def _read_total(records: RecordsSpec, pages: Pages, reply: Reply) -> int | None:
    value = read_pointer(reply.json, records.total) if records.total is not None and reply.content else None
    if records.total_header is not None:
        text = reply.headers.get(records.total_header.lower(), "").strip()
        value = int(text) if text.isascii() and text.isdigit() else None
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return read_range_total(pages, reply)


def _list_parent_fields(stream: StreamSpec) -> Iterator[str]:
    """List the fields of the parent that the map reads: the others would make a record new when they change."""
    for pointer in [stream.records.id, *(rule.pointer or "" for rule in stream.map.values())]:
        parts = pointer.split("/")
        if len(parts) > 2 and parts[1] == PARENT:
            yield parts[2].replace("~1", "/").replace("~0", "~")


_SAME_PAGE = Text(
    "L'outil redonne la même page : la pagination décrite n'est pas la sienne.",
    "The tool gives the same page again: the pages are not as described.",
)
