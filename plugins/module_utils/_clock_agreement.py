# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the API's clock and the one of this machine agree well enough to decide by them (R8)."""

from __future__ import annotations

from ansible_collections.tokenops.ionos.plugins.module_utils._api_clock import ApiClock
from ansible_collections.tokenops.ionos.plugins.module_utils._errors import ApiError
from ansible_collections.tokenops.ionos.plugins.module_utils._instant import format_instant

TOLERATED_OFFSET = 60
LARGEST_OFFSET = 3600


def require_agreeing_clocks(clock: ApiClock) -> None:
    """Refuse to go on where one of the clocks is wrong by more than an hour.

    :raises ApiError: ``clock_skew``, with both times.
    """
    now, offset = clock.now(), clock.offset()
    if now is not None and offset is not None and abs(offset) > LARGEST_OFFSET:
        raise ApiError("clock_skew", api=format_instant(now), controller=format_instant(now - int(offset)))


def clock_warning(clock: ApiClock) -> str | None:
    """Return what to say where the clocks differ by more than a minute, or None."""
    offset = clock.offset()
    if offset is None or abs(offset) <= TOLERATED_OFFSET:
        return None
    return (
        f"The clock of this machine differs from the API's by {abs(int(offset))} seconds. "
        "Decisions follow the API's clock; set this one by NTP."
    )
