# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``auth_token`` in real runs of ansible-playbook against a real server."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from emulator import EmulatorServer
from support.ansible_runs import AnsibleRun, AnsibleWorkspace
from support.emulator_fixtures import emulator

__all__ = ["emulator"]

PASSWORD = "correct horse battery staple"
FROM_ENVIRONMENT = "{{ lookup('ansible.builtin.env', 'CURRENT_TOKEN') }}"


class Site:
    """A workspace, an emulator with one user, and that user's token in the environment."""

    def __init__(self, workspace: AnsibleWorkspace, server: EmulatorServer) -> None:
        self.workspace = workspace
        self.server = server
        self.user = server.add_user("ann@example.com", PASSWORD, role="owner")
        self.issuer, self.issuer_value = server.mint(self.user)
        self.dest = workspace.folder / "token"
        self.environment = {"IONOS_API_URL": server.url, "IONOS_TOKEN": self.issuer_value}

    def run(self, *tasks: dict[str, Any], arguments: tuple[str, ...] = (), **environment: str) -> AnsibleRun:
        """Run tasks, with further variables in the environment."""
        return self.workspace.run(
            self.workspace.play(*tasks), *arguments, environment={**self.environment, **environment}
        )

    def ids(self) -> set[str]:
        """Return the ids of the user's tokens."""
        return {token.id for token in self.server.tokens(self.user)}


@pytest.fixture
def site(tmp_path: Path, emulator: EmulatorServer) -> Site:
    return Site(AnsibleWorkspace(tmp_path), emulator)


def task(name: str = "Keep", **options: Any) -> dict[str, Any]:
    return {"name": name, "tokenops.ionos.auth_token": options}


def test_a_second_task_and_a_second_run_change_nothing(site: Site) -> None:
    first = site.run(task(dest=str(site.dest)), task("Keep again", dest=str(site.dest)))
    assert first.return_code == 0, first.output
    assert (first.result("Keep")["action"], first.result("Keep again")["action"]) == ("minted", "kept")
    assert "changed=1" in first.stdout

    second = site.run(task(dest=str(site.dest)))
    assert "changed=0" in second.stdout
    assert len(site.server.journal.minted()) == 1
    assert site.dest.stat().st_mode & 0o777 == 0o600


def test_check_mode_with_diff_shows_what_would_change_and_touches_nothing(site: Site) -> None:
    run = site.run(task(dest=str(site.dest)), arguments=("--check", "--diff"))
    assert run.return_code == 0, run.output
    assert "changed=1" in run.stdout
    assert "a new token" in run.stdout
    assert not site.dest.exists()
    assert site.server.journal.minted() == []


def test_a_token_is_replaced_in_the_file_and_the_old_one_deleted_by_a_later_task(site: Site) -> None:
    old, value = site.server.mint(site.user, ttl=120)
    site.dest.write_text(value)
    site.server.clock.advance(seconds=100)
    run = site.run(
        {**task(dest=str(site.dest)), "register": "ionos"},
        {**task("Retire", state="absent", token_id="{{ item.id }}"), "loop": "{{ ionos.previous }}"},
        arguments=("--diff",),
    )
    assert run.return_code == 0, run.output
    assert run.result("Keep")["reason"] == "renew_before"
    assert old.id in run.stdout
    assert old.id not in site.ids()
    assert len(site.ids()) == 2


def test_a_returned_value_can_be_used_by_a_later_task(site: Site) -> None:
    run = site.run(
        {**task(current="", return_value=True), "no_log": True, "register": "ionos"},
        {
            "name": "Use",
            "tokenops.ionos.auth_token_info": {"current": "{{ ionos.value }}", "token": "{{ ionos.value }}"},
        },
    )
    assert run.return_code == 0, run.output
    assert [token["id"] for token in run.result("Use")["tokens"]] == site.server.journal.minted()


def test_row_28_a_returned_value_is_whole_though_a_short_password_is_in_it(site: Site) -> None:
    run = site.run(
        {
            **task(current="", token=FROM_ENVIRONMENT, password="e", return_value=True),
            "register": "ionos",
            "no_log": True,
        },
        {
            "name": "Write",
            "ansible.builtin.copy": {"content": "{{ ionos.value }}", "dest": str(site.dest), "mode": "0600"},
        },
        task("Judge", dest=str(site.dest)),
        CURRENT_TOKEN=site.issuer_value,
    )
    assert run.return_code == 0, run.output
    assert run.result("Judge")["action"] == "kept"


def test_every_token_but_the_excepted_ones_is_deleted(site: Site) -> None:
    kept, _value = site.server.mint(site.user)
    site.server.mint(site.user)
    run = site.run(task(state="absent", criteria="all", force=True, **{"except": [kept.id, site.issuer.id]}))
    assert run.return_code == 0, run.output
    assert site.ids() == {kept.id, site.issuer.id}


def test_options_beat_the_environment(site: Site) -> None:
    bob = site.server.add_user("bob@example.com", PASSWORD)
    _token, value = site.server.mint(bob)
    run = site.run(task(dest=str(site.dest), token=FROM_ENVIRONMENT), CURRENT_TOKEN=value)
    assert run.result("Keep")["token"]["user_id"] == bob.user_id


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"return_value": True}, "Without current, token_id or dest this task would mint another token in every run."),
        ({"state": "absent", "criteria": "all"}, "This would delete every token of the user on the contract"),
        ({"dest": "/nowhere/token"}, "/nowhere/token cannot be used as dest: its directory does not exist."),
    ],
)
def test_a_task_that_cannot_be_right_says_what_to_do(site: Site, options: dict[str, Any], message: str) -> None:
    run = site.run(task(**options))
    assert run.return_code != 0
    assert run.failure.startswith(message)
    assert site.ids() == {site.issuer.id}


def test_row_22_an_asynchronous_task_does_not_return_a_value(site: Site) -> None:
    background = {"async": 60, "poll": 1}
    jobs = {"ANSIBLE_ASYNC_DIR": str(site.workspace.folder / "jobs")}
    run = site.run({**task(current="", return_value=True), **background}, **jobs)
    assert "An asynchronous task writes its result" in run.failure
    assert site.server.journal.minted() == []

    run = site.run({**task(dest=str(site.dest)), **background}, **jobs)
    assert run.return_code == 0, run.output
    assert site.dest.exists()


class TestLeaks:
    """No value in any output, however much of it there is; the value stands only in the file that was asked for."""

    OUTPUT = ("-vvvvv", "--diff")

    def assert_no_secret(self, site: Site, run: AnsibleRun, *secrets: str) -> None:
        places = {"the output": run.output.encode()}
        for file in site.workspace.folder.rglob("*"):
            if file.is_file() and file not in {site.dest, site.workspace.folder / "results.jsonl"}:
                places[str(file)] = file.read_bytes()
        for secret in secrets:
            for form in (secret, secret[-40:], base64.b64encode(secret.encode()).decode()):
                found = [place for place, content in places.items() if form.encode() in content]
                assert found == []

    def log(self, site: Site) -> dict[str, str]:
        return {"ANSIBLE_LOG_PATH": str(site.workspace.folder / "ansible.log")}

    def test_a_planted_secret_is_found(self, site: Site) -> None:
        run = site.run(
            {"name": "Plant", "ansible.builtin.debug": {"msg": FROM_ENVIRONMENT}}, CURRENT_TOKEN=site.issuer_value
        )
        with pytest.raises(AssertionError):
            self.assert_no_secret(site, run, site.issuer_value)

    def test_a_mint_into_a_file_shows_no_secret(self, site: Site) -> None:
        _old, old_value = site.server.mint(site.user, ttl=120)
        site.server.clock.advance(seconds=100)
        run = site.run(
            task(dest=str(site.dest), current=FROM_ENVIRONMENT, token=FROM_ENVIRONMENT),
            arguments=self.OUTPUT,
            CURRENT_TOKEN=old_value,
            IONOS_PASSWORD=PASSWORD,
            **self.log(site),
        )
        assert run.return_code == 0, run.output
        assert run.result("Keep")["action"] == "minted"
        self.assert_no_secret(site, run, site.dest.read_text(), old_value, site.issuer_value, PASSWORD)

    def test_a_returned_value_is_hidden_by_no_log(self, site: Site) -> None:
        run = site.run(
            {**task(current=FROM_ENVIRONMENT, return_value=True), "no_log": True},
            arguments=self.OUTPUT,
            CURRENT_TOKEN=site.issuer_value,
            **self.log(site),
        )
        assert run.return_code == 0, run.output
        self.assert_no_secret(site, run, site.issuer_value)

    @pytest.mark.parametrize(
        "options",
        [
            pytest.param({"tokn": FROM_ENVIRONMENT}, id="row 7, a misspelt name"),
            pytest.param({"token_id": FROM_ENVIRONMENT}, id="row 14, another option"),
            pytest.param({"timeout": FROM_ENVIRONMENT}, id="an option of another type"),
            pytest.param({"current": FROM_ENVIRONMENT + "x.y"}, id="a damaged token"),
        ],
    )
    def test_a_failure_shows_no_secret(self, site: Site, options: dict[str, Any]) -> None:
        run = site.run(
            task(dest=str(site.dest), **options),
            arguments=self.OUTPUT,
            CURRENT_TOKEN=site.issuer_value,
            ANSIBLE_DISPLAY_TRACEBACK="always",
            **self.log(site),
        )
        assert run.return_code != 0
        self.assert_no_secret(site, run, site.issuer_value)

    def test_row_27_the_password_in_an_address_is_not_shown(self, site: Site) -> None:
        address = "https://ann:{{ lookup('ansible.builtin.env', 'CURRENT_TOKEN') }}@api.example.com"
        run = site.run(
            task(dest=str(site.dest), api_url=address), arguments=self.OUTPUT, CURRENT_TOKEN=PASSWORD, **self.log(site)
        )
        assert run.failure.startswith("The API's address has a username or password in it.")
        self.assert_no_secret(site, run, PASSWORD)
