# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The API's clock: the ``Date`` header of its answers decides what time it is (R8, R29)."""

from __future__ import annotations

import datetime
import threading
import time
from typing import Callable

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ApiError
from ansible_collections.tokenops.ionos.plugins.module_utils._core.instant import EPOCH, format_instant


class ApiClock:
    """The time by the API, carried on between its answers. One a run, shared by all clients and threads.

    :param monotonic: seconds that never jump.
    :param wall: the controller's own clock, in seconds since the epoch.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic, wall: Callable[[], float] = time.time) -> None:
        self._monotonic = monotonic
        self._wall = wall
        self._lock = threading.Lock()
        self._observed: tuple[int, float, float] | None = None

    def observe(self, date: int) -> None:
        """Take the date of an answer, in seconds since the epoch; the latest answer counts."""
        with self._lock:
            self._observed = (date, self._monotonic(), date - self._wall())

    def now(self) -> int | None:
        """Return the time by the API in seconds since the epoch, or None before its first answer."""
        with self._lock:
            if self._observed is None:
                return None
            date, observed_at, _offset = self._observed
            return date + int(self._monotonic() - observed_at)

    def offset(self) -> float | None:
        """Return the seconds by which the API's clock is ahead of the controller's, or None before its first answer."""
        with self._lock:
            return None if self._observed is None else self._observed[2]

    def today(self) -> datetime.date:
        """Return the day in UTC, by the controller's clock before the API's first answer."""
        now = self.now()
        seconds = self._wall() if now is None else now
        return (EPOCH + datetime.timedelta(seconds=seconds)).date()


TOLERATED_OFFSET = 60
LARGEST_OFFSET = 3600


def require_agreeing_clocks(clock: ApiClock) -> None:
    """Refuse to go on where one of the clocks is wrong by more than an hour.

    :raises ApiError: ``clock_skew``, with both times.
    """
    now, offset = clock.now(), clock.offset()
    if now is not None and offset is not None and abs(offset) > LARGEST_OFFSET:
        raise ApiError("clock_skew", api=format_instant(now), controller=format_instant(now - int(offset)))


def clock_warning(clock: ApiClock) -> str | None:
    """Return what to say where the clocks differ by more than a minute, or None."""
    offset = clock.offset()
    if offset is None or abs(offset) <= TOLERATED_OFFSET:
        return None
    return (
        f"The clock of this machine differs from the API's by {abs(int(offset))} seconds. "
        "Decisions follow the API's clock; set this one by NTP."
    )
