# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python3 -I -S measured.py RESULT LOG COMMAND...``: run a command and write what it cost as JSON.

A process of its own, since the peak memory of a child begins with that of whoever starts it.
"""

from __future__ import annotations

import json
import os
import sys
import time


def main(result: str, log: str, *command: str) -> int:
    """Run the command to its end; returns its exit code."""
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    started = time.monotonic()
    child = os.posix_spawn(
        command[0],
        command,
        os.environ,
        file_actions=[(os.POSIX_SPAWN_DUP2, output, 1), (os.POSIX_SPAWN_DUP2, output, 2)],
    )
    _child, status, usage = os.wait4(child, 0)
    wall = time.monotonic() - started
    cost = {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime, "peak_bytes": usage.ru_maxrss * 1024}
    exit_code = os.waitstatus_to_exitcode(status)
    descriptor = os.open(result, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.write(descriptor, json.dumps({**cost, "exit_code": exit_code}).encode())
    return exit_code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
