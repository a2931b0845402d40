# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Renewing before it is due, working on some tokens only, and revoking what has leaked."""

from __future__ import annotations

import pytest

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError, VaultUnavailable
from support.rotation_world import RotationWorld, codes, declared

RECORD = "app/record"
REPLICA = "app/replica"
TOKEN = declared(replicas=[{"path": REPLICA}])


@pytest.fixture
def world() -> RotationWorld:
    return RotationWorld()


@pytest.fixture
def issuer(world: RotationWorld) -> str:
    """A user's credential; the declared token was minted with it a day ago."""
    _user, _seed, value = world.bootstrap()
    world.run([TOKEN], value)
    world.emulator.clock.advance(days=1)
    return value


def is_alive(world: RotationWorld, token_id: str | None) -> bool:
    return token_id in {token.id for token in world.emulator.tokens()}


# Renewing now


def test_a_token_is_renewed_when_it_is_asked_for_and_the_previous_one_lives_for_the_overlap(
    world: RotationWorld, issuer: str
) -> None:
    before = world.held(RECORD)
    [outcome] = world.run([TOKEN], issuer, renew_now=["app"])
    assert (outcome.action, outcome.reason, outcome.failed) == ("rotated", "renew_now", False)
    assert before != world.held(RECORD) == world.held(REPLICA)
    assert is_alive(world, before)


def test_a_token_that_was_handed_over_is_new_enough(world: RotationWorld, issuer: str) -> None:
    user = world.emulator.state.users.all()[0]
    token, value = world.emulator.mint(user, ttl=60 * 86400)
    [outcome] = world.run([TOKEN], issuer, renew_now=["app"], offers={"app": value})
    assert (outcome.action, world.held(RECORD)) == ("adopted", token.id)


# Only some


def test_only_the_chosen_tokens_are_worked_on_and_told_of(world: RotationWorld, issuer: str) -> None:
    outcomes = world.run([TOKEN, declared("dns")], issuer, only=["dns"], renew_now=["app", "dns"])
    assert [(outcome.name, outcome.action) for outcome in outcomes] == [("dns", "rotated")]


def test_what_a_token_that_is_not_chosen_uses_is_not_deleted(world: RotationWorld, issuer: str) -> None:
    dns = declared("dns", replicas=[{"path": "dns/replica"}])
    world.run([dns], issuer)
    shared = world.store.entry(RECORD)
    world.store.entries["dns/record"] = shared
    [outcome] = world.run([TOKEN, dns], issuer, only=["app"], revoke=["app"])
    assert codes(outcome) == ["revoke_but_shared"]
    assert world.works("dns/record")


@pytest.mark.parametrize("option", ["only", "renew_now", "revoke"])
def test_a_name_that_is_not_declared_is_refused_with_the_declared_ones(world: RotationWorld, option: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{option} names apps, which tokens does not declare.*: app"):
        world.run([TOKEN], "", **{option: ["apps"]})


# Revoking


def test_a_leaked_token_is_replaced_everywhere_deleted_at_once_and_seen_to_be_refused(
    world: RotationWorld, issuer: str
) -> None:
    leaked = str(world.held(RECORD))
    [outcome] = world.run([TOKEN], issuer, revoke=["app"])
    assert (outcome.action, outcome.reason, outcome.failed) == ("rotated", "revoke", False)
    assert outcome.revoked == [leaked]
    assert not is_alive(world, leaked)
    assert leaked != world.held(RECORD) == world.held(REPLICA)
    assert world.record(RECORD).previous == ()
    assert world.emulator.journal.entries()[-1].token_id == leaked
    [later] = world.run([TOKEN], issuer)
    assert (later.action, later.changed) == ("kept", False)


def test_every_previous_token_is_revoked_too(world: RotationWorld, issuer: str) -> None:
    first = str(world.held(RECORD))
    world.run([TOKEN], issuer, renew_now=["app"])
    second = str(world.held(RECORD))
    [outcome] = world.run([TOKEN], issuer, revoke=["app"])
    assert outcome.revoked == sorted([first, second])


def test_a_leaked_token_that_somebody_has_deleted_already_is_proven_to_be_dead(
    world: RotationWorld, issuer: str
) -> None:
    leaked = str(world.held(RECORD))
    world.emulator.revoke(leaked)
    [outcome] = world.run([TOKEN], issuer, revoke=["app"])
    assert (outcome.action, outcome.failed, outcome.revoked) == ("rotated", False, [leaked])


def test_an_adopted_token_is_revoked_as_well(world: RotationWorld) -> None:
    user, _seed, value = world.bootstrap()
    token, adopted = world.emulator.mint(user, ttl=25 * 86400)
    world.store.put_token(RECORD, adopted)
    world.run([TOKEN], value)
    [outcome] = world.run([TOKEN], value, revoke=["app"])
    assert (outcome.failed, outcome.revoked) == (False, [token.id])
    assert not is_alive(world, token.id)


def test_a_replica_that_is_down_does_not_keep_a_leaked_token_alive_and_is_named(
    world: RotationWorld, issuer: str
) -> None:
    leaked = str(world.held(RECORD))

    def down(operation: str, path: str) -> None:
        if path == REPLICA:
            raise VaultUnavailable("vault_unreachable", where=path)

    world.store.before = down
    [outcome] = world.run([TOKEN], issuer, revoke=["app"])
    assert (outcome.failed, outcome.revoked) == (True, [leaked])
    assert not is_alive(world, leaked)
    assert any(f"What reads the token in {REPLICA} does not work any more" in warning for warning in outcome.warnings)


def test_two_declarations_that_share_a_leaked_token_are_revoked_together(world: RotationWorld, issuer: str) -> None:
    leaked = str(world.held(RECORD))
    dns = declared("dns")
    world.store.entries["dns/record"] = world.store.entry(RECORD)
    outcomes = world.run([TOKEN, dns], issuer, revoke=["app", "dns"])
    assert [outcome.failed for outcome in outcomes] == [False, False]
    assert not is_alive(world, leaked)
    assert world.works(RECORD)
    assert world.works("dns/record")


def test_a_leaked_token_stays_if_no_other_one_can_be_made(world: RotationWorld, issuer: str) -> None:
    world.emulator.faults.add("status", "generate", status=503, count=None)
    [outcome] = world.run([TOKEN], issuer, revoke=["app"])
    assert "revoke_without_successor" in codes(outcome)
    assert world.works(RECORD)


def test_a_leaked_credential_of_an_account_is_replaced_and_named(world: RotationWorld, issuer: str) -> None:
    held = world.store.reading(RECORD).token
    assert held is not None
    [outcome] = world.run([TOKEN], held.value, revoke=["app"])
    assert codes(outcome) == ["revoke_but_issuer"]
    assert held.id != world.held(RECORD) == world.held(REPLICA)


def test_a_deletion_whose_answer_is_lost_is_proven(world: RotationWorld, issuer: str) -> None:
    leaked = str(world.held(RECORD))
    world.emulator.faults.add("drop_after", "delete", count=1)
    [outcome] = world.run([TOKEN], issuer, revoke=["app"])
    assert (outcome.failed, outcome.revoked) == (False, [leaked])


def test_a_token_that_the_api_goes_on_accepting_fails_the_run(world: RotationWorld, issuer: str) -> None:
    leaked = str(world.held(RECORD))
    world.emulator.faults.add("status", "delete", status=503, count=None)
    [outcome] = world.run([TOKEN], issuer, revoke=["app"])
    assert codes(outcome) == ["revoke_not_proven"]
    assert leaked in str(outcome.message)
    assert [item.id for item in world.record(RECORD).previous] == [leaked]


def test_check_mode_says_what_would_be_revoked(world: RotationWorld, issuer: str) -> None:
    leaked = str(world.held(RECORD))
    [outcome] = world.run([TOKEN], issuer, revoke=["app"], check_mode=True)
    assert (outcome.action, outcome.revoked, world.held(RECORD)) == ("rotated", [leaked], leaked)


# With two-factor authentication


@pytest.fixture
def protected(world: RotationWorld) -> str:
    """The id of a declared token that a person has made, a day ago, for a user with two-factor authentication."""
    user = world.emulator.add_user("ann@example.com", "correct horse", two_factor="enabled", role="owner")
    world.store.put_token(RECORD, world.emulator.dcd.signed_in(user).create_token("30d")[1])
    world.run([TOKEN], two_factor="enabled")
    world.emulator.clock.advance(days=1)
    return str(world.held(RECORD))


def test_with_two_factor_authentication_a_person_is_asked_at_once_and_told_what_to_delete(
    world: RotationWorld, protected: str
) -> None:
    [outcome] = world.run([TOKEN], two_factor="enabled", revoke=["app"])
    assert (outcome.action, outcome.failed) == ("handoff", True)
    assert outcome.handoff is not None
    assert outcome.handoff.steps[-1] == f"Then delete the token {protected} in the Token Manager."
    assert world.works(RECORD)


def test_with_two_factor_authentication_the_token_that_was_handed_over_replaces_the_leaked_one(
    world: RotationWorld, protected: str
) -> None:
    user = world.emulator.state.users.all()[0]
    _token, value = world.emulator.dcd.signed_in(user).create_token("60d")
    [outcome] = world.run([TOKEN], two_factor="enabled", revoke=["app"], offers={"app": value})
    assert (outcome.action, codes(outcome)) == ("adopted", ["revoke_needs_person"])
    assert protected in str(outcome.message)
    assert [item.id for item in world.record(RECORD).delete_in_dcd] == [protected]
    world.emulator.dcd.signed_in(user).delete_token(protected)
    [later] = world.run([TOKEN], two_factor="enabled")
    assert (later.failed, world.record(RECORD).delete_in_dcd) == (False, ())
