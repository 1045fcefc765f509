"""What the adapter of Les emplois declares of itself."""

from __future__ import annotations

from raccord.adapters.contract import Capability, Exempt, Kinds, Manifest
from raccord.adapters.les_emplois.adapter import KINDS, KINDS_OF_ALL, LesEmploisAdapter
from raccord.adapters.les_emplois.client import BUDGETS
from raccord.adapters.les_emplois.settings import LesEmploisCursor, LesEmploisSecrets, LesEmploisSettings
from raccord.kernel.shapes import Shape
from raccord.kernel.text import Text


def list_kinds(settings: Shape) -> Kinds:
    """List the kinds of a connection: applications only with what looking persons up asks for."""
    has_persons = isinstance(settings, LesEmploisSettings) and settings.can_follow_persons
    return Kinds(frozenset(KINDS if has_persons else KINDS_OF_ALL))


MANIFEST = Manifest(
    name="les_emplois",
    title=Text("Les emplois de l'inclusion", "Les emplois de l'inclusion"),
    description=Text(
        "Les employeurs de l'insertion et leurs offres ; les candidatures de personnes données, avec un jeton de "
        "département.",
        "The employers of insertion and their offers; applications of given persons, with a département's token.",
    ),
    reads=KINDS,
    capabilities=frozenset({Capability.PULL}),
    build=LesEmploisAdapter,
    settings=LesEmploisSettings,
    secrets=LesEmploisSecrets,
    cursor=LesEmploisCursor,
    uses=list_kinds,
    auth=("none", "token"),
    # The fastest of the four; each sort of token has its own.
    budget=BUDGETS["user"],
    owner="Raccord",
    contact="equipe@raccord.example",
    quality={
        "manifest_complete": "done",
        "suite_passes": "done",
        "check_before_first_run": "done",
        "translate_is_pure": "done",
        "secrets_declared": "done",
        "docs_page": "done",
        "errors_mapped": "done",
        "incremental": Exempt("the API has no changed-since: every walk is whole, and an unchanged row costs a hash"),
        "idempotent_push": Exempt("the API is read-only"),
        "rate_limit_respected": "done",
        "loss_logged_once": "done",
        "named_owner": "done",
    },
)
