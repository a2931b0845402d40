# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""R8: when clocks that differ are told, and when nothing is decided by them."""

from __future__ import annotations

import pytest

from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.clock import (
    ApiClock,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ApiError

NOON = 1772366400


def clock(ahead):
    api_clock = ApiClock(monotonic=lambda: 0.0, wall=lambda: float(NOON))
    api_clock.observe(NOON + ahead)
    return api_clock


@pytest.mark.parametrize("ahead", [0, 60, -60])
def test_r8_a_minute_is_tolerated(ahead):
    assert clock(ahead).warning() is None


@pytest.mark.parametrize("ahead", [61, -61, 3600])
def test_r8_more_than_a_minute_is_told(ahead):
    assert f"differs from the API's by {abs(ahead)} seconds" in clock(ahead).warning()
    clock(ahead).require_agreement()


@pytest.mark.parametrize(
    ("ahead", "api"), [(3601, "2026-03-01T13:00:01Z"), (-3601, "2026-03-01T10:59:59Z"), (10**9, "2057-11-07T13:46:40Z")]
)
def test_r8_more_than_an_hour_is_refused_with_both_times(ahead, api):
    with pytest.raises(ApiError) as caught:
        clock(ahead).require_agreement()
    assert caught.value.code == "clock_skew"
    assert api in str(caught.value)
    assert "2026-03-01T12:00:00Z" in str(caught.value)


def test_before_the_first_answer_nothing_is_known_of_the_clocks():
    silent = ApiClock(monotonic=lambda: 0.0, wall=lambda: 0.0)
    assert silent.warning() is None
    silent.require_agreement()
