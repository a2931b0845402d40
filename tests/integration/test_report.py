# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report in real runs: the playbook ``tokenops.ionos.report``, the role's entry point and ``rotation_report``."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from emulator import EmulatorServer
from support.ansible_runs import ROOT, AnsibleRun, AnsibleWorkspace
from support.emulator_fixtures import emulator
from support.openbao_fixtures import OpenBao
from support.report_entries import all_sorts
from support.rotation_site import VAULT_PASSWORD, RotationSite, in_bao, in_file

__all__ = ["emulator"]

PLAYBOOK = "tokenops.ionos.report"
ROLE = "tokenops.ionos.token_rotation"
NAMES = ["ionos_tokens.prom", "report.html", "report.json"]
SCHEMA = json.loads((ROOT / "docs" / "schemas" / "report-1.schema.json").read_text(encoding="utf-8"))
JWT = re.compile(r"eyJ[A-Za-z0-9_-]{8,}")
APP: dict[str, Any] = {
    "name": "app",
    "ttl": "30d",
    "renew_before": "7d",
    "overlap": "1d",
    "vault": in_bao("ionos/app"),
    "replicas": [in_file("ionos_token")],
}


class ReportingSite(RotationSite):
    """A site that also has a directory for reports and variables for the playbook."""

    def prepare(self, *tokens: dict[str, Any], **options: Any) -> None:
        """Write the variables of the role, and make the directory."""
        variables = {
            "token_rotation_vaults": self.vaults,
            "token_rotation_tokens": list(tokens),
            "token_rotation_report_directory": "reports",
            **{f"token_rotation_{name}": value for name, value in options.items()},
        }
        self.workspace.write("rotation.yml", variables)
        self.reports.mkdir(exist_ok=True)

    def report(self, *arguments: str, playbook: str = PLAYBOOK, **environment: str) -> AnsibleRun:
        """Run the playbook, after which no token may be made, deleted or written anywhere."""
        self.api.journal.clear()
        run = self.workspace.run(
            playbook,
            *self.password_arguments,
            "-e",
            "@rotation.yml",
            *arguments,
            environment=self.environment(**environment),
        )
        assert [entry for entry in self.api.journal.entries() if entry.operation in {"generate", "delete"}] == []
        return run

    @property
    def reports(self) -> Path:
        return self.workspace.folder / "reports"

    def document(self) -> dict[str, Any]:
        """Return ``report.json``, which is as its schema says."""
        found: dict[str, Any] = json.loads((self.reports / "report.json").read_text(encoding="utf-8"))
        assert [error.message for error in Draft202012Validator(SCHEMA).iter_errors(found)] == []
        return found

    def statuses(self) -> dict[str, str]:
        return {token["name"]: token["status"] for token in self.document()["tokens"]}


@pytest.fixture
def site(tmp_path: Path, emulator: EmulatorServer, openbao: OpenBao, kv_mount: str) -> ReportingSite:
    return ReportingSite(tmp_path, emulator, openbao, kv_mount)


def changed(run: AnsibleRun) -> int:
    [number] = re.findall(r"^localhost +: .*changed=(\d+)", run.stdout, re.MULTILINE)
    return int(number)


def tasks(document: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(task["kind"], task["actor"], task["level"]) for task in document["tasks"]]


def test_the_playbook_follows_a_token_through_its_life(site: ReportingSite) -> None:
    site.prepare(APP)
    first = site.report()
    assert first.return_code == 0, first.output
    assert sorted(path.name for path in site.reports.iterdir()) == NAMES
    assert site.statuses() == {"app": "no_working_token"}
    assert changed(first) == 1

    assert site.run(site.task(APP)).return_code == 0
    site.report()
    assert site.statuses() == {"app": "working"}
    assert [place["state"] for place in site.document()["tokens"][0]["places"]] == ["in_sync", "in_sync"]
    [account] = site.document()["accounts"]
    assert (account["name"], account["quota"]["used"], account["two_factor"]) == ("default", 2, "disabled")

    again = site.report()
    assert changed(again) == 0

    site.advance(days=24)
    site.report()
    assert site.statuses() == {"app": "due"}

    site.api.dcd.set_two_factor(site.user.name, "enabled")
    site.prepare(APP, two_factor="enabled")
    site.report()
    assert site.statuses() == {"app": "no_working_token"}
    assert tasks(site.document())[0] == ("handoff", "account_user", "critical")


def test_a_token_that_fails_is_in_the_report_and_does_not_fail_the_playbook(site: ReportingSite) -> None:
    site.prepare(APP, {**APP, "name": "lost", "vault": in_file("ionos_token", "missing/ionos.yml"), "replicas": []})
    run = site.report()
    assert run.return_code == 0, run.output
    assert site.statuses() == {"lost": "unreachable", "app": "no_working_token"}
    [message] = [token["places"][0]["message"] for token in site.document()["tokens"] if token["name"] == "lost"]
    assert "its directory" in message
    assert message in (site.reports / "report.html").read_text(encoding="utf-8")


def test_a_vault_that_is_down_is_in_the_report(site: ReportingSite) -> None:
    site.vaults[0]["hashi_vault"]["url"] = "http://127.0.0.1:9"
    site.prepare(APP)
    run = site.report()
    assert run.return_code == 0, run.output
    assert tasks(site.document())[0] == ("vault", "operator", "warning")


def test_a_wrong_declaration_gives_a_report_that_says_so_and_then_fails(site: ReportingSite) -> None:
    site.prepare({**APP, "account": "nobody"})
    run = site.report()
    assert run.return_code == 2
    assert "nobody" in run.failure
    assert site.document()["failure"] in run.failure
    assert "ionos_tokens_last_run_success 0\n" in (site.reports / "ionos_tokens.prom").read_text(encoding="utf-8")


def test_a_missing_directory_is_said(site: ReportingSite) -> None:
    site.prepare(APP, report_directory="missing/report")
    run = site.report()
    assert run.return_code == 2
    folder = site.workspace.folder
    assert run.failure == (
        f"The directory for the report does not exist: {folder}/missing. Create it, or correct directory."
    )


def test_check_mode_writes_no_report(site: ReportingSite) -> None:
    site.prepare(APP)
    run = site.report("--check", "--diff")
    assert run.return_code == 0, run.output
    assert list(site.reports.iterdir()) == []
    assert '+  "schema_version": 1' in run.stdout


def test_the_role_takes_title_labels_and_another_place_for_the_metrics(site: ReportingSite) -> None:
    (site.workspace.folder / "collected").mkdir()
    site.prepare(
        APP,
        report_title="Tokens of the shop",
        report_metrics_file="collected/shop.prom",
        report_metrics_labels={"team": "shop"},
    )
    play = site.workspace.write(
        "own.yml",
        [
            {
                "hosts": "localhost",
                "gather_facts": False,
                "tasks": [
                    {"name": "Report", "ansible.builtin.include_role": {"name": ROLE, "tasks_from": "report"}},
                ],
            }
        ],
    )
    run = site.report(playbook=str(play))
    assert run.return_code == 0, run.output
    assert "<h1>Tokens of the shop</h1>" in (site.reports / "report.html").read_text(encoding="utf-8")
    metrics = (site.workspace.folder / "collected" / "shop.prom").read_text(encoding="utf-8")
    assert 'ionos_token_working{account="default",team="shop",token="app"} 0\n' in metrics


def test_no_secret_is_in_a_report_in_the_output_or_in_what_callback_plugins_see(site: ReportingSite) -> None:
    assert site.run(site.task(APP)).return_code == 0
    canary = "canary-of-a-password"
    site.prepare(APP, accounts=[{"name": "shop", "username": "ann@example.com", "password": canary}])
    run = site.report("-vvvvv", "--diff")
    assert run.return_code == 0, run.output
    seen = "\n".join(
        [
            run.output,
            (site.workspace.folder / "results.jsonl").read_text(encoding="utf-8"),
            *((site.reports / name).read_text(encoding="utf-8") for name in NAMES),
        ]
    )
    for secret in (canary, site.openbao.root_token, VAULT_PASSWORD):
        assert secret not in seen
    assert JWT.findall(seen) == []


def test_what_stands_where_a_result_was_wanted_is_not_shown(tmp_path: Path) -> None:
    workspace = AnsibleWorkspace(tmp_path)
    canary = "canary-in-the-wrong-place"
    for arguments in ({"tokens": [{"name": [canary]}]}, {"tokens": canary}, {"tokens": [], "accounts": [canary]}):
        task = {"name": "Report", "tokenops.ionos.rotation_report": {"directory": str(tmp_path), **arguments}}
        run = workspace.run(workspace.play(task), "-vvvvv")
        assert run.return_code == 2
        assert canary not in run.output + (tmp_path / "results.jsonl").read_text(encoding="utf-8")


def test_a_name_is_never_a_template(tmp_path: Path) -> None:
    """Names come from other people's answers too, such as the ids of foreign tokens."""
    workspace = AnsibleWorkspace(tmp_path)
    task = {
        "name": "Report",
        "tokenops.ionos.rotation_report": {
            "directory": str(tmp_path),
            "tokens": "{{ lookup('ansible.builtin.file', playbook_dir ~ '/tokens.json') | from_json }}",
        },
    }
    workspace.write("tokens.json", json.dumps([{"name": "{{ 6 * 7 }}<b>"}]))
    run = workspace.run(workspace.play(task))
    assert run.return_code == 0, run.output
    assert '<th scope="row">{{ 6 * 7 }}&lt;b&gt;</th>' in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_an_installed_collection_has_what_a_page_is_made_of(tmp_path: Path) -> None:
    workspace = AnsibleWorkspace(tmp_path)
    collections = tmp_path / "collections"
    environment = {"ANSIBLE_COLLECTIONS_PATH": str(collections), "ANSIBLE_GALAXY_SERVER": "http://127.0.0.1:9/"}

    def galaxy(*command: str | Path) -> None:
        subprocess.run(
            [sys.executable, "-m", "ansible", "galaxy", "collection", *command],
            cwd=ROOT,
            env=workspace.environment(environment),
            check=True,
            capture_output=True,
        )

    galaxy("build", "--output-path", tmp_path)
    [tarball] = tmp_path.glob("tokenops-ionos-*.tar.gz")
    galaxy("install", tarball, "--offline", "-p", collections)
    task = {"name": "Report", "tokenops.ionos.rotation_report": {"directory": str(tmp_path), **all_sorts()}}
    run = workspace.run(workspace.play(task), environment=environment)
    assert run.return_code == 0, run.output
    assert "</html>" in (tmp_path / "report.html").read_text(encoding="utf-8")
    installed = collections / "ansible_collections" / "tokenops" / "ionos"
    assert (installed / "docs" / "schemas" / "report-1.schema.json").is_file()
    assert (installed / "docs" / "monitoring" / "alerts.yml").is_file()


PROMTOOL = shutil.which("promtool")
needs_promtool = pytest.mark.skipif(PROMTOOL is None, reason="It needs promtool, as in Debian's package prometheus.")


def promtool(*command: str, given: str = "") -> None:
    finished = subprocess.run(
        ["promtool", *command], input=given, capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert (finished.returncode, finished.stderr) == (0, ""), finished.stdout + finished.stderr


@pytest.mark.heavy
@needs_promtool
def test_promtool_finds_nothing_wrong_with_the_metrics(tmp_path: Path) -> None:
    workspace = AnsibleWorkspace(tmp_path)
    sorts = all_sorts()
    sorts["tokens"][0]["name"] = 'x"} 1\nionos_token_failed{token="y\\'
    task = {"name": "Report", "tokenops.ionos.rotation_report": {"directory": str(tmp_path), **sorts}}
    assert workspace.run(workspace.play(task)).return_code == 0
    promtool("check", "metrics", given=(tmp_path / "ionos_tokens.prom").read_text(encoding="utf-8"))


@pytest.mark.heavy
@needs_promtool
@pytest.mark.parametrize(
    "command",
    [("check", "rules", "docs/monitoring/alerts.yml"), ("test", "rules", "tests/monitoring/alerts_test.yml")],
    ids=" ".join,
)
def test_promtool_finds_the_rules_right(command: tuple[str, ...]) -> None:
    promtool(*command)
