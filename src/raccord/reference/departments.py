"""Hold the départements and overseas territories, with the names shipped in data/departments.csv."""

from collections.abc import Mapping
from enum import StrEnum

from raccord.reference.code_list import Code, CodeList, freeze_mapping
from raccord.reference.shipped import read_rows


class Department(StrEnum):
    """Name a département or overseas territory by its INSEE code."""

    D01 = "01"
    D02 = "02"
    D03 = "03"
    D04 = "04"
    D05 = "05"
    D06 = "06"
    D07 = "07"
    D08 = "08"
    D09 = "09"
    D10 = "10"
    D11 = "11"
    D12 = "12"
    D13 = "13"
    D14 = "14"
    D15 = "15"
    D16 = "16"
    D17 = "17"
    D18 = "18"
    D19 = "19"
    D21 = "21"
    D22 = "22"
    D23 = "23"
    D24 = "24"
    D25 = "25"
    D26 = "26"
    D27 = "27"
    D28 = "28"
    D29 = "29"
    D2A = "2A"
    D2B = "2B"
    D30 = "30"
    D31 = "31"
    D32 = "32"
    D33 = "33"
    D34 = "34"
    D35 = "35"
    D36 = "36"
    D37 = "37"
    D38 = "38"
    D39 = "39"
    D40 = "40"
    D41 = "41"
    D42 = "42"
    D43 = "43"
    D44 = "44"
    D45 = "45"
    D46 = "46"
    D47 = "47"
    D48 = "48"
    D49 = "49"
    D50 = "50"
    D51 = "51"
    D52 = "52"
    D53 = "53"
    D54 = "54"
    D55 = "55"
    D56 = "56"
    D57 = "57"
    D58 = "58"
    D59 = "59"
    D60 = "60"
    D61 = "61"
    D62 = "62"
    D63 = "63"
    D64 = "64"
    D65 = "65"
    D66 = "66"
    D67 = "67"
    D68 = "68"
    D69 = "69"
    D70 = "70"
    D71 = "71"
    D72 = "72"
    D73 = "73"
    D74 = "74"
    D75 = "75"
    D76 = "76"
    D77 = "77"
    D78 = "78"
    D79 = "79"
    D80 = "80"
    D81 = "81"
    D82 = "82"
    D83 = "83"
    D84 = "84"
    D85 = "85"
    D86 = "86"
    D87 = "87"
    D88 = "88"
    D89 = "89"
    D90 = "90"
    D91 = "91"
    D92 = "92"
    D93 = "93"
    D94 = "94"
    D95 = "95"
    D971 = "971"
    D972 = "972"
    D973 = "973"
    D974 = "974"
    D975 = "975"
    D976 = "976"
    D977 = "977"
    D978 = "978"
    D984 = "984"
    D986 = "986"
    D987 = "987"
    D988 = "988"
    D989 = "989"


# The other names are proper nouns, the same in both languages.
ENGLISH_NAMES: Mapping[str, str] = {
    "973": "French Guiana",
    "974": "Réunion",
    "975": "Saint Pierre and Miquelon",
    "984": "French Southern and Antarctic Lands",
    "986": "Wallis and Futuna",
    "987": "French Polynesia",
    "988": "New Caledonia",
    "989": "Clipperton Island",
}


def load_departments() -> tuple[Code, ...]:
    """Read the shipped départements as codes."""
    return tuple(
        Code(
            value=row["code"],
            label_fr=row["name"],
            label_en=ENGLISH_NAMES.get(row["code"], row["name"]),
            parent=row["region"] or None,
            attributes=freeze_mapping({"region": row["region"]}),
        )
        for row in read_rows("departments.csv")
    )


DEPARTMENTS = CodeList(
    name="departments",
    version="2026-01",
    source="INSEE, Code officiel géographique",
    codes=load_departments(),
)
