# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The TTL marker: tokens carry no name, so ours are known by a lifetime that no other token of the user has (R2)."""

from __future__ import annotations

from bisect import bisect_right
from itertools import product
from typing import Callable, Collection, Container, Iterable, Iterator, Sequence

from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.answers import TokenEntry
from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError
from ansible_collections.tokenops.ionos.plugins.module_utils._minting.due import (
    LIFETIME_TOLERANCE_SECONDS,
    MARK_DIVISOR,
    least_lifetime_sent,
)

ROUNDINGS = (86400, 3600, 60, 10)
DISTANCE_SECONDS = 5
CLOCK_SLACK_SECONDS = 60
LATEST_START_SECONDS = 3600


def reserve_ttl(
    wanted: int,
    listed: Iterable[int],
    random: Callable[[], float],
    reserved: Collection[int] = frozenset(),
    sought: Collection[int] = frozenset(),
    preferred: Sequence[int] = (),
) -> int:
    """Return a TTL to send that tells a new token apart from every other one (R2).

    It is at least 5 s away from ``wanted`` itself and from every taken lifetime, at most a day below ``wanted`` (a
    twentieth if that is shorter), and never under the minute that the API asks for. If that leaves no room, the
    distance to ``wanted`` and to lifetimes that are known for certain shrinks to what the tolerance allows (R36).

    :param wanted: the lifetime in seconds that the user wants.
    :param listed: the lifetimes of the tokens that exist.
    :param random: gives numbers from 0 up to 1.
    :param reserved: the TTLs that have been sent or are about to be; what they become is known to 2 s only.
    :param sought: the TTLs of interrupted mints that are still looked for (R3), for one of which a new token could be
        taken; they are avoided as long as that leaves any room.
    :param preferred: TTLs of which one is chosen if any of them is free.
    :raises ConfigurationError: ``ttl_no_room`` if no such TTL is free.
    """
    lifetimes = set(listed)
    distances = range(DISTANCE_SECONDS, LIFETIME_TOLERANCE_SECONDS, -1)
    for avoided, distance in product(({*reserved, *sought}, set(reserved)), distances):
        taken = [(lifetime, distance) for lifetime in lifetimes] + [(ttl, DISTANCE_SECONDS) for ttl in avoided]
        free = list(_free_ranges(least_lifetime_sent(wanted), wanted - distance, taken))
        chosen = _within(free, preferred)
        if chosen:
            return chosen[int(random() * len(chosen))]
        position = int(random() * sum(last - first + 1 for first, last in free))
        for first, last in free:
            if position <= last - first:
                return first + position
            position -= last - first + 1
    raise ConfigurationError("ttl_no_room", wanted=wanted)


def shortest_ttl(tokens: int) -> int:
    """Return the shortest lifetime that can be declared if so many tokens may exist besides a new one (R36).

    Each of them keeps the lifetimes within the tolerance around its own from being used, and so does the declared one.
    """
    blocked = 2 * LIFETIME_TOLERANCE_SECONDS + 1
    return MARK_DIVISOR * (tokens * blocked + LIFETIME_TOLERANCE_SECONDS + 1)


def is_lifetime(entry: TokenEntry, ttl: int) -> bool:
    """Tell whether a token was minted with ``ttl``, give or take the 2 s that the API may need in between."""
    return abs(entry.lifetime - ttl) <= LIFETIME_TOLERANCE_SECONDS


def rounding_of(lifetime: int, ttl: int) -> int | None:
    """Return the seconds to a multiple of which ``ttl`` was rounded, if that is what ``lifetime`` looks like (R39)."""
    return next((unit for unit in ROUNDINGS if lifetime % unit == 0 and abs(lifetime - ttl) < unit), None)


def find_minted(
    entries: Iterable[TokenEntry], ttl: int, started_at: int, known_ids: Container[str]
) -> list[TokenEntry]:
    """Return the tokens that may have come from one attempt to mint.

    :param entries: the tokens that the API lists.
    :param ttl: the TTL that was sent.
    :param started_at: when, by the API's clock; a minute of slack is given (R8).
    :param known_ids: ids that are known to come from elsewhere.
    """
    return [
        entry
        for entry in entries
        if is_lifetime(entry, ttl)
        and entry.created_at >= started_at - CLOCK_SLACK_SECONDS
        and entry.id not in known_ids
    ]


def find_rounded(
    entries: Iterable[TokenEntry], ttl: int, started_at: int, known_ids: Container[str]
) -> list[TokenEntry]:
    """Return the tokens that one attempt to mint may have left if the API has rounded its lifetime (R39).

    They are for a person to look at: tokens of others have round lifetimes as well. So only those count that were
    created within an hour of the attempt; parameters as of :func:`find_minted`.
    """
    return [
        entry
        for entry in entries
        if rounding_of(entry.lifetime, ttl) is not None
        and started_at - CLOCK_SLACK_SECONDS <= entry.created_at <= started_at + LATEST_START_SECONDS
        and entry.id not in known_ids
    ]


def find_similar(entries: Iterable[TokenEntry], wanted: int, known_ids: Container[str]) -> list[TokenEntry]:
    """Return the unknown tokens whose lifetime is one that minting for ``wanted`` may send (R19)."""
    least = least_lifetime_sent(wanted)
    return [
        entry
        for entry in entries
        if least <= entry.lifetime <= wanted - DISTANCE_SECONDS + LIFETIME_TOLERANCE_SECONDS
        and entry.id not in known_ids
    ]


def _within(ranges: Sequence[tuple[int, int]], numbers: Iterable[int]) -> list[int]:
    """Return those of the numbers that lie in one of these inclusive ranges, which are in order and do not overlap."""
    begins = [first for first, _last in ranges]
    positions = ((number, bisect_right(begins, number) - 1) for number in numbers)
    return [number for number, position in positions if position >= 0 and number <= ranges[position][1]]


def _free_ranges(first: int, last: int, taken: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the inclusive ranges between ``first`` and ``last`` that keep away from every taken lifetime.

    :param taken: lifetimes, and the distance to keep from each.
    """
    for lowest, highest in sorted((lifetime - distance, lifetime + distance) for lifetime, distance in set(taken)):
        end = min(lowest, last)
        if first <= end:
            yield first, end
        first = max(first, highest)
    if first <= last:
        yield first, last
