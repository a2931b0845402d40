# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A team that runs the collection's own playbooks, with its declaration in a file of variables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from emulator import EmulatorServer
from support.ansible_runs import AnsibleRun, AnsibleWorkspace


class PlaybookTeam:
    """A user of the API, and a folder with an Ansible Vault password and the variables of the role."""

    def __init__(self, folder: Path, emulator: EmulatorServer, **user: Any) -> None:
        self.workspace = AnsibleWorkspace(folder)
        self.emulator = emulator
        self.user = emulator.add_user("ann@example.com", "password-of-ann", **user)

    def declare(self, tokens: list[dict[str, Any]], **variables: Any) -> None:
        """Write the variables of the role, less their prefix."""
        given = {"tokens": tokens, **variables}
        self.workspace.write("rotation.yml", {f"token_rotation_{name}": value for name, value in given.items()})

    def play(self, playbook: str, *arguments: str, issuer: str | None = None) -> AnsibleRun:
        """Run a playbook of the collection.

        :param issuer: the token in the environment, if there is one.
        """
        environment = {"IONOS_API_URL": self.emulator.url, **({"IONOS_TOKEN": issuer} if issuer else {})}
        password = self.workspace.vault_password("prod", "password-of-the-vault")
        return self.workspace.run(
            f"tokenops.ionos.{playbook}", "-e", "@rotation.yml", *password, *arguments, environment=environment
        )

    def ids(self) -> set[str]:
        """Return the ids of all tokens of the user."""
        return {token.id for token in self.emulator.tokens(self.user)}


def in_file(name: str, variable: str | None = None) -> dict[str, Any]:
    """Return the declaration of a token in the team's variables file."""
    return {"name": name, "vault": {"path": "ionos.yml", "variable": variable or name}}
