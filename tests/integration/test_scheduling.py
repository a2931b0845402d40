# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files for schedules are what systemd, cron and pipelines understand, and what they start rotates."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from configparser import RawConfigParser
from pathlib import Path
from typing import Any

import pytest
import yaml

from emulator import EmulatorServer
from support.documented_project import ATTENTION, DocumentedProject
from support.emulator_fixtures import emulator
from support.examples import ROOT, examples_of

__all__ = ["emulator"]

SCHEDULING = ROOT / "docs" / "scheduling"
SERVICE, TIMER, CRON = (SCHEDULING / f"ionos-token-rotation.{kind}" for kind in ("service", "timer", "cron"))
EXPOSED_AT_MOST = 20
"""Tenths of the scale of systemd-analyze, on which 100 is a service without any protection."""


class Unit(RawConfigParser):
    """A unit of systemd; a setting that stands there several times adds up."""

    def __init__(self, path: Path) -> None:
        super().__init__(strict=False, interpolation=None, delimiters=["="])
        self.optionxform = str  # type: ignore[assignment, method-assign]
        self.text = path.read_text(encoding="utf-8")
        self.read_string(self.text)

    def all(self, setting: str) -> list[str]:
        return re.findall(rf"^{setting}=(.*)$", self.text, re.MULTILINE)


@pytest.fixture
def project(tmp_path: Path, emulator: EmulatorServer) -> DocumentedProject:
    """The README's folder, with its first token."""
    directory = tmp_path / "project"
    directory.mkdir()
    project = DocumentedProject(directory, emulator)
    project.write(examples_of("README.md")[0])
    project.first_run()
    return project


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units, with a program that is there."""
    for path in (SERVICE, TIMER):
        text = path.read_text(encoding="utf-8").replace("/usr/bin/ansible-playbook", "/bin/true")
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    return tmp_path


def analyze(*arguments: str | Path) -> str:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("It needs systemd-analyze.")
    finished = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout + finished.stderr


def test_systemd_finds_nothing_wrong_with_the_units(units: Path) -> None:
    assert analyze("verify", units / SERVICE.name, units / TIMER.name) == ""


def test_the_service_is_as_protected_as_it_says(units: Path) -> None:
    analyze("security", "--offline=true", f"--threshold={EXPOSED_AT_MOST}", units / SERVICE.name)


def test_what_the_service_starts_rotates_with_what_it_is_given(project: DocumentedProject, tmp_path: Path) -> None:
    """The variables of the service are taken as they stand there, with a state and a password of this test."""
    unit = Unit(SERVICE)
    credentials, state = tmp_path / "credentials", tmp_path / "state"
    credentials.mkdir()
    shutil.move(project.directory / "vault-password", credentials / "vault-password")
    (project.directory / "ansible.cfg").write_text("[defaults]\ninventory = inventory.ini\n")
    variables = " ".join(unit.all("Environment")).replace("%d", str(credentials)).replace("%S", str(state))
    [start] = unit.all("ExecStart")
    typed = f"env {variables} {start.removeprefix('/usr/bin/')}"
    assert "1 declared: 1 working" in project.bash(typed)
    assert (state / "ionos-token-rotation" / ".ansible").is_dir()


def test_the_timer_is_of_the_service_and_of_every_day() -> None:
    assert TIMER.stem == SERVICE.stem
    assert "Next elapse" in analyze("calendar", Unit(TIMER).get("Timer", "OnCalendar"))


@pytest.fixture
def at_night(project: DocumentedProject) -> str:
    """What cron hands to its shell."""
    [line] = [line for line in CRON.read_text(encoding="utf-8").splitlines() if re.match(r"\d", line)]
    _minute, _hour, _day, _month, _weekday, _user, command = line.split(maxsplit=6)
    # What cron does with a percent sign; dash is the shell that it has on Debian.
    shell = shutil.which("dash") or "sh"
    script = command.replace("\\%", "%").replace("/srv/ansible", str(project.directory))
    return f"{shell} -c '{script.replace(chr(39), chr(39) + chr(92) + chr(39) + chr(39))}'"


def test_cron_is_silent_where_nobody_has_to_do_anything(project: DocumentedProject, at_night: str) -> None:
    assert project.bash(at_night) == ""


def test_cron_mails_what_needs_attention(project: DocumentedProject, at_night: str) -> None:
    for token in project.api.tokens(project.person):
        project.api.revoke(token.id)
    assert "1 of 1 declared tokens need attention" in project.bash(at_night)


def steps(document: dict[str, Any]) -> Iterator[str]:
    """Yield what a pipeline types, of GitLab or GitHub."""
    for job in [*document.get("jobs", {}).values(), *document.values()]:
        if isinstance(job, dict):
            yield from (step["run"] for step in job.get("steps", []) if "run" in step)
            yield from [*job.get("before_script", []), *job.get("script", [])]


@pytest.mark.heavy
@pytest.mark.parametrize("name", ["gitlab-ci.yml", "github-workflow.yml"])
def test_what_a_pipeline_types_ends_with_the_rotation(project: DocumentedProject, name: str) -> None:
    *prepared, last = steps(yaml.safe_load((SCHEDULING / name).read_text(encoding="utf-8")))
    assert [line.split()[:2] for line in prepared] == [["pip", "install"], ["ansible-galaxy", "collection"]]
    assert "1 declared: 1 working" in project.bash(last)
    for token in project.api.tokens(project.person):
        project.api.revoke(token.id)
    project.bash(last, status=ATTENTION)


def test_a_pipeline_installs_an_ansible_that_the_collection_is_tested_with() -> None:
    definition = yaml.safe_load((ROOT / "execution-environment" / "execution-environment.yml").read_text())
    wanted = definition["dependencies"]["ansible_core"]["package_pip"]
    for name in ("gitlab-ci.yml", "github-workflow.yml"):
        assert wanted in (SCHEDULING / name).read_text(encoding="utf-8")
