# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Previous tokens whose time has come (R4, R14, R17)."""

from __future__ import annotations

import pytest

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import VaultUnavailable
from support.rotation_world import RotationWorld, declared

RECORD = "app/record"


@pytest.fixture
def world() -> RotationWorld:
    return RotationWorld()


@pytest.fixture
def previous(world: RotationWorld) -> str:
    """The id of a previous token whose overlap is over."""
    _user, _seed, value = world.bootstrap()
    world.run([declared()], value)
    token_id = str(world.held(RECORD))
    world.emulator.clock.advance(days=24)
    world.run([declared()])
    world.emulator.clock.advance(days=1)
    return token_id


def test_one_that_cannot_be_deleted_yet_is_said_and_kept_for_the_next_run(world: RotationWorld, previous: str) -> None:
    world.emulator.faults.add("status", "delete", status=503, count=None)
    [outcome] = world.run([declared()])
    assert (outcome.action, outcome.failed, outcome.retired) == ("kept", False, [])
    assert outcome.warnings == [f"The previous token {previous} could not be deleted yet; the next run tries again."]
    assert [item.id for item in world.record(RECORD).previous] == [previous]
    world.emulator.faults.clear()
    [outcome] = world.run([declared()])
    assert (outcome.action, outcome.retired, world.record(RECORD).previous) == ("retired", [previous], ())


def test_one_that_another_client_still_sees_is_not_gone(world: RotationWorld, previous: str) -> None:
    """R9: as itself the token is said not to exist, and it cannot ask again; the current token sees it."""
    world.emulator.faults.add("status", "delete", status=404)
    world.emulator.faults.add("status", "get", on_call=2, status=401)
    [outcome] = world.run([declared()])
    assert outcome.warnings == [f"The previous token {previous} could not be deleted yet; the next run tries again."]
    assert [item.id for item in world.record(RECORD).previous] == [previous]


def test_one_that_the_api_will_not_delete_is_handed_to_a_person(world: RotationWorld, previous: str) -> None:
    world.emulator.faults.add("status", "delete", status=403, count=None)
    [outcome] = world.run([declared()])
    record = world.record(RECORD)
    assert (outcome.failed, record.previous, [item.id for item in record.delete_in_dcd]) == (False, (), [previous])
    world.emulator.faults.add("status", "list", status=503, count=None)
    [outcome] = world.run([declared()])
    assert (outcome.action, outcome.failed) == ("kept", False)
    assert [item.id for item in world.record(RECORD).delete_in_dcd] == [previous]
    world.emulator.faults.clear()
    world.emulator.revoke(previous)
    world.run([declared()])
    assert world.record(RECORD).delete_in_dcd == ()


def test_one_makes_room_for_the_next_where_every_replica_is_in_sync(world: RotationWorld) -> None:
    """R35: with nothing to spare in the quota, what is due goes first."""
    _user, _seed, value = world.bootstrap()
    token = declared(replicas=[{"path": "app/replica"}])
    world.run([token], value)
    world.emulator.clock.advance(days=24)
    world.run([token])
    world.emulator.clock.advance(days=2)
    world.emulator.settings.quota = 3
    ended = [item.id for item in world.record(RECORD).previous]
    [outcome] = world.run([{**token, "ttl": "10d", "renew_before": "2d", "enforce_ttl": True}])
    assert (outcome.action, outcome.reason, outcome.retired) == ("rotated", "longer_than_ttl", ended)


def test_one_that_a_replica_holds_back_is_said_once_its_overlap_is_over(world: RotationWorld) -> None:
    _user, _seed, value = world.bootstrap()
    token = declared(replicas=[{"path": "app/replica"}])
    world.run([token], value)
    previous = world.held(RECORD)
    world.emulator.clock.advance(days=24)
    world.break_vault("read", "app/replica", VaultUnavailable("vault_unreachable", where="a vault"))
    assert world.run([token])[0].warnings == []
    world.emulator.clock.advance(days=1, seconds=-60)
    assert world.run([token])[0].warnings == []
    world.emulator.clock.advance(seconds=60)
    assert world.run([token])[0].warnings == [
        f"Previous tokens live on until every vault holds the current one: {previous}."
    ]


def test_check_mode_predicts_and_deletes_nothing(world: RotationWorld, previous: str) -> None:
    [outcome] = world.run([declared()], check_mode=True)
    assert (outcome.action, outcome.reason, outcome.changed) == ("retired", "overlap_over", True)
    assert outcome.retired == [previous]
    assert [item.id for item in world.record(RECORD).previous] == [previous]
    assert world.emulator.journal.deleted() == []


def test_that_nothing_is_retired_while_a_record_is_unread_is_said_with_its_name(
    world: RotationWorld, previous: str
) -> None:
    world.break_vault("read", "dns/record", VaultUnavailable("vault_unreachable", where="dns"))
    outcome, _dns = world.run([declared(), declared("dns")])
    assert (outcome.action, outcome.retired) == ("kept", [])
    assert outcome.warnings == [
        "Previous tokens were not retired, since the records of other declared tokens could not be read: dns."
    ]


def test_an_adopted_token_that_is_kept_leaves_the_record_when_it_expires(world: RotationWorld) -> None:
    user, _seed, issuer = world.bootstrap()
    adopted, value = world.emulator.mint(user, ttl=10 * 86400)
    world.store.put_token(RECORD, value)
    world.run([declared()], issuer)
    world.emulator.clock.advance(days=6)
    world.run([declared()], issuer)
    world.emulator.clock.advance(days=4, seconds=-1)
    world.run([declared()], issuer)
    assert [item.id for item in world.record(RECORD).previous] == [adopted.id]
    world.emulator.clock.advance(seconds=1)
    world.run([declared()], issuer)
    assert world.record(RECORD).previous == ()
    assert adopted.id not in world.emulator.journal.deleted()
