# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""G1, G2 and G3 at every point at which a run can fail, in every way in which it can.

The points are found by recording a healthy run, so a new effect is covered without anybody adding it here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from support.failure_points import DEATHS, Killed, Point, Saboteur
from support.rotation_world import RotationWorld, declared

PATH = "app/record"
REPLICA = "app/replica"
DAY = 86400
TOKEN = declared(replicas=[{"path": REPLICA}])


@dataclass
class Scene:
    """A world in which something is due, and what has to be there when all is well again."""

    world: RotationWorld
    issuer: str
    foreign_ids: set[str]
    token: dict[str, Any] = field(default_factory=lambda: TOKEN)
    arguments: dict[str, Any] = field(default_factory=dict)
    worked_all_along: bool = True

    def run(self, saboteur: Saboteur | None = None, host: str = "host-a") -> Any:
        effects = saboteur.effects(host) if saboteur else self.world.effects(host)
        try:
            [outcome] = self.world.run([self.token], self.issuer, effects=effects, **self.arguments)
        except Killed:
            return None
        return outcome

    def watch(self, what: str) -> None:
        """Note whether the vault of record holds a working token (G1)."""
        self.worked_all_along = self.worked_all_along and self.world.works(PATH)


def scene() -> Scene:
    """Return a user with tokens of other tools, one of them with a lifetime such as ours send."""
    world = RotationWorld()
    user, seed, value = world.bootstrap()
    foreign = [world.emulator.mint(user, ttl=ttl)[0] for ttl in (365 * DAY, 30 * DAY, 30 * DAY - 1000)]
    return Scene(world, value, {seed.id, *(token.id for token in foreign)})


def first_mint() -> Scene:
    return scene()


def rotation() -> Scene:
    prepared = scene()
    prepared.run()
    prepared.world.emulator.clock.advance(days=24)
    return prepared


def retirement() -> Scene:
    prepared = rotation()
    prepared.run()
    prepared.world.emulator.clock.advance(days=1, minutes=1)
    return prepared


def offer() -> Scene:
    prepared = scene()
    prepared.run()
    user = prepared.world.emulator.state.users.all()[0]
    offered, value = prepared.world.emulator.dcd.signed_in(user).create_token("365d")
    prepared.arguments = {"offers": {"app": value}}
    prepared.foreign_ids.add(offered.id)
    return prepared


def recovery() -> Scene:
    """A run was killed right after the API minted for it."""
    prepared = rotation()
    saboteur = Saboteur(prepared.world)
    points = _points(rotation)
    [generate] = [point.number for point in points if point.what == "api GET generate"]
    saboteur.fail_at, saboteur.failure = generate, "is killed after"
    prepared.run(saboteur)
    saboteur.leave()
    return prepared


SCENES: tuple[Callable[[], Scene], ...] = (first_mint, rotation, retirement, offer, recovery)


def _points(make: Callable[[], Scene]) -> list[Point]:
    prepared = make()
    saboteur = Saboteur(prepared.world)
    outcome = prepared.run(saboteur)
    assert not outcome.failed, outcome.message
    return saboteur.points


def _cases() -> Iterator[Any]:
    for make in SCENES:
        for point in _points(make):
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
    saboteur = Saboteur(prepared.world, fail_at=number, failure=failure, watch=prepared.watch)
    prepared.run(saboteur)
    saboteur.leave()
    prepared.world.emulator.faults.clear()
    if failure not in DEATHS:
        prepared.world.dead_owners.clear()
    prepared.world.emulator.clock.advance(minutes=11)
    prepared.world.store.carry_out_postponed()
    healthy = prepared.run(host="host-b")
    assert not healthy.failed, healthy.message
    assert prepared.worked_all_along == worked_before
    _assert_settled(prepared)


def _assert_settled(prepared: Scene) -> None:
    world = prepared.world
    record = world.record(PATH)
    assert record.current is not None
    user = world.emulator.state.users.all()[0]
    assert world.works(PATH)
    assert world.held(PATH) == world.held(REPLICA) == record.current.id
    assert record.intent is None
    expected = {record.current.id, *(item.id for item in record.previous)}
    assert world.token_ids(user) == prepared.foreign_ids | expected
    _assert_retires(prepared)


def _assert_retires(prepared: Scene) -> None:
    world = prepared.world
    prepared.arguments = {}
    world.emulator.clock.advance(days=1, minutes=1)
    prepared.run(host="host-b")
    user = world.emulator.state.users.all()[0]
    assert world.token_ids(user) == prepared.foreign_ids | {world.held(PATH)}
    last = prepared.run(host="host-b")
    assert (last.action, last.changed, last.reason) in (("kept", False, ""), ("kept", False, "longer_than_ttl"))
