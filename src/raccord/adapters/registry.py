"""Every adapter, in one place: connections, the quality scale, documentation and tests derive from this line."""

from __future__ import annotations

from raccord.adapters.contract import Manifest
from raccord.adapters.data_inclusion.manifest import MANIFEST as DATA_INCLUSION
from raccord.adapters.france_travail.manifest import MANIFEST as FRANCE_TRAVAIL
from raccord.adapters.les_emplois.manifest import MANIFEST as LES_EMPLOIS
from raccord.adapters.rest.manifest import MANIFEST as REST
from raccord.adapters.spreadsheet.manifest import MANIFEST as SPREADSHEET

ADAPTERS: tuple[Manifest, ...] = (REST, SPREADSHEET, DATA_INCLUSION, FRANCE_TRAVAIL, LES_EMPLOIS)
ADAPTERS_BY_NAME = {manifest.name: manifest for manifest in ADAPTERS}
