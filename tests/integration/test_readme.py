# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The README's files and commands, written and run as they stand there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from emulator import EmulatorServer
from support.documented_project import README, DocumentedProject
from support.emulator_fixtures import emulator
from support.examples import ROOT, example_with, examples_of
from support.openbao_fixtures import OpenBao

__all__ = ["emulator"]

TEXT = (ROOT / README).read_text(encoding="utf-8")
RULES_OF_THE_ROTATOR = """
path "secret/data/ionos/*" { capabilities = ["create", "read", "update"] }
"""
FILES = [example for example in examples_of(README) if example.language == "yaml"]
DECLARATION, USE_TOKEN, WITH_OPENBAO, OFFERS = FILES


@pytest.fixture
def project(tmp_path: Path, emulator: EmulatorServer) -> DocumentedProject:
    """The README's project before its first run."""
    directory = tmp_path / "project"
    directory.mkdir()
    return DocumentedProject(directory, emulator)


def test_the_first_run_mints_the_declared_token(project: DocumentedProject, emulator: EmulatorServer) -> None:
    project.write(DECLARATION)
    output = project.first_run()
    assert "(rotated: it was missing)" in output
    assert len(emulator.journal.minted()) == 1
    variables = (project.directory / "group_vars/all/ionos.yml").read_text(encoding="utf-8")
    assert set(re.findall(r"^(\w+): !vault", variables, re.MULTILINE)) == {"ionos_token", "ionos_token_record"}


def test_the_second_run_changes_nothing_and_needs_no_credential(
    project: DocumentedProject, emulator: EmulatorServer
) -> None:
    project.write(DECLARATION)
    project.first_run()
    output = project.bash(example_with(README, "17 4 * * *").commands.partition(" && ")[2])
    assert "changed=0" in output
    assert len(emulator.journal.minted()) == 1


def test_the_lookup_gives_a_token_that_the_api_accepts(project: DocumentedProject, emulator: EmulatorServer) -> None:
    project.write(DECLARATION)
    project.write(USE_TOKEN)
    project.first_run()
    output = project.bash("ansible-playbook use_token.yml")
    assert [token.id in output for token in emulator.tokens(project.person)] == [True, True]
    assert emulator.journal.entries()[-1].token_id == emulator.journal.minted()[0]


def test_a_token_lives_in_openbao_with_a_copy_in_a_file(
    project: DocumentedProject, openbao: OpenBao, emulator: EmulatorServer
) -> None:
    role = openbao.approle(RULES_OF_THE_ROTATOR)
    project.write(WITH_OPENBAO)
    declaration = project.directory / "group_vars/all/rotation.yml"
    described = yaml.safe_load(declaration.read_text(encoding="utf-8"))
    described["token_rotation_vaults"][0]["hashi_vault"] |= {"url": openbao.url, "auth_mount": role.mount}
    declaration.write_text(yaml.safe_dump(described), encoding="utf-8")
    _id, value = project.created_token()
    output = project.bash(
        "ansible-playbook tokenops.ionos.rotate",
        IONOS_TOKEN=value,
        BAO_ROLE_ID=role.role_id,
        BAO_SECRET_ID=role.secret_id,
    )
    assert "(rotated: it was missing)" in output
    assert openbao.secret("secret", "ionos/terraform")["token"].startswith("eyJ")
    assert "ionos_token: !vault" in (project.directory / "group_vars/all/ionos.yml").read_text(encoding="utf-8")


def test_a_persons_token_is_taken_in(project: DocumentedProject, emulator: EmulatorServer) -> None:
    emulator.dcd.set_two_factor(project.person.name, "enabled")
    project.write(DECLARATION)
    project.write(OFFERS)
    _id, value = project.created_token("30d")
    output = project.bash("ansible-playbook tokenops.ionos.rotate", NEW_IONOS_TOKEN=value)
    assert "(adopted: it was offered)" in output


PLAYBOOKS = re.findall(r"`(ansible-playbook tokenops[^`]+)`", TEXT)


@pytest.mark.parametrize("command", sorted(set(PLAYBOOKS)))
def test_every_playbook_runs_as_typed_in_a_folder_with_nothing_but_these_files(
    project: DocumentedProject, command: str
) -> None:
    project.write(DECLARATION)
    project.first_run()
    output = project.bash(command)
    assert "failed=0" in output
    assert "WARNING" not in output


def test_the_report_says_where_it_is(project: DocumentedProject) -> None:
    project.write(DECLARATION)
    project.first_run()
    output = project.bash("ansible-playbook tokenops.ionos.report")
    page = project.directory / "ionos-report/report.html"
    assert "Everything is in order. 1 declared: 1 in order." in output
    assert str(page) in output
    assert page.is_file()


@pytest.mark.parametrize("command", re.findall(r"`(ansible-doc [^`]+)`", TEXT))
def test_the_documentation_is_where_it_says(project: DocumentedProject, command: str) -> None:
    assert "OPTIONS" in project.bash(command).upper()


def test_its_links_lead_to_files_that_are_there() -> None:
    linked = re.findall(r"\]\((?!https:)([^)]+)\)", TEXT)
    assert linked
    assert [name for name in linked if not (ROOT / name).exists()] == []


def test_its_make_targets_exist() -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    named = re.findall(r"(?:`|^ *)make ([a-z-]+)", TEXT, re.MULTILINE)
    assert named
    assert set(named) <= set(targets)


def test_it_names_the_tarball_of_this_version() -> None:
    version = yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"]
    assert f"tokenops-ionos-{version}.tar.gz" in TEXT
