# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""G1, G2 and G3 at every point at which a run can fail, in every way in which it can.

The points are found by recording a healthy run, so a new effect is covered without anybody adding it here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from support.scenes import PATH, SCENES, Scene, assert_retires, assert_settled, fail_once, points


def _cases() -> Iterator[Any]:
    for make in SCENES:
        for point in points(make):
            for failure in point.failures:
                yield pytest.param(
                    make, point.number, failure, id=f"{make.__name__}: {point.number} {point.what} {failure}"
                )


@pytest.mark.parametrize(("make", "number", "failure"), list(_cases()))
def test_after_a_failure_the_next_healthy_runs_leave_nothing_lost_and_nothing_behind(
    make: Callable[[], Scene], number: int, failure: str
) -> None:
    prepared = make()
    prepared.worked_all_along = prepared.world.works(PATH)
    worked_before = prepared.worked_all_along
    fail_once(prepared, number, failure)
    healthy = prepared.run(host="host-b")
    assert not healthy.failed, healthy.message
    assert prepared.worked_all_along == worked_before
    assert_settled(prepared)
    assert_retires(prepared)
