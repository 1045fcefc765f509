"""What a mapping may do to a cell: named pure functions, from a value as read to a value of the shape.

A cell arrives stripped, and never blank: blank means absent, and passes no transform.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from raccord.kernel.refusals import JsonValue
from raccord.kernel.text import Text

_SPACES = re.compile(r"\s+")
_SEPARATORS = re.compile(r"[|;]")
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}(?:[.,][0-9]{1,18})?")
_DATE_FR = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})")
_DATE_ISO = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ].*)?")
_YES = frozenset({"oui", "o", "vrai", "true", "yes", "y", "1", "x"})
_NO = frozenset({"non", "n", "faux", "false", "no", "0"})


class TransformError(Exception):
    """The cell is not what the transform reads. The value is not repeated."""

    def __init__(self, code: str, message: Text) -> None:
        super().__init__(code)
        self.code = code
        self.message = message


Transform = Callable[[JsonValue], JsonValue]


def read_text(value: JsonValue) -> str:
    """Read the cell as text; a number is written as it is counted, without a decimal point of zeros."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TransformError("string_type", Text("Texte attendu.", "A string is expected."))
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def compact(value: JsonValue) -> str:
    """Remove all spaces and dots."""
    return _SPACES.sub("", read_text(value)).replace(".", "")


def fold_spaces(value: JsonValue) -> str:
    """Make one space of many, line breaks included."""
    return _SPACES.sub(" ", read_text(value))


def upper(value: JsonValue) -> str:
    """Write in capitals."""
    return read_text(value).upper()


def lower(value: JsonValue) -> str:
    """Write in small letters."""
    return read_text(value).lower()


def read_siret(value: JsonValue) -> JsonValue:
    """Read a SIRET; the made-up one of an antenna (NIC 999dd) becomes null, and is never published."""
    siret = compact(value).zfill(14) if isinstance(value, int) else compact(value)
    return None if is_made_up(siret) else siret


def is_antenna(value: JsonValue) -> bool:
    """Tell from its made-up SIRET that a structure is an antenna."""
    return is_made_up(compact(value))


def is_made_up(siret: str) -> bool:
    """Tell whether the SIRET is one that Les emplois invented for an antenna."""
    return len(siret) == 14 and siret[9:12] == "999"


def read_naf(value: JsonValue) -> str:
    """Read a NAF code, with or without its dot."""
    return compact(value).upper()


def read_department(value: JsonValue) -> str:
    """Read a département's code, its leading zero and its capital restored."""
    return compact(value).upper().zfill(2)


def read_postal_code(value: JsonValue) -> str:
    """Read a postal code, the leading zero that spreadsheets eat restored. CEDEX codes are codes."""
    return compact(value).zfill(5)


def read_number(value: JsonValue) -> JsonValue:
    """Read a number, with a decimal point or comma."""
    if isinstance(value, bool) or (isinstance(value, float) and not math.isfinite(value)):
        raise TransformError("float_type", Text("Nombre attendu.", "A number is expected."))
    if isinstance(value, int | float):
        return value
    text = _SPACES.sub("", read_text(value))
    if not _NUMBER.fullmatch(text):
        raise TransformError("float_type", Text("Nombre attendu.", "A number is expected."))
    number = float(text.replace(",", "."))
    return int(number) if number.is_integer() and "." not in text and "," not in text else number


def read_boolean(value: JsonValue) -> bool:
    """Read oui or non, in the ways that spreadsheets write them."""
    if isinstance(value, bool):
        return value
    text = read_text(value).lower()
    if text in _YES:
        return True
    if text in _NO:
        return False
    raise TransformError("bool_parsing", Text("oui ou non attendu.", "oui or non (yes or no) is expected."))


def read_date(value: JsonValue) -> str:
    """Read a day, written JJ/MM/AAAA or as the day of an ISO 8601 instant, as AAAA-MM-JJ."""
    text = read_text(value)
    if found := _DATE_FR.fullmatch(text):
        return f"{found[3]}-{found[2]:0>2}-{found[1]:0>2}"
    if found := _DATE_ISO.fullmatch(text):
        return found[1]
    raise TransformError("date_parsing", Text("Date JJ/MM/AAAA attendue.", "A date DD/MM/YYYY is expected."))


def read_list(value: JsonValue) -> JsonValue:
    """Read codes separated by | or ; as a list; a list passes as it is."""
    if isinstance(value, list):
        return value
    return [item.strip() for item in _SEPARATORS.split(read_text(value)) if item.strip()]


TRANSFORMS: Mapping[str, Transform] = MappingProxyType(
    {
        "text": read_text,
        "compact": compact,
        "fold_spaces": fold_spaces,
        "upper": upper,
        "lower": lower,
        "siret": read_siret,
        "is_antenna": is_antenna,
        "naf": read_naf,
        "department": read_department,
        "postal_code": read_postal_code,
        "number": read_number,
        "boolean": read_boolean,
        "date": read_date,
        "list": read_list,
    }
)
