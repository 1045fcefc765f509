"""What every refusal has, whatever was sent."""

from __future__ import annotations

from typing import Any

import httpx

from tests.operations import Operation

# What a person's data looks like: it is sent everywhere, and comes back nowhere.
CANARY = "Zélie-Canari"
_PLACED = ("invalid_content", "invalid_parameter", "unknown_parameter", "invalid_cursor", "missing_header")


def assert_refused(operation: Operation, response: httpx.Response) -> dict[str, Any]:
    """Check that the answer is a declared refusal that says where, and repeats nothing."""
    assert 400 <= response.status_code < 500, f"{response.status_code}: {response.text}"
    assert str(response.status_code) in operation.described["responses"], response.text
    assert CANARY not in response.text
    assert response.headers["x-content-type-options"] == "nosniff"
    body = dict(response.json())
    if operation.is_oauth and response.headers["content-type"] == "application/json":
        assert body["error"]
        return body
    assert response.headers["content-type"] == "application/problem+json"
    assert (body["status"], body["type"].rpartition("/")[2]) == (response.status_code, body["code"])
    assert body["request_id"] == response.headers["x-request-id"]
    is_unreadable = body["code"] == "unknown_parameter" and response.request.url.query.count(b"%ff")
    if body["code"] in _PLACED and not is_unreadable:
        assert body["errors"], response.text
    for item in body.get("errors", ()):
        assert len({"pointer", "parameter", "header"} & item.keys()) == 1
        assert item["code"]
        assert item["message"]
    return body
