"""What the adapter declares of itself."""

from __future__ import annotations

from collections.abc import Iterable

from raccord.adapters.contract import Address, Budget, Capability, Exempt, Kinds, Manifest
from raccord.adapters.rest.adapter import RestAdapter
from raccord.adapters.rest.client import list_urls
from raccord.adapters.rest.connection import RestCursor, RestSecrets, RestSettings
from raccord.adapters.rest.walk import list_steps, list_told_steps
from raccord.kernel.shapes import Shape
from raccord.kernel.text import Text

_KINDS = ("structures", "services", "job_offers")


def list_kinds(settings: Shape) -> Kinds:
    """List the kinds of a connection: those of the streams of its spec."""
    if not isinstance(settings, RestSettings):
        return Kinds(frozenset())
    spec = settings.parsed
    written = frozenset(str(stream.kind) for stream in spec.streams.values() if stream.write is not None)
    return Kinds(frozenset(step.kind for step in (*list_steps(spec), *list_told_steps(spec))), written)


def list_addresses(settings: Shape) -> Iterable[Address]:
    """List where a connection calls: the tool, and who gives its tokens."""
    if isinstance(settings, RestSettings):
        yield from (Address("/spec", url) for url in list_urls(settings))


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
    uses=list_kinds,
    addresses=list_addresses,
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
