# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gates around every effect of real runs: requests to the API and to vaults, and steps at the files of a folder.

A run that goes through the gates does nothing to the world without passing one, before the effect and after it, and
waits there until it is let go on. Nothing in the collection knows of that.
"""

from __future__ import annotations

import re
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from support.failure_points import Point
from support.recording_proxy import recording_proxy

DIRECTED_PROCESSES = Path(__file__).with_name("directed_processes")
SECONDS_TO_MEET = 60
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TEMPORARY = re.compile(r"\.[^.]+\.tmp$")
_READ = re.compile(r"bao GET .*/data/|cluster GET .*/secrets/|file open [^.]")
_CHANGING = re.compile(
    r"(api|bao|cluster) (POST|PUT|PATCH|DELETE) |api GET .*/generate$|file (replace|remove) |file open .*\.(lock|tmp)$"
)


class Gatekeeper(Protocol):
    """Decides at the gates. Called by a thread for each run that waits there; ``ConnectionError`` shuts it out."""

    def before(self, what: str) -> None:
        """Return once the effect may happen."""

    def after(self, what: str) -> None:
        """Return once the run may learn what became of the effect."""


class OpenGates:
    """Lets everybody pass."""

    def before(self, what: str) -> None:
        pass

    def after(self, what: str) -> None:
        pass


@dataclass
class Interruption:
    """Counts the effects of one run that works on one token, and interrupts it once.

    :ivar at: tells whether the run is interrupted at the last of these effects.
    :ivar happened: whether that effect happens before the interruption.
    :ivar act: the interruption, while the run waits at the gate; whoever passes a gate from then on is not counted.
    :ivar watch: called whenever something may have changed, for what must hold at every moment.
    """

    at: Callable[[list[Point]], bool] = lambda points: False
    happened: bool = False
    act: Callable[[], None] = lambda: None
    watch: Callable[[], None] = lambda: None
    points: list[Point] = field(default_factory=list)
    interrupted: bool = False

    def before(self, what: str) -> None:
        if self.interrupted:
            return
        self.points.append(Point(len(self.points), what))
        self._interrupt_if(happened=False)

    def after(self, what: str) -> None:
        if changes_something(what):
            self.watch()
        if not self.interrupted:
            self._interrupt_if(happened=True)

    def _interrupt_if(self, *, happened: bool) -> None:
        if self.happened == happened and self.at(self.points):
            self.interrupted = True
            self.act()


def changes_something(what: str) -> bool:
    """Tell whether an effect changes anything outside the run."""
    return _CHANGING.match(what) is not None


def is_generate(what: str) -> bool:
    """Tell whether an effect mints."""
    return what.startswith("api ") and what.endswith("/generate")


def is_vault_write(what: str) -> bool:
    """Tell whether an effect is the one by which something written comes to stand in a vault."""
    return what.startswith(("bao POST", "cluster POST", "cluster PUT", "file replace"))


def at_generate(points: list[Point]) -> bool:
    """Interrupt where a token is minted."""
    return is_generate(points[-1].what)


def at_first_write(points: list[Point]) -> bool:
    """Interrupt where the first thing is written to a vault."""
    return [is_vault_write(point.what) for point in points].count(True) == 1 and is_vault_write(points[-1].what)


def at_first_write_after_generate(points: list[Point]) -> bool:
    """Interrupt where a new token is written to the vault of record."""
    minted = [is_generate(point.what) for point in points]
    return True in minted and at_first_write(points[minted.index(True) :])


def at_first_reading_back(points: list[Point]) -> bool:
    """Interrupt where a run reads what it was the first to write; whatever it locked for that is free again."""
    reads = [bool(_READ.match(point.what)) for point in points]
    written = [is_vault_write(point.what) for point in points]
    return True in written and reads[-1] and True not in reads[written.index(True) : -1]


def at_number(number: int) -> Callable[[list[Point]], bool]:
    """Interrupt at the effect with this number."""
    return lambda points: len(points) == number + 1


class StartingLine:
    """Holds several runs until all of them are about to make their first effects.

    :param effects: how many effects that is: a run begins with one read for each declared token, side by side.
    :param watch: as for an interruption.
    """

    def __init__(self, effects: int, watch: Callable[[], None]) -> None:
        self._effects = effects
        self._watch = watch
        self._arrived = 0
        self._condition = threading.Condition()

    def before(self, what: str) -> None:
        with self._condition:
            if self._arrived == self._effects:
                return
            self._arrived += 1
            self._condition.notify_all()
            if not self._condition.wait_for(lambda: self._arrived == self._effects, SECONDS_TO_MEET):
                raise ConnectionAbortedError

    def after(self, what: str) -> None:
        if changes_something(what):
            self._watch()


@dataclass
class RunGates:
    """Where runs go through the gates.

    :ivar environment: what makes a run go through them, beside the addresses.
    """

    api_url: str = ""
    bao_url: str = ""
    cluster_url: str = ""
    environment: dict[str, str] = field(default_factory=dict)
    keeper: Gatekeeper = field(default_factory=OpenGates)


@contextmanager
def run_gates(api_url: str, bao_url: str, cluster_url: str, folder: Path) -> Iterator[RunGates]:
    """Put gates in front of three servers and around the files of a folder."""
    gates = RunGates()

    def before(kind: str) -> Callable[[str, str], None]:
        return lambda method, path: gates.keeper.before(_request(kind, method, path))

    def after(kind: str) -> Callable[[str, str], None]:
        return lambda method, path: gates.keeper.after(_request(kind, method, path))

    with (
        recording_proxy(api_url, before("api"), after("api")) as api,
        recording_proxy(bao_url, before("bao"), after("bao")) as bao,
        recording_proxy(cluster_url, before("cluster"), after("cluster")) as cluster,
        _file_gate(gates) as port,
    ):
        gates.api_url, gates.bao_url, gates.cluster_url = api.url, bao.url, cluster.url
        gates.environment = {"PYTHONPATH": str(DIRECTED_PROCESSES), "FILE_GATE": f"{port}:{folder}"}
        yield gates


@contextmanager
def _file_gate(gates: RunGates) -> Iterator[int]:
    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            with suppress(ConnectionError):
                when, _space, step = self.rfile.readline().decode().strip().partition(" ")
                what = f"file {_TEMPORARY.sub('.tmp', step)}"
                (gates.keeper.before if when == "before" else gates.keeper.after)(what)
                self.wfile.write(b".")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def _request(kind: str, method: str, path: str) -> str:
    return f"{kind} {method} {_UUID.sub('ID', path.partition('?')[0])}"
