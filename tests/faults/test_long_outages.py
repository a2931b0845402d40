# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An API that is down for days while a token nears its end, and vaults that come back from a backup."""

from __future__ import annotations

import pytest

from support.scenes import PATH, REPLICA, Scene, assert_retires, assert_settled, rotation

OUTAGES = {
    "no connection": ("any", "drop_before", {}),
    "a gateway page": ("any", "gateway_page", {"status": 503}),
    "an error of the API": ("any", "status", {"status": 500}),
    "no list": ("list", "gateway_page", {"status": 502}),
    "no generate": ("generate", "status", {"status": 500}),
    "a generate that mints and then fails": ("generate", "gateway_page", {"status": 504, "runs_handler": True}),
}

NIGHTS_WITH_TIME_LEFT = 4


def break_api(scene: Scene, outage: str) -> None:
    operation, kind, options = OUTAGES[outage]
    scene.world.emulator.faults.add(kind, operation, count=None, **options)


@pytest.mark.parametrize("outage", sorted(OUTAGES))
def test_every_nightly_run_of_an_outage_says_so_until_it_fails_and_the_first_healthy_one_repairs(outage: str) -> None:
    scene = rotation()
    before = scene.existing_ids()
    break_api(scene, outage)
    for night in range(9):
        outcome = scene.run()
        assert outcome.message, f"night {night} was silent"
        # The token ends in the sixth night, and fail_before is two days.
        assert outcome.failed or (outcome.waits and night < NIGHTS_WITH_TIME_LEFT), f"night {night} was green"
        scene.world.emulator.clock.advance(days=1)
    assert scene.existing_ids() == before
    scene.world.emulator.faults.clear()
    outcome = scene.run()
    assert (outcome.action, outcome.message) == ("rotated", None)
    assert_settled(scene)
    assert_retires(scene)


def test_a_night_of_the_outage_says_what_is_left() -> None:
    scene = rotation()
    break_api(scene, "no connection")
    left = []
    for _night in range(5):
        left.append(str(scene.run().message))
        scene.world.emulator.clock.advance(days=1)
    assert [day in message for day, message in zip(("5d", "4d", "3d", "2d", "1d"), left, strict=True)] == [True] * 5


def test_an_outage_that_mints_blindly_uses_up_no_quota() -> None:
    """Every answer is lost after the API has minted, and the list is lost too, each night anew."""
    scene = rotation()
    for _night in range(5):
        scene.world.emulator.faults.add("drop_after", "generate", count=None)
        scene.world.emulator.faults.add("drop_before", "list", on_call=3, count=None)
        scene.run()
        scene.world.emulator.faults.clear()
        scene.world.emulator.clock.advance(days=1)
    assert len(scene.existing_ids()) <= 8
    scene.run()
    assert_settled(scene)


def test_what_an_outage_left_is_found_however_long_it_lasted() -> None:
    scene = rotation()
    scene.world.emulator.faults.add("drop_after", "generate", count=None)
    scene.world.emulator.faults.add("drop_before", "list", on_call=3, count=None)
    scene.run()
    scene.world.emulator.faults.clear()
    scene.world.emulator.faults.add("gateway_page", "list", status=502, count=None)
    for _night in range(4):
        scene.world.emulator.clock.advance(days=1)
        scene.run()
    scene.world.emulator.faults.clear()
    outcome = scene.run()
    assert outcome.message is None
    assert_settled(scene)


def test_a_vault_of_record_from_a_backup_takes_the_living_token_from_a_replica() -> None:
    scene = rotation()
    backup = scene.world.store.entries[PATH]
    scene.run()
    newer = scene.world.held(REPLICA)
    scene.world.emulator.clock.advance(days=2)
    scene.run()
    scene.world.store.entries[PATH] = backup
    outcome = scene.run()
    assert (outcome.action, outcome.message) == ("adopted", None)
    assert scene.world.held(PATH) == newer


def test_a_vault_of_record_from_a_backup_without_a_replica_says_what_may_be_left_over() -> None:
    scene = rotation()
    scene.token = {**scene.token, "replicas": []}
    backup = scene.world.store.entries[PATH]
    scene.run()
    newer = str(scene.world.held(PATH))
    scene.world.emulator.clock.advance(days=2)
    scene.run()
    scene.world.store.entries[PATH] = backup
    outcome = scene.run()
    assert (outcome.action, outcome.reason, outcome.message) == ("rotated", "refused", None)
    assert newer in scene.existing_ids()
    assert any(newer in warning for warning in outcome.warnings)
    assert scene.foreign_ids <= scene.existing_ids()


def test_a_backup_whose_current_token_still_works_is_just_an_older_state() -> None:
    scene = rotation()
    backup = scene.world.store.entries[PATH]
    scene.run()
    newer = scene.world.held(REPLICA)
    scene.world.store.entries[PATH] = backup
    outcome = scene.run()
    assert scene.world.works(PATH)
    assert scene.world.held(REPLICA) == newer
    assert any(str(newer) in warning for warning in outcome.warnings)
