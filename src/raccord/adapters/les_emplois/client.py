"""The API of Les emplois, as it is: numbered pages, a token of four kinds, a throttle for each.

Source: Les emplois de l'inclusion, API v1, August 2026.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from raccord.adapters.contract import Broken, Budget, Equipment
from raccord.kernel.outbound import Remote, Reply
from raccord.kernel.outgoing_credentials import send_header
from raccord.kernel.refusals import JsonValue
from raccord.kernel.response_rules import Action, Rule, on
from raccord.kernel.strict_json import JsonObject
from raccord.kernel.text import Text

Access = Literal["none", "user", "department", "company", "service"]
# Calls per minute. Tokens of a département share one bucket with all the others, and those of services:
# half of it is left to them.
BUDGETS: Mapping[Access, Budget] = {
    "none": Budget(calls=12, per_s=60.0, concurrency=1),
    "user": Budget(calls=120, per_s=60.0, concurrency=2),
    "department": Budget(calls=60, per_s=60.0, concurrency=1),
    "company": Budget(calls=12, per_s=60.0, concurrency=1),
    "service": Budget(calls=12, per_s=60.0, concurrency=1),
}
# The others open what is not read here: sent to the directory, they are refused.
SENT: frozenset[Access] = frozenset({"user", "department"})
_PAST_THE_END = (Rule(Action.RETURN, on(404)),)


@dataclass(frozen=True)
class Page:
    """A page of a list. It is past the end if rows went meanwhile: that is answered 404."""

    rows: list[JsonObject]
    total: int
    has_next: bool
    is_past_end: bool = False


@dataclass(frozen=True)
class Person:
    """A person to look up: all four are asked for."""

    nir: str
    last_name: str
    first_name: str
    birth_date: str


class Client:
    """What is asked of it."""

    def __init__(self, given: Equipment, url: str, access: Access, token: str | None) -> None:
        authorise = send_header("authorization", f"Token {token}") if token and access in SENT else None
        reach = given.outbound.reach
        budget = BUDGETS[access if authorise is not None else "none"]
        self.first: Remote = reach(url, budget=budget, authorise=authorise)
        # A first page that is not there is another contract; a later one may have gone.
        self.later: Remote = reach(url, budget=budget, authorise=authorise, rules=_PAST_THE_END)

    async def read_structures(self, filters: Mapping[str, str], *, page: int, size: int) -> Page:
        """Read a page of structures with their positions.

        Errors: TryLater, CredentialsRefused, Broken.
        """
        params = {**filters, "page": str(page), "page_size": str(size)}
        remote = self.first if page == 1 else self.later
        return _read_page(await remote.call("GET", "api/v1/siaes/", params=params, is_json=True))

    async def find_applications(self, person: Person, *, page: int) -> Page:
        """Find a person's applications whose last change is less than three months old. Nothing is written by it.

        Errors: TryLater, CredentialsRefused, Broken.
        """
        body: JsonObject = {
            "nir": person.nir,
            "nom": person.last_name,
            "prenom": person.first_name,
            "date_naissance": person.birth_date,
        }
        remote = self.first if page == 1 else self.later
        reply = await remote.call(
            "POST", "api/v1/candidatures/recherche/", params={"page": str(page)}, json_body=body, is_json=True,
            may_repeat=True,
        )  # fmt: skip
        return _read_page(reply)


def _read_page(reply: Reply) -> Page:
    if reply.status == 404:
        return Page([], 0, has_next=False, is_past_end=True)
    answer: JsonValue = reply.json
    results, total = (answer.get("results"), answer.get("count")) if isinstance(answer, dict) else (None, None)
    if not isinstance(answer, dict) or not isinstance(results, list) or not isinstance(total, int):
        raise Broken(_NOT_A_PAGE)
    # What is no object becomes one that bears no id.
    rows: list[JsonObject] = [row if isinstance(row, dict) else {"value": row} for row in results]
    return Page(rows, total, has_next=answer.get("next") is not None)


_NOT_A_PAGE = Text("La réponse n'est pas une page de Les emplois.", "The answer is no page of Les emplois.")
