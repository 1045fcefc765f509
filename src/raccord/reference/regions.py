"""Hold the regions and overseas territories, with the names shipped in data/regions.csv."""

from enum import StrEnum

from raccord.reference.code_list import Code, CodeList
from raccord.reference.shipped import read_rows


class Region(StrEnum):
    """Name a region or overseas territory by its INSEE code."""

    R01 = "01"
    R02 = "02"
    R03 = "03"
    R04 = "04"
    R06 = "06"
    R11 = "11"
    R24 = "24"
    R27 = "27"
    R28 = "28"
    R32 = "32"
    R44 = "44"
    R52 = "52"
    R53 = "53"
    R75 = "75"
    R76 = "76"
    R84 = "84"
    R93 = "93"
    R94 = "94"
    R975 = "975"
    R977 = "977"
    R978 = "978"
    R984 = "984"
    R986 = "986"
    R987 = "987"
    R988 = "988"
    R989 = "989"


# The other names are proper nouns, the same in both languages.
ENGLISH_NAMES = {
    "03": "French Guiana",
    "04": "Réunion",
    "53": "Brittany",
    "28": "Normandy",
    "94": "Corsica",
    "975": "Saint Pierre and Miquelon",
    "984": "French Southern and Antarctic Lands",
    "986": "Wallis and Futuna",
    "987": "French Polynesia",
    "988": "New Caledonia",
    "989": "Clipperton Island",
}

REGIONS = CodeList(
    name="regions",
    version="2026-01",
    source="INSEE, Code officiel géographique",
    codes=tuple(
        Code(row["code"], label_fr=row["name"], label_en=ENGLISH_NAMES.get(row["code"], row["name"]))
        for row in read_rows("regions.csv")
    ),
)
