# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of the role ``token_rotation``: those of the action, and never a value in a message of Ansible's."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.tokenops.ionos.plugins.plugin_utils._action.arguments import task_spec
from ansible_collections.tokenops.ionos.plugins.plugin_utils._notify.task import notify_spec
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.kinds import vault_kinds

ROLE = Path(__file__).resolve().parents[3] / "roles" / "token_rotation"
PREFIX = "token_rotation_"
NOTIFY_PREFIX = "token_rotation_notify_"
OWN_OPTIONS = {"token_rotation_run_once", "token_rotation_notify"}
# What the role hands to rotation_notify of itself.
NOTIFY_ARGUMENTS_OF_THE_RUN = {"tokens", "failure"}
CANARY = "canary-in-the-wrong-place"
# What can stand where something else was wanted: text, a list, a mapping, and what Ansible would take apart.
MISPLACED = {
    "text": CANARY,
    "text that looks like a mapping": f"name={CANARY} {CANARY}=1 {CANARY}",
    "text that looks like JSON": f'{{"{CANARY}": "{CANARY}"}}',
    "text that looks like broken JSON": f'{{"{CANARY}": {CANARY}',
    "text that looks like a list": f"{CANARY},{CANARY}={CANARY}",
    "list": [CANARY],
    "mapping": {CANARY: CANARY},
    "list of mappings": [{CANARY: CANARY, "name": [CANARY], "two_factor": CANARY, "vault": CANARY}],
    "list of lists": [[CANARY]],
}


@cache
def role_options() -> dict[str, Any]:
    specs = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))
    options: dict[str, Any] = specs["argument_specs"]["main"]["options"]
    return options


def action_options() -> dict[str, Any]:
    kinds = vault_kinds()
    return task_spec(
        {name: kind.CONNECTION_OPTIONS for name, kind in kinds.items()},
        {name: kind.PLACE_OPTIONS for name, kind in kinds.items()},
    )


def notify_options() -> dict[str, Any]:
    """Return the options of ``rotation_notify`` that are a user's to set."""
    return {name: option for name, option in notify_spec().items() if name not in NOTIFY_ARGUMENTS_OF_THE_RUN}


def arguments_of(action: str) -> dict[str, str]:
    """Return the arguments that the role gives to an action of the collection."""
    tasks = yaml.safe_load((ROLE / "tasks" / "main.yml").read_text(encoding="utf-8"))
    [arguments] = [task[f"tokenops.ionos.{action}"] for task in tasks if f"tokenops.ionos.{action}" in task]
    return dict(arguments)


def handed_over(prefix: str, names: Iterable[str]) -> dict[str, str]:
    """Return arguments that are the role's variables where these are set."""
    return {name: f"{{{{ {prefix}{name} | default(omit) }}}}" for name in names}


def declared(option: dict[str, Any]) -> dict[str, Any]:
    """Return what an option is, without how it is described and which variables of the environment stand in for it."""
    shown = {key: option[key] for key in ("type", "elements", "default", "choices") if key in option}
    shown |= {key: True for key in ("required", "no_log") if option.get(key)}
    if "options" in option:
        shown["options"] = {name: declared(nested) for name, nested in option["options"].items()}
    return shown


def unchecked(option: dict[str, Any]) -> dict[str, Any]:
    """Return an option of the action as the role declares it: without what Ansible would check, and then show."""
    unchecked_option = {key: value for key, value in option.items() if key != "choices"}
    if option["type"] in ("int", "bool"):
        unchecked_option["type"] = "raw"
    if option.get("elements") == "dict":
        unchecked_option["elements"] = "raw"
    if option["type"] == "dict" and "options" in option:
        unchecked_option["type"] = "raw"
    return unchecked_option


def test_the_role_declares_every_option_of_the_action_as_the_action_does() -> None:
    of_the_role = {name: declared(option) for name, option in role_options().items() if name not in OWN_OPTIONS}
    of_the_action = {PREFIX + name: unchecked(declared(option)) for name, option in action_options().items()}
    of_the_action |= {NOTIFY_PREFIX + name: unchecked(declared(option)) for name, option in notify_options().items()}
    assert of_the_role == of_the_action


def test_the_role_names_the_choices_that_it_does_not_check() -> None:
    for name, option in action_options().items():
        description = " ".join(role_options()[PREFIX + name]["description"])
        for choice in option.get("choices", []):
            assert f"V({choice})" in description


def test_the_role_hands_every_option_over_and_leaves_out_what_is_not_set() -> None:
    assert arguments_of("vaulted_tokens") == handed_over(PREFIX, action_options())
    notify_arguments = arguments_of("rotation_notify")
    assert set(notify_arguments) == set(notify_spec())
    assert handed_over(NOTIFY_PREFIX, notify_options()).items() <= notify_arguments.items()


@pytest.mark.parametrize("name", sorted(role_options()))
@pytest.mark.parametrize("value", MISPLACED.values(), ids=MISPLACED)
def test_ansible_never_shows_what_stands_in_the_wrong_place(name: str, value: Any) -> None:
    messages = ArgumentSpecValidator(role_options()).validate({name: value}).error_messages
    assert CANARY not in " ".join(messages)
