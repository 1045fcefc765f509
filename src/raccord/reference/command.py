"""Load a list as an operator asks for it: from a file, from its official address, or from what ships."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from raccord.kernel.database import Database
from raccord.reference.files import MAX_BYTES, FileRefused, read_file
from raccord.reference.loading import load_file, load_shipped_again
from raccord.reference.official import fetch_official
from raccord.reference.stored_lists import STORED_LISTS_BY_NAME

Say = Callable[[str], None]
_MEGABYTE = 1_000_000


@dataclass(frozen=True)
class LoadOrder:
    """Say which list to load, and from where; addresses are the official ones, by list."""

    name: str
    file: Path | None
    edition: str | None
    is_shipped: bool
    addresses: Mapping[str, str]


async def load_list(database: Database, order: LoadOrder, say: Say) -> int:
    """Load the list; return how many entries it has.

    Errors: FileRefused, and nothing is changed.
    """
    stored = STORED_LISTS_BY_NAME.get(order.name)
    if stored is None:
        raise FileRefused(f"no such list to load; there are {', '.join(STORED_LISTS_BY_NAME)}")
    if order.is_shipped:
        async with database.begin() as tx:
            return await load_shipped_again(tx, stored)
    content = await _read_content(order, say)
    say("Reading…")
    file = read_file(stored, content)
    say(f"Writing {len(file.entries)} entries…")
    async with database.begin() as tx:
        await load_file(tx, stored, file, order.edition or stored.version)
    return len(file.entries)


async def _read_content(order: LoadOrder, say: Say) -> bytes:
    if order.file is None:
        say(f"Fetching {order.addresses.get(order.name, order.name)}…")
        return await fetch_official(order.name, order.addresses, _report_megabytes(say))
    with order.file.open("rb") as stream:
        return stream.read(MAX_BYTES + 1)


def _report_megabytes(say: Say) -> Callable[[int], None]:
    """Say how much has come, at each megabyte."""
    said = 0

    def report(received: int) -> None:
        nonlocal said
        if received // _MEGABYTE > said:
            said = received // _MEGABYTE
            say(f"  {said} MB")

    return report
