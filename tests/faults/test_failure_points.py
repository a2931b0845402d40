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

from support.scenes import (
    PATH,
    REPLICA,
    SCENES,
    VARIANTS,
    Scene,
    assert_retires,
    assert_settled,
    fail_once,
    points,
    removal,
)


def _cases(*scenes: Callable[[], Scene]) -> Iterator[Any]:
    for make in scenes:
        for point in points(make):
            for failure in point.failures:
                yield pytest.param(
                    make,
                    point.number,
                    failure,
                    id=f"{make.__name__}: {point.number} {point.what} {failure}",
                    marks=pytest.mark.heavy if make in VARIANTS else (),
                )


@pytest.mark.parametrize(("make", "number", "failure"), list(_cases(*SCENES)))
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


@pytest.mark.parametrize(("make", "number", "failure"), list(_cases(removal)))
def test_after_a_failed_removal_the_next_healthy_run_leaves_nothing_anywhere(
    make: Callable[[], Scene], number: int, failure: str
) -> None:
    """R25, R40."""
    prepared = make()
    fail_once(prepared, number, failure)
    healthy = prepared.run(host="host-b")
    assert not healthy.failed, healthy.message
    assert prepared.existing_ids() == prepared.foreign_ids
    assert (prepared.world.published, prepared.world.held(REPLICA)) == ({}, None)
    assert prepared.world.store.reading(PATH).record is None
    last = prepared.run(host="host-b")
    assert (last.changed, last.failed) == (False, False)
