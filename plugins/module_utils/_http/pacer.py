# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When requests to one host may begin, whoever sends them: at a pace, and not while the host wants a pause."""

from __future__ import annotations

import math
import threading
import time
from typing import Callable, NamedTuple

ASSUMED_PACE = 20.0
"""Requests a second that the first complaint is taken to be about where no rate is given."""

SLOWEST_PACE = 2.0
"""Requests a second that complaints do not push the pace below; a lower rate is kept."""

RECOVERY = 1.0
"""Requests a second by which the pace grows again in each second without a complaint."""


class Pause(NamedTuple):
    """A pause that the host has asked for: the HTTP status in which it did, and the seconds that are left of it."""

    status: int
    seconds: float


class Pacer:
    """Hands out the instants at which requests to one host begin. Safe to share between threads.

    Requests begin one by one, in the order in which they came, never two within one interval of the pace: nothing is
    saved up for a burst. The host may complain, with HTTP status 429 for example. Then nobody begins a request for as
    long as it says, and the pace halves and grows again little by little, so that those who waited do not come all at
    once.

    :param rate: requests a second that are never exceeded, or None for as many as come until the host complains.
    :param sleep: waits for a number of seconds; it may not return earlier.
    :param monotonic: seconds from an arbitrary start, which never go back.
    """

    def __init__(
        self,
        rate: float | None = None,
        *,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rate = math.inf if rate is None else rate
        self._sleep = sleep
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._last_begun = -math.inf
        self._line: list[object] = []
        self._held_until = -math.inf
        self._complaint = 0
        self._slowed_at = -math.inf
        self._slowed_to = math.inf

    def await_turn(self, latest: float) -> float | None:
        """Wait until a request may begin, and return that instant; None, at once, if it is not before ``latest``."""
        place = object()
        turn = -math.inf
        with self._lock:
            self._line.append(place)
        try:
            while True:
                with self._lock:
                    now = max(self._monotonic(), turn)
                    turn = self._turn_of(place, now)
                    if turn >= latest:
                        return None
                    if turn <= now:
                        self._line.remove(place)
                        self._last_begun = now
                        return now
                self._wait_until(turn)
        finally:
            with self._lock:
                if place in self._line:
                    self._line.remove(place)

    def complain(self, status: int, seconds: float, begun: float) -> None:
        """Take in that the host wants fewer requests.

        :param status: the HTTP status in which it said so.
        :param seconds: for which nobody is to begin a request.
        :param begun: when the request began. What was under way when the pace was last halved does not halve it again.
        """
        now = self._monotonic()
        with self._lock:
            if begun > self._slowed_at:
                pace = self._pace(now)
                self._slowed_to = max((ASSUMED_PACE if pace == math.inf else pace) / 2, SLOWEST_PACE)
                self._slowed_at = now
            if now + seconds > self._held_until:
                self._held_until = now + seconds
                self._complaint = status

    @property
    def pause(self) -> Pause | None:
        """The pause that is on, or None."""
        now = self._monotonic()
        with self._lock:
            return Pause(self._complaint, self._held_until - now) if self._held_until > now else None

    def _turn_of(self, place: object, now: float) -> float:
        """Return when whoever has this place in the line may begin, as things are, if all before it are there in time.

        Turns follow from the line and are not kept, or lateness and pauses would let those behind overtake.
        """
        turn = max(now, self._held_until, self._last_begun + self._interval(self._last_begun))
        for _other in range(self._line.index(place)):
            turn += self._interval(turn)
        return turn

    def _wait_until(self, turn: float) -> None:
        seconds = turn - self._monotonic()
        if seconds > 0:
            self._sleep(seconds)

    def _interval(self, moment: float) -> float:
        return 1 / self._pace(moment)

    def _pace(self, moment: float) -> float:
        slowed_until = max(self._slowed_at, self._held_until)
        grown = RECOVERY * (moment - slowed_until) if moment > slowed_until else 0.0
        return min(self._rate, self._slowed_to + grown)
