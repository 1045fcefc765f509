"""The command line: what an operator does, and what starts the service."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from raccord.commands.data import files, reference, search
from raccord.commands.partners import agreements, clients, grants
from raccord.commands.running import fail
from raccord.commands.sync import sync
from raccord.kernel.embedded_setup import EmbeddedPostgresError
from raccord.kernel.refusals import RaccordError
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
app.add_typer(sync, name="sync")

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
def worker(
    parent: Parent = None,
    calls_loopback: Annotated[
        bool, typer.Option("--calls-loopback", hidden=True, help="For the demo's tools.")
    ] = False,
) -> None:
    """Run the jobs, and the sequencer of the change feed."""
    from raccord.serving import serve_jobs

    settings = load_settings()
    if calls_loopback and settings.is_production:
        fail("--calls-loopback is for the demo.")
    serve_jobs(settings.model_copy(update={"outbound_loopback": True}) if calls_loopback else settings, parent=parent)


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


@app.command("demo-tools", hidden=True)
def demo_tools(port: int, parent: Parent = None) -> None:
    """Serve the stand-ins of the demo's tools."""
    from raccord.demo.tools import serve_tools
    from raccord.serving import die_with

    die_with(parent)
    serve_tools(port)


@app.command()
def openapi(folder: Annotated[Path, typer.Option(help="Where to write.")] = Path("openapi")) -> None:
    """Write the OpenAPI documents."""
    from raccord.contract import write_documents

    for path in write_documents(folder):
        typer.echo(str(path))
