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


@pytest.mark.parametrize(("reads_behind", "in_sync", "code"), [(2, True, None), (9, None, "vault_write_unproven")])
def test_one_that_still_shows_what_stood_there_before_is_read_again(
    world: RotationWorld, issuer: str, reads_behind: int, in_sync: bool | None, code: str | None
) -> None:
    """Whoever reads from a standby may be shown less than has been written."""

    def lag(operation: str, path: str) -> None:
        if (operation, path) == ("write", REPLICA):
            world.store.reads_behind = reads_behind

    world.store.after = lag
    world.emulator.clock.advance(days=25)
    [outcome] = world.run([TOKEN])
    replica = outcome.vaults[1]
    assert (outcome.action, replica.in_sync, replica.error.code if replica.error else None) == (
        "rotated",
        in_sync,
        code,
    )
    assert world.store.entry(REPLICA).value == world.store.entry(RECORD).value


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


# Places that tell no more than the id of their token


@pytest.fixture
def id_only(world: RotationWorld, issuer: str) -> RotationWorld:
    world.store.id_only.add(REPLICA)
    return world


def value_at(world: RotationWorld, path: str) -> str:
    return str(world.store.entry(path).value)


def test_one_that_tells_the_id_of_the_current_token_is_in_sync_and_not_written(id_only: RotationWorld) -> None:
    id_only.store.calls.clear()
    [outcome] = id_only.run([TOKEN])
    assert (outcome.action, outcome.changed, outcome.vaults[1].in_sync) == ("kept", False, True)
    assert [operation for operation, path in id_only.store.calls if path == REPLICA] == ["read"]


def test_one_that_tells_the_id_of_a_token_of_the_record_is_rewritten(id_only: RotationWorld) -> None:
    id_only.emulator.clock.advance(days=24)
    [outcome] = id_only.run([TOKEN])
    assert (outcome.action, outcome.vaults[1].in_sync) == ("rotated", True)
    assert value_at(id_only, REPLICA) == value_at(id_only, RECORD)
    assert outcome.vaults[1].foreign is None


def test_a_working_token_of_which_only_the_id_is_told_is_not_overwritten(id_only: RotationWorld) -> None:
    foreign, value = id_only.emulator.mint(id_only.emulator.state.users.all()[0])
    id_only.store.put_token(REPLICA, value)
    [outcome] = id_only.run([TOKEN])
    replica = outcome.vaults[1]
    assert (replica.foreign, replica.in_sync, replica.changed) == (foreign.id, False, False)
    assert value_at(id_only, REPLICA) == value


def test_what_is_told_by_id_is_not_overwritten_while_the_api_cannot_be_asked(id_only: RotationWorld) -> None:
    foreign, value = id_only.emulator.mint(id_only.emulator.state.users.all()[0])
    id_only.emulator.revoke(foreign.id)
    id_only.store.put_token(REPLICA, value)
    id_only.emulator.faults.add("status", "list", status=503, count=None)
    [outcome] = id_only.run([TOKEN])
    assert (outcome.vaults[1].foreign, value_at(id_only, REPLICA)) == (foreign.id, value)


@pytest.mark.parametrize("dead", ["revoked", "expired"])
def test_a_dead_token_of_which_only_the_id_is_told_is_overwritten(id_only: RotationWorld, dead: str) -> None:
    foreign, value = id_only.emulator.mint(id_only.emulator.state.users.all()[0], ttl=3600)
    if dead == "revoked":
        id_only.emulator.revoke(foreign.id)
    else:
        id_only.emulator.clock.advance(hours=2)
    id_only.store.put_token(REPLICA, value)
    [outcome] = id_only.run([TOKEN])
    assert (outcome.action, outcome.vaults[1].foreign) == ("repaired", None)
    assert value_at(id_only, REPLICA) == value_at(id_only, RECORD)


def test_another_users_token_of_which_only_the_id_is_told_is_not_overwritten(id_only: RotationWorld) -> None:
    """The list of the record's user says nothing of it."""
    other = id_only.emulator.add_user("other@example.com", "another password")
    foreign, value = id_only.emulator.mint(other)
    id_only.store.put_token(REPLICA, value)
    [outcome] = id_only.run([TOKEN])
    assert (outcome.vaults[1].foreign, value_at(id_only, REPLICA)) == (foreign.id, value)


def test_a_token_of_which_nobody_knows_whose_it_is_is_not_overwritten(id_only: RotationWorld) -> None:
    foreign, value = id_only.emulator.mint(id_only.emulator.state.users.all()[0])
    id_only.emulator.revoke(foreign.id)
    id_only.store.put_token(REPLICA, value)
    id_only.store.without_user.add(REPLICA)
    [outcome] = id_only.run([TOKEN])
    assert (outcome.vaults[1].foreign, value_at(id_only, REPLICA)) == (foreign.id, value)


def test_a_token_that_only_a_list_does_not_show_yet_is_not_overwritten(id_only: RotationWorld) -> None:
    foreign, value = id_only.emulator.mint(id_only.emulator.state.users.all()[0])
    id_only.store.put_token(REPLICA, value)
    id_only.emulator.faults.add("success", "list", body='{"tokens": []}', count=None)
    [outcome] = id_only.run([TOKEN])
    assert (outcome.vaults[1].foreign, value_at(id_only, REPLICA)) == (foreign.id, value)


def test_what_is_told_by_id_is_emptied_with_the_declaration(id_only: RotationWorld) -> None:
    id_only.run([{**TOKEN, "state": "absent"}])
    assert (id_only.store.entry(REPLICA).is_empty, id_only.store.entry(RECORD).is_empty) == (True, True)


def test_a_working_token_that_is_told_by_id_outlives_the_declaration(id_only: RotationWorld) -> None:
    foreign, value = id_only.emulator.mint(id_only.emulator.state.users.all()[0])
    id_only.store.put_token(REPLICA, value)
    [outcome] = id_only.run([{**TOKEN, "state": "absent"}])
    assert (outcome.vaults[1].foreign, value_at(id_only, REPLICA)) == (foreign.id, value)
