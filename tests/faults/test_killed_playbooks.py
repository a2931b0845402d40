# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""G1, G2 and G3 where the real ansible-playbook is killed, with OpenBao and with an Ansible Vault file.

The points are found by recording a healthy run. A point is an effect before which the run is killed, or one that
changes something and after which it is, before the run knows of it.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support.failure_points import Point
from support.openbao_fixtures import OpenBao
from support.process_trees import has_ended, wait_until
from support.rotation_site import entry
from support.rotator_site import OF_RECORD, RotatorProcess, RotatorSite, rotator_site
from support.run_gates import at_first_write_after_generate, at_generate, at_number, changes_something

Prepare = Callable[[RotatorSite], None]
SCENES: dict[str, Prepare] = {
    "first mint": lambda site: None,
    "rotation": RotatorSite.make_due,
    "retirement": RotatorSite.make_retirable,
    "recovery": RotatorSite.make_interrupted,
}


def troubles_after_kill(
    site: RotatorSite, at: Callable[[list[Point]], bool], *, happened: bool, host: str | None = None
) -> list[str]:
    """Kill a run, let a healthy one follow, and return what is not as it should be.

    :param host: the name of the other host that the healthy run is on, once the lease of the killed one is over.
    """
    killed = site.interrupted_run(at, RotatorProcess.kill, happened=happened)
    assert killed.return_code == -signal.SIGKILL
    if host is not None:
        site.advance(minutes=11)
    healthy = site.run_for_real(host)
    if healthy.return_code != 0:
        return [healthy.failure]
    troubles = site.unsettled() + site.unretired()
    return troubles if site.worked_all_along else ["the vault of record held no working token", *troubles]


@pytest.mark.parametrize(
    ("of_record", "at", "happened", "host"),
    [
        pytest.param("bao", at_generate, True, "other-host", id="OpenBao, minted and not told, other host"),
        pytest.param("bao", at_first_write_after_generate, True, None, id="OpenBao, current and not told"),
        pytest.param("file", at_generate, True, None, id="file, minted and not told"),
        pytest.param("file", at_first_write_after_generate, False, None, id="file, written beside the old one"),
        pytest.param("cluster", at_generate, True, None, id="cluster, minted and not told"),
        pytest.param("cluster", at_first_write_after_generate, True, None, id="cluster, current and not told"),
        pytest.param("config", at_first_write_after_generate, True, None, id="config file, current and not told"),
    ],
)
def test_the_run_after_a_killed_one_leaves_nothing_lost_and_nothing_behind(
    tmp_path: Path,
    openbao: OpenBao,
    kv_mount: str,
    of_record: str,
    at: Callable[[list[Point]], bool],
    happened: bool,
    host: str | None,
) -> None:
    with rotator_site(tmp_path, openbao, kv_mount, of_record=of_record) as site:
        site.make_due()
        assert troubles_after_kill(site, at, happened=happened, host=host) == []


@pytest.mark.heavy
def test_another_host_waits_for_the_lease_of_a_killed_run(tmp_path: Path, openbao: OpenBao, kv_mount: str) -> None:
    """R13: only its own host can know that it is dead."""
    with rotator_site(tmp_path, openbao, kv_mount, of_record="bao") as site:
        site.make_due()
        site.interrupted_run(at_generate, RotatorProcess.kill, happened=True)
        waiting = entry(site.run_for_real("other-host"))
        assert waiting["action"] == "busy"
        assert waiting["reason"].startswith("busy until ")
        site.advance(minutes=11)
        assert entry(site.run_for_real("other-host"))["action"] == "rotated"
        assert site.unsettled() == []
        assert site.worked_all_along


def cases(points: list[Point], *, all_of_them: bool) -> Iterator[tuple[int, bool]]:
    """Yield the effects to be killed at, and whether they happen before.

    :param all_of_them: also before the effects that change nothing.
    """
    for point in points:
        if all_of_them:
            yield point.number, False
        if changes_something(point.what):
            yield point.number, True


@pytest.mark.heavy
@pytest.mark.parametrize("of_record", OF_RECORD)
@pytest.mark.parametrize("scene", SCENES)
def test_whatever_a_run_is_killed_at_the_next_one_leaves_nothing_lost_and_nothing_behind(
    tmp_path: Path, openbao: OpenBao, kv_mount: str, of_record: str, scene: str
) -> None:
    """The hosts of the healthy runs take turns: the same one at once, and another one after the lease."""
    with rotator_site(tmp_path / "recorded", openbao, kv_mount, of_record=of_record) as site:
        SCENES[scene](site)
        points = site.recorded_points()
    found = list(cases(points, all_of_them=scene == "rotation"))
    assert found
    troubles = {}
    for count, (number, happened) in enumerate(found):
        folder = tmp_path / str(count)
        with rotator_site(folder, openbao, kv_mount, of_record=of_record) as site:
            SCENES[scene](site)
            host = None if count % 3 else "other-host"
            trouble = troubles_after_kill(site, at_number(number), happened=happened, host=host)
        if trouble:
            troubles[f"{'after' if happened else 'before'} {number} {points[number].what}"] = trouble
    assert troubles == {}


@pytest.mark.heavy
@pytest.mark.parametrize("of_record", OF_RECORD)
def test_a_token_whose_removal_was_killed_is_removed_by_the_next_run(
    tmp_path: Path, openbao: OpenBao, kv_mount: str, of_record: str
) -> None:
    """R25."""
    removal = {"state": "absent"}
    with rotator_site(tmp_path / "recorded", openbao, kv_mount, of_record=of_record) as site:
        site.make_due()
        points = site.recorded_points(**removal)
    troubles = {}
    for number, happened in cases(points, all_of_them=False):
        with rotator_site(tmp_path / str(number), openbao, kv_mount, of_record=of_record) as site:
            site.make_due()
            site.interrupted_run(at_number(number), RotatorProcess.kill, happened=happened, **removal)
            healthy = site.run_for_real(**removal)
            left = site.existing_ids() - site.foreign_ids
            held = site.held()
            lost = site.foreign_ids - site.existing_ids()
        if healthy.return_code != 0 or left or lost or any(held):
            troubles[points[number].what] = (healthy.failure, left, lost, held)
    assert troubles == {}


@pytest.mark.heavy
@pytest.mark.parametrize("of_record", OF_RECORD)
def test_a_worker_that_outlives_its_killed_parent_leaves_nothing_for_the_next_run_to_trip_over(
    tmp_path: Path, openbao: OpenBao, kv_mount: str, of_record: str
) -> None:
    """R15: AWX kills a process group, and workers of ansible-core 2.19 and later are in none of it."""

    def kill_parent_alone(process: RotatorProcess) -> None:
        workers.extend(process.tree.members() - {process.tree.root})
        os.kill(process.tree.root, signal.SIGKILL)

    workers: list[int] = []
    with rotator_site(tmp_path, openbao, kv_mount, of_record=of_record) as site:
        site.make_due()
        site.interrupted_run(at_generate, kill_parent_alone, happened=True)
        assert workers
        wait_until(lambda: all(has_ended(worker) for worker in workers))
        healthy = site.run_for_real()
        assert healthy.return_code == 0, healthy.output
        assert entry(healthy)["action"] in ("kept", "rotated")
        assert site.unsettled() == []
        assert site.worked_all_along
