"""A table of a Grist document: all its records in one answer, typed by its columns.

Source: Grist REST API, /docs/{doc}/tables/{table}/columns and /records.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import pydantic
from pydantic import SecretStr, ValidationError

from raccord.adapters.contract import Broken, Budget, CredentialsRefused, Received
from raccord.adapters.spreadsheet.connection import GristPlace
from raccord.adapters.spreadsheet.rows import Record, Table
from raccord.kernel.outbound import Outbound
from raccord.kernel.outgoing_credentials import send_header
from raccord.kernel.refusals import JsonValue
from raccord.kernel.strict_json import JsonObject
from raccord.kernel.text import Text

# Grist allows a document five calls at once; its hosts do not publish a rate.
BUDGET = Budget(calls=5, per_s=1.0, concurrency=2)
ROW_ID = "id"


class ReceivedColumn(Received):
    """A column, as Grist describes it."""

    id: str
    fields: dict[str, pydantic.JsonValue]


class ReceivedColumns(Received):
    """The columns of a table."""

    columns: list[ReceivedColumn]


class ReceivedRecord(Received):
    """A record: its number in Grist, and its cells."""

    id: int
    fields: dict[str, pydantic.JsonValue]


class ReceivedRecords(Received):
    """The records of a table."""

    records: list[ReceivedRecord]


class GristTable:
    """One table of a document."""

    def __init__(self, place: GristPlace, key: SecretStr | None, outbound: Outbound) -> None:
        secret = key.get_secret_value() if key is not None else ""
        if not secret or not secret.isascii() or not secret.isprintable():
            raise CredentialsRefused("the key of Grist is missing")
        self._path = f"api/docs/{place.document}/tables/{place.table}"
        authorise = send_header("authorization", f"Bearer {secret}")
        self._remote = outbound.reach(place.url, budget=BUDGET, authorise=authorise)

    async def read_types(self) -> Mapping[str, str]:
        """Read the columns of the table, each with its type.

        Errors: TryLater, CredentialsRefused, Broken.
        """
        reply = await self._remote.get_json(f"{self._path}/columns")
        try:
            received = ReceivedColumns.model_validate(reply)
        except ValidationError:
            raise Broken(_NOT_GRIST) from None
        return {column.id: str(column.fields.get("type", "Any")) for column in received.columns}

    async def read(self) -> Table:
        """Read the table whole.

        Errors: TryLater, CredentialsRefused, Broken.
        """
        types = await self.read_types()
        reply = await self._remote.get_json(f"{self._path}/records")
        try:
            received = ReceivedRecords.model_validate(reply)
        except ValidationError:
            raise Broken(_NOT_GRIST) from None
        return Table([ROW_ID, *types], (_make_record(record, types) for record in received.records))


def _make_record(record: ReceivedRecord, types: Mapping[str, str]) -> Record:
    cells = {name: read_cell(value, types.get(name, "Any")) for name, value in record.fields.items()}
    fields: JsonObject = {name: value for name, value in cells.items() if value is not None}
    # A column of the table may itself be called so: then it is the one that people know.
    fields.setdefault(ROW_ID, record.id)
    return Record(record.id, fields)


def read_cell(value: JsonValue, type_: str) -> JsonValue:
    """Read a cell: dates are seconds, lists begin with L, errors with E; a 0 of a reference is none."""
    if isinstance(value, list):
        code, *rest = value or ["L"]
        if code == "L":
            return rest or None
        return {"error": "grist"} if code in ("E", "U", "C") else _read_coded(str(code), rest)
    if isinstance(value, str):
        return value.strip() or None
    kind = type_.partition(":")[0]
    if kind == "Ref" and value == 0:
        return None
    if kind in ("Date", "DateTime") and isinstance(value, int | float) and not isinstance(value, bool):
        return _write_moment(value, is_day=kind == "Date")
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _read_coded(code: str, rest: list[JsonValue]) -> JsonValue:
    """Read a value that bears its own type, as in columns of any type."""
    first = rest[0] if rest else None
    if code in ("d", "D") and isinstance(first, int | float):
        return _write_moment(first, is_day=code == "d")
    return {"error": "grist"}


def _write_moment(seconds: float, *, is_day: bool) -> JsonValue:
    try:
        moment = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return {"error": "date"}
    return moment.date().isoformat() if is_day else moment.isoformat()


_NOT_GRIST = Text("La réponse n'est pas celle de Grist.", "The answer is not Grist's.")
