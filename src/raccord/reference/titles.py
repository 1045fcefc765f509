"""Name the lists for people, in both languages, from data/lists.csv."""

from collections.abc import Mapping
from types import MappingProxyType

from raccord.kernel.text import Text
from raccord.reference.shipped import read_rows

LIST_TITLES: Mapping[str, Text] = MappingProxyType(
    {row["name"]: Text(row["label_fr"], row["label_en"]) for row in read_rows("lists.csv")}
)
