# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Times and durations as one says them."""

from __future__ import annotations

from datetime import datetime, timedelta

from ansible_collections.tokenops.ionos.plugins.module_utils._core.instant import EPOCH, LATEST

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def date(instant: int) -> str:
    """Return ``31 Mar 2026`` for seconds since the epoch, in UTC."""
    moment = _moment(instant)
    return f"{moment.day} {moment:%b} {moment.year}"


def date_and_time(instant: int) -> str:
    """Return ``31 Mar 2026, 11:20 UTC`` for seconds since the epoch."""
    return f"{date(instant)}, {_moment(instant):%H:%M} UTC"


def _moment(instant: int) -> datetime:
    return EPOCH + timedelta(seconds=min(max(instant, 0), LATEST))


def approximately(seconds: int) -> str:
    """Return a duration as one says it: in days from two days on, in hours from two hours on, else in minutes."""
    for unit, name in ((DAY, "day"), (HOUR, "hour")):
        if seconds >= 2 * unit:
            return f"{seconds // unit} {name}s"
    minutes = max(1, seconds // MINUTE)
    return f"{minutes} minute{'s' if minutes > 1 else ''}"


def relative(instant: int, now: int) -> str:
    """Return ``in 3 days`` or ``3 days ago``."""
    if instant >= now:
        return f"in {approximately(instant - now)}"
    return f"{approximately(now - instant)} ago"
