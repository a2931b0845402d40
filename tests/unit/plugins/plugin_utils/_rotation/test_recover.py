# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run does about an interrupted mint where it cannot do much (R3, R4, R14)."""

from __future__ import annotations

import pytest

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import (
    VaultConflict,
    VaultError,
    VaultUnavailable,
)
from support.failure_points import Saboteur
from support.rotation_world import RotationWorld, codes, declared
from support.scenes import DAY, PATH, REPLICA, Scene, first_mint, points, recovery


@pytest.fixture
def interrupted() -> Scene:
    """A first run that was killed right after the API minted for it: the record holds no token yet."""
    scene = first_mint()
    generate = next(point.number for point in points(first_mint) if point.what == "api GET generate")
    saboteur = Saboteur(scene.world, fail_at=generate, failure="is killed after")
    scene.run(saboteur)
    saboteur.leave()
    return scene


def test_the_lease_lasts_ten_minutes_and_the_mint_is_looked_for_during_a_day(interrupted: Scene) -> None:
    world = interrupted.world
    intent = world.record(PATH).intent
    assert intent is not None
    assert intent.lease_until - intent.started_at == 600
    now = int(world.emulator.clock.timestamp())
    world.run([interrupted.token])
    assert [mint.forget_at for mint in world.record(PATH).unconfirmed] == [now + DAY]


def test_that_nobody_can_look_for_it_is_said(interrupted: Scene) -> None:
    world = interrupted.world
    [outcome] = world.run([interrupted.token])
    assert outcome.warnings == [
        "An earlier mint may have left a token behind, and there is no credential to look for it. "
        "Give the account a token; until then look for an unexpected token in the Token Manager."
    ]
    assert len(world.record(PATH).unconfirmed) == 1
    [outcome] = world.run([interrupted.token], interrupted.issuer)
    assert (len(outcome.orphans_deleted), outcome.warnings) == (1, [])
    assert world.record(PATH).unconfirmed == ()


def test_while_a_record_is_unread_nothing_is_cleaned_up_and_that_is_said(interrupted: Scene) -> None:
    world, tokens = interrupted.world, [interrupted.token, declared("mail"), declared("dns")]
    before = interrupted.existing_ids()

    def fail(operation: str, path: str) -> None:
        if path in ("dns/record", "mail/record"):
            raise VaultUnavailable("vault_unreachable", where=path)

    world.store.before = fail
    outcome, *_others = world.run(tokens, interrupted.issuer)
    assert (
        "An interrupted mint was not cleaned up, since the records of other declared tokens could not be read: "
        "dns, mail."
    ) in outcome.warnings
    assert before <= interrupted.existing_ids()
    assert len(world.record(PATH).unconfirmed) == 1


def test_a_list_that_fails_does_not_keep_the_pass_from_going_on() -> None:
    scene = recovery()
    scene.world.emulator.faults.add("status", "list", status=400, count=1)
    outcome = scene.run()
    assert (outcome.action, outcome.failed) == ("rotated", False)
    assert [warning.partition(" could")[0] for warning in outcome.warnings] == ["The token of an interrupted mint"]
    assert len(scene.world.record(PATH).unconfirmed) == 1


def test_a_fence_is_taken_away_where_nothing_else_is_to_be_done() -> None:
    scene = recovery()
    world = scene.world
    user = world.emulator.state.users.all()[0]
    _offer, value = world.emulator.dcd.signed_in(user).create_token("365d")
    [outcome] = world.run([scene.token], scene.issuer, offers={"app": value})
    assert (outcome.action, outcome.failed, len(outcome.orphans_deleted)) == ("adopted", False, 1)
    record = world.record(PATH)
    assert (record.intent, record.unconfirmed) == (None, ())


def test_an_orphan_that_is_listed_and_cannot_be_found_is_given_up_after_an_hour(interrupted: Scene) -> None:
    world = interrupted.world
    world.emulator.settings.update({"get_delay_seconds": 10 * DAY, "delete_delay_seconds": 10 * DAY})
    world.emulator.settings.quota = len(interrupted.existing_ids())
    minted_at = world.emulator.clock.timestamp()
    left = []
    for age in (3599, 3600):
        world.emulator.clock.advance(seconds=minted_at + age - world.emulator.clock.timestamp())
        effects = world.effects(sleep=lambda seconds: None)
        [outcome] = world.run([interrupted.token], interrupted.issuer, effects=effects)
        assert outcome.orphans_deleted == []
        left.append(len(world.record(PATH).unconfirmed))
    assert left == [1, 0]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (VaultConflict("vault_changed_meanwhile", where="a vault"), None),
        (VaultUnavailable("vault_overloaded", rejected=True, where="a vault", status=503), "vault_overloaded"),
    ],
)
def test_a_fence_that_cannot_be_taken_away_is_an_error_unless_another_run_has_done_so(
    error: VaultError, code: str | None
) -> None:
    scene = recovery()
    world = scene.world
    user = world.emulator.state.users.all()[0]
    _offer, value = world.emulator.dcd.signed_in(user).create_token("365d")
    writes = []

    def fail(operation: str, path: str) -> None:
        if operation == "write":
            writes.append(path)
            # The fence, what was found, the adoption; then the fence is taken away.
            if len(writes) == 4:
                raise error

    world.store.before = fail
    [outcome] = world.run([scene.token], scene.issuer, offers={"app": value})
    world.mend_vault()
    assert (outcome.action, codes(outcome)) == ("adopted", [code] if code else [])
    assert world.held(REPLICA) == world.held(PATH)


def test_nothing_is_said_of_an_unread_record_where_nothing_is_to_be_cleaned_up() -> None:
    world = RotationWorld()
    _user, _seed, value = world.bootstrap()
    world.run([declared()], value)
    world.break_vault("read", "dns/record", VaultUnavailable("vault_unreachable", where="dns"))
    outcome, _dns = world.run([declared(), declared("dns")], value)
    assert (outcome.action, outcome.warnings) == ("kept", [])
