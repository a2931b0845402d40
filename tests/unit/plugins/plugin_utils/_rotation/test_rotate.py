# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one run does for a declared token, against the emulator and a vault in memory."""

from __future__ import annotations

import pytest

from support.rotation_world import RotationWorld, declared

DAY = 86400


@pytest.fixture
def world() -> RotationWorld:
    return RotationWorld()


def test_a_first_run_mints_a_token_into_the_vault_of_record(world: RotationWorld) -> None:
    user, seed, value = world.bootstrap()
    [outcome] = world.run([declared()], value)
    assert outcome.message is None
    assert (outcome.action, outcome.reason, outcome.changed) == ("rotated", "missing", True)
    assert world.works("app/record")
    assert world.token_ids(user) == {seed.id, world.held("app/record")}


def test_the_record_names_user_and_contract_of_the_token(world: RotationWorld) -> None:
    user, _seed, value = world.bootstrap()
    world.run([declared()], value)
    record = world.record("app/record")
    assert (record.user_id, record.contract_number) == (user.user_id, user.contracts[0])


def test_a_second_run_changes_nothing_and_asks_once(world: RotationWorld) -> None:
    _user, _seed, value = world.bootstrap()
    world.run([declared()], value)
    world.emulator.journal.clear()
    world.store.calls.clear()
    [outcome] = world.run([declared()], value)
    assert (outcome.action, outcome.changed, outcome.warnings) == ("kept", False, [])
    assert [entry.operation for entry in world.emulator.journal.entries()] == ["get"]
    assert world.store.calls == [("read", "app/record")]


def test_nothing_due_costs_one_read_a_replica(world: RotationWorld) -> None:
    _user, _seed, value = world.bootstrap()
    token = declared(replicas=[{"path": "app/one"}, {"path": "app/two"}])
    world.run([token], value)
    world.store.calls.clear()
    world.emulator.journal.clear()
    world.run([token], value)
    assert sorted(world.store.calls) == [("read", "app/one"), ("read", "app/record"), ("read", "app/two")]
    assert len(world.emulator.journal.entries()) == 1


def test_a_due_token_is_rotated_by_itself_and_the_old_one_stays_for_the_overlap(world: RotationWorld) -> None:
    user, seed, value = world.bootstrap()
    world.run([declared()], value)
    old = world.held("app/record")
    world.emulator.clock.advance(days=24)
    [outcome] = world.run([declared()])
    assert (outcome.action, outcome.reason, outcome.message) == ("rotated", "renew_before", None)
    new = world.held("app/record")
    assert new != old
    assert world.token_ids(user) == {seed.id, old, new}
    assert [item.id for item in world.record("app/record").previous] == [old]


def test_the_old_token_is_retired_once_the_overlap_is_over(world: RotationWorld) -> None:
    user, seed, value = world.bootstrap()
    world.run([declared()], value)
    old = world.held("app/record")
    world.emulator.clock.advance(days=24)
    world.run([declared()])
    world.emulator.clock.advance(days=1)
    [outcome] = world.run([declared()])
    assert (outcome.action, outcome.reason, outcome.retired) == ("retired", "overlap_over", [old])
    assert world.token_ids(user) == {seed.id, world.held("app/record")}


def test_the_issuer_of_an_account_is_never_retired(world: RotationWorld) -> None:
    user, seed, value = world.bootstrap()
    world.store.put_token("app/record", value)
    token = declared(retire_adopted=True, enforce_ttl=True, overlap=0)
    world.run([token], value)
    assert seed.id in world.token_ids(user)


def test_a_replica_that_differs_is_repaired(world: RotationWorld) -> None:
    _user, _seed, value = world.bootstrap()
    token = declared(replicas=[{"path": "app/one"}])
    world.run([token], value)
    del world.store.entries["app/one"]
    [outcome] = world.run([token])
    assert (outcome.action, outcome.reason) == ("repaired", "replica_differed")
    assert world.held("app/one") == world.held("app/record")


def test_nothing_is_retired_while_a_replica_is_out_of_sync(world: RotationWorld) -> None:
    user, _seed, value = world.bootstrap()
    token = declared(replicas=[{"path": "app/one"}], overlap=0)
    world.run([token], value)
    old = world.held("app/record")
    world.emulator.clock.advance(days=24)
    other, foreign = world.emulator.mint(user)
    world.store.put_token("app/one", foreign)
    [outcome] = world.run([token])
    assert outcome.action == "rotated"
    assert world.held("app/one") == other.id
    assert old in world.token_ids(user)


def test_a_live_token_in_a_replica_that_the_record_does_not_know_is_left_there(world: RotationWorld) -> None:
    user, _seed, value = world.bootstrap()
    token = declared(replicas=[{"path": "app/one"}])
    world.run([token], value)
    foreign, foreign_value = world.emulator.mint(user)
    world.store.put_token("app/one", foreign_value)
    [outcome] = world.run([token])
    assert world.held("app/one") == foreign.id
    assert outcome.vaults[1].foreign == foreign.id
    assert any(foreign.id in warning for warning in outcome.warnings)


def test_a_token_that_stands_in_the_vault_already_is_adopted(world: RotationWorld) -> None:
    user = world.emulator.add_user("ann@example.com", "correct horse")
    token, value = world.emulator.mint(user, ttl=25 * DAY)
    world.store.put_token("app/record", value)
    [outcome] = world.run([declared()])
    assert (outcome.action, outcome.reason, outcome.message) == ("adopted", "found_in_vault", None)
    assert (world.held("app/record"), world.record("app/record").previous) == (token.id, ())
    assert world.token_ids(user) == {token.id}
    assert outcome.warnings == []


def test_a_token_that_stood_in_plain_text_is_adopted_with_the_advice_to_renew_it(world: RotationWorld) -> None:
    user = world.emulator.add_user("ann@example.com", "correct horse")
    world.store.put_token("app/record", world.emulator.mint(user, ttl=25 * DAY)[1])
    world.store.plain.add("app/record")
    [outcome] = world.run([declared()])
    [warning] = outcome.warnings
    assert outcome.action == "adopted"
    assert warning.startswith("The token that was found in app/record stood there in plain text.")
    assert "renew it now" in warning


def test_an_adopted_token_that_lives_longer_than_declared_is_kept(world: RotationWorld) -> None:
    _user, seed, value = world.bootstrap()
    world.store.put_token("app/record", value)
    world.run([declared()])
    [outcome] = world.run([declared()])
    assert (outcome.action, outcome.reason) == ("kept", "longer_than_ttl")
    assert world.held("app/record") == seed.id


def test_an_adopted_token_is_not_retired_unless_asked_for(world: RotationWorld) -> None:
    user, seed, value = world.bootstrap()
    world.store.put_token("app/record", value)
    token = declared(enforce_ttl=True, overlap=0)
    world.run([token])
    world.run([token])
    assert seed.id in world.token_ids(user)
    world.run([{**token, "retire_adopted": True}])
    assert seed.id not in world.token_ids(user)


def test_a_live_token_of_another_user_in_the_vault_is_never_overwritten(world: RotationWorld) -> None:
    _user, _seed, value = world.bootstrap()
    world.run([declared()], value)
    stranger = world.emulator.add_user("bob@example.com", "other horse")
    foreign, foreign_value = world.emulator.mint(stranger)
    world.store.put_token("app/record", foreign_value)
    [outcome] = world.run([declared()], value)
    assert [error.code for error in outcome.errors] == ["offer_of_another_user"]
    assert world.held("app/record") == foreign.id


def test_a_revoked_token_is_replaced_with_the_help_of_the_issuer(world: RotationWorld) -> None:
    _user, _seed, value = world.bootstrap()
    world.run([declared()], value)
    old = world.held("app/record")
    world.emulator.revoke(str(old))
    [outcome] = world.run([declared()], value)
    assert (outcome.action, outcome.reason) == ("rotated", "refused")
    assert world.works("app/record")
    world.emulator.clock.advance(days=1, minutes=1)
    [later] = world.run([declared()], value)
    assert (later.message, later.retired) == (None, [])
    assert world.record("app/record").previous == ()


def test_a_lost_token_is_taken_from_a_replica_before_minting(world: RotationWorld) -> None:
    user, _seed, value = world.bootstrap()
    token = declared(replicas=[{"path": "app/one"}])
    world.run([token], value)
    kept = world.held("app/one")
    del world.store.entries["app/record"]
    before = world.token_ids(user)
    [outcome] = world.run([token])
    assert (outcome.action, outcome.message) == ("adopted", None)
    assert world.held("app/record") == kept
    assert world.token_ids(user) == before


def test_an_outage_is_not_a_refusal(world: RotationWorld) -> None:
    user, _seed, value = world.bootstrap()
    world.run([declared()], value)
    before = world.token_ids(user)
    world.emulator.clock.advance(days=25)
    world.emulator.faults.add("gateway_page", "any", status=503, count=None)
    [outcome] = world.run([declared()], value)
    assert [error.code for error in outcome.errors] == ["token_not_judged"]
    assert "4d" in str(outcome.message)
    assert world.token_ids(user) == before


def test_no_credential_at_all_is_an_error_that_says_so(world: RotationWorld) -> None:
    [outcome] = world.run([declared()])
    assert [error.code for error in outcome.errors] == ["issuer_missing"]


def test_one_tokens_trouble_does_not_stop_the_others(world: RotationWorld) -> None:
    _user, _seed, value = world.bootstrap()
    world.store.put_token("bad/record", "not a token")
    bad, good = world.run([declared("bad"), declared("good")], value)
    assert bad.failed
    assert good.action == "rotated"
    assert world.works("good/record")


def test_a_dropped_answer_leaves_two_mints_one_delete_and_one_token(world: RotationWorld) -> None:
    user, seed, value = world.bootstrap()
    world.emulator.faults.add("drop_after", "generate")
    [outcome] = world.run([declared()], value)
    assert outcome.message is None
    assert len(world.emulator.journal.minted()) == 2
    assert len(world.emulator.journal.deleted()) == 1
    assert world.token_ids(user) == {seed.id, world.held("app/record")}


def test_check_mode_predicts_and_touches_nothing(world: RotationWorld) -> None:
    user, seed, value = world.bootstrap()
    [outcome] = world.run([declared(replicas=[{"path": "app/one"}])], value, check_mode=True)
    assert (outcome.action, outcome.reason, outcome.changed) == ("rotated", "missing", True)
    assert [(place.changed, place.in_sync) for place in outcome.vaults] == [(True, False), (True, False)]
    assert world.token_ids(user) == {seed.id}
    assert world.store.entries == {}


def test_a_living_owner_within_its_lease_means_busy(world: RotationWorld) -> None:
    user, seed, value = world.bootstrap()

    def die(operation: str, path: str) -> None:
        if operation == "write":
            raise KeyboardInterrupt

    world.store.after = die
    slow = world.effects("host-b")
    world.run([declared()], value, effects=slow)
    world.dead_owners.clear()
    world.store.after = lambda operation, path: None
    [outcome] = world.run([declared()], value)
    assert outcome.action == "busy"
    assert "host-b" in outcome.reason
    assert world.token_ids(user) == {seed.id}


def test_an_intent_whose_lease_is_over_is_taken_over_and_its_orphan_deleted(world: RotationWorld) -> None:
    user, seed, value = world.bootstrap()
    calls = []

    def die(operation: str, path: str) -> None:
        calls.append(operation)
        if calls.count("write") == 2:
            raise KeyboardInterrupt

    world.store.before = die
    world.run([declared()], value)
    world.dead_owners.clear()
    world.store.before = lambda operation, path: None
    assert len(world.token_ids(user)) == 2
    world.emulator.clock.advance(minutes=11)
    [outcome] = world.run([declared()], value)
    assert (outcome.action, outcome.message) == ("rotated", None)
    assert len(outcome.orphans_deleted) == 1
    assert world.token_ids(user) == {seed.id, world.held("app/record")}
    assert world.record("app/record").intent is None
    assert world.record("app/record").unconfirmed == ()


def test_absent_deletes_every_token_of_the_record_and_empties_the_vaults(world: RotationWorld) -> None:
    user, seed, value = world.bootstrap()
    token = declared(replicas=[{"path": "app/one"}])
    world.run([token], value)
    world.emulator.clock.advance(days=24)
    world.run([token])
    [outcome] = world.run([{**token, "state": "absent"}])
    assert (outcome.action, outcome.reason, outcome.message) == ("absent", "absent", None)
    assert world.token_ids(user) == {seed.id}
    assert all(entry.is_empty for entry in world.store.entries.values())
    [again] = world.run([{**token, "state": "absent"}])
    assert (again.action, again.changed) == ("kept", False)


def test_two_factor_turns_a_due_token_into_a_handoff(world: RotationWorld) -> None:
    user, _seed, value = world.bootstrap()
    world.run([declared()], value)
    world.emulator.dcd.set_two_factor(user.name, "enabled")
    _token, offered = world.emulator.dcd.signed_in(user).create_token("30d")
    world.run([declared()], offers={"app": offered})
    world.emulator.clock.advance(days=24)
    [outcome] = world.run([declared()])
    assert (outcome.action, outcome.message) == ("handoff", None)
    told = outcome.as_result()["handoff"]
    assert (told["lifetime"], told["deadline"]) == ("30 Days", "2026-03-31T12:00:00Z")
