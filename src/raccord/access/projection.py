"""What a caller sees of a personal record: the one function, and the table of purposes that it applies.

Deny by default: a field without a category is shown to nobody. That something is hidden is said (`restrictions`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal
from uuid import UUID

from raccord.access.caller import Caller
from raccord.kernel.identifiers import PairwiseIdentifiers
from raccord.kernel.refusals import JsonValue
from raccord.kernel.strict_json import JsonObject

Category = Literal["envelope", "identity", "contact", "plan", "employment_periods"]

# Which categories each purpose needs. Published as it stands in docs/architecture.md.
PURPOSES: Mapping[str, frozenset[Category]] = {
    "prescription": frozenset({"identity", "contact", "plan", "employment_periods"}),
    "iae_recruitment": frozenset({"identity", "contact", "plan", "employment_periods"}),
    "career_support": frozenset({"identity", "contact", "plan", "employment_periods"}),
    "orientation": frozenset({"identity", "contact", "plan"}),
    "immersion": frozenset({"identity", "contact"}),
    "pseudonymised_steering": frozenset({"plan", "employment_periods"}),
    "data_subject_rights": frozenset({"identity", "contact", "plan", "employment_periods"}),
}
# Categories that a scope opens besides the purpose.
SCOPED: Mapping[Category, str] = {"identity": "people:identity", "contact": "people:contact"}


def list_visible_categories(caller: Caller) -> frozenset[Category]:
    """List the categories that the caller's purpose and scopes open."""
    wanted = PURPOSES.get(caller.purpose or "", frozenset())
    opened = {category for category in wanted if category not in SCOPED or SCOPED[category] in caller.scopes}
    return frozenset(opened | {"envelope"})


def project(
    document: JsonObject,
    caller: Caller,
    categories: Mapping[str, Category],
    person_fields: tuple[str, ...],
    pairwise: PairwiseIdentifiers,
) -> JsonObject:
    """Return what the caller may see of the document.

    Shape: `person_fields` hold person ids, which become the client's own; `restrictions` names hidden categories.
    """
    visible = list_visible_categories(caller)
    shown: JsonObject = {}
    hidden: set[str] = set()
    for field, value in document.items():
        category = categories.get(field)
        if category in visible:
            shown[field] = conceal_person(value, pairwise) if field in person_fields else value
        elif category is not None:
            hidden.add(category)
    restrictions: list[JsonValue] = [*sorted(hidden)]
    shown["restrictions"] = restrictions
    if "id" in person_fields and document["source"] != caller.source:
        shown["external_id"] = None
    return shown


def conceal_person(value: JsonValue, pairwise: PairwiseIdentifiers) -> JsonValue:
    """Turn a stored person id into the client's own."""
    return str(pairwise.conceal(UUID(str(value)))) if value is not None else None
