"""The API of data·inclusion, v1, as an application of its own under /facades/data-inclusion.

Source: data·inclusion, API v1, July 2026. Parameters, pages, order and errors are those of that API.
"""

# No postponed annotations here: FastAPI reads the parameters of each operation from its signature.
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Annotated, cast

from fastapi import APIRouter, Depends, FastAPI, Path, Query, Request, Response
from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase
from starlette.datastructures import State

from raccord.facades.data_inclusion import shapes
from raccord.facades.data_inclusion.answers import UNKNOWN_COMMUNE, FacadeRoute, answer_json, make_page
from raccord.facades.data_inclusion.codes import DOC_LISTS, list_entries
from raccord.facades.data_inclusion.conditions import (
    RADIUS_KM,
    Around,
    Conditions,
    add_around,
    add_first_structures,
    add_place,
    add_service_filters,
    add_structure_filters,
)
from raccord.facades.data_inclusion.parameters import SearchParameters, ServiceParameters, StructureParameters
from raccord.facades.data_inclusion.queries import (
    Found,
    find_service,
    find_services,
    find_services_of,
    find_structure,
    find_structure_of,
    find_structures,
    find_twins_of,
    list_sources,
    show_services,
    show_structures,
)
from raccord.kernel.database import Reader
from raccord.kernel.openapi import Document
from raccord.kernel.refusals import JsonValue
from raccord.oauth.authentication import get_caller
from raccord.reference.code_list import CodeList
from raccord.reference.gazetteer import find_commune
from raccord.reference.service_codes import ReceptionMode

PREFIX = "/facades/data-inclusion"


class Access(SecurityBase):
    """Who may call: a caller whose token has the scopes. It gives the door to open records."""

    def __init__(self, *scopes: str) -> None:
        self.model = HTTPBearer(description="Jeton d'accès de Raccord (structures:read, services:read).")
        self.scheme_name = "token"
        self._scopes = scopes

    async def __call__(self, request: Request) -> Reader:
        """Check the caller's right, as a dependency: before parameters are."""
        await get_caller.authenticate(request, self._scopes)
        return cast("Reader", request.app.state.database)


StructureReader = Annotated[Reader, Depends(Access("structures:read"))]
ServiceReader = Annotated[Reader, Depends(Access("services:read"))]
WholeReader = Annotated[Reader, Depends(Access("structures:read", "services:read"))]
RecordId = Annotated[str, Path(alias="id")]


def build_facade(state: State) -> FastAPI:
    """Build the application, on the state of the one that it is mounted on."""
    facade = FastAPI(
        title="Raccord, façade data·inclusion",
        version="1.0.0",
        description="L'API data·inclusion v1, servie par Raccord. Le jeton est un jeton d'accès de Raccord.",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    facade.state = state
    facade.include_router(_build_router())
    return facade


@cache
def _build_router() -> APIRouter:
    router = APIRouter(prefix="/api/v1", route_class=FacadeRoute, default_response_class=Response)
    _add_structures(router)
    _add_services(router)
    _add_lists(router)
    return router


def _add_structures(router: APIRouter) -> None:
    page = _describe(shapes.ItemPage[shapes.ListedStructure])
    one = _describe(shapes.WholeStructure, 404)

    @router.get("/structures", operation_id="list_structures", summary="Lister les structures", responses=page)
    async def list_structures(reader: StructureReader, asked: Annotated[StructureParameters, Query()]) -> Response:
        """Lister les structures, par identifiant."""
        conditions = Conditions()
        await add_place(conditions, asked, reader)
        add_structure_filters(conditions, asked)
        found = await find_structures(reader, conditions, asked)
        return answer_json(make_page([*await show_structures(reader, found.rows)], found.total, asked))

    @router.get("/structures/{id}", operation_id="read_structure", summary="Lire une structure", responses=one)
    async def read_structure(reader: WholeReader, record_id: RecordId) -> Response:
        """Lire une structure, avec ses services et ses doublons."""
        row = await find_structure(reader, record_id)
        twins = await find_twins_of(reader, row)
        [structure, *others] = await show_structures(reader, [row, *twins])
        services = await show_services(await find_services_of(reader, row))
        return answer_json({**structure, "services": [*services], "doublons": [*others]})


def _add_services(router: APIRouter) -> None:
    page = _describe(shapes.ItemPage[shapes.ListedService])
    one = _describe(shapes.WholeService, 404)
    near = _describe(shapes.ItemPage[shapes.FoundService])

    @router.get("/services", operation_id="list_services", summary="Lister les services", responses=page)
    async def list_services(reader: ServiceReader, asked: Annotated[ServiceParameters, Query()]) -> Response:
        """Lister les services, par identifiant."""
        conditions = Conditions()
        await add_place(conditions, asked, reader)
        add_service_filters(conditions, asked)
        found = await find_services(reader, conditions, asked)
        return answer_json(make_page([*await show_services(found.rows)], found.total, asked))

    @router.get("/services/{id}", operation_id="read_service", summary="Lire un service", responses=one)
    async def read_service(reader: WholeReader, record_id: RecordId) -> Response:
        """Lire un service, avec sa structure."""
        row = await find_service(reader, record_id)
        [service] = await show_services([row])
        [structure] = await show_structures(reader, [await find_structure_of(reader, row)])
        return answer_json({**service, "structure": structure})

    @router.get("/search/services", operation_id="search_services", summary="Chercher des services", responses=near)
    async def search_services(reader: ServiceReader, asked: Annotated[SearchParameters, Query()]) -> Response:
        """Chercher des services autour d'une commune ou d'un point, les plus proches d'abord."""
        found = await _search(reader, asked)
        services = await show_services(found.rows)
        items: list[JsonValue] = [
            {"service": service, "distance": row["distance"]} for service, row in zip(services, found.rows, strict=True)
        ]
        return answer_json(make_page(items, found.total, asked))


def _add_lists(router: APIRouter) -> None:
    responses = _describe(list[shapes.NamedSource])

    @router.get("/sources", operation_id="list_sources", summary="Lister les sources", responses=responses)
    async def read_sources(reader: WholeReader) -> Response:
        """Lister les sources des structures et des services."""
        sources: list[JsonValue] = [
            {"slug": slug, "nom": slug.replace("-", " ").capitalize(), "description": ""}
            for slug in await list_sources(reader)
        ]
        return answer_json(sources)

    for name, codes in DOC_LISTS.items():
        router.add_api_route(
            f"/doc/{name}",
            _make_doc(codes),
            operation_id=f"list_{name.replace('-', '_')}",
            summary=f"Lister : {name}",
            responses={200: {"model": list[shapes.CodeEntry]}},
        )


def _make_doc(codes: CodeList) -> Callable[[], Awaitable[Response]]:
    answer: list[JsonValue] = [*list_entries(codes)]

    async def read_list() -> Response:
        """Lister les valeurs, avec leurs libellés."""
        return answer_json(answer)

    return read_list


def _describe(answer: object, *errors: int) -> dict[int | str, Document]:
    """Describe the answer and the errors of an operation."""
    every = (401, 403, 422, 429, 503, *errors)
    return {200: {"model": answer}, **{status: {"model": shapes.ErrorAnswer} for status in every}}


async def _search(reader: Reader, asked: SearchParameters) -> Found:
    """Search around the commune or the point; around neither, list.

    Errors: UNKNOWN_COMMUNE.
    """
    commune = await find_commune(reader, asked.code_commune) if asked.code_commune else None
    if asked.code_commune and commune is None:
        raise UNKNOWN_COMMUNE
    around = Around.make(commune, asked.lat, asked.lon)
    conditions = Conditions()
    await add_place(conditions, asked.model_copy(update={"code_commune": None}), reader)
    add_service_filters(conditions, asked)
    if asked.exclure_doublons:
        add_first_structures(conditions)
    distance = around.write_distance(conditions)
    add_around(conditions, around, distance)
    if distance is None:
        return await find_services(reader, conditions, asked)
    is_on_site = f"r.reception_modes && ARRAY['{ReceptionMode.ON_SITE.value}']"
    shown = f"CASE WHEN {is_on_site} AND {distance} <= {RADIUS_KM} THEN round({distance})::int END"
    return await find_services(reader, conditions, asked, shown)
