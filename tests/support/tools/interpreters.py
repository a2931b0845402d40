# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find the Python interpreters of this machine: on the PATH and in pyenv, which keeps them off it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

PROBE = "import os, sys; print('%d.%d' % sys.version_info[:2], os.path.realpath(sys.executable))"


def _candidates(version: str) -> Iterator[Path]:
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    # The newest patch release first.
    found = (pyenv / "versions").glob(f"{version}.*/bin/python{version}")
    yield from sorted(found, key=lambda path: [int(n) for n in path.parts[-3].split(".") if n.isdigit()], reverse=True)
    for directory in os.get_exec_path():
        yield Path(directory) / f"python{version}"


def find_interpreter(version: str) -> Path | None:
    """Return the real path of an interpreter of ``version`` (such as ``3.12``) that starts, or None."""
    for candidate in _candidates(version):
        if not candidate.is_file():
            continue
        # A shim of pyenv is there even if the version it stands for is not switched on: only running it tells.
        probe = subprocess.run([candidate, "-I", "-c", PROBE], capture_output=True, text=True, check=False)
        if probe.returncode == 0 and probe.stdout.startswith(f"{version} "):
            return Path(probe.stdout.removeprefix(f"{version} ").strip())
    return None
