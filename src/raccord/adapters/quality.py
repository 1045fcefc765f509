"""The quality scale of adapters: its rules, by tier, and how an adapter answers them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Exempt:
    """A rule of the quality scale that does not apply, and why."""

    why: str


Quality = Mapping[str, Literal["done"] | Exempt]
BRONZE = ("manifest_complete", "suite_passes", "check_before_first_run", "translate_is_pure", "secrets_declared",
          "docs_page")  # fmt: skip
SILVER = ("errors_mapped", "incremental", "idempotent_push", "rate_limit_respected", "loss_logged_once", "named_owner")
GOLD = ("deletions_carried", "credentials_renewed", "drift_detected", "real_day_replayed")
TIERS = {"bronze": BRONZE, "silver": SILVER, "gold": GOLD}


def find_tier(quality: Quality) -> str | None:
    """Find the highest tier all of whose rules, and of those below, are answered."""
    reached = None
    for name, rules in TIERS.items():
        if not all(rule in quality for rule in rules):
            break
        reached = name
    return reached
