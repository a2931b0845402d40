# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Replicas that task files of the user write, in real runs of the role."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from emulator import EmulatorServer
from support.ansible_runs import AnsibleRun
from support.emulator_fixtures import emulator
from support.examples import example_with
from support.publisher import COPY, ROLE, SPOT, TELL, Publisher
from support.reader_fixtures import STAND_INS

__all__ = ["emulator"]


@pytest.fixture
def publisher(tmp_path: Path, emulator: EmulatorServer) -> Publisher:
    return Publisher(tmp_path, emulator)


GUIDE = "docs/docsite/rst/guide_tasks.rst"
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


@pytest.mark.heavy
def test_a_new_token_is_published_once_and_told_once(publisher: Publisher) -> None:
    app = publisher.token("app", "one", "two")
    first = publisher.run(app)
    assert first.return_code == 0, first.output
    value = publisher.held("one")
    assert value is not None
    assert publisher.held("two") == value
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
    publisher.publish(COPY)
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
    publisher.publish(COPY)
    again = publisher.run(*tokens)
    assert again.return_code == 0, again.output
    assert publisher.held("one") == publisher.held("two")
    assert restarts(again) == [["app"]]


@pytest.mark.heavy
@pytest.mark.parametrize("keyword", ["ignore_errors", "ignore_unreachable"])
def test_a_play_that_ignores_errors_does_not_count_a_failed_task_as_published(
    publisher: Publisher, keyword: str
) -> None:
    publisher.publish(FAIL)
    run = publisher.run(publisher.token("app", "one"), play={keyword: True})
    assert "spots: one may not hold the current token" in str(summary(run))
    assert publisher.run(publisher.token("app", "one")).return_code == 2


@pytest.mark.heavy
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


@pytest.mark.heavy
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


@pytest.mark.heavy
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


@pytest.mark.heavy
def test_a_leaked_token_is_replaced_everywhere_by_one_run_of_the_playbook(publisher: Publisher) -> None:
    app = publisher.token("app", "one", "two")
    publisher.playbook("rotate", app)
    leaked = publisher.told("one")["token_id"]
    run = publisher.playbook("revoke", app, arguments=("-e", "token=app"))
    assert run.return_code == 0, run.output
    assert f"Revoked: {leaked}; the API refuses it." in summary(run)[0]
    assert publisher.held("one") == publisher.held("two")
    assert publisher.told("two")["token_id"] in publisher.ids()
    assert leaked not in publisher.ids()


@pytest.mark.heavy
def test_the_report_shows_where_a_token_was_published_and_where_not_and_runs_no_task(publisher: Publisher) -> None:
    publisher.playbook("rotate", publisher.token("app", "one"))
    run = publisher.playbook("report", publisher.token("app", "one", "two"))
    assert run.return_code == 0, run.output
    report = json.loads((publisher.workspace.folder / "ionos-report/report.json").read_text())
    one, two = report["tokens"][0]["places"][1:]
    assert (one["state"], one["published_at"] is not None, one["to_publish"]) == ("in_sync", True, None)
    assert (two["state"], two["published_at"], two["to_publish"]) == ("out_of_sync", None, "publish")
    page = (publisher.workspace.folder / "ionos-report/report.html").read_text()
    assert "The next run publishes the token in spots: two" in page
    assert publisher.held("two") is None


@pytest.mark.heavy
def test_a_host_that_is_down_is_named_and_the_others_are_written_and_restarted(publisher: Publisher) -> None:
    """The task file is the guide's."""
    publisher.workspace.write("tasks/spread.yml", example_with(GUIDE, "# publish/files.yml").text)
    publisher.vault["options"] |= {"file": str(publisher.spots / "ionos.env"), "service": "external-dns"}
    publisher.environment |= {
        "PATH": os.pathsep.join([str(STAND_INS), str(Path(sys.executable).parent), os.environ["PATH"]]),
        "STAND_INS": str(publisher.workspace.folder),
    }
    here, nowhere = {"ansible_connection": "local"}, {"ansible_connection": "ssh", "ansible_port": 1}
    app, restarts = publisher.token("app", "dns"), publisher.workspace.folder / "restarts"

    def run(**second: Any) -> AnsibleRun:
        hosts = {"dns1": here, "dns2": {"ansible_host": "127.0.0.1", **second}}
        publisher.workspace.write("hosts.yml", {"dns": {"hosts": hosts}})
        return publisher.run(app, arguments=("-i", "hosts.yml"))

    down = run(**nowhere)
    assert down.return_code == 2, down.output
    assert "spots: dns may not hold the current token: the task Reach every host failed." in end_of(down)
    assert "Not reached: dns2" in down.output
    assert (publisher.spots / "ionos.env").read_text().startswith("IONOS_TOKEN=eyJ")
    assert restarts.read_text().split() == ["external-dns"]
    up = run(**here)
    assert up.return_code == 0, up.output
    assert restarts.read_text().split() == ["external-dns"] * 3
