"""The embedded PostgreSQL of a machine that has none: start it, reach it, stop it.

Which programs, and the first making of the data, are in `embedded_setup`; migrations are not ours.
The server is a child of this process, has no TCP port, and dies with it: killed outright, even, on Linux.
"""

import fcntl
import logging
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import IO, Literal
from urllib.parse import quote

from raccord.kernel.embedded_setup import (
    QUIET_LOG,
    EmbeddedPostgresError,
    Layout,
    Programs,
    Report,
    create_data,
    find_programs,
    give_to_server,
    read_credentials,
    start_postgres,
)

SMALL_MACHINE: Mapping[str, str] = MappingProxyType(
    {
        **QUIET_LOG,
        "shared_buffers": "128MB",
        "max_connections": "100",
        "effective_cache_size": "1GB",
        "max_wal_size": "1GB",
        "random_page_cost": "1.1",  # solid-state disks
        "jit": "off",  # it costs more than our short queries
        "timezone": "UTC",
        "log_timezone": "UTC",
    }
)
# The kernel takes 107 bytes for a socket's whole path (103 on macOS); a URL reads some characters as its own.
PLAIN_SHORT_PATH = re.compile(r"[A-Za-z0-9/._-]{1,80}")
LOG_LIMIT_BYTES = 16 * 1024 * 1024
POLL_SECONDS = 0.01
REPORT_SECONDS = 5.0
STOP_SECONDS = 60.0


@dataclass(frozen=True)
class Cluster:
    """How to reach a running embedded server."""

    socket_dir: Path
    owner_password: str
    app_password: str

    def url(self, database: str = "raccord", role: Literal["owner", "app"] = "app") -> str:
        """Give the SQLAlchemy URL of a database, as the role that migrates or as the one that serves."""
        password = self.owner_password if role == "owner" else self.app_password
        host = quote(str(self.socket_dir), safe="/")
        return f"postgresql+asyncpg://raccord_{role}:{password}@/{quote(database, safe='')}?host={host}"


@contextmanager
def run_cluster(
    data_dir: Path, *, settings: Mapping[str, str] = MappingProxyType({}), report: Report | None = None
) -> Iterator[Cluster]:
    """Run the server of this folder for the length of the block, making its data on first use.

    Shape:  Call it from the main thread: the server stops when the thread that started it ends.
    Errors: EmbeddedPostgresError, also when another process already runs this folder.
    """
    say = report or logging.getLogger(__name__).info
    layout = Layout(Path(data_dir).absolute())
    if not layout.root.exists():
        # The server's user goes through this folder to its own; the files beside it are ours alone.
        layout.root.mkdir(parents=True)
        layout.root.chmod(0o711)
    with hold_lock(layout):
        retire_orphan(layout, say)
        programs = find_programs(layout)
        if not layout.data.exists():
            say(f"Making a PostgreSQL {programs.major} database in {layout.root}")
            create_data(layout, programs, settings)
        with make_socket_dir(layout) as socket_dir, run_server(layout, programs, socket_dir, settings, say):
            yield describe_cluster(layout, socket_dir)


def find_cluster(data_dir: Path) -> Cluster | None:
    """Find the live server that another process runs on this folder."""
    layout = Layout(Path(data_dir).absolute())
    try:
        socket_dir = Path(layout.socket_record.read_text("utf-8"))
    except FileNotFoundError:
        return None
    pid = read_pid(layout)
    # The socket does not tell: helpers of a killed server keep it open for a moment.
    if pid is None or read_status(layout, pid) != "ready" or not is_our_server(pid, layout):
        return None
    return describe_cluster(layout, socket_dir)


def describe_cluster(layout: Layout, socket_dir: Path) -> Cluster:
    """Join the running server's address with the passwords of its roles."""
    passwords = read_credentials(layout)
    if passwords is None:
        raise EmbeddedPostgresError(f"{layout.credentials} is missing: restore it, no copy exists.")
    return Cluster(socket_dir, passwords["owner"], passwords["app"])


@contextmanager
def hold_lock(layout: Layout) -> Iterator[None]:
    """Be the only process that runs this folder; the lock ends with the process, however it ends."""
    with layout.lock.open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            owner = file.read().strip() or "unknown"
            raise EmbeddedPostgresError(f"{layout.root} is in use by process {owner}: stop it first.") from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def retire_orphan(layout: Layout, say: Report) -> None:
    """Wait for the end of a server whose owner was killed, and unblock the trace of one that is gone.

    Shape: we hold the lock, so a live server here has no owner. A pid that now belongs to another program, or
           to a dead process that nobody reaped, would otherwise keep PostgreSQL from starting for ever.
    """
    pid = read_pid(layout)
    if pid is None:
        return
    if is_our_server(pid, layout):
        os.kill(pid, signal.SIGINT)
        waited = Patience(say, f"Waiting for the previous PostgreSQL (process {pid}) to stop")
        while is_our_server(pid, layout):
            waited.pause()
    pid_file = layout.data / "postmaster.pid"
    if pid_file.exists():
        end_sessions(layout, say)
        # Its parent's pid is the one that PostgreSQL never takes for a rival. The rest of the file stays:
        # by it PostgreSQL still refuses to start beside a session that we could not see.
        _, rest = pid_file.read_text("utf-8").split("\n", 1)
        pid_file.write_text(f"{os.getpid()}\n{rest}", "utf-8")


def end_sessions(layout: Layout, say: Report) -> None:
    """End the sessions that outlived a killed server: a long query only notices when it is over."""
    for pid in list_session_pids(layout):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGQUIT)
    waited = Patience(say, "Waiting for the sessions of the previous PostgreSQL to stop")
    while list_session_pids(layout):
        waited.pause()


def list_session_pids(layout: Layout) -> list[int]:
    """List the PostgreSQL processes that work in this data folder, where the system shows them (Linux)."""
    found = []
    for cwd in Path("/proc").glob("[0-9]*/cwd"):
        with suppress(OSError):
            if cwd.readlink() == layout.data.resolve():
                found.append(int(cwd.parent.name))
    return found


def is_our_server(pid: int, layout: Layout) -> bool:
    """Tell whether this process is a live PostgreSQL server of this folder."""
    proc = Path("/proc", str(pid), "cmdline")
    if Path("/proc/self/cmdline").exists():
        try:
            words = proc.read_bytes().split(b"\0")
        except OSError:
            return False
        # A dead process that was not reaped has no words.
        return os.fsencode(layout.data) in words and words[0].endswith(b"postgres")
    command = ["ps", "-ww", "-o", "command=", "-p", str(pid)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    return f"postgres -D {layout.data}" in answer.stdout


@contextmanager
def make_socket_dir(layout: Layout) -> Iterator[Path]:
    """Make the private folder of the server's socket: beside the data, or where its path is short enough."""
    socket_dir = layout.root / "socket"
    is_short = PLAIN_SHORT_PATH.fullmatch(str(socket_dir)) is not None
    if is_short:
        shutil.rmtree(socket_dir, ignore_errors=True)
        socket_dir.mkdir()
    else:
        socket_dir = Path(tempfile.mkdtemp(prefix="raccord-"))
    give_to_server(socket_dir)
    layout.socket_record.write_text(str(socket_dir), "utf-8")
    try:
        yield socket_dir
    finally:
        layout.socket_record.unlink(missing_ok=True)
        shutil.rmtree(socket_dir, ignore_errors=True)


@contextmanager
def run_server(
    layout: Layout, programs: Programs, socket_dir: Path, settings: Mapping[str, str], say: Report
) -> Iterator[None]:
    """Start the server, wait until it answers, and stop it after the block."""
    escaped = str(socket_dir).replace('"', '""')
    private = {
        "listen_addresses": "",
        "unix_socket_directories": f'"{escaped}"',
        "unix_socket_permissions": "0700",
    }
    chosen = {**SMALL_MACHINE, **settings, **private}
    arguments = ["-D", str(layout.data), *(f"--{name}={value}" for name, value in chosen.items())]
    with open_log(layout) as log:
        start = log.tell()
        server = start_postgres(layout.data, programs, arguments, log)
        try:
            wait_until_ready(layout, server, start, say)
            yield
        finally:
            stop_server(server)


def open_log(layout: Layout) -> IO[bytes]:
    """Open the server's log to add to it; a long one becomes server.log.1."""
    if layout.log.exists() and layout.log.stat().st_size > LOG_LIMIT_BYTES:
        layout.log.rename(layout.log.with_name("server.log.1"))
    log = layout.log.open("ab")
    os.fchmod(log.fileno(), 0o600)
    log.seek(0, os.SEEK_END)
    return log


def wait_until_ready(layout: Layout, server: subprocess.Popen[bytes], log_start: int, say: Report) -> None:
    """Wait until the server accepts connections, as long as it lives: a recovery takes the time it takes."""
    waited = Patience(say, "PostgreSQL is starting; after an interruption it first recovers its data")
    while read_status(layout, server.pid) != "ready":
        if server.poll() is not None:
            with layout.log.open("rb") as log:
                log.seek(log_start)
                tail = "\n".join(log.read().decode(errors="replace").splitlines()[-15:])
            raise EmbeddedPostgresError(f"PostgreSQL did not start (see {layout.log}):\n{tail}")
        waited.pause()


def stop_server(server: subprocess.Popen[bytes]) -> None:
    """Stop the server cleanly, ending its sessions; at once when it does not."""
    if server.poll() is None:
        server.send_signal(signal.SIGINT)
    try:
        server.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        server.send_signal(signal.SIGQUIT)
        server.wait()


def read_pid(layout: Layout) -> int | None:
    """Read which process the server of this folder is, or was."""
    lines = read_pid_file(layout)
    return int(lines[0]) if lines and lines[0].isdigit() else None


def read_status(layout: Layout, pid: int) -> str | None:
    """Read what the server says of itself (starting, ready, stopping), if it is this process."""
    lines = read_pid_file(layout)
    return lines[7].strip() if len(lines) > 7 and lines[0] == str(pid) else None


def read_pid_file(layout: Layout) -> list[str]:
    """Read postmaster.pid: pid, folder, start, port, socket folder, address, memory key, status."""
    try:
        return (layout.data / "postmaster.pid").read_text("utf-8").splitlines()
    except FileNotFoundError:
        return []


class Patience:
    """Waiting in short steps, with a word to the person every few seconds."""

    def __init__(self, say: Report, what: str) -> None:
        self._say = say
        self._what = what
        self._start = time.monotonic()
        self._next = REPORT_SECONDS

    def pause(self) -> None:
        """Sleep one step."""
        time.sleep(POLL_SECONDS)
        waited = time.monotonic() - self._start
        if waited >= self._next:
            self._next += REPORT_SECONDS
            self._say(f"{self._what} ({waited:.0f} s so far)")
