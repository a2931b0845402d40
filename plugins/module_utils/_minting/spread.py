# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""By how much earlier each token is renewed, so that those that were minted together are not renewed together."""

from __future__ import annotations

import hashlib
from typing import Sequence

from ansible_collections.tokenops.ionos.plugins.module_utils._core.duration import format_duration
from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError
from ansible_collections.tokenops.ionos.plugins.module_utils._minting.due import least_lifetime_sent


def share_of_spread(spread: int, identity: Sequence[str]) -> int:
    """Return a token's own share of the spread, from zero seconds up to but not including the whole.

    It is the same on every controller and in every run, and no other token has any part in it.

    :param spread: the seconds over which renewals are spread.
    :param identity: what tells the token from others: texts that stay as they are when it is renewed.
    """
    digest = hashlib.sha256("\0".join(["spread", *identity]).encode("utf-8", "surrogateescape")).digest()
    return spread * int.from_bytes(digest[:8], "big") >> 64


def require_spreadable(ttl: int, renew_before: int, spread: int, *, where: str = "spread") -> None:
    """Check that every token, whatever its share, is of use for half of its life (R17), and so never due on arrival.

    More than that would be cut for all tokens alike, and those would be renewed together after all.

    :param ttl: the wanted lifetime in seconds.
    :param renew_before: seconds.
    :param spread: seconds; 0 always can be.
    :param where: how the user names the option.
    :raises ConfigurationError: ``spread_too_long``.
    """
    longest = least_lifetime_sent(ttl) // 2 - renew_before
    if spread > max(longest, 0):
        raise ConfigurationError(
            "spread_too_long",
            where=where,
            spread=format_duration(spread),
            renew_before=format_duration(renew_before),
            ttl=format_duration(ttl),
            longest=format_duration(max(longest, 0)),
        )
