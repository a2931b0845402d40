# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs of an action in the process of the test: the class itself, with as much of Ansible around it as it wants."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any


class Loader:
    """What Ansible hands to an action to read files with; an exception in place of the folder is raised."""

    _vault = SimpleNamespace(secrets=[])

    def __init__(self, directory: Path | BaseException) -> None:
        self._directory = directory

    def get_basedir(self) -> str:
        if isinstance(self._directory, BaseException):
            raise self._directory
        return str(self._directory)


def task_of(action: str, arguments: dict[str, Any], **fields: Any) -> SimpleNamespace:
    """Return a task of the action with this full name."""
    usual = {"check_mode": False, "diff": False, "until": None, "retries": None, "async_val": 0}
    return SimpleNamespace(args=dict(arguments), action=action, **{**usual, **fields})


def run_action(
    action_class: Any, task: SimpleNamespace, directory: Path | BaseException, **task_vars: Any
) -> dict[str, Any]:
    """Run an action and return its result."""
    connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir="/unused"))
    action = action_class(task, connection, None, Loader(directory), None, None)
    result: dict[str, Any] = action.run(task_vars=task_vars)
    return result
