# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook tokenops.ionos.audit in real runs: exit code, JSON for a pipeline, and a list for people."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from support.ansible_runs import ROOT, AnsibleRun, AnsibleWorkspace

PLAYBOOK = "tokenops.ionos.audit"
SCHEMA = json.loads((ROOT / "docs" / "schemas" / "basic-auth-audit-1.schema.json").read_text(encoding="utf-8"))
CANARY = "hunter2-hunter2"
PROJECT = {
    "site.yml": f"""---
- hosts: localhost
  tasks:
    - ionoscloudsdk.ionoscloud.server:
        username: "{{{{ cloud_user }}}}"
        password: {CANARY}
""",
    "group_vars/all.yml": f"""---
cloud_user: {CANARY}
ionos_password: !vault |
  $ANSIBLE_VAULT;1.1;AES256
  6162
""",
    "deploy.sh": f"#!/bin/sh\n# export IONOS_USERNAME={CANARY}\ncurl -u {CANARY}:{CANARY} https://api.ionos.com/x\n",
}
LAST_TASK = "Fail where Basic Authentication is still configured, or something could not be examined"


@pytest.fixture
def workspace(tmp_path: Path) -> AnsibleWorkspace:
    return AnsibleWorkspace(tmp_path)


@pytest.fixture
def project(workspace: AnsibleWorkspace) -> Path:
    for name, content in PROJECT.items():
        workspace.write(f"project/{name}", content)
    return workspace.folder / "project"


def audit(
    workspace: AnsibleWorkspace, *arguments: str, started_in: Path | None = None, **variables: object
) -> AnsibleRun:
    environment = {"PWD": str(started_in or workspace.folder)}
    extra = ["--extra-vars", json.dumps(variables)] if variables else []
    return workspace.run(PLAYBOOK, *extra, *arguments, environment=environment)


def test_findings_end_it_with_an_exit_code_a_list_and_json(workspace: AnsibleWorkspace, project: Path) -> None:
    report = workspace.folder / "report.json"

    run = audit(workspace, "-vvvvv", "--diff", audit_paths=[str(project)], audit_report=str(report))

    assert run.return_code == 2, run.output
    assert run.task(LAST_TASK).status == "failed"
    assert "configured in 5 places, and commented out in 1 place" in run.failure
    result = json.loads(report.read_text(encoding="utf-8"))
    Draft202012Validator(SCHEMA).validate(result)
    found = [(finding["path"].removeprefix(f"{project}/"), finding["line"]) for finding in result["findings"]]
    assert found == [
        ("deploy.sh", 2),
        ("deploy.sh", 3),
        ("group_vars/all.yml", 2),
        ("group_vars/all.yml", 3),
        ("site.yml", 5),
        ("site.yml", 6),
    ]
    assert (result["schema_version"], result["count"], result["commented_count"]) == (1, 5, 1)
    assert f"{project}/group_vars/all.yml:3: ansible_variable: ionos_password (vaulted)" in run.stdout
    assert CANARY not in run.output
    assert CANARY not in report.read_text(encoding="utf-8")


def test_findings_are_written_as_sarif_relative_to_where_it_is_started(
    workspace: AnsibleWorkspace, project: Path
) -> None:
    run = audit(
        workspace,
        started_in=project,
        audit_paths=".",
        audit_sarif="audit.sarif",
        audit_report="r.json",
        audit_fail=False,
    )

    assert run.return_code == 0, run.output
    written = (project / "audit.sarif").read_text(encoding="utf-8")
    log = json.loads(written)
    assert log["version"] == "2.1.0"
    places = [result["locations"][0]["physicalLocation"] for result in log["runs"][0]["results"]]
    assert [(place["artifactLocation"]["uri"], place["region"]["startLine"]) for place in places] == [
        ("deploy.sh", 2),
        ("deploy.sh", 3),
        ("group_vars/all.yml", 2),
        ("group_vars/all.yml", 3),
        ("site.yml", 5),
        ("site.yml", 6),
    ]
    assert CANARY not in written
    Draft202012Validator(SCHEMA).validate(json.loads((project / "r.json").read_text(encoding="utf-8")))


def test_it_examines_where_it_is_started_and_the_configuration_of_the_user(
    workspace: AnsibleWorkspace, project: Path
) -> None:
    profile = f"currentProfile: a\nprofiles: [{{credentials: {{password: {CANARY}}}}}]\n"
    workspace.write("home/.ionos/config", profile)

    run = audit(workspace, started_in=project, audit_fail=False, audit_report="report.json")

    assert run.return_code == 0, run.output
    result = json.loads((project / "report.json").read_text(encoding="utf-8"))
    assert result["count"] == 6
    assert any(finding["kind"] == "ionos_config" for finding in result["findings"])


def test_relative_paths_are_those_of_where_it_is_started(workspace: AnsibleWorkspace, project: Path) -> None:
    run = audit(workspace, started_in=project, audit_paths="group_vars", audit_exclude=["*.sh"])
    assert run.return_code == 2, run.output
    assert run.result("Examine the files")["count"] == 1


def test_a_clean_project_passes(workspace: AnsibleWorkspace) -> None:
    workspace.write("project/site.yml", "---\n- ionoscloudsdk.ionoscloud.server: {token: x}\n")
    run = audit(workspace, audit_paths=["project"])
    assert run.return_code == 0, run.output
    assert "changed=0" in run.stdout


def test_what_cannot_be_read_does_not_pass(workspace: AnsibleWorkspace) -> None:
    workspace.write("project/secret.yml", "$ANSIBLE_VAULT;1.1;AES256\n6162\n")
    run = audit(workspace, audit_paths=["project"])
    assert run.return_code == 2, run.output
    assert run.failure.endswith("Some files could not be examined; see the notes.")
    assert "not readable without a password" in run.stdout


def test_check_mode_reports_too(workspace: AnsibleWorkspace, project: Path) -> None:
    report = workspace.folder / "report.json"
    run = audit(workspace, "--check", audit_paths=[str(project)], audit_report=str(report))
    assert run.return_code == 2, run.output
    assert json.loads(report.read_text(encoding="utf-8"))["count"] == 5


def test_the_account_decides_what_the_policy_says(workspace: AnsibleWorkspace, project: Path) -> None:
    run = audit(workspace, audit_paths=[str(project)], audit_two_factor="enabled", audit_fail=False)
    assert run.return_code == 0, run.output
    policy = run.result("Examine the files")["policy"]
    assert (policy["rule"], policy["since"]) == ("basic_2fa_enabled", "2024-03-15")
