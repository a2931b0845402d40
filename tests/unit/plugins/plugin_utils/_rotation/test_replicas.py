# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing replicas: what is done, and what is told of what cannot be done (R5, R10)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import VaultDenied, VaultUnavailable
from support.rotation_world import RotationWorld, codes, declared

RECORD = "app/record"
REPLICA = "app/replica"
TOKEN = declared(replicas=[{"path": REPLICA}])


@pytest.fixture
def world() -> RotationWorld:
    return RotationWorld()


@pytest.fixture
def issuer(world: RotationWorld) -> str:
    _user, _seed, value = world.bootstrap()
    world.run([TOKEN], value)
    return value


def empty(world: RotationWorld, path: str) -> None:
    del world.store.entries[path]


def test_one_that_cannot_be_read_is_in_no_known_state(world: RotationWorld, issuer: str) -> None:
    world.break_vault("read", REPLICA, VaultUnavailable("vault_unreachable", where="a vault"))
    [outcome] = world.run([TOKEN])
    replica = outcome.vaults[1]
    assert (outcome.action, outcome.message, outcome.failed) == ("kept", None, True)
    assert (replica.in_sync, replica.changed, replica.error is None) == (None, False, False)


def test_one_that_holds_what_is_no_token_is_out_of_sync_and_left_alone(world: RotationWorld, issuer: str) -> None:
    world.store.put_token(REPLICA, "not a token")
    [outcome] = world.run([TOKEN])
    replica = outcome.vaults[1]
    assert (replica.in_sync, replica.changed, replica.error is None) == (False, False, False)
    assert world.store.entry(REPLICA).value == "not a token"


def test_one_that_cannot_be_written_is_out_of_sync_and_not_changed(world: RotationWorld, issuer: str) -> None:
    empty(world, REPLICA)
    world.break_vault("write", REPLICA, VaultUnavailable("vault_unreachable", where="a vault"))
    [outcome] = world.run([TOKEN])
    replica = outcome.vaults[1]
    assert (outcome.changed, replica.in_sync, replica.changed) == (False, False, False)


def test_one_that_another_run_has_written_meanwhile_is_in_sync(world: RotationWorld, issuer: str) -> None:
    empty(world, REPLICA)

    def be_faster(operation: str, path: str) -> None:
        if (operation, path) == ("write", REPLICA):
            world.mend_vault()
            world.run([TOKEN])

    world.store.before = be_faster
    [outcome] = world.run([TOKEN])
    assert (outcome.failed, outcome.vaults[1].in_sync, outcome.vaults[1].error) == (False, True, None)
    assert world.held(REPLICA) == world.held(RECORD)


def test_what_is_put_into_one_after_it_was_read_is_not_overwritten(world: RotationWorld, issuer: str) -> None:
    foreign, value = world.emulator.mint(world.emulator.state.users.all()[0])
    empty(world, REPLICA)

    def put(operation: str, path: str) -> None:
        if (operation, path) == ("read", REPLICA):
            world.store.after = lambda operation, path: None
            world.store.put_token(REPLICA, value)

    world.store.after = put
    [outcome] = world.run([TOKEN])
    assert (outcome.vaults[1].in_sync, outcome.vaults[1].changed) == (False, False)
    assert world.held(REPLICA) == foreign.id


def test_one_that_holds_something_else_right_after_it_was_written_is_out_of_sync(
    world: RotationWorld, issuer: str
) -> None:
    user = world.emulator.state.users.all()[0]
    foreign, value = world.emulator.mint(user)
    empty(world, REPLICA)

    def overwrite(operation: str, path: str) -> None:
        if (operation, path) == ("write", REPLICA):
            world.store.put_token(REPLICA, value)

    world.store.after = overwrite
    [outcome] = world.run([TOKEN])
    replica = outcome.vaults[1]
    assert replica.error is not None
    assert (replica.error.code, replica.in_sync, replica.changed) == ("vault_read_back_differs", False, False)
    assert world.held(REPLICA) == foreign.id


@pytest.mark.parametrize(("logins", "in_sync"), [(0, False), (1, True)])
def test_a_denied_write_is_tried_again_after_one_login(
    world: RotationWorld, issuer: str, logins: int, in_sync: bool
) -> None:
    empty(world, REPLICA)
    denials = iter([VaultDenied("vault_denied", rejected=True, where="a vault", path=REPLICA, status=403)])

    def deny_once(operation: str, path: str) -> None:
        if (operation, path) == ("write", REPLICA):
            for denial in denials:
                raise denial

    world.store.before, world.store.logins_left = deny_once, logins
    [outcome] = world.run([TOKEN])
    assert (outcome.vaults[1].in_sync, outcome.vaults[1].changed) == (in_sync, in_sync)


def test_check_mode_predicts_and_writes_nothing(world: RotationWorld, issuer: str) -> None:
    empty(world, REPLICA)
    [outcome] = world.run([TOKEN], check_mode=True)
    replica = outcome.vaults[1]
    assert (outcome.action, outcome.changed, replica.changed, replica.in_sync) == ("repaired", True, True, False)
    assert world.store.entry(REPLICA).is_empty


def test_a_dead_token_that_the_record_does_not_know_is_overwritten(world: RotationWorld, issuer: str) -> None:
    dead, value = world.emulator.mint(world.emulator.state.users.all()[0])
    world.emulator.revoke(dead.id)
    world.store.put_token(REPLICA, value)
    [outcome] = world.run([TOKEN])
    assert (outcome.action, outcome.vaults[1].foreign) == ("repaired", None)
    assert world.held(REPLICA) == world.held(RECORD)


@pytest.mark.parametrize("first", ["is empty", "is down", "holds it too"])
def test_a_value_that_got_lost_is_restored_from_any_replica(world: RotationWorld, issuer: str, first: str) -> None:
    token = declared(replicas=[{"path": "app/first"}, {"path": REPLICA}])
    world.run([token])
    current = world.held(RECORD)
    world.store.entries[RECORD] = replace(world.store.entry(RECORD), value=None)
    if first == "is empty":
        empty(world, "app/first")
    if first == "is down":
        world.break_vault("read", "app/first", VaultUnavailable("vault_unreachable", where="a vault"))
    [outcome] = world.run([token])
    assert (outcome.action, outcome.reason, outcome.message) == ("repaired", "restored", None)
    assert world.held(RECORD) == current


@pytest.mark.parametrize("replica", ["is empty", "is down"])
def test_where_no_replica_holds_anything_that_works_nobody_can_mint(
    world: RotationWorld, issuer: str, replica: str
) -> None:
    world.emulator.revoke(str(world.held(RECORD)))
    empty(world, REPLICA)
    if replica == "is down":
        world.break_vault("read", REPLICA, VaultUnavailable("vault_unreachable", where="a vault"))
    [outcome] = world.run([TOKEN])
    assert codes(outcome) == ["issuer_missing"]


def test_a_place_that_becomes_the_vault_of_record_takes_over_from_the_old_one(
    world: RotationWorld, issuer: str
) -> None:
    world.emulator.clock.advance(days=24)
    world.run([TOKEN])
    before = world.record(RECORD)
    moved = declared(vault={"path": "app/new"}, replicas=[{"path": REPLICA}, {"path": RECORD}])
    minted = len(world.emulator.journal.minted())
    [outcome] = world.run([moved])
    after = world.record("app/new")
    assert outcome.failed is False
    assert (after.known_ids, world.held("app/new")) == (before.known_ids, world.held(REPLICA))
    assert len(world.emulator.journal.minted()) == minted
    assert world.store.reading(RECORD).record is None
