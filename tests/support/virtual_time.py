# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Time that passes for many threads at once, and only while all of them sleep: an hour of it takes no time."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Sequence


class VirtualTime:
    """A monotonic clock with a ``sleep`` for the threads that :meth:`run` starts.

    :param lateness: gives, for the instant at which a sleep should end, the seconds by which it ends late, as it does
        on a busy machine.
    """

    def __init__(self, lateness: Callable[[float], float] = lambda wake: 0.0) -> None:
        self._lateness = lateness
        self._now = 0.0
        self._running = 0
        self._wakes: list[float] = []
        self._changed = threading.Condition()

    def monotonic(self) -> float:
        """Return the seconds since the start."""
        with self._changed:
            return self._now

    def sleep(self, seconds: float) -> None:
        """Return when so many seconds have passed, or a little later."""
        with self._changed:
            wake = self._now + seconds
            wake += self._lateness(wake)
            self._wakes.append(wake)
            self._running -= 1
            self._pass_time()
            self._changed.wait_for(lambda: self._now >= wake)

    def run(self, *works: Callable[[], None]) -> None:
        """Do all of this at once, each in a thread of its own; raise what the first failing one raises."""
        failures: list[BaseException] = []
        self._running = len(works)
        threads = [threading.Thread(target=self._work, args=(work, failures)) for work in works]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if failures:
            raise failures[0]

    def run_many(self, number: int, work: Callable[[int], None]) -> None:
        """Do the same so many times at once; each is given its number."""
        self.run(*(_numbered(work, each) for each in range(number)))

    def _work(self, work: Callable[[], None], failures: list[BaseException]) -> None:
        try:
            work()
        except BaseException as failure:
            failures.append(failure)
        finally:
            with self._changed:
                self._running -= 1
                self._pass_time()

    def _pass_time(self) -> None:
        """Go on to the next instant at which somebody wakes, once all sleep."""
        if self._running or not self._wakes:
            return
        self._now = max(self._now, min(self._wakes))
        awake = [wake for wake in self._wakes if wake <= self._now]
        self._running += len(awake)
        self._wakes = [wake for wake in self._wakes if wake > self._now]
        self._changed.notify_all()


def gaps(instants: Sequence[float]) -> list[float]:
    """Return the seconds between each instant and the next, in the order of time."""
    ordered = sorted(instants)
    return [later - earlier for earlier, later in itertools.pairwise(ordered)]


def _numbered(work: Callable[[int], None], number: int) -> Callable[[], None]:
    return lambda: work(number)
