"""A mapping is proposed from headers as people write them, and says how sure it is."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raccord.adapters.field_rules import OpenKind, list_readers
from raccord.adapters.spreadsheet.previewing import preview_table
from raccord.adapters.spreadsheet.proposing import CERTAIN, MIN_CONFIDENCE, propose_mapping
from raccord.adapters.spreadsheet.words import SHARED, WORDS
from raccord.kernel.strict_json import JsonObject
from tests.adapters.spreadsheet.books import row, write_book
from tests.house.sources import ROOT
from tests.house.test_docs import split_row

GLOSSARY = ROOT / "docs" / "glossary.md"
KINDS: list[OpenKind] = ["structures", "services", "job_offers"]
SECTIONS: list[tuple[str, OpenKind, str]] = [
    ("Structure", "structures", ""),
    ("Postal address", "structures", "address."),
    ("Coordinates", "structures", "location."),
    ("Service", "services", ""),
    ("Job offer", "job_offers", ""),
]
# Names that say nothing by themselves, or of a value and not of the field.
VAGUE = {
    "—", "836 à 840 (SIAE)", "kind", "source", "authorization_status", "reseaux_porteurs", "employeur",
    "spontaneous_applications_open_since", "sous son nom dans la source", "sous l'identifiant de la source",
    "qualification (0", "9)", "is_active", "présence",
}  # fmt: skip


def find(kind: OpenKind, column: str) -> tuple[str, float] | None:
    guesses = propose_mapping(kind, [column]).guesses
    return (guesses[0].field, guesses[0].confidence) if guesses else None


@pytest.mark.parametrize(
    ("column", "field"),
    [
        ("Raison Sociale", "name"), ("RAISON_SOCIALE", "name"), ("raisonSociale", "name"), ("N° SIRET", "siret"),
        ("Numéro de SIRET", "siret"), ("CP", "address.postal_code"), ("Code Postal", "address.postal_code"),
        ("Ville", "address.city"), ("Commune", "address.city"), ("Tél.", "phone"), ("TELEPHONE", "phone"),
        ("Adresse e-mail", "email"), ("Site Internet", "website"), ("Latitude", "location.latitude"),
        ("Date de MAJ", "source_updated_on"), ("Type de la structure", "kind"), ("Thématiques", "topics"),
        ("Code INSEE", "address.insee_code"), ("Adresse", "address.line_1"), ("Complément d’adresse", "address.line_2"),
    ],
)  # fmt: skip
def test_headers_as_people_write_them(column: str, field: str) -> None:
    found = find("structures", column)

    assert found is not None
    assert found[0] == field


def test_every_name_of_the_glossary_is_known() -> None:
    unknown = [
        f"{column} is not {field}"
        for title, kind, prefix in SECTIONS
        for field, names in read_section(title)
        if prefix + field in list_readers(kind) and field != "structure_id"
        for column in names
        if column not in VAGUE and find(kind, column) not in [(prefix + field, sure) for sure in (1.0, 0.95)]
    ]

    assert not unknown


def read_section(title: str) -> list[tuple[str, list[str]]]:
    """Read the fields of a section of the glossary, with what they are called."""
    section = GLOSSARY.read_text("utf-8").split(f"\n## {title} (", 1)[1].split("\n## ", 1)[0]
    rows = [split_row(line) for line in section.splitlines() if line.startswith("| `")]
    return [
        (row[0].strip("`"), [name.strip() for cell in (row[1], *row[4:]) for name in cell.split(", ")]) for row in rows
    ]


def test_a_whole_table_is_proposed_and_the_person_sees_what_is_left() -> None:
    columns = ["Identifiant", "Raison sociale", "Type", "CP", "Ville", "Chargé de suivi"]

    proposal = propose_mapping("structures", columns)

    assert proposal.external_id == "Identifiant"
    assert {guess.column: guess.field for guess in proposal.guesses} == {
        "Raison sociale": "name", "Type": "kind", "CP": "address.postal_code", "Ville": "address.city",
    }  # fmt: skip
    assert proposal.unknown_columns == ("Chargé de suivi",)
    assert not proposal.missing_fields
    mapping = proposal.make_mapping()
    assert mapping is not None
    assert mapping.ignored == ["Chargé de suivi"]
    assert mapping.fields["address.postal_code"].transforms == ["postal_code"]
    mapping.check("structures")


def test_cells_confirm_and_doubt() -> None:
    rows: list[JsonObject] = [{"Type": "x", "Siret": "inconnu", "Établissement": "13002526500013"} for _ in range(5)]
    guesses = {guess.column: guess for guess in propose_mapping("structures", ["Siret", "Établissement"], rows).guesses}

    assert guesses["Établissement"].field == "siret"
    assert guesses["Établissement"].confidence < CERTAIN


def test_what_names_the_rows_is_never_blank_or_twice() -> None:
    rows: list[JsonObject] = [{"Id": 1, "Code": "a"}, {"Id": 1, "Code": "b"}, {"Code": "c"}]

    assert propose_mapping("structures", ["Id", "Code", "Nom"], rows).external_id == "Code"


def test_without_a_required_field_there_is_no_mapping() -> None:
    proposal = propose_mapping("structures", ["Id", "Ville"])

    assert proposal.missing_fields == ("name",)
    assert proposal.make_mapping() is None


def test_the_words_are_of_fields_that_exist() -> None:
    for kind in KINDS:
        assert set(WORDS[kind]) <= set(list_readers(kind))
    assert set(SHARED) <= {field.rpartition(".")[2] for kind in KINDS for field in list_readers(kind)}


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
def test_a_file_is_proposed_from_its_top(name: str) -> None:
    cells = [["Structures de la Loire"], [], ["Id", "Nom", "Mèl"], ["7", "Jardins", "a@b.fr"], ["8", "Éole", "c@d.fr"]]
    book = write_book("".join(row(*line) for line in cells)) if name == "a.xlsx" else b""
    content = book or "\n".join(";".join(line) for line in cells).encode("cp1252")

    preview = preview_table(name, io.BytesIO(content))
    proposal = propose_mapping("structures", preview.columns, preview.rows)

    assert preview.header_row == 3
    assert proposal.external_id == "Id"
    assert [(guess.column, guess.field) for guess in proposal.guesses] == [("Nom", "name"), ("Mèl", "email")]


def test_json_lines_are_proposed_by_their_own_names() -> None:
    preview = preview_table("a.ndjson", io.BytesIO(b'{"id": 1, "adresse": {"ville": "Lyon"}, "nom": "Jardins"}\n'))

    assert preview.columns == ("id", "adresse.ville", "nom")
    assert {guess.field for guess in propose_mapping("structures", preview.columns).guesses} >= {"name"}


@given(st.sampled_from(KINDS), st.lists(st.text(max_size=30), max_size=12, unique=True))
def test_any_headers_have_a_proposal_that_holds_together(kind: OpenKind, columns: list[str]) -> None:
    proposal = propose_mapping(kind, columns)

    fields = [guess.field for guess in proposal.guesses]
    used = [guess.column for guess in proposal.guesses]
    assert len(set(fields)) == len(fields)
    assert len(set(used)) == len(used)
    assert all(MIN_CONFIDENCE <= guess.confidence <= 1 for guess in proposal.guesses)
    named = {proposal.external_id} if proposal.external_id is not None else set()
    assert {*used, *proposal.unknown_columns, *named} == set(columns)
    assert proposal.write_json()
