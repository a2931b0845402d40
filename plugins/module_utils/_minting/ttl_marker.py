# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The TTL marker: tokens carry no name, so ours are known by a lifetime that no other token of the user has (R2)."""

from __future__ import annotations

from typing import Callable, Collection, Iterable, Iterator

from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.answers import TokenEntry
from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError
from ansible_collections.tokenops.ionos.plugins.module_utils._minting.due import (
    LIFETIME_TOLERANCE_SECONDS,
    least_lifetime_sent,
)

DISTANCE_SECONDS = 5
CLOCK_SLACK_SECONDS = 60


def reserve_ttl(wanted: int, taken_lifetimes: Iterable[int], random: Callable[[], float]) -> int:
    """Return a TTL to send that tells a new token apart from every other one (R2).

    It is at least 5 s away from ``wanted`` itself and from every taken lifetime, at most a day below ``wanted`` (a
    twentieth if that is shorter), and never under the minute that the API asks for.

    :param wanted: the lifetime in seconds that the user wants.
    :param taken_lifetimes: the lifetimes of the tokens that exist or are being minted.
    :param random: gives numbers from 0 up to 1.
    :raises ConfigurationError: ``ttl_no_room`` if no such TTL is free.
    """
    free = list(_free_ranges(least_lifetime_sent(wanted), wanted - DISTANCE_SECONDS, taken_lifetimes))
    position = int(random() * sum(last - first + 1 for first, last in free))
    for first, last in free:
        if position <= last - first:
            return first + position
        position -= last - first + 1
    raise ConfigurationError("ttl_no_room", wanted=wanted)


def is_lifetime(entry: TokenEntry, ttl: int) -> bool:
    """Tell whether a token was minted with ``ttl``, give or take the 2 s that the API may need in between."""
    return abs(entry.lifetime - ttl) <= LIFETIME_TOLERANCE_SECONDS


def find_minted(
    entries: Iterable[TokenEntry], ttl: int, started_at: int, known_ids: Collection[str]
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


def find_marked(entries: Iterable[TokenEntry], wanted: int, known_ids: Collection[str]) -> list[TokenEntry]:
    """Return the tokens that look like mints of ours for ``wanted`` and that nobody knows any more (R19)."""
    least = least_lifetime_sent(wanted)
    return [
        entry
        for entry in entries
        if least <= entry.lifetime <= wanted - DISTANCE_SECONDS + LIFETIME_TOLERANCE_SECONDS
        and entry.id not in known_ids
    ]


def _free_ranges(first: int, last: int, taken: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield the inclusive ranges between ``first`` and ``last`` that keep the distance from every taken lifetime."""
    for lifetime in sorted(set(taken)):
        end = min(lifetime - DISTANCE_SECONDS, last)
        if first <= end:
            yield first, end
        first = max(first, lifetime + DISTANCE_SECONDS)
    if first <= last:
        yield first, last
