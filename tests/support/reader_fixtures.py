# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody who follows the examples of the documentation, with what they take for granted."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import certifi
import pytest

from emulator import EmulatorServer
from support.awx import AwxServer
from support.documented_project import CONTRACT_NUMBER, DocumentedProject, squeezed
from support.examples import Example
from support.gitlab_stand_in import ACCESS_TOKEN, GitLabStandIn
from support.kubernetes_api import KubernetesCluster
from support.openbao_fixtures import OpenBao, program
from support.webhook_receiver import WebhookReceiver

STAND_INS = Path(__file__).with_name("stand_ins")
"""Programs that are not here."""

ROTATE = "ansible-playbook tokenops.ionos.rotate"
OF_THE_SYSTEM = (
    "/etc/external-dns",
    "/srv/ansible",
    "/var/lib/ansible",
    "/var/lib/prometheus/node-exporter",
    "/var/www/reports",
)
ANY_TOKEN = "eyJ..."
ANY_ID = "0f9e3c1a-6f0b-4c58-9d1e-2b7a5c3d4e5f"


class Reader:
    """Somebody who follows a guide.

    :ivar cluster: of Kubernetes, which the reader's kubeconfig logs in to as who may do nothing there yet.
    :ivar lifetimes: of the tokens that the reader creates when asked for one, and the contracts that each is for; the
        last one again and again.
    """

    def __init__(
        self,
        project: DocumentedProject,
        openbao: OpenBao,
        webhook: WebhookReceiver,
        cluster: KubernetesCluster,
        gitlab: GitLabStandIn,
        awx: AwxServer,
    ) -> None:
        self.project = project
        self.openbao = openbao
        self.webhook = webhook
        self.cluster = cluster
        self.gitlab = gitlab
        self.awx = awx
        self.lifetimes: list[tuple[str, int]] = [("90d", CONTRACT_NUMBER)]
        undeclared, _value = project.created_token("365d")
        project.replaced |= {
            ANY_ID: undeclared,
            "https://bao.example.com:8200": openbao.url,
            # The emulator has no data centers.
            "/cloudapi/v6/datacenters": "/auth/v1/tokens",
            "https://alerts.example.com": webhook.url,
            "/etc/ssl/certs/company-ca.pem": certifi.where(),
            **{path: f"{project.directory}{path}" for path in OF_THE_SYSTEM},
        }
        for path in OF_THE_SYSTEM:
            (project.directory / path.lstrip("/")).mkdir(parents=True)
        project.environment |= {
            "BAO_ADDR": openbao.url,
            "VAULT_TOKEN": openbao.root_token,
            "PATH": os.pathsep.join([str(program().parent), project.path]),
        }

    def publish(self) -> None:
        """Have what the guide on publishing names: GitLab, GitHub, and hosts with systemd."""
        project, here = self.project, f"ansible_connection=local ansible_python_interpreter={sys.executable}"
        project.replaced |= {
            "https://gitlab.example.com": self.gitlab.url,
            **{f"\n{name}.example.com": f"\n{name} {here}" for name in ("dns1", "dns2")},
        }
        project.environment["GITLAB_TOKEN"] = ACCESS_TOKEN
        self.use_stand_ins()

    def use_stand_ins(self) -> None:
        """Have programs that are not here; what they do, they write into the project's folder."""
        environment = self.project.environment
        environment["STAND_INS"] = str(self.project.directory)
        environment["PATH"] = os.pathsep.join([str(STAND_INS), environment["PATH"]])

    def follow(self, example: Example, status: int = 0) -> None:
        """Do what a block says."""
        if example.language in ("console", "crontab"):
            self._type(example, status)
        elif example.file is not None:
            self._write(example)
        else:
            raise AssertionError(f"{example} is neither commands nor a file that it names")

    def run(self, **variables: str) -> str:
        """Rotate."""
        return self.project.bash(f"{ROTATE} -e '{json.dumps(variables)}'")

    def two_factor(self, state: str) -> None:
        """Change the state of the account's two-factor authentication."""
        self.project.api.dcd.set_two_factor(self.project.person.name, state)

    def _write(self, example: Example) -> None:
        if ANY_TOKEN in example.text:
            self.project.replaced[ANY_TOKEN] = self.project.created_token("90d")[1]
        self.project.write(example)

    def _type(self, example: Example, status: int) -> None:
        asked = example.commands.count("read -rs") + example.commands.count("token=-")
        typed = [self._new_token() for _number in range(asked)]
        ending = "" if "token=-" in example.commands else "\n"
        output = squeezed(
            self.project.bash(self.project.as_here(example.commands), ending.join([*typed, ""]), status=status)
        )
        position = 0
        for part in map(squeezed, example.shown):
            found = output.find(part, position)
            assert found >= 0, f"{example} does not show {part!r} but:\n{output}"
            position = found + len(part)

    def _new_token(self) -> str:
        lifetime, contract_number = self.lifetimes[0]
        self.lifetimes = self.lifetimes[1:] or self.lifetimes
        return self.project.created_token(lifetime, contract_number)[1]


@pytest.fixture
def webhook() -> Iterator[WebhookReceiver]:
    with WebhookReceiver() as receiver:
        yield receiver


@pytest.fixture
def clean_openbao(openbao: OpenBao) -> Iterator[OpenBao]:
    """A server without the secrets that examples name."""
    yield openbao
    for folder in ("ionos", "inbox"):
        for name in openbao.names("secret", folder):
            openbao.call("DELETE", f"secret/metadata/{folder}/{name}")


@pytest.fixture
def awx() -> Iterator[AwxServer]:
    with AwxServer() as server:
        yield server


@pytest.fixture
def reader(
    tmp_path: Path,
    emulator: EmulatorServer,
    clean_openbao: OpenBao,
    webhook: WebhookReceiver,
    cluster: KubernetesCluster,
    awx: AwxServer,
) -> Iterator[Reader]:
    directory = tmp_path / "project"
    directory.mkdir()
    project = DocumentedProject(directory, emulator, CONTRACT_NUMBER)
    with GitLabStandIn("shop/backend") as gitlab:
        yield Reader(project, clean_openbao, webhook, cluster, gitlab, awx)
