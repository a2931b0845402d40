# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who runs this, and whether the owner of an intent is provably dead (R13)."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.tokenops.ionos.plugins.plugin_utils._record.model import Job, Owner
from ansible_collections.tokenops.ionos.plugins.plugin_utils._run.owner import ProcessTable
from support.child_processes import run_unprivileged

SOME_ID = 4_190_000
"""A process id above what the kernel gives out by default, so that nobody has it."""

OWN_START = "print(open('/proc/self/stat').read().rpartition(')')[2].split()[19], flush=True); input()"


class Host:
    """A host as its ``/proc`` and ``/etc`` show it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.put("etc/machine-id", "0123456789abcdef0123456789abcdef\n")
        self.put("proc/sys/kernel/random/boot_id", "boot-1\n")
        self.enter_namespace("pid:[4026531836]")
        self.start(os.getpid(), started_at=500)

    def put(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def enter_namespace(self, name: str) -> None:
        link = self.root / "proc/self/ns/pid"
        link.parent.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(name)

    def start(self, process_id: int, *, started_at: int, state: str = "S", name: str = "ansible-playbook") -> None:
        before, after = ["1"] * 18, ["0"] * 30
        self.put(
            f"proc/{process_id}/stat", " ".join([str(process_id), f"({name})", state, *before, str(started_at), *after])
        )

    def table(self, name: str = "controller") -> ProcessTable:
        return ProcessTable(self.root, host_name=name)

    def owner(self, process_id: int = SOME_ID, started_at: int = 700, **fields: str) -> Owner:
        """Return the owner that a process of this host would write into an intent."""
        own = self.table().this_process()
        return replace(own, process_id=process_id, process_started_at=started_at, **fields)


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


def test_the_owner_of_this_process_is_alive(host: Host) -> None:
    table = host.table()
    owner = table.this_process()
    assert (owner.process_id, owner.process_started_at) == (os.getpid(), 500)
    assert not table.is_dead(owner)


def test_a_host_is_written_as_every_release_writes_it(host: Host) -> None:
    owner = host.table().this_process()
    assert (owner.host, owner.boot_id) == ("controller/3eb1bd439947", "boot-1/pid:[4026531836]")


def test_a_process_that_has_ended_is_dead(host: Host) -> None:
    assert host.table().is_dead(host.owner())


def test_a_process_that_runs_is_alive(host: Host) -> None:
    host.start(SOME_ID, started_at=700)
    assert not host.table().is_dead(host.owner())


@pytest.mark.parametrize("name", ["a) b", "x) Z 1 (", "((", "white space"])
def test_a_process_may_have_any_name(host: Host, name: str) -> None:
    host.start(SOME_ID, started_at=700, name=name)
    assert not host.table().is_dead(host.owner())


def test_of_what_proc_shows_only_what_stands_before_the_start_is_needed(host: Host) -> None:
    fields = ["S", *["1"] * 18, "700"]
    host.put(f"proc/{SOME_ID}/stat", " ".join([str(SOME_ID), "(ansible-playbook)", *fields]))
    assert not host.table().is_dead(host.owner())
    host.put(f"proc/{SOME_ID}/stat", " ".join([str(SOME_ID), "(ansible-playbook)", *fields[:-1]]))
    assert host.table().is_dead(host.owner())


def test_another_process_with_the_same_id_does_not_keep_the_owner_alive(host: Host) -> None:
    host.start(SOME_ID, started_at=701)
    assert host.table().is_dead(host.owner())


@pytest.mark.parametrize("state", ["Z", "X"])
def test_a_process_that_nobody_has_waited_for_is_dead(host: Host, state: str) -> None:
    host.start(SOME_ID, started_at=700, state=state)
    assert host.table().is_dead(host.owner())


def test_a_process_that_proc_hides_is_alive(host: Host) -> None:
    """Another user's, where ``/proc`` is mounted with ``hidepid``."""
    table, owner = host.table(), host.owner(process_id=1)
    assert run_unprivileged(lambda: str(table.is_dead(owner))) == "False"


def test_an_id_that_no_process_can_have_is_dead(host: Host) -> None:
    assert host.table().is_dead(host.owner(process_id=2**70))


def test_who_ran_before_this_host_was_started_again_is_dead(host: Host) -> None:
    owner = host.owner()
    host.put("proc/sys/kernel/random/boot_id", "boot-2\n")
    assert host.table().is_dead(owner)


def test_who_ran_on_another_host_counts_as_alive(host: Host) -> None:
    owner = host.owner(boot_id="boot-9/pid:[1]", host="other/0123456789ab")
    assert not host.table().is_dead(owner)


def test_a_host_of_the_same_name_is_another_one(host: Host) -> None:
    owner = host.owner()
    host.put("etc/machine-id", "fedcba9876543210fedcba9876543210\n")
    host.put("proc/sys/kernel/random/boot_id", "boot-2\n")
    assert not host.table().is_dead(owner)


def test_after_a_start_without_a_machine_id_nothing_is_proven(host: Host) -> None:
    host.put("etc/machine-id", "")
    owner = host.owner()
    host.put("proc/sys/kernel/random/boot_id", "boot-2\n")
    assert not host.table().is_dead(owner)


def test_who_ran_in_another_container_counts_as_alive(host: Host) -> None:
    owner = host.owner()
    host.enter_namespace("pid:[4026532999]")
    assert not host.table().is_dead(owner)


@pytest.mark.parametrize("boot_id", ["", "/", "boot-1", "boot-1/", "/pid:[4026531836]"])
def test_an_owner_of_whom_too_little_is_known_counts_as_alive(host: Host, boot_id: str) -> None:
    assert not host.table().is_dead(host.owner(boot_id=boot_id))


def test_on_a_system_without_proc_everybody_counts_as_alive(tmp_path: Path) -> None:
    table = ProcessTable(tmp_path, host_name="controller")
    owner = table.this_process()
    assert (owner.process_id, owner.process_started_at) == (os.getpid(), 0)
    assert not table.is_dead(replace(owner, process_id=SOME_ID))


@pytest.mark.parametrize(
    ("address", "awx"),
    [
        ("https://awx.example.com", "awx.example.com"),
        ("https://awx.example.com:8043/", "awx.example.com:8043"),
        ("https://admin:secret@awx.example.com", "awx.example.com"),
        ("awx.example.com", "awx.example.com"),
    ],
)
def test_in_a_job_of_awx_the_owner_is_the_job(tmp_path: Path, address: str, awx: str) -> None:
    table = ProcessTable(tmp_path, environ={"JOB_ID": "36", "AWX_HOST": address})
    assert str(table.this_process().job) == f"job 36 of {awx}"


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"JOB_ID": "36"},
        {"AWX_HOST": "https://awx.example.com"},
        {"JOB_ID": "main-17", "AWX_HOST": "https://awx.example.com"},
        {"JOB_ID": "9" * 40, "AWX_HOST": "https://awx.example.com"},
        {"JOB_ID": "36", "AWX_HOST": "https://[awx"},
    ],
)
def test_elsewhere_there_is_no_job(tmp_path: Path, environ: dict[str, str]) -> None:
    """Other systems call their jobs by ``JOB_ID`` too."""
    assert ProcessTable(tmp_path, environ=environ).this_process().job is None


IN_A_JOB = {"JOB_ID": "37", "AWX_HOST": "https://awx.example.com"}


@pytest.mark.parametrize(
    ("job", "is_dead"),
    [
        (Job(36, "awx.example.com"), True),
        (Job(37, "awx.example.com"), False),
        (Job(36, "awx.example.org"), False),
        (None, False),
    ],
)
def test_another_job_of_the_same_awx_is_dead_once_awx_says_so(tmp_path: Path, job: Job | None, is_dead: bool) -> None:
    table = ProcessTable(tmp_path, host_name="pod-2", environ=IN_A_JOB, job_has_ended=lambda job: True)
    owner = Owner("pod-1/", "boot/pid:[1]", SOME_ID, 1, job=job)
    assert table.is_dead(owner) is is_dead


def test_a_job_of_which_awx_does_not_say_that_it_has_ended_is_alive(tmp_path: Path) -> None:
    table = ProcessTable(tmp_path, host_name="pod-2", environ=IN_A_JOB)
    assert not table.is_dead(Owner("pod-1/", "boot/pid:[1]", SOME_ID, 1, job=Job(36, "awx.example.com")))


def test_outside_of_awx_nobody_is_asked_about_jobs(tmp_path: Path) -> None:
    table = ProcessTable(tmp_path, host_name="laptop", environ={}, job_has_ended=lambda job: True)
    assert not table.is_dead(Owner("pod-1/", "boot/pid:[1]", SOME_ID, 1, job=Job(36, "awx.example.com")))


def test_a_real_process_is_alive_until_it_ends() -> None:
    table = ProcessTable()
    with subprocess.Popen([sys.executable, "-c", OWN_START], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        started_at = int(child.stdout.readline())
        owner = replace(table.this_process(), process_id=child.pid, process_started_at=started_at)
        assert not table.is_dead(owner)
        child.communicate()
    assert table.is_dead(owner)
