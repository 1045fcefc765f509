"""Derive the vocabularies of data·inclusion v1 that Raccord ships: their table, and the enumerations in code.

Run it by hand when the package has a new edition: .venv/bin/python scripts/derive_inclusion_codes.py
It reads PyPI `data-inclusion-schema` (Licence Ouverte 2.0), which the development environment holds, and rewrites
data_inclusion.csv, topics.py, networks.py and service_codes.py in src/raccord/reference/. English labels, names of
members and the crosswalk to Les emplois are ours: they are kept from the table that stands there, and a value without
them stops the script.
"""

import csv
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from data_inclusion.schema import v1  # type: ignore[import-untyped]  # the package publishes no types

FOLDER = Path(__file__).parent.parent / "src" / "raccord" / "reference"
TABLE = FOLDER / "data" / "data_inclusion.csv"
COLUMNS = (
    "list", "value", "member", "parent", "label_fr", "label_en", "attribute:description_fr", "crosswalk:les_emplois",
)  # fmt: skip


class Vocabulary(NamedTuple):
    """Name one vocabulary: the package's class, our list, our class, what a member of it is, how many are expected."""

    published: str
    list_name: str
    class_name: str
    sentence: str
    total: int


class Module(NamedTuple):
    """Name one module that is written, and the vocabularies that it holds."""

    name: str
    docstring: str
    vocabularies: Sequence[Vocabulary]


MODULES = (
    Module("topics", "Hold the topics (thématiques) of data·inclusion and their categories.", (
        Vocabulary("Categorie", "topic_categories", "TopicCategory", "Name a family of topics.", 16),
        Vocabulary("Thematique", "topics", "Topic", "Name what a service helps with.", 69),
    )),
    Module("networks", "Hold the networks (réseaux porteurs) of data·inclusion to which a structure belongs.", (
        Vocabulary("ReseauPorteur", "networks", "Network", "Name a network of structures.", 108),
    )),
    Module("service_codes", "Hold the lists of data·inclusion that describe a service, topics apart.", (
        Vocabulary("Public", "audiences", "Audience", "Name whom a service is for.", 14),
        Vocabulary("TypeService", "service_types", "ServiceType", "Name what sort of service it is.", 6),
        Vocabulary("Frais", "fees", "Fee", "Name whether a service costs anything.", 2),
        Vocabulary("ModeAccueil", "reception_modes", "ReceptionMode", "Name how people are received.", 2),
        Vocabulary("ModeMobilisation", "mobilisation_modes", "MobilisationMode", "Name how one asks for a service.", 4),
        Vocabulary("PersonneMobilisatrice", "mobilisers", "Mobiliser", "Name who may ask for a service.", 2),
    )),
)  # fmt: skip


def read_ours() -> dict[tuple[str, str], dict[str, str]]:
    """Index the rows of the table that stands, by list and value."""
    with TABLE.open(encoding="utf-8", newline="") as stream:
        return {(row["list"], row["value"]): row for row in csv.DictReader(stream)}


def join_rows(vocabulary: Vocabulary, ours: dict[tuple[str, str], dict[str, str]]) -> list[dict[str, str]]:
    """Join what is published with what is ours, in published order.

    Errors: SystemExit when the count differs, or a value has no English label yet.
    """
    published = list(getattr(v1, vocabulary.published))
    if len(published) != vocabulary.total:
        raise SystemExit(f"{vocabulary.list_name}: {vocabulary.total} values expected, {len(published)} found")
    rows = []
    for member in published:
        kept = ours.get((vocabulary.list_name, member.value))
        if kept is None:
            raise SystemExit(f"{vocabulary.list_name}: {member.value} needs its row, with label_en, in {TABLE.name}")
        category, separator, _ = member.value.partition("--")
        published_columns = {
            "member": kept["member"] or member.name,
            "parent": category if separator else "",
            "label_fr": member.label,
            "attribute:description_fr": member.description or "",
        }
        rows.append(kept | published_columns)
    return rows


def write_module(module: Module, rows: Sequence[dict[str, str]]) -> None:
    """Write the enumerations of a module and their lists."""
    lines = [
        f'"""{module.docstring}"""',
        "",
        "# Written by scripts/derive_inclusion_codes.py.",
        "from enum import StrEnum",
    ]
    lines += ["", "from raccord.reference.data_inclusion import build_list"]
    for vocabulary in module.vocabularies:
        lines += ["", "", f"class {vocabulary.class_name}(StrEnum):", f'    """{vocabulary.sentence}"""', ""]
        lines += [f'    {row["member"]} = "{row["value"]}"' for row in rows if row["list"] == vocabulary.list_name]
    lines += ["", ""]
    lines += [f'{item.list_name.upper()} = build_list("{item.list_name}")' for item in module.vocabularies]
    path = FOLDER / f"{module.name}.py"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    subprocess.run([Path(sys.executable).with_name("ruff"), "format", "--quiet", path], check=True)


def main() -> None:
    """Join, check and write."""
    ours = read_ours()
    rows: list[dict[str, str]] = []
    for module in MODULES:
        joined = [row for vocabulary in module.vocabularies for row in join_rows(vocabulary, ours)]
        write_module(module, joined)
        rows.extend(joined)
    with TABLE.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    print(f"{len(rows)} values of data-inclusion-schema {version('data-inclusion-schema')}")


if __name__ == "__main__":
    main()
