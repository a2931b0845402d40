# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit as a whole: names that lead from file to file, what the policy says, and no value in any result."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit import audit as audit_module
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.audit import (
    basic_auth_audit,
    impact_of_policy,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._basic_auth_audit.findings import KINDS, NOTES

SCHEMAS = Path(__file__).resolve().parents[5] / "docs" / "schemas"
SCHEMA = json.loads(
    (SCHEMAS / f"basic-auth-audit-{audit_module.SCHEMA_VERSION}.schema.json").read_text(encoding="utf-8")
)
CANARY = "hunter2-hunter2"
TODAY = date(2026, 3, 1)
IN_USE = ["configuring", "enabled", "forced"]
OPTIONS = {
    "exclude": [],
    "two_factor": "unknown",
    "date": None,
    "fail_on_findings": False,
    "fail_on_unread": False,
    "follow": False,
    "max_file_size": 1_000_000,
    "max_files": 1000,
    "sarif_root": None,
}
# A file for every kind, with the canary wherever a value can stand.
FILES = {
    "playbook.yml": f"""
- hosts: localhost
  module_defaults:
    group/ionoscloudsdk.ionoscloud.all: {{username: {CANARY}}}
  tasks:
    - ionoscloudsdk.ionoscloud.lan: {{password: {CANARY}}}
    - uri: {{url: https://api.ionos.com/{CANARY}, url_password: {CANARY}}}
    - shell: curl -u {CANARY}:{CANARY} https://api.ionos.com/{CANARY}
    - shell: ionosctl login --user {CANARY} --password {CANARY}
    # ionos_password: {CANARY}
""",
    "group_vars/all.yml": f"ionos_password: {CANARY}\n",
    "inventory.ini": f"[ionos]\npassword = {CANARY}\n",
    ".env": f"IONOS_PASSWORD={CANARY}\n",
    "run.sh": f'echo "$IONOS_PASSWORD" {CANARY}\n',
    "main.tf": f'provider "ionoscloud" {{\n  password = "{CANARY}"\n}}\n',
    "prod.tfvars": f'ionos_username = "{CANARY}"\n',
    "client.py": f'h = {{"Authorization": "Basic {CANARY}"}}\nget("https://a:{CANARY}@dns.de-fra.ionos.com", h)\n',
    ".netrc": f"machine api.ionos.com login {CANARY} password {CANARY}\n",
    ".ionos/config": f"currentProfile: {CANARY}\nprofiles: [{{name: {CANARY}, credentials: {{password: {CANARY}}}}}]\n",
    "image.pkr.hcl": f'source "ionoscloud" "x" {{\n  password = sensitive("{CANARY}")\n}}\n',
    "machine.sh": f"docker-machine create --driver ionoscloud --ionoscloud-password {CANARY} x\nionos_pass={CANARY}\n",
    "Pulumi.prod.yaml": f"config:\n  ionoscloud:password: {CANARY}\n",
    "server.py": f'import ionoscloud\nionoscloud.Configuration(username="{CANARY}", password=f"{CANARY}")\n',
    "request.go": f'url := "https://api.ionos.com/x"\nreq.SetBasicAuth("{CANARY}", p)\n',
    "legacy.yml": f"- profitbricks: {{subscription_password: {CANARY}}}\n",
    "config.json": json.dumps({"userdata.password": CANARY}),
    "awx.json": json.dumps(
        {
            "credential_types": [{"name": "IONOS", "inputs": {}, "injectors": {"env": {"IONOS_PASSWORD": CANARY}}}],
            "credentials": [{"name": CANARY, "credential_type": {"name": "IONOS"}, "inputs": {"password": CANARY}}],
        }
    ),
    "broken.yml": f"ionoscloudsdk.ionoscloud.lan:\n  password: {CANARY}\n  name: [{CANARY}\n",
    "vaulted.yml": f"$ANSIBLE_VAULT;1.1;AES256\n{CANARY}\n",
    "large.env": f"IONOS_PASSWORD={CANARY}\n" * 100_000,
    "binary": f"IONOS_PASSWORD={CANARY}\0\n",
}


@pytest.fixture
def project(tmp_path):
    def write(**files):
        for name, content in files.items():
            file = tmp_path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)
        return tmp_path

    return write


def run(folder, **options):
    return basic_auth_audit({**OPTIONS, "paths": [str(folder)], **options}, TODAY)


def settings_found(result, folder):
    return [(finding["path"].replace(f"{folder}/", ""), finding["setting"]) for finding in result["findings"]]


def test_every_kind_and_most_notes_are_found_and_no_value_is_shown(project):
    folder = project(**FILES)
    result, failure = run(folder)
    assert failure is None
    assert {finding["kind"] for finding in result["findings"]} == set(KINDS)
    assert {note["kind"] for note in result["notes"]} == {"binary", "broken_structure", "too_large", "vaulted"}
    assert CANARY not in json.dumps(result)
    assert CANARY not in repr(result)
    Draft202012Validator(SCHEMA).validate({key: value for key, value in result.items() if key != "changed"})


def test_a_log_of_sarif_is_made_where_it_is_asked_for_and_shows_no_value(project):
    folder = project(**FILES)
    result, failure = run(folder, sarif_root=str(folder))
    assert failure is None
    assert len(result["sarif"]["runs"][0]["results"]) == len(result["findings"])
    assert CANARY not in json.dumps(result["sarif"])
    assert "sarif" not in run(folder)[0]


def test_a_result_has_only_json_types_and_says_what_to_do(project):
    folder = project(**{"group_vars/all.yml": "\n\nionos_password: x\n# ionos_username: y\n"})
    result, _failure = run(folder)
    assert json.loads(json.dumps(result)) == result
    first = result["findings"][0]
    assert (first["path"], first["line"], first["stored_as"]) == (f"{folder}/group_vars/all.yml", 3, "plain")
    assert first["impact"] == (
        "Impacted: accounts without two-factor authentication, since 2025-01-01; accounts with two-factor "
        "authentication, set up or obligatory, since 2024-03-15."
    )
    assert "vaulted_token" in first["instead"]
    assert (result["count"], result["commented_count"], result["files_examined"]) == (1, 1, 1)
    assert (result["changed"], result["complete"], result["schema_version"]) == (False, True, 1)
    assert result["summary"][0] == (
        "Basic Authentication for IONOS Cloud is configured in 1 place, and commented out in 1 place. "
        "Files examined: 1."
    )
    assert result["summary"][1].endswith("all.yml:3: ansible_variable: ionos_password (plain)")
    assert result["summary"][2].endswith("(commented out)")


def test_nothing_found(project):
    result, failure = run(project(**{"x.yml": "a: 1\n"}), fail_on_findings=True, fail_on_unread=True)
    assert failure is None
    assert (result["findings"], result["notes"], len(result["summary"])) == ([], [], 1)


def test_a_name_leads_from_the_task_over_one_variable_to_the_next(project):
    folder = project(
        **{
            "a_vars/main.yml": "last: x\nunrelated: y\n",
            "group_vars/all.yml": 'middle: "{{ last }}"\n',
            "site.yml": '- ionoscloudsdk.ionoscloud.lan: {password: "{{ middle }}"}\n',
        }
    )
    assert settings_found(run(folder)[0], folder) == [
        ("a_vars/main.yml", "last"),
        ("group_vars/all.yml", "middle"),
        ("site.yml", "ionoscloudsdk.ionoscloud.lan: password"),
    ]


def test_a_name_leads_from_the_provider_block_to_the_variables(project):
    folder = project(
        **{
            "main.tf": 'provider "ionoscloud" {\n  password = var.secret\n}\n',
            "a.tfvars": 'secret = "x"\nregion = "y"\n',
            "run.sh": "export TF_VAR_secret=x\n",
        }
    )
    assert settings_found(run(folder)[0], folder) == [
        ("a.tfvars", "secret"),
        ("main.tf", "password"),
        ("run.sh", "secret"),
    ]


def test_a_general_name_is_that_of_one_module_and_of_what_calls_it(project):
    variable = 'variable "username" {}\n'
    folder = project(
        **{
            "cloud/main.tf": 'provider "ionoscloud" {\n  username = var.username\n}\n',
            "cloud/variables.tf": variable,
            "database/variables.tf": variable,
            "main.tf": 'module "cloud" {\n  source = "./cloud"\n  username = var.name_of_user\n}\n',
        }
    )
    assert settings_found(run(folder)[0], folder) == [
        ("cloud/main.tf", "username"),
        ("cloud/variables.tf", "username"),
        ("main.tf", "username"),
    ]


def test_a_name_leads_from_a_program_to_its_settings_and_its_environment(project):
    folder = project(
        **{
            "client.py": "import ionoscloud\n"
            "ionoscloud.Configuration(username=settings.get('account', 'mail'), password=os.environ['CLOUD_SECRET'])\n",
            "settings.ini": "[shop]\nmail = x\n[account]\nmail = x\ncolour = red\n",
            "settings.yml": "account:\n  mail: x\nshop:\n  mail: x\n",
            "run.env": "CLOUD_SECRET=x\nSHOP_SECRET=x\n",
            "pod.yml": "env:\n  - name: CLOUD_SECRET\n    value: x\n",
        }
    )
    assert settings_found(run(folder)[0], folder) == [
        ("client.py", "Configuration: username"),
        ("client.py", "Configuration: password"),
        ("pod.yml", "CLOUD_SECRET"),
        ("run.env", "CLOUD_SECRET"),
        ("settings.ini", "mail"),
        ("settings.yml", "account: mail"),
    ]


def test_a_credential_type_leads_to_its_credentials(project):
    kind = {"name": "Cloud login", "injectors": {"env": {"IONOS_USERNAME": "{{ user }}"}}}
    credential = {"credential_type": {"name": "Cloud login"}, "inputs": {"user": "x"}}
    folder = project(**{"a.json": json.dumps([credential]), "b.json": json.dumps([kind])})
    assert settings_found(run(folder)[0], folder) == [("a.json", "credential 1: user"), ("b.json", "IONOS_USERNAME")]


def test_what_is_commented_out_does_not_fail_the_task(project):
    folder = project(**{".env": "# IONOS_PASSWORD=x\n"})
    assert run(folder, fail_on_findings=True)[1] is None


def test_the_task_fails_with_its_result(project):
    folder = project(**{".env": "IONOS_PASSWORD=x\nIONOS_USERNAME=y\n"})
    result, failure = run(folder, fail_on_findings=True)
    assert failure == (
        "Basic Authentication for IONOS Cloud is still configured in 2 places. "
        "The result lists each with what to write instead."
    )
    assert result["count"] == 2


def test_the_task_fails_where_something_was_not_read(project):
    folder = project(**{"x.yml": "$ANSIBLE_VAULT;1.1;AES256\n61\n"})
    assert run(folder)[1] is None
    result, failure = run(folder, fail_on_unread=True)
    assert failure == "1 place could not be examined completely. The notes of the result say which and why."
    assert result["complete"] is False


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"paths": []}, "paths is empty."),
        ({"paths": ["/nowhere/at/all"]}, "/nowhere/at/all does not exist."),
        ({"max_file_size": 0}, "max_file_size is out of range."),
        ({"max_files": -1}, "max_files is out of range."),
        ({"date": "tomorrow"}, "date is not a date."),
    ],
)
def test_options_that_cannot_be_right(project, options, message):
    result, failure = run(project(x="y"), **options)
    assert failure.startswith(message)
    assert result == {}


def test_an_unexpected_error_is_noted_without_its_text(project, monkeypatch):
    def fail(path, text, names):
        raise RuntimeError(text)

    monkeypatch.setattr(audit_module, "audit_text", fail)
    result, _failure = run(project(**{".env": f"IONOS_PASSWORD={CANARY}"}))
    assert [note["kind"] for note in result["notes"]] == ["internal_error"]
    assert CANARY not in json.dumps(result)


def test_findings_are_bounded(project, monkeypatch):
    monkeypatch.setattr(audit_module, "MAXIMUM_FINDINGS", 3)
    result, _failure = run(project(**{".env": "IONOS_PASSWORD=x\n" * 5}))
    assert len(result["findings"]) == 3
    assert [note["kind"] for note in result["notes"]] == ["too_many_findings"]


@pytest.mark.parametrize(
    ("two_factor", "on", "expected"),
    [
        (
            "unknown",
            date(2024, 3, 14),
            [
                (["disabled"], True, None, "2024-12-31"),
                (["configuring", "enabled", "forced"], True, None, "2024-03-14"),
            ],
        ),
        (
            "unknown",
            date(2024, 3, 15),
            [
                (["disabled"], True, None, "2024-12-31"),
                (["configuring", "enabled", "forced"], False, "2024-03-15", None),
            ],
        ),
        (
            "unknown",
            date(2025, 1, 1),
            [
                (["disabled"], False, "2025-01-01", None),
                (["configuring", "enabled", "forced"], False, "2024-03-15", None),
            ],
        ),
        ("disabled", date(2024, 12, 31), [(["disabled"], True, None, "2024-12-31")]),
        ("forced", date(2025, 1, 1), [(["forced"], False, "2024-03-15", None)]),
    ],
)
def test_whom_it_concerns_and_since_when(two_factor, on, expected):
    found = impact_of_policy(two_factor, on)
    assert [(group["two_factor"], group["allowed"], group["since"], group["until"]) for group in found] == expected


def test_the_sentence_of_a_finding_follows_account_and_day(project):
    folder = project(**{".env": "IONOS_PASSWORD=x\n"})
    result, _failure = run(folder, two_factor="disabled", date="2024-06-01")
    assert result["findings"][0]["impact"] == (
        "Impacted: accounts without two-factor authentication, from the day after 2024-12-31 on."
    )
    assert (result["policy"]["on"], result["policy"]["allowed"]) == ("2024-06-01", True)


def test_a_name_of_a_file_cannot_write_lines_of_its_own(project):
    result, _failure = run(project(**{"x\n\x1b[31m.env": "IONOS_PASSWORD=x\n"}))
    assert result["findings"][0]["path"].endswith("/x??[31m.env")


@given(
    st.sampled_from(["x.yml", "x.json", "main.tf", ".env", "group_vars/all", ".ionos/config", "x.ini"]),
    st.binary(max_size=300)
    | st.lists(st.sampled_from([*FILES.values()]), min_size=1, max_size=2).map(
        lambda parts: "".join(parts)[:3000].encode()
    ),
    st.lists(st.tuples(st.integers(0, 2999), st.binary(min_size=1, max_size=1)), max_size=4),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_octets_give_findings_and_notes_and_no_value(tmp_path, name, content, changes):
    octets = bytearray(b"ionos " * (len(content) % 2) + content)
    for place, octet in changes:
        if place < len(octets):
            octets[place : place + 1] = octet
    file = tmp_path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(octets)
    result, failure = run(file)
    assert failure is None
    assert {finding["kind"] for finding in result["findings"]} <= set(KINDS)
    assert {note["kind"] for note in result["notes"]} <= set(NOTES) - {"internal_error"}
    assert CANARY not in json.dumps(result)


def test_the_schema_knows_what_there_is():
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$defs"]["finding"]["properties"]["kind"]["enum"] == list(KINDS)
    assert SCHEMA["$defs"]["note"]["properties"]["kind"]["enum"] == list(NOTES)
