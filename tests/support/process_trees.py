# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A process and all that it has started, stopped or killed at one moment.

A signal to the process group would not do: workers of ansible-core 2.19 and later are in sessions of their own.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

SECONDS_TO_END = 20
GONE = frozenset({"", "Z", "X"})


class ProcessTree:
    """The process ``root`` and its descendants."""

    def __init__(self, root: int) -> None:
        self.root = root
        self._stopped: set[int] = set()

    def members(self) -> set[int]:
        """Return the processes of the tree that have not ended."""
        parents = {process: parent for process, parent, state in _processes() if state not in GONE}
        found = {self.root} & set(parents)
        while more := {process for process, parent in parents.items() if parent in found} - found:
            found |= more
        return found

    def stop(self) -> None:
        """Stop every process of the tree; once this returns, none of them does anything more."""
        while fresh := self.members() - self._stopped:
            for process in fresh:
                _signal(process, signal.SIGSTOP)
            self._stopped |= fresh
        wait_until(lambda: all(_state(process) in GONE | {"T"} for process in self._stopped))

    def resume(self) -> None:
        """Let every process that was stopped go on."""
        for process in self._stopped:
            _signal(process, signal.SIGCONT)
        self._stopped.clear()

    def kill(self) -> None:
        """End every process of the tree with SIGKILL, so that none lives on for even a moment longer than the others.

        The root stays as a zombie until whoever started it waits for it.
        """
        self.stop()
        for process in self._stopped:
            _signal(process, signal.SIGKILL)
        wait_until(lambda: all(_state(process) in GONE for process in self._stopped))


def has_ended(process: int) -> bool:
    """Tell whether a process does not run any more."""
    return _state(process) in GONE


def wait_until(condition: Callable[[], bool]) -> None:
    """Return once ``condition`` holds, or raise RuntimeError where that takes too long."""
    deadline = time.monotonic() + SECONDS_TO_END
    while not condition():
        if time.monotonic() >= deadline:
            raise RuntimeError("A process does not do in time what is waited for.")
        time.sleep(0.005)


def _processes() -> list[tuple[int, int, str]]:
    """Return number, parent and state of every process."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        fields = _stat(folder)
        if fields:
            found.append((int(folder.name), int(fields[1]), fields[0]))
    return found


def _state(process: int) -> str:
    fields = _stat(Path(f"/proc/{process}"))
    return fields[0] if fields else ""


def _stat(folder: Path) -> list[str]:
    """Return the fields of a process's status from its state on, or nothing where there is no such process."""
    try:
        return (folder / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return []


def _signal(process: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(process, number)
