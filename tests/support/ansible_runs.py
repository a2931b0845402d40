# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real runs of ansible-playbook, each in a home directory of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
COLLECTIONS = ROOT / ".cache"
CALLBACK_PLUGINS = Path(__file__).with_name("callback_plugins")
SECONDS_TO_LIVE = 120


@dataclass(frozen=True)
class TaskResult:
    """One result as a callback plugin sees it.

    :ivar status: ``ok``, ``failed``, ``skipped`` or ``unreachable``.
    :ivar arguments: the task's arguments after the task has ended.
    """

    status: str
    host: str
    task: str
    arguments: dict[str, Any]
    result: dict[str, Any]


@dataclass(frozen=True)
class AnsibleRun:
    """A run that has ended."""

    return_code: int
    stdout: str
    stderr: str
    results: list[TaskResult] = field(default_factory=list)

    @property
    def output(self) -> str:
        """All that was printed."""
        return self.stdout + self.stderr

    def task(self, name: str) -> TaskResult:
        """Return what became of the one task with this name."""
        (found,) = [result for result in self.results if result.task == name]
        return found

    def result(self, name: str) -> dict[str, Any]:
        """Return the result of the one task with this name."""
        return self.task(name).result

    @property
    def failure(self) -> str:
        """The message of the first task that failed on one line, or all output where no task got as far as that."""
        return one_line(
            next((result.result["msg"] for result in self.results if result.status == "failed"), self.output)
        )


def one_line(message: object) -> str:
    """Return a message with its line breaks as spaces."""
    return " ".join(str(message).split())


class AnsibleWorkspace:
    """A folder with a playbook, and an environment without anything of the user's.

    :param folder: becomes the playbook's folder; ``home`` in it becomes the home directory.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.home.mkdir(exist_ok=True)
        # An empty one, so that none is looked for elsewhere.
        self._configuration = self.write("home/ansible.cfg", "")

    def write(self, name: str, content: Any) -> Path:
        """Write a file: text as it is, anything else as YAML."""
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content if isinstance(content, str) else yaml.safe_dump(content, sort_keys=False))
        return file

    def vault_password(self, vault_id: str, password: str) -> list[str]:
        """Return the arguments that give Ansible a vault password."""
        return ["--vault-id", f"{vault_id}@{self.write(f'{vault_id}.password', password)}"]

    def play(self, *tasks: dict[str, Any], **variables: Any) -> list[dict[str, Any]]:
        """Return a play of these tasks on localhost."""
        return [{"hosts": "localhost", "gather_facts": False, "vars": variables, "tasks": list(tasks)}]

    def environment(self, changes: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return the environment of a run; ``changes`` are added to it."""
        return {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "LANG": "C.UTF-8",
            "HOME": str(self.home),
            "ANSIBLE_HOME": str(self.home / ".ansible"),
            "ANSIBLE_CONFIG": str(self._configuration),
            "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
            "ANSIBLE_CALLBACK_PLUGINS": str(CALLBACK_PLUGINS),
            "ANSIBLE_CALLBACKS_ENABLED": "results_file",
            "ANSIBLE_PYTHON_INTERPRETER": sys.executable,
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_DEVEL_WARNING": "false",
            "RESULTS_FILE": str(self.folder / "results.jsonl"),
            **(changes or {}),
        }

    def command(self, playbook: str | Path, arguments: Sequence[str] = ()) -> list[str]:
        """Return the command line of a run: for tests that start, watch or kill it themselves."""
        return [
            sys.executable,
            "-m",
            "ansible",
            "playbook",
            "-i",
            "localhost,",
            "-c",
            "local",
            str(playbook),
            *arguments,
        ]

    def run(
        self,
        playbook: Any,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
        timeout: float = SECONDS_TO_LIVE,
    ) -> AnsibleRun:
        """Run a playbook to its end.

        :param playbook: the plays, or the name of a playbook (a file, or one of a collection).
        :param arguments: further ones of ansible-playbook.
        :param environment: added to the workspace's own.
        """
        name = playbook if isinstance(playbook, str) else self.write("playbook.yml", playbook)
        (self.folder / "results.jsonl").unlink(missing_ok=True)
        finished = subprocess.run(
            self.command(name, arguments),
            cwd=self.folder,
            env=self.environment(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        return AnsibleRun(finished.returncode, finished.stdout, finished.stderr, self.results())

    def results(self) -> list[TaskResult]:
        """Return the results that the last run has written so far."""
        file = self.folder / "results.jsonl"
        lines = file.read_text().splitlines() if file.exists() else []
        return [TaskResult(**json.loads(line)) for line in lines]
