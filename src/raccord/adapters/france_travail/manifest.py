"""What the adapter of France Travail's offers declares of itself."""

from __future__ import annotations

from raccord.adapters.contract import Capability, Exempt, Manifest
from raccord.adapters.france_travail.adapter import (
    KIND,
    FranceTravailAdapter,
    FranceTravailSecrets,
    FranceTravailSettings,
)
from raccord.adapters.france_travail.client import BUDGET
from raccord.adapters.france_travail.walking import FranceTravailCursor
from raccord.kernel.text import Text

MANIFEST = Manifest(
    name="france_travail",
    title=Text("France Travail, offres d'emploi", "France Travail, job offers"),
    description=Text(
        "Les offres d'emploi de France Travail (API Offres d'emploi v2).",
        "The job offers of France Travail (API Offres d'emploi v2).",
    ),
    reads=(KIND,),
    capabilities=frozenset({Capability.PULL, Capability.INCREMENTAL}),
    build=FranceTravailAdapter,
    settings=FranceTravailSettings,
    secrets=FranceTravailSecrets,
    cursor=FranceTravailCursor,
    auth=("oauth2_client_credentials",),
    budget=BUDGET,
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
        "incremental": "done",
        "idempotent_push": Exempt("the API takes no offers: employers and partners file them elsewhere"),
        "rate_limit_respected": "done",
        "loss_logged_once": "done",
        "named_owner": "done",
    },
)
