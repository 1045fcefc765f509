"""A run on its way: everything that its steps need, and what it has counted."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from raccord.access.caller import Caller
from raccord.adapters.contract import Adapter, Manifest
from raccord.kernel.database import Database
from raccord.kernel.outbound import Outbound
from raccord.kernel.refusals import JsonValue
from raccord.kernel.seals import Seals
from raccord.kernel.strict_json import dump_json
from raccord.records.kind import Kind
from raccord.records.store import Writer
from raccord.resources.registry import KINDS
from raccord.sync.connections import Connection
from raccord.sync.ledger import Run

MAX_DIFFS = 100


@dataclass(frozen=True)
class Engine:
    """What all runs share."""

    database: Database
    seals: Seals
    outbound: Outbound
    adapters: Mapping[str, Manifest]
    folder: Path | None = None


@dataclass(frozen=True)
class Diff:
    """What a dry run would do to one record.

    Shape: values of open kinds only, as (field, before, after).
    """

    kind: str
    external_id: str
    status: str
    fields: tuple[tuple[str, object, object], ...] = ()
    code: str | None = None
    pointer: str | None = None


@dataclass
class Going:
    """One run.

    Shape: `met` holds a hash of what a dry run has met, which writes no marks, with its kind and part;
           `has_rejections` spares a look for what is resolved where nothing ever was refused.
    """

    engine: Engine
    connection: Connection
    manifest: Manifest
    adapter: Adapter
    run: Run
    caller: Caller | None
    outbound: Outbound
    is_stopping: Callable[[], bool]
    report: Callable[[Mapping[str, int]], None]
    has_rejections: bool = True
    counts: dict[str, int] = field(default_factory=dict)
    diffs: list[Diff] = field(default_factory=list)
    met: dict[int, tuple[str, str]] = field(default_factory=dict)
    salt: bytes = field(init=False)

    def __post_init__(self) -> None:
        # All that decides of a translation besides the item itself.
        connection, manifest = self.connection, self.manifest
        meaning: list[JsonValue] = [manifest.name, manifest.translation, connection.settings, connection.drift_policy]
        self.salt = hashlib.blake2b(dump_json(meaning), digest_size=16).digest()

    @property
    def is_dry(self) -> bool:
        """Whether nothing of it is kept."""
        return self.run.mode == "dry_run"

    @property
    def kinds(self) -> list[Kind]:
        """The kinds that the connection reads, those first that others refer to."""
        return [kind for kind in KINDS if kind.name in self.manifest.reads]

    def make_writer(self, kind: Kind) -> Writer:
        """Tell in whose name a kind's records are written; personal ones by the rights of the connection's client."""
        caller = self.caller if kind.is_personal else None
        return Writer(self.connection.source, self.connection.origin, f"sync:{self.run.id}", caller)

    def count(self, counts: Mapping[str, int]) -> None:
        """Add to the counts, and tell them."""
        for name, number in counts.items():
            self.counts[name] = self.counts.get(name, 0) + number
        self.report(self.counts)
