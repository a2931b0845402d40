# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run ``ansible-test`` of the environment that runs this, on a copy of the checkout, in a home directory of its own.

Usage, with ``tests`` on the PYTHONPATH: ``python -m support.tools.run_ansible_test sanity|units [ARGUMENT...]``.
``ansible-test`` wants a real directory below ``ansible_collections``, so what git knows or would add is copied there.
Its virtual environments and caches stay in ``.cache``. It is never sent for its pip bootstrap: ``get_pip.py`` beside
this file stands in for that.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

from ansible_test._internal.python_requirements import get_venv_packages

from support.tools.interpreters import find_interpreter

TOOLS = Path(__file__).resolve().parent
ROOT = TOOLS.parents[2]
# Oldest for modules, newest for everything.
PYTHONS = [f"3.{minor}" for minor in range(8, 15)]


def copy_checkout(destination: Path) -> None:
    """Make ``destination`` hold the files of the checkout, without what git ignores."""
    shutil.rmtree(destination, ignore_errors=True)
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (destination / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, destination / name)
    # Otherwise ansible-test asks the repository around it, which ignores the copy.
    subprocess.run(["git", "init", "--quiet"], cwd=destination, check=True)


def prepare_home(home: Path) -> None:
    """Make ``home`` a home directory that holds the bootstrap's stand-in, and the user's pip settings and cache."""
    cache = home / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    version = get_venv_packages(SimpleNamespace(version=PYTHONS[-1]))["pip"]
    shutil.copy2(TOOLS / "get_pip.py", cache / f"get_pip_{version.replace('.', '_')}.py")
    for name in (".pip", ".config/pip", ".cache/pip"):
        own, users = home / name, Path.home() / name
        if users.exists() and not own.is_symlink():
            own.parent.mkdir(parents=True, exist_ok=True)
            own.symlink_to(users)


def environment(home: Path) -> dict[str, str]:
    """Return the environment to run in: a home directory of its own, and every interpreter on the PATH."""
    found = [interpreter for version in PYTHONS if (interpreter := find_interpreter(version))]
    path = [str(Path(sys.executable).parent), *(str(interpreter.parent) for interpreter in found)]
    return os.environ | {"HOME": str(home), "LC_ALL": "C.UTF-8", "PATH": os.pathsep.join([*path, os.environ["PATH"]])}


def main() -> int:
    """Run ``ansible-test`` with the arguments given and ``--venv``; return its exit status."""
    base = ROOT / ".cache" / "ansible-test" / metadata.version("ansible-core")
    collection = base / "ansible_collections" / "tokenops" / "ionos"
    home = base / "home"
    prepare_home(home)
    command, *arguments = sys.argv[1:]
    ansible_test = [str(Path(sys.executable).with_name("ansible-test")), command, "--venv", "--color", "no", *arguments]
    with (base / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        copy_checkout(collection)
        return subprocess.run(ansible_test, cwd=collection, env=environment(home), check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
