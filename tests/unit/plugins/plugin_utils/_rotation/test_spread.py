# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens that were minted on one day are renewed on several, each at the time that every output tells."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.metrics import render_metrics
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.overview import Overview, overview
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.facts import token_entry, token_facts
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.outcome import Outcome
from support.rotation_world import RotationWorld, declared

DAY = 86400


@pytest.fixture
def world() -> RotationWorld:
    return RotationWorld()


def seen(world: RotationWorld, outcomes: list[Outcome]) -> Overview:
    """Return what all outputs are made of, from the result of a task."""
    entries: list[dict[str, Any]] = [token_entry(outcome.facts()) for outcome in outcomes]
    facts = [token_facts(entry, number) for number, entry in enumerate(entries)]
    return overview(facts, [], int(world.emulator.clock.timestamp()))


def test_a_token_is_renewed_at_the_time_that_was_told_and_check_mode_predicts_it(world: RotationWorld) -> None:
    _user, _seed, value = world.bootstrap()
    tokens = [declared(spread="5d")]
    world.run(tokens, value)
    told = seen(world, world.run(tokens))
    [state] = told.tokens
    assert str(state.renews_at) in render_metrics(told, {})
    assert state.renews_at is not None
    assert state.expires_at is not None
    assert 7 * DAY < state.expires_at - state.renews_at < 12 * DAY
    clock = world.emulator.clock
    clock.advance(seconds=state.renews_at - clock.timestamp())
    assert [outcome.action for outcome in world.run(tokens)] == ["kept"]
    clock.advance(seconds=1)
    assert [outcome.action for outcome in world.run(tokens, check_mode=True)] == ["rotated"]
    [outcome] = world.run(tokens)
    assert (outcome.action, outcome.reason) == ("rotated", "renew_before")
    assert [outcome.action for outcome in world.run(tokens)] == ["kept"]


def test_tokens_of_one_day_are_renewed_on_several_days_and_none_too_late(world: RotationWorld) -> None:
    _user, _seed, value = world.bootstrap()
    tokens = [declared(f"app{number}") for number in range(20)]
    world.run(tokens, value, spread="5d")
    rotated_on = {}
    for day in range(30):
        for outcome in world.run(tokens, spread="5d"):
            if outcome.action == "rotated":
                rotated_on.setdefault(outcome.name, day)
        world.emulator.clock.advance(days=1)
    # A little less than 30 days is sent, 7 are the least that may be left, and 12 the most.
    assert set(rotated_on) == {token["name"] for token in tokens}
    assert min(rotated_on.values()) >= 29 - 12
    assert max(rotated_on.values()) <= 30 - 7
    assert len(set(rotated_on.values())) >= 4
