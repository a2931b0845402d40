# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything around real runs of ``vaulted_tokens``: a workspace, the API, OpenBao, Ansible Vault files, one clock."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from ansible.parsing.vault import VaultLib, VaultSecret

from ansible_collections.tokenops.ionos.plugins.module_utils._core.token import parse_token
from emulator import EmulatorServer
from emulator.users import User
from support.ansible_runs import AnsibleRun, AnsibleWorkspace
from support.openbao_fixtures import OpenBao

SHIFTED_CLOCK = Path(__file__).with_name("shifted_clock")
VAULT_ID = "prod"
VAULT_PASSWORD = "password of production"
USER_PASSWORD = "correct horse battery staple"
FILE_NAME = "ionos.yml"


class RotationSite:
    """Runs of ``vaulted_tokens`` against real servers; the controller's clock moves with the API's.

    :ivar user: has one token of a year, the issuer, which the environment of a run holds as ``IONOS_TOKEN``.
    :param bao_url: where OpenBao is reached, if it is not at its own address.
    """

    def __init__(
        self, folder: Path, api: EmulatorServer, openbao: OpenBao, mount: str, bao_url: str | None = None
    ) -> None:
        self.api = api
        self.openbao = openbao
        self.mount = mount
        self.workspace = AnsibleWorkspace(folder)
        self.password_arguments = self.workspace.vault_password(VAULT_ID, VAULT_PASSWORD)
        self.user = api.add_user("ann@example.com", USER_PASSWORD, role="owner")
        self.issuer, self.issuer_value = api.mint(self.user)
        self.vaults: list[dict[str, Any]] = [
            {
                "name": "bao",
                "hashi_vault": {"url": bao_url or openbao.url, "token": openbao.root_token, "mount": mount},
            },
            {"name": "files", "ansible_vault_file": None},
        ]
        self._shift = 0.0
        self.advance()

    def task(self, *tokens: dict[str, Any], name: str = "Rotate", **options: Any) -> dict[str, Any]:
        """Return a task that keeps ``tokens`` fresh."""
        return {
            "name": name,
            "tokenops.ionos.vaulted_tokens": {"vaults": self.vaults, "tokens": list(tokens), **options},
        }

    def environment(self, **changes: str) -> dict[str, str]:
        """Return what the environment of a run holds beside the workspace's own."""
        return {
            "IONOS_API_URL": self.api.url,
            "IONOS_TOKEN": self.issuer_value,
            "PYTHONPATH": str(SHIFTED_CLOCK),
            "SHIFTED_CLOCK_FILE": str(self.workspace.folder / "shift"),
            **changes,
        }

    def run(self, *tasks: dict[str, Any], arguments: tuple[str, ...] = (), **environment: str) -> AnsibleRun:
        """Run tasks on localhost."""
        return self.run_plays(self.workspace.play(*tasks), arguments=arguments, **environment)

    def run_plays(self, plays: list[dict[str, Any]], arguments: tuple[str, ...] = (), **environment: str) -> AnsibleRun:
        """Run plays as they are."""
        return self.workspace.run(
            plays, *self.password_arguments, *arguments, environment=self.environment(**environment)
        )

    def advance(self, **parts: float) -> None:
        """Move the clocks of the API and of all runs to come by ``timedelta`` parts, as in ``advance(days=30)``."""
        before = self.api.clock.timestamp()
        self.api.clock.advance(**parts)
        self._shift += self.api.clock.timestamp() - before if parts else 0
        self.workspace.write("shift", str(round(self._shift)))

    def add_user(self, name: str, **fields: Any) -> tuple[User, str]:
        """Add another user; return it with the value of a token of a year."""
        user = self.api.add_user(name, USER_PASSWORD, **{"role": "owner", **fields})
        return user, self.api.mint(user)[1]

    def ids(self, user: User | None = None) -> set[str]:
        """Return the ids of the tokens that exist of a user, by default of the first one without the issuer."""
        return {token.id for token in self.api.tokens(user or self.user)} - {self.issuer.id}

    def in_bao(self, path: str, key: str = "token") -> str | None:
        """Return the id of the token in a secret, or None."""
        value = self.openbao.secret(self.mount, path).get(key)
        return parse_token(value, path).id if value else None

    def in_file(self, variable: str, name: str = FILE_NAME) -> str | None:
        """Return the id of the token in a variable of an encrypted file, or None."""
        text = self.variables(name).get(variable)
        if text is None:
            return None
        vault = VaultLib([(VAULT_ID, VaultSecret(VAULT_PASSWORD.encode()))])
        return parse_token(vault.decrypt(text).decode(), variable).id

    def variables(self, name: str = FILE_NAME) -> dict[str, Any]:
        """Return the variables of a file, vaulted ones as they stand there."""
        loader = _VariablesLoader((self.workspace.folder / name).read_text())
        return loader.get_single_data() or {}


class _VariablesLoader(yaml.SafeLoader):
    """Leaves vaulted values encrypted."""


_VariablesLoader.add_constructor("!vault", lambda loader, node: node.value)


def vaulted(text: str) -> str:
    """Return a value of a variables file that is encrypted with the vault id of the site."""
    secret = VaultSecret(VAULT_PASSWORD.encode())
    lines = VaultLib([(VAULT_ID, secret)]).encrypt(text, secret, vault_id=VAULT_ID).decode().splitlines()
    return "!vault |\n" + "".join(f"    {line}\n" for line in lines)


def in_bao(path: str, **options: Any) -> dict[str, Any]:
    """Return a place in the site's OpenBao."""
    return {"in": "bao", "path": path, **options}


def in_file(variable: str, path: str = FILE_NAME, **options: Any) -> dict[str, Any]:
    """Return a place in the site's variables file."""
    return {"in": "files", "path": path, "variable": variable, **options}


def entry(run: AnsibleRun, name: str = "app", task: str = "Rotate") -> dict[str, Any]:
    """Return what a task reports of one declared token."""
    (found,) = [token for token in run.result(task)["tokens"] if token["name"] == name]
    return dict(found)
