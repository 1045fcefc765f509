"""The mapping of a table proposed to a person: what each column may be, the first rows as they would be written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from raccord.commands.running import fail

# Each command imports what it needs: a command line that loads the whole service first answers late.
if TYPE_CHECKING:
    from raccord.adapters.field_rules import OpenKind
    from raccord.adapters.spreadsheet.previewing import Preview
    from raccord.adapters.spreadsheet.proposing import Proposal
    from raccord.kernel.strict_json import JsonObject

_SHOWN_ROWS = 5


def propose(
    kind: Annotated[str, typer.Argument(help="What each row is: structures, services, job_offers.")],
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A CSV, XLSX or NDJSON file.")],
    save: Annotated[Path | None, typer.Option(dir_okay=False, help="Where to write the settings; else here.")] = None,
    sheet: Annotated[str | None, typer.Option(help="The sheet; else the first.")] = None,
    header_row: Annotated[int | None, typer.Option(min=1, max=20, help="The header's row; else looked for.")] = None,
    min_confidence: Annotated[float, typer.Option(min=0.5, max=1, help="Take guesses from this on.")] = 0.9,
) -> None:
    """Propose the settings of a `spreadsheet` connection from a file, for a person to confirm. Writes no record."""
    from raccord.adapters.contract import Broken
    from raccord.adapters.field_rules import CONTENTS
    from raccord.adapters.spreadsheet.previewing import preview_table
    from raccord.adapters.spreadsheet.proposing import propose_mapping

    if kind not in CONTENTS:
        fail(f"Not an open kind: {kind}. One of: {', '.join(CONTENTS)}.")
    # A person may have put it right since.
    if save is not None and save.exists():
        fail(f"{save} exists: choose another name, or remove it.")
    try:
        with file.open("rb") as stream:
            preview = preview_table(file.name, stream, sheet=sheet, header_row=header_row)
    except Broken as error:
        fail(f"{file.name}: {error.reason.en}")
    proposal = propose_mapping(cast("OpenKind", kind), preview.columns, preview.rows)
    kept = proposal.keep_sure(min_confidence)
    for line in (*_tell_columns(proposal, kept), *_tell_rows(kept, preview)):
        # What a stranger's file says is shown on a terminal: nothing of it may steer that.
        typer.echo("".join(sign if sign.isprintable() else "\ufffd" for sign in line), err=True)
    settings: JsonObject = {
        "kind": kind, "place": {"type": "folder"}, "files": file.name, "header_row": preview.header_row,
        "sheet": sheet, "mapping": kept.write_mapping(),
    }  # fmt: skip
    written = json.dumps(settings, ensure_ascii=False, indent=2)
    if save is None:
        typer.echo(written)
    else:
        save.write_text(f"{written}\n", "utf-8")
        typer.echo(f"Settings: {save}. Read them, put them right, then: raccord sync add NAME --adapter spreadsheet …")


def _tell_columns(proposal: Proposal, kept: Proposal) -> Iterator[str]:
    """Tell what each column was taken for, and what is left to the person."""
    yield f"Names the rows: {kept.external_id or 'no column; say which in external_id'}"
    for guess in proposal.guesses:
        said = f"{guess.column} -> {guess.field} ({guess.confidence:.2f})"
        yield f"  {said}" if guess in kept.guesses else f"? {said}: left out, not sure enough"
    doubtful = {guess.column for guess in proposal.guesses}
    yield from (f"- {column}: left out, not known" for column in kept.unknown_columns if column not in doubtful)
    yield from (f"! {field}: required, and no column gives it" for field in kept.missing_fields)


def _tell_rows(kept: Proposal, preview: Preview) -> Iterator[str]:
    """Tell the first rows as they would be written, and which of those read would be refused."""
    from raccord.adapters.spreadsheet.mapping import SheetMapping
    from raccord.adapters.spreadsheet.previewing import try_rows

    if kept.external_id is None or not kept.guesses:
        return
    mapping = SheetMapping.model_validate(kept.write_mapping())
    tried = list(try_rows(kept.kind, mapping, preview.rows))
    refused = [row for row in tried if row.errors or row.external_id is None]
    yield f"The first of {len(tried)} rows read, as they would be written; {len(refused)} of them would be refused:"
    for row in dict.fromkeys((*range(min(_SHOWN_ROWS, len(tried))), *map(tried.index, refused[:_SHOWN_ROWS]))):
        shown = tried[row]
        yield f"  {shown.external_id or '(no id)'}: {json.dumps(shown.content, ensure_ascii=False)}"
        yield from (f"    ! {error.name} {error.code}: {error.message.en}" for error in shown.errors)
