# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a run treats the API: the rate that it keeps, and what becomes of a mint that waits for its turn (R13, R15)."""

from __future__ import annotations

import contextlib
import itertools
import threading
from datetime import datetime

import pytest

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import ConfigurationError
from support.rotation_world import RotationWorld, codes, declared


@pytest.fixture
def world() -> RotationWorld:
    return RotationWorld()


def gaps_of_journal(world: RotationWorld) -> list[float]:
    """Return the seconds between the requests that the API was sent."""
    instants = [datetime.fromisoformat(entry.at) for entry in world.emulator.journal.entries()]
    return [(later - earlier).total_seconds() for earlier, later in itertools.pairwise(instants)]


@pytest.mark.parametrize("check_mode", [False, True])
def test_the_requests_of_all_accounts_together_keep_the_rate(world: RotationWorld, check_mode: bool) -> None:
    accounts = []
    for name in ("shop", "warehouse"):
        user = world.emulator.add_user(f"{name}@example.com", "correct horse")
        accounts.append({"name": name, "token": world.emulator.mint(user)[1]})
    tokens = [declared(f"app-of-{account['name']}", account=account["name"]) for account in accounts]
    world.run(tokens, accounts=accounts)
    world.emulator.clock.advance(days=24)
    world.emulator.journal.clear()
    outcomes = world.run(tokens, accounts=accounts, rate=0.5, with_accounts=True, check_mode=check_mode)
    assert [outcome.action for outcome in outcomes] == ["rotated", "rotated"]
    assert {entry.user for entry in world.emulator.journal.entries()} == {"shop@example.com", "warehouse@example.com"}
    assert gaps_of_journal(world)
    assert min(gaps_of_journal(world)) >= 2


@pytest.mark.parametrize(
    ("timeout", "rate", "minimum"), [(60, 0.03, "0.04"), (60, 0, "0.04"), (7, 0.28, "0.29"), (60, 1001, "0.04")]
)
def test_a_rate_at_which_no_request_has_its_turn_in_time_is_refused(
    world: RotationWorld, timeout: int, rate: float, minimum: str
) -> None:
    with pytest.raises(ConfigurationError) as raised:
        world.run([], rate=rate, timeout=timeout)
    assert str(raised.value) == f"rate is out of range. Choose {minimum} to 1000."


def test_the_slowest_rate_that_is_accepted_rotates(world: RotationWorld) -> None:
    _user, _seed, value = world.bootstrap()
    outcomes = world.run([declared("one"), declared("two")], value, rate=0.04, workers=8)
    assert [outcome.action for outcome in outcomes] == ["rotated", "rotated"]
    assert min(gaps_of_journal(world)) >= 25


@pytest.mark.parametrize(
    ("rate", "seconds", "meet"), [(None, 30, True), (0.07, 30, True), (0.0667, 0.2, False), (0.06, 0.2, False)]
)
def test_no_more_tokens_are_worked_on_than_have_their_turn_in_time(
    world: RotationWorld, rate: float | None, seconds: float, meet: bool
) -> None:
    """With 60 seconds for a request, two have their turns at 0.07 a second and one at 0.06.

    At 0.0667 two would have to wake to the millisecond.
    """
    two_at_once = threading.Barrier(2)

    def wait_for_another(operation: str, _path: str) -> None:
        with contextlib.suppress(threading.BrokenBarrierError):
            if operation == "read":
                two_at_once.wait(seconds)

    world.store.before = wait_for_another
    world.run([declared("one"), declared("two")], rate=rate, workers=8, only=[])
    assert two_at_once.broken is not meet


def test_r15_a_mint_whose_turn_comes_after_the_run_was_stopped_is_not_sent(world: RotationWorld) -> None:
    user, seed, value = world.bootstrap()
    effects = world.effects()

    def sleep(seconds: float) -> None:
        if world.record("app/record").intent is not None:
            effects.stop.set()
        world.emulator.clock.advance(seconds)

    effects.sleep = sleep
    [outcome] = world.run([declared()], value, effects=effects, rate=0.5)
    assert codes(outcome) == ["mint_stopped"]
    assert world.emulator.journal.entries("generate") == []
    assert world.token_ids(user) == {seed.id}
    assert world.record("app/record").intent is None


def test_a_long_list_gets_through_an_api_that_answers_few_requests(world: RotationWorld) -> None:
    """Without a rate: the pauses and the pace after them are enough."""
    _user, _seed, value = world.bootstrap()
    world.emulator.settings.requests_per_second = 3
    outcomes = world.run([declared(f"app{number}") for number in range(20)], value)
    assert {outcome.action for outcome in outcomes} == {"rotated"}
    refused = [entry for entry in world.emulator.journal.entries() if entry.status == 429]
    assert refused
    assert len(refused) < len(world.emulator.journal.entries()) / 4
