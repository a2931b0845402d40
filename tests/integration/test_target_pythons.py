# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules on the old Pythons that a target may have; ``make targets`` sets them up."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible.module_utils.basic import _PY_MIN

from emulator import EmulatorServer
from support.ansible_runs import ROOT, AnsibleWorkspace
from support.emulator_fixtures import tls_emulator

__all__ = ["tls_emulator"]

OLDEST_OF_THIS_ANSIBLE = tuple(_PY_MIN)
TARGETS = [
    python
    for python in sorted((ROOT / ".cache" / "targets").glob("3.*/bin/python"))
    if tuple(map(int, python.parts[-3].split("."))) >= OLDEST_OF_THIS_ANSIBLE
]


@pytest.mark.heavy
@pytest.mark.parametrize("python", TARGETS, ids=lambda python: python.parts[-3])
def test_a_token_is_minted_shown_and_deleted(python: Path, tls_emulator: EmulatorServer, tmp_path: Path) -> None:
    user = tls_emulator.add_user("ann@example.com", "some-password", contracts=[31711111])
    issuer, value = tls_emulator.mint(user)
    workspace = AnsibleWorkspace(tmp_path)
    file = str(tmp_path / "token")
    environment = {
        "ANSIBLE_PYTHON_INTERPRETER": str(python),
        "IONOS_API_URL": tls_emulator.url,
        "IONOS_CERTIFICATE_FINGERPRINT": tls_emulator.fingerprint or "",
        "IONOS_TOKEN": value,
    }
    connection = {"ca_path": tls_emulator.ca_path}
    keep = {"tokenops.ionos.auth_token": {"dest": file, **connection}}

    run = workspace.run(
        workspace.play(
            {"name": "Look", "ansible.builtin.setup": {"gather_subset": ["!all"]}},
            {"name": "Mint", **keep},
            {"name": "Keep", **keep},
            {"name": "Show", "tokenops.ionos.auth_token_info": connection},
            {
                "name": "Delete",
                "tokenops.ionos.auth_token": {
                    "state": "absent",
                    "current": "{{ lookup('ansible.builtin.file', '" + file + "') }}",
                    **connection,
                },
            },
        ),
        environment=environment,
    )

    assert run.return_code == 0, run.output
    assert run.result("Look")["ansible_facts"]["ansible_python_version"].startswith(f"{python.parts[-3]}.")
    assert [run.result(name)["action"] for name in ("Mint", "Keep")] == ["minted", "kept"]
    minted = run.result("Mint")["token"]["id"]
    assert {token["id"] for token in run.result("Show")["tokens"]} == {issuer.id, minted}
    assert [token["id"] for token in run.result("Delete")["deleted"]] == [minted]
    assert [token.id for token in tls_emulator.tokens(user)] == [issuer.id]
