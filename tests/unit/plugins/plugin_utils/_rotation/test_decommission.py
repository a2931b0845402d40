# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of a token that is declared absent, and of everything around it (R25)."""

from __future__ import annotations

import pytest

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import VaultUnavailable
from support.rotation_world import RotationWorld, codes, declared

RECORD = "app/record"
REPLICA = "app/replica"
TOKEN = declared(replicas=[{"path": REPLICA}])
ABSENT = {**TOKEN, "state": "absent"}
DOWN = VaultUnavailable("vault_unreachable", where="a vault")


@pytest.fixture
def world() -> RotationWorld:
    return RotationWorld()


@pytest.fixture
def issuer(world: RotationWorld) -> str:
    """The issuer of a token that was rotated once, so that there is a previous one."""
    _user, _seed, value = world.bootstrap()
    world.run([TOKEN], value)
    world.emulator.clock.advance(days=24)
    world.run([TOKEN])
    return value


def ours(world: RotationWorld) -> list[str]:
    """Return the ids of the previous and the current token."""
    record = world.record(RECORD)
    return [*(item.id for item in record.previous), *([record.current.id] if record.current else [])]


def exist(world: RotationWorld, ids: list[str]) -> bool:
    return set(ids) <= {token.id for token in world.emulator.tokens()}


def is_empty(world: RotationWorld, path: str) -> bool:
    return world.store.entry(path).is_empty


def test_check_mode_predicts_and_touches_nothing(world: RotationWorld, issuer: str) -> None:
    tokens, entries = ours(world), dict(world.store.entries)
    [outcome] = world.run([ABSENT], check_mode=True)
    assert (outcome.action, outcome.reason, outcome.changed) == ("absent", "absent", True)
    assert exist(world, tokens)
    assert world.store.entries == entries


def test_nothing_is_said_to_be_deleted_while_the_clocks_differ(world: RotationWorld, issuer: str) -> None:
    world.wall_clock_offset = 2 * 3600
    [outcome] = world.run([ABSENT])
    assert (codes(outcome), outcome.action, outcome.changed) == (["clock_skew"], "failed", False)


def test_what_was_deleted_is_told_and_nothing_works_any_more(world: RotationWorld, issuer: str) -> None:
    tokens = ours(world)
    [outcome] = world.run([ABSENT])
    assert (sorted(outcome.retired), outcome.works, outcome.failed) == (sorted(tokens), False, False)
    assert [(place.changed, place.in_sync) for place in outcome.vaults[1:]] == [(True, True)]


def test_a_token_that_the_record_does_not_know_is_not_deleted(world: RotationWorld, issuer: str) -> None:
    tokens = ours(world)
    _token, foreign = world.emulator.mint(world.emulator.state.users.all()[0])
    world.store.put_token(RECORD, foreign)
    [outcome] = world.run([ABSENT])
    assert (outcome.action, codes(outcome)) == ("failed", ["absent_but_unknown_token"])
    assert exist(world, tokens)
    assert not is_empty(world, RECORD)


def test_a_living_token_of_somebody_else_in_a_replica_is_left_there(world: RotationWorld, issuer: str) -> None:
    token, foreign = world.emulator.mint(world.emulator.state.users.all()[0])
    world.store.put_token(REPLICA, foreign)
    [outcome] = world.run([ABSENT])
    assert (outcome.vaults[1].foreign, outcome.vaults[1].in_sync) == (token.id, False)
    assert (world.held(REPLICA), is_empty(world, RECORD)) == (token.id, True)


def test_a_dead_token_in_a_replica_is_removed(world: RotationWorld, issuer: str) -> None:
    token, foreign = world.emulator.mint(world.emulator.state.users.all()[0])
    world.emulator.revoke(token.id)
    world.store.put_token(REPLICA, foreign)
    world.run([ABSENT])
    assert (is_empty(world, REPLICA), is_empty(world, RECORD)) == (True, True)


@pytest.mark.parametrize(("operation", "in_sync"), [("read", None), ("erase", False)])
def test_the_record_stays_until_every_replica_is_empty(
    world: RotationWorld, issuer: str, operation: str, in_sync: bool | None
) -> None:
    tokens = ours(world)
    world.break_vault(operation, REPLICA, DOWN)
    [outcome] = world.run([ABSENT])
    assert (outcome.vaults[1].error, outcome.vaults[1].in_sync, outcome.vaults[1].changed) == (DOWN, in_sync, False)
    assert not exist(world, tokens[:1])
    assert not is_empty(world, RECORD)
    world.mend_vault()
    [outcome] = world.run([ABSENT])
    assert outcome.failed is False
    assert (is_empty(world, REPLICA), is_empty(world, RECORD)) == (True, True)


def test_while_a_deletion_may_have_failed_the_current_token_works(world: RotationWorld, issuer: str) -> None:
    tokens = ours(world)
    world.emulator.faults.add("status", "delete", status=503, count=None)
    [outcome] = world.run([ABSENT])
    assert (codes(outcome), outcome.action, outcome.retired) == (["absent_not_finished"], "failed", [])
    assert (ours(world), world.works(RECORD), outcome.works) == (tokens, True, True)
    assert not any(tokens[1] in entry.path for entry in world.emulator.journal.entries("delete"))
    world.emulator.faults.clear()
    [outcome] = world.run([ABSENT])
    assert (outcome.failed, sorted(outcome.retired)) == (False, sorted(tokens))


def test_what_a_person_should_delete_is_waited_for_until_it_expires(world: RotationWorld, issuer: str) -> None:
    [previous, current] = ours(world)
    world.emulator.faults.add("status", "delete", status=403, count=None)
    world.run([ABSENT])
    handed = world.record(RECORD).delete_in_dcd
    assert [item.id for item in handed] == [previous, current]
    last = max(int(item.expires_at or 0) for item in handed)
    world.emulator.clock.advance(seconds=last - 1 - world.emulator.clock.timestamp())
    [outcome] = world.run([ABSENT], effects=world.effects(sleep=lambda seconds: None))
    assert (outcome.action, [item.id for item in world.record(RECORD).delete_in_dcd]) == ("handoff", [current])
    world.emulator.clock.advance(seconds=1)
    world.run([ABSENT], effects=world.effects(sleep=lambda seconds: None))
    assert is_empty(world, RECORD)


def test_a_token_is_handed_to_a_person_once(world: RotationWorld, issuer: str) -> None:
    tokens = ours(world)
    world.emulator.faults.add("status", "delete", status=403, count=None)
    for _run in range(3):
        [outcome] = world.run([ABSENT])
    assert [item["id"] for item in outcome.as_result()["delete_in_dcd"]] == tokens
