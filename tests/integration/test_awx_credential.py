# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs of the role with a record in a real OpenBao and replicas in credentials of AWX."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.tokenops.ionos.plugins.module_utils._core.token import parse_token
from emulator import EmulatorServer
from support.ansible_runs import AnsibleRun
from support.awx import AwxServer
from support.awx.state import Item
from support.emulator_fixtures import emulator
from support.openbao_fixtures import OpenBao
from support.rotation_site import RotationSite, in_bao

__all__ = ["emulator"]

IN_AWX = {"in": "awx", "credential": "ionos external-dns", "organization": "Default"}
TOKEN = {"name": "external-dns", "ttl": "30d", "vault": in_bao("external-dns"), "replicas": [IN_AWX]}
PLAIN = {"name": "plain", "ttl": "30d", "vault": in_bao("plain")}


class Team:
    """A team with OpenBao and AWX, and a play with the role."""

    def __init__(self, site: RotationSite, awx: AwxServer) -> None:
        self.site = site
        self.awx = awx
        self.credential: Item = awx.add_credential(
            "ionos external-dns", awx.add_credential_type().id, inputs={"api_key": "of another API"}
        )
        site.vaults.append({"name": "awx", "awx_credential": {"host": awx.url, "timeout": 2}})

    def play(self, *tokens: dict[str, Any]) -> AnsibleRun:
        role = {"name": "Rotate", "ansible.builtin.include_role": {"name": "tokenops.ionos.token_rotation"}}
        variables = {"token_rotation_tokens": list(tokens), "token_rotation_vaults": self.site.vaults}
        plays = self.site.workspace.play(role, **variables)
        return self.site.run_plays(plays, CONTROLLER_OAUTH_TOKEN=self.awx.token())

    def result(self, run: AnsibleRun, name: str = "external-dns") -> dict[str, Any]:
        """Return what the role's rotation reports of a declared token."""
        [task] = [result for result in run.results if result.task.endswith("Keep the declared tokens fresh")]
        [entry] = [token for token in task.result["tokens"] if token["name"] == name]
        return dict(entry)

    @property
    def in_awx(self) -> str | None:
        """The id of the token in the credential."""
        value = self.credential.values["inputs"].get("token")
        return parse_token(value, "AWX").id if value else None


@pytest.fixture
def team(tmp_path: Path, emulator: EmulatorServer, openbao: OpenBao, kv_mount: str) -> Iterator[Team]:
    with AwxServer() as awx:
        yield Team(RotationSite(tmp_path, emulator, openbao, kv_mount), awx)


def test_a_token_is_rotated_into_awx_kept_and_removed_again(team: Team) -> None:
    first = team.play(TOKEN)
    assert first.return_code == 0, first.output
    assert team.in_awx == team.site.in_bao("external-dns")
    assert team.credential.values["inputs"]["api_key"] == "of another API"

    changes = len(team.awx.requests("PATCH"))
    second = team.play(TOKEN)
    assert (team.result(second)["action"], team.result(second)["changed"]) == ("kept", False)
    assert len(team.awx.requests("PATCH")) == changes

    team.site.advance(days=24)
    rotated = team.play(TOKEN)
    assert [vault["in_sync"] for vault in team.result(rotated)["vaults"]] == [True, True]
    assert team.in_awx == team.site.in_bao("external-dns")

    team.play({**TOKEN, "state": "absent"})
    assert (team.in_awx, team.credential.values["description"]) == (None, "")
    assert team.credential.values["inputs"] == {"api_key": "of another API"}


def test_a_working_token_that_somebody_put_into_awx_is_left_there_and_named(team: Team) -> None:
    team.play(TOKEN)
    foreign, value = team.site.api.mint(team.site.user)
    team.credential.values |= {"description": f"[tokenops.ionos token={foreign.id}]"}
    team.credential.values["inputs"]["token"] = value
    replica = team.result(team.play(TOKEN))["vaults"][1]
    assert (replica["in_sync"], replica["foreign"], team.in_awx) == (False, foreign.id, foreign.id)


def test_an_awx_that_hangs_keeps_nothing_else_waiting(team: Team) -> None:
    team.awx.hangs = True
    run = team.play(TOKEN, PLAIN)
    assert run.return_code == 2
    assert {name: team.result(run, name)["action"] for name in ("external-dns", "plain")} == {
        "external-dns": "rotated",
        "plain": "rotated",
    }
    record, replica = team.result(run)["vaults"]
    assert (record["in_sync"], replica["in_sync"], replica["error_code"]) == (True, None, "vault_unreachable")
    assert team.site.in_bao("external-dns") is not None

    team.awx.hangs = False
    assert team.play(TOKEN, PLAIN).return_code == 0
    assert team.in_awx == team.site.in_bao("external-dns")


def test_an_input_that_awx_reads_from_the_vault_by_itself_is_reported_and_not_written(team: Team) -> None:
    source = team.awx.add_credential("lookup", 24)
    ids = {"target_credential": team.credential.id, "source_credential": source.id}
    values = {"input_field_name": "token", "metadata": {}, "description": ""}
    team.awx.state.add("credential_input_sources", {**values, **ids})
    run = team.play(TOKEN)
    replica = team.result(run)["vaults"][1]
    assert (run.return_code, replica["error_code"], team.in_awx) == (2, "awx_input_has_source", None)
    assert "Remove this replica" in replica["message"]
