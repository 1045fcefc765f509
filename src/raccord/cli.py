"""The command line: what an operator does, and what starts the service."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from raccord.commands.data import files, reference, search
from raccord.commands.partners import agreements, clients, grants
from raccord.commands.running import fail
from raccord.kernel.embedded_setup import EmbeddedPostgresError
from raccord.kernel.errors import RaccordError
from raccord.settings import SettingsError, load_settings

# Each command imports what it needs: a command line that loads the whole service first answers late.
UNDEFINED_TABLE = "42P01"
# Connection failed, password refused, no such database.
UNREACHABLE = ("08", "28", "3D")
app = typer.Typer(help="Raccord: the interoperability layer of French insertion.", no_args_is_help=True)
app.add_typer(files)
app.add_typer(clients, name="client")
app.add_typer(grants, name="grant")
app.add_typer(agreements, name="agreement")
app.add_typer(search, name="search")
app.add_typer(reference, name="reference")

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


@app.command()
def openapi(folder: Annotated[Path, typer.Option(help="Where to write.")] = Path("openapi")) -> None:
    """Write the OpenAPI documents."""
    from raccord.contract import write_documents

    for path in write_documents(folder):
        typer.echo(str(path))
<<<<<<< HEAD
=======


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

    client_id, secret = _change(run)
    _print({"client_id": client_id, "client_secret": secret, "scopes": sorted(scope), "purposes": purpose or []})


@clients.command("list")
def list_clients() -> None:
    """List the clients."""
    from raccord.oauth import clients as store

    for client in _change(lambda tx, _keys: store.list_clients(tx)):
        _print(
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
    secret = _change(lambda tx, keys: store.rotate_secret(tx, keys, client_id, keep_old_for=overlap))
    _print({"client_id": str(client_id), "client_secret": secret})


@clients.command("issue-token")
def issue_token(
    client_id: ClientId,
    scope: Annotated[list[str], typer.Option(help="A scope that opens public records, such as structures:read.")],
    days: Annotated[int, typer.Option(min=1, max=400, help="Days that it lives.")] = 365,
) -> None:
    """Issue a lasting token, to a software that can only hold one. It reads open kinds alone, and is shown once."""
    from raccord.oauth import clients as store
    from raccord.resources.registry import KINDS

    allowed = {kind.scope("read") for kind in KINDS if not kind.is_personal}
    if not set(scope) <= allowed:
        _fail(f"A lasting token only has scopes among: {', '.join(sorted(allowed))}.")
    lifetime = timedelta(days=days)
    token = _change(lambda tx, keys: store.issue_token(tx, keys, client_id, scope, lifetime=lifetime))
    _print({"client_id": str(client_id), "access_token": token, "scopes": sorted(scope), "days": days})


@clients.command("revoke")
def revoke_client(client_id: ClientId) -> None:
    """Revoke the client and its tokens, at once."""
    from raccord.oauth import clients as store

    _say(_change(lambda tx, _keys: store.revoke_client(tx, client_id)), "Revoked.", "No such live client.")


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
    made = _change(lambda tx, _keys: entitlements.add_grant(tx, client_id, structure_id, scope, ends_on))
    _print({"grant_id": str(made)})


@grants.command("list")
def list_grants(
    client: Annotated[UUID | None, typer.Option(help="Of this client only.")] = None,
) -> None:
    """List the live grants."""
    from raccord.access import grants as store

    for grant in _change(lambda tx, _keys: store.list_grants(tx, client)):
        _print(
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

    is_ended = _change(lambda tx, _keys: entitlements.revoke_grant(tx, grant_id))
    _say(is_ended, "Revoked.", "No such live grant.")


@agreements.command("sign")
def sign_agreement(
    structure_id: StructureId,
    signatory: Annotated[str, typer.Option(help="Who signed, as a function: “Direction”.")],
    on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day of signature; today.")] = None,
) -> None:
    """Record that a structure signed the data-processing agreement."""
    from raccord.records import entitlements

    day: date = on.date() if on else datetime.now(UTC).date()
    _change(lambda tx, _keys: entitlements.sign_agreement(tx, structure_id, day, signatory))
    typer.echo("Signed.")


@agreements.command("end")
def end_agreement(structure_id: StructureId) -> None:
    """End a structure's agreement, and all personal access through it."""
    from raccord.records import entitlements

    _say(
        _change(lambda tx, _keys: entitlements.end_agreement(tx, structure_id)),
        "Ended.",
        "No such agreement.",
    )


@reference.command("list")
def list_reference() -> None:
    """List the reference lists, and the edition of each that is served."""
    from raccord.reference.catalogue import read_editions

    for edition in _run(read_editions):
        loaded_at = edition.loaded_at.isoformat() if edition.loaded_at else None
        _print({"list": edition.name, "version": edition.version, "count": edition.count, "loaded_at": loaded_at})


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
        count = _run(lambda database: load_list(database, order, partial(typer.echo, err=True)), is_owner=True)
    except FileRefused as error:
        _fail(f"{name}: {error}")
    typer.echo(f"{name}: {count} entries loaded.")


def _change(action: Callable[[Transaction, Keys], Awaitable[T]]) -> T:
    """Run the action in one transaction."""
    from raccord.kernel.keys import Keys

    keys = Keys(load_settings().read_secret())

    async def run(database: Database) -> T:
        async with database.begin() as tx:
            return await action(tx, keys)

    return _run(run)


def _run(action: Callable[[Database], Awaitable[T]], *, is_owner: bool = False) -> T:
    """Run the action on the database, as the application or as its owner, and say a refusal in one line."""
    from asyncpg import PostgresError
    from sqlalchemy.exc import DBAPIError

    from raccord.kernel.database import Database
    from raccord.serving import reach_database

    settings: Settings = load_settings()

    async def run(url: str) -> T:
        database = Database(url, size=4, is_pooled=settings.has_pooler)
        await database.open()
        try:
            return await action(database)
        finally:
            await database.close()

    with reach_database(settings) as urls:
        try:
            return asyncio.run(run(urls.owner if is_owner else urls.app))
        except RaccordError as error:
            details = [f"{item.name}: {item.message.en}" for item in error.errors]
            _fail("\n".join([str(error), *details]))
        except (DBAPIError, PostgresError) as error:
            if getattr(getattr(error, "orig", error), "sqlstate", None) == UNDEFINED_TABLE:
                _fail("The database has no schema yet: run `raccord migrate` first.")
            raise


def _print(value: object) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False))


def _say(is_done: bool, done: str, not_done: str) -> None:  # an outcome, not an option
    if not is_done:
        _fail(not_done)
    typer.echo(done)


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise SystemExit(2)
>>>>>>> adapters
