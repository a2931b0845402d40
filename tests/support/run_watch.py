# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Watch a run while it lasts: every file that is there for a moment, and every process's command line."""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import stat
import struct
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

IN_MODIFY, IN_ATTRIB, IN_CLOSE_WRITE, IN_MOVED_TO, IN_CREATE = 0x2, 0x4, 0x8, 0x80, 0x100
EVENTS = IN_MODIFY | IN_ATTRIB | IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE
PERMISSIONS_OF_OTHERS, SEARCHABLE_BY_OTHERS = 0o077, 0o011
HEADER = struct.Struct("iIII")
MILLISECONDS_BETWEEN_SAMPLES = 100


@dataclass
class WatchedFile:
    """A file as it was, whether or not it is still there.

    :ivar exposure: the permissions of others, of all that it had at any time; none in a directory that is closed to
        them.
    """

    path: Path
    exposure: int
    content: bytes


@dataclass
class Processes:
    """What the process table showed of the processes of a run.

    :ivar environments: one entry ``NAME=value`` each.
    :ivar core_limits: the soft limits of the size of core dumps.
    """

    command_lines: set[bytes] = field(default_factory=set)
    environments: set[bytes] = field(default_factory=set)
    core_limits: set[str] = field(default_factory=set)


class RunWatch:
    """Watches a folder, and the processes whose environment names it, from ``with`` to its end."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._mark = os.fsencode(folder)
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._directories: dict[int, Path] = {}
        self._open: dict[tuple[int, int], tuple[int, Path, int]] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="run watch")
        self.files: list[WatchedFile] = []
        self.processes = Processes()

    def __enter__(self) -> Self:
        self._inotify = self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        self._add(self._folder, existing=True)
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._ended.set()
        self._thread.join()
        self._take_events()
        os.close(self._inotify)
        self.files = list(self._closed())

    def _watch(self) -> None:
        poll = select.poll()
        poll.register(self._inotify, select.POLLIN)
        sample_due = time.monotonic()
        while not self._ended.is_set():
            if poll.poll(MILLISECONDS_BETWEEN_SAMPLES):
                self._take_events()
            if time.monotonic() >= sample_due:
                self._sample_processes()
                sample_due = time.monotonic() + MILLISECONDS_BETWEEN_SAMPLES / 1000

    def _add(self, directory: Path, *, existing: bool = False) -> None:
        """Watch a directory and those in it. Files that were there before the run are not its own."""
        watch = self._libc.inotify_add_watch(self._inotify, os.fsencode(directory), EVENTS)
        if watch < 0:
            return
        self._directories[watch] = directory
        with contextlib.suppress(OSError):
            for entry in os.scandir(directory):
                if entry.is_dir(follow_symlinks=False):
                    self._add(Path(entry.path), existing=existing)
                elif not existing:
                    self._keep_open(Path(entry.path))

    def _take_events(self) -> None:
        for watch, mask, name in self._events():
            directory = self._directories.get(watch)
            if directory is None or not name:
                continue
            path = directory / os.fsdecode(name)
            if path.is_dir() and not path.is_symlink():
                if mask & (IN_CREATE | IN_MOVED_TO):
                    self._add(path)
            else:
                self._keep_open(path)

    def _events(self) -> Iterator[tuple[int, int, bytes]]:
        while True:
            try:
                buffer = os.read(self._inotify, 65536)
            except BlockingIOError:
                return
            while buffer:
                watch, mask, _cookie, length = HEADER.unpack_from(buffer)
                yield watch, mask, buffer[HEADER.size : HEADER.size + length].rstrip(b"\0")
                buffer = buffer[HEADER.size + length :]

    def _keep_open(self, path: Path) -> None:
        """Open a file, so that it can be read once it has been removed, and note who else may."""
        try:
            if not stat.S_ISREG(path.lstat().st_mode):
                return
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:
            return
        status = os.fstat(descriptor)
        key, exposure = (status.st_dev, status.st_ino), self._exposure(path, status.st_mode)
        if key in self._open:
            os.close(descriptor)
            # A file that was moved has the name that it has now.
            descriptor, _path, before = self._open[key]
            exposure |= before
        self._open[key] = (descriptor, path, exposure)

    def _exposure(self, path: Path, mode: int) -> int:
        for directory in path.parents:
            if directory == self._folder:
                break
            with contextlib.suppress(OSError):
                mode = mode if directory.stat().st_mode & SEARCHABLE_BY_OTHERS else 0
        return mode & PERMISSIONS_OF_OTHERS

    def _closed(self) -> Iterator[WatchedFile]:
        for descriptor, path, exposure in self._open.values():
            with os.fdopen(descriptor, "rb") as file:
                yield WatchedFile(path, exposure, file.read())

    def _sample_processes(self) -> None:
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                environment = (process / "environ").read_bytes()
                if self._mark not in environment:
                    continue
                self.processes.environments.update(environment.split(b"\0"))
                self.processes.command_lines.add((process / "cmdline").read_bytes())
                self.processes.core_limits.add(_soft_core_limit((process / "limits").read_text()))


def _soft_core_limit(limits: str) -> str:
    [line] = [line for line in limits.splitlines() if line.startswith("Max core file size")]
    return line.split()[4]
