"""Mappings are data, checked against the shape; transforms are pure and refuse what they cannot read."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raccord.bulk.mapping import (
    ColumnMapping,
    derive_mapping,
    load_mappings,
    map_fields,
    parse_mapping,
    read_external_id,
    recognise_mapping,
)
from raccord.kernel.errors import InvalidContentError
from raccord.kernel.refusals import JsonValue
from raccord.resources.field_paths import list_paths
from raccord.resources.structures.shape import StructureInput
from raccord.resources.transforms import TRANSFORMS, TransformError

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
EXAMPLE = """
name = "example"
external_id = "id"
[fields]
name = "Nom"
kind = { default = "ACI" }
"address.postal_code" = { column = "CP", transforms = ["postal_code"] }
"address.city" = "Ville"
is_brsa = { column = "RSA", transforms = ["boolean"], default = false }
"""


def parse(text: str) -> ColumnMapping:
    return parse_mapping(text, StructureInput)


def code_of(error: InvalidContentError) -> str:
    return error.errors[0].code


def test_a_mapping_makes_the_shape_of_columns() -> None:
    content = map_fields(parse(EXAMPLE), {"id": "1", "Nom": " Jardin ", "CP": 1000, "Ville": "", "RSA": "Oui", "?": 1})

    assert content == {"name": "Jardin", "kind": "ACI", "address": {"postal_code": "01000"}, "is_brsa": True}


def test_every_cell_at_fault_is_named_without_its_value() -> None:
    with pytest.raises(InvalidContentError) as caught:
        map_fields(parse(EXAMPLE), {"CP": [], "RSA": "peut-être"})

    assert [(item.name, item.code) for item in caught.value.errors] == [
        ("/address/postal_code", "string_type"), ("/is_brsa", "bool_parsing"),
    ]  # fmt: skip
    assert "peut-être" not in str(caught.value.errors)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("=", "malformed_toml"),
        ('name = "x"', "missing"),
        (EXAMPLE + 'nimporte = "x"', "unknown_field"),
        (EXAMPLE + '"address" = "x"', "unknown_field"),
        (EXAMPLE + 'siret = { column = "s", transforms = ["eval"] }', "unknown_transform"),
        (EXAMPLE + 'siret = { colonne = "s" }', "extra_forbidden"),
    ],
)
def test_a_wrong_mapping_is_refused(text: str, code: str) -> None:
    with pytest.raises(InvalidContentError) as caught:
        parse(text)

    assert code in [item.code for item in caught.value.errors]


def test_two_mappings_have_two_fingerprints() -> None:
    other = parse(EXAMPLE.replace('"Nom"', '"Name"'))

    assert parse(EXAMPLE).fingerprint == parse(EXAMPLE).fingerprint != other.fingerprint


def test_own_names_are_read_by_the_types_of_the_shape() -> None:
    names = ["external_id", "kind", "name", "is_antenna", "address.city", "address.postal_code", "location.latitude"]

    content = map_fields(
        derive_mapping(StructureInput, names),
        dict(zip(names, ["1", "ACI", "Jardin", "non", "", "", "45,5"], strict=True)),
    )

    assert content == {"kind": "ACI", "name": "Jardin", "is_antenna": False, "location": {"latitude": 45.5}}


@pytest.mark.parametrize(
    ("columns", "code"), [(["kind", "name"], "missing_column"), (["external_id", "Nom"], "unknown_column")]
)
def test_columns_that_do_not_fit_are_refused(columns: list[str], code: str) -> None:
    with pytest.raises(InvalidContentError) as caught:
        derive_mapping(StructureInput, columns)

    assert code_of(caught.value) == code


def test_the_shipped_mapping_is_known_by_its_columns() -> None:
    known = load_mappings("structures", StructureInput)
    mapping = known["siae-2023"]

    assert recognise_mapping(known.values(), [*mapping.columns, *mapping.ignored]) is mapping
    assert recognise_mapping(known.values(), [*mapping.columns, "autre"]) is None
    assert load_mappings("people", StructureInput) == {}


def test_a_made_up_siret_is_never_published() -> None:
    mapping = load_mappings("structures", StructureInput)["siae-2023"]

    content = map_fields(mapping, {"external_id": "1", "kind": "ACI", "siret": "130025265 99901", "name": "Antenne"})

    assert content == {"kind": "ACI", "is_antenna": True, "name": "Antenne"}


def test_the_paths_of_the_shape_are_its_plain_fields() -> None:
    paths = list_paths(StructureInput)

    assert paths["address.insee_code"] == "text"
    assert paths["location.longitude"] == "number"
    assert "address" not in paths


@pytest.mark.parametrize(
    ("name", "given_", "read"),
    [
        ("siret", "130 025 265 00013", "13002526500013"),
        ("siret", 13002526500013, "13002526500013"),
        ("siret", "13002526599901", None),
        ("is_antenna", "13002526599901", True),
        ("is_antenna", "13002526500013", False),
        ("naf", "88.99b", "8899B"),
        ("department", "1", "01"),
        ("department", "2a", "2A"),
        ("department", "974", "974"),
        ("postal_code", 1000.0, "01000"),
        ("number", "1 234,5", 1234.5),
        ("number", "12", 12),
        ("number", 4.5, 4.5),
        ("boolean", "OUI", True),
        ("boolean", 0, False),
        ("boolean", True, True),
        ("date", "1/2/2025", "2025-02-01"),
        ("date", "2025-02-01T10:00:00Z", "2025-02-01"),
        ("upper", "aci", "ACI"),
        ("lower", "A@B.FR", "a@b.fr"),
        ("fold_spaces", "a \n b", "a b"),
    ],
)
def test_transforms_read_what_spreadsheets_write(name: str, given_: JsonValue, read: JsonValue) -> None:
    assert TRANSFORMS[name](given_) == read


@given(st.sampled_from(sorted(TRANSFORMS)), SCALARS | st.lists(SCALARS) | st.dictionaries(st.text(), SCALARS))
def test_a_transform_answers_or_refuses(name: str, value: JsonValue) -> None:
    with suppress(TransformError):
        json.dumps(TRANSFORMS[name](value), allow_nan=False)


@given(SCALARS | st.lists(SCALARS))
def test_an_external_id_is_text_or_nothing(value: JsonValue) -> None:
    read = read_external_id(None, {"external_id": value})

    assert read is None or read == str(value).strip()
