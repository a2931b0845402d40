# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of the token in the vault of record, where the API or the token itself does not say (R8, R9)."""

from __future__ import annotations

import pytest

from support.rotation_world import RotationWorld, codes, declared
from support.scenes import PATH


@pytest.fixture
def world() -> RotationWorld:
    return RotationWorld()


@pytest.mark.parametrize("omitted", [frozenset(), frozenset({"exp"}), frozenset({"exp", "iat"})])
def test_r9_an_outage_protects_a_token_until_it_has_expired_whoever_says_when(
    world: RotationWorld, omitted: frozenset[str]
) -> None:
    world.emulator.settings.omitted_claims = omitted
    _user, _seed, value = world.bootstrap()
    world.run([declared()], value)
    world.emulator.clock.advance(seconds=world.record(PATH).needed_until - 600 - world.emulator.clock.timestamp())
    world.emulator.faults.add("status", "get", status=503, count=None)
    [outcome] = world.run([declared()], value)
    assert codes(outcome) == ["token_not_judged"]
    world.emulator.clock.advance(minutes=10)
    [outcome] = world.run([declared()], value)
    assert outcome.reason == "expired"


def test_what_is_left_of_a_token_that_nobody_knows_is_unknown(world: RotationWorld) -> None:
    _user, _seed, value = world.bootstrap()
    world.store.put_token(PATH, value)
    world.emulator.faults.add("status", "get", status=503, count=None)
    [outcome] = world.run([declared()], value)
    assert codes(outcome) == ["token_not_judged"]
    assert "unknown" in str(outcome.message)
