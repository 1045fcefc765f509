"""A published code list and the enumeration of the contract are the same thing."""

from __future__ import annotations

import pytest

from raccord.reference.lists import LISTS
from tests.operations import list_operations, read_document
from tests.reference.enumerations import list_enumerations

SCHEMAS = read_document()["components"]["schemas"]
SHOWN = [item for item in list_enumerations() if item.__name__ in SCHEMAS]


def test_the_contract_shows_enumerations_of_ours() -> None:
    """Keep the comparison below from passing on nothing."""
    assert {"StructureKind", "PrescriptionState"} <= {item.__name__ for item in SHOWN}


@pytest.mark.parametrize("enumeration", SHOWN, ids=lambda enumeration: enumeration.__name__)
def test_a_published_list_equals_its_enumeration_in_the_contract(enumeration: type[str]) -> None:
    shown = tuple(SCHEMAS[enumeration.__name__]["enum"])

    assert shown in {code_list.values for code_list in LISTS}
    assert shown == tuple(enumeration)  # type: ignore[arg-type]  # a StrEnum is iterable


def test_every_enumeration_of_the_contract_is_a_published_list() -> None:
    """Find no closed list of codes that partners could not read with its labels."""
    published = {item.__name__ for item in list_enumerations()}
    shown = {name for name, schema in SCHEMAS.items() if "enum" in schema}

    assert shown <= published


def test_the_codes_of_every_filter_are_a_published_list() -> None:
    """Find no filter whose codes partners could not read with their labels; names of ours are no codes."""
    published = {code_list.values for code_list in LISTS}
    # Orders, facets and kinds are names of the API itself.
    ours = {("list_changes", "kind"), ("list_changes", "type"), ("create_import", "kind"), ("create_import", "mapping")}
    closed = {
        (operation.name, parameter["name"]): tuple(codes)
        for operation in list_operations()
        for parameter in operation.list_parameters("query")
        if (codes := parameter["schema"].get("enum") or parameter["schema"].get("items", {}).get("enum"))
    }

    assert len(closed) > 20
    unknown = {place for place, codes in closed.items() if codes not in published}
    assert {place for place in unknown if place[1] not in ("sort", "facets")} == ours
