# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook that sets AWX up, with the real modules of awx.awx against the stand-in."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.ansible_runs import COLLECTIONS, AnsibleRun, AnsibleWorkspace
from support.awx import AwxServer
from support.awx.resources import RESOURCES
from support.awx.state import Item
from support.borrowed_collections import borrowed_collections

NAME = "IONOS Cloud tokens"
ISSUER = "eyJ-issuer"
SETTINGS: dict[str, Any] = {
    "project": {"scm_type": "manual", "local_path": "ionos"},
    "image": "registry.example.com/ee-ionos:1.0",
    "issuer_token": ISSUER,
    "vault": {"url": "https://bao.example.com:8200", "role_id": "role", "secret_id": "secret-of-approle"},
    "webhook": {"url": "https://alerts.example.com/hook", "authorization": "Bearer of-the-webhook"},
    "notifications": [
        {
            "name": "on call",
            "type": "webhook",
            "configuration": {
                "url": "https://alerts.example.com/awx",
                "headers": {},
                "password": "of-the-notification",
            },
        }
    ],
    "offers": ["external-dns"],
    "consumers": [{"name": "ionos external-dns", "path": "ionos/external-dns"}],
    "extra_vars": {"token_rotation_workers": 4},
}
SECRETS = (ISSUER, "secret-of-approle", "of-the-webhook", "of-the-notification")
COUNTS = re.compile(r"ok=(\d+) +changed=(\d+).*failed=(\d+)")


class Administrator:
    """Somebody who sets an AWX up, with the settings in a file of variables."""

    def __init__(self, folder: Path, awx: AwxServer) -> None:
        self.workspace = AnsibleWorkspace(folder)
        self.awx = awx
        awx.state.playbooks["ionos"] = ["rotate.yml", "report.yml"]
        self.collections = f"{COLLECTIONS}:{borrowed_collections()}"

    def play(self, *arguments: str, login: dict[str, str] | None = None, **settings: Any) -> AnsibleRun:
        given = {f"awx_setup_{name}": value for name, value in {**SETTINGS, **settings}.items()}
        self.workspace.write("setup.yml", given)
        environment = {
            "ANSIBLE_COLLECTIONS_PATH": self.collections,
            "CONTROLLER_HOST": self.awx.url,
            **(login or {"CONTROLLER_OAUTH_TOKEN": self.awx.token()}),
        }
        return self.workspace.run(
            "tokenops.ionos.awx_setup", "-e", "@setup.yml", "-v", *arguments, environment=environment, timeout=300
        )


def changed(run: AnsibleRun) -> int:
    counts = COUNTS.search(run.stdout)
    assert counts is not None, run.output
    assert (run.return_code, counts.group(3)) == (0, "0"), run.output
    return int(counts.group(2))


@pytest.fixture
def awx() -> Iterator[AwxServer]:
    with AwxServer() as server:
        yield server


def test_without_awx_awx_the_message_says_how_to_install_it(tmp_path: Path, awx: AwxServer) -> None:
    workspace = AnsibleWorkspace(tmp_path)
    run = workspace.run(
        "tokenops.ionos.awx_setup",
        "-e",
        '{"awx_setup_project": {"scm_url": "https://git.example.com/ionos.git"}}',
        environment={"CONTROLLER_HOST": awx.url, "CONTROLLER_OAUTH_TOKEN": awx.token()},
    )
    assert run.return_code == 2
    assert "ansible-galaxy collection install awx.awx" in run.results[-1].result["msg"]
    assert awx.seen == []


def test_what_somebody_else_made_is_not_taken_over(tmp_path: Path, awx: AwxServer) -> None:
    awx.state.add("projects", {"name": NAME, "description": "ours", "organization": 1, "scm_type": "", "scm_url": ""})
    awx.add_credential_type("IONOS Cloud token webhook")
    run = Administrator(tmp_path, awx).play()
    assert run.return_code == 2
    assert f"did not make: {NAME}, IONOS Cloud token webhook" in run.failure
    assert [seen for seen in awx.seen if seen.method != "GET"] == []


@pytest.mark.parametrize("password", ["password-of-the-admin", "wrong"])
def test_a_login_by_password_leaves_no_token_behind(tmp_path: Path, awx: AwxServer, password: str) -> None:
    login = {"CONTROLLER_USERNAME": "admin", "CONTROLLER_PASSWORD": password}
    run = Administrator(tmp_path, awx).play("-e", "state=absent", login=login)
    assert (run.return_code, awx.state.tokens) == (2 if password == "wrong" else 0, {})
    assert ("AWX gives this user no OAuth token." in run.output) == (password == "wrong")
    assert password == "wrong" or password not in run.output


class Life:
    """An AWX that was set up, set up again and cleaned, and what was there after the first run."""

    def __init__(self, folder: Path, awx: AwxServer, **settings: Any) -> None:
        self.before = everything(awx)
        self.team = Administrator(folder, awx)
        self.foreseen = self.team.play("--check", **settings)
        self.after_check = everything(awx)
        self.first = self.team.play(**settings)
        self.there = everything(awx)
        self.state = copy.deepcopy({name: awx.state.all(name) for name in self.there})
        self.second = self.team.play(**settings)
        self.second_foreseen = self.team.play("--check", **settings)
        self.absent = self.team.play("-e", "state=absent")
        self.left = everything(awx)

    def one(self, collection: str, name: str) -> Item:
        [found] = [item for item in self.state[collection] if item.name == name]
        return found

    def linked(self, item: Item, association: str, collection: str) -> list[str]:
        ids = item.links.get(association, [])
        return sorted(other.name for other in self.state[collection] if other.id in ids)


def everything(awx: AwxServer) -> dict[str, list[str]]:
    """Return the names of all objects."""
    return {name: sorted(item.name for item in awx.state.all(name)) for name in RESOURCES}


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    with AwxServer() as awx:
        yield Life(tmp_path_factory.mktemp("life"), awx)


@pytest.mark.heavy
def test_the_first_run_makes_everything_and_the_second_changes_nothing(life: Life) -> None:
    assert (changed(life.first) > 0, changed(life.second)) == (True, 0)


@pytest.mark.heavy
def test_check_mode_names_what_is_not_there_and_makes_nothing(life: Life) -> None:
    assert changed(life.foreseen) == 1
    assert life.after_check == life.before
    told = " ".join(life.foreseen.stdout.split())
    assert "Would be made: credential type IONOS Cloud API token, " in told
    for kind in ("project", "inventory", "execution environment"):
        assert f", {kind} {NAME}," in told
    for kind, name in (("credential", "issuer"), ("job template", "rotate"), ("notification template", "on call")):
        assert f", {kind} {NAME}: {name}" in told


@pytest.mark.heavy
def test_check_mode_of_a_run_that_changes_nothing_says_so(life: Life) -> None:
    assert changed(life.second_foreseen) == 0


@pytest.mark.heavy
def test_absent_removes_what_was_made_and_nothing_else(life: Life) -> None:
    assert changed(life.absent) > 0
    assert life.left == life.before


@pytest.mark.heavy
def test_no_secret_is_in_the_output(life: Life) -> None:
    for run in (life.first, life.second, life.absent):
        assert [secret for secret in SECRETS if secret in run.output] == []


@pytest.mark.heavy
def test_the_rotation_has_its_credentials_and_no_twin_at_the_same_time(life: Life) -> None:
    template = life.one("job_templates", f"{NAME}: rotate")
    assert life.linked(template, "credentials", "credentials") == [
        f"{NAME}: {name}" for name in ("AppRole", "issuer", "webhook")
    ]
    assert (template.values["playbook"], template.values["allow_simultaneous"]) == ("rotate.yml", False)
    environment = life.one("execution_environments", NAME)
    assert template.values["execution_environment"] == environment.id
    assert life.one("job_templates", f"{NAME}: report").values["playbook"] == "report.yml"


@pytest.mark.heavy
def test_what_a_person_answers_becomes_an_offer_and_may_be_left_empty(life: Life) -> None:
    template = life.one("job_templates", f"{NAME}: rotate").values
    [question] = template["survey_spec"]["spec"]
    assert (question["type"], question["variable"]) == ("password", "ionos_offer_external_dns")
    assert (question["required"], template["survey_enabled"]) == (False, True)
    given = json.loads(template["extra_vars"])
    assert given["token_rotation_offers"] == {"external-dns": '{{ ionos_offer_external_dns | default("") }}'}
    assert given["token_rotation_workers"] == 4


@pytest.mark.heavy
def test_the_role_is_told_of_the_webhook_and_only_the_credential_knows_it(life: Life) -> None:
    given = json.loads(life.one("job_templates", f"{NAME}: rotate").values["extra_vars"])
    assert given["token_rotation_notify_webhook"] == {
        "url": "{{ ionos_webhook_url }}",
        "headers": {"Authorization": "{{ ionos_webhook_authorization }}"},
    }
    of_type = life.one("credential_types", "IONOS Cloud token webhook").values
    assert of_type["injectors"]["extra_vars"] == {
        "ionos_webhook_url": "{{ url }}",
        "ionos_webhook_authorization": "{{ authorization | default('') }}",
    }
    assert life.one("credentials", f"{NAME}: webhook").values["inputs"] == SETTINGS["webhook"]


@pytest.mark.heavy
def test_it_runs_once_a_night_at_a_minute_of_its_own(life: Life) -> None:
    schedule = life.one("schedules", f"{NAME}: nightly").values
    assert re.fullmatch(r"DTSTART:20250101T02[0-5]\d00Z RRULE:FREQ=DAILY;INTERVAL=1", schedule["rrule"])


@pytest.mark.heavy
def test_a_failed_job_is_told_of(life: Life) -> None:
    for name in ("rotate", "report"):
        template = life.one("job_templates", f"{NAME}: {name}")
        assert life.linked(template, "notification_templates_error", "notification_templates") == [f"{NAME}: on call"]


@pytest.mark.heavy
def test_other_credentials_read_the_token_from_the_vault(life: Life) -> None:
    [source] = life.state["credential_input_sources"]
    target = life.one("credentials", "ionos external-dns")
    lookup = life.one("credentials", f"{NAME}: secret lookup")
    assert (source.values["target_credential"], source.values["source_credential"]) == (target.id, lookup.id)
    assert source.values["metadata"] == {
        "secret_backend": "secret",
        "secret_path": "ionos/external-dns",
        "secret_key": "token",
    }
    assert (target.values["inputs"], lookup.values["inputs"]["api_version"]) == ({}, "v2")


@pytest.mark.heavy
def test_an_organization_without_a_galaxy_credential_gets_one(life: Life) -> None:
    organization = life.one("organizations", "Default")
    assert life.linked(organization, "galaxy_credentials", "credentials") == [f"{NAME}: Galaxy"]


@pytest.mark.heavy
def test_what_was_there_before_is_used_and_outlives_the_removal(tmp_path: Path, awx: AwxServer) -> None:
    own_type = awx.add_credential_type("Our own type")
    own = awx.add_credential("ionos external-dns", own_type.id, inputs={"api_key": "of ours"})
    awx.state.named("organizations", "Default").links["galaxy_credentials"] = [2]
    consumer = {"name": "ionos external-dns", "path": "ionos/external-dns", "credential_type": "Our own type"}
    life = Life(tmp_path, awx, consumers=[consumer], offers=[], notifications=[])
    assert (changed(life.first) > 0, changed(life.second)) == (True, 0)
    assert life.linked(life.one("organizations", "Default"), "galaxy_credentials", "credentials") == ["Ansible Galaxy"]
    assert life.state["credential_input_sources"][0].values["target_credential"] == own.id
    assert own.values["inputs"] == {"api_key": "of ours"}
    assert life.left == life.before
    assert awx.state.named("organizations", "Default").links["galaxy_credentials"] == [2]
