"""The API Offres d'emploi v2 as it behaves, with the faults that it is told to have."""

from __future__ import annotations

import copy
from datetime import datetime
from functools import cache
from operator import itemgetter
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from raccord.adapters.france_travail import codes
from raccord.reference.departments import DEPARTMENTS
from tests.adapters.france_travail.offers import FULL_OFFER
from tests.adapters.stand_in import FakeTime, Row, StandIn

BASE = "/partenaire/offresdemploi/v2"
TOKEN_PATH = "/connexion/oauth2/access_token"
CLIENT_ID, CLIENT_SECRET = "PAR_raccord_0a1b", "the-key-of-the-application"
LIFETIME_S = 1_499
_SPLIT_COMMUNES = ("75056", "69123", "13055")


class FranceTravailTool(StandIn):
    """The tool. Tokens end by the clock that it is given."""

    def __init__(self, rows: list[Row], clock: FakeTime | None = None) -> None:
        super().__init__(rows)
        self.clock = clock or FakeTime()
        self.secret = CLIENT_SECRET
        self.issued: dict[str, float] = {}
        self.natures = dict(codes.NATURES)

    async def answer(self, request: Request) -> Response:
        path = request.url.path
        if path == TOKEN_PATH:
            return self._issue(request, await request.body())
        if not self._knows(request):
            return JSONResponse({"message": "Unauthorized"}, 401)
        if path == f"{BASE}/offres/search":
            return self._search(request)
        if path.startswith(f"{BASE}/offres/"):
            found = [row for row in self.rows if row["id"] == path.rsplit("/", 1)[1]]
            return JSONResponse(found[0]) if found else Response(status_code=204)
        return self._list(path.removeprefix(f"{BASE}/referentiel/"))

    def _issue(self, request: Request, body: bytes) -> Response:
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        if request.query_params.get("realm") != "/partenaire":
            return _refuse_token("invalid_request", "Unknown realm")
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, self.secret):
            return _refuse_token("invalid_client", "Client authentication failed")
        if form.get("scope") != "api_offresdemploiv2 o2dsoffre":
            return _refuse_token("invalid_scope", "Unknown/invalid scope(s)")
        token = f"token-{len(self.issued) + 1}"
        self.issued[token] = self.clock.now() + LIFETIME_S
        return JSONResponse({"access_token": token, "expires_in": LIFETIME_S, "token_type": "Bearer"})

    def _knows(self, request: Request) -> bool:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        return self.issued.get(token, 0.0) > self.clock.now()

    def _search(self, request: Request) -> Response:
        params = request.query_params
        first, _, last = params.get("range", "0-149").partition("-")
        start, end = int(first), int(last)
        if start > 3_000:
            return _refuse("La position de début doit être inférieure ou égale à 3000.")
        if end - start > 149 or end > 3_149:
            return _refuse("La plage de résultats demandée est trop importante.")
        if params.get("commune") in _SPLIT_COMMUNES:
            return _refuse("Valeur du paramètre « commune » incorrecte.")
        if "departement" in params and params["departement"] not in DEPARTMENTS.values:
            return _refuse("Valeur du paramètre « departement » incorrecte.")
        if ("minCreationDate" in params) != ("maxCreationDate" in params):
            return _refuse("Les paramètres « minCreationDate » et « maxCreationDate » vont ensemble.")
        found = sorted(_Asked(request).pick(self.rows), key=itemgetter("dateCreation"), reverse=True)
        if not found:
            return Response(status_code=204)
        shown = found[start : end + 1]
        is_whole = start == 0 and len(shown) == len(found)
        body = {"resultats": [{name: v for name, v in row.items() if not name.startswith("_")} for row in shown]}
        told = f"offres {start}-{start + len(shown) - 1}/{len(found)}"
        return JSONResponse(
            {**body, "filtresPossibles": []}, 200 if is_whole else 206, {"content-range": told, "accept-range": "150"}
        )

    def _list(self, name: str) -> Response:
        lists = {
            "typesContrats": codes.CONTRACT_LABELS,
            "naturesContrats": {code: label for label, code in self.natures.items()},
        }
        if name not in lists:
            return Response(status_code=404)
        return JSONResponse([{"code": code, "libelle": label} for code, label in lists[name].items()])


class _Asked:
    """What a search asks for."""

    def __init__(self, request: Request) -> None:
        params = request.query_params
        self.department, self.commune = params.get("departement"), params.get("commune")
        self.natures = (params.get("natureContrat") or "").split(",")
        self.low = _read_moment(params.get("minCreationDate", "1970-01-01T00:00:00Z"))
        self.high = _read_moment(params.get("maxCreationDate", "2999-01-01T00:00:00Z"))

    def pick(self, rows: list[Row]) -> list[Row]:
        """Pick what suits, one condition after another: a search in thousands of rows is asked for a thousand times."""
        if self.department is not None:
            rows = [row for row in rows if _read_commune(row).startswith(self.department)]
        if self.commune is not None:
            rows = [row for row in rows if _read_commune(row) == self.commune]
        if self.natures != [""]:
            rows = [row for row in rows if codes.NATURES.get(row.get("natureContrat", "")) in self.natures]
        return [row for row in rows if self.low <= _read_moment(row["dateCreation"]) <= self.high]


_read_moment = cache(datetime.fromisoformat)


def _read_commune(row: Row) -> str:
    return str(row.get("lieuTravail", {}).get("commune", ""))


def _refuse(message: str) -> Response:
    return JSONResponse({"message": message, "codeErreur": "0000"}, 400)


def _refuse_token(error: str, description: str) -> Response:
    return JSONResponse({"error": error, "error_description": description}, 400)


def make_offer(number: int, created: str = "2026-11-02T08:30:00.000Z", commune: str = "57463", **fields: object) -> Row:
    """Make an offer as it sends them."""
    place = {**FULL_OFFER["lieuTravail"], "commune": commune}  # type: ignore[dict-item]  # an object there
    return {
        **copy.deepcopy(FULL_OFFER),
        "id": f"{number:03}DEMO",
        "dateCreation": created,
        "lieuTravail": place,
        **fields,
    }


def make_bare_offer(number: int, created: str, commune: str | None = "57463") -> Row:
    """Make an offer of few words, for tests of many."""
    place = {"commune": commune} if commune is not None else {"libelle": "France"}
    return {"id": f"{number:07}", "intitule": "Cuisinier", "dateCreation": created, "lieuTravail": place}
