# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Minting for a declared token: what is left of attempts that came to nothing (R1, R2, R7, R32)."""

from __future__ import annotations

import pytest

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import VaultUnavailable
from ansible_collections.tokenops.ionos.plugins.plugin_utils._record.model import Record
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.entry import VaultEntry
from support.rotation_world import RotationWorld, codes, declared

RECORD = "app/record"


@pytest.fixture
def world() -> RotationWorld:
    return RotationWorld()


def test_a_request_that_is_sent_again_needs_no_second_intent(world: RotationWorld) -> None:
    _user, _seed, value = world.bootstrap()
    world.emulator.faults.add("status", "generate", status=429, headers={"Retry-After": "2"}, count=2)
    [outcome] = world.run([declared()], value)
    assert (outcome.action, len(world.emulator.journal.entries("generate"))) == ("rotated", 3)
    writes = [operation for operation, _path in world.store.calls if operation == "write"]
    assert len(writes) == 2


def test_check_mode_predicts_by_the_credential_that_would_mint_first(world: RotationWorld) -> None:
    user, _seed, value = world.bootstrap(role="owner")
    world.run([declared()], value)
    world.emulator.clock.advance(days=24)
    account = {"username": user.name, "password": "correct horse"}
    [outcome] = world.run([declared()], account=account, check_mode=True)
    assert (outcome.action, outcome.failed) == ("rotated", False)


def test_a_new_token_that_cannot_be_judged_is_deleted_again(world: RotationWorld) -> None:
    user, seed, value = world.bootstrap()
    world.emulator.faults.add("status", "get", status=503, count=None)
    [outcome] = world.run([declared()], value)
    assert (outcome.action, outcome.failed, outcome.warnings) == ("failed", True, [])
    assert world.token_ids(user) == {seed.id}
    assert (world.record(RECORD).intent, world.record(RECORD).unconfirmed) == (None, ())


def test_a_new_token_that_can_neither_be_judged_nor_deleted_is_looked_for_later(world: RotationWorld) -> None:
    user, seed, value = world.bootstrap()
    for operation in ("get", "delete"):
        world.emulator.faults.add("status", operation, status=503, count=None)
    [outcome] = world.run([declared()], value)
    [minted] = world.emulator.journal.minted()
    assert outcome.warnings == [
        f"The token {minted} was minted but not taken into use, and it could not be deleted: "
        "the next runs look for it and delete it."
    ]
    assert (world.record(RECORD).intent, len(world.record(RECORD).unconfirmed)) == (None, 1)
    world.emulator.faults.clear()
    [outcome] = world.run([declared()], value)
    assert (outcome.action, outcome.orphans_deleted) == ("rotated", [minted])
    assert world.token_ids(user) == {seed.id, world.held(RECORD)}


def test_a_new_token_that_can_neither_be_judged_nor_may_be_deleted_is_handed_to_a_person(world: RotationWorld) -> None:
    _user, _seed, value = world.bootstrap()
    world.emulator.faults.add("status", "get", status=503, count=None)
    world.emulator.faults.add("status", "delete", status=403, count=None)
    [outcome] = world.run([declared()], value)
    [minted] = world.emulator.journal.minted()
    assert outcome.warnings == [f"The token {minted} was minted but not taken into use: delete it in the DCD."]
    record = world.record(RECORD)
    assert [item.id for item in record.delete_in_dcd] == [minted]
    assert (record.intent, record.unconfirmed) == (None, ())


def test_r7_a_token_of_somebody_else_in_the_answer_is_left_alone(world: RotationWorld) -> None:
    _user, _seed, value = world.bootstrap()
    world.emulator.faults.add("foreign_token", "generate")
    [outcome] = world.run([declared()], value)
    assert codes(outcome) == ["minted_token_foreign"]
    assert world.emulator.journal.entries("delete") == []
    assert (world.record(RECORD).intent, len(world.record(RECORD).unconfirmed)) == (None, 1)


def test_a_write_that_turns_out_to_have_landed_after_all_is_no_failure(world: RotationWorld) -> None:
    """R1: the vault is down from the moment at which it has written until after the read-backs."""
    _user, _seed, value = world.bootstrap()
    unanswered = [VaultUnavailable("vault_unreachable", where="a vault") for _attempt in range(5)]

    def go_down(operation: str, path: str) -> None:
        if operation == "write" and world.held(RECORD) is not None and len(unanswered) == 5:
            raise unanswered.pop()

    def stay_down(operation: str, path: str) -> None:
        if operation == "read" and 0 < len(unanswered) < 5:
            raise unanswered.pop()

    world.store.after, world.store.before = go_down, stay_down
    [outcome] = world.run([declared()], value)
    assert unanswered == []
    assert (outcome.action, outcome.message, world.works(RECORD)) == ("rotated", None, True)
    assert world.emulator.journal.deleted() == []


@pytest.mark.parametrize("theirs", [VaultEntry(), VaultEntry().replaced_by(Record(write_id="theirs"))])
def test_a_record_that_was_emptied_right_after_ours_was_written_is_left_so(
    world: RotationWorld, theirs: VaultEntry
) -> None:
    _user, _seed, value = world.bootstrap()

    def empty(operation: str, path: str) -> None:
        if operation == "write" and world.held(RECORD) is not None:
            world.store.entries[RECORD] = theirs

    world.store.after = empty
    [outcome] = world.run([declared()], value)
    assert (outcome.action, outcome.message) == ("busy", None)
    assert world.store.entry(RECORD) == theirs


def lose(world: RotationWorld, issuer: str, count: int) -> list[str]:
    """Let a vault forget so many records, and return the ids of their tokens."""
    lost = []
    for _record in range(count):
        world.run([declared()], issuer, max_lost=0)
        lost.append(str(world.held(RECORD)))
        world.store.entries.clear()
        world.emulator.clock.advance(minutes=5)
    return lost


def test_every_token_that_is_lost_is_named_in_order(world: RotationWorld) -> None:
    _user, _seed, value = world.bootstrap()
    lost = lose(world, value, 4)
    [outcome] = world.run([declared()], value)
    assert codes(outcome) == ["record_lost_too_often"]
    assert ", ".join(sorted(lost)) in str(outcome.message)
    [outcome] = world.run([declared()], value, max_lost=0)
    assert (outcome.action, outcome.failed) == ("rotated", False)
    assert ", ".join(sorted(lost)) in outcome.warnings[0]


def test_max_lost_tokens_are_too_many_and_one_less_is_not(world: RotationWorld) -> None:
    _user, _seed, value = world.bootstrap()
    lose(world, value, 2)
    [outcome] = world.run([declared()], value, max_lost=2)
    assert codes(outcome) == ["record_lost_too_often"]
    [outcome] = world.run([declared()], value, max_lost=3)
    assert outcome.action == "rotated"


def test_a_record_from_a_backup_is_told_by_what_it_does_not_know(world: RotationWorld) -> None:
    _user, _seed, value = world.bootstrap()
    world.run([declared()], value)
    backup = world.store.entry(RECORD)
    old = str(world.held(RECORD))
    world.emulator.clock.advance(days=24)
    world.run([declared()])
    newer = world.held(RECORD)
    world.emulator.clock.advance(days=2)
    world.run([declared()])
    world.store.entries[RECORD] = backup
    assert old not in {token.id for token in world.emulator.tokens()}
    [outcome] = world.run([declared()], value)
    assert (outcome.action, outcome.reason) == ("rotated", "refused")
    assert len(outcome.warnings) == 1
    assert str(newer) in outcome.warnings[0]
