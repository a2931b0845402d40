# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""G1 to G3 at every point at which a run can fail, with an API of which one operation lags behind the others (R32).

The points are those of a run against the lagging API: it asks more often than one against an API that is quick.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from support.failure_points import Point
from support.scenes import PATH, SCENES, Scene, assert_retires, assert_settled, fail_once, points

pytestmark = pytest.mark.heavy

LAGS = tuple(f"{operation}_delay_seconds" for operation in ("appearance", "list", "get", "delete", "use"))
SHORTER_THAN_A_RUN_WAITS = 5
LONGER_THAN_A_RUN_WAITS = 40


def _cases(seconds: int) -> Iterator[Any]:
    for lag in LAGS:
        for make in SCENES:
            for point in _without_repetition(points(make, {lag: seconds})):
                for failure in point.failures:
                    name = f"{make.__name__}: {point.number} {point.what} {failure} {lag}"
                    yield pytest.param(make, point.number, failure, lag, id=name)


def _without_repetition(recorded: list[Point]) -> Iterator[Point]:
    """Leave out what lies inside a wait: of the same request, again and again, the first and the last stay."""
    kinds = [None, *(point.what for point in recorded), None]
    for point, before, after in zip(recorded, kinds, kinds[2:], strict=False):
        if not before == point.what == after:
            yield point


def _run_twice(prepared: Scene) -> None:
    for _run in range(2):
        healthy = prepared.run(host="host-b")
        assert not healthy.failed, healthy.message
        prepared.world.emulator.clock.advance(minutes=11)


@pytest.mark.parametrize(("make", "number", "failure", "lag"), list(_cases(SHORTER_THAN_A_RUN_WAITS)))
def test_r32_an_api_that_lags_for_less_than_a_run_waits_heals_in_the_next_runs(
    make: Callable[[], Scene], number: int, failure: str, lag: str
) -> None:
    prepared = make()
    prepared.worked_all_along = worked_before = prepared.world.works(PATH)
    prepared.world.emulator.settings.update({lag: SHORTER_THAN_A_RUN_WAITS})
    fail_once(prepared, number, failure)
    _run_twice(prepared)
    assert prepared.worked_all_along == worked_before
    assert_settled(prepared)
    prepared.world.emulator.settings.update({lag: 0})
    assert_retires(prepared)


@pytest.mark.parametrize(("make", "number", "failure", "lag"), list(_cases(LONGER_THAN_A_RUN_WAITS)))
def test_r32_an_api_that_lagged_for_longer_than_a_run_waits_leaves_nothing_once_it_is_well(
    make: Callable[[], Scene], number: int, failure: str, lag: str
) -> None:
    prepared = make()
    prepared.worked_all_along = worked_before = prepared.world.works(PATH)
    prepared.world.emulator.settings.update({lag: LONGER_THAN_A_RUN_WAITS})
    fail_once(prepared, number, failure)
    prepared.run(host="host-b")
    prepared.world.emulator.settings.update({lag: 0})
    prepared.world.emulator.clock.advance(minutes=11)
    _run_twice(prepared)
    assert prepared.worked_all_along == worked_before
    assert_settled(prepared)
    assert_retires(prepared)
