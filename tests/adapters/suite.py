"""The tests that every adapter passes. A test file of an adapter describes its case and inherits the rest.

class TestList(AdapterSuite):
    @pytest.fixture
    def case(self) -> Case:
        return Case(MANIFEST, ListTool(rows, token="s3cret-of-the-tool"), settings={...}, secrets={...})
"""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from raccord.adapters.contract import (
    Batch,
    Broken,
    Capability,
    CredentialsRefused,
    Item,
    TryLater,
    Walk,
)
from raccord.kernel.strict_json import dump_json
from raccord.kernel.validation import validate_content
from raccord.resources.registry import KINDS_BY_NAME
from tests.adapters.case import Case
from tests.adapters.receive_suite import ReceiveSuite
from tests.adapters.stand_in import expired_token, server_error, too_many, truncated

__all__ = ["AdapterSuite", "Case"]


def list_items(batches: Sequence[Batch]) -> list[Item]:
    return [item for batch in batches for item in batch.items]


def name_items(batches: Sequence[Batch]) -> set[tuple[str, str]]:
    return {(item.kind, item.external_id) for item in list_items(batches)}


class AdapterSuite(ReceiveSuite):
    """The tests; `case` is a fixture of the subclass."""

    def test_the_manifest_is_complete(self, case: Case) -> None:
        manifest = case.manifest

        assert manifest.tier is not None
        assert manifest.owner
        assert manifest.contact
        assert {*manifest.reads, *manifest.writes} <= {*KINDS_BY_NAME}
        assert bool(manifest.writes) is (Capability.PUSH in manifest.capabilities)
        for name, declared in manifest.secrets.model_fields.items():
            assert "SecretStr" in str(declared.annotation), name
        for shape in (manifest.settings, manifest.secrets):
            for name, declared in shape.model_fields.items():
                assert declared.description, name

    def test_where_it_calls_is_told_before_it_does(self, case: Case) -> None:
        settings = case.manifest.settings.model_validate_json(json.dumps(case.settings))

        assert [*case.manifest.addresses(settings)] or not case.calls_http

    async def test_check_works_before_the_first_run(self, case: Case) -> None:
        await case.build().check()

    async def test_check_names_refused_credentials(self, case: Case) -> None:
        if case.wrong_secrets is None:
            pytest.skip("the tool asks for no credentials")

        with pytest.raises(CredentialsRefused):
            await case.build(case.wrong_secrets).check()

    async def test_a_full_walk_meets_all_and_ends(self, case: Case) -> None:
        batches = await case.walk()

        met = [kind for kind, _ in name_items(batches)]
        assert {kind: met.count(kind) for kind in set(met)} == case.expected
        assert [batch.is_last for batch in batches] == [False] * (len(batches) - 1) + [True]
        assert {end.kind for batch in batches for end in batch.ends} == set(case.manifest.reads)

    async def test_every_item_translates_to_its_kind_the_same_way_each_time(self, case: Case) -> None:
        adapter = case.build()
        for item in list_items(await case.walk(adapter=adapter)):
            before = copy.deepcopy(item)

            first, second = adapter.translate(item), adapter.translate(item)

            assert item == before
            assert first == second
            validate_content(KINDS_BY_NAME[item.kind].content, dump_json(first.content))

    async def test_a_walk_goes_on_from_any_of_its_cursors(self, case: Case) -> None:
        batches = await case.walk()
        every = name_items(batches)
        for place, batch in enumerate(batches[:-1]):
            assert batch.cursor is not None, "a batch before the last has a cursor"
            assert isinstance(batch.cursor, case.manifest.cursor)
            cursor = case.manifest.cursor.model_validate_json(batch.cursor.model_dump_json())

            rest = await case.walk(Walk(cursor=cursor))

            assert name_items(batches[: place + 1]) | name_items(rest) == every
            assert rest[-1].is_last

    async def test_a_stumble_of_the_tool_is_got_over(self, case: Case) -> None:
        self._skip_without_http(case)
        every = name_items(await case.walk())
        for fault in (too_many("2"), too_many(), server_error(502), truncated()):
            case.tool.script(fault)

            assert name_items(await case.walk()) == every

        assert max(case.clock.waits) >= 1

    async def test_a_tool_that_stays_down_is_tried_later(self, case: Case) -> None:
        self._skip_without_http(case)
        case.tool.script(server_error(times=100))

        with pytest.raises(TryLater) as raised:
            await case.walk()

        assert raised.value.after_s > 0

    async def test_a_token_that_has_ended_is_said_to(self, case: Case) -> None:
        self._skip_without_http(case)
        if case.wrong_secrets is None:
            pytest.skip("the tool asks for no credentials")
        case.tool.script(expired_token(times=100))

        with pytest.raises(CredentialsRefused):
            await case.walk()

    async def test_an_answer_of_another_contract_breaks(self, case: Case) -> None:
        self._skip_without_http(case)
        case.tool.script(server_error(404, times=100))

        with pytest.raises(Broken):
            await case.walk()

    async def test_the_declared_rate_is_kept(self, case: Case) -> None:
        self._skip_without_http(case)
        budget = case.manifest.budget
        adapter, started = case.build(), case.clock.now()
        for _ in range(budget.calls // max(1, len(await case.walk(adapter=adapter))) + 2):
            await case.walk(adapter=adapter)

        assert len(case.tool.calls) <= budget.calls * (1 + (case.clock.now() - started) / budget.per_s)

    async def test_secrets_are_in_no_log_and_no_error(self, case: Case) -> None:
        secrets = [value for value in case.secrets.values() if isinstance(value, str)]
        shown = [str(SecretStr(value)) for value in secrets]
        case.tool.script(server_error(times=9))
        told: list[str] = []

        with capture_logs() as logs:
            try:
                await case.walk()
            except (TryLater, Broken, CredentialsRefused) as error:
                told.append(repr(error) + str(error))

        assert all(value not in str(logs) + str(told) for value in secrets)
        assert all("*" in value for value in shown)

    async def test_the_loss_of_the_tool_is_logged_once_and_its_return_once(self, case: Case) -> None:
        self._skip_without_http(case)
        adapter = case.build()
        case.tool.script(server_error(times=12))

        with capture_logs() as logs:
            for _ in range(30):
                try:
                    await case.walk(adapter=adapter)
                except TryLater as error:
                    await case.clock.sleep(error.after_s)

        events = [line["event"] for line in logs]
        assert events.count("remote host lost") == 1
        assert events.count("remote host back") == 1

    @staticmethod
    def _skip_without_http(case: Case) -> None:
        if not case.calls_http:
            pytest.skip("an adapter of files")
