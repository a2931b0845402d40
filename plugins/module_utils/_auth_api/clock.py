# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The API's clock: the ``Date`` header of its answers decides what time it is (R8, R29)."""

from __future__ import annotations

import datetime
import threading
import time
from typing import Callable

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ApiError, ApiUnavailable
from ansible_collections.tokenops.ionos.plugins.module_utils._core.instant import EPOCH, format_instant

TOLERATED_OFFSET = 60
LARGEST_OFFSET = 3600


class ApiClock:
    """The time by the API, carried on between its answers. One per run, shared by all clients and threads.

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

    def now(self) -> int:
        """Return the seconds since the epoch by the API; by the controller's own clock before its first answer."""
        by_api = self._now_by_api()
        return int(self._wall()) if by_api is None else by_api

    def confirmed_now(self, host: str) -> int:
        """Return the seconds since the epoch by the API, once it has answered.

        :param host: of the API, for the message.
        :raises ApiUnavailable: ``api_time_unknown`` if its answers have no date.
        """
        by_api = self._now_by_api()
        if by_api is None:
            raise ApiUnavailable("api_time_unknown", host=host)
        return by_api

    @property
    def is_confirmed(self) -> bool:
        """Whether the API has answered, so that ``now`` is its time."""
        return self._now_by_api() is not None

    def offset(self) -> float | None:
        """Return the seconds by which the API's clock is ahead of the controller's, or None before its first answer."""
        with self._lock:
            return None if self._observed is None else self._observed[2]

    def today(self) -> datetime.date:
        """Return the day in UTC."""
        return (EPOCH + datetime.timedelta(seconds=self.now())).date()

    def require_agreement(self) -> None:
        """Refuse to go on if one of the clocks is wrong by more than an hour (R8).

        :raises ApiError: ``clock_skew``, with both times.
        """
        offset = self.offset()
        if offset is not None and abs(offset) > LARGEST_OFFSET:
            now = self.now()
            raise ApiError("clock_skew", api=format_instant(now), controller=format_instant(now - int(offset)))

    def warning(self) -> str | None:
        """Return what to say if the clocks differ by more than a minute, or None."""
        offset = self.offset()
        if offset is None or abs(offset) <= TOLERATED_OFFSET:
            return None
        return (
            f"The clock of this machine differs from the API's by {abs(int(offset))} seconds. "
            "Decisions follow the API's clock; set this one by NTP."
        )

    def _now_by_api(self) -> int | None:
        with self._lock:
            if self._observed is None:
                return None
            date, observed_at, _offset = self._observed
            return date + int(self._monotonic() - observed_at)
