# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The mark of one declaration: which of the free lifetimes it sends, so that its tokens tell whose they are (R36).

All that a token shows is when it was created and for how long it lives. A declaration derives from itself and from the
hour a share of the lifetimes that may be sent, and sends one of those; a token that was created in that hour and has
such a lifetime is its own, by the odds. What is left to chance in each share keeps two controllers apart that rotate
the same declaration without seeing each other's record (R2).
"""

from __future__ import annotations

import hashlib
from typing import Sequence

from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.answers import TokenEntry
from ansible_collections.tokenops.ionos.plugins.module_utils._minting.due import least_lifetime_sent
from ansible_collections.tokenops.ionos.plugins.module_utils._minting.ttl_marker import (
    CLOCK_SLACK_SECONDS,
    DISTANCE_SECONDS,
    is_lifetime,
)

PERIOD_SECONDS = 3600
LIFETIMES_PER_SHARE = 100
FEWEST_SHARES = 50
# From the start of an attempt until its token exists, with every repetition that the API's limits may ask for.
LONGEST_ATTEMPT_SECONDS = 600


class DeclarationMark:
    """The lifetimes by which the tokens of one declaration are told apart from those of every other.

    :param identity: what no other declaration has: its name and the place of its vault of record.
    """

    def __init__(self, identity: Sequence[str]) -> None:
        self._identity = "\0".join(identity).encode("utf-8", "surrogateescape")

    def lifetimes(self, wanted: int, started_at: int) -> Sequence[int]:
        """Return the lifetimes in seconds that carry the mark; none if ``wanted`` leaves no room for marks.

        :param wanted: the declared lifetime in seconds.
        :param started_at: when the attempt starts, by the API's clock.
        """
        return self._lifetimes_in(started_at // PERIOD_SECONDS, wanted)

    def is_carried_by(self, entry: TokenEntry, wanted: int) -> bool:
        """Tell whether a token has the mark that this declaration gives where it wants the lifetime ``wanted``."""
        periods = {
            (entry.created_at - LONGEST_ATTEMPT_SECONDS) // PERIOD_SECONDS,
            (entry.created_at + CLOCK_SLACK_SECONDS) // PERIOD_SECONDS,
        }
        return any(
            is_lifetime(entry, lifetime) for period in periods for lifetime in self._lifetimes_in(period, wanted)
        )

    def _lifetimes_in(self, period: int, wanted: int) -> range:
        longest, least = wanted - DISTANCE_SECONDS, least_lifetime_sent(wanted)
        shares = (longest - least) // (DISTANCE_SECONDS * LIFETIMES_PER_SHARE)
        if shares < FEWEST_SHARES:
            return range(0)
        digest = hashlib.sha256(b"%d\0%b" % (period, self._identity)).digest()
        first = int.from_bytes(digest[:8], "big") % shares
        return range(longest - DISTANCE_SECONDS * first, least - 1, -DISTANCE_SECONDS * shares)
