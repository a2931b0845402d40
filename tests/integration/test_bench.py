# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make bench``: what is charged to whom, how latency comes about, and one short run of all of it."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench.contenders import FEWEST, NAMES, OURS, SAME, USUAL
from bench.delaying_proxy import counting_proxy, serve
from bench.processes import Command, CommandFailed, run, run_watched
from bench.session import ALL, NOTHING
from emulator import EmulatorServer
from support.ansible_runs import COLLECTIONS, ROOT
from support.borrowed_collections import borrowed_collections
from support.emulator_fixtures import emulator
from support.process_trees import ProcessTree, has_ended, wait_until

__all__ = ["emulator"]

BURN = "import time\nwhile time.process_time() < 0.3: pass"
GRANDCHILD_BURNS = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {BURN!r}], check=True)"
MEBIBYTES = 64
FILL = f"kept = b'x' * {MEBIBYTES * 2**20}"
ALMOST_FOR_EVER = 3600
ENVIRONMENT = {"PATH": os.environ["PATH"], "PYTHONPATH": f"{ROOT / 'tests'}{os.pathsep}{COLLECTIONS}"}


def python(folder: Path, code: str) -> Command:
    return Command([sys.executable, "-c", code], folder, {"PATH": os.environ["PATH"]})


def test_the_cpu_of_a_child_of_a_child_is_charged(tmp_path: Path) -> None:
    assert run(python(tmp_path, GRANDCHILD_BURNS)).cpu >= 0.3


def test_memory_is_that_of_the_command_and_not_of_whoever_measures(tmp_path: Path) -> None:
    held = b"x" * (4 * MEBIBYTES * 2**20)
    small, large = run(python(tmp_path, "")), run(python(tmp_path, FILL))
    assert small.peak_bytes < MEBIBYTES * 2**20 <= large.peak_bytes < len(held)


def test_the_memory_of_all_processes_is_added_up(tmp_path: Path) -> None:
    sleeps = f"{FILL}\nimport time\ntime.sleep(1)"
    starts = f"import subprocess, sys\nchild = subprocess.Popen([sys.executable, '-c', {sleeps!r}])"
    assert run_watched(python(tmp_path, f"{starts}\n{FILL}\nchild.wait()")) >= 2 * MEBIBYTES * 2**20


def test_the_cpu_of_a_server_is_told_apart(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", f"{BURN}\nprint(flush=True)\ninput()"], stdin=-1, stdout=-1) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdout.readline()
        cost = run(python(tmp_path, BURN), {"a server": [server.pid]})
        server.stdin.write(b"\n")
    assert cost.cpu >= 0.3
    assert cost.servers["a server"] < 0.1


def test_what_fails_is_not_measured_and_says_why(tmp_path: Path) -> None:
    with pytest.raises(CommandFailed, match="no such account"):
        run(python(tmp_path, "raise SystemExit('no such account')"))


def test_a_bench_that_is_ended_leaves_nothing_running(tmp_path: Path) -> None:
    options = ["--tokens", "1", "--contenders", "fewest", "--folder", str(tmp_path), "--json", str(tmp_path / "j")]
    with subprocess.Popen(
        [sys.executable, "-m", "bench", *options], env=ENVIRONMENT, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL
    ) as bench:
        assert bench.stderr is not None
        bench.stderr.readline()
        started = ProcessTree(bench.pid).members()
        bench.terminate()
        bench.stderr.read()
    assert len(started) > 2
    wait_until(lambda: all(map(has_ended, started)))


def test_requests_are_counted_on_their_way(emulator: EmulatorServer, tmp_path: Path) -> None:
    _token, value = emulator.mint(emulator.add_user("ann@example.com", "secret-password"))
    code = f"""
import requests
session = requests.Session()
for path in ('', '', '/generate'):
    session.get('%s/auth/v1/tokens' + path, headers={{'Authorization': 'Bearer {value}'}}).raise_for_status()
"""
    with counting_proxy(emulator.url) as (url, requests):
        run(python(tmp_path, code % url))
        assert requests == {("GET", "/auth/v1/tokens"): 2, ("GET", "/auth/v1/tokens/generate"): 1}
    assert len(emulator.journal.entries()) == 3


def test_with_latency_no_client_waits_for_another(emulator: EmulatorServer) -> None:
    """What two clients send has both arrived while nothing of it has been passed on."""

    async def talk() -> list[bytes]:
        arrived: list[bytes] = []
        both = asyncio.Event()

        def note(data: bytes) -> None:
            arrived.append(data)
            if len(arrived) == 2:
                both.set()

        proxy = await serve(emulator.url, ALMOST_FOR_EVER, note)
        host, port = proxy.url.removeprefix("http://").split(":")
        writers = []
        for number in range(2):
            _reader, writer = await asyncio.open_connection(host, int(port))
            writer.write(f"GET /auth/v1/tokens?of={number} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            writers.append(writer)
        await both.wait()
        for writer in writers:
            writer.close()
        await proxy.close()
        return arrived

    assert len(asyncio.run(talk())) == 2
    assert emulator.journal.entries() == []


@pytest.mark.heavy
def test_everything_is_measured_once(tmp_path: Path) -> None:
    borrowed_collections()
    file = tmp_path / "bench.json"
    options = ["--tokens", "2", "--situations", f"{ALL},{NOTHING}", "--latency", "0,5", "--rounds", "1"]
    finished = subprocess.run(
        [sys.executable, "-m", "bench", *options, "--folder", str(tmp_path), "--json", str(file)],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    assert "2 tokens, all due, 5 ms (empty play" in finished.stdout
    cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
    assert [(cell["situation"], cell["latency_ms"]) for cell in cells] == [
        (ALL, 0),
        (NOTHING, 0),
        (ALL, 5),
        (NOTHING, 5),
    ]
    for cell in cells:
        contenders = {contender["contender"]: contender for contender in cell["contenders"]}
        assert tuple(contenders) == NAMES
        assert contenders[SAME]["calls"] == contenders[OURS]["calls"]
        assert contenders[USUAL]["calls"] == contenders[FEWEST]["calls"]
        assert sum(contenders[FEWEST]["calls"].values()) == 2 * (5 if cell["situation"] == ALL else 2)
