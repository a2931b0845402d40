# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What processes cost: a command with all that it starts, and servers that go on running."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from support.process_trees import ProcessTree

MEASURED = Path(__file__).with_name("measured.py")
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
USER_TIME, SYSTEM_TIME = 11, 12
"""Fields of ``/proc/PID/stat``, counted from the state on."""
SECONDS_BETWEEN_SAMPLES = 0.2
MOST_OF_OUTPUT = 4000


class CommandFailed(Exception):
    """A contender did not do its work, so there is nothing to measure."""


@dataclass(frozen=True)
class Command:
    """What to start, where, and with which environment."""

    arguments: Sequence[str]
    folder: Path
    environment: Mapping[str, str]


@dataclass(frozen=True)
class Cost:
    """What one run of a command cost.

    :ivar wall: seconds from its start to its end.
    :ivar cpu: seconds, user and system, of its process and of all that were waited for below it.
    :ivar peak_bytes: the resident memory of its largest process.
    :ivar servers: CPU seconds of the servers meanwhile, by their names.
    """

    wall: float
    cpu: float
    peak_bytes: int
    servers: dict[str, float] = field(default_factory=dict)


def run(command: Command, servers: Mapping[str, Iterable[int]] | None = None) -> Cost:
    """Run a command to its end and return what it cost.

    :param servers: process ids by name, whose CPU is measured meanwhile.
    :raises CommandFailed: if it ends with anything but 0; what it printed is in the message.
    """
    servers = {name: tuple(pids) for name, pids in (servers or {}).items()}
    before = {name: cpu_seconds(pids) for name, pids in servers.items()}
    with _started(command) as process:
        process.wait()
    after = {name: cpu_seconds(pids) for name, pids in servers.items()}
    measured = json.loads(_result(command).read_text(encoding="utf-8"))
    return Cost(
        measured["wall"],
        measured["cpu"],
        measured["peak_bytes"],
        {name: after[name] - before[name] for name in servers},
    )


def run_watched(command: Command) -> int:
    """Run a command and return the highest sum of the memory of all its processes, shared pages counted once.

    Looking costs CPU, so nothing else is measured meanwhile.
    """
    highest, ended = [0], threading.Event()

    def watch(root: int) -> None:
        # What the tree begins with only starts the command and waits.
        tree = ProcessTree(root)
        while not ended.wait(SECONDS_BETWEEN_SAMPLES):
            highest[0] = max(highest[0], sum(map(proportional_bytes, tree.members() - {root})))

    with _started(command) as process:
        watcher = threading.Thread(target=watch, args=(process.pid,))
        watcher.start()
        try:
            process.wait()
        finally:
            ended.set()
            watcher.join()
    return highest[0]


def cpu_seconds(pids: Iterable[int]) -> float:
    """Return the CPU, user and system, that these processes have used so far, without that of their children."""
    return sum(_cpu_seconds(Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")) for pid in pids)


def _cpu_seconds(stat: str) -> float:
    fields = stat.rpartition(")")[2].split()
    return (int(fields[USER_TIME]) + int(fields[SYSTEM_TIME])) / TICKS_PER_SECOND


def proportional_bytes(pid: int) -> int:
    """Return the memory of a process, of pages that it shares only its part; 0 if it has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


@contextmanager
def _started(command: Command) -> Iterator[subprocess.Popen[bytes]]:
    """Start a command that is waited for inside; whoever leaves before its end, ends it with all that it started.

    :raises CommandFailed: if it ends with anything but 0; what it printed is in the message.
    """
    command.folder.mkdir(parents=True, exist_ok=True)
    _result(command).unlink(missing_ok=True)
    starter = [sys.executable, "-I", "-S", str(MEASURED), str(_result(command)), str(_log(command))]
    process = subprocess.Popen(
        [*starter, *command.arguments],
        cwd=command.folder,
        env=dict(command.environment),
        stdin=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            ProcessTree(process.pid).kill()
            process.wait()
    if process.returncode:
        said = _log(command).read_text(encoding="utf-8", errors="replace")[-MOST_OF_OUTPUT:]
        raise CommandFailed(f"{' '.join(command.arguments)} ended with {process.returncode}:\n{said}")


def _result(command: Command) -> Path:
    return command.folder / "cost.json"


def _log(command: Command) -> Path:
    return command.folder / "output.log"
