"""The schema's revisions: bring a database to the code's, and say which that is. The revisions are in migrations/."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic import command, op
from alembic.config import Config
from alembic.script import ScriptDirectory


def migrate(url: str, revision: str = "head") -> None:
    """Bring the database to the revision, as its owner. An advisory lock keeps two from migrating at once."""
    command.upgrade(make_config(url), revision)


def make_config(url: str) -> Config:
    """Make Alembic's configuration for the database."""
    config = Config()
    config.set_main_option("script_location", str(_find_migrations()))
    # The URL bears a password: it travels as an attribute, which no message prints.
    config.attributes["url"] = url
    return config


def run_script(script: str) -> None:
    """Run several statements at once, within a migration; `op.execute` takes but one."""
    connection = op.get_bind().connection.dbapi_connection
    connection.run_async(lambda driver: driver.execute(script))  # type: ignore[union-attr]  # asyncpg's own


@cache
def read_code_revision() -> str:
    """Return the revision that this code was written for."""
    head = ScriptDirectory(str(_find_migrations())).get_current_head()
    if head is None:
        raise RuntimeError("migrations/ holds no revision")
    return head


def _find_migrations() -> Path:
    """Find the folder: in the package when installed, beside src/ in a checkout."""
    installed = Path(__file__).parents[1] / "migrations"
    return installed if installed.is_dir() else Path(__file__).parents[3] / "migrations"
