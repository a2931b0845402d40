# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""G4 with real runs of ansible-playbook: several that begin at the same moment, and one that stands still for long."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import pytest

from support.ansible_runs import AnsibleRun
from support.openbao_fixtures import OpenBao
from support.rotation_site import entry
from support.rotator_site import OF_RECORD, RotatorProcess, RotatorSite, rotator_site
from support.run_gates import OpenGates, StartingLine, at_first_reading_back, at_first_write, at_generate

NAMES = ("app", "dns")
ROUNDS = 4


def race(site: RotatorSite, runs: int) -> list[AnsibleRun]:
    """Start runs that all make their first effects at the same moment; return them once all have ended."""
    site.gates.keeper = StartingLine(runs * len(site.names), site.watch)
    with ExitStack() as stack:
        processes = [stack.enter_context(site.started()) for _number in range(runs)]
        ended = [process.wait() for process in processes]
    site.gates.keeper = OpenGates()
    return ended


def assert_one_rotates(site: RotatorSite, runs: int) -> None:
    site.api.journal.clear()
    ended = race(site, runs)
    assert [run.failure for run in ended if run.return_code != 0] == []
    for name in site.names:
        actions = Counter(entry(run, name)["action"] for run in ended)
        assert actions["rotated"] == 1
        assert actions["busy"] + actions["kept"] == runs - 1, actions
    assert len(site.api.journal.minted()) == len(site.names)
    assert site.api.journal.deleted() == []
    assert site.unsettled() == []
    assert site.worked_all_along


@pytest.mark.parametrize(
    ("of_record", "runs"),
    [
        ("bao", 2),
        pytest.param("bao", 5, marks=pytest.mark.heavy),
        ("file", 2),
        pytest.param("cluster", 3, marks=pytest.mark.heavy),
        pytest.param("config", 2, marks=pytest.mark.heavy),
    ],
)
def test_of_runs_that_begin_at_once_one_rotates(
    tmp_path: Path, openbao: OpenBao, kv_mount: str, of_record: str, runs: int
) -> None:
    with rotator_site(tmp_path, openbao, kv_mount, of_record=of_record, names=NAMES) as site:
        site.make_due()
        assert_one_rotates(site, runs)


@pytest.mark.heavy
@pytest.mark.parametrize("runs", [2, 5])
@pytest.mark.parametrize("of_record", OF_RECORD)
def test_of_runs_that_begin_at_once_one_rotates_time_after_time(
    tmp_path: Path, openbao: OpenBao, kv_mount: str, of_record: str, runs: int
) -> None:
    """From the first token on."""
    with rotator_site(tmp_path, openbao, kv_mount, of_record=of_record, names=NAMES) as site:
        for _round in range(ROUNDS):
            assert_one_rotates(site, runs)
            assert site.unretired() == []
            site.advance(days=24)


@pytest.mark.heavy
@pytest.mark.parametrize("runs", [2, 5])
@pytest.mark.parametrize("of_record", OF_RECORD)
def test_runs_that_retire_at_once_delete_the_previous_token_and_nothing_else(
    tmp_path: Path, openbao: OpenBao, kv_mount: str, of_record: str, runs: int
) -> None:
    with rotator_site(tmp_path, openbao, kv_mount, of_record=of_record, names=NAMES) as site:
        site.make_retirable()
        previous = {item.id for name in NAMES for item in site.record(name).previous}
        ended = race(site, runs)
        assert [run.failure for run in ended if run.return_code != 0] == []
        assert set(site.api.journal.deleted()) == previous
        assert {item for run in ended for name in NAMES for item in entry(run, name)["retired"]} == previous
        assert site.unsettled() == []
        assert site.worked_all_along


# A run that stands still


MOMENTS = {
    # At which effect, whether it happens before, and how many tokens are minted in all.
    "between intent and mint": (at_first_reading_back, True, 1),
    # A write that its answer proves is not read back.
    "while the answer to its intent is on its way": (at_first_write, True, 1),
    "while its mint is on its way": (at_generate, False, 2),
    "while the answer to its mint is on its way": (at_generate, True, 2),
}


@pytest.mark.parametrize(
    ("of_record", "moment"),
    [
        ("bao", "while the answer to its intent is on its way"),
        ("bao", "while its mint is on its way"),
        pytest.param("bao", "while the answer to its mint is on its way", marks=pytest.mark.heavy),
        pytest.param("cluster", "while its mint is on its way", marks=pytest.mark.heavy),
        pytest.param("cluster", "between intent and mint", marks=pytest.mark.heavy),
        pytest.param("cluster", "while the answer to its mint is on its way", marks=pytest.mark.heavy),
        pytest.param("config", "between intent and mint", marks=pytest.mark.heavy),
        pytest.param("config", "while its mint is on its way", marks=pytest.mark.heavy),
        pytest.param("config", "while the answer to its mint is on its way", marks=pytest.mark.heavy),
        pytest.param("file", "between intent and mint", marks=pytest.mark.heavy),
        pytest.param("file", "while its mint is on its way", marks=pytest.mark.heavy),
        ("file", "while the answer to its mint is on its way"),
    ],
)
def test_a_run_that_stood_still_while_another_took_over_leaves_nothing_and_says_so(
    tmp_path: Path, openbao: OpenBao, kv_mount: str, of_record: str, moment: str
) -> None:
    """It is stopped for longer than its lease; both runs are alive and on the same host."""

    def stand_still(process: RotatorProcess) -> None:
        process.tree.stop()
        site.advance(minutes=11)
        others.append(site.run_for_real())
        process.tree.resume()

    others: list[AnsibleRun] = []
    at, happened, mints = MOMENTS[moment]
    with rotator_site(tmp_path, openbao, kv_mount, of_record=of_record) as site:
        site.make_due()
        site.api.journal.clear()
        slow = site.interrupted_run(at, stand_still, happened=happened)
        [other] = others
        assert (other.return_code, slow.return_code) == (0, 0), other.output + slow.output
        assert entry(other)["action"] == "rotated"
        assert (entry(slow)["action"], entry(slow)["reason"]) == (
            "busy",
            "another run took over while this one was at work; nothing of this one is left",
        )
        assert (len(site.api.journal.minted()), len(site.api.journal.deleted())) == (mints, mints - 1)
        assert site.unsettled() == []
        assert site.unretired() == []
        assert site.worked_all_along


@pytest.mark.heavy
@pytest.mark.parametrize("of_record", OF_RECORD)
def test_a_run_that_stands_still_within_its_lease_keeps_others_away(
    tmp_path: Path, openbao: OpenBao, kv_mount: str, of_record: str
) -> None:
    def stand_still(process: RotatorProcess) -> None:
        process.tree.stop()
        site.advance(minutes=5)
        others.append(site.run_for_real())
        others.append(site.run_for_real("other-host"))
        process.tree.resume()

    others: list[AnsibleRun] = []
    with rotator_site(tmp_path, openbao, kv_mount, of_record=of_record) as site:
        site.make_due()
        slow = site.interrupted_run(at_generate, stand_still, happened=True)
        assert [entry(other)["action"] for other in others] == ["busy", "busy"]
        assert all(entry(other)["reason"].startswith("busy until ") for other in others)
        assert entry(slow)["action"] == "rotated"
        assert site.unsettled() == []
        assert site.unretired() == []
        assert site.worked_all_along


@pytest.mark.heavy
def test_a_run_that_stands_still_while_it_writes_a_file_makes_others_say_so(
    tmp_path: Path, openbao: OpenBao, kv_mount: str
) -> None:
    """It holds the lock of the file, which no lease ends."""

    def stand_still(process: RotatorProcess) -> None:
        process.tree.stop()
        site.advance(minutes=11)
        others.append(site.run_for_real())
        process.tree.resume()

    others: list[AnsibleRun] = []
    with rotator_site(tmp_path, openbao, kv_mount, of_record="file") as site:
        site.vaults[1] = {"name": "files", "ansible_vault_file": {"lock_timeout": 1}}
        site.make_due()
        slow = site.interrupted_run(at_first_write, stand_still, happened=True)
        [other] = others
        assert "is being written by another run" in other.failure
        assert "No token was created" in slow.failure
        assert site.works()
        assert entry(site.run_for_real())["action"] == "rotated"
        assert site.unsettled() == []
        assert site.unretired() == []
        assert site.worked_all_along
