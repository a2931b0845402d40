# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person sees of a nightly job: the last lines of its output say what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from emulator import EmulatorServer
from support.ansible_runs import AnsibleRun
from support.emulator_fixtures import emulator
from support.playbook_team import PlaybookTeam, in_file

__all__ = ["emulator"]

LINES = 20
STEPS = (
    "1. Sign in to the DCD (https://dcd.ionos.com/latest/) as the user of account default.",
    "2. Open Menu > Management > Token Manager and select Generate Token.",
    "3. Choose 30 Days and copy the token's value; it is shown this once.",
    "4. Start a run with it as the entry backup of offers",
)


class Night(PlaybookTeam):
    """A nightly job for declared tokens, which a person makes for a user with two-factor authentication."""

    def __init__(self, folder: Path, emulator: EmulatorServer) -> None:
        super().__init__(folder, emulator, two_factor="enabled", role="owner")

    def token(self, lifetime: str, *, age: int = 0) -> str:
        """Return the value of a token that was made so many days ago."""
        self.emulator.clock.advance(days=-age)
        _token, value = self.emulator.dcd.signed_in(self.user).create_token(lifetime)
        self.emulator.clock.advance(days=age)
        return str(value)

    def hold(self, **values: str) -> None:
        """Put tokens into the variables file that is the vault of record."""
        self.workspace.write("ionos.yml", values)

    def run(self, *names: str, **variables: Any) -> AnsibleRun:
        self.declare([in_file(name) for name in names or ("backup",)], two_factor="enabled", **variables)
        return self.play("rotate")


@pytest.fixture
def night(tmp_path: Path, emulator: EmulatorServer) -> Night:
    return Night(tmp_path, emulator)


def end_of(run: AnsibleRun) -> str:
    """Return the last lines of what a person sees."""
    return "\n".join(run.output.rstrip().splitlines()[-LINES:])


def assert_in_order(text: str, *parts: str) -> None:
    position = 0
    for part in parts:
        found = text.find(part, position)
        assert found >= 0, f"{part!r} is missing or too early in:\n{text}"
        position = found


def test_a_green_handoff_ends_with_its_steps_and_until_when(night: Night) -> None:
    night.hold(backup=night.token("7d", age=4))
    night.run()
    run = night.run()
    assert run.return_code == 0, run.output
    assert_in_order(
        end_of(run), "backup: person needed, 2 days left", "Do it before ", "; runs fail from ", *STEPS, "failed=0"
    )


def test_a_red_handoff_ends_with_its_steps(night: Night) -> None:
    run = night.run()
    assert run.return_code == 2
    assert_in_order(end_of(run), "Only a person can create the next token of backup", *STEPS, "failed=1")


def test_a_token_that_was_not_taken_ends_a_run_red_with_the_reason(night: Night) -> None:
    night.hold(backup=night.token("30d"))
    night.run()
    run = night.run(offers={"backup": night.token("7d")})
    assert run.return_code == 2
    assert_in_order(
        end_of(run),
        "offered for backup does not outlive the current one. Create one with a longer lifetime.",
        "failed=1",
    )


def test_a_token_that_only_a_person_can_delete_is_named_until_it_is_gone(night: Night) -> None:
    old = night.token("7d", age=4)
    night.hold(backup=old)
    night.run(offers={"backup": night.token("30d")}, revoke=["backup"])
    run = night.run()
    assert run.return_code == 0, run.output
    assert_in_order(
        end_of(run),
        "backup: working, 29 days left",
        "Delete the token ",
        "in the Token Manager of the DCD; the API has refused to do it since ",
        "failed=0",
    )


def test_an_outage_of_the_api_is_one_line_of_a_green_run(night: Night) -> None:
    names = [f"token{number:02}" for number in range(20)]
    night.hold(**{name: night.token("30d") for name in names})
    night.run(*names)
    night.emulator.faults.add("status", "get", status=503, count=None)
    run = night.run(*names)
    assert run.return_code == 0, run.output
    assert_in_order(
        end_of(run),
        "20 tokens: no answer. The API does not answer:",
        "reports a failure of its own (HTTP status 503).",
        "all still work; the first ends ",
        "20 declared: 20 no answer",
        "failed=0",
    )
