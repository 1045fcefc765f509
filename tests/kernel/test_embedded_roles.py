"""The embedded PostgreSQL's database: its text is understood, its roles can do what they must and no more."""

import asyncio
from collections.abc import Iterator

import asyncpg
import pytest

from raccord.kernel.embedded_postgres import Cluster, run_cluster
from tests.kernel.embedded_cluster import FAST, fetch


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with run_cluster(tmp_path_factory.mktemp("cluster"), settings=FAST) as running:
        yield running


def test_accented_text_is_understood(cluster: Cluster) -> None:
    for extension in ("unaccent", "pg_trgm", "btree_gin", "cube", "earthdistance"):
        fetch(cluster, f"CREATE EXTENSION IF NOT EXISTS {extension}")

    assert fetch(cluster, "SELECT lower('ÉCOLE D''ŒUVRE')") == "école d'œuvre"
    assert fetch(cluster, "SELECT unaccent('École')") == "Ecole"
    assert fetch(cluster, "SELECT similarity('ÉCOLE', 'école')") == 1
    assert fetch(cluster, "SHOW server_encoding") == "UTF8"
    assert fetch(cluster, "SHOW TimeZone") == "UTC"


def test_the_owner_makes_databases_that_know_the_extensions(cluster: Cluster) -> None:
    fetch(cluster, "CREATE DATABASE another")

    assert fetch(cluster, "SELECT round(earth())", database="another") == 6378168


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine ()",
        "CREATE TEMPORARY TABLE mine ()",
        "CREATE SCHEMA mine",
        "CREATE DATABASE mine",
        "CREATE ROLE mine",
        "CREATE EXTENSION btree_gist",
        "SET SESSION AUTHORIZATION raccord_owner",
        "SET ROLE raccord_owner",
        "ALTER ROLE raccord_app BYPASSRLS",
        "SELECT pg_read_file('/etc/passwd')",
        "COPY (SELECT 1) TO PROGRAM 'true'",
    ],
)
def test_the_application_role_makes_nothing(cluster: Cluster, statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        fetch(cluster, statement, "app")


def test_the_application_role_is_held_by_row_level_security(cluster: Cluster) -> None:
    fetch(cluster, "CREATE TABLE held AS SELECT 1 AS n")
    fetch(cluster, "ALTER TABLE held ENABLE ROW LEVEL SECURITY")
    fetch(cluster, "GRANT ALL ON held TO raccord_app")

    assert fetch(cluster, "SELECT count(*) FROM held") == 1
    assert fetch(cluster, "SELECT count(*) FROM held", "app") == 0


@pytest.mark.parametrize("statement", ["CREATE ROLE mine", "COPY (SELECT 1) TO PROGRAM 'true'"])
def test_the_owner_role_is_no_superuser(cluster: Cluster, statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        fetch(cluster, statement)


@pytest.mark.parametrize("user", ["raccord_owner", "raccord_app", "postgres"])
def test_nobody_enters_without_the_right_password(cluster: Cluster, user: str) -> None:
    async def connect() -> None:
        await asyncpg.connect(host=str(cluster.socket_dir), user=user, password="guess", database="raccord")

    with pytest.raises(asyncpg.InvalidPasswordError):
        asyncio.run(connect())
