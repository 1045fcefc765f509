"""Who may call what, and what a stranger learns: generated from the registry and from the OpenAPI document."""

from __future__ import annotations

import uuid
from typing import Any

import httpx
import pytest

from raccord.resources.registry import KINDS, list_scopes
from tests.operations import Operation, list_operations, list_personal, list_private, list_protected, list_scoped
from tests.partners import Partner
from tests.peers import World

Json = dict[str, Any]
PERSONAL_KINDS = [kind for kind in KINDS if kind.is_personal]
PUBLIC = {"/health/live", "/health/ready", "/.well-known/oauth-authorization-server"}
# No token: the connection's adapter proves the sender.
PROVEN = {"/v1/connections/{id}/messages"}


def on(operations: list[Operation]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("operation", operations, ids=str)


def read_problem(response: httpx.Response, status: int, code: str) -> Json:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem = dict(response.json())
    assert (problem["status"], problem["code"]) == (status, code)
    return problem


async def narrow(world: World, scopes: list[str]) -> Partner:
    """The owner with a token of these scopes alone."""
    owner = world.owner
    token = await world.partners.get_token(owner.client_id, owner.secret, " ".join(scopes))
    return Partner(world.http, owner.client_id, owner.secret, token, owner.source, structure_id=owner.structure_id)


def test_every_address_asks_for_a_token_or_is_public_on_purpose() -> None:
    open_to_all = {o.path for o in list_operations() if o.scopes is None and not o.is_oauth}
    assert open_to_all == PUBLIC | PROVEN


def test_every_operation_of_a_kind_asks_for_the_kind_s_scope() -> None:
    for operation in list_operations():
        if operation.kind is not None:
            verb = "read" if operation.method == "GET" else "write"
            assert operation.scopes == [f"{operation.kind.name}:{verb}"], operation.name


@on(list_protected())
async def test_without_a_token_nothing_is_answered(world: World, operation: Operation) -> None:
    for given in ({}, {"Authorization": "Bearer rac_at_never_given_out"}):
        response = await world.http.request(
            operation.method,
            world.fill_path(operation),
            content=operation.make_body() or None,
            headers={**operation.make_headers(), "Raccord-Purpose": "prescription", **given},
        )
        problem = read_problem(response, 401, "unauthenticated")
        assert response.headers["WWW-Authenticate"].startswith('Bearer realm="raccord"')
        assert "errors" not in problem


@on(list_scoped())
async def test_without_the_declared_scope_it_is_refused_and_named(world: World, operation: Operation) -> None:
    [scope] = operation.scopes or []
    partner = await narrow(world, [other for other in list_scopes() if other != scope])

    response = await world.call(operation, partner)

    problem = read_problem(response, 403, "insufficient_scope")
    assert problem["required_scope"] == scope
    challenge = response.headers["WWW-Authenticate"]
    assert challenge == f'Bearer realm="raccord", error="insufficient_scope", scope="{scope}"'


@on(list_scoped())
async def test_the_declared_scope_alone_is_enough(world: World, operation: Operation) -> None:
    partner = await narrow(world, operation.scopes or [])
    # An address of nothing: the answer must come after the scope's check, and change nothing here.
    path = world.fill_path(operation, id=str(uuid.uuid4()), source="nobody", external_id="nothing")

    response = await world.call(operation, partner, path=path, **{"Idempotency-Key": uuid.uuid4().hex})

    assert response.status_code != 401
    assert response.json().get("code") != "insufficient_scope"
    assert str(response.status_code) in operation.described["responses"]


@on(list_personal())
async def test_personal_kinds_are_not_answered_without_a_purpose(world: World, operation: Operation) -> None:
    world_owner = world.owner
    silent = Partner(world.http, world_owner.client_id, "", world_owner.token, world_owner.source, purpose=None)

    problem = read_problem(await world.call(operation, silent), 400, "missing_header")

    assert [item["header"] for item in problem["errors"]] == ["Raccord-Purpose"]


@on(list_personal())
@pytest.mark.parametrize("purpose", ["immersion", "marketing", "", "prescription, immersion"])
async def test_a_purpose_that_the_token_lacks_is_refused(world: World, operation: Operation, purpose: str) -> None:
    response = await world.call(operation, world.owner, **{"Raccord-Purpose": purpose})

    problem = read_problem(response, 403, "purpose_not_allowed")
    assert [item["header"] for item in problem["errors"]] == ["Raccord-Purpose"]
    assert "immersion" not in problem["purposes"]


@on(list_private())
async def test_a_stranger_cannot_tell_another_s_record_from_none(world: World, operation: Operation) -> None:
    name = operation.kind.name if operation.kind else ""
    known = world.records[name]["id"] if name else world.find_own(operation)
    stored = await world.database.fetch("SELECT record_id FROM record_heads WHERE kind = $1", name)
    ids = [known, *(str(row["record_id"]) for row in stored), str(uuid.uuid4()), str(uuid.UUID(int=0))]

    answers = [await world.call(operation, world.stranger, path=world.fill_path(operation, id=i)) for i in ids]

    await assert_same_refusal(answers, 404, "not_found")


@on([operation for operation in list_personal() if "{external_id}" in operation.path])
async def test_a_stranger_cannot_try_external_ids_of_another_source(world: World, operation: Operation) -> None:
    assert operation.kind is not None
    known = str(world.records[operation.kind.name]["external_id"])
    places = [(world.owner.source, known), (world.owner.source, "nothing"), ("nobody", known)]

    answers = [
        await world.call(operation, world.stranger, path=world.fill_path(operation, source=source, external_id=name))
        for source, name in places
    ]

    if operation.method == "GET":
        await assert_same_refusal(answers, 404, "not_found")
    else:
        await assert_same_refusal(answers, 403, "source_not_yours")


@pytest.mark.parametrize("kind", PERSONAL_KINDS, ids=lambda kind: kind.name)
async def test_a_stranger_s_lists_never_show_another_s_record(world: World, kind: Any) -> None:
    record = world.records[kind.name]
    person = world.records["people"]["id"]
    queries = ["", f"?source={world.owner.source}", "?limit=200"]
    queries += [f"?{name}={person}" for name in kind.filters.model_fields if name in kind.personal.person_fields]
    for query in queries:
        response = await world.stranger.get(f"/v1/{kind.path}{query}")
        assert response.status_code == 200, response.text
        assert response.json() == {"data": [], "next_cursor": None}
    mine = (await world.owner.get(f"/v1/{kind.path}")).json()["data"]
    assert record["id"] in [item["id"] for item in mine]


async def test_a_stranger_s_feed_never_shows_another_s_record(world: World) -> None:
    seen, _ = await world.owner.read_feed()
    assert {change["kind"] for change in seen} == {kind.name for kind in KINDS}

    changes, _ = await world.stranger.read_feed()

    assert {change["kind"] for change in changes} <= {kind.name for kind in KINDS if not kind.is_personal}


async def test_the_feed_gives_the_kinds_of_the_token_s_scopes_only(world: World) -> None:
    for kind in KINDS:
        partner = await narrow(world, [kind.scope("read")])
        changes, _ = await partner.read_feed()
        assert {change["kind"] for change in changes} == {kind.name}
        for other in KINDS:
            if other is not kind:
                response = await partner.get(f"/v1/changes?kind={other.name}")
                assert read_problem(response, 403, "insufficient_scope")["required_scope"] == other.scope("read")
    blind = await narrow(world, ["tokens:introspect"])
    read_problem(await blind.get("/v1/changes"), 403, "insufficient_scope")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
async def test_a_stranger_changes_no_record_of_another_source(world: World, kind: Any) -> None:
    before = await world.digest_tables()
    changing = [o for o in list_operations() if o.kind is kind and o.method in ("PUT", "PATCH", "DELETE")]
    for operation in changing:
        response = await world.call(operation, world.stranger)
        assert response.status_code == (404 if kind.is_personal and "{id}" in operation.path else 403)
    assert await world.digest_tables() == before


async def assert_same_refusal(answers: list[httpx.Response], status: int, code: str) -> None:
    """Byte for byte the same, but for the request's id and the quota left; the headers too."""
    own = ("x-request-id", "ratelimit")
    bodies, heads = set(), set()
    for answer in answers:
        request_id = read_problem(answer, status, code)["request_id"]
        bodies.add(answer.text.replace(request_id, "-"))
        heads.add(tuple(sorted((k, v) for k, v in answer.headers.items() if k not in own)))
    assert len(bodies) == 1
    assert len(heads) == 1
