# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A team whose tokens are published into files of a folder by a task file of its own, in real runs of the role."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from emulator import EmulatorServer
from support.ansible_runs import AnsibleRun, AnsibleWorkspace

ROLE = "tokenops.ionos.token_rotation"
SHIFTED_CLOCK = Path(__file__).with_name("shifted_clock")
PASSWORD = "password-of-the-vault"
SPOT = "{{ token_rotation_publish_options.folder }}/{{ token_rotation_publish_target }}"
COPY = {
    "name": "Copy the token",
    "ansible.builtin.copy": {
        "content": "{{ token_rotation_publish_token }}",
        "dest": f"{SPOT}.token",
        "mode": "0600",
    },
    "no_log": True,
}
TELL = {
    "name": "Tell what was published",
    "ansible.builtin.copy": {
        "content": "{{ told | to_json }}",
        "dest": f"{SPOT}.json",
        "mode": "0600",
    },
    "vars": {
        "told": {
            "name": "{{ token_rotation_publish_name }}",
            "token_id": "{{ token_rotation_publish_token_id }}",
            "expires_at": "{{ token_rotation_publish_expires_at }}",
            "colour": "{{ token_rotation_publish_options.colour }}",
        }
    },
}
REMOVE = {
    "name": "Remove the token",
    "ansible.builtin.file": {"path": f"{SPOT}.token", "state": "absent"},
}


class Publisher:
    """A team whose tokens are published into files of a folder by a task file."""

    def __init__(self, folder: Path, emulator: EmulatorServer) -> None:
        self.workspace = AnsibleWorkspace(folder)
        self.emulator = emulator
        self.user = emulator.add_user("ann@example.com", "password-of-ann", contracts=[31711111])
        self.issuer = emulator.mint(self.user)[1]
        self.spots = folder / "spots"
        self.spots.mkdir()
        self.publish(COPY, TELL)
        self.workspace.write("tasks/gone.yml", [REMOVE])
        self._clock_shift = self.workspace.write("clock-shift", "0")
        self._seconds = 0
        self.environment = {
            "IONOS_API_URL": emulator.url,
            "IONOS_TOKEN": self.issuer,
            "PYTHONPATH": str(SHIFTED_CLOCK),
            "SHIFTED_CLOCK_FILE": str(self._clock_shift),
        }
        self.vault: dict[str, Any] = {
            "publish": "tasks/spread.yml",
            "unpublish": "tasks/gone.yml",
            "options": {"folder": str(self.spots), "colour": "red"},
        }

    def publish(self, *tasks: dict[str, Any]) -> None:
        """Have these tasks publish from now on."""
        self.workspace.write("tasks/spread.yml", list(tasks))

    def pass_days(self, days: int) -> None:
        """Move the clocks of the API and of the controller on."""
        self.emulator.clock.advance(days=days)
        self._seconds += days * 86400
        self._clock_shift.write_text(str(self._seconds))

    def token(self, name: str, *targets: str, **options: Any) -> dict[str, Any]:
        """Return a declared token that is published to these targets."""
        replicas = [{"in": "spots", "target": target, "options": {"colour": f"of {target}"}} for target in targets]
        return {"name": name, "vault": {"in": "files", "path": "ionos.yml", "variable": name}, "replicas": replicas} | (
            options
        )

    def run(
        self,
        *tokens: dict[str, Any],
        arguments: tuple[str, ...] = (),
        hosts: str = "localhost",
        play: dict[str, Any] | None = None,
        **variables: Any,
    ) -> AnsibleRun:
        """Run a playbook with the role.

        :param play: keywords of the play.
        """
        plays = self.plays(*tokens, hosts=hosts, play=play, **variables)
        password = self.workspace.vault_password("prod", PASSWORD)
        return self.workspace.run(plays, *password, *arguments, environment=self.environment)

    def playbook(self, name: str, *tokens: dict[str, Any], arguments: tuple[str, ...] = ()) -> AnsibleRun:
        """Run a playbook of the collection, with the declaration in a file of variables."""
        self.workspace.write("rotation.yml", self.plays(*tokens)[0]["vars"])
        password = self.workspace.vault_password("prod", PASSWORD)
        given = ("-e", "@rotation.yml", *password, *arguments)
        return self.workspace.run(f"tokenops.ionos.{name}", *given, environment=self.environment)

    def plays(
        self, *tokens: dict[str, Any], hosts: str = "localhost", play: dict[str, Any] | None = None, **variables: Any
    ) -> list[dict[str, Any]]:
        """Return a playbook with the role, and with a handler of the team's."""
        declared = {
            "token_rotation_tokens": list(tokens),
            "token_rotation_vaults": [
                {"name": "files", "ansible_vault_file": {}},
                {"name": "spots", "tasks": self.vault},
            ],
            **{f"token_rotation_{name}": value for name, value in variables.items()},
        }
        handler = {
            "name": "Restart",
            "ansible.builtin.debug": {"msg": "{{ token_rotation_rotated_tokens }}"},
            "listen": "token rotated",
        }
        role = {
            "hosts": hosts,
            "gather_facts": False,
            "vars": declared,
            "roles": [ROLE],
            "handlers": [handler],
        }
        return [role | (play or {})]

    def held(self, target: str) -> str | None:
        """Return the value that was published to a target."""
        file = self.spots / f"{target}.token"
        return file.read_text() if file.exists() else None

    def told(self, target: str) -> dict[str, Any]:
        """Return what the tasks were told."""
        found: dict[str, Any] = json.loads((self.spots / f"{target}.json").read_text())
        return found

    def ids(self) -> set[str]:
        """Return the ids of all tokens of the user."""
        return {token.id for token in self.emulator.tokens(self.user)}
