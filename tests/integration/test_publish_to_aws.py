# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The recipe of the guide for AWS Secrets Manager, with the real modules, against a stand-in for AWS (moto)."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from emulator import EmulatorServer
from support.ansible_runs import COLLECTIONS, ROOT, AnsibleRun, AnsibleWorkspace
from support.borrowed_collections import borrowed_collections
from support.emulator_fixtures import emulator
from support.examples import examples_of
from support.raw_server import free_port

__all__ = ["emulator"]

GUIDE = "docs/docsite/rst/guide_tasks.rst"
LIBRARIES = COLLECTIONS / "venvs" / "aws"
REQUIREMENTS = ("moto[server]==5.2.5", "boto3==1.44.8")
SECONDS_TO_START = 30
TARGET = "ionos/terraform"
SHOW = """
import boto3, json, sys
shown = boto3.client("secretsmanager").list_secrets(IncludePlannedDeletion=True)["SecretList"]
found = [entry for entry in shown if entry["Name"] == sys.argv[1]]
value = None
if found and "DeletedDate" not in found[0]:
    value = boto3.client("secretsmanager").get_secret_value(SecretId=sys.argv[1])["SecretString"]
print(json.dumps({"value": value, "is_to_be_deleted": bool(found and "DeletedDate" in found[0])}))
"""

pytestmark = pytest.mark.heavy


@dataclass(frozen=True)
class Aws:
    """The account that the stand-in shows."""

    environment: dict[str, str]

    def secret(self) -> dict[str, Any]:
        """Return what is known of the secret."""
        command = [LIBRARIES / "bin" / "python", "-c", SHOW, TARGET]
        shown = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=True)
        return dict(json.loads(shown.stdout))


@pytest.fixture(scope="module")
def aws() -> Iterator[Aws]:
    ensure = [sys.executable, str(ROOT / "tests/support/tools/ensure_venv.py"), str(LIBRARIES), *REQUIREMENTS]
    if subprocess.run(ensure, check=False, capture_output=True).returncode != 0:
        pytest.skip("moto and boto3 cannot be installed")
    port = free_port()
    command = [LIBRARIES / "bin" / "moto_server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    environment = {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
    }
    account, deadline = Aws(environment), time.monotonic() + SECONDS_TO_START
    try:
        while True:
            try:
                account.secret()
                break
            except subprocess.CalledProcessError:
                assert time.monotonic() < deadline, "moto does not start"
        yield account
    finally:
        server.terminate()
        server.wait()


class Team:
    """A team whose declared token is published to AWS with the guide's task files."""

    def __init__(self, folder: Path, emulator: EmulatorServer, aws: Aws) -> None:
        self.workspace = AnsibleWorkspace(folder)
        self._emulator = emulator
        self._aws = aws
        self._issuer = emulator.mint(emulator.add_user("ann@example.com", "password-of-ann"))[1]
        for example in examples_of(GUIDE):
            if example.file is not None and example.file.startswith("publish/aws"):
                self.workspace.write(example.file, example.text)

    def rotate(self, state: str = "present", **variables: Any) -> AnsibleRun:
        replica = {"in": "aws", "target": TARGET, "options": {"region": "eu-central-1"}}
        vault = {"in": "files", "path": "ionos.yml", "variable": "ionos_token"}
        given = {
            "vaults": [
                {"name": "files", "ansible_vault_file": {}},
                {"name": "aws", "tasks": {"publish": "publish/aws.yml", "unpublish": "publish/aws_gone.yml"}},
            ],
            "tokens": [{"name": "terraform", "vault": vault, "replicas": [replica], "state": state}],
            **variables,
        }
        read = {
            "name": "Read",
            "ansible.builtin.set_fact": {
                "read": "{{ lookup('tokenops.ionos.vaulted_token', 'terraform') if state == 'present' else '' }}"
            },
        }
        play = {
            "hosts": "localhost",
            "gather_facts": False,
            "vars": {"state": state, **{f"token_rotation_{name}": value for name, value in given.items()}},
            "roles": ["tokenops.ionos.token_rotation"],
            "post_tasks": [read],
        }
        run = self.workspace.run(
            [play],
            *self.workspace.vault_password("prod", "password-of-the-vault"),
            environment={
                **self._aws.environment,
                "ANSIBLE_COLLECTIONS_PATH": f"{COLLECTIONS}:{borrowed_collections()}",
                "ANSIBLE_PYTHON_INTERPRETER": str(LIBRARIES / "bin" / "python"),
                "IONOS_API_URL": self._emulator.url,
                "IONOS_TOKEN": self._issuer,
            },
        )
        assert run.return_code == 0, run.output
        return run


def test_a_token_is_published_to_aws_replaced_there_and_taken_away(
    tmp_path: Path, emulator: EmulatorServer, aws: Aws
) -> None:
    team = Team(tmp_path, emulator, aws)
    first = team.rotate()
    assert aws.secret()["value"] == first.result("Read")["ansible_facts"]["read"]

    second = team.rotate(renew_now=["terraform"])
    value = second.result("Read")["ansible_facts"]["read"]
    assert value != first.result("Read")["ansible_facts"]["read"]
    assert aws.secret()["value"] == value

    team.rotate("absent")
    assert aws.secret() == {"value": None, "is_to_be_deleted": True}
