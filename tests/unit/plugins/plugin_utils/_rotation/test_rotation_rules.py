# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of the rotation, by their numbers: what would be lost without each of them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError, VaultUnavailable
from ansible_collections.tokenops.ionos.plugins.module_utils._minting.due import LIFETIME_TOLERANCE_SECONDS
from ansible_collections.tokenops.ionos.plugins.plugin_utils._record.metadata import dump_metadata, load_record
from ansible_collections.tokenops.ionos.plugins.plugin_utils._record.model import (
    Intent,
    Previous,
    Record,
    UnconfirmedMint,
    bare,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.outcome import Outcome
from support.failure_points import Saboteur
from support.rotation_world import RotationWorld, codes, declared
from support.scenes import PATH, Scene, points, retirement, rotation

DAY = 86400


@pytest.fixture
def world() -> RotationWorld:
    return RotationWorld()


def point_of(what: str) -> int:
    """Return the number of the first effect of a healthy rotation that is ``what``."""
    return next(point.number for point in points(rotation) if point.what == what)


def fail(scene: Scene, number: int, failure: str) -> Outcome:
    saboteur = Saboteur(scene.world, fail_at=number, failure=failure)
    outcome: Outcome = scene.run(saboteur)
    saboteur.leave()
    return outcome


RECORD_WRITE = 8
"""The effect of a healthy rotation that writes the new token into the vault of record."""


def test_the_effect_under_test_is_the_write_of_the_record() -> None:
    kinds = [point.what for point in points(rotation)]
    assert kinds[RECORD_WRITE] == "vault write app/record"
    assert "api GET generate" in kinds[:RECORD_WRITE]


def test_r1_a_write_whose_answer_was_lost_counts_if_our_write_id_is_there() -> None:
    scene = rotation()
    outcome = fail(scene, RECORD_WRITE, "is down after doing it")
    assert (outcome.action, outcome.message) == ("rotated", None)
    assert scene.world.works(PATH)


def test_r1_a_token_whose_record_was_not_written_is_deleted_again() -> None:
    scene = rotation()
    before = scene.existing_ids()
    outcome = fail(scene, RECORD_WRITE, "is down before")
    assert outcome.failed
    assert scene.existing_ids() == before
    assert scene.world.record(PATH).intent is None


def test_r1_a_late_write_cannot_bring_back_a_token_that_was_deleted() -> None:
    scene = rotation()
    fail(scene, RECORD_WRITE, "does it minutes later")
    scene.world.emulator.clock.advance(minutes=5)
    scene.world.store.carry_out_postponed()
    assert scene.world.works(PATH)


def test_r1_nothing_is_deleted_while_the_vault_does_not_tell_what_it_holds() -> None:
    scene = rotation()
    before = scene.existing_ids()
    saboteur = Saboteur(scene.world)
    effects = saboteur.effects()

    def down_from_the_record_write_on(operation: str, path: str) -> None:
        if len(scene.existing_ids()) > len(before):
            raise VaultUnavailable("vault_unreachable", where=path)

    scene.world.store.before = down_from_the_record_write_on
    [outcome] = scene.world.run([scene.token], effects=effects)
    saboteur.leave()
    [minted] = scene.existing_ids() - before
    assert codes(outcome) == ["mint_left_in_doubt"]
    assert minted in str(outcome.message)
    assert scene.world.record(PATH).intent is not None


def test_r2_every_lifetime_sent_is_told_apart_from_all_others(world: RotationWorld) -> None:
    user, _seed, value = world.bootstrap()
    world.run([declared(f"app{number}") for number in range(12)], value, workers=8)
    lifetimes = sorted(token.ttl for token in world.emulator.tokens(user))
    assert all(after - before >= 5 for before, after in pairwise(lifetimes))
    assert 30 * DAY not in lifetimes


def test_r2_where_several_tokens_match_an_interrupted_mint_none_is_deleted_and_all_are_named() -> None:
    scene = rotation()
    generate = point_of("api GET generate")
    fail(scene, generate, "is killed after")
    orphan = next(
        token
        for token in scene.world.emulator.tokens()
        if token.id not in scene.foreign_ids and token.id != scene.world.held(PATH)
    )
    user = scene.world.emulator.state.users.all()[0]
    twin, _value = scene.world.emulator.mint(user, ttl=orphan.ttl)
    scene.world.emulator.clock.advance(minutes=11)
    outcome = scene.run(host="host-b")
    assert {orphan.id, twin.id} <= scene.existing_ids()
    assert any(orphan.id in warning and twin.id in warning for warning in outcome.warnings)


def test_r3_a_mint_that_happens_after_everybody_has_stopped_looking_is_found_by_a_later_run() -> None:
    scene = rotation()
    generate = point_of("api GET generate")
    saboteur = Saboteur(scene.world, fail_at=generate, failure="is done long after the time-out")
    scene.run(saboteur)
    saboteur.leave()
    held = scene.world.held(PATH)
    [unconfirmed] = scene.world.record(PATH).unconfirmed
    scene.world.emulator.clock.advance(minutes=10)
    late = [token.id for token in scene.world.emulator.tokens() if token.ttl == unconfirmed.ttl]
    outcome = scene.run()
    assert outcome.orphans_deleted == late
    assert len(late) == 1
    assert scene.world.held(PATH) == held


def test_r3_an_unconfirmed_mint_is_looked_for_during_a_day_and_then_forgotten() -> None:
    scene = rotation()
    generate = point_of("api GET generate")
    fail(scene, generate, "drops before")
    assert len(scene.world.record(PATH).unconfirmed) == 1
    scene.world.emulator.clock.advance(hours=23)
    scene.run()
    assert len(scene.world.record(PATH).unconfirmed) == 1
    scene.world.emulator.clock.advance(hours=1, minutes=5)
    scene.run()
    assert scene.world.record(PATH).unconfirmed == ()


def test_r3_an_orphan_that_cannot_be_deleted_yet_is_not_forgotten() -> None:
    scene = rotation()
    fail(scene, point_of("api GET generate"), "is killed after")
    scene.world.emulator.clock.advance(minutes=11)
    scene.world.emulator.faults.add("status", "delete", status=500, count=None)
    outcome = scene.run(host="host-b")
    assert any("could not be deleted yet" in warning for warning in outcome.warnings)
    assert len(scene.world.record(PATH).unconfirmed) == 1
    scene.world.emulator.faults.clear()
    assert len(scene.run(host="host-b").orphans_deleted) == 1
    assert scene.world.record(PATH).unconfirmed == ()


def test_r3_an_orphan_that_the_api_does_not_show_yet_is_waited_for() -> None:
    scene = rotation()
    scene.world.emulator.settings.update({"appearance_delay_seconds": 20})
    fail(scene, point_of("api GET generate"), "is killed after")
    outcome = scene.run()
    assert (outcome.action, len(outcome.orphans_deleted)) == ("rotated", 1)
    assert len(scene.existing_ids() - scene.foreign_ids) == 2


def test_r4_the_current_token_of_another_declaration_is_never_retired(world: RotationWorld) -> None:
    _user, _seed, value = world.bootstrap()
    one, two = declared("one", overlap=0, retire_adopted=True), declared("two")
    world.run([one], value)
    shared = world.held("one/record")
    world.store.entries["two/record"] = world.store.entries["one/record"]
    world.emulator.clock.advance(days=24)
    world.run([one], value)
    world.run([one, two], value)
    assert world.works("two/record")
    assert world.held("one/record") != shared


@pytest.mark.parametrize("rotating", ["one", "two"])
def test_r4_a_shared_token_is_kept_for_the_other_declaration_within_one_run(
    world: RotationWorld, rotating: str
) -> None:
    _user, _seed, value = world.bootstrap()
    world.run([declared("one")], value)
    world.store.entries["two/record"] = world.store.entries["one/record"]
    world.emulator.clock.advance(days=16)
    tokens = [declared(name, overlap=0, renew_before="25d" if name == rotating else "1d") for name in ("one", "two")]
    world.run(tokens, value)
    assert world.works("one/record")
    assert world.works("two/record")
    assert world.held("one/record") != world.held("two/record")


def test_r4_a_token_that_another_declaration_shares_is_not_decommissioned(world: RotationWorld) -> None:
    _user, _seed, value = world.bootstrap()
    world.run([declared("one")], value)
    world.store.entries["two/record"] = world.store.entries["one/record"]
    absent, _kept = world.run([declared("one", state="absent"), declared("two")], value)
    assert codes(absent) == ["absent_but_shared"]
    assert world.works("two/record")


def test_r4_a_previous_token_that_another_declaration_holds_outlives_its_decommissioning(world: RotationWorld) -> None:
    _user, _seed, value = world.bootstrap()
    world.run([declared("one")], value)
    world.store.entries["two/record"] = world.store.entries["one/record"]
    world.emulator.clock.advance(days=16)
    world.run([declared("one", renew_before="25d")], value)
    absent, _kept = world.run([declared("one", state="absent"), declared("two")], value)
    assert absent.message is None
    assert world.held("one/record") is None
    assert world.works("two/record")


def test_r4_nothing_is_decommissioned_while_some_record_cannot_be_read(world: RotationWorld) -> None:
    _user, _seed, value = world.bootstrap()
    world.run([declared("one")], value)
    world.store.put_token("two/record", "not a token")
    absent, _broken = world.run([declared("one", state="absent"), declared("two")], value)
    assert codes(absent) == ["absent_but_unread"]
    assert world.works("one/record")


def test_r4_no_token_is_retired_while_some_record_cannot_be_read(world: RotationWorld) -> None:
    user, _seed, value = world.bootstrap()
    world.run([declared("one")], value)
    old = world.held("one/record")
    world.emulator.clock.advance(days=24)
    world.run([declared("one")], value)
    world.emulator.clock.advance(days=2)
    world.store.put_token("two/record", "not a token")
    first, _second = world.run([declared("one"), declared("two")], value)
    assert old in world.token_ids(user)
    assert any("two" in warning for warning in first.warnings)


def test_r4_a_token_that_another_declaration_holds_is_not_adopted(world: RotationWorld) -> None:
    _user, seed, value = world.bootstrap()
    world.store.put_token("one/record", value)
    world.store.put_token("two/record", value)
    outcomes = world.run([declared("one"), declared("two")])
    assert [outcome.action for outcome in outcomes] == ["adopted", "failed"]
    assert codes(outcomes[1]) == ["offer_held_elsewhere"]
    assert world.held("two/record") == seed.id


def test_r5_before_minting_for_a_lost_token_the_replicas_are_asked(world: RotationWorld) -> None:
    user, _seed, value = world.bootstrap()
    token = declared(replicas=[{"path": "app/replica"}])
    backup = dict(world.store.entries)
    world.run([token], value)
    newer = world.held("app/replica")
    world.store.entries = {**backup, "app/replica": world.store.entries["app/replica"]}
    before = world.token_ids(user)
    [outcome] = world.run([token], value)
    assert (outcome.action, world.held("app/record")) == ("adopted", newer)
    assert world.token_ids(user) == before


def test_r7_an_issuer_of_another_user_is_refused(world: RotationWorld) -> None:
    _user, _seed, value = world.bootstrap()
    world.run([declared()], value)
    world.emulator.revoke(str(world.held("app/record")))
    stranger = world.emulator.add_user("bob@example.com", "other horse")
    _token, others = world.emulator.mint(stranger)
    [outcome] = world.run([declared()], others)
    assert codes(outcome) == ["issuer_of_another_user"]


def test_r7_the_environment_mints_for_the_default_account_and_for_no_other(world: RotationWorld) -> None:
    _user, _seed, value = world.bootstrap()
    environ = {"IONOS_TOKEN": value}
    [named] = world.run([declared(account="shop")], accounts=[{"name": "shop"}], environ=environ)
    [default] = world.run([declared()], environ=environ)
    assert (codes(named), codes(default), default.action) == (["issuer_missing"], [], "rotated")


def test_r7_an_account_that_names_the_new_user_changes_over(world: RotationWorld) -> None:
    _user, _seed, value = world.bootstrap()
    world.run([declared()], value)
    old = world.held("app/record")
    stranger = world.emulator.add_user("bob@example.com", "other horse")
    _token, others = world.emulator.mint(stranger)
    account = {"name": "shop", "user_id": stranger.user_id, "token": others}
    [outcome] = world.run([declared(account="shop", overlap="1h")], accounts=[account])
    assert (outcome.action, outcome.reason, outcome.message) == ("rotated", "other_user", None)
    assert world.record("app/record").user_id == stranger.user_id
    world.emulator.clock.advance(hours=2)
    [later] = world.run([declared(account="shop", overlap="1h")], accounts=[account])
    assert later.retired == [old]


def test_r7_a_token_bound_to_another_contract_is_replaced_on_the_declared_one(world: RotationWorld) -> None:
    user, _seed, value = world.bootstrap(contracts=[31711111, 31722222])
    world.run([declared()], value)
    _other, elsewhere = world.emulator.mint(user, 31722222)
    account = {"name": "shop", "contract_number": 31722222, "token": elsewhere}
    [outcome] = world.run([declared(account="shop")], accounts=[account])
    assert (outcome.action, outcome.reason, outcome.message) == ("rotated", "other_contract", None)
    assert world.record("app/record").contract_number == 31722222


def test_r8_nothing_is_minted_while_the_clocks_are_over_an_hour_apart(world: RotationWorld) -> None:
    user, _seed, value = world.bootstrap()
    before = world.token_ids(user)
    world.wall_clock_offset = -4000
    [outcome] = world.run([declared()], value)
    assert codes(outcome) == ["clock_skew"]
    assert "2026-03-01T12:00" in str(outcome.message)
    assert "2026-03-01T10:53" in str(outcome.message)
    assert world.token_ids(user) == before


def test_r8_nothing_is_retired_while_the_clocks_are_over_an_hour_apart() -> None:
    scene = rotation()
    scene.run()
    scene.world.emulator.clock.advance(days=2)
    before = scene.existing_ids()
    scene.world.wall_clock_offset = 4000
    assert codes(scene.run()) == ["clock_skew"]
    assert scene.existing_ids() == before


def test_r8_clocks_that_differ_by_minutes_are_warned_of(world: RotationWorld) -> None:
    _user, _seed, value = world.bootstrap()
    world.wall_clock_offset = 300
    [outcome] = world.run([declared()], value)
    assert outcome.action == "rotated"
    assert any("300 seconds" in warning for warning in outcome.warnings)


def test_r8_leases_follow_the_apis_clock_and_not_the_controllers(world: RotationWorld) -> None:
    _user, _seed, value = world.bootstrap()
    saboteur = Saboteur(world, fail_at=number_of_intent_write(), failure="is killed after")
    world.run([declared()], value, effects=saboteur.effects("host-b"))
    saboteur.leave()
    world.dead_owners.clear()
    world.wall_clock_offset = 3000
    [outcome] = world.run([declared()], value)
    assert outcome.action == "busy"


def number_of_intent_write() -> int:
    def make() -> Scene:
        world = RotationWorld()
        _user, _seed, value = world.bootstrap()
        return Scene(world, value, set(), token=declared())

    return next(point.number for point in points(make) if point.what == "vault write app/record")


@pytest.mark.parametrize("status", [403, 500, 503])
def test_r9_an_answer_that_is_no_refusal_mints_nothing(world: RotationWorld, status: int) -> None:
    user, _seed, value = world.bootstrap()
    world.run([declared()], value)
    before = world.token_ids(user)
    world.emulator.faults.add("status", "get", status=status, count=None)
    [outcome] = world.run([declared()], value)
    assert codes(outcome) == ["token_not_judged"]
    assert world.token_ids(user) == before


@pytest.mark.parametrize("status", [401, 404])
def test_r9_a_single_refusal_is_not_believed(world: RotationWorld, status: int) -> None:
    _user, _seed, value = world.bootstrap()
    world.run([declared()], value)
    world.emulator.faults.add("status", "get", status=status, count=1)
    [outcome] = world.run([declared()], value)
    assert (outcome.action, outcome.changed) == ("kept", False)


def test_r10_the_overlap_counts_from_the_moment_the_last_vault_was_in_sync() -> None:
    scene = rotation()
    old = scene.world.held(PATH)
    write = point_of("vault write app/replica")
    fail(scene, write, "is down before")
    scene.world.emulator.clock.advance(days=1)
    scene.run()
    assert old in scene.existing_ids()
    scene.world.emulator.clock.advance(hours=23)
    scene.run()
    assert old in scene.existing_ids()
    scene.world.emulator.clock.advance(hours=2)
    assert scene.run().retired == [old]


def test_r10_a_replica_that_had_drifted_starts_the_overlap_anew() -> None:
    scene = rotation()
    old = scene.world.held(PATH)
    old_entry = scene.world.store.entries["app/replica"]
    scene.run()
    scene.world.emulator.clock.advance(days=1, minutes=5)
    scene.world.store.entries["app/replica"] = old_entry
    outcome = scene.run()
    assert (outcome.action, outcome.retired) == ("repaired", [])
    assert old in scene.existing_ids()


def test_r11_expired_tokens_of_others_are_purged_only_when_asked_for(world: RotationWorld) -> None:
    user, _seed, value = world.bootstrap()
    short, _value = world.emulator.mint(user, ttl=3600)
    world.emulator.clock.advance(hours=2)
    world.run([declared("one")], value)
    assert short.id in world.token_ids(user)
    world.run([declared("two")], value, purge_expired=True)
    assert short.id not in world.token_ids(user)


def test_r12_nothing_is_minted_at_the_quota(world: RotationWorld) -> None:
    user, _seed, value = world.bootstrap()
    for _number in range(99):
        world.emulator.mint(user, ttl=86400)
    [outcome] = world.run([declared()], value)
    assert codes(outcome) == ["quota_reached"]
    assert world.record("app/record").intent is None


def test_r12_using_the_reserve_is_said(world: RotationWorld) -> None:
    user, _seed, value = world.bootstrap()
    for _number in range(95):
        world.emulator.mint(user, ttl=86400)
    [outcome] = world.run([declared()], value)
    assert outcome.action == "rotated"
    assert any("quota" in warning for warning in outcome.warnings)


def test_r12_slots_are_counted_across_the_tokens_of_a_run(world: RotationWorld) -> None:
    user, _seed, value = world.bootstrap()
    for _number in range(97):
        world.emulator.mint(user, ttl=86400)
    outcomes = world.run([declared(f"app{number}") for number in range(4)], value, workers=4)
    assert sorted(outcome.action for outcome in outcomes) == ["failed", "failed", "rotated", "rotated"]
    assert len(world.token_ids(user)) == 100


def test_r13_a_dead_owner_on_the_same_host_is_taken_over_at_once() -> None:
    scene = rotation()
    generate = point_of("api GET generate")
    fail(scene, generate, "is killed after")
    outcome = scene.run()
    assert outcome.action == "rotated"
    assert len(outcome.orphans_deleted) == 1


def test_r13_generate_is_not_sent_once_the_lease_has_grown_short() -> None:
    scene = rotation()
    generate = point_of("api GET generate")
    saboteur = Saboteur(
        scene.world,
        interlude_at=generate - 1,
        interlude=lambda: scene.world.emulator.clock.advance(minutes=9),
    )
    outcome = scene.run(saboteur)
    saboteur.leave()
    assert outcome.action in ("failed", "busy")
    assert len(scene.world.emulator.journal.minted()) == 1


def test_r14_a_credential_of_another_contract_does_not_take_a_token_for_gone(world: RotationWorld) -> None:
    user, _seed, value = world.bootstrap(contracts=[31711111, 31722222])
    world.run([declared(overlap="1h")], value)
    old = world.held("app/record")
    world.emulator.clock.advance(days=24)
    world.run([declared(overlap="1h")])
    _other, elsewhere = world.emulator.mint(user, 31722222)
    world.emulator.clock.advance(hours=2)
    world.emulator.faults.add("status", "delete", status=403, count=None)
    [outcome] = world.run([declared(overlap="1h")], elsewhere)
    assert old in world.token_ids(user)
    assert outcome.retired == []
    assert [item.id for item in world.record("app/record").delete_in_dcd] == [old]


def test_r14_an_orphan_that_the_api_will_not_delete_is_handed_to_a_person() -> None:
    scene = rotation()
    generate = point_of("api GET generate")
    fail(scene, generate, "is killed after")
    scene.world.emulator.faults.add("status", "delete", status=403, count=None)
    outcome = scene.run()
    record = scene.world.record(PATH)
    assert outcome.message is None
    assert (record.intent, record.unconfirmed) == (None, ())
    assert len(record.delete_in_dcd) == 1


def test_r14_the_list_of_what_a_person_has_to_delete_shrinks_when_it_is_gone() -> None:
    scene = rotation()
    scene.run()
    [previous] = scene.world.record(PATH).previous
    scene.world.emulator.clock.advance(days=2)
    scene.world.emulator.faults.add("status", "delete", status=403, count=None)
    scene.run()
    assert [item.id for item in scene.world.record(PATH).delete_in_dcd] == [previous.id]
    scene.world.emulator.faults.clear()
    scene.world.emulator.revoke(previous.id)
    scene.run()
    assert scene.world.record(PATH).delete_in_dcd == ()


def test_r15_a_run_that_is_told_to_stop_mints_nothing_more(world: RotationWorld) -> None:
    user, seed, value = world.bootstrap()
    effects = world.effects()
    effects.stop.set()
    [outcome] = world.run([declared()], value, effects=effects)
    assert codes(outcome) == ["interrupted"]
    assert world.token_ids(user) == {seed.id}


def test_r15_a_stop_between_intent_and_mint_leaves_no_intent(world: RotationWorld) -> None:
    user, seed, value = world.bootstrap()
    effects = world.effects()
    world.store.after = lambda operation, path: effects.stop.set() if operation == "write" else None
    [outcome] = world.run([declared()], value, effects=effects)
    assert outcome.failed
    assert world.token_ids(user) == {seed.id}
    assert world.record("app/record").intent is None


def test_r16_a_new_token_is_not_due_on_arrival(world: RotationWorld) -> None:
    _user, _seed, value = world.bootstrap()
    token = declared(ttl="1h", renew_before="50m", overlap="1m")
    world.run([token], value)
    [again] = world.run([token], value)
    assert again.action == "kept"


def test_r17_an_adopted_token_is_renewed_at_half_of_its_own_life_at_the_latest(world: RotationWorld) -> None:
    user = world.emulator.add_user("ann@example.com", "correct horse")
    token, value = world.emulator.mint(user, ttl=4 * DAY)
    world.store.put_token("app/record", value)
    [adopted] = world.run([declared()])
    assert adopted.action == "adopted"
    world.emulator.clock.advance(days=1, hours=23)
    [kept] = world.run([declared()])
    assert kept.action == "kept"
    world.emulator.clock.advance(hours=2)
    [rotated] = world.run([declared()])
    assert rotated.action == "rotated"
    assert world.held("app/record") != token.id


def test_r19_a_place_whose_records_get_lost_stops_minting(world: RotationWorld) -> None:
    user, _seed, value = world.bootstrap()
    warned = []
    for _night in range(3):
        [outcome] = world.run([declared()], value)
        warned.append(len(outcome.warnings))
        world.store.entries.clear()
        world.emulator.clock.advance(days=1)
    before = world.token_ids(user)
    [outcome] = world.run([declared()], value)
    assert warned == [0, 1, 1]
    assert codes(outcome) == ["record_lost_too_often"]
    assert world.token_ids(user) == before


def test_r19_a_token_that_another_run_mints_meanwhile_is_not_taken_for_a_lost_one(world: RotationWorld) -> None:
    user, _seed, value = world.bootstrap()

    def stand_still(operation: str, path: str) -> None:
        if operation == "read":
            world.store.after = lambda operation, path: None
            world.emulator.mint(user, ttl=30 * DAY - 1000)
            world.emulator.clock.advance(minutes=5)

    world.store.after = stand_still
    [outcome] = world.run([declared()], value)
    assert (outcome.action, outcome.warnings) == ("rotated", [])


def test_r20_nothing_is_minted_with_a_login_that_does_not_outlast_the_lease(world: RotationWorld) -> None:
    user, seed, value = world.bootstrap()
    world.store.login_lasts = False
    [outcome] = world.run([declared()], value)
    assert codes(outcome) == ["vault_login_too_short"]
    assert world.token_ids(user) == {seed.id}


def test_r20_a_denied_record_write_logs_in_once_more() -> None:
    scene = rotation()
    scene.world.store.logins_left = 1
    outcome = fail(scene, RECORD_WRITE, "denies")
    assert (outcome.action, outcome.message) == ("rotated", None)
    assert scene.world.store.logins_left == 0


def test_r25_the_credential_of_an_account_is_not_decommissioned(world: RotationWorld) -> None:
    _user, _seed, value = world.bootstrap()
    world.store.put_token("app/record", value)
    world.run([declared()])
    [outcome] = world.run([declared(state="absent")], value)
    assert codes(outcome) == ["absent_but_issuer"]
    assert world.works("app/record")


def test_r25_a_dead_current_token_counts_as_done(world: RotationWorld) -> None:
    _user, _seed, value = world.bootstrap()
    world.run([declared()], value)
    world.emulator.revoke(str(world.held("app/record")))
    [outcome] = world.run([declared(state="absent")])
    assert outcome.message is None
    assert world.held("app/record") is None


@pytest.mark.parametrize("check_mode", [True, False])
def test_r25_what_is_absent_stays_at_rest_beside_a_replica_with_the_token_of_another_tool(
    world: RotationWorld, check_mode: bool
) -> None:
    user, _seed, value = world.bootstrap()
    token = declared(replicas=[{"path": "app/replica"}])
    world.run([token], value)
    others, others_value = world.emulator.mint(user, ttl=60 * DAY)
    world.store.put_token("app/replica", others_value)
    absent = {**token, "state": "absent"}
    world.run([absent], value)
    world.store.calls.clear()
    [outcome] = world.run([absent], value, check_mode=check_mode)
    assert (outcome.action, outcome.changed, outcome.failed) == ("kept", False, False)
    assert sorted(world.store.calls) == [("read", "app/record"), ("read", "app/replica")]
    assert (outcome.vaults[1].foreign, outcome.vaults[1].in_sync) == (others.id, False)
    assert world.held("app/replica") == others.id


def test_r25_an_interrupted_decommissioning_is_taken_up_again(world: RotationWorld) -> None:
    user, seed, value = world.bootstrap()
    token = declared(replicas=[{"path": "app/replica"}])
    world.run([token], value)
    absent = {**token, "state": "absent"}

    def die(operation: str, path: str) -> None:
        if operation == "erase":
            raise KeyboardInterrupt

    world.store.before = die
    world.run([absent])
    world.store.before = lambda operation, path: None
    assert world.held("app/replica") is not None
    [outcome] = world.run([absent])
    assert outcome.message is None
    assert all(entry.is_empty for entry in world.store.entries.values())
    assert world.token_ids(user) == {seed.id}


def test_r25_a_token_that_the_api_will_not_delete_is_handed_to_a_person(world: RotationWorld) -> None:
    _user, _seed, value = world.bootstrap()
    world.run([declared()], value)
    token_id = world.held("app/record")
    world.emulator.faults.add("status", "delete", status=403, count=None)
    [outcome] = world.run([declared(state="absent")])
    assert (outcome.action, outcome.failed) == ("handoff", False)
    assert outcome.warnings == [
        f"The API will not delete these tokens; delete them in the Token Manager of the DCD and run again: {token_id}."
    ]
    world.emulator.revoke(str(token_id))
    [outcome] = world.run([declared(state="absent")], value)
    assert (outcome.failed, world.store.entry("app/record").is_empty) == (False, True)


def test_r26_check_mode_does_not_recover() -> None:
    scene = rotation()
    generate = point_of("api GET generate")
    fail(scene, generate, "is killed after")
    before, entries = scene.existing_ids(), dict(scene.world.store.entries)
    [outcome] = scene.world.run([scene.token], scene.issuer, check_mode=True)
    assert (outcome.action, outcome.changed) == ("rotated", True)
    assert scene.existing_ids() == before
    assert scene.world.store.entries == entries


def test_r29_the_record_says_its_dates_in_utc_and_whole_seconds(world: RotationWorld) -> None:
    _user, _seed, value = world.bootstrap()
    world.emulator.clock.advance(timedelta(milliseconds=400).total_seconds())
    world.run([declared()], value)
    current = world.store.entries["app/record"].metadata["current"]
    assert (current["created_at"], len(current["expires_at"])) == ("2026-03-01T12:00:00Z", 20)


def test_two_places_that_are_the_same_spot_are_refused_before_anything_is_read(world: RotationWorld) -> None:
    _user, _seed, value = world.bootstrap()
    vaults = [{"name": "one", "memory": {}}, {"name": "two", "memory": {}}]
    token = declared(vault={"in": "one", "path": "x"}, replicas=[{"in": "two", "path": "x"}])
    with pytest.raises(ConfigurationError) as refused:
        world.run([token], value, vaults=vaults)
    assert refused.value.code == "place_used_twice"
    assert world.store.calls == []


# Unknown is not gone (R32), several matches are not forgotten (R33)


@pytest.mark.parametrize("lag", ["appearance_delay_seconds", "use_delay_seconds", "get_delay_seconds"])
def test_r32_a_token_that_is_unknown_for_longer_than_it_is_waited_for_is_deleted_by_a_later_run(
    world: RotationWorld, lag: str
) -> None:
    user, seed, value = world.bootstrap()
    world.emulator.clock.advance(hours=1)
    world.emulator.settings.update({lag: 40})
    for _run in range(3):
        [outcome] = world.run([declared()], value)
        assert codes(outcome) == ["minted_token_unusable"]
        world.emulator.clock.advance(minutes=5)
    world.emulator.settings.update({lag: 0})
    [outcome] = world.run([declared()], value)
    assert outcome.action == "rotated"
    assert world.token_ids(user) == {seed.id, world.held("app/record")}
    assert world.record("app/record").unconfirmed == ()


@pytest.mark.parametrize("lag", ["get_delay_seconds", "delete_delay_seconds"])
def test_r32_an_orphan_that_is_listed_before_it_can_be_deleted_is_deleted_by_a_later_run(
    world: RotationWorld, lag: str
) -> None:
    user, seed, value = world.bootstrap()
    world.emulator.clock.advance(hours=1)
    world.emulator.settings.update({lag: 5, "delete_delay_seconds": 5})
    world.emulator.faults.add("drop_after", "generate")
    [outcome] = world.run([declared()], value)
    assert (outcome.action, outcome.failed, outcome.orphans_deleted) == ("rotated", False, [])
    assert len(world.record("app/record").unconfirmed) == 1
    world.emulator.clock.advance(minutes=5)
    [later] = world.run([declared()], value)
    assert len(later.orphans_deleted) == 1
    assert world.token_ids(user) == {seed.id, world.held("app/record")}


def test_r32_an_interrupted_mint_is_looked_for_until_it_can_be_deleted() -> None:
    scene = rotation()
    fail(scene, point_of("api GET generate"), "is killed after")
    scene.world.emulator.settings.update({"delete_delay_seconds": 1200})
    scene.world.emulator.clock.advance(minutes=11)
    outcome = scene.run(host="host-b")
    assert outcome.orphans_deleted == []
    assert any("could not be deleted yet" in warning for warning in outcome.warnings)
    scene.world.emulator.clock.advance(minutes=20)
    assert len(scene.run(host="host-b").orphans_deleted) == 1


def test_r32_a_decommissioning_is_not_finished_while_its_young_tokens_may_still_appear(world: RotationWorld) -> None:
    user, seed, value = world.bootstrap()
    world.emulator.clock.advance(hours=1)
    world.run([declared()], value)
    lags = dict.fromkeys(("use_delay_seconds", "get_delay_seconds", "delete_delay_seconds"), 90)
    world.emulator.settings.update(lags)
    [outcome] = world.run([declared(state="absent")], value)
    assert codes(outcome) == ["absent_not_finished"]
    world.emulator.clock.advance(minutes=2)
    [outcome] = world.run([declared(state="absent")], value)
    assert (outcome.message, world.held("app/record")) == (None, None)
    assert world.token_ids(user) == {seed.id}


def test_r33_no_new_token_looks_like_one_that_is_still_looked_for(world: RotationWorld) -> None:
    _user, _seed, value = world.bootstrap()
    token = declared(ttl="8m", renew_before="3m", overlap="30s")
    world.run([token], value)
    now = int(world.emulator.clock.timestamp())
    looked_for = replace(world.record("app/record"), unconfirmed=(UnconfirmedMint(465, now, now + DAY),))
    world.store.entries["app/record"] = world.store.entry("app/record").replaced_by(looked_for)
    for _rotation in range(12):
        world.emulator.clock.advance(minutes=11)
        [outcome] = world.run([token], value)
        current = world.record("app/record").current
        assert (outcome.action, len(world.record("app/record").unconfirmed)) == ("rotated", 1)
        assert current is not None
        assert abs(current.expires_at - current.created_at - 465) > 2 * LIFETIME_TOLERANCE_SECONDS


def test_r33_several_matches_are_named_in_every_run_until_one_is_left() -> None:
    scene = rotation()
    fail(scene, point_of("api GET generate"), "is killed after")
    emulator = scene.world.emulator
    orphan = next(token for token in emulator.tokens() if token.id not in scene.foreign_ids | {scene.world.held(PATH)})
    twin, _value = emulator.mint(emulator.state.users.all()[0], ttl=orphan.ttl)
    for _day in range(3):
        emulator.clock.advance(days=1, minutes=11)
        outcome = scene.run(host="host-b")
        assert any(orphan.id in warning and twin.id in warning for warning in outcome.warnings)
    emulator.revoke(twin.id)
    assert scene.run(host="host-b").orphans_deleted == [orphan.id]
    assert scene.world.record(PATH).unconfirmed == ()


def test_r33_who_lost_the_fence_is_told_the_lease_of_the_run_that_won() -> None:
    scene = rotation()
    fail(scene, point_of("api GET generate"), "is killed after")
    world = scene.world
    world.emulator.clock.advance(minutes=11)
    faster = world.effects("host-fast")

    def overtake(operation: str, path: str) -> None:
        if operation == "write" and path == PATH:
            world.store.before = lambda operation, path: None
            record = world.record(PATH)
            now = int(world.emulator.clock.timestamp())
            intent = Intent(faster.processes.this_process(), now, now + 600)
            entry = world.store.entry(PATH).replaced_by(replace(record, intent=intent, write_id="faster"))
            world.store.entries[PATH] = entry

    world.store.before = overtake
    outcome = scene.run(host="host-b")
    assert outcome.action == "busy"
    assert "host-fast" in outcome.reason


# Claims (R34), a time for each previous token (R35)


def test_r34_a_failed_adoption_goes_on_holding_the_old_token(world: RotationWorld) -> None:
    user, _seed, value = world.bootstrap()
    world.run([declared("one")], value)
    shared = str(world.held("one/record"))
    world.store.put_token("two/record", str(world.store.reading("one/record").token.value))  # type: ignore[union-attr]
    one, two = declared("one", overlap=0, retire_adopted=True), declared("two", overlap=0, retire_adopted=True)
    record = world.record("one/record")
    adopted = bare(record.current) if record.current else Record()
    world.store.entries["two/record"] = world.store.entry("two/record").replaced_by(replace(record, write_id="two"))
    assert adopted.token is not None
    _offer, offered = world.emulator.mint(user, ttl=60 * DAY)
    world.emulator.clock.advance(days=24)

    def refuse(operation: str, path: str) -> None:
        if (operation, path) == ("write", "one/record"):
            raise VaultUnavailable("vault_overloaded", rejected=True, where=path, status=503)

    world.store.before = refuse
    failed, rotated = world.run([one, two], value, offers={"one": offered})
    world.store.before = lambda operation, path: None
    assert (failed.failed, rotated.action) == (True, "rotated")
    assert shared in world.token_ids(user)
    assert world.works("one/record")


def test_r35_a_token_that_is_rotated_in_every_run_does_not_fill_the_quota(world: RotationWorld) -> None:
    user, _seed, value = world.bootstrap()
    token = declared(ttl="36h", renew_before="13h", overlap="1h", replicas=[{"path": "app/replica"}])
    world.run([token], value)
    for _day in range(20):
        world.emulator.clock.advance(days=1)
        [outcome] = world.run([token])
        assert (outcome.action, outcome.failed) == ("rotated", False)
    assert len(world.token_ids(user)) <= 4


def test_r35_each_previous_token_is_retired_when_its_own_overlap_is_over(world: RotationWorld) -> None:
    _user, _seed, value = world.bootstrap()
    token = declared(ttl="30d", renew_before="28d", overlap="12d")
    world.run([token], value)
    first = world.held("app/record")
    world.emulator.clock.advance(days=16)
    world.run([token], value)
    second = str(world.held("app/record"))
    world.emulator.clock.advance(days=4)
    world.emulator.revoke(second)
    world.run([token], value)
    world.emulator.clock.advance(days=8, minutes=5)
    [outcome] = world.run([token], value)
    assert outcome.retired == [first]
    assert [item.id for item in world.record("app/record").previous] == [second]


def test_r35_a_replica_that_stays_down_holds_back_what_lives_and_nothing_that_has_expired(world: RotationWorld) -> None:
    user, _seed, value = world.bootstrap()
    token = declared(ttl="10d", renew_before="4d", overlap="1d", replicas=[{"path": "app/replica"}])
    world.run([token], value)

    def down(operation: str, path: str) -> None:
        if path == "app/replica":
            raise VaultUnavailable("vault_unreachable", where=path)

    world.store.before = down
    for _rotation in range(8):
        world.emulator.clock.advance(days=7)
        [outcome] = world.run([token])
        assert outcome.action == "rotated"
    assert len(world.token_ids(user)) <= 4
    world.emulator.clock.advance(days=2)
    [outcome] = world.run([token])
    assert any("live on until every vault holds the current one" in warning for warning in outcome.warnings)


def test_r35_an_expired_previous_token_leaves_at_once(world: RotationWorld) -> None:
    user, _seed, value = world.bootstrap()
    token = declared(ttl="10d", renew_before="9d", overlap="9d")
    world.run([token], value)
    old = world.held("app/record")
    world.emulator.clock.advance(days=9)
    world.run([token])
    world.emulator.clock.advance(days=2)
    world.run([token])
    assert old not in world.token_ids(user)


def test_r35_a_clean_up_that_fails_does_not_fail_a_mint(world: RotationWorld) -> None:
    _user, _seed, value = world.bootstrap()
    world.emulator.faults.add("status", "delete_by_criteria", status=500, count=None)
    [outcome] = world.run([declared()], value, purge_expired=True)
    assert (outcome.action, outcome.failed) == ("rotated", False)
    assert any("Expired tokens were not deleted." in warning for warning in outcome.warnings)


def test_r35_a_record_of_version_1_keeps_the_time_that_it_had() -> None:
    old = dump_metadata(Record(previous=(Previous("0f9e3c1a-6f0b-4c58-9d1e-2b7a5c3d4e5f", None, "minted", 100),)))
    del old["previous"][0]["synced_at"]
    [before] = load_record({**old, "synced_at": "1970-01-01T00:01:00Z"}, None, "x").previous
    [after] = load_record({**old, "synced_at": "1970-01-01T00:03:20Z"}, None, "x").previous
    assert (before.synced_at, after.synced_at) == (None, 200)


def test_r33_a_decommissioning_keeps_the_record_while_a_mint_is_unconfirmed() -> None:
    scene = rotation()
    saboteur = Saboteur(scene.world, fail_at=point_of("api GET generate"), failure="is done long after the time-out")
    scene.run(saboteur)
    saboteur.leave()
    scene.token = {**scene.token, "state": "absent"}
    outcome = scene.run()
    assert len(scene.world.record(PATH).unconfirmed) == 1
    assert any("may have left a token" in warning for warning in outcome.warnings)
    scene.world.emulator.clock.advance(hours=20)
    assert (scene.run().action, scene.world.store.entry(PATH).is_empty) == ("kept", False)
    scene.world.emulator.clock.advance(hours=5)
    scene.run()
    assert scene.existing_ids() == scene.foreign_ids
    assert scene.world.store.entry(PATH).is_empty


def test_r33_a_token_that_is_alone_in_looking_for_an_unconfirmed_mint_is_decommissioned_after_that() -> None:
    scene = rotation()
    saboteur = Saboteur(scene.world, fail_at=point_of("api GET generate"), failure="is done long after the time-out")
    scene.run(saboteur)
    saboteur.leave()
    absent = {**scene.token, "state": "absent"}
    [outcome] = scene.world.run([absent])
    assert (outcome.action, scene.world.works(PATH)) == ("kept", True)
    assert any("is kept to look for" in warning for warning in outcome.warnings)
    scene.world.emulator.clock.advance(minutes=10)
    [outcome] = scene.world.run([absent])
    assert (outcome.action, len(outcome.orphans_deleted)) == ("absent", 1)
    assert scene.existing_ids() == scene.foreign_ids


# Room for the lifetime (R36)


def test_r36_the_shortest_ttl_that_can_be_declared_rotates_on_and_on(world: RotationWorld) -> None:
    user, _seed, value = world.bootstrap()
    with pytest.raises(ConfigurationError, match=r"Choose (\d+) seconds or more") as refused:
        world.run([declared(ttl="2m", renew_before="60s", overlap="30s")], value)
    shortest = int(re.findall(r"Choose (\d+) seconds", str(refused.value))[0])
    token = declared(ttl=shortest, renew_before="60s", overlap="30s")
    for _rotation in range(12):
        [outcome] = world.run([token], value)
        assert (outcome.action, outcome.failed) == ("rotated", False)
        world.emulator.clock.advance(seconds=shortest - 40)
    assert len(world.token_ids(user)) <= 4


def test_r36_tokens_of_other_teams_do_not_block_a_first_mint(world: RotationWorld) -> None:
    _user, _seed, value = world.bootstrap()
    for team in range(5):
        world.run([declared(f"team-{team}")], value)
    world.store.entries.clear()
    world.emulator.clock.advance(days=1)
    [outcome] = world.run([declared()], value)
    assert (outcome.action, outcome.failed) == ("rotated", False)
    [warning] = outcome.warnings
    assert "Other declarations of this user may have minted them, so they are left alone." in warning
    assert "delete" not in warning


# The last living token rescues (R37)


def test_r37_the_previous_token_mints_if_the_current_one_was_deleted(world: RotationWorld) -> None:
    _user, _seed, value = world.bootstrap()
    world.run([declared(overlap="7d")], value)
    previous = world.held("app/record")
    world.emulator.clock.advance(days=24)
    world.run([declared(overlap="7d")])
    world.emulator.revoke(str(world.held("app/record")))
    [outcome] = world.run([declared(overlap="7d")])
    assert (outcome.action, outcome.reason, outcome.failed) == ("rotated", "refused", False)
    assert world.emulator.journal.entries("generate")[-1].token_id == previous


def test_r37_a_token_of_another_declaration_mints_if_nothing_else_works(world: RotationWorld) -> None:
    _user, _seed, value = world.bootstrap()
    world.run([declared("one"), declared("two")], value)
    world.emulator.revoke(str(world.held("one/record")))
    one, two = world.run([declared("one"), declared("two")])
    assert (one.action, one.reason, one.failed) == ("rotated", "refused", False)
    assert two.action == "kept"


def test_r37_a_previous_token_that_only_a_replica_still_holds_mints(world: RotationWorld) -> None:
    _user, _seed, value = world.bootstrap()
    token = declared(overlap="7d", replicas=[{"path": "app/replica"}])
    world.run([token], value)
    previous = world.held("app/replica")
    world.emulator.clock.advance(days=24)

    def be_down(operation: str, path: str) -> None:
        if path == "app/replica":
            raise VaultUnavailable("vault_unreachable", where=path)

    world.store.before = be_down
    world.run([token])
    world.store.before = lambda operation, path: None
    world.store.entry("app/record").metadata["previous"][0]["token"] = None
    world.emulator.revoke(str(world.held("app/record")))
    [outcome] = world.run([token])
    assert (outcome.action, outcome.reason, outcome.failed) == ("rotated", "refused", False)
    assert world.emulator.journal.entries("generate")[-1].token_id == previous


def test_r37_an_expired_previous_token_is_deleted_by_the_token_that_was_rescued(world: RotationWorld) -> None:
    user, seed, value = world.bootstrap()
    one = declared("one", overlap="7d")
    world.run([one], value)
    world.emulator.clock.advance(days=24)
    world.run([one, declared("two")], value)
    world.emulator.revoke(str(world.held("one/record")))
    world.emulator.clock.advance(days=6)
    outcome, _two = world.run([one, declared("two")])
    assert (outcome.action, outcome.failed, len(outcome.retired)) == ("rotated", False, 1)
    assert world.record("one/record").delete_in_dcd == ()
    assert world.token_ids(user) == {seed.id, world.held("one/record"), world.held("two/record")}


def test_r37_a_token_of_another_user_does_not_rescue(world: RotationWorld) -> None:
    _user, _seed, value = world.bootstrap()
    world.run([declared("one")], value)
    other = world.emulator.add_user("bob@example.com", "other horse")
    _token, others = world.emulator.mint(other)
    world.run([declared("two")], others)
    world.emulator.revoke(str(world.held("one/record")))
    one, _two = world.run([declared("one"), declared("two")])
    assert codes(one) == ["issuer_missing"]


def test_r37_an_account_without_anything_that_works_says_that_nobody_can_mint(world: RotationWorld) -> None:
    _user, _seed, value = world.bootstrap()
    world.run([declared("one"), declared("two")], value)
    for name in ("one", "two"):
        world.emulator.revoke(str(world.held(f"{name}/record")))
    assert [codes(outcome) for outcome in world.run([declared("one"), declared("two")])] == [["issuer_missing"]] * 2


def test_r39_a_deleted_current_token_is_replaced_whatever_the_body_of_the_401(world: RotationWorld) -> None:
    _user, _seed, value = world.bootstrap()
    world.run([declared()], value)
    before = world.held("app/record")
    assert before is not None
    world.emulator.revoke(before)
    world.emulator.faults.add("bare_refusal", "get", count=None)
    [outcome] = world.run([declared()], value)
    assert (outcome.action, outcome.failed) == ("rotated", False)
    assert world.works("app/record")


def test_r39_a_user_id_in_another_case_is_the_same_user(world: RotationWorld) -> None:
    user, _seed, value = world.bootstrap()
    account = {"accounts": [{"name": "ours", "token": value, "user_id": user.user_id.upper()}]}
    world.run([declared(account="ours")], **account)
    world.emulator.settings.upper_case_user_ids = True
    world.emulator.clock.advance(days=25)
    [outcome] = world.run([declared(account="ours")], **account)
    assert (outcome.action, outcome.failed) == ("rotated", False)
    [outcome] = world.run([declared(account="ours")], **account)
    assert (outcome.action, outcome.failed) == ("kept", False)


def test_r39_an_entry_without_an_expiry_does_not_keep_a_token_from_being_minted(world: RotationWorld) -> None:
    _user, _seed, value = world.bootstrap()
    world.emulator.faults.add("odd_entry", "list", count=None)
    [outcome] = world.run([declared()], value)
    assert (outcome.action, outcome.failed) == ("rotated", False)
    assert world.works("app/record")


@pytest.mark.parametrize("seconds", [10, 60, 3600])
def test_r39_an_api_that_rounds_lifetimes_is_named_and_leaves_nothing(world: RotationWorld, seconds: int) -> None:
    user, _seed, value = world.bootstrap()
    before = world.token_ids(user)
    world.emulator.settings.lifetime_rounding_seconds = seconds
    outcomes = world.run([declared(f"app{number}") for number in range(12)], value)
    # What was sent may be a multiple of ten seconds by chance: then nothing was rounded.
    refused = [outcome for outcome in outcomes if outcome.action != "rotated"]
    assert {code for outcome in refused for code in codes(outcome)} == {"minted_token_rounded"}
    assert len(world.token_ids(user) - before) == len(outcomes) - len(refused)


def test_r39_a_quota_below_a_hundred_is_not_taken_for_two_factor_authentication(world: RotationWorld) -> None:
    _user, _seed, value = world.bootstrap(role="owner")
    world.emulator.settings.quota = 1
    [outcome] = world.run([declared()], value)
    assert (outcome.action, codes(outcome)) == ("failed", ["mint_forbidden"])


@pytest.mark.parametrize("failure", ["cuts the body", "drops after doing it"])
def test_r39_a_previous_token_is_retired_although_the_answer_to_its_deletion_is_lost(failure: str) -> None:
    scene = retirement()
    [previous] = scene.world.record(PATH).previous
    number = next(point.number for point in points(retirement) if point.what == "api DELETE token")
    outcome = fail(scene, number, failure)
    assert (outcome.action, outcome.retired) == ("retired", [previous.id])
    assert previous.id not in scene.existing_ids()


def test_r39_tokens_that_are_read_without_dates_are_rotated_by_their_own() -> None:
    scene = rotation()
    scene.world.emulator.faults.add("missing_fields", "get", count=None, fields=["createdDate", "expirationDate"])
    outcome = scene.run()
    assert (outcome.action, outcome.message) == ("rotated", None)
    assert scene.run().action == "kept"


def test_r39_a_list_without_its_field_is_not_one_that_no_longer_shows_a_token() -> None:
    scene = retirement()
    scene.world.emulator.faults.add("status", "delete", status=403, count=None)
    scene.run()
    left = scene.world.record(PATH).delete_in_dcd
    scene.world.emulator.faults.add("missing_fields", "list", count=None, fields=["tokens"])
    scene.run()
    assert left
    assert scene.world.record(PATH).delete_in_dcd == left


def test_r39_what_a_lost_answer_of_an_api_that_rounds_may_have_left_is_named_for_a_day_and_stays(
    world: RotationWorld,
) -> None:
    user, _seed, value = world.bootstrap()
    before = world.token_ids(user)
    world.emulator.settings.lifetime_rounding_seconds = 60
    world.emulator.faults.add("drop_after", "generate")
    [outcome] = world.run([declared()], value)
    assert codes(outcome) == ["minted_token_rounded"]
    [orphan] = world.token_ids(user) - before
    world.emulator.settings.lifetime_rounding_seconds = 1
    named = [any(orphan in warning for warning in outcome.warnings)]
    for hours in (1, 24, 1):
        world.emulator.clock.advance(hours=hours)
        [outcome] = world.run([declared()], value)
        named.append(any("if it rounds lifetimes" in warning and orphan in warning for warning in outcome.warnings))
    assert named == [True, True, True, False]
    assert orphan in world.token_ids(user)


def test_r32_a_rounded_token_whose_deletion_found_nothing_is_deleted_later_by_its_id(world: RotationWorld) -> None:
    user, _seed, value = world.bootstrap()
    before = world.token_ids(user)
    world.emulator.settings.update({"lifetime_rounding_seconds": 60, "delete_delay_seconds": 40})
    [outcome] = world.run([declared()], value)
    assert codes(outcome) == ["minted_token_rounded"]
    [orphan] = world.token_ids(user) - before
    world.emulator.settings.update({"lifetime_rounding_seconds": 1, "delete_delay_seconds": 0})
    world.emulator.clock.advance(minutes=1)
    [outcome] = world.run([declared()], value)
    assert outcome.orphans_deleted == [orphan]
