"""The walk through the tables: a whole snapshot each time, some hundreds of rows in a batch."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import BinaryIO

from raccord.adapters.contract import (
    Batch,
    Broken,
    Change,
    End,
    Equipment,
    Inbound,
    Item,
    Receipt,
    RecordRefused,
    Translation,
    TryLater,
    Unnamed,
    Walk,
)
from raccord.adapters.field_rules import list_readers
from raccord.adapters.spreadsheet.connection import GristPlace, SftpPlace, SheetCursor, SheetSecrets, SheetSettings
from raccord.adapters.spreadsheet.grist import GristTable
from raccord.adapters.spreadsheet.mapping import drop_ignored, read_name, translate_row
from raccord.adapters.spreadsheet.rows import Record, Table, read_table
from raccord.adapters.spreadsheet.sftp import SftpShelf
from raccord.adapters.spreadsheet.shelves import FolderShelf, Found, Shelf
from raccord.adapters.spreadsheet.texts import read_csv, read_ndjson
from raccord.adapters.spreadsheet.xlsx import read_sheet
from raccord.kernel.strict_json import dump_json
from raccord.kernel.text import Text
from raccord.kernel.validation import write_pointer

BATCH = 500
_GRIST = "grist"


class SheetAdapter:
    """The adapter of one connection."""

    def __init__(self, given: Equipment) -> None:
        self.settings = given.settings_as(SheetSettings)
        self.mapping = self.settings.mapping
        self.readers = list_readers(self.settings.kind)
        self.now = given.now
        # What each id was met with in this walk: by their hashes, for a table may hold a million.
        self.met: dict[int, int] = {}
        place, secrets = self.settings.place, given.secrets_as(SheetSecrets)
        self.grist = GristTable(place, secrets.key, given.outbound) if isinstance(place, GristPlace) else None
        self.shelf: Shelf | None = None
        if isinstance(place, SftpPlace):
            self.shelf = SftpShelf(place, secrets, given.outbound.guard)
        elif not isinstance(place, GristPlace):
            self.shelf = FolderShelf(given.folder)
        if self.shelf is not None and self.settings.files is None:
            raise Broken(Text("Le réglage files manque.", "The setting files is missing."))

    async def check(self) -> None:
        """Read the columns of the table, or look for the files; a file that is there must have those of the mapping."""
        if self.grist is not None:
            self._check_columns([*await self.grist.read_types(), "id"])
            return
        for found in await self._choose_files(is_patient=True):
            async with self._open_shelf().open(found) as stream:
                await asyncio.to_thread(self._open_table, found, stream)

    def pull(self, walk: Walk) -> AsyncIterator[Batch]:
        """Walk through the table of Grist, or through the files."""
        cursor = walk.cursor if isinstance(walk.cursor, SheetCursor) else None
        return self._pull_grist() if self.grist is not None else self._pull_files(cursor, is_dry=walk.is_dry)

    async def _pull_grist(self) -> AsyncIterator[Batch]:
        assert self.grist is not None
        table = await self.grist.read()
        self._check_columns(table.columns)
        # One answer: after a stop it is another answer, and is read whole.
        walked = _Walked(Found(_GRIST, 0, self.now()), [])
        async for batch in self._walk_table(table, walked):
            yield batch
        yield self._end([])

    async def _pull_files(self, cursor: SheetCursor | None, *, is_dry: bool) -> AsyncIterator[Batch]:
        shelf, files = self._open_shelf(), await self._choose_files()
        done = list(cursor.done) if cursor is not None else []
        for found in files:
            if found.name in done:
                continue
            walked = _Walked(found, done)
            if cursor is not None and (cursor.file, cursor.mark) == (found.name, found.mark):
                walked.row = cursor.row
            async with shelf.open(found) as stream:
                table = await asyncio.to_thread(self._open_table, found, stream)
                async for batch in self._walk_table(table, walked):
                    yield batch
            done.append(found.name)
        if await self._choose_files() != files:
            raise TryLater(max(1.0, float(self.settings.min_age_s)), "a file changed while it was read")
        if self.settings.is_renamed_after_read and not is_dry:
            place = SheetCursor(file="", mark="", row=0, done=done)
            yield replace(self._end(files), is_last=False, cursor=place)
            # A page is read ahead: only when one more has been asked for is the end of the walk kept.
            yield Batch(cursor=place)
            # What was older than the newest is of no more use either.
            for found in await shelf.list_files(self.settings.files or ""):
                await shelf.mark_read(found)
            files = []
        yield self._end(files)

    async def _choose_files(self, *, is_patient: bool = False) -> Sequence[Found]:
        """Choose the files that make the snapshot.

        Errors: TryLater while one of them may still be being written.
        """
        files = await self._open_shelf().list_files(self.settings.files or "")
        chosen = files[-1:] if self.settings.which == "newest" else files
        for found in chosen:
            age_s = (self.now() - found.modified_at).total_seconds()
            if age_s < self.settings.min_age_s and not is_patient:
                raise TryLater(self.settings.min_age_s - max(0.0, age_s) + 1.0, "a file is too young to be read")
        return chosen

    def _open_shelf(self) -> Shelf:
        assert self.shelf is not None
        return self.shelf

    def _open_table(self, found: Found, stream: BinaryIO) -> Table:
        settings = self.settings
        match settings.format if settings.format != "auto" else guess_format(found.name):
            case "xlsx":
                table = read_table(read_sheet(stream, settings.sheet), settings.header_row)
            case "ndjson":
                # Lines name their own fields, and may leave out what is null.
                return read_ndjson(stream)
            case _:
                table = read_table(read_csv(stream, settings.encoding, settings.delimiter), settings.header_row)
        self._check_columns(table.columns)
        return table

    def _check_columns(self, columns: Sequence[str]) -> None:
        used = {self.mapping.external_id, *(rule.column for rule in self.mapping.fields.values() if rule.column)}
        missing = sorted(used - set(columns))
        if missing:
            raise Broken(Text(f"Colonne absente : {missing[0]}.", f"Column missing: {missing[0]}."))

    async def _walk_table(self, table: Table, walked: _Walked) -> AsyncIterator[Batch]:
        records = self._sort_out(table, walked.row)
        while read := await asyncio.to_thread(_take, records):
            walked.row = read[-1].number
            yield self._make_batch(read, walked)

    def _sort_out(self, table: Table, after: int) -> Iterator[Record]:
        """Go through the rows after that one; of rows that share an id and differ, which is right is a person's word.

        Shape: the first stands. Were the others written after it, each run would change the record back and forth.
        """
        for record in table.records:
            checked = self._check_id(record)
            if record.number > after:
                yield checked

    def _check_id(self, record: Record) -> Record:
        name = read_name(self.mapping, record.fields)
        if name is None or record.refusal is not None:
            return record
        said = hash(dump_json(drop_ignored(self.mapping, record.fields)))
        if self.met.setdefault(hash(name), said) == said:
            return record
        return replace(record, refusal=self._refuse_doubled(record.number))

    def _refuse_doubled(self, number: int) -> RecordRefused:
        message = Text(
            f"Ligne {number} : une autre porte déjà cet identifiant.", f"Row {number}: another has this id already."
        )
        return RecordRefused("doubled_id", message, write_pointer([self.mapping.external_id]))

    def _make_batch(self, records: Sequence[Record], walked: _Walked) -> Batch:
        items: list[Item] = []
        unnamed: list[Unnamed] = []
        kind = self.settings.kind
        for record in records:
            name = read_name(self.mapping, record.fields)
            if record.refusal is not None or name is None:
                refusal = record.refusal or _NO_NAME
                unnamed.append(Unnamed(kind, {"row": record.number, **record.fields}, refusal))
            else:
                items.append(Item(kind, name, drop_ignored(self.mapping, record.fields)))
        return Batch(items=items, unnamed=unnamed, cursor=walked.write_cursor())

    def _end(self, files: Sequence[Found]) -> Batch:
        """End the walk: what is in no row any more is gone. No file proves nothing."""
        is_proof = self.grist is not None or bool(files)
        return Batch(ends=[End(self.settings.kind, is_snapshot=True)] if is_proof else [], is_last=True)

    def translate(self, item: Item) -> Translation:
        """Apply the mapping."""
        return translate_row(self.mapping, self.readers, item.raw)

    async def push(self, change: Change) -> Receipt:
        """Refuse: the adapter does not claim it.

        Errors: Broken.
        """
        raise Broken(Text("Un tableau ne s'écrit pas.", "A table is not written."))

    async def receive(self, inbound: Inbound) -> Batch:
        """Refuse: the adapter does not claim it.

        Errors: Broken.
        """
        raise Broken(Text("Cet adaptateur ne reçoit rien.", "This adapter receives nothing."))


@dataclass
class _Walked:
    """How far a file has been read."""

    found: Found
    done: list[str]
    row: int = field(default=0)

    def write_cursor(self) -> SheetCursor:
        return SheetCursor(file=self.found.name, mark=self.found.mark, row=self.row, done=[*self.done])


def _take(records: Iterator[Record]) -> list[Record]:
    return list(islice(records, BATCH))


def guess_format(name: str) -> str:
    """Guess a file's format from its name."""
    plain = name.lower().removesuffix(".gz")
    if plain.endswith((".xlsx", ".xlsm")):
        return "xlsx"
    return "ndjson" if plain.endswith((".ndjson", ".jsonl", ".json")) else "csv"


_NO_NAME = RecordRefused("no_id", Text("Ligne sans identifiant.", "A row without id."))
