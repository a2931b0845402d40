# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Set up an environment for each old Python of this machine, as a target has it: with ``requests`` and nothing else.

Usage, with ``tests`` on the PYTHONPATH: ``python -m support.tools.prepare_targets``. ``tests/integration`` runs the
modules in every environment that it finds in ``.cache/targets``. One more has an Ansible that is too old, as some
execution environments still do.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from support.tools.interpreters import find_interpreter

TOOLS = Path(__file__).resolve().parent
TARGETS = TOOLS.parents[2] / ".cache" / "targets"
# Those that modules support and the controller does not: all others are tested by everything else.
PYTHONS = ["3.8", "3.9", "3.10"]


OLD_ANSIBLE = TARGETS.with_name("old-ansible")


def main() -> int:
    """Set up what is missing; return the exit status."""
    wanted = [(version, TARGETS / version, ["requests"]) for version in PYTHONS]
    for version, directory, requirements in [*wanted, ("3.9", OLD_ANSIBLE, ["ansible-core==2.15.*", "requests"])]:
        if interpreter := find_interpreter(version):
            ensure_venv = [sys.executable, str(TOOLS / "ensure_venv.py"), "--python", str(interpreter)]
            subprocess.run([*ensure_venv, str(directory), *requirements], check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
