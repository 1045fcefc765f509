"""What the calling software is and may do."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Security
from pydantic import Field

from raccord.access.caller import Caller
from raccord.kernel.errors import UnknownParameterError
from raccord.kernel.openapi import describe_answer, describe_problems
from raccord.kernel.shapes import Shape
from raccord.oauth.authentication import get_caller


class GrantedStructure(Shape):
    """A structure for which the client acts, and what it granted."""

    structure_id: str = Field(description="Structure.")
    scopes: list[str] = Field(description="Portées qu'elle vous a ouvertes.")


class Me(Shape):
    """The client behind the token."""

    client_id: str = Field(description="Identifiant du logiciel.")
    name: str = Field(description="Nom du logiciel.")
    source: str = Field(description="Source sous laquelle il écrit.")
    scopes: list[str] = Field(description="Portées de ce jeton.")
    purposes: list[str] = Field(description="Finalités permises, pour Raccord-Purpose.")
    structures: list[GrantedStructure] = Field(description="Structures qui ont autorisé ce logiciel.")


_EXAMPLE = {
    "client_id": "019a0000-0000-7000-8000-0000000000c1",
    "name": "Logiciel de démonstration",
    "source": "logiciel-demo",
    "scopes": ["structures:read", "prescriptions:write"],
    "purposes": ["prescription"],
    "structures": [
        {"structure_id": "019a0000-0000-7000-8000-00000000000a", "scopes": ["prescriptions:write"]},
    ],
}


def build_me_router() -> APIRouter:
    """Build the router."""
    router = APIRouter(tags=["Me"])

    @router.get(
        "/v1/me",
        operation_id="read_me",
        summary="Connaître ses droits",
        responses={
            200: describe_answer("Vos droits.", Me, _EXAMPLE),
            **describe_problems(UnknownParameterError),
        },
    )
    async def read_me(caller: Annotated[Caller, Security(get_caller)]) -> Me:
        """Lister vos portées, vos finalités, et les structures qui vous ont autorisé."""
        structures = [
            GrantedStructure(structure_id=str(structure_id), scopes=sorted(scopes))
            for structure_id, scopes in sorted(caller.structures.items())
        ]
        return Me(
            client_id=str(caller.client_id),
            name=caller.name,
            source=caller.source,
            scopes=sorted(caller.scopes),
            purposes=sorted(caller.purposes),
            structures=structures,
        )

    return router
