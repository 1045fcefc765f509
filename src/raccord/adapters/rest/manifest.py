"""What the adapter declares of itself."""

from __future__ import annotations

from raccord.adapters.contract import Budget, Capability, Exempt, Manifest
from raccord.adapters.rest.adapter import RestAdapter
from raccord.adapters.rest.connection import RestCursor, RestSecrets, RestSettings
from raccord.kernel.text import Text

_KINDS = ("structures", "services", "job_offers")

MANIFEST = Manifest(
    name="rest",
    title=Text("API REST, par description", "REST API, by description"),
    description=Text(
        "Raccorde l'API REST d'un éditeur et ses webhooks, en lecture et en écriture, par un seul fichier TOML.",
        "Connects a publisher's REST API and its webhooks, in and out, by one TOML file.",
    ),
    reads=_KINDS,
    writes=_KINDS,
    capabilities=frozenset(Capability),
    build=RestAdapter,
    settings=RestSettings,
    secrets=RestSecrets,
    cursor=RestCursor,
    receives=lambda settings: isinstance(settings, RestSettings) and settings.parsed.receive is not None,
    auth=("none", "api_key", "basic", "bearer", "oauth2_cc"),
    # The ceiling; each spec declares its tool's own.
    budget=Budget(),
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
        "idempotent_push": "done",
        "rate_limit_respected": "done",
        "loss_logged_once": "done",
        "named_owner": "done",
        "deletions_carried": "done",
        "credentials_renewed": "done",
        "drift_detected": "done",
        "real_day_replayed": Exempt("describes any tool: a day of each is replayed with its own spec"),
    },
)
