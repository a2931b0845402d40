# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What jobs of AWX run in: the execution environment as ansible-builder understands it, and an old one's message."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from support.ansible_runs import ROOT, AnsibleWorkspace
from support.tools.prepare_targets import OLD_ANSIBLE
from support.tools.run_matrix import PYTHONS

DEFINITION = ROOT / "execution-environment" / "execution-environment.yml"
NEEDS = "tokenops.ionos needs ansible-core 2.18 or newer on Python 3.11 or newer, and this is ansible-core 2.15."
ROTATES = {"tokenops.ionos.vaulted_tokens": {"tokens": []}}
READS = {"ansible.builtin.debug": {"msg": "{{ lookup('tokenops.ionos.vaulted_token', 'terraform') }}"}}


def test_ansible_builder_makes_a_context_of_it(tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("ansible-builder")
    command = [program, "create", "--file", DEFINITION, "--context", tmp_path, "--output-filename", "Containerfile"]
    made = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stdout + made.stderr
    steps = (tmp_path / "Containerfile").read_text(encoding="utf-8")
    assert "ansible-core>=2.18" in steps
    assert "ansible-runner" in steps
    collections = yaml.safe_load((tmp_path / "_build" / "requirements.yml").read_text(encoding="utf-8"))
    assert [collection["name"] for collection in collections["collections"]] == ["tokenops.ionos"]


def test_it_has_an_ansible_that_the_collection_is_tested_with() -> None:
    definition = yaml.safe_load(DEFINITION.read_text(encoding="utf-8"))
    first, *_between, last = PYTHONS
    major, minor = last.split(".")
    wanted = f"ansible-core>={first},<{major}.{int(minor) + 1}"
    assert definition["dependencies"]["ansible_core"]["package_pip"] == wanted


@pytest.mark.skipif(not OLD_ANSIBLE.is_dir(), reason="It needs an old ansible-core, which `make targets` installs.")
@pytest.mark.parametrize("task", [ROTATES, READS], ids=["action", "lookup"])
def test_an_old_ansible_is_told_first_what_is_needed(tmp_path: Path, task: dict[str, object]) -> None:
    workspace = AnsibleWorkspace(tmp_path)
    playbook = workspace.write("playbook.yml", workspace.play(task))
    finished = subprocess.run(
        [OLD_ANSIBLE / "bin" / "ansible-playbook", "-i", "localhost,", "-c", "local", playbook],
        env=workspace.environment({"ANSIBLE_CALLBACKS_ENABLED": ""}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode != 0
    lines = (finished.stdout + finished.stderr).splitlines()
    [line] = [line for line in lines if line.startswith(("ERROR!", "fatal:"))]
    assert NEEDS in line
    assert not any("Traceback" in line or "probably a bug" in line for line in lines)
