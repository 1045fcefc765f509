"""Documentation served by the API itself, without any outside host: Swagger UI, and a page for each problem."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

from raccord.kernel.errors import NotFoundError, list_error_classes
from raccord.kernel.strict_json import JsonObject, dump_json
from raccord.kernel.text import choose_language

_STATIC = "/docs/static"


def install_documentation(app: FastAPI) -> None:
    """Serve /docs, its files, and /problems/{code}."""
    folder = Path(str(files("fastapi_offline").joinpath("static")))
    app.mount(_STATIC, StaticFiles(directory=folder), name="docs-static")
    app.include_router(_build_router())


def _build_router() -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/docs")
    async def read_docs(request: Request) -> HTMLResponse:
        """Show the API's reference."""
        return get_swagger_ui_html(
            openapi_url="/openapi.json",
            title=f"{request.app.title} — API",
            swagger_js_url=f"{_STATIC}/swagger-ui-bundle.js",
            swagger_css_url=f"{_STATIC}/swagger-ui.css",
            swagger_favicon_url=f"{_STATIC}/favicon.png",
        )

    @router.get("/problems/{code}")
    async def read_problem(request: Request, code: str) -> Response:
        """Explain a problem's code: what the `type` of every problem resolves to."""
        for error in list_error_classes():
            if error.code == code:
                language = choose_language(request.headers.get("accept-language"))
                page: JsonObject = {
                    "code": error.code,
                    "status": error.status,
                    "title": error.title.in_language(language),
                    "remedy": error.remedy.in_language(language),
                }
                return Response(dump_json(page), media_type="application/json")
        raise NotFoundError

    return router
