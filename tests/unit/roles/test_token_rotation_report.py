# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The entry point ``report`` of the role ``token_rotation``: its options, and that it hands all of them over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.task import report_spec

ROLE = Path(__file__).resolve().parents[3] / "roles" / "token_rotation"
PREFIX = "token_rotation_"
REPORT_PREFIX = "token_rotation_report_"
FROM_THE_RUN = {"tokens", "accounts", "failure"}
CANARY = "canary-in-the-wrong-place"


def options(entry_point: str) -> dict[str, Any]:
    specs = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))
    found: dict[str, Any] = specs["argument_specs"][entry_point]["options"]
    return found


def arguments(module: str) -> dict[str, Any]:
    tasks = yaml.safe_load((ROLE / "tasks" / "report.yml").read_text(encoding="utf-8"))
    (found,) = [task[module] for task in tasks if module in task]
    return dict(found)


def own_options() -> dict[str, Any]:
    return {
        name.removeprefix(REPORT_PREFIX): option
        for name, option in options("report").items()
        if name.startswith(REPORT_PREFIX)
    }


def test_the_options_for_the_report_are_those_of_the_action() -> None:
    expected = {name: option for name, option in report_spec().items() if name not in FROM_THE_RUN}
    keys = ("type", "default", "required")
    assert {name: [option.get(key) for key in keys] for name, option in own_options().items()} == {
        name: [option.get(key) for key in keys] for name, option in expected.items()
    }


def test_every_option_for_the_report_is_handed_over() -> None:
    handed = arguments("tokenops.ionos.rotation_report")
    assert set(handed) == set(report_spec())
    for name in own_options():
        assert handed[name] == f"{{{{ {REPORT_PREFIX}{name} | default(omit) }}}}"


def test_every_other_option_is_one_of_the_rotation_and_handed_over() -> None:
    handed = arguments("tokenops.ionos.vaulted_tokens")
    assert handed.pop("with_accounts") is True
    others = {name: option for name, option in options("report").items() if not name.startswith(REPORT_PREFIX)}
    assert others.pop("token_rotation_run_once") == options("main")["token_rotation_run_once"]
    assert handed == {name.removeprefix(PREFIX): f"{{{{ {name} | default(omit) }}}}" for name in others}
    assert all(options("main")[name] == option for name, option in others.items())


def test_it_looks_without_changing_anything() -> None:
    tasks = yaml.safe_load((ROLE / "tasks" / "report.yml").read_text(encoding="utf-8"))
    assert (tasks[0]["check_mode"], tasks[0]["changed_when"], tasks[0]["failed_when"]) == (True, False, False)


@pytest.mark.parametrize("name", sorted(options("report")))
@pytest.mark.parametrize("value", [CANARY, f"name={CANARY} {CANARY}=1", [CANARY], {CANARY: CANARY}])
def test_ansible_never_shows_what_stands_in_the_wrong_place(name: str, value: Any) -> None:
    messages = ArgumentSpecValidator(options("report")).validate({name: value}).error_messages
    assert CANARY not in " ".join(messages)
