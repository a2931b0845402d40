# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Worlds in which something is due for one declared token, for tests that let runs fail or meet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from support.failure_points import DEATHS, Killed, Point, Saboteur
from support.rotation_world import WITH_SPOTS, RotationWorld, declared

PATH = "app/record"
REPLICA = "app/replica"
DAY = 86400
SPOT = "spots: app"
TOKEN = declared(replicas=[{"path": REPLICA}])
PUBLISHED_TOKEN = declared(
    vault={"in": "memory", "path": PATH},
    replicas=[{"in": "memory", "path": REPLICA}, {"in": "spots", "target": "app"}],
)


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
        new_effects = (saboteur or self.world).effects
        try:
            if self.is_published:
                [facts] = self.world.play(
                    [self.token], self.issuer, new_effects=lambda: new_effects(host), **self.arguments
                )
                return facts
            [outcome] = self.world.run([self.token], self.issuer, effects=new_effects(host), **self.arguments)
        except Killed:
            return None
        return outcome

    @property
    def is_published(self) -> bool:
        """Whether tasks of the user publish the token as well: then a run is what the role does."""
        return "vaults" in self.arguments

    def existing_ids(self) -> set[str]:
        """Return the ids of all tokens of the user."""
        return self.world.token_ids(self.world.emulator.state.users.all()[0])

    def watch(self, what: str) -> None:
        """Note whether the vault of record holds a working token (G1), and so does where one was published."""
        published = set(self.world.published.values())
        is_well = self.world.works(PATH) and published <= self.existing_ids()
        self.worked_all_along = self.worked_all_along and is_well


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


def rotation_where_a_replica_tells_ids_only() -> Scene:
    prepared = scene()
    prepared.world.store.id_only.add(REPLICA)
    prepared.run()
    prepared.world.emulator.clock.advance(days=24)
    return prepared


def rotation_where_only_reading_proves_a_write() -> Scene:
    prepared = rotation()
    prepared.world.store.proves_writes = False
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
    [generate] = [point.number for point in points(rotation) if point.what == "api GET generate"]
    saboteur.fail_at, saboteur.failure = generate, "is killed after"
    prepared.run(saboteur)
    saboteur.leave()
    return prepared


def publication() -> Scene:
    """A token is due that tasks of the user publish as well, and it is retired at once after that."""
    prepared = scene()
    prepared.token = {**PUBLISHED_TOKEN, "overlap": "0s"}
    prepared.arguments = {"vaults": WITH_SPOTS}
    prepared.run()
    prepared.world.emulator.clock.advance(days=24)
    return prepared


def republication() -> Scene:
    """What was published so long ago that others may have changed it is published again."""
    prepared = publication()
    spots = {"name": "spots", "tasks": {"publish": "publish.yml", "republish_after": "1d"}}
    prepared.arguments = {"vaults": [*WITH_SPOTS[:1], spots]}
    prepared.run()
    prepared.world.published.clear()
    prepared.world.emulator.clock.advance(days=2)
    return prepared


def removal() -> Scene:
    """A token that tasks of the user have published is declared absent."""
    prepared = publication()
    prepared.token = {**prepared.token, "state": "absent"}
    return prepared


# A rotation with other vaults: the same steps, proven in other ways.
VARIANTS: tuple[Callable[[], Scene], ...] = (
    rotation_where_a_replica_tells_ids_only,
    rotation_where_only_reading_proves_a_write,
)
SCENES: tuple[Callable[[], Scene], ...] = (
    first_mint,
    rotation,
    *VARIANTS,
    retirement,
    offer,
    recovery,
    publication,
    republication,
)


def points(make: Callable[[], Scene], settings: Mapping[str, int] | None = None) -> list[Point]:
    """Return the effects of a healthy run, or of one with the emulator set up as *settings* say."""
    prepared = make()
    prepared.world.emulator.settings.update(settings or {})
    saboteur = Saboteur(prepared.world)
    outcome = prepared.run(saboteur)
    assert settings or not outcome.failed, outcome.message
    return saboteur.points


def fail_once(prepared: Scene, number: int, failure: str) -> None:
    """Let a run fail at its n-th effect, and everything around it be well again once its lease is over."""
    saboteur = Saboteur(prepared.world, fail_at=number, failure=failure, watch=prepared.watch)
    prepared.run(saboteur)
    saboteur.leave()
    prepared.world.emulator.faults.clear()
    if failure not in DEATHS:
        prepared.world.dead_owners.clear()
    prepared.world.emulator.clock.advance(minutes=11)
    prepared.world.store.carry_out_postponed()


def assert_settled(prepared: Scene) -> None:
    """One current token in every place, previous ones in the record, nothing else of ours, nothing foreign gone."""
    world = prepared.world
    record = world.record(PATH)
    assert record.current is not None
    assert world.works(PATH)
    assert world.held(PATH) == world.held(REPLICA) == record.current.id
    assert record.intent is None
    assert [item.token_id for item in record.published] == list(world.published.values())
    assert set(world.published.values()) <= {record.current.id}
    assert len(world.published) == int(prepared.is_published)
    expected = {record.current.id, *(item.id for item in record.previous)}
    assert prepared.existing_ids() == prepared.foreign_ids | expected


def assert_retires(prepared: Scene) -> None:
    """After the overlap only the current token is left of ours, and the next run changes nothing."""
    world = prepared.world
    prepared.arguments.pop("offers", None)
    world.emulator.clock.advance(days=1, minutes=1)
    prepared.run(host="host-b")
    assert prepared.existing_ids() == prepared.foreign_ids | {world.held(PATH)}
    last = prepared.run(host="host-b")
    assert (last.action, last.changed, last.reason) in (("kept", False, ""), ("kept", False, "longer_than_ttl"))
