# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The vendor's Token Manager in the Data Center Designer (DCD): where it is, and the lifetimes that it offers."""

from __future__ import annotations

DCD_URL = "https://dcd.ionos.com/latest/"

_TOKEN_MANAGER_LIFETIMES = (
    (3600, "1 Hour"),
    (4 * 3600, "4 Hours"),
    (86400, "1 Day"),
    (7 * 86400, "7 Days"),
    (30 * 86400, "30 Days"),
    (60 * 86400, "60 Days"),
    (90 * 86400, "90 Days"),
    (180 * 86400, "180 Days"),
    (365 * 86400, "365 Days"),
)


def lifetime_to_choose(ttl: int) -> str:
    """Return the Token Manager's shortest choice that lasts for ``ttl`` seconds, as it is labelled there."""
    return next((label for seconds, label in _TOKEN_MANAGER_LIFETIMES if seconds >= ttl), "365 Days")
