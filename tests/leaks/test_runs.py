# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""G6, run by run: whatever was done, no secret is in anything that the run left anywhere at any time."""

from __future__ import annotations

from typing import Any

import pytest

from support.leak_site import Scene

STAGES = ["predicted", "first", "rotated", "retired", "absent"]
RUNS = [*STAGES, "failures", "quiet_failures", "modules", "unreachable", "job"]
SEARCHED = [
    "stdout",
    "stderr",
    "file ansible.log",
    "command lines",
    "environments",
    "system log",
    "callback: arguments",
    "callback: task fields",
    "callback: results",
    "callback: play contexts",
    "callback: statistics",
]


@pytest.fixture(scope="session", params=RUNS)
def scene(request: pytest.FixtureRequest) -> Scene:
    """Each of the runs in which no secret is an option of a module."""
    found: Any = request.getfixturevalue("rotations" if request.param in STAGES else request.param)
    scene: Scene = found[request.param] if request.param in STAGES else found
    return scene


def test_no_secret_is_anywhere(scene: Scene) -> None:
    assert scene.leaks == []


def test_nobody_else_can_read_a_file_with_a_secret(scene: Scene) -> None:
    assert scene.exposed == []


def test_no_process_turns_core_dumps_on(scene: Scene) -> None:
    assert scene.core_limits == {"0"}
    assert scene.content("limits") == b""


def test_everything_was_searched(scene: Scene) -> None:
    assert set(SEARCHED) <= {place.name for place in scene.places}
    assert "dump_everything" not in scene.run.stderr


@pytest.mark.parametrize("stage", ["first", "rotated"])
def test_every_secret_had_its_part(rotations: dict[str, Scene], stage: str) -> None:
    scene = rotations[stage]
    assert scene.run.return_code == 0, scene.run.output
    entries = {entry["name"]: entry for entry in scene.run.result("Rotate")["tokens"]}
    # One is minted with username and password, the others with the token, into vaults with each login and both files.
    assert {entries[name]["action"] for name in ("app", "shop", "dns")} == {"rotated"}
    assert {vault["name"] for name in ("app", "shop", "dns") for vault in entries[name]["vaults"]} == {
        "bao",
        "approle",
        "files",
        "awx",
        "awx by password",
        "cluster",
        "config",
    }
    assert b"ANSIBLE_VAULT;1.2;AES256;prod" in scene.content("file ionos.yml")
    assert b"credentials:" in scene.content("file home/.ionos/config")


def test_a_host_that_cannot_be_reached_keeps_nothing_from_being_rotated(unreachable: Scene) -> None:
    assert unreachable.run.task("Judge").status == "unreachable"
    assert unreachable.run.result("Rotate")["summary"][-1] == "4 declared: 4 working; 4 rotated"
    assert unreachable.leaks == []


def test_a_token_is_written_for_its_owner_alone_from_the_first_moment(modules: Scene) -> None:
    [place] = [place for place in modules.places if place.name == "file tokens/app"]
    assert place.content.startswith(b"eyJ")
    assert place.exposure == 0


def test_publishing_shows_no_secret_but_to_the_tasks_that_are_given_it(published: Scene) -> None:
    result, failed_task, failed_result = published.run.result("Show")["msg"]
    assert [place["error_code"] for place in result["tokens"][0]["vaults"]] == [None, "publication_failed", None]
    assert "Ask a service" in result["msg"]
    # Where Ansible puts the options of any module; what they are of a task with no_log, callbacks see all the same.
    # Until it is rescued, a task that has failed is a variable.
    of_modules = ("callback: arguments", "callback: registered variables", "file local-tmp/*", "file remote-tmp/*")
    assert published.leaks_outside(*of_modules) == []
    assert published.exposed == []
    assert (failed_task["name"], failed_result) == ("Ask a service", {"failed": True})
