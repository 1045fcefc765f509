"""Every adapter, in one place: connections, the quality scale, documentation and tests derive from this line."""

from __future__ import annotations

from raccord.adapters.contract import Manifest
from raccord.adapters.rest.manifest import MANIFEST as REST
from raccord.adapters.spreadsheet.manifest import MANIFEST as SPREADSHEET

ADAPTERS: tuple[Manifest, ...] = (REST, SPREADSHEET)
ADAPTERS_BY_NAME = {manifest.name: manifest for manifest in ADAPTERS}
