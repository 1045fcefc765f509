"""data·inclusion with the faults that it is told to have."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from raccord.demo.data_inclusion import DataInclusion
from tests.adapters.data_inclusion.records import FULL_SERVICE, FULL_STRUCTURE
from tests.adapters.stand_in import Row, StandIn

TOKEN = "eyJ-the-token-of-data-inclusion"


class DataInclusionTool(StandIn):
    """The tool."""

    def __init__(self, structures: list[Row], services: list[Row], token: str = TOKEN) -> None:
        super().__init__(structures, token=token)
        self.services = services

    async def answer(self, request: Request) -> Response:
        return DataInclusion(self.rows, self.services, str(self.token)).answer(request)


def make_structure(number: int, **fields: object) -> Row:
    """Make a structure as it sends them; SIRET of nobody are left out."""
    known = {name: value for name, value in FULL_STRUCTURE.items() if name not in ("siret", "doublons")}
    return {**known, "id": f"dora--{number:05}", "nom": f"Maison inventée {number}", **fields}


def make_service(number: int, structure: int, **fields: object) -> Row:
    """Make a service of a structure."""
    return {**FULL_SERVICE, "id": f"dora--s{number:05}", "structure_id": f"dora--{structure:05}", **fields}


def make_tool(structures: int = 25, services: int = 12) -> DataInclusionTool:
    """Make a directory."""
    return DataInclusionTool(
        [make_structure(number) for number in range(1, structures + 1)],
        [make_service(number, 1 + number % structures) for number in range(1, services + 1)],
    )
