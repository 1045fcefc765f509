"""The shared description of the schema, which migrations are checked against, and the type of stored documents."""

from __future__ import annotations

from sqlalchemy import MetaData
from sqlalchemy.types import UserDefinedType

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "ck": "%(table_name)s_%(constraint_name)s_check",
    }
)


class JsonText(UserDefinedType[str]):
    """A document as the text that is served: `json`, which keeps bytes and order, in and out as a string."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """Name the column's type."""
        return "json"
