# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times and durations as one says them."""

from __future__ import annotations

import pytest

from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.times import approximately, date_and_time, relative
from support.report_entries import DAY, NOW


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "1 minute"),
        (119, "1 minute"),
        (120, "2 minutes"),
        (7199, "119 minutes"),
        (7200, "2 hours"),
        (2 * DAY - 1, "47 hours"),
        (2 * DAY, "2 days"),
        (400 * DAY, "400 days"),
    ],
)
def test_durations(seconds: int, said: str) -> None:
    assert approximately(seconds) == said


def test_what_is_to_come_and_what_is_over() -> None:
    assert relative(NOW + 3 * DAY, NOW) == "in 3 days"
    assert relative(NOW - 3 * DAY, NOW) == "3 days ago"


def test_dates_have_their_zone() -> None:
    assert date_and_time(NOW) == "24 Mar 2026, 09:30 UTC"
