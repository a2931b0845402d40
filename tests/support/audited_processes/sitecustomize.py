# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Record what a Python process does that could leave a secret behind, before it can be undone.

Python imports this by itself where its folder is on ``PYTHONPATH``. ``AUDIT_FOLDER`` names the folder for what is
recorded: one JSON object a line with ``event`` and ``detail``, and a copy of each file just before it is removed or
replaced. Files that are written, programs that are started, lines for the system log and limits that are set are
recorded too.
"""

from __future__ import annotations

import json
import os
import runpy
import shutil
import sys
import threading
import uuid
from pathlib import Path
from typing import Any

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
SHIFTED_CLOCK = Path(__file__).resolve().parents[1] / "shifted_clock" / "sitecustomize.py"


class Recorder:
    """An audit hook."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._own = threading.local()

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        handler = getattr(self, "on_" + event.replace(".", "_").lower(), None)
        # What the recorder does itself is audited as well.
        if handler is None or getattr(self._own, "busy", False):
            return
        self._own.busy = True
        try:
            handler(*arguments)
        finally:
            self._own.busy = False

    def on_open(self, path: Any, _mode: Any, flags: Any) -> None:
        if isinstance(path, (str, bytes)) and isinstance(flags, int) and flags & WRITING:
            self._record("write", str(Path(os.fsdecode(path)).absolute()))

    def on_os_remove(self, path: Any, directory: int) -> None:
        self._keep(path, directory)

    def on_os_rename(self, _source: Any, target: Any, _source_directory: int, directory: int) -> None:
        self._keep(target, directory)

    def on_subprocess_popen(self, executable: Any, arguments: Any, _cwd: Any, environment: Any) -> None:
        self._record("command", [executable, arguments])
        self._record("environment", _entries(environment))

    def on_os_exec(self, path: Any, arguments: Any, environment: Any) -> None:
        self._record("command", [path, arguments])
        self._record("environment", _entries(environment))

    on_os_posix_spawn = on_os_exec

    def on_os_system(self, command: Any) -> None:
        self._record("command", command)

    def on_syslog_syslog(self, _priority: int, message: str) -> None:
        self._record("syslog", message)

    def on_resource_setrlimit(self, resource: int, limits: Any) -> None:
        self._record("limit", [resource, list(limits)])

    def _keep(self, path: Any, directory: int) -> None:
        name = Path(os.fsdecode(path))
        where = Path(f"/proc/self/fd/{directory}").resolve() / name if directory >= 0 else name.absolute()
        if where.is_file() and not where.is_symlink():
            copy = self._folder / f"{uuid.uuid4().hex}.file"
            shutil.copyfile(where, copy)
            self._record("removal", {"path": str(where), "copy": copy.name, "mode": where.stat().st_mode & 0o777})

    def _record(self, event: str, detail: Any) -> None:
        line = json.dumps({"event": event, "detail": detail}, default=_text)
        with (self._folder / f"{os.getpid()}.jsonl").open("a", encoding="utf-8") as file:
            file.write(line + "\n")


def _entries(environment: Any) -> list[str]:
    """Return an environment as ``/proc`` shows it; None stands for the process's own."""
    given = os.environ if environment is None else environment
    return [f"{_text(name)}={_text(value)}" for name, value in given.items()]


def _text(value: Any) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


if "AUDIT_FOLDER" in os.environ:
    sys.addaudithook(Recorder(Path(os.environ["AUDIT_FOLDER"])))
# Of several modules of this name, Python imports the first one only.
if "SHIFTED_CLOCK_FILE" in os.environ:
    runpy.run_path(str(SHIFTED_CLOCK))
