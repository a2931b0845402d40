# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the tests that touch Ansible, and ``ansible-test sanity``, on every supported ansible-core.

Usage, with ``tests`` on the PYTHONPATH: ``python -m support.tools.run_matrix [VERSION...]``, such as ``2.18 2.21``; all
of them without arguments. A version whose Pythons are not on this machine is left out, and named at the end.
Environments stay in ``.cache/matrix``.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from support.tools.interpreters import find_interpreter

TOOLS = Path(__file__).resolve().parent
ROOT = TOOLS.parents[2]
# The Pythons that each ansible-core runs on, of which the first one found is used: together the oldest and the newest.
PYTHONS = {
    "2.18": ["3.11", "3.12", "3.13"],
    "2.19": ["3.12", "3.13", "3.11"],
    "2.20": ["3.13", "3.12"],
    "2.21": ["3.13", "3.12"],
}
OLDEST = next(iter(PYTHONS))
# Libraries of tests that have no use for the oldest of everything; tests that need one are skipped without it.
ONLY_WITH_NEWER = ("kubernetes",)
TESTS = ["tests/unit", "tests/integration", "tests/leaks"]


def libraries(core: str) -> list[str]:
    """Return the collection's own requirements; the oldest ansible-core gets the oldest versions they allow."""
    if core != OLDEST:
        return ["requirements.txt"]
    return (ROOT / "requirements.txt").read_text(encoding="utf-8").replace(">=", "==").split()


def libraries_of_tests(core: str) -> list[str]:
    """Return what the tests need."""
    lines = (ROOT / "tests/requirements.txt").read_text(encoding="utf-8").splitlines()
    if core != OLDEST:
        return ["tests/requirements.txt"]
    return [line for line in lines if line and not line.startswith(("#", *ONLY_WITH_NEWER))]


def prepare(core: str, interpreter: Path) -> Path:
    """Set up an environment with ``core`` on ``interpreter``; return its directory."""
    environment = ROOT / ".cache" / "matrix" / core
    requirements = [f"ansible-core=={core}.*", *libraries(core), *libraries_of_tests(core)]
    subprocess.run([interpreter, TOOLS / "ensure_venv.py", environment, *requirements], cwd=ROOT, check=True)
    return environment


def run(environment: Path, *module: str) -> bool:
    """Run a module and its arguments with the Python and the programs of ``environment``; return whether it passed."""
    path = os.pathsep.join([str(environment / "bin"), os.environ["PATH"]])
    python = environment / "bin" / "python"
    settings = os.environ | {"PATH": path, "PYTHONPATH": "tests"}
    return subprocess.run([python, "-m", *module], cwd=ROOT, env=settings, check=False).returncode == 0


def check(core: str, interpreter: Path) -> bool:
    """Run everything on one ansible-core, whatever fails on the way; return whether all of it passed."""
    environment = prepare(core, interpreter)
    tests = [name for name in TESTS if (ROOT / name).is_dir()]
    passed = [
        run(
            environment,
            "pytest",
            "-n",
            str(os.cpu_count() or 1),
            "--dist",
            "loadfile",
            "--no-loadscope-reorder",
            *tests,
        ),
        run(environment, "support.tools.run_ansible_test", "sanity"),
    ]
    return all(passed)


def main() -> int:
    """Run the matrix, print a line for each version, return the exit status."""
    results: dict[str, str] = {}
    for core in sys.argv[1:] or PYTHONS:
        found = [(version, path) for version in PYTHONS[core] if (path := find_interpreter(version))]
        if not found:
            results[core] = f"left out: no Python {' or '.join(PYTHONS[core])} here"
            continue
        version, interpreter = found[0]
        print(f"== ansible-core {core} on Python {version}", flush=True)
        results[core] = f"{'passed' if check(core, interpreter) else 'FAILED'} on Python {version}"
    for core, result in results.items():
        print(f"ansible-core {core}: {result}", flush=True)
    return int(any(result.startswith("FAILED") for result in results.values()))


if __name__ == "__main__":
    sys.exit(main())
