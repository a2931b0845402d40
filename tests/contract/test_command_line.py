# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m emulator``."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests

TESTS = Path(__file__).resolve().parents[1]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(TESTS)}
SEED = {
    "clock": "2026-01-01T00:00:00Z",
    "frozen": True,
    "users": [{"name": "ann@example.com", "password": "first-password", "contracts": [31711111]}],
    "settings": {"quota": 1},
    "faults": [{"kind": "status", "operation": "get", "status": 503}],
}


@pytest.fixture
def start():
    processes = []

    def start_emulator(*arguments):
        process = subprocess.Popen(
            [sys.executable, "-m", "emulator", *arguments], env=ENVIRONMENT, stdout=subprocess.PIPE, text=True
        )
        processes.append(process)
        return process, json.loads(process.stdout.readline())

    yield start_emulator
    for process in processes:
        process.kill()
        process.wait()
        process.stdout.close()


def test_it_prints_where_it_listens_and_ends_on_sigterm(start):
    process, announced = start("--port", "0")
    assert requests.get(announced["auth_url"] + "/tokens", timeout=10).status_code == 401
    assert announced["pid"] == process.pid

    process.send_signal(signal.SIGTERM)

    assert process.wait(10) == 0
    with pytest.raises(requests.ConnectionError):
        requests.get(announced["auth_url"] + "/tokens", timeout=10)


def test_a_seed_and_a_clock_are_taken(start, tmp_path):
    seed = tmp_path / "seed.json"
    seed.write_text(json.dumps(SEED))

    dummy, announced = start("--seed", str(seed))

    tokens = announced["auth_url"] + "/tokens"
    who = ("ann@example.com", "first-password")
    first = requests.get(tokens + "/generate", auth=who, timeout=10)
    assert (first.status_code, first.headers["Date"]) == (200, "Thu, 01 Jan 2026 00:00:00 GMT")
    assert requests.get(tokens + "/generate", auth=who, timeout=10).status_code == 403
    assert requests.get(tokens + "/x", auth=who, timeout=10).status_code == 503


def test_the_clock_option_sets_the_time(start):
    dummy, announced = start("--clock", "2024-03-15T00:00:00Z")

    date = requests.get(announced["url"], timeout=10).headers["Date"]

    assert date.startswith("Fri, 15 Mar 2024 00:0")


def test_its_files_are_gone_when_it_has_ended(start, tmp_path):
    port_file = tmp_path / "emulator.json"
    process, announced = start("--tls", "--port-file", str(port_file))
    assert json.loads(port_file.read_text()) == announced
    assert requests.get(announced["url"], verify=announced["ca_path"], timeout=10).status_code == 404
    assert len(announced["fingerprint"]) == 64

    process.send_signal(signal.SIGINT)
    process.wait(10)

    assert list(tmp_path.iterdir()) == []
    assert not Path(announced["ca_path"]).parent.exists()


def test_it_ends_with_its_parent():
    parent = (
        "import subprocess, sys;"
        "child = subprocess.Popen([sys.executable, '-m', 'emulator'], stdout=subprocess.PIPE, text=True);"
        "print(child.stdout.readline())"
    )
    with subprocess.Popen(
        [sys.executable, "-c", parent], env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        # Standard error is at its end when the last process that holds it has ended: the emulator.
        output, dummy = process.communicate(timeout=20)

    with pytest.raises(requests.ConnectionError):
        requests.get(json.loads(output)["url"], timeout=10)


def test_it_ends_with_the_process_it_was_told_to_watch(start):
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, text=True) as watched:
        process, dummy = start("--parent-pid", str(watched.pid))
        watched.communicate("\n")

    assert process.wait(10) == 0


@pytest.mark.parametrize(
    "arguments", [["--clock", "soon"], ["--seed", "missing.json"], ["--seed", os.devnull]], ids=lambda value: value[-1]
)
def test_what_cannot_be_read_is_refused(arguments):
    finished = subprocess.run(
        [sys.executable, "-m", "emulator", *arguments],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )

    assert finished.returncode == 2
    assert finished.stderr.startswith("emulator: ")
    assert "Traceback" not in finished.stderr
