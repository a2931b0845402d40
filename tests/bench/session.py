# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order in which everything is run, so that all contenders meet the same."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import TypeVar

from bench import plan
from bench.contenders import FEWEST, ON_HOSTS, OURS, SAME, USUAL, Contender, Empty, empty
from bench.delaying_proxy import Requests, counting_proxy
from bench.processes import Command, Cost, run, run_watched
from bench.results import PLAYBOOK, SCRIPT, Cell, Results, Row
from bench.servers import Addresses, Servers
from emulator.messages import Request
from emulator.operations import identify

ALL = "all"
ONE_IN_HUNDRED = "one-in-hundred"
NOTHING = "nothing"
SITUATIONS = (ALL, ONE_IN_HUNDRED, NOTHING)
"""Which tokens get a new one, in the order in which that is measured."""

BEYOND_OVERLAP = 25 * 3600
"""Seconds after which the collection deletes previous tokens, so that each run that mints also deletes."""

Item = TypeVar("Item")

STARTS = {OURS: PLAYBOOK, USUAL: PLAYBOOK, FEWEST: SCRIPT, SAME: SCRIPT, **dict.fromkeys(ON_HOSTS, PLAYBOOK)}


@dataclass(frozen=True)
class Choice:
    """What is to be measured.

    :ivar usual_up_to: for how many tokens the usual playbook is run; beyond, its cost is scaled up.
    """

    tokens: tuple[int, ...]
    situations: tuple[str, ...]
    latencies_ms: tuple[int, ...]
    contenders: tuple[str, ...]
    rounds: int
    usual_up_to: int


@dataclass(frozen=True)
class _Counted:
    calls: dict[str, int]
    peak_of_all_bytes: int


def measure(
    choice: Choice,
    servers: Servers,
    folder: Path,
    results: Results,
    *,
    say: Callable[[str], None],
    keep: Callable[[], None],
) -> None:
    """Measure what was chosen, from few tokens to many.

    :param folder: gets what the contenders write.
    :param results: what is measured is added to them.
    :param say: told what is being done.
    :param keep: called whenever the results have become more.
    """
    empty_runs = empty(servers, folder)
    for tokens in sorted(choice.tokens):
        for _cell in Session(choice, tokens, servers, folder / str(tokens), empty_runs, results, say).measure():
            keep()


class Session:
    """Everything that is measured with one number of tokens."""

    def __init__(
        self,
        choice: Choice,
        tokens: int,
        servers: Servers,
        folder: Path,
        empty_runs: Empty,
        results: Results,
        say: Callable[[str], None],
    ) -> None:
        self._choice = choice
        self._tokens = tokens
        self._servers = servers
        self._folder = folder
        self._empty = empty_runs
        self._results = results
        self._say = say
        self._contenders: list[Contender] = []
        self._counted: dict[tuple[str, str], _Counted] = {}

    def measure(self) -> Iterator[Cell]:
        """Measure what every situation costs with every latency; yield each when the results have it."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._servers.api.control("POST", "reset", {})
        cells = [Cell(self._tokens, *each) for each in product(self._situations(), self._choice.latencies_ms)]
        self._contenders = [
            Contender(name, self._servers, self._folder / name, self._tokens_of(name))
            for name in self._choice.contenders
            if any(self._takes_part(name, cell) for cell in cells)
        ]
        try:
            for latency_ms in self._choice.latencies_ms:
                self._renew_everything()
                for situation in self._situations():
                    cell = Cell(self._tokens, situation, latency_ms)
                    self._prepare(cell)
                    self._count(cell)
                    self._measure(cell)
                    yield cell
        finally:
            for contender in self._contenders:
                contender.close()

    def _takes_part(self, name: str, cell: Cell) -> bool:
        """Tell whether a contender has to be run: the usual playbook takes long, and many tokens are not run for it."""
        return name != USUAL or self._results.measured_before(cell, name, self._tokens_of(name)) is None

    def _in(self, cell: Cell) -> list[Contender]:
        return [contender for contender in self._contenders if self._takes_part(contender.name, cell)]

    def _tokens_of(self, name: str) -> int:
        return min(self._tokens, self._choice.usual_up_to) if name == USUAL else self._tokens

    def _situations(self) -> list[str]:
        chosen = [situation for situation in SITUATIONS if situation in self._choice.situations]
        return [situation for situation in chosen if situation != ONE_IN_HUNDRED or self._tokens >= 100]

    def _renew_everything(self) -> None:
        for contender in self._contenders:
            self._say(f"{contender.tokens} of {self._tokens} tokens: {contender.name} renews all")
            contender.renew_issuers()
            run(contender.renewal(self._servers.addresses()))

    def _prepare(self, cell: Cell) -> None:
        """Let a run of ours leave what the situation begins with: a previous token of each that is due, or none."""
        for contender in self._contenders:
            if contender.name in (OURS, *ON_HOSTS):
                self._say(f"{cell}: {contender.name} prepares")
                self._servers.clock.advance(BEYOND_OVERLAP)
                run(self._command(contender, cell.situation))

    def _count(self, cell: Cell) -> None:
        """Count the calls and watch the memory, in a run that is not measured."""
        situation = cell.situation
        for contender in sorted(self._in(cell), key=lambda contender: contender.name != OURS):
            if (contender.name, situation) in self._counted:
                continue
            self._say(f"{cell}: {contender.name} is counted")
            self._let_overlap_pass(situation)
            with _counting(self._servers) as (addresses, calls):
                peak = run_watched(self._command(contender, situation, addresses))
                self._counted[contender.name, situation] = _Counted(calls(), peak)

    def _measure(self, cell: Cell) -> None:
        contenders = self._in(cell)
        starts: dict[str, list[Cost]] = {PLAYBOOK: [], SCRIPT: []}
        rounds: dict[str, list[Cost]] = {contender.name: [] for contender in contenders}
        for number in range(self._choice.rounds):
            self._say(f"{cell}: round {number + 1}")
            self._let_overlap_pass(cell.situation)
            starts[PLAYBOOK].append(run(self._empty.playbook))
            starts[SCRIPT].append(run(self._empty.script))
            for contender in turned(contenders, number):
                rounds[contender.name].append(self._run(contender, cell))
        rows = [self._row(cell, contender, rounds[contender.name]) for contender in contenders]
        if USUAL in self._choice.contenders and not self._takes_part(USUAL, cell):
            before = self._results.measured_before(cell, USUAL, self._tokens_of(USUAL))
            rows += [replace(before, cell=cell)] if before else []
        self._results.add(cell, starts, rows)

    def _run(self, contender: Contender, cell: Cell) -> Cost:
        self._servers.api.control("DELETE", "journal")
        command = self._command(contender, cell.situation, self._servers.addresses(cell.latency_ms))
        return run(command, self._servers.processes(cell.latency_ms))

    def _row(self, cell: Cell, contender: Contender, rounds: list[Cost]) -> Row:
        counted = self._counted[contender.name, cell.situation]
        return Row(
            cell=cell,
            contender=contender.name,
            start=STARTS[contender.name],
            rounds=rounds,
            calls=counted.calls,
            peak_of_all_bytes=counted.peak_of_all_bytes,
            measured_tokens=contender.tokens,
            measured_in=cell,
        )

    def _command(self, contender: Contender, situation: str, addresses: Addresses | None = None) -> Command:
        due = due_names(contender.names(), situation)
        calls = None
        if contender.name == SAME:
            calls = plan.plan(self._counted[OURS, situation].calls, contender.tokens, len(due))
        return contender.command(addresses or self._servers.addresses(), due, calls)

    def _let_overlap_pass(self, situation: str) -> None:
        if situation != NOTHING:
            self._servers.clock.advance(BEYOND_OVERLAP)


def due_names(names: Sequence[str], situation: str) -> list[str]:
    """Return which tokens get a new one: all of them, the last of every hundred, or none."""
    if situation == NOTHING:
        return []
    return list(names if situation == ALL else names[99::100])


def turned(contenders: Sequence[Item], number: int) -> list[Item]:
    """Return the contenders with another one first in every round."""
    first = number % len(contenders)
    return [*contenders[first:], *contenders[:first]]


@contextmanager
def _counting(servers: Servers) -> Iterator[tuple[Addresses, Callable[[], dict[str, int]]]]:
    with counting_proxy(servers.api.url) as (api_url, of_api), counting_proxy(servers.openbao.url) as (bao_url, of_bao):
        yield Addresses(api_url, bao_url), lambda: by_kind(of_api, of_bao)


def by_kind(of_api: Requests, of_bao: Requests) -> dict[str, int]:
    """Return how often each kind of call was made."""
    counts: Counter[str] = Counter()
    for (method, path), count in of_api.items():
        call = identify(Request(method, path, {}))
        counts[call.operation if call else method] += count
    for (method, path), count in of_bao.items():
        counts[plan.vault_kind(method, path)] += count
    return dict(counts)
