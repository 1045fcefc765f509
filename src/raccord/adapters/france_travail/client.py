"""The API Offres d'emploi v2, as it is: a range in the query, 200, 204 and 206, and nothing past a depth.

Source: France Travail, API Offres d'emploi v2; limits of 2026.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from raccord.adapters.contract import Broken, Budget, Equipment
from raccord.kernel.outgoing_credentials import TOKEN_RULES, ClientCredentials
from raccord.kernel.strict_json import JsonObject
from raccord.kernel.text import Text

BUDGET = Budget(calls=10, per_s=1.0, concurrency=4)
SCOPE = "api_offresdemploiv2 o2dsoffre"
PAGE = 150
# A range may start at 3000 and end at 3149: what lies deeper is never shown.
CEILING = 3_150
_CONTENT_RANGE = re.compile(r"offres [0-9*]+(?:-[0-9*]+)?/(?P<total>[0-9]{1,9})")
_INSTANT = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True)
class Access:
    """What opens the API, and where it is."""

    url: str
    token_url: str
    client_id: str
    client_secret: str


@dataclass(frozen=True)
class Slice:
    """A stretch of creation dates, both ends included, to the second."""

    low: datetime
    high: datetime


@dataclass(frozen=True)
class Found:
    """What a search found: some offers, and how many there are."""

    offers: list[JsonObject]
    total: int


class Client:
    """What is asked of it."""

    def __init__(self, given: Equipment, access: Access) -> None:
        # The realm stands in the address, all else in the form.
        server = given.outbound.reach(f"{access.token_url}?realm=%2Fpartenaire", budget=BUDGET, rules=TOKEN_RULES)
        tokens = ClientCredentials(server, access.client_id, access.client_secret, {"scope": SCOPE}, given.now)
        self.remote = given.outbound.reach(access.url, budget=BUDGET, authorise=tokens.authorise)

    async def search(self, filters: Mapping[str, str], stretch: Slice, *, start: int, size: int = PAGE) -> Found:
        """Search offers created within the stretch, the newest first; none is answered 204.

        Errors: TryLater, CredentialsRefused, Broken.
        """
        params = {
            **filters,
            "minCreationDate": stretch.low.astimezone(UTC).strftime(_INSTANT),
            "maxCreationDate": stretch.high.astimezone(UTC).strftime(_INSTANT),
            "range": f"{start}-{start + size - 1}",
            "sort": "1",
        }
        reply = await self.remote.call("GET", "offres/search", params=params, is_json=True)
        if not reply.content:
            return Found([], 0)
        offers = reply.json.get("resultats") if isinstance(reply.json, dict) else None
        told = _CONTENT_RANGE.fullmatch(reply.headers.get("content-range", "").strip())
        if not isinstance(offers, list) or (told is None and reply.status == 206):
            raise Broken(_NOT_A_SEARCH)
        rows: list[JsonObject] = [offer if isinstance(offer, dict) else {"value": offer} for offer in offers]
        return Found(rows, int(told["total"]) if told is not None else len(rows))

    async def read_list(self, name: str) -> dict[str, str]:
        """Read one of its reference lists: labels by code.

        Errors: TryLater, CredentialsRefused, Broken.
        """
        entries = await self.remote.get_json(f"referentiel/{name}")
        if not isinstance(entries, list):
            raise Broken(_NOT_A_LIST)
        rows: list[JsonObject] = [entry for entry in entries if isinstance(entry, dict)]
        return {str(row.get("code")): str(row.get("libelle")) for row in rows}


_NOT_A_SEARCH = Text(
    "La réponse n'est pas une recherche d'offres de France Travail.",
    "The answer is no search of France Travail's offers.",
)
_NOT_A_LIST = Text("La réponse n'est pas un référentiel.", "The answer is no reference list.")
