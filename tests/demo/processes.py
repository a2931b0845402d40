# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running a program to its end, and ending it and everything that it has started, when that is asked for."""

from __future__ import annotations

import contextlib
import ctypes
import os
import selectors
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from .interruption import Interruption

SECONDS_BETWEEN_CHECKS = 0.1
SECONDS_TO_END = 10
PR_SET_CHILD_SUBREAPER = 36


def run_shown(
    command: Sequence[str],
    *,
    directory: Path,
    environment: Mapping[str, str],
    show: Callable[[str], None],
    interruption: Interruption,
) -> int:
    """Run a command without input, show every line that it writes as it comes, and return its exit code.

    Raises ``Interrupted`` when a signal came; the command is ended first.
    """
    process = subprocess.Popen(
        command,
        cwd=directory,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        # A terminal's Ctrl-C reaches the demo alone, which then ends the command in its own way.
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        with process.stdout as output:
            _relay(output, show, interruption)
        return process.wait()
    finally:
        _end(process)


def adopt_orphans() -> None:
    """Become the parent of every process whose own parent ends before it, where the system can do that (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end_children() -> None:
    """Kill whatever child is left, adopted ones too, until there is none; where there is no ``/proc``, do nothing."""
    while children := _children():
        for pid in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)


def _relay(output: IO[bytes], show: Callable[[str], None], interruption: Interruption) -> None:
    pending = b""
    with selectors.DefaultSelector() as selector:
        selector.register(output, selectors.EVENT_READ)
        while True:
            interruption.check()
            if not selector.select(SECONDS_BETWEEN_CHECKS):
                continue
            chunk = os.read(output.fileno(), 65536)
            if not chunk:
                break
            *lines, pending = (pending + chunk).split(b"\n")
            for line in lines:
                show(line.decode(errors="replace"))
    if pending:
        show(pending.decode(errors="replace"))


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _children() -> list[int]:
    parent = os.getpid()
    return [int(entry.name) for entry in Path("/proc").glob("[0-9]*") if _parent_of(entry) == parent]


def _parent_of(entry: Path) -> int | None:
    try:
        # The name in parentheses may contain anything, so what follows is counted from its end.
        return int((entry / "stat").read_text(errors="replace").rpartition(")")[2].split()[1])
    except OSError:
        return None
