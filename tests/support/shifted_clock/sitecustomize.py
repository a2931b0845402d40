# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Shift the wall clock of a Python process, for runs against an emulator whose clock was moved.

Python imports this by itself where its folder is on ``PYTHONPATH``. ``SHIFTED_CLOCK_FILE`` names a file that holds the
shift in seconds, positive for the future; it is read once, at the start of the process. ``time.time`` and
``time.time_ns`` are shifted; ``time.monotonic``, ``datetime.now`` and the dates of files are not.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

NANOSECONDS = 1_000_000_000


def shift_clock(seconds: float) -> None:
    """Let ``time.time`` and ``time.time_ns`` answer that many seconds later than the machine's clock."""
    real_time, real_time_ns = time.time, time.time_ns
    nanoseconds = round(seconds * NANOSECONDS)
    time.time = lambda: real_time() + seconds
    time.time_ns = lambda: real_time_ns() + nanoseconds


if "SHIFTED_CLOCK_FILE" in os.environ:
    shift_clock(float(Path(os.environ["SHIFTED_CLOCK_FILE"]).read_text(encoding="ascii")))
