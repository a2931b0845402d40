# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role tells a real webhook what begins and ends, in real runs of ansible-playbook."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from emulator import EmulatorServer
from support.ansible_runs import AnsibleRun, one_line
from support.canaries import Canary, CanarySearch
from support.emulator_fixtures import emulator
from support.openbao_fixtures import OpenBao
from support.raw_server import free_port
from support.rotation_site import RotationSite, in_file
from support.webhook_receiver import WebhookReceiver

__all__ = ["emulator"]

ROLE = "tokenops.ionos.token_rotation"
GOOD = {"name": "good", "vault": in_file("good")}
BAD = {"name": "bad", "vault": in_file("bad", path="missing/ionos.yml")}
STATE_FILE = "state.json"
URL_SECRET = "T0CANARY-B0CANARY-of-the-webhook-address"
HEADER_SECRET = "canary-of-the-header-of-the-webhook"
MAIL = {
    "name": "Mail",
    "ansible.builtin.debug": {"msg": "{{ token_rotation_notification.text }}"},
    "listen": "token state changed",
}


class NotifiedTeam:
    """A team whose playbook applies the role and tells a webhook, whose address comes from the environment."""

    def __init__(self, site: RotationSite, webhook_url: str) -> None:
        self.site = site
        self.folder = site.workspace.folder
        self.webhook_url = webhook_url
        self.variables: dict[str, Any] = {
            "vaults": site.vaults,
            "notify_state_file": STATE_FILE,
            "notify_webhook": {
                "url": "{{ lookup('ansible.builtin.env', 'WEBHOOK_URL') }}",
                "headers": {"X-Secret": "{{ lookup('ansible.builtin.env', 'WEBHOOK_HEADER') }}"},
                "timeout": 2,
            },
        }

    def rotate(self, *tokens: dict[str, Any], arguments: tuple[str, ...] = (), **variables: Any) -> AnsibleRun:
        """Run the playbook with these variables of the role, less their prefix; those of None are not set."""
        given = {**self.variables, "tokens": list(tokens), **variables}
        prefixed = {f"token_rotation_{name}": value for name, value in given.items() if value is not None}
        play = {"hosts": "all", "gather_facts": False, "vars": prefixed, "roles": [ROLE], "handlers": [MAIL]}
        return self.site.run_plays(
            [play],
            arguments,
            WEBHOOK_URL=f"{self.webhook_url}/services/{URL_SECRET}",
            WEBHOOK_HEADER=HEADER_SECRET,
            ANSIBLE_LOG_PATH=str(self.folder / "ansible.log"),
        )


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    with WebhookReceiver() as receiver:
        yield receiver


@pytest.fixture
def team(
    tmp_path: Path, emulator: EmulatorServer, openbao: OpenBao, kv_mount: str, receiver: WebhookReceiver
) -> NotifiedTeam:
    return NotifiedTeam(RotationSite(tmp_path, emulator, openbao, kv_mount), receiver.url)


def notification(run: AnsibleRun) -> dict[str, Any]:
    return run.result(f"{ROLE} : Tell which states of tokens have begun and ended")


def mailed(run: AnsibleRun) -> list[str]:
    return [result.result["msg"] for result in run.results if result.task == "Mail"]


@pytest.mark.heavy
def test_a_handoff_is_told_when_it_opens_when_it_nears_its_end_and_when_it_is_over(
    team: NotifiedTeam, receiver: WebhookReceiver
) -> None:
    site = team.site
    token = {"name": "app", "account": "shop", "vault": in_file("app"), "ttl": "30d", "renew_before": "7d"}
    protected = [{"name": "shop", "two_factor": "enabled"}]
    site.api.dcd.set_two_factor(site.user.name, "enabled")
    _made, value = site.api.dcd.signed_in(site.user).create_token("30d")
    assert team.rotate(token, accounts=protected, offers={"app": value}).return_code == 0
    assert receiver.told == []

    site.advance(days=24)
    opened = team.rotate(token, accounts=protected)
    assert opened.return_code == 0, opened.output
    assert receiver.told == [("app", "handoff")]
    assert mailed(opened) == [receiver.messages[-1].body["text"]]
    assert "Token Manager" in mailed(opened)[0]

    site.advance(days=1)
    again = team.rotate(token, accounts=protected)
    assert (again.return_code, mailed(again), len(receiver.messages)) == (0, [], 1)

    site.advance(days=3, hours=12)
    ending = team.rotate(token, accounts=protected)
    assert ending.return_code == 2
    assert receiver.told[1:] == [("app", "handoff_ending")]

    _made, value = site.api.dcd.signed_in(site.user).create_token("90d")
    over = team.rotate(token, accounts=protected, offers={"app": value})
    assert over.return_code == 0, over.output
    assert receiver.told[2:] == [("app", "ok")]
    assert receiver.events[-1]["previous_state"] == "handoff_ending"
    assert [message.headers["X-Secret"] for message in receiver.messages] == [HEADER_SECRET] * 3


@pytest.mark.parametrize(
    "trouble",
    ["is down", *(pytest.param(name, marks=pytest.mark.heavy) for name in ("refuses", "redirects", "never answers"))],
)
def test_a_webhook_in_trouble_stops_nothing_and_is_told_in_the_next_run(
    team: NotifiedTeam, receiver: WebhookReceiver, trouble: str
) -> None:
    statuses: dict[str, int | None] = {"refuses": 500, "redirects": 307, "never answers": None, "is down": 200}
    receiver.status = statuses[trouble]
    with WebhookReceiver() as other:
        receiver.location = f"{other.url}/{URL_SECRET}" if trouble == "redirects" else None
        team.webhook_url = f"http://127.0.0.1:{free_port()}" if trouble == "is down" else receiver.url
        missed = team.rotate(GOOD, BAD)
        assert other.messages == []
    assert missed.return_code == 2
    assert missed.failure.startswith("1 of 2 declared tokens need attention. [bad] ")
    assert team.site.in_file("good") is not None
    assert f"The webhook at {team.webhook_url}" in one_line(missed.output)
    assert [event["token"] for event in notification(missed)["pending"]] == ["bad"]
    assert (notification(missed)["told"], mailed(missed)) == ([], [])

    receiver.status, receiver.location, team.webhook_url = 200, None, receiver.url
    told = team.rotate(GOOD, BAD)
    assert receiver.told == [("bad", "unreachable")]
    assert notification(told)["told"] == notification(missed)["pending"]


def test_a_run_that_could_not_begin_is_told_as_a_state_of_the_run(
    team: NotifiedTeam, receiver: WebhookReceiver
) -> None:
    wrong = team.rotate({**GOOD, "account": "nobody"})
    assert wrong.return_code == 2
    assert receiver.told == [(None, "failed")]
    assert "nobody" in receiver.events[0]["message"]
    assert team.rotate(GOOD).return_code == 0
    assert receiver.told[1:] == [(None, "ok")]


def test_check_mode_says_what_would_be_told_and_tells_nothing(team: NotifiedTeam, receiver: WebhookReceiver) -> None:
    run = team.rotate(BAD, arguments=("--check",))
    assert [event["token"] for event in notification(run)["told"]] == ["bad"]
    assert receiver.messages == []
    assert not (team.folder / STATE_FILE).exists()


def test_a_damaged_state_file_fails_the_role_after_the_rotation(team: NotifiedTeam, receiver: WebhookReceiver) -> None:
    (team.folder / STATE_FILE).write_text('{"app": ')
    run = team.rotate(GOOD)
    assert run.return_code == 2
    assert run.failure.startswith(f"{team.folder / STATE_FILE} is not a state file of notifications, or it is damaged;")
    assert "Written to vaults: good" in run.output
    assert (team.folder / STATE_FILE).read_text() == '{"app": '
    assert receiver.messages == []


def test_where_no_path_lasts_the_vault_remembers_what_was_told(team: NotifiedTeam, receiver: WebhookReceiver) -> None:
    variables = {"notify_state_file": None, "notify_state_in": {"in": "bao", "path": "ionos/notifications"}}
    runs = [team.rotate(BAD, **variables) for _number in range(2)]
    assert [run.return_code for run in runs] == [2, 2]
    assert [event["state"] for event in receiver.events] == ["unreachable"]
    assert not (team.site.workspace.home / ".ansible" / "tokenops.ionos").exists()
    state = json.loads(team.site.openbao.secret(team.site.mount, "ionos/notifications")["notification_state"])
    assert [entry["token"] for entry in state["subjects"]] == ["bad"]


def test_a_file_cannot_be_the_vault_of_what_was_told(team: NotifiedTeam) -> None:
    variables = {"notify_state_file": None, "notify_state_in": {"in": "files", "path": "told.yml", "variable": "told"}}
    run = team.rotate(GOOD, **variables)
    assert run.return_code == 2
    assert "keeps tokens and nothing else. Name a vault of the kind hashi_vault or kubernetes_secret." in run.failure


@pytest.mark.heavy
def test_hosts_that_share_a_declaration_tell_once(team: NotifiedTeam, receiver: WebhookReceiver) -> None:
    team.site.workspace.write("hosts.yml", {"web": {"hosts": {"web1": {}, "web2": {}}}})
    run = team.rotate(BAD, arguments=("-i", "hosts.yml", "--limit", "web"), run_once=True)
    assert run.return_code == 2
    assert (receiver.told, len(mailed(run))) == ([("bad", "unreachable")], 1)


@pytest.mark.heavy
def test_without_a_webhook_handlers_are_told_and_the_state_is_kept_in_ansibles_home(team: NotifiedTeam) -> None:
    variables = {"notify": True, "notify_webhook": None, "notify_state_file": None}
    first, second = (team.rotate(BAD, **variables) for _number in range(2))
    assert mailed(first)[0].splitlines()[1].startswith("• bad of account default: UNREACHABLE.")
    assert mailed(second) == []
    [file] = (team.site.workspace.home / ".ansible").rglob("source-*.json")
    assert file.name == "source-localhost.json"


def test_without_being_asked_the_role_tells_nobody(team: NotifiedTeam, receiver: WebhookReceiver) -> None:
    run = team.rotate(BAD, notify_webhook=None)
    assert run.failure.startswith("1 of 1 declared tokens need attention. [bad] ")
    assert (mailed(run), receiver.messages) == ([], [])
    assert not (team.folder / STATE_FILE).exists()


OUTPUT_BY_CASE = {
    "accepted": "bad of account default: UNREACHABLE.",
    "refused": "did not accept what it was told (HTTP status 403).",
    "down": "was not told: no connection can be opened.",
    "a wrong address": "webhook.url is not the address of a webhook.",
    "a wrong header": "webhook.headers has a name or a value that no HTTP header can have.",
    "a wrong option": "webhook.timeout is not a whole number.",
}


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, marks=() if case in ("accepted", "refused") else pytest.mark.heavy) for case in OUTPUT_BY_CASE],
)
def test_neither_address_nor_headers_of_the_webhook_come_out(
    team: NotifiedTeam, receiver: WebhookReceiver, case: str
) -> None:
    webhook = dict(team.variables["notify_webhook"])
    if case == "refused":
        receiver.status = 403
    elif case == "down":
        team.webhook_url = f"http://127.0.0.1:{free_port()}"
    elif case == "a wrong address":
        team.webhook_url = "https://ann:secret@hooks.example.com"
    elif case == "a wrong header":
        webhook["headers"] = {"X-Secret": "{{ lookup('ansible.builtin.env', 'WEBHOOK_HEADER') }}\n"}
    elif case == "a wrong option":
        webhook["timeout"] = "{{ lookup('ansible.builtin.env', 'WEBHOOK_HEADER') }}"
    run = team.rotate(BAD, arguments=("-vvvvv", "--diff"), notify_webhook=webhook)
    assert run.return_code == 2
    assert OUTPUT_BY_CASE[case] in one_line(run.output)

    search = CanarySearch([Canary("address", URL_SECRET), Canary("header", HEADER_SECRET)])
    seen = {"output": run.output.encode()}
    seen |= {str(path): path.read_bytes() for path in team.folder.rglob("*") if path.is_file()}
    assert {"ansible.log", "results.jsonl"} <= {Path(place).name for place in seen}
    assert [leak for place, content in seen.items() for leak in search.find(place, content)] == []


def test_the_body_of_the_documentation_is_the_one_that_is_sent(team: NotifiedTeam, receiver: WebhookReceiver) -> None:
    team.rotate(BAD)
    guide = Path(__file__).resolve().parents[2] / "docs" / "docsite" / "rst" / "guide_notifications.rst"
    literal = guide.read_text(encoding="utf-8").split(".. code-block:: json\n\n", 1)[1]
    lines = []
    for line in literal.splitlines():
        if line and not line.startswith("   "):
            break
        lines.append(line)
    documented = json.loads("\n".join(lines))
    [message] = receiver.messages
    assert list(documented) == list(message.body)
    assert list(documented["events"][0]) == list(message.body["events"][0])
