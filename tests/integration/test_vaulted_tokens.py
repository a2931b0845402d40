# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``vaulted_tokens`` in real runs of ansible-playbook, with real servers and real Ansible Vault files."""

from __future__ import annotations

import ctypes
import json
import os
import pty
import signal
import struct
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from emulator import EmulatorServer
from support.ansible_runs import AnsibleRun
from support.emulator_fixtures import emulator
from support.openbao_fixtures import OpenBao
from support.recording_proxy import recording_proxy
from support.rotation_site import RotationSite, entry, in_bao, in_file, vaulted

__all__ = ["emulator"]

SECONDS_TO_WAIT = 60
IN_OPEN, IN_CLOSE = 0x20, 0x18
APP: dict[str, Any] = {
    "name": "app",
    "ttl": "30d",
    "renew_before": "7d",
    "overlap": "1d",
    "vault": in_bao("ionos/app"),
    "replicas": [in_bao("ionos/copy"), in_file("ionos_token")],
}


@pytest.fixture
def site(tmp_path: Path, emulator: EmulatorServer, openbao: OpenBao, kv_mount: str) -> RotationSite:
    return RotationSite(tmp_path, emulator, openbao, kv_mount)


@dataclass(frozen=True)
class Stage:
    """One run of a token's life, and how things stood after it."""

    run: AnsibleRun
    api_requests: list[str | None]
    bao_requests: list[tuple[str, str]]
    file_openings: int
    ids: set[str]
    held: dict[str, str | None]

    @property
    def entry(self) -> dict[str, Any]:
        return entry(self.run)

    def reads(self, path: str) -> int:
        """Return how often a secret was read."""
        return len([1 for method, asked in self.bao_requests if method == "GET" and asked.endswith(f"/data/{path}")])


@contextmanager
def openings(file: Path) -> Iterator[Callable[[], int]]:
    """Count how often a file that exists is opened."""
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = libc.inotify_init1(os.O_NONBLOCK)
    libc.inotify_add_watch(descriptor, os.fsencode(file), IN_OPEN | IN_CLOSE)

    def count() -> int:
        try:
            events = os.read(descriptor, 65536)
        except BlockingIOError:
            return 0
        return sum(bool(mask & IN_OPEN) for _watch, mask, _cookie, _length in struct.iter_unpack("iIII", events))

    try:
        yield count
    finally:
        os.close(descriptor)


class Life:
    """The life of one declared token, a stage a run."""

    def __init__(self, site: RotationSite, requests: list[tuple[str, str]]) -> None:
        self._site = site
        self._requests = requests
        self.stages: dict[str, Stage] = {}
        self._live()

    def _live(self) -> None:
        site = self._site
        self._pass("predicted", "--check", "--diff")
        self._pass("first")
        self._pass("second")
        site.openbao.put_secret(site.mount, "ionos/copy", {"token": ""})
        self._pass("repaired")
        site.advance(days=24)
        self._pass("rotation predicted", "--check")
        self._pass("rotated", "--diff", IONOS_TOKEN="")
        self._pass("within the overlap")
        site.advance(days=1)
        self._pass("retired")
        self._pass("absent", state="absent")

    def _pass(self, name: str, *arguments: str, state: str = "present", **environment: str) -> None:
        site = self._site
        site.api.journal.clear()
        self._requests.clear()
        file = site.workspace.folder / "ionos.yml"
        with openings(file if file.exists() else site.workspace.folder) as count:
            run = site.run(site.task({**APP, "state": state}), arguments=arguments, **environment)
            opened = count()
        self.stages[name] = Stage(
            run=run,
            api_requests=[item.operation for item in site.api.journal.entries()],
            bao_requests=list(self._requests),
            file_openings=opened,
            ids=site.ids(),
            held=self._held(),
        )

    def _held(self) -> dict[str, str | None]:
        site = self._site
        try:
            in_bao = {path: site.in_bao(path) for path in ("ionos/app", "ionos/copy")}
        except OSError:
            return {}
        return {**in_bao, "file": site.in_file("ionos_token")}


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory, openbao: OpenBao) -> dict[str, Stage]:
    """The stages of a token's life by name."""
    with EmulatorServer() as api, recording_proxy(openbao.url) as proxy:
        site = RotationSite(tmp_path_factory.mktemp("life"), api, openbao, openbao.mount_kv(), proxy.url)
        return Life(site, proxy.requests).stages


def test_check_mode_predicts_the_first_token_and_touches_nothing(life: dict[str, Stage]) -> None:
    stage = life["predicted"]
    assert stage.run.return_code == 0, stage.run.output
    assert (stage.entry["action"], stage.entry["reason"], stage.entry["changed"]) == ("rotated", "missing", True)
    assert "changed=1" in stage.run.stdout
    assert stage.ids == set()
    assert stage.held == {}
    assert {method for method, _path in stage.bao_requests} == {"GET"}


def test_the_first_run_mints_one_token_into_every_vault(life: dict[str, Stage]) -> None:
    stage = life["first"]
    assert stage.run.return_code == 0, stage.run.output
    token_id = stage.entry["token"]["id"]
    assert stage.ids == {token_id}
    assert stage.held == {"ionos/app": token_id, "ionos/copy": token_id, "file": token_id}
    assert [vault["in_sync"] for vault in stage.entry["vaults"]] == [True, True, True]


def test_the_summary_says_what_was_done(life: dict[str, Stage]) -> None:
    line, totals = life["first"].run.result("Rotate")["summary"]
    assert line.startswith("app: working, 29 days left (rotated: it was missing). ")
    assert totals == "1 declared: 1 working; 1 rotated"


def test_the_result_has_the_documented_keys_and_no_others(life: dict[str, Stage]) -> None:
    own = {"changed", "job_summary", "summary", "tokens"}
    assert {key for key in life["first"].run.result("Rotate") if not key.startswith("_ansible")} == own


def test_callbacks_see_no_arguments_once_the_task_has_ended(life: dict[str, Stage]) -> None:
    """R23."""
    assert [result.arguments for result in life["first"].run.results] == [{}]


def test_a_second_run_changes_nothing_at_the_cost_of_one_look_everywhere(life: dict[str, Stage]) -> None:
    """G5, R21."""
    stage = life["second"]
    assert (stage.entry["action"], stage.entry["changed"]) == ("kept", False)
    assert "changed=0" in stage.run.stdout
    assert stage.api_requests == ["get"]
    assert (stage.reads("ionos/app"), stage.reads("ionos/copy"), stage.file_openings) == (1, 1, 1)
    assert len(stage.bao_requests) == 2


def test_only_the_replica_that_differs_is_repaired(life: dict[str, Stage]) -> None:
    stage = life["repaired"]
    assert (stage.entry["action"], stage.entry["reason"]) == ("repaired", "replica_differed")
    assert [vault["changed"] for vault in stage.entry["vaults"] if vault["role"] == "replica"] == [True, False]
    assert stage.held["ionos/copy"] == stage.held["ionos/app"]
    assert stage.ids == life["second"].ids


def test_check_mode_predicts_a_rotation_and_touches_nothing(life: dict[str, Stage]) -> None:
    stage = life["rotation predicted"]
    assert (stage.entry["action"], stage.entry["reason"]) == ("rotated", "renew_before")
    assert (stage.ids, stage.held) == (life["repaired"].ids, life["repaired"].held)


def test_a_due_token_renews_itself_in_every_vault(life: dict[str, Stage]) -> None:
    stage = life["rotated"]
    assert stage.run.return_code == 0, stage.run.output
    [old] = life["first"].ids
    new = stage.entry["token"]["id"]
    assert (stage.entry["action"], stage.entry["reason"]) == ("rotated", "renew_before")
    assert stage.ids == {old, new}
    assert set(stage.held.values()) == {new}
    assert [item["id"] for item in stage.entry["previous"]] == [old]


def test_the_diff_shows_ids_dates_and_fingerprints(life: dict[str, Stage]) -> None:
    stage = life["rotated"]
    [diff] = stage.run.result("Rotate")["diff"]
    assert set(diff["before"]["token"]) == set(diff["after"]["token"]) == {"id", "fingerprint", "expires_at"}
    assert diff["after"]["token"]["id"] in stage.run.stdout
    assert "eyJ" not in stage.run.output + json.dumps(diff)


def test_the_previous_token_works_for_the_overlap(life: dict[str, Stage]) -> None:
    stage = life["within the overlap"]
    assert (stage.entry["action"], stage.ids) == ("kept", life["rotated"].ids)


def test_the_previous_token_is_deleted_once_the_overlap_is_over(life: dict[str, Stage]) -> None:
    stage = life["retired"]
    [old] = life["first"].ids
    assert (stage.entry["action"], stage.entry["retired"]) == ("retired", [old])
    assert stage.ids == {stage.entry["token"]["id"]}


def test_a_token_declared_absent_is_deleted_and_its_vaults_are_emptied(life: dict[str, Stage]) -> None:
    stage = life["absent"]
    assert stage.run.return_code == 0, stage.run.output
    assert (stage.entry["action"], stage.entry["reason"], stage.entry["token"]) == ("absent", "absent", None)
    assert stage.ids == set()
    assert set(stage.held.values()) == {None}


@pytest.mark.parametrize("stage", ["predicted", "first", "second", "repaired", "rotated", "retired", "absent"])
def test_no_run_prints_or_returns_a_token(life: dict[str, Stage], stage: str) -> None:
    run = life[stage].run
    assert "eyJ" not in run.output + json.dumps([result.result for result in run.results])


# Offers


def test_an_offered_token_from_a_vaulted_variable_is_taken_in(site: RotationSite) -> None:
    token, value = site.api.dcd.signed_in(site.user).create_token("30d")
    site.workspace.write("offered.yml", f"offered: {vaulted(value)}")
    task = site.task(APP, offers={"app": "{{ offered }}"})
    run = site.run(task, arguments=("-e", f"@{site.workspace.folder / 'offered.yml'}"), IONOS_TOKEN="")
    assert run.return_code == 0, run.output
    assert entry(run)["action"] == "adopted"
    assert entry(run)["offer"] == {"token_id": token.id, "source": "offers", "accepted": True, "reason": ""}
    assert {site.in_bao("ionos/app"), site.in_bao("ionos/copy"), site.in_file("ionos_token")} == {token.id}


def test_an_offer_that_is_no_better_fails_the_run_with_its_reason_and_is_left_alone(site: RotationSite) -> None:
    current, current_value = site.api.mint(site.user, ttl=30 * 86400)
    shorter, shorter_value = site.api.mint(site.user, ttl=86400)
    site.openbao.put_secret(site.mount, "ionos/app", {"token": current_value})
    run = site.run(site.task(APP, offers={"app": shorter_value}))
    assert run.return_code == 2
    assert entry(run)["token"]["id"] == current.id
    assert entry(run)["offer"]["accepted"] is False
    reason = f"The token {shorter.id} offered for app does not outlive the current one."
    assert entry(run)["offer"]["reason"].startswith(reason)
    assert f"[app] {reason}" in run.failure
    assert site.ids() == {current.id, shorter.id}


# Hosts, strategies and connections


def play(hosts: str, *tasks: dict[str, Any], **keywords: Any) -> list[dict[str, Any]]:
    return [{"hosts": hosts, "gather_facts": False, "connection": "local", "tasks": list(tasks), **keywords}]


def entries(run: AnsibleRun) -> list[dict[str, Any]]:
    """Return what all hosts report, one entry a token."""
    return [token for result in run.results for token in result.result["tokens"]]


def test_r24_two_hosts_that_share_a_declaration_mint_once(site: RotationSite) -> None:
    """R24: without ``run_once``, all but one report that another one is at work, or that its token is there."""
    run = site.run_plays(play("one,two", site.task(APP)), arguments=("-i", "one,two,", "--forks", "2"))
    assert run.return_code == 0, run.output
    actions = {token["action"] for token in entries(run)}
    # Whoever reads the record right after the mint finds replicas that the other one has not written yet.
    assert "rotated" in actions
    assert actions - {"rotated"} <= {"busy", "kept", "repaired"}
    assert len(site.api.journal.minted()) == 1
    assert site.ids() == {site.in_bao("ionos/app")}


@pytest.mark.parametrize("strategy", ["linear", "free"])
def test_hosts_with_a_list_each_run_side_by_side(site: RotationSite, strategy: str) -> None:
    token = {**APP, "vault": in_bao("ionos/{{ inventory_hostname }}"), "replicas": []}
    plays = play("one,two,three", site.task(token), strategy=strategy)
    run = site.run_plays(plays, arguments=("-i", "one,two,three,", "--forks", "3"))
    assert run.return_code == 0, run.output
    assert [token["action"] for token in entries(run)] == ["rotated"] * 3
    assert site.ids() == {site.in_bao(f"ionos/{host}") for host in ("one", "two", "three")}


def test_neither_the_host_nor_privileges_on_it_are_needed(site: RotationSite) -> None:
    """The task runs on the controller, whatever host it is for and delegated to."""
    task = {**site.task(APP), "become": True, "become_user": "nobody", "delegate_to": "elsewhere"}
    unreachable = {"ansible_connection": "ssh", "ansible_host": "127.0.0.1", "ansible_port": 1}
    plays = play("nowhere", task, connection="ssh", vars=unreachable)
    run = site.run_plays(plays, arguments=("-i", "nowhere,elsewhere,"))
    assert run.return_code == 0, run.output
    assert entry(run)["action"] == "rotated"


def test_an_asynchronous_task_is_refused_before_anything_is_touched(site: RotationSite) -> None:
    run = site.run({**site.task(APP), "async": 60, "poll": 1})
    assert run.return_code != 0
    assert "async" in run.failure
    assert site.api.journal.entries() == []
    assert not list(site.workspace.home.rglob(".ansible_async/*"))


def test_a_task_that_is_repeated_until_it_succeeds_has_its_arguments_again(site: RotationSite) -> None:
    site.api.faults.add("status", "list", status=401, count=1)
    task = {**site.task(APP), "register": "rotation", "until": "rotation is succeeded", "retries": 3, "delay": 0}
    run = site.run(task)
    assert run.return_code == 0, run.output
    assert run.result("Rotate")["attempts"] == 2
    assert site.ids() == {site.in_bao("ionos/app")}


# Long lists


@pytest.mark.parametrize("workers", [1, 8])
def test_several_tokens_are_all_kept_however_many_are_worked_on_at_once(site: RotationSite, workers: int) -> None:
    names = [f"app{number}" for number in range(6)]
    tokens = [
        {**APP, "name": name, "vault": in_bao(f"ionos/{name}"), "replicas": [in_file(f"token_of_{name}")]}
        for name in names
    ]
    run = site.run(site.task(*tokens, workers=workers))
    assert run.return_code == 0, run.output
    assert [token["name"] for token in run.result("Rotate")["tokens"]] == names
    assert {site.in_bao(f"ionos/{name}") for name in names} == site.ids()
    assert {site.in_file(f"token_of_{name}") for name in names} == site.ids()
    assert len(site.ids()) == len(names)


def test_one_tokens_failure_does_not_stop_the_others(site: RotationSite) -> None:
    broken = {**APP, "name": "broken", "vault": in_bao("ionos/broken"), "replicas": []}
    site.openbao.put_secret(site.mount, "ionos/broken", {"token": "not ours"})
    run = site.run(site.task(broken, APP))
    assert run.return_code != 0
    assert run.failure.startswith("1 of 2 declared tokens need attention. [broken] bao (")
    assert run.result("Rotate")["summary"][0].startswith("broken: FAILED")
    assert entry(run)["action"] == "rotated"
    assert entry(run, "broken")["error_codes"] == ["vault_value_not_a_token"]


def test_r30_a_long_run_tells_its_progress_on_stderr_and_leaves_stdout_to_the_callback(site: RotationSite) -> None:
    """R30: what is told to somebody at a terminal."""
    _user, slow_value = site.add_user("slow@example.com")
    site.api.faults.add("delay_before", "list", user="slow@example.com", seconds=5)
    slow = {**APP, "name": "slow", "account": "slow", "vault": in_bao("ionos/slow"), "replicas": []}
    task = site.task(APP, slow, accounts=[{"name": "slow", "token": slow_value, "two_factor": "disabled"}])
    playbook = site.workspace.write("playbook.yml", site.workspace.play(task))
    environment = site.workspace.environment(site.environment(ANSIBLE_STDOUT_CALLBACK="json_document"))
    reader, terminal = pty.openpty()
    with os.fdopen(reader, "rb", buffering=0) as seen:
        run = subprocess.run(
            site.workspace.command(playbook, site.password_arguments),
            cwd=site.workspace.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=terminal,
            check=True,
        )
        told = seen.read(10_000).decode()
        os.close(terminal)
    [result] = json.loads(run.stdout)
    assert [token["action"] for token in result["tokens"]] == ["rotated", "rotated"]
    assert "vaulted_tokens: 1 of 2 declared tokens done" in told


# Interruption


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS_TO_WAIT
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def children(process_id: int) -> list[int]:
    """Return the processes that a process has started and that have not ended."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == process_id and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def has_ended(process_id: int) -> bool:
    try:
        return Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_a_run_that_was_told_to_end_while_it_minted_is_put_right_by_the_next(site: RotationSite) -> None:
    """R15, G2."""
    site.api.faults.add("delay_after", "generate", seconds=3)
    playbook = site.workspace.write("playbook.yml", site.workspace.play(site.task(APP)))
    command = site.workspace.command(playbook, site.password_arguments)
    environment = site.workspace.environment(site.environment())
    with subprocess.Popen(
        command, cwd=site.workspace.folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        wait_until(lambda: len(site.api.journal.minted()) == 1)
        workers = children(process.pid)
        process.send_signal(signal.SIGTERM)
    assert process.returncode != 0
    wait_until(lambda: all(has_ended(worker) for worker in workers))

    run = site.run(site.task(APP))
    assert run.return_code == 0, run.output
    assert {site.in_bao("ionos/app"), site.in_bao("ionos/copy"), site.in_file("ionos_token")} == site.ids()
    assert len(site.ids()) == 1


# Whose token


def test_the_token_of_the_environment_never_acts_for_a_named_account(site: RotationSite) -> None:
    """R7."""
    run = site.run(site.task({**APP, "account": "shop"}, accounts=[{"name": "shop"}]))
    assert run.return_code != 0
    assert "Account shop has no credential that could mint" in run.failure
    assert site.api.journal.entries() == []
    assert site.ids() == set()


def test_the_accounts_own_token_mints_and_not_that_of_the_environment(site: RotationSite) -> None:
    """R7. The account's token comes from a vaulted variable."""
    other, value = site.add_user("bob@example.com")
    site.workspace.write("shop.yml", f"shop_token: {vaulted(value)}")
    task = site.task({**APP, "account": "shop"}, accounts=[{"name": "shop", "token": "{{ shop_token }}"}])
    run = site.run(task, arguments=("-e", f"@{site.workspace.folder / 'shop.yml'}"))
    assert run.return_code == 0, run.output
    assert entry(run)["token"]["user_id"] == other.user_id
    assert {item.user for item in site.api.journal.entries()} == {"bob@example.com"}
    assert site.ids() == set()
