# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in for AWX answers what a real AWX 24.6.1 was recorded to answer, and is no kinder elsewhere."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from support.awx import AwxServer

EXCHANGES = json.loads(Path(__file__).parents[1].joinpath("support/awx/exchanges.json").read_text())["exchanges"]
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
PASSWORD = "password-of-the-admin"


@pytest.fixture
def awx() -> Iterator[AwxServer]:
    with AwxServer() as server:
        yield server


def ask(awx: AwxServer, method: str, path: str, body: Any = None, **login: Any) -> requests.Response:
    given = login or {"auth": ("admin", PASSWORD)}
    return requests.request(method, awx.url + path, json=body, timeout=10, **given)


def comparable(value: Any) -> Any:
    """Return a body without what differs from one AWX to the next: instants and the values of OAuth tokens."""
    if isinstance(value, dict):
        return {key: "a token" if key == "token" and "scope" in value else comparable(v) for key, v in value.items()}
    if isinstance(value, list):
        return [comparable(element) for element in value]
    return "an instant" if isinstance(value, str) and MOMENT.fullmatch(value) else value


def test_every_recorded_request_is_answered_as_it_was_recorded(awx: AwxServer) -> None:
    tokens = {}
    logins: dict[str, Any] = {
        "wrong password": lambda: {"auth": ("admin", "wrong")},
        "wrong OAuth token": lambda: {"headers": {"Authorization": "Bearer wrong"}},
        "read with the OAuth token": lambda: {"headers": {"Authorization": f"Bearer {tokens['write']}"}},
        "patch with a read-only OAuth token": lambda: {"headers": {"Authorization": f"Bearer {tokens['read']}"}},
    }
    for exchange in EXCHANGES:
        note, request = exchange["note"], exchange["request"]
        login = logins[note]() if note in logins else {}
        answer = ask(awx, request["method"], request["path"], request["body"], **login)
        assert (note, answer.status_code) == (note, exchange["status"])
        assert (note, comparable(answer.json())) == (note, comparable(exchange["body"]))
        recorded = {name: value for name, value in exchange["headers"].items() if name != "X-API-Total-Time"}
        assert {name: answer.headers.get(name) for name in recorded} == recorded, note
        if "personal_tokens" in request["path"]:
            tokens[answer.json()["scope"]] = answer.json()["token"]
    assert len(tokens) == 2


@pytest.fixture
def credential(awx: AwxServer) -> str:
    of_type = awx.add_credential_type()
    return f"/api/v2/credentials/{awx.add_credential('dns', of_type.id).id}/"


def test_encrypted_where_nothing_is_stored_is_a_server_error_with_a_page(awx: AwxServer, credential: str) -> None:
    answer = ask(awx, "PATCH", credential, {"inputs": {"token": "$encrypted$"}})
    assert (answer.status_code, answer.headers["Content-Type"]) == (500, "text/html")


@pytest.mark.parametrize(("role", "status"), [("use", 403), ("admin", 200)])
def test_only_who_administers_a_credential_may_change_it(
    awx: AwxServer, credential: str, role: str, status: int
) -> None:
    user = awx.state.add_user("rotator", "password")
    user.roles[int(credential.split("/")[-2])] = {role}
    login = {"auth": ("rotator", "password")}
    assert ask(awx, "GET", credential, **login).status_code == 200
    assert ask(awx, "PATCH", credential, {"description": "x"}, **login).status_code == status


def test_a_credential_without_a_role_does_not_exist_for_a_user(awx: AwxServer, credential: str) -> None:
    awx.state.add_user("rotator", "password")
    login = {"auth": ("rotator", "password")}
    assert ask(awx, "GET", credential, **login).status_code == 404
    assert ask(awx, "GET", "/api/v2/credentials/", **login).json()["count"] == 0


def test_a_literal_is_accepted_beside_an_input_source(awx: AwxServer, credential: str) -> None:
    source = awx.add_credential("lookup", 24).id
    body = {"target_credential": int(credential.split("/")[-2]), "source_credential": source}
    made = ask(awx, "POST", "/api/v2/credential_input_sources/", {**body, "input_field_name": "token", "metadata": {}})
    assert made.status_code == 201
    assert ask(awx, "PATCH", credential, {"inputs": {"token": "x"}}).status_code == 200
    assert ask(awx, "GET", f"{credential}input_sources/").json()["count"] == 1
    assert ask(awx, "POST", f"/api/v2/credentials/{source}/test/", {}).status_code == 202


def test_an_unknown_filter_is_refused(awx: AwxServer) -> None:
    answer = ask(awx, "GET", "/api/v2/credentials/?nosuch=1")
    assert (answer.status_code, answer.json()) == (400, {"detail": "Credential has no field named 'nosuch'"})


def test_the_page_of_a_named_url_is_the_object(awx: AwxServer) -> None:
    made = awx.add_credential("team/dns: a&b", awx.add_credential_type().id)
    shown = ask(awx, "GET", f"/api/v2/credentials/{made.id}/").json()
    assert ask(awx, "GET", shown["related"]["named_url"]).json()["id"] == made.id


def test_a_playbook_that_the_project_does_not_have_is_refused(awx: AwxServer) -> None:
    awx.state.playbooks["ionos"] = ["rotate.yml"]
    project = {"name": "p", "organization": 1, "scm_type": "", "local_path": "ionos"}
    made = ask(awx, "POST", "/api/v2/projects/", project).json()["id"]
    inventory = ask(awx, "POST", "/api/v2/inventories/", {"name": "i", "organization": 1}).json()["id"]
    template = {"name": "t", "project": made, "inventory": inventory, "playbook": "tokenops.ionos.rotate"}
    answer = ask(awx, "POST", "/api/v2/job_templates/", template)
    assert (answer.status_code, answer.json()) == (400, {"playbook": ["Playbook not found for project."]})


def test_a_schedule_cannot_leave_a_question_empty_that_must_be_answered(awx: AwxServer) -> None:
    template = awx.state.add("job_templates", {"name": "t", "survey_enabled": True, "survey_spec": {}})
    question = {"type": "password", "question_name": "q", "variable": "offer", "required": True}
    survey = {"name": "", "description": "", "spec": [question]}
    assert ask(awx, "POST", f"/api/v2/job_templates/{template.id}/survey_spec/", survey).status_code == 200
    rule = "DTSTART:20260101T020700Z RRULE:FREQ=DAILY;INTERVAL=1"
    schedule = {"name": "nightly", "rrule": rule, "unified_job_template": template.id}
    answer = ask(awx, "POST", "/api/v2/schedules/", schedule)
    assert (answer.status_code, list(answer.json())) == (400, ["variables_needed_to_start"])


def test_the_gateway_has_the_api_under_its_own_prefix() -> None:
    with AwxServer(behind_gateway=True) as awx:
        assert ask(awx, "GET", "/api/v2/ping/").status_code == 404
        assert ask(awx, "GET", "/api/controller/v2/me/").json()["results"][0]["username"] == "admin"
