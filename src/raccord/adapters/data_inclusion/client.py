"""The API of data·inclusion, as it is: numbered pages, a total with each, one fixed token.

Source: data·inclusion, API v1, July 2026.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from pydantic import ValidationError

from raccord.adapters.contract import Broken, Budget, Equipment, Received
from raccord.kernel.outbound import Remote
from raccord.kernel.outgoing_credentials import send_header
from raccord.kernel.strict_json import JsonObject
from raccord.kernel.text import Text

# They publish no limit. Each page counts all its rows once more, so it is not asked for lightly.
BUDGET = Budget(calls=4, per_s=1.0, concurrency=2)
PATHS: Mapping[str, str] = {"structures": "api/v1/structures", "services": "api/v1/services"}


class PageHead(Received):
    """What a page says of the list. Its `size` is how many rows came, not how many were asked for."""

    total: int
    page: int
    pages: int


@dataclass(frozen=True)
class Page:
    """A page of a list."""

    rows: list[JsonObject]
    total: int
    pages: int


class Client:
    """What is asked of it."""

    def __init__(self, given: Equipment, url: str, token: str) -> None:
        authorise = send_header("authorization", f"Bearer {token}")
        self.remote: Remote = given.outbound.reach(url, budget=BUDGET, authorise=authorise)

    async def read_page(self, kind: str, filters: Mapping[str, list[str]], *, page: int, size: int) -> Page:
        """Read a page; one past the end has no rows.

        Errors: TryLater, CredentialsRefused, Broken.
        """
        query = urlencode({**filters, "page": [str(page)], "size": [str(size)]}, doseq=True)
        answer = await self.remote.get_json(f"{PATHS[kind]}?{query}")
        items = answer.get("items") if isinstance(answer, dict) else None
        try:
            head = PageHead.model_validate(answer)
        except ValidationError:
            raise Broken(_NOT_A_PAGE) from None
        if not isinstance(items, list):
            raise Broken(_NOT_A_PAGE)
        # What is no object becomes one that bears no id.
        return Page([item if isinstance(item, dict) else {"value": item} for item in items], head.total, head.pages)


_NOT_A_PAGE = Text("La réponse n'est pas une page de data·inclusion.", "The answer is no page of data·inclusion.")
