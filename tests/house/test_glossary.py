"""The glossary has one row for each public field and no other: it is read against the OpenAPI document."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

from raccord.contract import make_documents
from raccord.kernel.shapes import Envelope

GLOSSARY = Path(__file__).parents[2] / "docs" / "glossary.md"
ENVELOPE = "Envelope"
COLUMNS = ["Field", "French", "Type", "Unit", "data·inclusion", "Les emplois", "France Travail"]
FORMATS = {"date": "date", "date-time": "instant", "uuid": "UUID", "email": "e-mail", "uri": "URL"}
SIMPLE = {"integer": "integer", "number": "number", "boolean": "yes/no", "object": "object"}
Schema = dict[str, Any]


def test_every_public_field_has_its_row_and_every_row_its_field() -> None:
    fields = read_fields()
    rows = {name: set(section) for name, section in read_sections().items()}

    assert rows == {name: set(section) for name, section in fields.items()}


def test_rows_state_the_type_of_the_contract() -> None:
    fields = read_fields()

    wrong = {
        f"{section}.{name}: {row['Type']}, not {fields[section][name]}"
        for section, rows in read_sections().items()
        for name, row in rows.items()
        if row["Type"] != fields[section][name]
    }

    assert not wrong


def test_no_cell_is_empty() -> None:
    empty = [
        f"{section}.{name}: {column}"
        for section, rows in read_sections().items()
        for name, row in rows.items()
        for column, cell in row.items()
        if not cell
    ]

    assert not empty


def test_numbers_name_their_unit() -> None:
    without = [
        f"{section}.{name}"
        for section, rows in read_sections().items()
        for name, row in rows.items()
        if row["Type"].split(" ")[0] in ("integer", "number", "instant", "date") and row["Unit"] == "—"
    ]

    assert not without


def read_sections() -> dict[str, dict[str, dict[str, str]]]:
    """Read the tables: shapes of the heading → field → row. The headings name the shapes that share a table."""
    sections: dict[str, dict[str, dict[str, str]]] = {}
    for block in re.split(r"^## ", GLOSSARY.read_text("utf-8"), flags=re.M)[1:]:
        heading, _, body = block.partition("\n")
        shapes = re.findall(r"`(\w+)`", heading)
        lines = [line for line in body.splitlines() if line.startswith("|")]
        if not lines:
            continue
        assert [cell.strip() for cell in lines[0].strip("|").split("|")] == COLUMNS, heading
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]
        names = Counter(row[0].strip("`") for row in rows)
        assert max(names.values()) == 1, f"{heading}: a field has two rows"
        sections[" ".join(sorted(shapes))] = {row[0].strip("`"): dict(zip(COLUMNS, row, strict=True)) for row in rows}
    return sections


def read_fields() -> dict[str, dict[str, str]]:
    """Read the public fields of the contract, gathered as the headings of the glossary gather the shapes."""
    document = make_documents()["raccord.v1.json"]
    schemas: Schema = document["components"]["schemas"]
    wanted = {
        name: {field: describe_type(schema) for field, schema in definition["properties"].items()}
        for name, definition in schemas.items()
        if definition.get("properties")
    }
    envelope = set(Envelope.model_fields)
    gathered: dict[str, dict[str, str]] = {}
    for name, fields in list(wanted.items()):
        if envelope <= set(fields):
            gathered.setdefault(ENVELOPE, {field: fields[field] for field in Envelope.model_fields})
            wanted[name] = {field: kind for field, kind in fields.items() if field not in envelope}
    for heading in read_sections():
        shapes = [shape for shape in heading.split(" ") if shape in wanted]
        if shapes:
            # The record's own type first: in a patch, null gives a field its default back.
            gathered[heading] = {f: kind for shape in reversed(shapes) for f, kind in wanted.pop(shape).items()}
    return {**gathered, **wanted}


def describe_type(schema: Schema) -> str:
    """Say a field's type in the glossary's words."""
    options = schema.get("anyOf", [schema])
    said = [describe_one(option) for option in options if option.get("type") != "null"]
    is_nullable = len(said) < len(options)
    return " or ".join(said) + (" or null" if is_nullable else "")


def describe_one(schema: Schema) -> str:
    if "$ref" in schema:
        return str(schema["$ref"].rsplit("/", 1)[1])
    if schema["type"] == "array":
        return f"list of {describe_one(schema['items'])}"
    if schema["type"] == "string":
        return FORMATS.get(schema.get("format", ""), "code" if "enum" in schema or "const" in schema else "text")
    return SIMPLE[schema["type"]]
