# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Create a virtual environment that holds exactly what requirement files and specifiers ask for.

Usage: ``python3 ensure_venv.py [--python INTERPRETER] DIRECTORY REQUIREMENT...``, where a REQUIREMENT is a file or a
specifier such as ``ansible-core==2.20.*``. The environment is made anew whenever the interpreter or a requirement
changed; otherwise nothing happens. Several processes may ask for the same environment at once. Needs nothing but the
standard library and pip, with or without Debian's ``python3-venv``.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

OLDEST_PYTHON = (3, 11)
STAMP = "requirements.sha256"


def requirement_lines(requirement: str) -> Iterator[str]:
    """Yield what ``requirement`` asks for: itself, or the lines of the file it names and of the files these include."""
    path = Path(requirement)
    if not path.is_file():
        yield requirement
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        included = line.removeprefix("-r ").strip()
        if included != line.strip():
            yield from requirement_lines(str(path.parent / included))
        else:
            yield line


def fingerprint(python: str, requirements: Iterable[str]) -> str:
    """Return a digest that changes with the interpreter and with everything that ``requirements`` ask for."""
    identity = [python, "-c", "import sys; print(sys.version, sys.base_prefix)"]
    lines = [subprocess.run(identity, check=True, capture_output=True, text=True).stdout]
    for requirement in requirements:
        lines.extend(requirement_lines(requirement))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def create(python: str, directory: Path, requirements: Iterable[str]) -> None:
    """Make ``directory`` anew and install ``requirements`` into it. Raises CalledProcessError when that fails."""
    shutil.rmtree(directory, ignore_errors=True)
    own_python = str(directory / "bin" / "python")
    if subprocess.run([python, "-c", "import ensurepip"], check=False, capture_output=True).returncode == 0:
        subprocess.run([python, "-m", "venv", directory], check=True)
        pip = [own_python, "-m", "pip"]
    else:
        subprocess.run([python, "-m", "venv", "--without-pip", directory], check=True)
        pip = [python, "-m", "pip", "--python", own_python]
    wanted = [part for item in requirements for part in (["-r", item] if Path(item).is_file() else [item])]
    # Twice: errors only, no warnings about the configuration of pip.
    quiet = ["--quiet", "--quiet", "--disable-pip-version-check", "--no-input"]
    subprocess.run([*pip, "install", *quiet, *wanted], check=True)


def main() -> int:
    """Bring the environment up to date; return the exit status."""
    parser = argparse.ArgumentParser(description="Create or update a virtual environment.")
    parser.add_argument("--python", default=sys.executable, help="interpreter of the environment; default: this one")
    parser.add_argument("directory", type=Path)
    parser.add_argument("requirements", nargs="+", metavar="REQUIREMENT")
    arguments = parser.parse_args()
    if sys.version_info < OLDEST_PYTHON:
        oldest = ".".join(map(str, OLDEST_PYTHON))
        sys.stderr.write(f"Python {oldest} or newer is needed, this is {sys.version.split()[0]}: set PYTHON=...\n")
        return 1
    directory: Path = arguments.directory.absolute()
    directory.parent.mkdir(parents=True, exist_ok=True)
    with directory.with_name(f"{directory.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp = directory / STAMP
        wanted = fingerprint(arguments.python, arguments.requirements)
        if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
            return 0
        print(f"Setting up {arguments.directory} ...", flush=True)
        create(arguments.python, directory, arguments.requirements)
        stamp.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
