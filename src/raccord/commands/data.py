"""Commands on data: imports, exports, reference lists, the index of search."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from raccord.commands.running import fail, print_json, run_on, show, show_count
from raccord.settings import load_settings

# Each command imports what it needs: a command line that loads the whole service first answers late.
if TYPE_CHECKING:
    from raccord.kernel.database import Database

files = typer.Typer()
search = typer.Typer(help="The index of search.", no_args_is_help=True)
reference = typer.Typer(help="The lists of reference data.", no_args_is_help=True)


@files.command("import")
def import_records(
    kind: Annotated[str, typer.Argument(help="What the file holds: a kind open to all, such as structures.")],
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="NDJSON or CSV, gzipped or not.")],
    source: Annotated[
        str | None, typer.Option(help="The system that the records belong to; else that which each line names.")
    ] = None,
    mapping: Annotated[str | None, typer.Option(help="A mapping's name, or its TOML file.")] = None,
    rejections: Annotated[Path | None, typer.Option(help="Where to write what was rejected, as CSV.")] = None,
    strict: Annotated[bool, typer.Option(help="Exit with 3 if any line was rejected.")] = False,
) -> None:
    """Import a file through the write door. Repeating it is safe: what has not changed is not written.

    What `raccord export` writes is taken back as it is, structures first: a record that is new here keeps its id, and
    an offer its state and dates; of one that is here already, only what its source says is compared.
    """
    from raccord.bulk.command import import_file

    async def run(database: Database) -> int:
        return await import_file(database, kind, file, source=source, mapping=mapping, rejections=rejections)

    if run_on(run) and strict:
        raise typer.Exit(3)


@files.command("export")
def export_kind(
    kind: Annotated[str, typer.Argument(help="An open kind: structures, services, job_offers.")],
    file: Annotated[Path, typer.Argument(dir_okay=False, help="Where to write, as NDJSON.")],
) -> None:
    """Export the records of a kind, but for those whose licence forbids to pass them on; `import` takes them back."""
    from raccord.bulk.exporting import export_records
    from raccord.bulk.imports import OPEN_KINDS

    if kind not in OPEN_KINDS:
        fail(f"Not an open kind: {kind}. One of: {', '.join(OPEN_KINDS)}.")

    async def run(database: Database) -> None:
        with file.open("wb") as output:
            counts = await export_records(
                database, OPEN_KINDS[kind], output, lambda counts: show_count(kind, counts.written)
            )
        show(f"{kind}: {counts.written} written, {counts.withheld} kept back by their licence or state\n")

    run_on(run)


@search.command("rebuild")
def rebuild_search(
    kind: Annotated[list[str] | None, typer.Argument(help="The kinds to index anew; all of them.")] = None,
) -> None:
    """Index the records anew, while others read and write."""
    from raccord.records.search.indexing import rebuild_index
    from raccord.resources.registry import KINDS

    searched = {each.name: each for each in KINDS if each.search is not None}
    if unknown := set(kind or ()) - set(searched):
        fail(f"Not searched: {', '.join(sorted(unknown))}. One of: {', '.join(searched)}.")

    async def run(database: Database) -> None:
        for name in kind or searched:
            count = await rebuild_index(database, searched[name], partial(show_count, name))
            show(f"{name}: {count} records indexed\n")

    run_on(run)


@reference.command("list")
def list_reference() -> None:
    """List the reference lists, and the edition of each that is served."""
    from raccord.reference.catalogue import read_editions

    for edition in run_on(read_editions):
        loaded_at = edition.loaded_at.isoformat() if edition.loaded_at else None
        print_json({"list": edition.name, "version": edition.version, "count": edition.count, "loaded_at": loaded_at})


@reference.command("load")
def load_reference(
    name: Annotated[str, typer.Argument(help="The list: communes, rome_occupations, rome_appellations, naf…")],
    file: Annotated[
        Path | None,
        typer.Argument(exists=True, dir_okay=False, help="CSV, gzipped or in an archive; else the official address."),
    ] = None,
    edition: Annotated[str | None, typer.Option(help="The edition's name; else that of what ships.")] = None,
    shipped: Annotated[bool, typer.Option(help="Put back what ships.")] = False,
) -> None:
    """Replace a list by a fuller file. No migration replaces it again; the API serves it at once."""
    from raccord.reference.command import LoadOrder, load_list
    from raccord.reference.files import FileRefused

    order = LoadOrder(name, file, edition, is_shipped=shipped, addresses=load_settings().reference_addresses)
    try:
        count = run_on(lambda database: load_list(database, order, partial(typer.echo, err=True)), is_owner=True)
    except FileRefused as error:
        fail(f"{name}: {error}")
    typer.echo(f"{name}: {count} entries loaded.")
