"""The caller: a client's software, what its token allows, the structures it acts for, and why it asks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from raccord.kernel.errors import (
    InsufficientScopeError,
    InvalidHeaderError,
    MissingHeaderError,
    PurposeNotAllowedError,
    StructureNotGrantedError,
)
from raccord.kernel.refusals import FieldError
from raccord.kernel.text import Text

_ACTOR = re.compile(r"[\x21-\x7e]{1,128}")


@dataclass(frozen=True)
class Caller:
    """A client at the moment of one request.

    Shape:  `structures` maps each structure that authorised the client to the scopes it granted.
    """

    client_id: UUID
    name: str
    source: str
    scopes: frozenset[str]
    purposes: frozenset[str]
    structures: Mapping[UUID, frozenset[str]]
    purpose: str | None = None
    actor: str | None = None
    request_id: str = ""

    def require_scope(self, scope: str) -> None:
        """Refuse unless the token has the scope.

        Errors: InsufficientScopeError, with the challenge of RFC 6750 §3.
        """
        if scope not in self.scopes:
            raise InsufficientScopeError(
                Text(f"Portée requise : {scope}.", f"Scope required: {scope}."),
                headers={"WWW-Authenticate": f'Bearer realm="raccord", error="insufficient_scope", scope="{scope}"'},
                extensions={"required_scope": scope},
            )

    def require_structure(self, structure_id: UUID, scope: str, pointer: str) -> None:
        """Refuse unless the structure granted the scope to the client.

        Errors: StructureNotGrantedError.
        """
        if scope not in self.structures.get(structure_id, frozenset()):
            message = Text(
                f"Cette structure n'a pas autorisé votre logiciel pour {scope}.",
                f"This structure has not authorised your software for {scope}.",
            )
            raise StructureNotGrantedError(message, [FieldError("pointer", pointer, "structure_not_granted", message)])

    def state_purpose(self, purpose: str | None, actor: str | None) -> Caller:
        """Return the caller with the purpose of this call, which personal kinds require.

        Errors: MissingHeaderError, PurposeNotAllowedError, InvalidHeaderError.
        """
        if purpose is None:
            message = Text("Raccord-Purpose est requis ici.", "Raccord-Purpose is required here.")
            raise MissingHeaderError(
                message,
                [FieldError("header", "Raccord-Purpose", "missing", message)],
                extensions={"purposes": [*sorted(self.purposes)]},
            )
        if purpose not in self.purposes:
            message = Text("Cette finalité n'est pas dans votre jeton.", "This purpose is not in your token.")
            raise PurposeNotAllowedError(
                message,
                [FieldError("header", "Raccord-Purpose", "purpose_not_allowed", message)],
                extensions={"purposes": [*sorted(self.purposes)]},
            )
        if actor is not None and not _ACTOR.fullmatch(actor):
            message = Text("1 à 128 caractères ASCII visibles.", "1 to 128 visible ASCII characters.")
            raise InvalidHeaderError(message, [FieldError("header", "Raccord-Actor", "invalid_actor", message)])
        return replace(self, purpose=purpose, actor=actor)
