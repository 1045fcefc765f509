"""Every kind, in one place: routes, scopes, the feed, imports, documentation and tests derive from this line."""

from __future__ import annotations

from collections.abc import Sequence

from raccord.access.projection import PURPOSES
from raccord.kernel.errors import InvalidContentError
from raccord.kernel.refusals import FieldError
from raccord.kernel.text import Text
from raccord.records.kind import Kind
from raccord.resources.career_paths.kind import CAREER_PATHS
from raccord.resources.job_offers.kind import JOB_OFFERS
from raccord.resources.people.kind import PEOPLE
from raccord.resources.prescriptions.kind import PRESCRIPTIONS
from raccord.resources.services.kind import SERVICES
from raccord.resources.structures.kind import STRUCTURES

KINDS: tuple[Kind, ...] = (STRUCTURES, SERVICES, JOB_OFFERS, PEOPLE, PRESCRIPTIONS, CAREER_PATHS)
KINDS_BY_NAME = {kind.name: kind for kind in KINDS}


CONNECTIONS_SCOPE = "connections:manage"


def list_scopes() -> dict[str, str]:
    """List every scope with what it opens, for OAuth2 and the documentation."""
    scopes: dict[str, str] = {}
    for kind in KINDS:
        scopes[kind.scope("read")] = f"Lire : {kind.title}."
        scopes[kind.scope("write")] = f"Écrire : {kind.title}."
    scopes["people:identity"] = "Voir l'identité des personnes liées."
    scopes["people:contact"] = "Voir les coordonnées des personnes liées."
    scopes[CONNECTIONS_SCOPE] = "Relier des outils, et suivre leurs synchronisations."
    scopes["tokens:introspect"] = "Examiner les jetons d'autres clients."
    return scopes


def check_scopes(scopes: Sequence[str]) -> None:
    """Check that every scope exists.

    Errors: InvalidContentError.
    """
    _check_known("scopes", scopes, sorted(list_scopes()))


def check_purposes(purposes: Sequence[str]) -> None:
    """Check that every purpose exists.

    Errors: InvalidContentError.
    """
    _check_known("purposes", purposes, sorted(PURPOSES))


def _check_known(name: str, given: Sequence[str], known: Sequence[str]) -> None:
    if not set(given) <= set(known):
        message = Text(f"Parmi : {', '.join(known)}.", f"One of: {', '.join(known)}.")
        raise InvalidContentError(message, [FieldError("pointer", f"/{name}", "unknown_code", message)])
