"""The image and the composition: read here, built elsewhere."""

from __future__ import annotations

import re
from typing import Any

import yaml  # type: ignore[import-untyped]  # it comes with schemathesis, without its types

from raccord.settings import Settings
from tests.house.sources import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))


def test_what_the_image_copies_is_not_ignored() -> None:
    sent = set(re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text("utf-8"), re.M))
    copied = [name for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.M) for name in line.split()[:-1]]

    assert copied
    assert {*copied} <= sent
    assert all((ROOT / name).exists() for name in copied)


def test_the_image_runs_as_nobody_in_particular_and_says_how_it_feels() -> None:
    last = DOCKERFILE.rsplit("\nFROM ", 1)[1]

    assert re.search(r"^USER 10001$", last, re.M)
    assert "HEALTHCHECK" in last
    assert "/health/ready" in last


def test_the_image_installs_by_hash() -> None:
    installs = re.findall(r"pip install[^&]*", DOCKERFILE)

    assert installs
    assert all("--require-hashes" in line or "--no-index" in line for line in installs)


def test_the_build_backend_is_in_the_lock() -> None:
    locked = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements-dev.lock").read_text("utf-8"), re.M))
    match = re.search(r"for name in ([a-z -]+);", DOCKERFILE)

    assert match is not None
    assert set(match[1].split()) <= locked


def test_the_composition_has_its_parts_in_order() -> None:
    services = COMPOSE["services"]

    assert set(services) == {"database", "migrate", "api", "worker"}
    assert services["migrate"]["depends_on"] == {"database": {"condition": "service_healthy"}}
    for name in ("api", "worker"):
        assert services[name]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}


def test_the_composition_sets_settings_that_exist_and_holds_no_secret() -> None:
    known = {f"RACCORD_{name.upper()}" for name in Settings.model_fields}
    given = COMPOSE["x-raccord"]["environment"]

    assert set(given) <= known
    assert all("${" in value for value in given.values())
    assert all(":?}" in value for value in COMPOSE["services"]["database"]["environment"].values())
