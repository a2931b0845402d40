# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``auth_token_info`` in real runs of ansible-playbook against a real server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from emulator import EmulatorServer
from support.ansible_runs import AnsibleRun, AnsibleWorkspace
from support.emulator_fixtures import emulator

__all__ = ["emulator"]

PASSWORD = "correct horse battery staple"
UNKNOWN_ID = "1a9e3c1a-6f0b-4c58-9d1e-2b7a5c3d4e5f"


@pytest.fixture
def workspace(tmp_path: Path) -> AnsibleWorkspace:
    return AnsibleWorkspace(tmp_path)


def show(
    workspace: AnsibleWorkspace, server: EmulatorServer, value: str, *arguments: str, **options: Any
) -> AnsibleRun:
    task = {"name": "Show", "tokenops.ionos.auth_token_info": options}
    environment = {"IONOS_API_URL": server.url, "IONOS_TOKEN": value}
    return workspace.run(workspace.play(task), *arguments, environment=environment)


def test_tokens_account_quota_and_policy_are_shown_without_any_value(
    workspace: AnsibleWorkspace, emulator: EmulatorServer
) -> None:
    user = emulator.add_user("ann@example.com", PASSWORD, role="owner")
    token, value = emulator.mint(user)
    ending, _value = emulator.mint(user, ttl=3600)

    run = show(workspace, emulator, value, "-vvvvv")

    assert run.return_code == 0, run.output
    result = run.result("Show")
    assert [entry["id"] for entry in result["tokens"]] == [ending.id, token.id]
    assert result["quota"] == {"limit": 100, "used": 2, "remaining": 98}
    assert result["account"]["user_id"] == user.user_id
    assert result["policy"]["mint"]["allowed"] is True
    assert "changed=0" in run.stdout
    assert value[-40:] not in run.output


def test_check_mode_shows_the_same(workspace: AnsibleWorkspace, emulator: EmulatorServer) -> None:
    _token, value = emulator.mint(emulator.add_user("ann@example.com", PASSWORD))
    run = show(workspace, emulator, value, "--check", token_id=UNKNOWN_ID)
    assert run.return_code == 0, run.output
    assert (run.result("Show")["tokens"], run.result("Show")["quota"]["used"]) == ([], 1)


def test_an_account_with_two_factor_is_told_what_it_may_not_do(
    workspace: AnsibleWorkspace, emulator: EmulatorServer
) -> None:
    user = emulator.add_user("ann@example.com", PASSWORD, role="owner", two_factor="enabled")
    _token, value = emulator.mint(user, origin="token_manager")

    run = show(workspace, emulator, value)

    assert run.return_code == 0, run.output
    result = run.result("Show")
    assert result["account"]["two_factor"] == "enabled"
    assert (result["policy"]["mint"]["allowed"], result["policy"]["mint"]["since"]) == (False, "2024-03-15")
    assert "Token Manager" in result["policy"]["delete"]["remedy"]


def test_module_defaults_of_the_action_group_apply(workspace: AnsibleWorkspace, emulator: EmulatorServer) -> None:
    _token, value = emulator.mint(emulator.add_user("ann@example.com", PASSWORD))
    plays = workspace.play({"name": "Show", "tokenops.ionos.auth_token_info": {}})
    plays[0]["module_defaults"] = {"group/tokenops.ionos.all": {"api_url": emulator.url}}
    run = workspace.run(plays, environment={"IONOS_TOKEN": value})
    assert run.return_code == 0, run.output
    assert run.result("Show")["count"] == 1


def test_without_a_credential_the_message_says_where_to_get_one(
    workspace: AnsibleWorkspace, emulator: EmulatorServer
) -> None:
    run = show(workspace, emulator, "")
    assert run.failure == (
        "There is no credential for the Auth API. "
        "Give token, or set IONOS_TOKEN; a token comes from the Token Manager of the DCD."
    )
