# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""As which of its credentials an account mints (R7), and what is done for it once a run (R11)."""

from __future__ import annotations

from typing import Any

import pytest

from support.rotation_world import RotationWorld, codes, declared


@pytest.fixture
def world() -> RotationWorld:
    return RotationWorld()


def test_expired_tokens_are_purged_once_a_run(world: RotationWorld) -> None:
    _user, _seed, value = world.bootstrap()
    world.run([declared("one"), declared("two")], value, purge_expired=True)
    assert len(world.emulator.journal.entries("delete_by_criteria")) == 1


def test_a_purge_that_fails_is_said_and_the_token_is_minted_all_the_same(world: RotationWorld) -> None:
    _user, _seed, value = world.bootstrap()
    world.emulator.faults.add("status", "delete_by_criteria", status=503, count=None)
    [outcome] = world.run([declared()], value, purge_expired=True)
    assert (outcome.action, outcome.failed) == ("rotated", False)
    assert [warning.partition(". ")[0] for warning in outcome.warnings] == ["Expired tokens were not deleted"]


@pytest.mark.parametrize(
    ("account", "code"),
    [
        ({"token": None}, "issuer_missing"),
        ({"user_id": "11111111-2222-3333-4444-555555555555"}, "issuer_of_another_user"),
        ({"contract_number": 31799999}, "issuer_of_another_contract"),
        ({}, None),
    ],
)
def test_r7_why_nobody_may_mint_is_said(world: RotationWorld, account: dict[str, Any], code: str | None) -> None:
    _user, _seed, value = world.bootstrap()
    shop = {"name": "shop", "token": value, **account}
    [outcome] = world.run([declared(account="shop")], accounts=[shop])
    assert codes(outcome) == ([code] if code else [])


@pytest.mark.parametrize(("refusals", "action"), [(1, "rotated"), (2, "failed")])
def test_a_token_that_is_refused_leaves_minting_to_the_account(
    world: RotationWorld, refusals: int, action: str
) -> None:
    _user, seed, value = world.bootstrap()
    world.run([declared()], value)
    world.emulator.clock.advance(days=24)
    world.emulator.faults.add("status", "generate", status=401, count=refusals)
    [outcome] = world.run([declared()], value)
    assert outcome.action == action
    assert [entry.token_id == seed.id for entry in world.emulator.journal.entries("generate")[-2:]] == [False, True]
    assert (seed.id in str(outcome.message)) == (action == "failed")


def test_a_mint_of_unknown_outcome_is_remembered_once_if_the_next_issuer_takes_over(world: RotationWorld) -> None:
    user, _seed, value = world.bootstrap()
    world.run([declared()], value)
    world.emulator.clock.advance(days=24)
    world.emulator.settings.list_delay_seconds = 120
    world.emulator.faults.add("drop_after", "generate")
    # Listed before the mint, then every two seconds during thirty, then before the next attempt.
    world.emulator.faults.add("status", "list", on_call=18, status=403)
    [outcome] = world.run([declared()], value)
    assert (outcome.action, outcome.failed) == ("rotated", False)
    assert len(world.record("app/record").unconfirmed) == 1
    world.emulator.clock.advance(minutes=5)
    [outcome] = world.run([declared()], value)
    assert len(outcome.orphans_deleted) == 1
    assert (len(world.token_ids(user)), world.record("app/record").unconfirmed) == (3, ())
