# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run over several declared tokens: its progress, its end, and errors that nobody has thought of (R4, R15, R23)."""

from __future__ import annotations

import re
import threading

import pytest

from support.rotation_world import RotationWorld, codes, declared

THREE = [declared("one"), declared("two"), declared("three")]


@pytest.fixture
def world() -> RotationWorld:
    return RotationWorld()


def test_a_run_without_declared_tokens_has_nothing_to_tell(world: RotationWorld) -> None:
    assert world.run([]) == []


def test_the_progress_ends_with_all_tokens(world: RotationWorld) -> None:
    _user, _seed, value = world.bootstrap()
    told: list[tuple[int, int]] = []
    world.run(THREE, value, effects=world.effects(on_progress=lambda done, total: told.append((done, total))))
    assert told[-1] == (3, 3)
    assert told == sorted(told)


def test_reading_a_record_is_no_progress(world: RotationWorld) -> None:
    told: list[tuple[int, int]] = []
    world.break_vault("read", "app/record", ValueError())
    world.run([declared()], effects=world.effects(on_progress=lambda done, total: told.append((done, total))))
    assert told == []


def test_a_run_that_is_not_to_go_on_leaves_every_token_as_it_is(world: RotationWorld) -> None:
    user, seed, value = world.bootstrap()
    outcomes = world.run(THREE, value, effects=world.effects(keep_going=lambda: False))
    assert [codes(outcome) for outcome in outcomes] == [["interrupted"]] * 3
    assert world.token_ids(user) == {seed.id}


def test_an_interruption_stops_what_has_not_begun(world: RotationWorld) -> None:
    _user, _seed, value = world.bootstrap()
    stop = threading.Event()

    def interrupt() -> bool:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        world.run(THREE, value, effects=world.effects(keep_going=interrupt, stop=stop))
    assert stop.is_set()


def test_r23_an_error_that_nobody_has_thought_of_is_named_without_its_text(world: RotationWorld) -> None:
    _user, _seed, value = world.bootstrap()
    world.break_vault("read", "two/record", ValueError("a secret"))
    outcomes = world.run(THREE, value)
    assert [outcome.action for outcome in outcomes] == ["rotated", "failed", "rotated"]
    assert codes(outcomes[1]) == ["internal_error"]
    message = str(outcomes[1].message)
    assert "ValueError" in message
    assert re.search(r"rotation_world\.py:\d+", message)
    assert "a secret" not in message


def test_no_more_tokens_are_worked_on_at_once_than_wanted(world: RotationWorld) -> None:
    lock, most, inside = threading.Lock(), 0, 0
    pause = threading.Event()

    def enter(operation: str, path: str) -> None:
        nonlocal most, inside
        if operation == "read":
            with lock:
                inside += 1
                most = max(most, inside)
            pause.wait(0.02)
            with lock:
                inside -= 1

    world.store.before = enter
    world.run([declared(f"app{number}") for number in range(6)], workers=2)
    assert most == 2
