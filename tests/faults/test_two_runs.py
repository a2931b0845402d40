# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""G4: a second run at every point of a first one, at once or after the first one's lease is over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from support.failure_points import Saboteur
from support.rotation_world import RotationWorld, declared
from support.scenes import (
    PATH,
    SCENES,
    Scene,
    assert_retires,
    assert_settled,
    first_mint,
    points,
    publication,
    recovery,
    rotation,
    rotation_where_a_replica_tells_ids_only,
    rotation_where_only_reading_proves_a_write,
)

MINTING = (
    first_mint,
    rotation,
    rotation_where_a_replica_tells_ids_only,
    rotation_where_only_reading_proves_a_write,
    recovery,
    publication,
)
MINUTES = {"at once": 0, "after the lease": 11}


def _cases() -> Iterator[Any]:
    for make in SCENES:
        for point in points(make):
            for when in MINUTES:
                yield pytest.param(
                    make, point.number, when, id=f"{make.__name__}: before {point.number} {point.what} {when}"
                )


@pytest.mark.parametrize(("make", "number", "when"), list(_cases()))
def test_two_runs_that_meet_leave_one_current_token(make: Callable[[], Scene], number: int, when: str) -> None:
    prepared = make()
    worked_before = prepared.worked_all_along = prepared.world.works(PATH)
    outcomes = []

    def second_run() -> None:
        prepared.world.emulator.clock.advance(minutes=MINUTES[when])
        outcomes.append(prepared.run(host="host-b"))

    saboteur = Saboteur(prepared.world, interlude_at=number, interlude=second_run, watch=prepared.watch)
    outcomes.append(prepared.run(saboteur))
    saboteur.leave()
    assert [outcome.message for outcome in outcomes if outcome.failed] == []
    assert [outcome.action for outcome in outcomes].count("rotated") == (make in MINTING)
    assert prepared.worked_all_along == worked_before
    prepared.run(host="host-b")
    assert_settled(prepared)
    assert_retires(prepared)


def test_tokens_that_another_run_mints_meanwhile_are_not_taken_for_lost_ones() -> None:
    """R19, R24: two runs read that there is no record yet, and one of them is faster."""
    world = RotationWorld()
    user, seed, issuer = world.bootstrap()
    tokens = [declared(name) for name in ("app", "dns", "mail", "shop", "wiki")]
    faster = []
    everything_is_read = 1 + len(tokens)
    saboteur = Saboteur(
        world, interlude_at=everything_is_read, interlude=lambda: faster.extend(world.run(tokens, issuer))
    )
    slower = world.run(tokens, issuer, effects=saboteur.effects("host-b"))
    assert [outcome.action for outcome in faster] == ["rotated"] * len(tokens)
    assert [(outcome.action, outcome.message, outcome.warnings) for outcome in slower] == [("busy", None, [])] * len(
        tokens
    )
    held = {world.held(f"{token['name']}/record") for token in tokens}
    assert world.token_ids(user) == {seed.id, *held}
