# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a long run is: told often at a terminal, and hardly ever in a log."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

from support.ansible_runs import COLLECTIONS

SCRIPT = (
    "from ansible_collections.tokenops.ionos.plugins.action import vaulted_tokens as action;"
    "print(action.PROGRESS_EVERY_SECONDS)"
)


def seconds_with_stderr(stderr: int) -> int:
    """Return after how many seconds progress is told by an action that was loaded with this stderr."""
    environment = {**os.environ, "PYTHONPATH": str(COLLECTIONS)}
    command = [sys.executable, "-c", SCRIPT]
    loaded = subprocess.run(command, stdout=subprocess.PIPE, stderr=stderr, env=environment, check=True)
    return int(loaded.stdout.split()[-1])


def test_somebody_at_a_terminal_sees_progress() -> None:
    _parent, terminal = pty.openpty()
    try:
        assert seconds_with_stderr(terminal) <= 5
    finally:
        os.close(terminal)


def test_a_log_is_not_flooded() -> None:
    assert seconds_with_stderr(subprocess.DEVNULL) >= 60
