"""Build the lists of data·inclusion v1 from their shipped table; the enumerations stand in the modules beside."""

from functools import cache

from raccord.reference.code_list import Code, CodeList, freeze_mapping
from raccord.reference.shipped import read_rows

SOURCE = "data·inclusion, data-inclusion-schema 1.0.10"
VERSION = "1.0.10"
LICENCE = "Licence Ouverte 2.0"


@cache
def load_codes() -> dict[str, list[Code]]:
    """Read the codes of every list, once, by list."""
    codes: dict[str, list[Code]] = {}
    for row in read_rows("data_inclusion.csv"):
        description, kind = row["description_fr"], row["les_emplois"]
        codes.setdefault(row["list"], []).append(
            Code(
                value=row["value"],
                label_fr=row["label_fr"],
                label_en=row["label_en"],
                parent=row["parent"] or None,
                crosswalk=freeze_mapping({"les_emplois": kind} if kind else {}),
                attributes=freeze_mapping({"description_fr": description} if description else {}),
            )
        )
    return codes


def build_list(name: str) -> CodeList:
    """Build one list of the vocabulary."""
    return CodeList(name=name, version=VERSION, source=SOURCE, licence=LICENCE, codes=tuple(load_codes()[name]))
