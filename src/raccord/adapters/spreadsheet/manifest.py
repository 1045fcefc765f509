"""What the adapter declares of itself."""

from __future__ import annotations

from collections.abc import Iterable

from raccord.adapters.contract import Address, Capability, Exempt, Kinds, Manifest, list_urls
from raccord.adapters.spreadsheet.adapter import SheetAdapter
from raccord.adapters.spreadsheet.connection import SftpPlace, SheetCursor, SheetSecrets, SheetSettings
from raccord.adapters.spreadsheet.grist import BUDGET
from raccord.kernel.shapes import Shape
from raccord.kernel.text import Text


def list_kinds(settings: Shape) -> Kinds:
    """List the kinds of a connection: the one of its mapping."""
    return Kinds(frozenset({settings.kind} if isinstance(settings, SheetSettings) else ()))


def list_addresses(settings: Shape) -> Iterable[Address]:
    """List where a connection calls: Grist's address, or the host of an SFTP server."""
    yield from list_urls(settings)
    if isinstance(settings, SheetSettings) and isinstance(settings.place, SftpPlace):
        yield Address("/place/host", settings.place.host, is_url=False)


MANIFEST = Manifest(
    name="spreadsheet",
    title=Text("Tableaux", "Spreadsheets"),
    description=Text(
        "Lit des fichiers CSV, XLSX ou NDJSON d'un dossier ou par SFTP, et les tables de Grist.",
        "Reads CSV, XLSX or NDJSON files from a folder or by SFTP, and tables of Grist.",
    ),
    reads=("structures", "services", "job_offers"),
    capabilities=frozenset({Capability.PULL}),
    build=SheetAdapter,
    settings=SheetSettings,
    secrets=SheetSecrets,
    cursor=SheetCursor,
    uses=list_kinds,
    addresses=list_addresses,
    auth=("none", "bearer", "password", "ssh_key"),
    budget=BUDGET,
    owner="Raccord",
    contact="equipe@raccord.example",
    quality={
        "manifest_complete": "done",
        "suite_passes": "done",
        "check_before_first_run": "done",
        "translate_is_pure": "done",
        "secrets_declared": "done",
        "docs_page": "done",
        "errors_mapped": "done",
        "incremental": Exempt("a table says all that it holds each time; an unchanged row costs a hash"),
        "idempotent_push": Exempt("nothing is pushed"),
        "rate_limit_respected": "done",
        "loss_logged_once": "done",
        "named_owner": "done",
        "deletions_carried": "done",
        "credentials_renewed": Exempt("keys and passwords have no end that they tell"),
        "drift_detected": "done",
        "real_day_replayed": Exempt("every table has its own columns"),
    },
)
