# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action itself: whatever goes wrong is in its result, and no arguments are left for callbacks (R23)."""

from __future__ import annotations

import signal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.tokenops.ionos.plugins.action.vaulted_tokens import ActionModule
from support import action_runs
from support.report_entries import place, token

ARGUMENTS: dict[str, Any] = {"tokens": [{"name": "app", "vault": {"path": "ionos.yml", "variable": "ionos_token"}}]}


def task_of(arguments: dict[str, Any], **fields: Any) -> SimpleNamespace:
    return action_runs.task_of("tokenops.ionos.vaulted_tokens", arguments, **fields)


def run(task: SimpleNamespace, directory: Path | BaseException) -> dict[str, Any]:
    return action_runs.run_action(ActionModule, task, directory)


def test_a_mistake_in_the_arguments_is_a_result(tmp_path: Path) -> None:
    result = run(task_of({}), tmp_path)
    assert (result["failed"], result["changed"], result["tokens"]) == (True, False, [])
    assert result["error_code"] == "option_missing"
    assert result["msg"].startswith("The task lacks the option tokens.")


def test_r23_an_unexpected_exception_is_a_result_without_its_text() -> None:
    result = run(task_of(ARGUMENTS), RuntimeError("swordfish"))
    assert result["msg"].startswith("An unexpected RuntimeError ended the work at tokenops.ionos.vaulted_tokens.")
    assert "swordfish" not in str(result)


@pytest.mark.parametrize("error", [KeyboardInterrupt("swordfish"), SystemExit("swordfish")])
def test_an_interruption_is_a_result_without_its_text(error: BaseException) -> None:
    result = run(task_of(ARGUMENTS), error)
    assert result["msg"] == "The run was told to stop before this was done. Run again; nothing is lost."
    assert "swordfish" not in str(result)


def test_r23_no_arguments_are_left_when_the_task_has_ended(tmp_path: Path) -> None:
    task = task_of({"token": "swordfish"})
    run(task, tmp_path)
    assert task.args == {}


@pytest.mark.parametrize("repeated", [{"until": ["x is succeeded"]}, {"retries": 3}])
def test_r23_a_task_that_may_be_repeated_keeps_its_arguments(tmp_path: Path, repeated: dict[str, Any]) -> None:
    task = task_of({"token": "swordfish"}, **repeated)
    run(task, tmp_path)
    assert task.args == {"token": "swordfish"}


def test_the_handlers_of_signals_are_put_back(tmp_path: Path) -> None:
    """R15."""
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    run(task_of(ARGUMENTS), tmp_path)
    assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)] == before


def test_the_default_vault_says_that_it_needs_a_vault_password(tmp_path: Path) -> None:
    assert run(task_of(ARGUMENTS), tmp_path)["error_code"] == "vault_password_missing"


def earlier() -> dict[str, Any]:
    """Return the result of a call that has rotated one token and wants it published, and has failed for another."""
    waiting = place("spots", "replica", in_sync=False, to_publish="publish")
    entries = [
        token("app", action="rotated", reason="renew_before", changed=True, vaults=[place(), waiting]),
        token("dns", failed=True, message="It failed.", error_codes=["quota_reached"]),
    ]
    return {"tokens": entries, "changed": True, "failed": True, "publications": [{"name": "app", "vault": "spots"}]}


@pytest.mark.parametrize("trouble", [RuntimeError("swordfish"), KeyboardInterrupt("swordfish")])
def test_what_an_earlier_call_has_done_stays_told_if_the_next_one_comes_to_nothing(trouble: BaseException) -> None:
    result = run(task_of({**ARGUMENTS, "published": [], "earlier_result": earlier()}), trouble)
    app, dns = result["tokens"]
    assert (app["action"], app["changed"], app["failed"]) == ("rotated", True, True)
    assert len(app["error_codes"]) == 1
    assert app["message"] in result["msg"]
    assert (dns["message"], dns["error_codes"]) == ("It failed.", ["quota_reached"])
    assert result["summary"][-1].startswith("2 declared")
    assert "swordfish" not in str(result)


def test_an_earlier_result_that_is_none_of_ours_is_refused(tmp_path: Path) -> None:
    result = run(task_of({**ARGUMENTS, "published": [], "earlier_result": {"tokens": [{"no": "name"}]}}), tmp_path)
    assert result["error_code"] == "report_input_invalid"
