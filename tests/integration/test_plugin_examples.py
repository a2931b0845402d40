# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples in the documentation of plugins and of the role run as they stand there."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import indent

import pytest
import yaml

from support.emulator_fixtures import emulator
from support.examples import documents, example_with, examples_of
from support.kubernetes_api import cluster
from support.openbao_fixtures import AppRole, OpenBao
from support.reader_fixtures import Reader, awx, clean_openbao, reader, webhook

__all__ = ["awx", "clean_openbao", "cluster", "emulator", "reader", "webhook"]

RULES_OF_THE_ROTATOR = """
path "secret/data/ionos/*" { capabilities = ["create", "read", "update"] }
"""


@pytest.fixture
def approle(clean_openbao: OpenBao) -> Iterator[AppRole]:
    """AppRole where examples expect it."""
    role = clean_openbao.approle(RULES_OF_THE_ROTATOR, mount="approle")
    yield role
    clean_openbao.call("DELETE", "sys/auth/approle")


class PluginUser:
    """Somebody who has all that the examples of plugins take for granted, and runs them."""

    def __init__(self, reader: Reader, approle: AppRole) -> None:
        self._reader = reader
        self._approle = approle
        self._project = reader.project
        (self._project.directory / "group_vars/all").mkdir(parents=True)
        configuration = self._project.home / ".ionos/config"
        configuration.parent.mkdir()
        configuration.write_text("profiles: []\n", encoding="utf-8")
        credential = self._project.created_token("90d")[1]
        self._project.environment |= {
            "ANSIBLE_VAULT_IDENTITY_LIST": "prod@vault-password",
            "IONOS_TOKEN": credential,
            "IONOS_ISSUER_TOKEN": credential,
            "SHOP_IONOS_TOKEN": credential,
        }

    def run(self, tasks: str) -> None:
        """Run tasks in a play of their own."""
        self.play(f"- hosts: localhost\n  gather_facts: false\n  tasks:\n{indent(tasks, '    ')}")

    def play(self, text: str) -> None:
        """Run a playbook."""
        (self._project.directory / "example.yml").write_text(self._project.as_here(text), encoding="utf-8")
        (self._project.directory / "variables.yml").write_text(yaml.safe_dump(self._variables()), encoding="utf-8")
        self._project.bash("ansible-playbook example.yml -e @variables.yml")

    def _variables(self) -> dict[str, object]:
        bao, files = (
            {"name": "bao", "hashi_vault": {"url": self._reader.openbao.url}},
            {"name": "files", "ansible_vault_file": {}},
        )
        place = {"in": "bao", "path": "ionos/external-dns"}
        replica = {"in": "files", "path": "external_dns.yml", "variable": "external_dns_token"}
        return {
            "alerts_token": "a-token-of-the-alerts",
            "bao_role_id": self._approle.role_id,
            "bao_secret_id": self._approle.secret_id,
            "new_token": self._project.created_token("365d")[1],
            "slack_webhook_url": f"{self._reader.webhook.url}/slack",
            "token_rotation_vaults": [bao, files],
            "token_rotation_tokens": [{"name": "external-dns", "vault": place, "replicas": [replica]}],
        }


@pytest.fixture
def plugin_user(reader: Reader, approle: AppRole) -> PluginUser:
    return PluginUser(reader, approle)


PLUGINS = [document for document in documents() if document.startswith("plugins/")]
QUICK = {"plugins/lookup/vaulted_token.py", "plugins/modules/vaulted_tokens.py"}


@pytest.mark.parametrize(
    "document", [pytest.param(name, marks=() if name in QUICK else pytest.mark.heavy) for name in PLUGINS]
)
def test_the_examples_of_a_plugin_run(document: str, plugin_user: PluginUser) -> None:
    if "lookup" in document:
        plugin_user.run(
            example_with("plugins/modules/rotation_report.py", "standing").text.replace("check_mode: true", "")
        )
    plugin_user.run(examples_of(document)[0].text)


def test_the_plays_of_the_role_run(plugin_user: PluginUser) -> None:
    document = "roles/token_rotation/README.md"
    plugin_user.play(example_with(document, "hosts: localhost").text)
    tasks = example_with(document, "tasks_from: report").text
    plugin_user.play(f"- hosts: localhost\n  gather_facts: false\n{indent(tasks, '  ')}")
