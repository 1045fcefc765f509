"""Fetch fuller lists from the addresses where they are published."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from typing import TypedDict, cast

import httpx

from raccord.reference.files import MAX_BYTES, FileRefused

TIMEOUT_S = 60
_COLUMNS = ("code", "name", "department", "region", "postal_codes", "population", "latitude", "longitude", "epci")
Report = Callable[[int], None]


class Centre(TypedDict):
    """Name the field read from the centre of a commune (GeoJSON)."""

    coordinates: list[float]


class PublishedCommune(TypedDict, total=False):
    """Name the fields read from a commune of the official service."""

    code: str
    nom: str
    codeDepartement: str
    codeRegion: str
    codeEpci: str
    codesPostaux: list[str]
    population: int
    centre: Centre


class Unreachable(FileRefused):
    """An official address does not answer as it should. The message says what to do instead."""


async def fetch_official(
    name: str,
    addresses: Mapping[str, str],
    report: Report,
    *,
    transport: httpx.AsyncBaseTransport | None = None,
) -> bytes:
    """Fetch the file of a list.

    Errors: Unreachable, FileRefused for what is too large or is no list.
    """
    if name not in addresses:
        raise Unreachable(f"{name} has no official address: give a file")
    async with httpx.AsyncClient(follow_redirects=True, timeout=TIMEOUT_S, transport=transport) as http:
        try:
            content = await _download(http, addresses[name], report)
        except httpx.HTTPError as error:
            status = f" {error.response.status_code}" if isinstance(error, httpx.HTTPStatusError) else ""
            reason = f"{type(error).__name__}{status}"
            raise Unreachable(f"{addresses[name]} does not answer ({reason}): give a file instead") from None
    return rewrite_communes(content) if name == "communes" and content.lstrip()[:1] == b"[" else content


def rewrite_communes(content: bytes) -> bytes:
    """Write the JSON of the official service of communes as the table that files hold.

    Errors: FileRefused.
    """
    try:
        published = cast("list[PublishedCommune]", json.loads(content))
        rows = [_write_row(commune) for commune in published]
    except (ValueError, KeyError, TypeError, IndexError, AttributeError):
        raise FileRefused("not the JSON of the service of communes") from None
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows(rows)
    return text.getvalue().encode()


def _write_row(commune: PublishedCommune) -> tuple[object, ...]:
    longitude, latitude = commune["centre"]["coordinates"][:2] if "centre" in commune else ("", "")
    return (
        commune["code"],
        commune["nom"],
        commune.get("codeDepartement", ""),
        commune.get("codeRegion", ""),
        "|".join(commune.get("codesPostaux", [])),
        commune.get("population", ""),
        latitude,
        longitude,
        commune.get("codeEpci", ""),
    )


async def _download(http: httpx.AsyncClient, address: str, report: Report) -> bytes:
    """Download what is at the address, and stop when it is more than any list."""
    content = bytearray()
    async with http.stream("GET", address) as response:
        response.raise_for_status()
        async for part in response.aiter_bytes():
            content += part
            if len(content) > MAX_BYTES:
                raise FileRefused(f"over {MAX_BYTES} bytes")
            report(len(content))
    return bytes(content)
