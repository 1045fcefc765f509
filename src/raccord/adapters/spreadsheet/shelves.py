"""Where files lie: what is found there, opened to be read, and marked as read. A shelf of this machine's folder."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from raccord.adapters.contract import Broken
from raccord.kernel.text import Text

READ_SUFFIX = ".lu"
MAX_FILE_BYTES = 200_000_000
MAX_FILES = 1_000


@dataclass(frozen=True)
class Found:
    """A file on a shelf."""

    name: str
    size: int
    modified_at: datetime

    @property
    def mark(self) -> str:
        """What is another if the file is."""
        return f"{self.size}-{self.modified_at.timestamp():.6f}"


class Shelf(Protocol):
    """A place of files."""

    async def list_files(self, pattern: str) -> Sequence[Found]:
        """List the files that the pattern names, the oldest first.

        Errors: TryLater, CredentialsRefused, Broken.
        """

    def open(self, found: Found) -> AbstractAsyncContextManager[BinaryIO]:
        """Open a file to be read."""

    async def mark_read(self, found: Found) -> None:
        """Rename a file that was read, so that it is not found again."""


class FolderShelf:
    """A folder of this machine, and nothing outside it."""

    def __init__(self, folder: Path | None) -> None:
        if folder is None:
            raise Broken(Text("L'installation n'ouvre aucun dossier.", "The installation opens no folder."))
        self._folder = folder.resolve()

    async def list_files(self, pattern: str) -> Sequence[Found]:
        """List the files that the pattern names, the oldest first."""
        return await asyncio.to_thread(self._list, pattern)

    def _list(self, pattern: str) -> list[Found]:
        found: list[Found] = []
        if not self._folder.is_dir():
            name = self._folder.name
            raise Broken(Text(f"Le dossier {name} n'existe pas.", f"There is no folder {name}."))
        try:
            for path in self._folder.glob(pattern):
                # A link may lead out of the folder.
                if path.is_file() and path.resolve().is_relative_to(self._folder) and path.suffix != READ_SUFFIX:
                    stat = path.stat()
                    name = path.relative_to(self._folder).as_posix()
                    found.append(Found(name, stat.st_size, datetime.fromtimestamp(stat.st_mtime, UTC)))
        except (OSError, ValueError):
            raise Broken(Text("Le dossier ne se lit pas.", "The folder cannot be read.")) from None
        return check_files(found)

    @asynccontextmanager
    async def open(self, found: Found) -> AsyncIterator[BinaryIO]:
        """Open a file to be read."""
        try:
            stream = await asyncio.to_thread((self._folder / found.name).open, "rb")
        except OSError:
            raise Broken(Text("Le fichier ne se lit pas.", "The file cannot be read.")) from None
        with stream:
            yield stream

    async def mark_read(self, found: Found) -> None:
        """Rename the file."""
        path = self._folder / found.name
        try:
            await asyncio.to_thread(path.replace, path.with_name(path.name + READ_SUFFIX))
        except OSError:
            raise Broken(Text("Le fichier lu ne se renomme pas.", "The file cannot be renamed.")) from None


def check_files(found: Sequence[Found]) -> list[Found]:
    """Sort the files by their time, and refuse what is beyond the bounds.

    Errors: Broken.
    """
    if len(found) > MAX_FILES or any(one.size > MAX_FILE_BYTES for one in found):
        raise Broken(Text(f"Plus de {MAX_FILES} fichiers, ou de 200 Mo.", f"Over {MAX_FILES} files, or 200 MB."))
    return sorted(found, key=lambda one: (one.modified_at, one.name))
