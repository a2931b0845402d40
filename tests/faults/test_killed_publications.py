# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""G2 where ansible-playbook is killed while tasks of the user publish a token."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from emulator import EmulatorServer
from support.ansible_runs import SECONDS_TO_LIVE
from support.emulator_fixtures import emulator
from support.publisher import COPY, PASSWORD, SPOT, TELL, Publisher

__all__ = ["emulator"]

COUNT = {
    "name": "Count",
    "ansible.builtin.shell": {"cmd": f"echo published >> {SPOT}.count"},
}
KILL = {
    "name": "Kill the run",
    "ansible.builtin.command": {"argv": ["kill", "-9", "{{ lookup('ansible.builtin.env', 'RUN_PROCESS') }}"]},
    "when": "token_rotation_publish_target == 'two'",
}


@pytest.fixture
def publisher(tmp_path: Path, emulator: EmulatorServer) -> Publisher:
    return Publisher(tmp_path, emulator)


def killed_run(publisher: Publisher, token: dict[str, Any]) -> int:
    """Start a run that a task of its own kills; return how it ended."""
    workspace = publisher.workspace
    playbook = workspace.write("killed.yml", publisher.plays(token))
    command = workspace.command(playbook, workspace.vault_password("prod", PASSWORD))
    finished = subprocess.run(
        ["sh", "-c", 'RUN_PROCESS=$$ exec "$@"', "sh", *command],
        cwd=workspace.folder,
        env=workspace.environment(publisher.environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=SECONDS_TO_LIVE,
        check=False,
    )
    return finished.returncode


def times_published(publisher: Publisher, target: str) -> int:
    """Return how often the tasks have run to their end for a target."""
    file = publisher.spots / f"{target}.count"
    return len(file.read_text().splitlines()) if file.exists() else 0


@pytest.mark.parametrize(
    ("tasks", "times"),
    [
        pytest.param(
            [KILL, COPY, TELL, COUNT], 1, id="before the second place is published to", marks=pytest.mark.heavy
        ),
        pytest.param([COPY, KILL, TELL, COUNT], 1, id="in the middle of the tasks", marks=pytest.mark.heavy),
        pytest.param([COPY, TELL, COUNT, KILL], 2, id="between the tasks and the record", marks=pytest.mark.heavy),
    ],
)
def test_what_a_killed_run_published_is_published_again_and_the_previous_token_lives_until_then(
    publisher: Publisher, tasks: list[dict[str, Any]], times: int
) -> None:
    app = publisher.token("app", "one", "two", overlap="0s")
    publisher.publish(COPY, TELL)
    publisher.run(app)
    previous, before = publisher.held("two"), publisher.ids()
    publisher.pass_days(24)
    publisher.publish(*tasks)
    assert killed_run(publisher, app) == -signal.SIGKILL
    assert publisher.held("one") != previous
    assert before < publisher.ids()
    publisher.publish(COPY, TELL, COUNT)
    healthy = publisher.run(app)
    assert healthy.return_code == 0, healthy.output
    assert publisher.held("one") == publisher.held("two") != previous
    assert (times_published(publisher, "one"), times_published(publisher, "two")) == (2, times)
    # The current one, and the issuer.
    assert len(publisher.ids()) == 2
    assert publisher.told("two")["token_id"] in publisher.ids()
    assert "changed=0" in publisher.run(app).output
