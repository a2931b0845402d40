# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``ansible-playbook tokenops.ionos.tokens``: what fills the quota, and deleting what nobody declares."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulator import EmulatorServer
from support.ansible_runs import AnsibleRun
from support.emulator_fixtures import emulator
from support.playbook_team import PlaybookTeam, in_file

__all__ = ["emulator"]


class Team(PlaybookTeam):
    """A team with a declared token, and a token of another tool."""

    def __init__(self, folder: Path, emulator: EmulatorServer) -> None:
        super().__init__(folder, emulator)
        self.issuer = emulator.mint(self.user)[1]
        self.other = emulator.mint(self.user, ttl=90 * 86400)[0].id
        self.declare([in_file("terraform", "ionos_token")])
        assert self.run("rotate").return_code == 0

    def run(self, playbook: str, *arguments: str) -> AnsibleRun:
        return self.play(playbook, *arguments, issuer=self.issuer)


@pytest.fixture
def team(tmp_path: Path, emulator: EmulatorServer) -> Team:
    return Team(tmp_path, emulator)


def table(run: AnsibleRun) -> list[str]:
    [shown] = [
        result.result["msg"] for result in run.results if result.task.endswith("which declared one it belongs to")
    ]
    return list(shown)


def test_every_token_is_shown_with_what_it_belongs_to(team: Team) -> None:
    run = team.run("tokens")
    assert run.return_code == 0, run.output
    heading, _columns, *lines, totals = table(run)
    assert heading == "Account default: 3 of 100 tokens"
    belonging = sorted(line.rpartition("  ")[2] for line in lines)
    assert belonging == ["credential of an account", "nobody declares it", "terraform"]
    assert totals == "  1 that nobody declares, 0 expired"


def test_the_vault_is_credential_enough(team: Team) -> None:
    run = team.play("tokens")
    assert run.return_code == 0, run.output
    assert table(run)[0] == "Account default: 3 of 100 tokens"


def test_a_chosen_token_is_deleted_and_the_table_shows_what_is_left(team: Team) -> None:
    before = team.ids()
    run = team.run("tokens", "-e", f"delete={team.other}")
    assert run.return_code == 0, run.output
    assert team.ids() == before - {team.other}
    assert team.other not in "\n".join(table(run))


def test_a_declared_token_is_not_deleted(team: Team) -> None:
    before = team.ids()
    [declared] = [line.split()[0] for line in table(team.run("tokens")) if line.endswith("terraform")]
    run = team.run("tokens", "-e", f"delete={team.other},{declared}")
    assert run.return_code == 2
    assert f"The token {declared} belongs to the declared token terraform" in run.failure
    assert team.ids() == before
