# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``ansible-playbook tokenops.ionos.revoke``: a token has leaked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from emulator import EmulatorServer
from support.ansible_runs import AnsibleRun, AnsibleWorkspace
from support.emulator_fixtures import emulator

__all__ = ["emulator"]

ROLE = "tokenops.ionos.token_rotation"


def declared(name: str) -> dict[str, Any]:
    return {"name": name, "vault": {"path": "ionos.yml", "variable": name}}


class Team:
    """A team with two declared tokens in a variables file."""

    def __init__(self, folder: Path, emulator: EmulatorServer) -> None:
        self.workspace = AnsibleWorkspace(folder)
        self.emulator = emulator
        self.user = emulator.add_user("ann@example.com", "password-of-ann")
        self.issuer = emulator.mint(self.user)[1]
        self.workspace.write("rotation.yml", {"token_rotation_tokens": [declared("terraform"), declared("dns")]})

    def play(self, playbook: str, *arguments: str) -> AnsibleRun:
        environment = {"IONOS_API_URL": self.emulator.url, "IONOS_TOKEN": self.issuer}
        password = self.workspace.vault_password("prod", "password-of-the-vault")
        return self.workspace.run(
            f"tokenops.ionos.{playbook}", "-e", "@rotation.yml", *password, *arguments, environment=environment
        )


@pytest.fixture
def team(tmp_path: Path, emulator: EmulatorServer) -> Team:
    return Team(tmp_path, emulator)


def lines(run: AnsibleRun) -> list[str]:
    [shown] = [result.result["msg"] for result in run.results if result.task.endswith("how the declared tokens stand")]
    return list(shown)


def current(run: AnsibleRun) -> dict[str, str]:
    tokens = run.result(f"{ROLE} : Keep the declared tokens fresh")["tokens"]
    return {entry["name"]: entry["token"]["id"] for entry in tokens}


def test_the_leaked_token_is_deleted_and_the_others_are_left_alone(team: Team) -> None:
    before = current(team.play("rotate"))
    run = team.play("revoke", "-e", "token=terraform")
    assert run.return_code == 0, run.output
    first, totals = lines(run)
    assert first.startswith("terraform: working, ")
    assert "(rotated: it was to be revoked)" in first
    assert first.endswith(f"Revoked: {before['terraform']}; the API refuses it.")
    assert totals == "1 declared: 1 working; 1 rotated"
    alive = {token.id for token in team.emulator.tokens(team.user)}
    assert before["terraform"] not in alive
    assert before["dns"] in alive


def test_several_tokens_are_named_with_commas(team: Team) -> None:
    before = current(team.play("rotate"))
    run = team.play("revoke", "-e", "token=terraform,dns")
    assert run.return_code == 0, run.output
    assert not set(before.values()) & {token.id for token in team.emulator.tokens(team.user)}


def test_a_misspelt_name_is_answered_with_the_declared_ones(team: Team) -> None:
    run = team.play("revoke", "-e", "token=teraform")
    assert run.return_code == 2
    assert "names teraform, which tokens does not declare" in run.failure
    assert "dns, terraform" in run.failure


def test_without_a_name_the_playbook_says_how_to_give_it(team: Team) -> None:
    run = team.play("revoke")
    assert run.return_code == 2
    assert "-e token=NAME" in run.failure
