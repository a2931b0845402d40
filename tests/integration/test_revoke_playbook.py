# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``ansible-playbook tokenops.ionos.revoke``: a token has leaked."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator import EmulatorServer
from support.ansible_runs import AnsibleRun
from support.emulator_fixtures import emulator
from support.playbook_team import PlaybookTeam, in_file

__all__ = ["emulator"]

ROLE = "tokenops.ionos.token_rotation"


class Team(PlaybookTeam):
    """A team with two declared tokens in a variables file."""

    def __init__(self, folder: Path, emulator: EmulatorServer) -> None:
        super().__init__(folder, emulator)
        self.issuer = emulator.mint(self.user)[1]
        self.declare([in_file("terraform"), in_file("dns")])

    def run(self, playbook: str, *arguments: str) -> AnsibleRun:
        return self.play(playbook, *arguments, issuer=self.issuer)


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
    before = current(team.run("rotate"))
    run = team.run("revoke", "-e", "token=terraform")
    assert run.return_code == 0, run.output
    first, totals = lines(run)
    assert first.startswith("terraform: working, ")
    assert "(rotated: it was to be revoked)" in first
    assert first.endswith(f"Revoked: {before['terraform']}; the API refuses it.")
    assert totals == "1 declared: 1 working; 1 rotated"
    alive = team.ids()
    assert before["terraform"] not in alive
    assert before["dns"] in alive


def test_several_tokens_are_named_with_commas(team: Team) -> None:
    before = current(team.run("rotate"))
    run = team.run("revoke", "-e", "token=terraform,dns")
    assert run.return_code == 0, run.output
    assert not set(before.values()) & team.ids()


def test_a_misspelt_name_is_answered_with_the_declared_ones(team: Team) -> None:
    run = team.run("revoke", "-e", "token=teraform")
    assert run.return_code == 2
    assert "names teraform, which tokens does not declare" in run.failure
    assert "dns, terraform" in run.failure


def test_without_a_name_the_playbook_says_how_to_give_it(team: Team) -> None:
    run = team.run("revoke")
    assert run.return_code == 2
    assert "-e token=NAME" in run.failure
