# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role ``token_rotation`` and the playbook ``tokenops.ionos.rotate`` in real runs of ansible-playbook."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Any

import pytest

from emulator import EmulatorServer
from support.ansible_runs import AnsibleRun, AnsibleWorkspace
from support.emulator_fixtures import emulator
from support.openbao_fixtures import OpenBao

__all__ = ["emulator"]

ROLE = "tokenops.ionos.token_rotation"
PLAYBOOK = "tokenops.ionos.rotate"
SHIFTED_CLOCK = Path(__file__).resolve().parents[1] / "support" / "shifted_clock"
PASSWORD = "password-of-the-vault"
CANARY = "canary-in-the-wrong-place"
JWT = re.compile(r"eyJ[A-Za-z0-9_-]{8,}")
RESTART = {
    "name": "Restart",
    "ansible.builtin.debug": {"msg": "{{ inventory_hostname }}: {{ token_rotation_rotated_tokens | join(' and ') }}"},
    "listen": "token rotated",
}


class Team:
    """A team with a user of the API, a playbook that applies the role, and a handler of its own.

    :ivar issuer: the token of the user that mints the first one.
    """

    def __init__(self, workspace: AnsibleWorkspace, emulator: EmulatorServer) -> None:
        self.workspace = workspace
        self.emulator = emulator
        self.user = emulator.add_user("ann@example.com", "password-of-ann", contracts=[31711111])
        self.issuer = emulator.mint(self.user)[1]
        self._clock_shift = workspace.write("clock-shift", "0")
        self._seconds = 0

    def pass_days(self, days: int) -> None:
        """Move the clocks of the API and of the controller on."""
        self.emulator.clock.advance(days=days)
        self._seconds += days * 86400
        self._clock_shift.write_text(str(self._seconds))

    def rotate(self, *arguments: str, hosts: str = "localhost", **variables: Any) -> AnsibleRun:
        """Run the team's playbook with these variables of the role, less their prefix."""
        prefixed = {f"token_rotation_{name}": value for name, value in variables.items()}
        play = {"hosts": hosts, "gather_facts": False, "vars": prefixed, "roles": [ROLE], "handlers": [RESTART]}
        return self.run([play], *arguments)

    def run(self, playbook: Any, *arguments: str) -> AnsibleRun:
        """Run any playbook as the team does."""
        environment = {
            "IONOS_API_URL": self.emulator.url,
            "IONOS_TOKEN": self.issuer,
            "PYTHONPATH": str(SHIFTED_CLOCK),
            "SHIFTED_CLOCK_FILE": str(self._clock_shift),
            "ANSIBLE_LOG_PATH": str(self.workspace.folder / "ansible.log"),
        }
        password = self.workspace.vault_password("prod", PASSWORD)
        return self.workspace.run(playbook, *password, *arguments, environment=environment)

    def minted(self) -> int:
        """Return how many tokens were minted over the API."""
        return len(self.emulator.journal.entries("generate"))


@pytest.fixture
def team(tmp_path: Path, emulator: EmulatorServer) -> Team:
    return Team(AnsibleWorkspace(tmp_path), emulator)


def in_file(name: str, path: str = "ionos.yml", **options: Any) -> dict[str, Any]:
    """Return the declaration of a token in a variables file."""
    return {"name": name, "vault": {"path": path, "variable": name.replace("-", "_")}, **options}


def changed(run: AnsibleRun, host: str = "localhost") -> int:
    """Return the number of changes that the recap gives for a host."""
    [number] = re.findall(rf"^{host} +: .*changed=(\d+)", run.stdout, re.MULTILINE)
    return int(number)


def shown(run: AnsibleRun, task: str) -> list[Any]:
    """Return the messages of the tasks or handlers with this name, which may be one of the role's."""
    names = (task, f"{ROLE} : {task}")
    return [result.result["msg"] for result in run.results if result.task in names and "msg" in result.result]


def summary(run: AnsibleRun) -> list[str]:
    [lines] = shown(run, "Show how the declared tokens stand")
    return list(lines)


def told(run: AnsibleRun) -> list[str]:
    return shown(run, "Tell which tokens vaults hold anew")


def test_a_second_run_changes_nothing_and_tells_nobody(team: Team) -> None:
    first = team.rotate(tokens=[in_file("external-dns"), in_file("terraform")])
    assert first.return_code == 0, first.output
    assert summary(first)[-1] == "2 declared: 2 working; 2 rotated"
    assert told(first) == ["Written to vaults: external-dns, terraform"]
    assert shown(first, "Restart") == ["localhost: external-dns and terraform"]

    second = team.rotate(tokens=[in_file("external-dns"), in_file("terraform")])
    assert second.return_code == 0, second.output
    assert summary(second)[-1] == "2 declared: 2 working"
    assert changed(second) == 0
    assert told(second) == shown(second, "Restart") == []


def test_a_job_leaves_a_summary_without_secrets_also_where_it_fails(team: Team) -> None:
    tokens = [in_file("external-dns"), in_file("terraform", path="../outside/ionos.yml")]
    run = team.rotate(tokens=tokens)
    assert run.return_code == 2
    [result] = [result.result for result in run.results if result.task.endswith("Leave a summary with the job")]
    left = result["ansible_stats"]["data"]["token_rotation"]["localhost"]
    assert left["counts"] == {"declared": 2, "critical": 0, "warning": 1, "notice": 0, "ok": 1}
    [working] = [entry for entry in left["tokens"] if entry["status"] == "working"]
    assert (working["name"], working["action"]) == ("external-dns", "rotated")
    assert working["id"] in {token.id for token in team.emulator.tokens(team.user)}
    assert not JWT.search(str(left))


def test_a_job_that_looks_at_nothing_leaves_the_reason(team: Team) -> None:
    run = team.rotate(tokens=[in_file("external-dns"), in_file("external-dns")])
    [result] = [result.result for result in run.results if result.task.endswith("Leave a summary with the job")]
    left = result["ansible_stats"]["data"]["token_rotation"]["localhost"]
    assert (left["level"], left["tokens"]) == ("critical", [])
    assert left["failure"] == run.failure


def test_handlers_hear_of_a_rotation_and_not_of_the_retirement_that_follows(team: Team) -> None:
    declared = [in_file("terraform", ttl="30d", renew_before="7d", overlap="1d")]
    assert team.rotate(tokens=declared).return_code == 0

    team.pass_days(25)
    rotation = team.rotate(tokens=declared)
    assert summary(rotation)[-1] == "1 declared: 1 working; 1 rotated"
    assert shown(rotation, "Restart") == ["localhost: terraform"]
    assert changed(rotation) == 1

    team.pass_days(2)
    retirement = team.rotate(tokens=declared)
    assert retirement.return_code == 0, retirement.output
    assert summary(retirement)[-1] == "1 declared: 1 working; 1 retired"
    assert changed(retirement) == 1
    assert shown(retirement, "Restart") == []


def test_a_failure_is_shown_after_the_summary_and_the_handlers_of_other_tokens(team: Team) -> None:
    run = team.rotate(tokens=[in_file("external-dns"), in_file("terraform", path="missing/ionos.yml")])
    assert run.return_code == 2
    assert summary(run)[0].startswith("terraform: unreachable")
    assert summary(run)[-1] == "2 declared: 1 unreachable, 1 working; 1 rotated"
    assert told(run) == ["Written to vaults: external-dns"]
    assert shown(run, "Restart") == ["localhost: external-dns"]
    assert run.failure.startswith("1 of 2 declared tokens need attention. [terraform] ")
    assert run.results[-1].status == "failed"


def test_a_wrong_declaration_fails_the_play_before_anything_is_touched(team: Team) -> None:
    run = team.rotate(tokens=[in_file("terraform", account="nobody")])
    assert run.return_code == 2
    assert "nobody" in run.failure
    assert shown(run, "Show how the declared tokens stand") == told(run) == []
    assert team.emulator.journal.entries() == []


def test_check_mode_says_what_would_be_rotated_and_touches_nothing(team: Team) -> None:
    run = team.rotate("--check", tokens=[in_file("terraform")])
    assert run.return_code == 0, run.output
    assert summary(run)[-1] == "1 declared: 1 no working token; 1 would be rotated"
    assert told(run) == ["Would be written to vaults: terraform"]
    assert team.minted() == 0
    assert not (team.workspace.folder / "ionos.yml").exists()


def test_every_kind_of_option_reaches_the_action(team: Team, openbao: OpenBao, kv_mount: str) -> None:
    run = team.rotate(
        api_url=team.emulator.url,
        timeout=30,
        workers=2,
        validate_certs=True,
        two_factor="disabled",
        accounts=[{"name": "shop", "contract_number": 31711111, "token": team.issuer}],
        vaults=[
            {"name": "bao", "hashi_vault": {"url": openbao.url, "token": openbao.root_token, "mount": kv_mount}},
            {"name": "files", "ansible_vault_file": {}},
        ],
        tokens=[
            {
                "name": "external-dns",
                "account": "shop",
                "vault": {"in": "bao", "path": "ionos/dns"},
                "replicas": [{"in": "files", "path": "ionos.yml", "variable": "ionos_token"}],
            }
        ],
        offers={"external-dns": team.emulator.mint(team.user, ttl=90 * 86400)[1]},
    )
    assert run.return_code == 0, run.output
    assert summary(run)[-1] == "1 declared: 1 working; 1 adopted"
    assert told(run) == ["Written to vaults: external-dns"]
    assert team.minted() == 0


def test_the_playbook_is_called_by_its_full_name_with_group_vars_beside_the_inventory(team: Team) -> None:
    variables_file = "inventory/group_vars/all/ionos.yml"
    team.workspace.write("inventory/hosts.yml", {"all": {"hosts": {"localhost": {"ansible_connection": "local"}}}})
    team.workspace.write(
        "inventory/group_vars/all/rotation.yml",
        {"token_rotation_tokens": [in_file("terraform", path=variables_file)]},
    )
    rotation = team.run(PLAYBOOK, "-i", "inventory")
    assert rotation.return_code == 0, rotation.output
    assert told(rotation) == ["Written to vaults: terraform"]
    assert (team.workspace.folder / variables_file).is_file()

    use = {"name": "Use", "ansible.builtin.debug": {"msg": "sha256:{{ (terraform | hash('sha256'))[:16] }}"}}
    usage = team.run(team.workspace.play(use), "-i", "inventory")
    [kept] = rotation.result(f"{ROLE} : Keep the declared tokens fresh")["tokens"]
    assert shown(usage, "Use") == [kept["token"]["fingerprint"]]


def test_the_playbook_takes_a_file_of_variables(team: Team) -> None:
    team.workspace.write("rotation.yml", {"token_rotation_tokens": [in_file("terraform")]})
    first, second = (team.run(PLAYBOOK, "-e", "@rotation.yml") for _number in range(2))
    assert summary(first)[-1] == "1 declared: 1 working; 1 rotated"
    assert summary(second)[-1] == "1 declared: 1 working"
    assert changed(second) == 0


def test_the_playbook_without_a_declaration_says_what_it_lacks(team: Team) -> None:
    run = team.run(PLAYBOOK)
    assert run.return_code == 2
    assert "tokens" in run.failure
    assert told(run) == []


def test_the_playbook_evaluates_the_declaration_once(team: Team) -> None:
    evaluations = team.workspace.folder / "evaluations"
    counting = f"{{{{ lookup('ansible.builtin.pipe', 'echo counted | tee -a {evaluations}') and [] }}}}"
    team.workspace.write(
        "rotation.yml", {"token_rotation_tokens": [in_file("terraform")], "token_rotation_accounts": counting}
    )
    run = team.run(PLAYBOOK, "-e", "@rotation.yml")
    assert run.return_code == 0, run.output
    assert evaluations.read_text().split() == ["counted"]


def test_hosts_with_declarations_of_their_own_each_get_their_own_result(team: Team) -> None:
    hosts = {name: {"token_rotation_tokens": [in_file(name, path=f"{name}.yml")]} for name in ("shop", "bank")}
    team.workspace.write("hosts.yml", {"teams": {"hosts": hosts}})
    run = team.run(PLAYBOOK, "-i", "hosts.yml", "-e", "token_rotation_hosts=teams")
    assert run.return_code == 0, run.output
    assert sorted(told(run)) == ["Written to vaults: bank", "Written to vaults: shop"]
    assert (changed(run, "shop"), changed(run, "bank")) == (1, 1)


def test_hosts_that_share_a_declaration_rotate_once_and_are_all_notified(team: Team) -> None:
    team.workspace.write("hosts.yml", {"web": {"hosts": {"web1": {}, "web2": {}}}})
    run = team.rotate("-i", "hosts.yml", hosts="web", tokens=[in_file("terraform")], run_once=True)
    assert run.return_code == 0, run.output
    assert summary(run)[-1] == "1 declared: 1 working; 1 rotated"
    assert told(run) == ["Written to vaults: terraform"]
    assert sorted(shown(run, "Restart")) == ["web1: terraform", "web2: terraform"]
    assert team.minted() == 1


def test_hosts_that_share_a_declaration_all_fail_where_it_fails(team: Team) -> None:
    team.workspace.write("hosts.yml", {"web": {"hosts": {"web1": {}, "web2": {}}}})
    declared = [in_file("external-dns"), in_file("terraform", path="missing/ionos.yml")]
    after = [{"hosts": "web", "gather_facts": False, "tasks": [{"name": "After", "ansible.builtin.debug": {}}]}]
    play = {
        "hosts": "web",
        "gather_facts": False,
        "vars": {"token_rotation_tokens": declared, "token_rotation_run_once": True},
        "roles": [ROLE],
        "handlers": [RESTART],
    }
    run = team.run([play, *after], "-i", "hosts.yml")
    assert run.return_code == 2
    assert sorted(shown(run, "Restart")) == ["web1: external-dns", "web2: external-dns"]
    assert shown(run, "After") == []


@pytest.mark.parametrize("second_path", ["ionos.yml", "missing/ionos.yml"], ids=["success", "failure"])
def test_no_secret_is_printed_logged_or_handed_to_callback_plugins(
    team: Team, openbao: OpenBao, kv_mount: str, second_path: str
) -> None:
    password_of_user = "canary-of-a-password"
    run = team.rotate(
        "-vvvvv",
        "--diff",
        username="ann@example.com",
        password=password_of_user,
        accounts=[{"name": "shop", "token": team.issuer}],
        vaults=[
            {"name": "bao", "hashi_vault": {"url": openbao.url, "token": openbao.root_token, "mount": kv_mount}},
            {"name": "files", "ansible_vault_file": {}},
        ],
        tokens=[
            {"name": "external-dns", "account": "shop", "vault": {"in": "bao", "path": "ionos/dns"}},
            {
                "name": "terraform",
                "account": "shop",
                "vault": {"in": "files", "path": second_path, "variable": "ionos_token"},
            },
        ],
        offers={"external-dns": team.emulator.mint(team.user, ttl=90 * 86400)[1]},
    )
    assert "(adopted: it was offered)" in run.output
    seen = "\n".join(
        [run.output, *((team.workspace.folder / name).read_text() for name in ("ansible.log", "results.jsonl"))]
    )
    for secret in (password_of_user, openbao.root_token, PASSWORD):
        assert secret not in seen
        assert base64.b64encode(secret.encode()).decode() not in seen
    assert JWT.findall(seen) == []


@pytest.mark.parametrize(
    "variables",
    [
        {"two_factor": CANARY},
        {"accounts": f"name=shop token={CANARY}"},
        {"accounts": [{"name": "shop", f"token={CANARY}": None}]},
        {"vaults": [{"name": "bao", "hashi_vault": {"timeout": CANARY}}]},
    ],
    ids=["for a choice", "in a text for a list", "as a key", "for a number"],
)
def test_a_secret_in_the_wrong_place_is_refused_and_not_shown(team: Team, variables: dict[str, Any]) -> None:
    run = team.rotate("-vvvvv", **{"tokens": [in_file("terraform")], **variables})
    assert run.return_code == 2
    seen = run.output + (team.workspace.folder / "results.jsonl").read_text()
    assert CANARY not in seen
    assert team.minted() == 0
