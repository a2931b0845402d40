# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulator's clock: real time, moved or stopped at will."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

Instant = str | datetime


def parse_instant(value: Instant) -> datetime:
    """Return an aware UTC datetime for an ISO 8601 text or a datetime; without an offset it is taken as UTC.

    Raises ``ValueError`` when the text is no ISO 8601 date.
    """
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC)


def format_instant(moment: datetime) -> str:
    """Return a datetime as the API writes dates: ISO 8601, UTC, whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Clock:
    """Ticks with *source* (seconds, by default the machine's clock) until it is moved or frozen.

    ``date_header_skew`` shifts only what the ``Date`` header shows, not what the emulator itself goes by.
    """

    def __init__(self, start: Instant | None = None, source: Callable[[], float] = time.time) -> None:
        self._source = source
        self._offset = 0.0
        self._frozen_at: float | None = None
        self._listeners: list[Callable[[], None]] = []
        self.date_header_skew = timedelta(0)
        if start is not None:
            self.set(start)

    @property
    def frozen(self) -> bool:
        """Whether the clock stands still."""
        return self._frozen_at is not None

    def now(self) -> datetime:
        """The emulator's time, aware, UTC."""
        return datetime.fromtimestamp(self.timestamp(), UTC)

    def timestamp(self) -> float:
        """The emulator's time in seconds since the epoch."""
        return self._frozen_at if self._frozen_at is not None else self._source() + self._offset

    def set(self, moment: Instant) -> None:
        """Move the clock to *moment*; it goes on ticking from there unless it is frozen."""
        self._move_to(parse_instant(moment).timestamp())

    def advance(self, seconds: float = 0, **parts: float) -> None:
        """Move the clock by *seconds* and by further ``timedelta`` parts, as in ``advance(days=30)``."""
        self._move_to(self.timestamp() + timedelta(seconds=seconds, **parts).total_seconds())

    def freeze(self) -> None:
        """Stop the clock where it is; it can still be moved."""
        self._frozen_at = self.timestamp()

    def resume(self) -> None:
        """Let a frozen clock tick again from where it stands."""
        if self._frozen_at is not None:
            self._offset = self._frozen_at - self._source()
            self._frozen_at = None

    def date_header(self) -> str:
        """The value of the ``Date`` header (RFC 9110, IMF-fixdate) now, skew included."""
        return format_datetime((self.now() + self.date_header_skew).replace(microsecond=0), usegmt=True)

    def on_move(self, listener: Callable[[], None]) -> None:
        """Call *listener* whenever the clock was set or advanced."""
        self._listeners.append(listener)

    def _move_to(self, timestamp: float) -> None:
        if self._frozen_at is not None:
            self._frozen_at = timestamp
        else:
            self._offset = timestamp - self._source()
        for listener in self._listeners:
            listener()
