"""data·inclusion, as its API v1 behaves: numbered pages with a total, a fixed token, filters, its errors."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from raccord.kernel.refusals import JsonValue
from raccord.kernel.strict_json import JsonObject
from raccord.reference.departments import DEPARTMENTS

MAX_SIZE = 10_000
_DEFAULT_SIZE = 5_000


def read_path(request: Request) -> str:
    """Read the path of a call below the address of its tool."""
    path: str = request.scope["path"]
    return path.removeprefix(request.scope.get("root_path", ""))


class DataInclusion:
    """The directory.

    Shape: `token` opens it; one that begins with `widget` opens only pages for people.
    """

    def __init__(self, structures: Sequence[JsonObject], services: Sequence[JsonObject], token: str) -> None:
        self.structures = list(structures)
        self.services = list(services)
        self.token = token

    def answer(self, request: Request) -> Response:
        """Answer a call."""
        rows = {"/api/v1/structures": self.structures, "/api/v1/services": self.services}.get(read_path(request))
        if rows is None:
            return JSONResponse({"detail": "Not Found"}, 404)
        return self._refuse(request) or self._list(request, rows)

    def _refuse(self, request: Request) -> Response | None:
        said = request.headers.get("authorization", "")
        if not said:
            return JSONResponse({"detail": "Not authenticated"}, 401, {"www-authenticate": "Bearer"})
        if said.startswith("Bearer widget"):
            return JSONResponse({"detail": "Forbidden"}, 403)
        return None if said == f"Bearer {self.token}" else JSONResponse({"detail": "Not authenticated"}, 401)

    def _list(self, request: Request, rows: Sequence[JsonObject]) -> Response:
        # What they do not know among the parameters, they ignore.
        params = request.query_params
        department, sources = params.get("code_departement"), params.getlist("sources")
        if department is not None and department not in DEPARTMENTS.values:
            return _explain("code_departement", "enum", f"Input should be {', '.join(DEPARTMENTS.values)}", department)
        page, size = params.get("page", "1"), params.get("size", str(_DEFAULT_SIZE))
        for name, value, most in (("page", page, None), ("size", size, MAX_SIZE)):
            if not value.isdecimal() or int(value) < 1 or (most is not None and int(value) > most):
                return _explain(name, "int_parsing", "Input should be a valid integer within bounds", value)
        kept: list[Callable[[JsonObject], bool]] = []
        if department is not None:
            kept.append(lambda row: str(row.get("code_insee") or "").startswith(department))
        if sources:
            kept.append(lambda row: row.get("source") in sources)
        found = [row for row in rows if all(test(row) for test in kept)]
        # Within one load they sort by id; rows without one have no place of their own.
        found.sort(key=lambda row: str(row.get("id", "")))
        start, count = (int(page) - 1) * int(size), int(size)
        items: list[JsonValue] = list(found[start : start + count])
        return JSONResponse(
            {
                "items": items,
                "total": len(found),
                "page": int(page),
                "size": len(items),
                "pages": -(-len(found) // count),
            }
        )


def _explain(name: str, sort: str, message: str, value: str) -> Response:
    error = {"type": sort, "loc": ["query", name], "msg": message, "input": value, "ctx": {"expected": message}}
    return JSONResponse({"detail": [error]}, 422)
