"""What the standard suite is told of an adapter: the tool it stands before, how it is connected, what changes there."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog

from raccord.adapters.contract import Adapter, Batch, Equipment, Inbound, Manifest, Walk
from raccord.kernel.clock import read_now
from tests.adapters.stand_in import FakeTime, StandIn, open_outbound


@dataclass
class Case:
    """An adapter, the tool it stands before, and how it is connected.

    Shape: `expected` is how many items of each kind a full walk meets; `wrong_secrets` do not open, None where the tool
           asks for nothing. `calls_http` is false for an adapter of files. `change` makes of a row of the tool one that
           says something else, and later; `spoil` one that is refused; `write_message` the message, with its proof, by
           which the tool tells of the row, `write_gone` that the row is gone. Without them some tests are skipped.
    """

    manifest: Manifest
    tool: StandIn
    settings: dict[str, Any]
    secrets: dict[str, Any] = field(default_factory=dict)
    expected: dict[str, int] = field(default_factory=dict)
    wrong_secrets: dict[str, Any] | None = None
    calls_http: bool = True
    clock: FakeTime = field(default_factory=FakeTime)
    change: Callable[[Any], Any] | None = None
    spoil: Callable[[Any], Any] | None = None
    write_message: Callable[[Any], Inbound] | None = None
    write_gone: Callable[[Any], Inbound] | None = None
    folder: Path | None = None

    def build(self, secrets: dict[str, Any] | None = None) -> Adapter:
        """Build the adapter as the engine does for a run."""
        return self.manifest.build(
            Equipment(
                settings=self.manifest.settings.model_validate_json(json.dumps(self.settings)),
                secrets=self.manifest.secrets.model_validate_json(json.dumps(secrets or self.secrets)),
                outbound=open_outbound(self.tool, self.clock),
                now=read_now,
                log=structlog.get_logger(),
                folder=self.folder,
            )
        )

    async def walk(self, walk: Walk | None = None, adapter: Adapter | None = None) -> list[Batch]:
        """Walk to the end."""
        return [batch async for batch in (adapter or self.build()).pull(walk or Walk())]
