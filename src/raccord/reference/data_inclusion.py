"""Build the lists of data·inclusion v1 from their shipped table; the enumerations stand in the modules beside."""

from raccord.reference.code_list import CodeList
from raccord.reference.shipped import read_codes

VERSION = "1.0.10"
SOURCE = f"data·inclusion, data-inclusion-schema {VERSION}"


def build_list(name: str) -> CodeList:
    """Build one list of the vocabulary."""
    return CodeList(name=name, version=VERSION, source=SOURCE, codes=read_codes("data_inclusion.csv")[name])
