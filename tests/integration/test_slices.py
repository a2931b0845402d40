# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host for each contract, and a job in slices that run side by side, as AWX runs them: with ansible-runner."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.tokenops.ionos.plugins.module_utils._core.token import parse_token
from emulator import EmulatorServer
from emulator.users import User
from support.ansible_runs import SECONDS_TO_LIVE, AnsibleRun, AnsibleWorkspace
from support.emulator_fixtures import emulator
from support.openbao_fixtures import OpenBao

__all__ = ["emulator"]

SLICES = 2
HOSTS = [f"contract{number}" for number in range(4)]
TOKENS = ("terraform", "dns")


class SlicedJob:
    """An inventory with a host for each contract, and jobs that get a slice of its hosts each."""

    def __init__(self, folder: Path, emulator: EmulatorServer, openbao: OpenBao, mount: str) -> None:
        self.emulator = emulator
        self._workspace = AnsibleWorkspace(folder)
        self._openbao = openbao
        self._mount = mount
        self._declarations: dict[str, dict[str, Any]] = {}

    def declare(self, host: str, user: User, folder: str) -> None:
        """Declare a host's tokens, of one user, in a folder of the vault."""
        _issuer, value = self.emulator.mint(user)
        self._declarations[host] = {
            "token_rotation_api_url": self.emulator.url,
            "token_rotation_accounts": [{"name": host, "token": value}],
            "token_rotation_vaults": [
                {
                    "name": "bao",
                    "hashi_vault": {
                        "url": self._openbao.url,
                        "token": self._openbao.root_token,
                        "mount": self._mount,
                    },
                }
            ],
            "token_rotation_tokens": [
                {"name": name, "account": host, "ttl": "30d", "vault": {"path": f"{folder}/{name}"}} for name in TOKENS
            ],
        }

    def run(self) -> list[AnsibleRun]:
        """Run all slices at once, and return what they print."""
        slices = [self._start(number) for number in range(SLICES)]
        outputs = [process.communicate(timeout=SECONDS_TO_LIVE)[0] for process in slices]
        return [AnsibleRun(process.returncode, output, "") for process, output in zip(slices, outputs, strict=True)]

    def held(self, folder: str) -> set[str]:
        """Return the ids of the tokens in a folder of the vault."""
        return {parse_token(self._openbao.secret(self._mount, f"{folder}/{name}")["token"], name).id for name in TOKENS}

    def _start(self, number: int) -> subprocess.Popen[str]:
        hosts = list(self._declarations)[number::SLICES]
        inventory = {"all": {"hosts": {host: self._declarations[host] for host in hosts}}}
        folder = self._workspace.write(f"slice{number}/inventory/hosts.yml", inventory).parents[1]
        self._workspace.write(f"slice{number}/project/README", "The playbook is the collection's.\n")
        self._workspace.write(f"slice{number}/env/cmdline", "--forks 2 -e token_rotation_hosts=all")
        arguments = ["run", str(folder), "--playbook", "tokenops.ionos.rotate", "--ident", "job"]
        return subprocess.Popen(
            [sys.executable, "-m", "ansible_runner", *arguments],
            env=self._workspace.environment({"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"}),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )


@pytest.fixture
def job(tmp_path: Path, emulator: EmulatorServer, openbao: OpenBao, kv_mount: str) -> SlicedJob:
    return SlicedJob(tmp_path, emulator, openbao, kv_mount)


@pytest.fixture
def new_user(emulator: EmulatorServer) -> Callable[[str], User]:
    return lambda name: emulator.add_user(f"{name}@example.com", "correct horse battery staple", role="owner")


def test_slices_share_the_contracts_among_them(job: SlicedJob, new_user: Callable[[str], User]) -> None:
    users = {host: new_user(host) for host in HOSTS}
    for host, user in users.items():
        job.declare(host, user, host)
    slices = job.run()
    assert [run.return_code for run in slices] == [0] * SLICES, slices[0].output + slices[1].output
    for number, run in enumerate(slices):
        assert [host for host in HOSTS if f"ok: [{host}]" in run.stdout] == HOSTS[number::SLICES]
        assert run.stdout.count('"2 declared: 2 working; 2 rotated"') == len(HOSTS) / SLICES
    for host, user in users.items():
        _issuer, *minted = [token.id for token in job.emulator.tokens(user)]
        assert set(minted) == job.held(host)
    assert job.emulator.journal.deleted() == []


@pytest.mark.heavy
def test_slices_whose_hosts_are_of_one_user_mint_what_each_declares_and_nothing_else(
    job: SlicedJob, new_user: Callable[[str], User]
) -> None:
    user = new_user("ann")
    for host in HOSTS:
        job.declare(host, user, host)
    slices = job.run()
    assert [run.return_code for run in slices] == [0] * SLICES, slices[0].output + slices[1].output
    held = set.union(*(job.held(host) for host in HOSTS))
    assert len(held) == len(HOSTS) * len(TOKENS)
    assert set(job.emulator.journal.minted()) == held
    assert job.emulator.journal.deleted() == []


@pytest.mark.heavy
def test_of_hosts_in_two_slices_that_share_places_one_mints(job: SlicedJob, new_user: Callable[[str], User]) -> None:
    user = new_user("ann")
    for host in HOSTS[:2]:
        job.declare(host, user, "shared")
    slices = job.run()
    assert [run.return_code for run in slices] == [0] * SLICES, slices[0].output + slices[1].output
    assert set(job.emulator.journal.minted()) == job.held("shared")
    assert job.emulator.journal.deleted() == []
