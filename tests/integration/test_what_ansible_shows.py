# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the guide says that Ansible shows by itself, and that it shows nothing more of this collection."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible.parsing.vault import VaultLib, VaultSecret

from support.ansible_runs import AnsibleRun, AnsibleWorkspace

PASSWORD = "password of production"
SECRET = "correct-horse-battery-staple"
ADDRESS = {"api_url": "http://127.0.0.1:9", "username": "ann@example.com"}
TOKENS = [{"name": "shop", "vault": {"path": "ionos.yml", "variable": "ionos_token"}}]


@pytest.fixture
def workspace(tmp_path: Path) -> AnsibleWorkspace:
    return AnsibleWorkspace(tmp_path)


def run(workspace: AnsibleWorkspace, task: dict[str, Any], **environment: str) -> AnsibleRun:
    """Run a task with the variable ``vaulted``, which is encrypted; it may fail."""
    secret = VaultSecret(PASSWORD.encode())
    lines = VaultLib([("prod", secret)]).encrypt(SECRET, secret, vault_id="prod").decode().splitlines()
    workspace.write("secrets.yml", "vaulted: !vault |\n" + "".join(f"    {line}\n" for line in lines))
    [play] = workspace.play({"name": "Do", **task})
    play["vars_files"] = ["secrets.yml"]
    password = workspace.vault_password("prod", PASSWORD)
    return workspace.run([play], *password, environment=environment)


def test_debugging_shows_the_options_of_a_module_and_not_those_of_the_action(workspace: AnsibleWorkspace) -> None:
    options = {**ADDRESS, "password": "{{ vaulted }}"}
    hidden = {"no_log": True}

    module = run(workspace, {"tokenops.ionos.auth_token_info": options, **hidden}, ANSIBLE_DEBUG="1")
    action = run(
        workspace, {"tokenops.ionos.vaulted_tokens": {**options, "tokens": TOKENS}, **hidden}, ANSIBLE_DEBUG="1"
    )

    assert SECRET in module.output
    assert "_execute_module" in module.output
    assert SECRET not in action.output
    assert action.task("Do").status == "failed"


@pytest.mark.parametrize(("password", "shown"), [(SECRET, True), ("{{ vaulted }}", False)], ids=["literal", "variable"])
def test_arguments_are_displayed_as_the_playbook_has_them(
    workspace: AnsibleWorkspace, password: str, shown: bool
) -> None:
    task = {"tokenops.ionos.vaulted_tokens": {**ADDRESS, "password": password, "tokens": TOKENS}}

    displayed = run(workspace, task, ANSIBLE_DISPLAY_ARGS_TO_STDOUT="1")
    usual = run(workspace, task)

    assert "username=ann@example.com" in displayed.stdout
    assert (SECRET in displayed.stdout) == shown
    assert SECRET not in usual.output


def test_the_variables_are_printed_decrypted(workspace: AnsibleWorkspace) -> None:
    assert SECRET in run(workspace, {"ansible.builtin.debug": {"var": "vars"}}).stdout
