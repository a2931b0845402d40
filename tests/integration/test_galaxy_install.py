# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tarball: what is in it, and that it installs and works where neither a server nor the checkout is in reach."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from emulator import EmulatorServer
from support.ansible_runs import ROOT, AnsibleWorkspace
from support.emulator_fixtures import emulator

__all__ = ["emulator"]

UNREACHABLE_SERVER = "http://127.0.0.1:9/"
FOR_USERS = {
    "FILES.json",
    "LICENSE",
    "MANIFEST.json",
    "README.md",
    "changelogs",
    "execution-environment",
    "meta",
    "playbooks",
    "plugins",
    "requirements.txt",
    "roles",
}
ALSO_FOR_USERS = {"docs"}
# What a checkout also holds where somebody works with the collection in it.
NOT_FOR_OTHERS = (
    ".env",
    ".vault_pass",
    "ansible.cfg",
    "auth_token",
    "changelogs/fragments/.env",
    "docs/key.pem",
    "docs/schemas/state.json",
    "extensions/eda/rulebooks/mine.yml",
    "group_vars/all/ionos.yml",
    "host_vars/localhost.yml",
    "inventory.yml",
    "key.pem",
    "meta/vault-password",
    "playbooks/.env",
    "playbooks/group_vars/all.yml",
    "playbooks/mine.yml",
    "playbooks/vault-password",
    "plugins/.env",
    "plugins/lookup/key.pem",
    "plugins/module_utils/_core/token.txt",
    "roles/mine/tasks/main.yml",
    "roles/token_rotation/defaults/secrets.yml",
    "roles/token_rotation/files/key.pem",
    "roles/token_rotation/vars/main.yml",
    "rotation.retry",
    "secrets.txt",
    "vault-password",
)
VARIABLES = {"api_url": "{{ lookup('env', 'API_URL') }}", "token": "{{ lookup('env', 'TOKEN') }}"}

Ansible = Callable[..., str]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> AnsibleWorkspace:
    return AnsibleWorkspace(tmp_path_factory.mktemp("elsewhere"))


@pytest.fixture(scope="module")
def elsewhere(workspace: AnsibleWorkspace) -> dict[str, str]:
    """What keeps Ansible from the checkout and from any server."""
    collections = str(workspace.folder / "collections")
    return {"ANSIBLE_COLLECTIONS_PATH": collections, "ANSIBLE_GALAXY_SERVER": UNREACHABLE_SERVER}


@pytest.fixture(scope="module")
def ansible(workspace: AnsibleWorkspace, elsewhere: dict[str, str]) -> Ansible:
    """Run a subcommand of ansible to its end; return what it printed."""

    def run(*command: str | Path, cwd: Path = workspace.folder) -> str:
        finished = subprocess.run(
            [sys.executable, "-m", "ansible", *command],
            cwd=cwd,
            env=workspace.environment(elsewhere),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert finished.returncode == 0, finished.stdout + finished.stderr
        return finished.stdout

    return run


@pytest.fixture(scope="module")
def tarball(ansible: Ansible, workspace: AnsibleWorkspace) -> Path:
    """The collection as it would be published."""
    ansible("galaxy", "collection", "build", "--output-path", workspace.folder, cwd=ROOT)
    [built] = workspace.folder.glob("tokenops-ionos-*.tar.gz")
    return built


@pytest.fixture(scope="module")
def installed(ansible: Ansible, tarball: Path, workspace: AnsibleWorkspace) -> Path:
    """The directory that the tarball was installed into."""
    collections = workspace.folder / "collections"
    ansible("galaxy", "collection", "install", tarball, "--collections-path", collections)
    return collections / "ansible_collections" / "tokenops" / "ionos"


def test_the_tarball_holds_what_users_need_and_no_more(tarball: Path) -> None:
    with tarfile.open(tarball) as archive:
        names = [Path(name) for name in archive.getnames()]
    top = {name.parts[0] for name in names}
    assert top >= FOR_USERS
    assert top <= FOR_USERS | ALSO_FOR_USERS
    assert [name for name in names if name.name == "__pycache__" or name.suffix == ".pyc"] == []


def test_of_a_dirty_checkout_what_is_committed_is_packed_and_nothing_else(ansible: Ansible, tmp_path: Path) -> None:
    listing = ["git", "ls-files", "-z"]
    listed = subprocess.run(listing, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    committed = [name for name in listed if (ROOT / name).is_file()]
    for name in [*committed, *NOT_FOR_OTHERS]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        content = (ROOT / name).read_bytes() if name in committed else b"secret"
        (tmp_path / name).write_bytes(content)

    ansible("galaxy", "collection", "build", "--output-path", tmp_path / "built", cwd=tmp_path)

    with tarfile.open(next((tmp_path / "built").iterdir())) as archive:
        packed = {member.name for member in archive if member.isfile()}
    wanted = {name for name in committed if name.split("/")[0] in FOR_USERS | {"docs"}}
    assert sorted(packed) == sorted(wanted | {"FILES.json", "MANIFEST.json"})


def test_the_action_group_lists_every_module(ansible: Ansible, installed: Path) -> None:
    runtime = yaml.safe_load((installed / "meta" / "runtime.yml").read_text(encoding="utf-8"))
    documented = json.loads(ansible("doc", "--json", "--list", "--type", "module", "tokenops.ionos"))
    assert sorted(documented) == [f"tokenops.ionos.{name}" for name in runtime["action_groups"]["all"]]


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("module", ["auth_token", "auth_token_info", "vaulted_tokens"]),
        ("lookup", ["vaulted_token"]),
        ("role", ["token_rotation"]),
    ],
)
def test_ansible_doc_knows_what_was_installed(ansible: Ansible, kind: str, names: list[str]) -> None:
    full_names = [f"tokenops.ionos.{name}" for name in names]
    assert sorted(json.loads(ansible("doc", "--json", "--type", kind, *full_names))) == full_names


@pytest.mark.usefixtures("installed")
def test_a_playbook_uses_it_by_its_full_name(
    workspace: AnsibleWorkspace, elsewhere: dict[str, str], emulator: EmulatorServer
) -> None:
    user = emulator.add_user("ann@example.com", "some-password", contracts=[31711111])
    known, value = emulator.mint(user)
    [play] = workspace.play({"name": "Show", "tokenops.ionos.auth_token_info": {}})
    play["module_defaults"] = {"group/tokenops.ionos.all": VARIABLES}

    run = workspace.run([play], environment=elsewhere | {"API_URL": emulator.url, "TOKEN": value})

    assert run.return_code == 0, run.output
    assert [token["id"] for token in run.result("Show")["tokens"]] == [known.id]
