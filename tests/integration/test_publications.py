# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Replicas that task files of the user write, in real runs of the role."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from emulator import EmulatorServer
from support.ansible_runs import AnsibleRun, AnsibleWorkspace
from support.emulator_fixtures import emulator

__all__ = ["emulator"]

ROLE = "tokenops.ionos.token_rotation"
SHIFTED_CLOCK = Path(__file__).resolve().parents[1] / "support" / "shifted_clock"
PASSWORD = "password-of-the-vault"
SPOT = "{{ token_rotation_publish_options.folder }}/{{ token_rotation_publish_target }}"
COPY = {
    "name": "Copy the token",
    "ansible.builtin.copy": {
        "content": "{{ token_rotation_publish_token }}",
        "dest": f"{SPOT}.token",
        "mode": "0600",
    },
    "no_log": True,
}
TELL = {
    "name": "Tell what was published",
    "ansible.builtin.copy": {
        "content": "{{ told | to_json }}",
        "dest": f"{SPOT}.json",
        "mode": "0600",
    },
    "vars": {
        "told": {
            "name": "{{ token_rotation_publish_name }}",
            "token_id": "{{ token_rotation_publish_token_id }}",
            "expires_at": "{{ token_rotation_publish_expires_at }}",
            "colour": "{{ token_rotation_publish_options.colour }}",
        }
    },
}
REMOVE = {
    "name": "Remove the token",
    "ansible.builtin.file": {"path": f"{SPOT}.token", "state": "absent"},
}


class Publisher:
    """A team whose tokens are published into files of a folder by a task file."""

    def __init__(self, folder: Path, emulator: EmulatorServer) -> None:
        self.workspace = AnsibleWorkspace(folder)
        self.emulator = emulator
        self.user = emulator.add_user("ann@example.com", "password-of-ann", contracts=[31711111])
        self.issuer = emulator.mint(self.user)[1]
        self.spots = folder / "spots"
        self.spots.mkdir()
        self.publish(COPY, TELL)
        self.workspace.write("tasks/gone.yml", [REMOVE])
        self._clock_shift = self.workspace.write("clock-shift", "0")
        self._seconds = 0
        self.vault: dict[str, Any] = {
            "publish": "tasks/spread.yml",
            "unpublish": "tasks/gone.yml",
            "options": {"folder": str(self.spots), "colour": "red"},
        }

    def publish(self, *tasks: dict[str, Any]) -> None:
        """Have these tasks publish from now on."""
        self.workspace.write("tasks/spread.yml", list(tasks))

    def pass_days(self, days: int) -> None:
        """Move the clocks of the API and of the controller on."""
        self.emulator.clock.advance(days=days)
        self._seconds += days * 86400
        self._clock_shift.write_text(str(self._seconds))

    def token(self, name: str, *targets: str, **options: Any) -> dict[str, Any]:
        """Return a declared token that is published to these targets."""
        replicas = [{"in": "spots", "target": target, "options": {"colour": f"of {target}"}} for target in targets]
        return {"name": name, "vault": {"in": "files", "path": "ionos.yml", "variable": name}, "replicas": replicas} | (
            options
        )

    def run(
        self, *tokens: dict[str, Any], arguments: tuple[str, ...] = (), hosts: str = "localhost", **variables: Any
    ) -> AnsibleRun:
        """Run a playbook with the role."""
        declared = {
            "token_rotation_tokens": list(tokens),
            "token_rotation_vaults": [
                {"name": "files", "ansible_vault_file": {}},
                {"name": "spots", "tasks": self.vault},
            ],
            **{f"token_rotation_{name}": value for name, value in variables.items()},
        }
        handler = {
            "name": "Restart",
            "ansible.builtin.debug": {"msg": "{{ token_rotation_rotated_tokens }}"},
            "listen": "token rotated",
        }
        play = {
            "hosts": hosts,
            "gather_facts": False,
            "vars": declared,
            "roles": [ROLE],
            "handlers": [handler],
        }
        return self.workspace.run(
            [play],
            *self.workspace.vault_password("prod", PASSWORD),
            *arguments,
            environment={
                "IONOS_API_URL": self.emulator.url,
                "IONOS_TOKEN": self.issuer,
                "PYTHONPATH": str(SHIFTED_CLOCK),
                "SHIFTED_CLOCK_FILE": str(self._clock_shift),
            },
        )

    def held(self, target: str) -> str | None:
        """Return the value that was published to a target."""
        file = self.spots / f"{target}.token"
        return file.read_text() if file.exists() else None

    def told(self, target: str) -> dict[str, Any]:
        """Return what the tasks were told."""
        found: dict[str, Any] = json.loads((self.spots / f"{target}.json").read_text())
        return found

    def ids(self) -> set[str]:
        """Return the ids of all tokens of the user."""
        return {token.id for token in self.emulator.tokens(self.user)}


@pytest.fixture
def publisher(tmp_path: Path, emulator: EmulatorServer) -> Publisher:
    return Publisher(tmp_path, emulator)


FAIL = {
    "name": "Ask the service",
    "ansible.builtin.fail": {"msg": "no"},
    "when": "token_rotation_publish_target == 'one'",
}


def restarts(run: AnsibleRun) -> list[Any]:
    """Return the names of the tokens that each handler was notified of."""
    return [result.result["msg"] for result in run.results if result.task == "Restart"]


def end_of(run: AnsibleRun) -> str:
    """Return the last lines of what a person sees."""
    return "\n".join(run.output.rstrip().splitlines()[-20:])


def summary(run: AnsibleRun) -> list[str]:
    """Return what the role shows at its end."""
    lines: list[str] = run.result(f"{ROLE} : Show how the declared tokens stand")["msg"]
    return lines


def test_a_new_token_is_published_once_and_told_once(publisher: Publisher) -> None:
    app = publisher.token("app", "one", "two")
    first = publisher.run(app)
    assert first.return_code == 0, first.output
    value = publisher.held("one")
    assert publisher.held("two") == value is not None
    [entry] = [
        token for token in publisher.emulator.tokens(publisher.user) if token.id == publisher.told("one")["token_id"]
    ]
    assert publisher.told("two") == {
        "name": "app",
        "token_id": entry.id,
        "expires_at": publisher.told("one")["expires_at"],
        "colour": "of two",
    }
    assert restarts(first) == [["app"]]
    assert summary(first)[-1] == "1 declared: 1 working; 1 rotated"
    assert value not in first.output
    second = publisher.run(app)
    assert "changed=0" in second.output, second.output
    assert restarts(second) == []


def test_a_rotation_publishes_the_next_token_before_the_last_one_goes(publisher: Publisher) -> None:
    app = publisher.token("app", "one", overlap="0s")
    publisher.run(app)
    first, before = publisher.held("one"), publisher.ids()
    publisher.pass_days(24)
    run = publisher.run(app)
    assert run.return_code == 0, run.output
    assert publisher.held("one") not in (None, first)
    assert len(publisher.ids() & before) == 1
    assert "(rotated: it was in its renewal window)" in summary(run)[0]


def test_a_task_that_fails_is_named_and_the_others_go_on(publisher: Publisher) -> None:
    publisher.run(publisher.token("app", "one", "two"), publisher.token("dns", "three"))
    old = publisher.held("one")
    publisher.pass_days(24)
    publisher.publish(FAIL, COPY, TELL)
    tokens = publisher.token("app", "one", "two"), publisher.token("dns", "three")
    run = publisher.run(*tokens)
    assert run.return_code == 2
    assert publisher.held("one") == old
    assert publisher.held("two") not in (None, old)
    assert publisher.told("three")["name"] == "dns"
    assert restarts(run) == [["app", "dns"]]
    end = end_of(run)
    assert "1 of 2 declared tokens need attention. [app] spots: one may not hold the current token" in " ".join(
        end.split()
    )
    assert "spots: one may not hold the current token: the task Ask the service failed." in end
    assert "the next run publishes the token again" in end
    assert "The previous token is kept until then; it works until " in end
    publisher.publish(COPY, TELL)
    again = publisher.run(*tokens)
    assert again.return_code == 0, again.output
    assert publisher.held("one") == publisher.held("two")
    assert restarts(again) == [["app"]]


def test_check_mode_says_where_and_runs_no_task(publisher: Publisher) -> None:
    publisher.run(publisher.token("app", "one"))
    app = publisher.token("app", "one", "two")
    run = publisher.run(app, arguments=("--check",))
    assert run.return_code == 0, run.output
    assert publisher.held("two") is None
    assert any("The next run publishes the token in spots: two" in line for line in summary(run))
    publisher.pass_days(24)
    run = publisher.run(app, arguments=("--check", "--diff"))
    assert "would be published in spots: one, spots: two." in summary(run)[0]
    assert publisher.held("two") is None


def test_an_absent_token_is_taken_away_where_it_was_published(publisher: Publisher) -> None:
    publisher.run(publisher.token("app", "one", "two"))
    run = publisher.run(publisher.token("app", "one", "two", state="absent"))
    assert run.return_code == 0, run.output
    assert publisher.held("one") is None is publisher.held("two")
    assert len(publisher.ids()) == 1
    assert summary(run)[-1] == "1 declared: 1 decommissioned; 1 deleted"
    again = publisher.run(publisher.token("app", "one", "two", state="absent"))
    assert "changed=0" in again.output, again.output


def test_a_task_file_that_ansible_could_not_include_is_refused_before_a_token_is_made(publisher: Publisher) -> None:
    publisher.workspace.write("tasks/spread.yml", "- name: [")
    run = publisher.run(publisher.token("app", "one"))
    assert run.return_code == 2
    assert "names a file that is no list of tasks" in end_of(run)
    assert len(publisher.ids()) == 1


def test_hosts_that_share_a_declaration_publish_once(publisher: Publisher) -> None:
    publisher.workspace.write("hosts.yml", {"all": {"hosts": {"web1": {}, "web2": {}, "web3": {}}}})
    count = {
        "name": "Count",
        "ansible.builtin.lineinfile": {
            "path": f"{SPOT}.count",
            "line": "{{ inventory_hostname }}",
            "create": True,
            "mode": "0600",
        },
    }
    publisher.publish(COPY, count)
    run = publisher.run(publisher.token("app", "one"), arguments=("-i", "hosts.yml"), hosts="web*", run_once=True)
    assert run.return_code == 0, run.output
    assert (publisher.spots / "one.count").read_text() == "web1\n"
    assert len(restarts(run)) == 3
