"""Les emplois de l'inclusion, as its API v1 behaves: a territory to name, four sorts of token, its throttles."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from raccord.demo.data_inclusion import read_path
from raccord.kernel.refusals import JsonValue
from raccord.kernel.strict_json import JsonObject

TokenSort = Literal["user", "department", "company", "service"]
_PER_MINUTE = {"anonymous": 12, "user": 120}
_PAGE_SIZE = 20
_ASKED = ("nir", "nom", "prenom", "date_naissance")


@dataclass
class LesEmplois:
    """The platform.

    Shape: `tokens` are known by their sort; `applications` stand under the NIR of their person; `now` tells seconds.
    """

    structures: Sequence[JsonObject]
    now: Callable[[], float]
    tokens: Mapping[str, TokenSort] = field(default_factory=dict)
    applications: Mapping[str, Sequence[JsonObject]] = field(default_factory=dict)
    calls: dict[str, deque[float]] = field(default_factory=dict)
    is_down: bool = False

    def answer(self, request: Request, body: bytes = b"") -> Response:
        """Answer a call."""
        if self.is_down:
            return self._tell_maintenance(request)
        routes = {"/api/v1/siaes/": self._list_structures, "/api/v1/candidatures/recherche/": self._find_applications}
        route = routes.get(read_path(request))
        return route(request, body) if route is not None else JSONResponse({"detail": "Pas trouvé."}, 404)

    def _tell_maintenance(self, request: Request) -> Response:
        if "json" in request.headers.get("content-type", "") + request.headers.get("accept", ""):
            return JSONResponse({"error": "Maintenance en cours"}, 503)
        return Response("<h1>Maintenance en cours</h1>", 503, media_type="text/html")

    def _list_structures(self, request: Request, _body: bytes) -> Response:
        token = request.headers.get("authorization", "").removeprefix("Token ")
        sort = self.tokens.get(token)
        # The directory knows users and départements; to it, a token of another sort is none.
        if token and sort not in ("user", "department"):
            return JSONResponse({"detail": "Jeton invalide."}, 401)
        # All tokens but a user's have one bucket together: their accounts have no number.
        bucket = "anonymous" if not token else f"user {token}" if sort == "user" else "user"
        if (late := self._throttle(bucket)) is not None:
            return late
        params = request.query_params
        if "departement" in params:
            found = [row for row in self.structures if row.get("departement") == params["departement"]]
        elif "code_insee" in params and "distance_max_km" in params:
            found = [row for row in self.structures if str(row.get("code_postal"))[:2] == params["code_insee"][:2]]
        else:
            return JSONResponse(["Les paramètres `code_insee` et `distance_max_km` ou `departement` sont requis"], 400)
        return _paginate(request, found)

    def _find_applications(self, request: Request, body: bytes) -> Response:
        token = request.headers.get("authorization", "").removeprefix("Token ")
        if self.tokens.get(token) != "department":
            return JSONResponse({"detail": "Jeton invalide."}, 401)
        if request.method != "POST":
            return JSONResponse({"detail": f"Méthode « {request.method} » non autorisée."}, 405)
        if (late := self._throttle(f"department {token}")) is not None:
            return late
        asked = json.loads(body)
        missing = {name: ["Ce champ est obligatoire."] for name in _ASKED if not asked.get(name)}
        if missing:
            return JSONResponse(missing, 400)
        # Surname and first name by likeness there; here, by their first letter.
        found = [
            row
            for row in self.applications.get(asked["nir"], ())
            if row["candidat_date_naissance"] == asked["date_naissance"]
            and str(row["candidat_nom"])[:1].casefold() == asked["nom"][:1].casefold()
        ]
        found.sort(key=lambda row: str(row["dernier_changement_le"]), reverse=True)
        return _paginate(request, found)

    def _throttle(self, bucket: str) -> Response | None:
        most = _PER_MINUTE["anonymous" if bucket == "anonymous" else "user"]
        recent, now = self.calls.setdefault(bucket, deque()), self.now()
        while recent and recent[0] <= now - 60:
            recent.popleft()
        if len(recent) < most:
            recent.append(now)
            return None
        wait = str(max(1, round(recent[0] + 60 - now)))
        return JSONResponse(
            {"detail": f"Requête ralentie. Disponible dans {wait} secondes."}, 429, {"retry-after": wait}
        )


def _paginate(request: Request, rows: Sequence[JsonObject]) -> Response:
    params = request.query_params
    number, size = int(params.get("page", "1")), int(params.get("page_size", str(_PAGE_SIZE)))
    if number > max(1, -(-len(rows) // size)):
        return JSONResponse({"detail": "Page non valide."}, 404)
    shown: list[JsonValue] = list(rows[(number - 1) * size : number * size])

    def link(page: int) -> str:
        return str(request.url.include_query_params(page=page))

    return JSONResponse(
        {
            "count": len(rows),
            "next": link(number + 1) if number * size < len(rows) else None,
            "previous": link(number - 1) if number > 1 else None,
            "results": shown,
        }
    )
