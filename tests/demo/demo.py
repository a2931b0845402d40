# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python tests/demo/demo.py``: show the main job; the exit code is 0 where everything went as told."""

from __future__ import annotations

import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]


def run() -> int:
    """Show it and return the exit code."""
    # In place of this file's own folder, where "demo" would be this file instead of the package.
    sys.path[0] = str(TESTS)
    from demo.interruption import Interruption

    # Before everything that takes time to import, so that a signal never ends the demo by a traceback.
    interruption = Interruption()
    interruption.listen()
    from demo.performance import perform

    return perform(interruption)


if __name__ == "__main__":
    sys.exit(run())
