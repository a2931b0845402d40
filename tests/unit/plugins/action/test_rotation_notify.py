# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action itself: whatever goes wrong is in its result, and no arguments are left for callbacks (R23)."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.tokenops.ionos.plugins.action.rotation_notify import ActionModule
from support import action_runs
from support.raw_server import RawServer, answering, free_port

SECRET = "canary-of-the-webhook"
FAILED = {"name": "app", "account": "shop", "action": "failed", "failed": True, "message": "It failed."}
ACCEPTED = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


def task_of(arguments: dict[str, Any], **fields: Any) -> SimpleNamespace:
    return action_runs.task_of("tokenops.ionos.rotation_notify", arguments, **fields)


def run(task: SimpleNamespace, directory: Path | BaseException) -> dict[str, Any]:
    return action_runs.run_action(ActionModule, task, directory, inventory_hostname="shop")


def arguments(url: str, **options: Any) -> dict[str, Any]:
    return {"tokens": [FAILED], "webhook": {"url": f"{url}/{SECRET}"}, "state_file": "state.json", **options}


def test_what_was_told_is_in_the_result_with_the_host_as_its_source(tmp_path: Path) -> None:
    with RawServer(answering(ACCEPTED)) as server:
        result = run(task_of(arguments(server.url)), tmp_path)
    assert [(event["source"], event["token"], event["state"]) for event in result["told"]] == [
        ("shop", "app", "failed")
    ]
    assert (result["changed"], (tmp_path / "state.json").exists()) == (True, True)


def test_a_webhook_that_is_down_does_not_fail_the_task(tmp_path: Path) -> None:
    result = run(task_of(arguments(f"http://127.0.0.1:{free_port()}")), tmp_path)
    assert (result.get("failed", False), result["changed"], result["told"]) == (False, False, [])
    assert [event["token"] for event in result["pending"]] == ["app"]
    assert result["delivery_error_code"] == "webhook_unreachable"
    assert SECRET not in str(result)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"webhook": f"https://hooks.example.com/{SECRET}"}, "option_type_wrong"),
        ({"webhook": {"url": f"https://hooks.example.com/{SECRET}", SECRET: "x"}}, "option_unknown"),
        ({"webhook": {"headers": {"X-Token": SECRET}}}, "option_missing"),
        ({"webhook": {"url": {SECRET: SECRET}}}, "option_type_wrong"),
        ({"webhook": {"url": "https://hooks.example.com/", "headers": f"X-Token={SECRET}"}}, "option_type_wrong"),
        ({"webhook": {"url": "https://hooks.example.com/", "timeout": SECRET}}, "option_type_wrong"),
        ({"webhook": {"url": "https://hooks.example.com/", "body_format": SECRET}}, "option_choice_wrong"),
        ({"webhook": {"url": SECRET}}, "webhook_url_invalid"),
        ({"tokens": SECRET}, "option_type_wrong"),
        ({"tokens": [{"name": "app", "failed": SECRET}]}, "report_input_invalid"),
    ],
)
def test_a_mistake_in_the_arguments_is_a_result_without_values(
    tmp_path: Path, changes: dict[str, Any], code: str
) -> None:
    result = run(task_of({**arguments("https://hooks.example.com"), **changes}), tmp_path)
    assert (result["failed"], result["changed"], result["told"], result["pending"]) == (True, False, [], [])
    assert result["error_code"] == code
    assert SECRET not in str(result)


def test_an_unexpected_exception_is_a_result_without_its_text() -> None:
    result = run(task_of(arguments("https://hooks.example.com")), RuntimeError("swordfish"))
    assert result["msg"].startswith("An unexpected RuntimeError ended the work at tokenops.ionos.rotation_notify.")
    assert "swordfish" not in str(result)


@pytest.mark.parametrize("error", [KeyboardInterrupt("swordfish"), SystemExit("swordfish")])
def test_an_interruption_is_a_result_without_its_text(error: BaseException) -> None:
    result = run(task_of(arguments("https://hooks.example.com")), error)
    assert result["msg"] == "The run was told to stop before this was done. Run again; nothing is lost."
    assert "swordfish" not in str(result)


def test_no_arguments_are_left_when_the_task_has_ended(tmp_path: Path) -> None:
    task = task_of({"webhook": SECRET})
    run(task, tmp_path)
    assert task.args == {}


@pytest.mark.parametrize("repeated", [{"until": ["x is succeeded"]}, {"retries": 3}])
def test_a_task_that_may_be_repeated_keeps_its_arguments(tmp_path: Path, repeated: dict[str, Any]) -> None:
    task = task_of({"webhook": SECRET}, **repeated)
    run(task, tmp_path)
    assert task.args == {"webhook": SECRET}
