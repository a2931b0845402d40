# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The time line of a report: one scale for all tokens, on which the days around now get the most room.

Lifetimes reach from an hour to a year. On a linear scale the short ones would be invisible, so the scale is linear only
between its marks, which are at equal distances: a day, a week, a month and so on from now.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.model import TokenState

HOUR = 3600
DAY = 24 * HOUR

_FUTURE = (DAY, 7 * DAY, 30 * DAY, 90 * DAY, 180 * DAY, 365 * DAY)
_NEAR_FUTURE = (HOUR, 4 * HOUR, 12 * HOUR, DAY)
_PAST = (7 * DAY, 30 * DAY, 90 * DAY, 365 * DAY)
_LABELS = {
    HOUR: "1 hour",
    4 * HOUR: "4 hours",
    12 * HOUR: "12 hours",
    DAY: "1 day",
    7 * DAY: "1 week",
    30 * DAY: "30 days",
    90 * DAY: "90 days",
    180 * DAY: "180 days",
    365 * DAY: "1 year",
}
_NOW_POSITION = 25.0
"""Per cent of the width that the past gets."""


@dataclass(frozen=True)
class Mark:
    """A mark of the scale.

    :ivar position: in per cent from the left.
    :ivar is_outermost: whether it is the last one of its side.
    """

    position: float
    label: str
    is_past: bool
    is_outermost: bool

    @property
    def short_label(self) -> str:
        """The label with no more than the first letter of its unit."""
        number, unit = self.label.split()
        return f"{number}{unit[0]}"


@dataclass(frozen=True)
class Bar:
    """The life of one token on the scale; positions are per cent from the left.

    :ivar renewal: where its renewal window begins, or None if it is declared absent.
    :ivar failure: where runs begin to fail if a person has not acted, or None if that does not matter.
    """

    start: float
    renewal: float | None
    failure: float | None
    end: float


class TimeLine:
    """A scale around ``now`` that reaches as far as the tokens do, up to a year on either side."""

    def __init__(self, tokens: Iterable[TokenState], now: int) -> None:
        self._now = now
        instants = [
            instant
            for token in tokens
            if token.facts.current is not None
            for instant in (token.facts.current.created_at, token.facts.current.expires_at)
        ]
        furthest = max((instant - now for instant in instants), default=0)
        longest_ago = max((now - instant for instant in instants), default=0)
        self._future = _reaching(_NEAR_FUTURE if furthest <= DAY else _FUTURE, furthest)
        self._past = _reaching(_PAST, longest_ago)

    @property
    def now_position(self) -> float:
        """Where now is, in per cent from the left."""
        return _NOW_POSITION

    def position(self, instant: int) -> float:
        """Return where an instant is, in per cent from the left; what is beyond the scale is at its end."""
        distance = instant - self._now
        if distance >= 0:
            return _rounded(_NOW_POSITION + (100 - _NOW_POSITION) * _share(self._future, distance))
        return _rounded(_NOW_POSITION - _NOW_POSITION * _share(self._past, -distance))

    def marks(self) -> list[Mark]:
        """Return the marks of both sides, without now, from left to right."""
        past = [
            Mark(self.position(self._now - distance), _LABELS[distance], True, distance == self._past[-1])
            for distance in reversed(self._past)
        ]
        future = [
            Mark(self.position(self._now + distance), _LABELS[distance], False, distance == self._future[-1])
            for distance in self._future
        ]
        return past + future

    def bar_of(self, token: TokenState) -> Bar | None:
        """Return the bar of a token, or None if it has no current token."""
        current = token.facts.current
        if current is None:
            return None
        fails_at = token.fails_at if token.renewed_by == "person" else None
        return Bar(
            start=self.position(current.created_at),
            renewal=None if token.renews_at is None else self.position(token.renews_at),
            failure=None if fails_at is None else self.position(fails_at),
            end=self.position(current.expires_at),
        )


def _reaching(distances: Sequence[int], furthest: int) -> list[int]:
    """Return the distances up to the first that reaches ``furthest``."""
    count = next((number for number, distance in enumerate(distances, 1) if distance >= furthest), len(distances))
    return list(distances[:count])


def _share(distances: Sequence[int], distance: int) -> float:
    """Return which share of its side a distance takes, from 0 to 1."""
    lower = 0
    for number, upper in enumerate(distances):
        if distance <= upper:
            return (number + (distance - lower) / (upper - lower)) / len(distances)
        lower = upper
    return 1.0


def _rounded(position: float) -> float:
    return round(position, 2)
