"""What the adapter of data·inclusion declares of itself."""

from __future__ import annotations

from raccord.adapters.contract import Capability, Exempt, Manifest
from raccord.adapters.data_inclusion.adapter import (
    KINDS,
    DataInclusionAdapter,
    DataInclusionCursor,
    DataInclusionSecrets,
    DataInclusionSettings,
)
from raccord.adapters.data_inclusion.client import BUDGET
from raccord.kernel.text import Text

_NO_PUSH = Exempt("the API takes nothing: what its sources say is changed at its sources")

MANIFEST = Manifest(
    name="data_inclusion",
    title=Text("data·inclusion", "data·inclusion"),
    description=Text(
        "Les structures et services de l'insertion recensés par data·inclusion (API v1).",
        "The structures and services of insertion listed by data·inclusion (API v1).",
    ),
    reads=KINDS,
    capabilities=frozenset({Capability.PULL}),
    build=DataInclusionAdapter,
    settings=DataInclusionSettings,
    secrets=DataInclusionSecrets,
    cursor=DataInclusionCursor,
    auth=("bearer",),
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
        "incremental": Exempt("the API has no changed-since: every walk is whole, and an unchanged row costs a hash"),
        "idempotent_push": _NO_PUSH,
        "rate_limit_respected": "done",
        "loss_logged_once": "done",
        "named_owner": "done",
    },
)
