# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The watchdog of all requests of a transport: one thread, whatever their number.

A thread for each request took a tenth of the time of a large run.
"""

from __future__ import annotations

import heapq
import os
import threading
import time
from typing import Callable

IDLE_SECONDS = 5
"""For so long the thread stays when there is nothing to watch."""

_WATCHES_TO_TIDY = 1000


class Watch:
    """One deadline that is being watched."""

    __slots__ = ("_callback",)

    def __init__(self, callback: Callable[[], None]) -> None:
        self._callback: Callable[[], None] | None = callback

    @property
    def is_cancelled(self) -> bool:
        """Whether nobody waits for it any more."""
        return self._callback is None

    def cancel(self) -> None:
        """Do not call back any more; a call that has begun goes on."""
        self._callback = None

    def bite(self) -> None:
        """Call back, unless it was cancelled before."""
        callback, self._callback = self._callback, None
        if callback is not None:
            callback()


class Watchdog:
    """Calls back when a deadline has passed, unless it is cancelled before. Safe to share between threads.

    :param monotonic: a clock that never goes back, in seconds.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._count = 0
        self._begin()

    def _begin(self) -> None:
        self._process = os.getpid()
        self._condition = threading.Condition()
        self._watches: list[tuple[float, int, Watch]] = []
        self._tidied_at = _WATCHES_TO_TIDY
        self._thread: threading.Thread | None = None

    def watch(self, seconds: float, callback: Callable[[], None]) -> Watch:
        """Have ``callback`` called in the watchdog's thread after ``seconds``; it must not take long."""
        if os.getpid() != self._process:
            # A process that was forked has the lock, perhaps held, and not the thread.
            self._begin()
        watch = Watch(callback)
        with self._condition:
            self._tidy()
            self._count += 1
            entry = (self._monotonic() + seconds, self._count, watch)
            heapq.heappush(self._watches, entry)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="deadlines", daemon=True)
                self._thread.start()
            elif self._watches[0] is entry:
                self._condition.notify()
        return watch

    def _tidy(self) -> None:
        """Forget what was cancelled, each time that there are twice as many as after the last time."""
        if len(self._watches) < self._tidied_at:
            return
        self._watches = [entry for entry in self._watches if not entry[2].is_cancelled]
        heapq.heapify(self._watches)
        self._tidied_at = max(_WATCHES_TO_TIDY, 2 * len(self._watches))

    def _run(self) -> None:
        watch = self._next()
        while watch is not None:
            watch.bite()
            watch = self._next()

    def _next(self) -> Watch | None:
        """Return the next watch whose time has come, once it has; None if there is nothing to watch any more."""
        with self._condition:
            while True:
                while self._watches and self._watches[0][2].is_cancelled:
                    heapq.heappop(self._watches)
                if not self._watches:
                    self._condition.wait(IDLE_SECONDS)
                    if not self._watches:
                        self._thread = None
                        return None
                    continue
                remaining = self._watches[0][0] - self._monotonic()
                if remaining <= 0:
                    return heapq.heappop(self._watches)[2]
                self._condition.wait(remaining)
