"""Is the process alive, and can it serve: for load balancers and supervisors."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from pydantic import Field

from raccord.kernel.errors import UnavailableError
from raccord.kernel.openapi import describe_answer, describe_problems
from raccord.kernel.problems import answer_problem
from raccord.kernel.shapes import Shape


class Health(Shape):
    """The state of the process."""

    status: str = Field(description="`ok`.")


def build_health_router(schema_revision: str) -> APIRouter:
    """Build the router. Ready means: the database answers, at the revision of this code."""
    router = APIRouter(tags=["Health"])
    fine = describe_answer("Tout va bien.", Health, {"status": "ok"})

    @router.get("/health/live", operation_id="read_liveness", summary="En vie ?", responses={200: fine})
    async def read_liveness() -> Health:
        """Dire que le processus répond."""
        return Health(status="ok")

    @router.get(
        "/health/ready",
        operation_id="read_readiness",
        summary="Prêt ?",
        response_class=Response,
        responses={200: fine, 503: describe_problems(UnavailableError)[503]},
    )
    async def read_readiness(request: Request) -> Response:
        """Dire que la base répond, à la bonne révision."""
        try:
            rows = await request.app.state.database.fetch("SELECT version_num FROM alembic_version")
        except Exception:
            return answer_problem(UnavailableError(headers={"Retry-After": "1"}), request)
        if [row["version_num"] for row in rows] != [schema_revision]:
            return answer_problem(UnavailableError(headers={"Retry-After": "5"}), request)
        return Response('{"status":"ok"}', media_type="application/json")

    return router
