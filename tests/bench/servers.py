# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The servers that every contender talks to: the emulator and OpenBao, and proxies that add latency."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from support.ansible_runs import ROOT
from support.openbao_fixtures import OpenBao, development_server, program

SECONDS = 60


@dataclass(frozen=True)
class Addresses:
    """Where a contender reaches the two servers."""

    api_url: str
    bao_url: str


class Api:
    """The emulator in a process of its own, steered over its control endpoints."""

    def __init__(self, url: str, pid: int) -> None:
        self.url = url
        self.pid = pid
        self._session = requests.Session()
        self._session.trust_env = False

    def control(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """Send one request to a control endpoint and return its answer."""
        answer = self._session.request(method, f"{self.url}/_emulator/{path}", json=body, timeout=SECONDS)
        answer.raise_for_status()
        document: dict[str, Any] = answer.json()
        return document

    def add_user(self, name: str) -> None:
        """Add somebody who may mint tokens."""
        self.control("POST", "users", {"name": name, "password": "unused", "contracts": [31711111], "role": "owner"})

    def mint(self, user: str) -> str:
        """Return a token of a year."""
        value: str = self.control("POST", "tokens", {"user": user})["token"]
        return value


class Clock:
    """The one clock of the emulator and of the contenders; the machine's own stays as it is.

    :ivar file: holds the shift in seconds, for ``support.shifted_clock``.
    """

    def __init__(self, api: Api, file: Path) -> None:
        self.file = file
        self._api = api
        self._shift = 0
        self.advance(0)

    def advance(self, seconds: int) -> None:
        """Let that much time pass."""
        self._api.control("POST", "clock", {"advance": seconds})
        self._shift += seconds
        self.file.write_text(str(self._shift), encoding="ascii")


class Servers:
    """Both servers, their clock, and what was put before them."""

    def __init__(self, api: Api, openbao: OpenBao, openbao_pid: int, clock: Clock, proxies: ExitStack) -> None:
        self.api = api
        self.openbao = openbao
        self.clock = clock
        self._openbao_pid = openbao_pid
        self._proxies = proxies
        self._delayed: dict[int, tuple[Addresses, tuple[int, ...]]] = {}

    def addresses(self, latency_ms: int = 0) -> Addresses:
        """Return where the servers are reached with so much latency added to every request."""
        if not latency_ms:
            return Addresses(self.api.url, self.openbao.url)
        if latency_ms not in self._delayed:
            seconds = latency_ms / 1000
            api_url, api_pid = self._proxies.enter_context(_delaying_proxy(self.api.url, seconds))
            bao_url, bao_pid = self._proxies.enter_context(_delaying_proxy(self.openbao.url, seconds))
            self._delayed[latency_ms] = Addresses(api_url, bao_url), (api_pid, bao_pid)
        return self._delayed[latency_ms][0]

    def processes(self, latency_ms: int = 0) -> dict[str, tuple[int, ...]]:
        """Return the processes that serve, by what they are."""
        proxies = {"proxies": self._delayed[latency_ms][1]} if latency_ms else {}
        return {"emulator": (self.api.pid,), "openbao": (self._openbao_pid,), **proxies}

    def version_of_openbao(self) -> str:
        """Return the version that OpenBao names."""
        return str(self.openbao.call("GET", "sys/health")["version"])


@contextmanager
def running_servers(folder: Path) -> Iterator[Servers]:
    """Run both servers; they are gone afterwards. What they write lies in *folder*."""
    folder.mkdir(parents=True, exist_ok=True)
    with _emulator() as api, development_server(folder) as openbao, ExitStack() as proxies:
        yield Servers(api, openbao, _child_that_runs(str(program())), Clock(api, folder / "clock-shift"), proxies)


@contextmanager
def _emulator() -> Iterator[Api]:
    with _module("emulator", "--port", "0") as process:
        announced = json.loads(_first_line(process))
        yield Api(announced["url"], announced["pid"])


@contextmanager
def _delaying_proxy(url: str, seconds: float) -> Iterator[tuple[str, int]]:
    with _module("bench.delaying_proxy", url, str(seconds)) as process:
        yield _first_line(process), process.pid


@contextmanager
def _module(name: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "tests")}
    with subprocess.Popen(
        [sys.executable, "-m", name, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


def _first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline().strip()
    if not line:
        raise RuntimeError(f"{' '.join(map(str, process.args))} did not start.")  # type: ignore[arg-type]
    return line


def _child_that_runs(executable: str) -> int:
    """Return the process that this one has started with an executable."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        for children in Path(f"/proc/{os.getpid()}/task").glob("*/children"):
            for pid in children.read_text(encoding="ascii").split():
                if Path(f"/proc/{pid}/exe").resolve() == Path(executable).resolve():
                    return int(pid)
        time.sleep(0.05)
    raise RuntimeError(f"{executable} is not running.")
