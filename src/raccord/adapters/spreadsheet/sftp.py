"""A shelf of an SFTP server. The only file that speaks asyncssh, an extra of the installation: raccord[sftp]."""

from __future__ import annotations

import fnmatch
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, BinaryIO, cast

from pydantic import SecretStr

from raccord.adapters.contract import Broken, CredentialsRefused, TryLater
from raccord.adapters.spreadsheet.connection import SftpPlace, SheetSecrets
from raccord.adapters.spreadsheet.shelves import MAX_FILE_BYTES, MAX_FILES, READ_SUFFIX, Found, check_files
from raccord.kernel.network_guard import AddressRefused, NetworkGuard
from raccord.kernel.text import Text

if TYPE_CHECKING:
    import asyncssh

_TIMEOUT_S = 20
_LATER_S = 60.0
_CHUNK = 1 << 18


class SftpShelf:
    """A folder of an SFTP server, whose key is known; one connection for each act."""

    def __init__(self, place: SftpPlace, secrets: SheetSecrets, guard: NetworkGuard) -> None:
        self._place = place
        self._secrets = secrets
        self._guard = guard
        try:
            import asyncssh  # noqa: F401
        except ImportError:
            raise Broken(
                Text("SFTP n'est pas installé : raccord[sftp].", "SFTP is not installed: raccord[sftp].")
            ) from None

    async def list_files(self, pattern: str) -> Sequence[Found]:
        """List the files that the pattern names, the oldest first; the pattern has no folders."""
        if "/" in pattern:
            raise Broken(Text("Par SFTP, un modèle n'a pas de dossier.", "By SFTP a pattern has no folder."))
        found: list[Found] = []
        async with self._open_sftp() as sftp:
            async for entry in sftp.scandir(self._place.folder):
                name, attributes = str(entry.filename), entry.attrs
                is_file = attributes.type in (1, 5) and attributes.size is not None
                if is_file and fnmatch.fnmatchcase(name, pattern) and not name.endswith(READ_SUFFIX):
                    modified = datetime.fromtimestamp(attributes.mtime or 0, UTC)
                    found.append(Found(name, attributes.size or 0, modified))
                if len(found) > MAX_FILES:
                    break
        return check_files(found)

    @asynccontextmanager
    async def open(self, found: Found) -> AsyncIterator[BinaryIO]:
        """Fetch a file, to be read here."""
        with tempfile.TemporaryFile() as copy:
            read = 0
            async with self._open_sftp() as sftp, sftp.open(self._join(found.name), "rb") as remote:
                while piece := await remote.read(_CHUNK):
                    read += len(piece)
                    if read > MAX_FILE_BYTES:
                        raise Broken(Text("Fichier de plus de 200 Mo.", "A file over 200 MB."))
                    copy.write(cast(bytes, piece))
            copy.seek(0)
            yield cast(BinaryIO, copy)

    async def mark_read(self, found: Found) -> None:
        """Rename the file."""
        path = self._join(found.name)
        async with self._open_sftp() as sftp:
            await sftp.posix_rename(path, path + READ_SUFFIX)

    def _join(self, name: str) -> str:
        return f"{self._place.folder.rstrip('/') or ''}/{name}"

    @asynccontextmanager
    async def _open_sftp(self) -> AsyncIterator[asyncssh.SFTPClient]:
        import asyncssh

        place = self._place
        with _name_errors():
            address = await self._guard.vet(place.host, place.port)
            key = asyncssh.import_public_key(place.host_key)
            async with asyncssh.connect(
                address, place.port, username=place.username, known_hosts=([key], [], []), config=None,
                agent_path=None, login_timeout=_TIMEOUT_S, connect_timeout=_TIMEOUT_S,
                password=_open(self._secrets.password), client_keys=self._list_keys(), gss_host=None,
            ) as connection, connection.start_sftp_client() as sftp:  # fmt: skip
                yield sftp

    def _list_keys(self) -> list[asyncssh.SSHKey]:
        import asyncssh

        text = _open(self._secrets.private_key)
        return [asyncssh.import_private_key(text)] if text is not None else []


@contextmanager
def _name_errors() -> Iterator[None]:
    """Name what goes wrong by what follows; nothing of the server's words is repeated."""
    import asyncssh

    try:
        yield
    except (asyncssh.PermissionDenied, asyncssh.KeyImportError, asyncssh.KeyEncryptionError):
        raise CredentialsRefused("the SFTP server refuses the credentials") from None
    except asyncssh.HostKeyNotVerifiable:
        raise Broken(Text("Le serveur SFTP a une autre clé.", "The SFTP server has another key.")) from None
    except AddressRefused:
        raise Broken(Text("Raccord n'appelle pas cette adresse.", "Raccord does not call this address.")) from None
    except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath, asyncssh.SFTPPermissionDenied):
        raise Broken(Text("Dossier ou fichier absent, ou fermé.", "Folder or file missing, or closed.")) from None
    except (asyncssh.Error, OSError, TimeoutError):
        raise TryLater(_LATER_S, "the SFTP server does not answer") from None


def _open(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret is not None else None
