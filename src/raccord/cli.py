"""The command line: what an operator does, and what starts the service."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from raccord.cli_sync import sync
from raccord.kernel.embedded_setup import EmbeddedPostgresError
from raccord.kernel.errors import RaccordError
from raccord.settings import SettingsError, load_settings
from raccord.terminal import change_database, fail, print_json, say_whether, show, show_count, use_database

# Each command imports what it needs: a command line that loads the whole service first answers late.
if TYPE_CHECKING:
    from raccord.kernel.database import Database, Transaction
    from raccord.kernel.keys import Keys

UNDEFINED_TABLE = "42P01"
# Connection failed, password refused, no such database.
UNREACHABLE = ("08", "28", "3D")
app = typer.Typer(help="Raccord: the interoperability layer of French insertion.", no_args_is_help=True)
search = typer.Typer(help="The index of search.", no_args_is_help=True)
clients = typer.Typer(help="Partners' software.", no_args_is_help=True)
grants = typer.Typer(help="What structures authorise clients to do for them.", no_args_is_help=True)
reference = typer.Typer(help="The lists of reference data.", no_args_is_help=True)
agreements = typer.Typer(help="The data-processing agreements that structures sign.", no_args_is_help=True)
app.add_typer(clients, name="client")
app.add_typer(grants, name="grant")
app.add_typer(agreements, name="agreement")
app.add_typer(search, name="search")
app.add_typer(reference, name="reference")
app.add_typer(sync, name="sync")

ClientId = Annotated[UUID, typer.Argument(help="The client's id (client_id).")]
StructureId = Annotated[UUID, typer.Argument(help="The structure's id.")]
Parent = Annotated[int | None, typer.Option(hidden=True, help="Stop when this process ends.")]


def main() -> None:
    """Run the command; say what is wrong in one line, without a trace of the program."""
    try:
        app()
    # A folder that cannot be made, a file that cannot be read, a database that nobody answers for.
    except (SettingsError, EmbeddedPostgresError, OSError) as error:
        fail(str(error))
    except RaccordError as error:
        fail("\n".join([str(error), *(f"{item.name}: {item.message.en}" for item in error.errors)]))
    except Exception as error:
        # Asked by its attributes: to import the drivers would cost each command what few of them need.
        original = getattr(error, "orig", error)
        sqlstate = str(getattr(original, "sqlstate", ""))
        if sqlstate == UNDEFINED_TABLE:
            fail("The database has no schema yet: run `raccord migrate` first.")
        if sqlstate.startswith(UNREACHABLE):
            fail(str(original))
        raise


@app.command()
def serve(parent: Parent = None) -> None:
    """Serve the API."""
    from raccord.serving import serve_api

    serve_api(load_settings(), parent=parent)


@app.command()
def worker(parent: Parent = None) -> None:
    """Run the jobs, and the sequencer of the change feed."""
    from raccord.serving import serve_jobs

    serve_jobs(load_settings(), parent=parent)


@app.command()
def migrate() -> None:
    """Bring the database to this code's schema."""
    from raccord.kernel.schema import migrate as migrate_schema
    from raccord.reference.loading import install_shipped_lists
    from raccord.serving import reach_database

    with reach_database(load_settings()) as urls:
        migrate_schema(urls.owner)
        loaded = asyncio.run(install_shipped_lists(urls.owner))
    typer.echo("The schema is up to date.")
    if loaded:
        typer.echo(f"Reference lists loaded: {', '.join(loaded)}.")


@app.command()
def demo() -> None:
    """Start everything on a synthetic world, and say how to call it."""
    from raccord.demo.run import run_demo

    run_demo(load_settings())


@app.command("import")
def import_records(
    kind: Annotated[str, typer.Argument(help="What the file holds: a kind open to all, such as structures.")],
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="NDJSON or CSV, gzipped or not.")],
    source: Annotated[str, typer.Option(help="The system that the records belong to.")],
    mapping: Annotated[str | None, typer.Option(help="A mapping's name, or its TOML file.")] = None,
    rejections: Annotated[Path | None, typer.Option(help="Where to write what was rejected, as CSV.")] = None,
    strict: Annotated[bool, typer.Option(help="Exit with 3 if any line was rejected.")] = False,
) -> None:
    """Import a file through the write door. Repeating it is safe: what has not changed is not written."""
    from raccord.bulk.command import import_file

    async def run(database: Database) -> int:
        return await import_file(database, kind, file, source=source, mapping=mapping, rejections=rejections)

    if use_database(run) and strict:
        raise typer.Exit(3)


@app.command("export")
def export_kind(
    kind: Annotated[str, typer.Argument(help="An open kind: structures, services, job_offers.")],
    file: Annotated[Path, typer.Argument(dir_okay=False, help="Where to write, as NDJSON.")],
) -> None:
    """Export the records of a kind, but for those whose licence forbids to pass them on."""
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

    use_database(run)


@app.command()
def openapi(folder: Annotated[Path, typer.Option(help="Where to write.")] = Path("openapi")) -> None:
    """Write the OpenAPI documents."""
    from raccord.contract import write_documents

    for path in write_documents(folder):
        typer.echo(str(path))


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

    use_database(run)


@clients.command("create")
def create_client(
    name: Annotated[str, typer.Argument(help="The software's name.")],
    source: Annotated[str, typer.Option(help="The source under which it writes.")],
    scope: Annotated[list[str], typer.Option(help="A scope it may ask for (repeat).")],
    purpose: Annotated[list[str] | None, typer.Option(help="A purpose of its calls (repeat).")] = None,
) -> None:
    """Register a client. Its secret is shown once."""
    from raccord.oauth import clients as store
    from raccord.resources.registry import check_purposes, check_scopes

    check_scopes(scope)
    check_purposes(purpose or [])

    async def run(tx: Transaction, keys: Keys) -> tuple[str, str]:
        made, secret = await store.create_client(
            tx, keys, name=name, source=source, scopes=scope, purposes=purpose or []
        )
        return str(made.id), secret

    client_id, secret = change_database(run)
    print_json({"client_id": client_id, "client_secret": secret, "scopes": sorted(scope), "purposes": purpose or []})


@clients.command("list")
def list_clients() -> None:
    """List the clients."""
    from raccord.oauth import clients as store

    for client in change_database(lambda tx, _keys: store.list_clients(tx)):
        print_json(
            {
                "client_id": str(client.id),
                "name": client.name,
                "source": client.source,
                "scopes": list(client.scopes),
                "purposes": list(client.purposes),
                "revoked_at": client.revoked_at.isoformat() if client.revoked_at else None,
            }
        )


@clients.command("rotate")
def rotate_client(
    client_id: ClientId,
    keep_old_hours: Annotated[int, typer.Option(min=0, max=24 * 90, help="Hours that the old secret lives on.")] = 24,
) -> None:
    """Give the client a second secret; the old one ends after the overlap."""
    from raccord.oauth import clients as store

    overlap = timedelta(hours=keep_old_hours)
    secret = change_database(lambda tx, keys: store.rotate_secret(tx, keys, client_id, keep_old_for=overlap))
    print_json({"client_id": str(client_id), "client_secret": secret})


@clients.command("revoke")
def revoke_client(client_id: ClientId) -> None:
    """Revoke the client and its tokens, at once."""
    from raccord.oauth import clients as store

    say_whether(
        change_database(lambda tx, _keys: store.revoke_client(tx, client_id)), "Revoked.", "No such live client."
    )


@grants.command("add")
def add_grant(
    client_id: ClientId,
    structure_id: StructureId,
    scope: Annotated[list[str], typer.Option(help="A scope granted (repeat).")],
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day.")] = None,
) -> None:
    """Let a client act for a structure. Personal scopes also need the structure's agreement."""
    from raccord.records import entitlements
    from raccord.resources.registry import check_scopes

    check_scopes(scope)

    ends_on = until.date() if until else None
    made = change_database(lambda tx, _keys: entitlements.add_grant(tx, client_id, structure_id, scope, ends_on))
    print_json({"grant_id": str(made)})


@grants.command("list")
def list_grants(
    client: Annotated[UUID | None, typer.Option(help="Of this client only.")] = None,
) -> None:
    """List the live grants."""
    from raccord.access import grants as store

    for grant in change_database(lambda tx, _keys: store.list_grants(tx, client)):
        print_json(
            {
                "grant_id": str(grant.id),
                "client_id": str(grant.client_id),
                "structure_id": str(grant.structure_id),
                "scopes": list(grant.scopes),
                "valid_until": grant.valid_until.isoformat() if grant.valid_until else None,
            }
        )


@grants.command("revoke")
def revoke_grant(grant_id: Annotated[UUID, typer.Argument(help="The grant's id.")]) -> None:
    """End a grant, and the access that nothing else holds up."""
    from raccord.records import entitlements

    is_ended = change_database(lambda tx, _keys: entitlements.revoke_grant(tx, grant_id))
    say_whether(is_ended, "Revoked.", "No such live grant.")


@agreements.command("sign")
def sign_agreement(
    structure_id: StructureId,
    signatory: Annotated[str, typer.Option(help="Who signed, as a function: “Direction”.")],
    on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day of signature; today.")] = None,
) -> None:
    """Record that a structure signed the data-processing agreement."""
    from raccord.records import entitlements

    day: date = on.date() if on else datetime.now(UTC).date()
    change_database(lambda tx, _keys: entitlements.sign_agreement(tx, structure_id, day, signatory))
    typer.echo("Signed.")


@agreements.command("end")
def end_agreement(structure_id: StructureId) -> None:
    """End a structure's agreement, and all personal access through it."""
    from raccord.records import entitlements

    say_whether(
        change_database(lambda tx, _keys: entitlements.end_agreement(tx, structure_id)),
        "Ended.",
        "No such agreement.",
    )


@reference.command("list")
def list_reference() -> None:
    """List the reference lists, and the edition of each that is served."""
    from raccord.reference.catalogue import read_editions

    for edition in use_database(read_editions):
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
        count = use_database(lambda database: load_list(database, order, lambda line: typer.echo(line, err=True)))
    except FileRefused as error:
        fail(f"{name}: {error}")
    typer.echo(f"{name}: {count} entries loaded.")
