# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make emulator``: an API to try things with."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest
import requests

from support.ansible_runs import ROOT

GUIDE = ROOT / "docs/docsite/rst/guide_emulator.rst"
Start = Callable[..., subprocess.Popen[str]]


@contextmanager
def _running(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "support.tools.run_emulator", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "tests")}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def start() -> Iterator[Start]:
    with ExitStack() as processes:
        yield lambda *arguments: processes.enter_context(_running(*arguments))


def printed(process: subprocess.Popen[str], last: str) -> str:
    """Return what is printed up to the line that begins with ``last``."""
    assert process.stdout is not None
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith(last):
            break
    return "".join(lines)


def in_a_shell(text: str) -> dict[str, str]:
    """Return the variables that a shell has after somebody has pasted a text."""
    command = f"{text}\npython3 -c 'import json, os; print(json.dumps(dict(os.environ)))'"
    finished = subprocess.run(
        ["bash", "-eu", "-c", command], env={"PATH": os.environ["PATH"]}, stdout=subprocess.PIPE, text=True, check=True
    )
    variables: dict[str, str] = json.loads(finished.stdout)
    return variables


def status_of(token: str, url: str) -> int:
    """Return the status with which the API answers a token that asks for the user's tokens."""
    headers = {"Authorization": f"Bearer {token}"}
    return requests.get(f"{url}/auth/v1/tokens", headers=headers, timeout=10).status_code


def test_what_it_prints_lets_a_shell_use_it(start: Start) -> None:
    text = printed(start(), last="export IONOS_TOKEN")
    variables = in_a_shell(text)
    assert variables["IONOS_API_URL"].startswith("http://127.0.0.1:")
    assert status_of(variables["IONOS_TOKEN"], variables["IONOS_API_URL"]) == 200


def test_the_guide_shows_what_it_prints(start: Start) -> None:
    text = printed(start(), last="export IONOS_TOKEN")
    shown = re.sub(r"(?<=127\.0\.0\.1:)\d+|(?<=eyJ)\S+", "...", text)
    assert "".join(f"   {line}\n" for line in shown.splitlines()) in GUIDE.read_text(encoding="utf-8")


def test_with_two_factor_authentication_it_has_a_token_to_hand_over(start: Start) -> None:
    variables = in_a_shell(printed(start("--two-factor", "enabled"), last="export NEW_IONOS_TOKEN"))
    url, headers = variables["IONOS_API_URL"], {"Authorization": f"Bearer {variables['IONOS_TOKEN']}"}
    assert requests.get(f"{url}/auth/v1/tokens/generate", headers=headers, timeout=10).status_code == 403
    assert variables["NEW_IONOS_TOKEN"] != variables["IONOS_TOKEN"]
    assert status_of(variables["NEW_IONOS_TOKEN"], url) == 200


def test_it_ends_without_complaint_when_interrupted(start: Start) -> None:
    process = start()
    printed(process, last="export IONOS_TOKEN")
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=30) == 0


def test_a_port_that_is_taken_is_said(start: Start) -> None:
    taken = in_a_shell(printed(start(), last="export IONOS_TOKEN"))["IONOS_API_URL"].rpartition(":")[2]
    command = [sys.executable, "-m", "support.tools.run_emulator", "--port", taken]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "tests")}
    finished = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert finished.returncode == 2
    assert f"The port {taken} cannot be used" in finished.stderr
