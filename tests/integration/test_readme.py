# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The README's files and commands, written and run as they stand there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
import yaml

from emulator import EmulatorServer
from support.emulator_fixtures import emulator
from support.openbao_fixtures import OpenBao, openbao

__all__ = ["emulator", "openbao"]

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
RULES_OF_THE_ROTATOR = """
path "secret/data/ionos/*" { capabilities = ["create", "read", "update"] }
"""


def blocks(language: str) -> list[str]:
    """The fenced blocks of a language, in their order, without the indentation of a list that they stand in."""
    found = re.findall(rf"^ *```{language}\n(.*?)^ *```$", README, re.MULTILINE | re.DOTALL)
    return [textwrap.dedent(block) for block in found]


def named_files(language: str = "yaml") -> list[tuple[str, str]]:
    """The blocks of a language with the path that their first line names."""
    return [(block.splitlines()[0].removeprefix("# "), block) for block in blocks(language)]


def command_with(words: str) -> str:
    """The one block of commands that has these words."""
    [block] = [block for block in blocks("console") if words in block]
    return block


class Project:
    """A folder of playbooks with the README's files, whose commands reach the emulator in place of the vendor."""

    def __init__(self, directory: Path, api: EmulatorServer) -> None:
        self.directory = directory
        self._api = api
        self._home = directory.with_name("home")
        self._home.mkdir()
        self.person = api.add_user("ann@example.com", "some-password", role="owner")
        self.bash(command_with("vault-password)"))

    def write(self, *which: int) -> None:
        """Write the configuration and those of the README's files, replacing what stands there under the same name."""
        for name, text in (*named_files("ini"), *(named_files()[number] for number in which)):
            path = self.directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.replace("https://api.ionos.com", self._api.url), encoding="utf-8")

    def bash(self, script: str, typed: str = "", **environment: str) -> str:
        """Run commands, with what a person types; return what they write."""
        finished = subprocess.run(
            ["bash", "-eu", "-c", script],
            cwd=self.directory,
            env={
                "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".cache"),
                "HOME": str(self._home),
                "IONOS_API_URL": self._api.url,
                "LC_ALL": "C.UTF-8",
                "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
                **environment,
            },
            input=typed,
            capture_output=True,
            check=False,
            text=True,
        )
        assert finished.returncode == 0, finished.stdout + finished.stderr
        return finished.stdout

    def first_run(self) -> str:
        """Do the third step of the README with a token that the person has made."""
        _token, value = self._api.dcd.signed_in(self.person).create_token("7d")
        return self.bash(command_with("export IONOS_TOKEN"), typed=f"{value}\n")


DECLARATION, USE_TOKEN, WITH_OPENBAO, OFFERS = range(4)


@pytest.fixture
def project(tmp_path: Path, emulator: EmulatorServer) -> Project:
    """The README's project before its first run."""
    directory = tmp_path / "project"
    directory.mkdir()
    return Project(directory, emulator)


def test_the_first_run_mints_the_declared_token(project: Project, emulator: EmulatorServer) -> None:
    project.write(DECLARATION)
    output = project.first_run()
    assert "(rotated: it was missing)" in output
    assert len(emulator.journal.minted()) == 1
    variables = (project.directory / "group_vars/all/ionos.yml").read_text(encoding="utf-8")
    assert set(re.findall(r"^(\w+): !vault", variables, re.MULTILINE)) == {"ionos_token", "ionos_token_record"}


def test_the_second_run_changes_nothing_and_needs_no_credential(project: Project, emulator: EmulatorServer) -> None:
    project.write(DECLARATION)
    project.first_run()
    [cron] = blocks("crontab")
    output = project.bash(cron.partition(" && ")[2])
    assert "changed=0" in output
    assert len(emulator.journal.minted()) == 1


def test_the_lookup_gives_a_token_that_the_api_accepts(project: Project, emulator: EmulatorServer) -> None:
    project.write(DECLARATION, USE_TOKEN)
    project.first_run()
    output = project.bash("ansible-playbook use_token.yml")
    assert [token.id in output for token in emulator.tokens(project.person)] == [True, True]
    assert emulator.journal.entries()[-1].token_id == emulator.journal.minted()[0]


def test_a_token_lives_in_openbao_with_a_copy_in_a_file(
    project: Project, openbao: OpenBao, emulator: EmulatorServer
) -> None:
    role = openbao.approle(RULES_OF_THE_ROTATOR)
    project.write(WITH_OPENBAO)
    declaration = project.directory / "group_vars/all/rotation.yml"
    described = yaml.safe_load(declaration.read_text(encoding="utf-8"))
    described["token_rotation_vaults"][0]["hashi_vault"] |= {"url": openbao.url, "auth_mount": role.mount}
    declaration.write_text(yaml.safe_dump(described), encoding="utf-8")
    _token, value = emulator.dcd.signed_in(project.person).create_token("7d")
    output = project.bash(
        "ansible-playbook tokenops.ionos.rotate",
        IONOS_TOKEN=value,
        BAO_ROLE_ID=role.role_id,
        BAO_SECRET_ID=role.secret_id,
    )
    assert "(rotated: it was missing)" in output
    assert openbao.secret("secret", "ionos/terraform")["token"].startswith("eyJ")
    assert "ionos_token: !vault" in (project.directory / "group_vars/all/ionos.yml").read_text(encoding="utf-8")


def test_a_persons_token_is_taken_in(project: Project, emulator: EmulatorServer) -> None:
    emulator.dcd.set_two_factor(project.person.name, "enabled")
    project.write(DECLARATION, OFFERS)
    _token, value = emulator.dcd.signed_in(project.person).create_token("30d")
    output = project.bash("ansible-playbook tokenops.ionos.rotate", NEW_IONOS_TOKEN=value)
    assert "(adopted: it was offered)" in output


PLAYBOOKS = re.findall(r"`(ansible-playbook tokenops[^`]+)`", README)


@pytest.mark.parametrize("command", sorted(set(PLAYBOOKS)))
def test_every_playbook_runs_as_typed_in_a_folder_with_nothing_but_these_files(project: Project, command: str) -> None:
    project.write(DECLARATION)
    project.first_run()
    output = project.bash(command)
    assert "failed=0" in output
    assert "WARNING" not in output


def test_the_report_says_where_it_is(project: Project) -> None:
    project.write(DECLARATION)
    project.first_run()
    output = project.bash("ansible-playbook tokenops.ionos.report")
    page = project.directory / "ionos-report/report.html"
    assert "Everything is in order. 1 declared: 1 in order." in output
    assert str(page) in output
    assert page.is_file()


@pytest.mark.parametrize("command", re.findall(r"`(ansible-doc [^`]+)`", README))
def test_the_documentation_is_where_it_says(project: Project, command: str) -> None:
    assert "OPTIONS" in project.bash(command).upper()


def test_its_links_lead_to_files_that_are_there() -> None:
    linked = re.findall(r"\]\((?!https:)([^)]+)\)", README)
    assert linked
    assert [name for name in linked if not (ROOT / name).exists()] == []


def test_its_make_targets_exist() -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    named = re.findall(r"(?:`|^ *)make ([a-z-]+)", README, re.MULTILINE)
    assert named
    assert set(named) <= set(targets)


def test_it_names_the_tarball_of_this_version() -> None:
    version = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"]
    assert f"tokenops-ionos-{version}.tar.gz" in README
