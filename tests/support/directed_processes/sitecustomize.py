# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Let a test direct a Python process from outside: its clocks, its waiting, its host, and each step at a file.

Python imports this by itself where its folder is on ``PYTHONPATH``. Each variable of the environment is for one thing:

- ``SHIFTED_CLOCK_FILE`` names a file with seconds by which ``time.time`` is ahead. It is looked at whenever the clock
  is, so that a process which was stopped finds that time has passed; ``time.monotonic`` goes on by as much as was added
  since the process began.
- ``SHORTENED_SLEEP`` is a divisor for every ``time.sleep`` of 0.1 s or more. ``time.monotonic`` still goes on by the
  whole, so that whoever waits for 30 s and looks every 2 s looks as often as ever, in less time.
- ``OTHER_HOST_NAME`` makes the process believe that it runs on a host of this name, booted another time.
- ``FILE_GATE``, as ``PORT:FOLDER``, reports each opening, flush, replacement and removal of a file in the folder, or of
  the folder itself, before it is made and after it was made, and waits until the gate at that port of loopback answers.
"""

from __future__ import annotations

import io
import os
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

LONG_SLEEP = 0.1
BOOT_ID = "/proc/sys/kernel/random/boot_id"
NANOSECONDS = 1_000_000_000


class DirectedClocks:
    """Clocks that go by a file, and sleeps that are shorter than they look."""

    def __init__(self, file: str | None, divisor: float) -> None:
        self._descriptor = None if file is None else os.open(file, os.O_RDONLY | os.O_CLOEXEC)
        self._divisor = divisor
        self._lock = threading.Lock()
        self._time, self._monotonic, self._sleep = time.time, time.monotonic, time.sleep
        self._slept_less = 0.0
        self._shift = 0.0
        self._first_shift = self._current_shift()

    def install(self) -> None:
        time.time = self.time
        time.time_ns = lambda: round(self.time() * NANOSECONDS)
        time.monotonic = self.monotonic
        time.sleep = lambda seconds: self.sleep(float(seconds))

    def time(self) -> float:
        return self._time() + self._current_shift()

    def monotonic(self) -> float:
        return self._monotonic() + self._current_shift() - self._first_shift + self._slept_less

    def sleep(self, seconds: float) -> None:
        if seconds < LONG_SLEEP:
            self._sleep(seconds)
            return
        self._sleep(seconds / self._divisor)
        with self._lock:
            self._slept_less += seconds - seconds / self._divisor

    def _current_shift(self) -> float:
        # Whoever writes the file may just have emptied it.
        if self._descriptor is not None and (text := os.pread(self._descriptor, 64, 0)):
            self._shift = float(text)
        return self._shift


class FileGate:
    """Stops before and after each step at a file of one folder until the gate lets the process go on."""

    def __init__(self, port: int, folder: str) -> None:
        self._address = ("127.0.0.1", port)
        self._folder = folder

    def install(self) -> None:
        os.open = self._gated("open", os.open, by=0)
        os.fsync = self._gated("flush", os.fsync, by=0)
        os.unlink = self._gated("remove", os.unlink, by=0)
        os.replace = self._gated("replace", os.replace, by=1)

    def _gated(self, step: str, function: Callable[..., Any], by: int) -> Any:
        def gated(*arguments: Any, **named: Any) -> Any:
            name = self._name_in_folder(arguments[by])
            if name is None:
                return function(*arguments, **named)
            self._report(f"before {step} {name}")
            try:
                return function(*arguments, **named)
            finally:
                self._report(f"after {step} {name}")

        return gated

    def _name_in_folder(self, file: Any) -> str | None:
        path = str(Path(f"/proc/self/fd/{file}").readlink()) if isinstance(file, int) else os.fspath(file)
        if path == self._folder:
            return "."
        directory, name = os.path.split(path)
        return name if directory == self._folder else None

    def _report(self, what: str) -> None:
        with socket.create_connection(self._address) as connection:
            connection.sendall(f"{what}\n".encode())
            connection.recv(1)


def pretend_host(name: str) -> None:
    """Let this process find itself on another host, which was booted at another time."""
    real_open = io.open
    boot_id = f"boot of {name}\n"

    def open_on_other_host(file: Any, *arguments: Any, **named: Any) -> Any:
        is_boot_id = isinstance(file, (str, Path)) and str(file) == BOOT_ID
        return io.StringIO(boot_id) if is_boot_id else real_open(file, *arguments, **named)

    io.open = open_on_other_host
    socket.gethostname = lambda: name


if "SHIFTED_CLOCK_FILE" in os.environ or "SHORTENED_SLEEP" in os.environ:
    DirectedClocks(os.environ.get("SHIFTED_CLOCK_FILE"), float(os.environ.get("SHORTENED_SLEEP", "1"))).install()
if "OTHER_HOST_NAME" in os.environ:
    pretend_host(os.environ["OTHER_HOST_NAME"])
if "FILE_GATE" in os.environ:
    gate_port, _separator, gate_folder = os.environ["FILE_GATE"].partition(":")
    FileGate(int(gate_port), gate_folder).install()
