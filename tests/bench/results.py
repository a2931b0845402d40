# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was measured, as JSON holds it, and what follows from it by arithmetic."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from bench.plan import per_token
from bench.processes import Cost

PLAYBOOK = "playbook"
SCRIPT = "script"
KEPT = ("contender", "start", "calls", "peak_of_all_bytes", "measured_tokens")
"""Fields of a row that JSON holds as they are."""


@dataclass(frozen=True)
class Cell:
    """One thing that was measured.

    :ivar tokens: how many tokens are declared.
    :ivar situation: which of them get a new token; one of ``session.SITUATIONS``.
    :ivar latency_ms: what is added to every request to either server.
    """

    tokens: int
    situation: str
    latency_ms: int

    def __str__(self) -> str:
        tokens = "1 token" if self.tokens == 1 else f"{self.tokens} tokens"
        latency = f", {self.latency_ms} ms" if self.latency_ms else ""
        return f"{tokens}, {self.situation} due{latency}"


@dataclass
class Row:
    """A contender in a cell.

    :ivar start: ``PLAYBOOK`` or ``SCRIPT``: what it starts with, which the net figures leave out.
    :ivar rounds: what each run cost.
    :ivar calls: how many calls of each kind one run makes; empty if they were not counted.
    :ivar peak_of_all_bytes: the memory of all its processes together.
    :ivar measured_tokens: for how many tokens it was run; its cost a token stands for the cell's then.
    :ivar measured_in: the cell among whose runs it was run.
    """

    cell: Cell
    contender: str
    start: str
    rounds: list[Cost]
    calls: dict[str, int]
    peak_of_all_bytes: int | None
    measured_tokens: int
    measured_in: Cell

    @property
    def extrapolated(self) -> bool:
        """Whether the figures are those of fewer tokens, scaled up."""
        return self.measured_tokens < self.cell.tokens


@dataclass
class Results:
    """All of a session.

    :ivar about: machine, versions and settings.
    :ivar starts: what starting alone cost, by ``PLAYBOOK`` and ``SCRIPT``, for each cell.
    """

    about: dict[str, Any]
    rows: list[Row] = field(default_factory=list)
    starts: dict[Cell, dict[str, list[Cost]]] = field(default_factory=dict)

    def row(self, cell: Cell, contender: str) -> Row | None:
        """Return the row of a contender in a cell, if it was measured."""
        return next((row for row in self.rows if row.cell == cell and row.contender == contender), None)

    def take_in(self, before: Results) -> None:
        """Keep what was measured before, less what is measured here as well."""
        for cell, starts in before.starts.items():
            self.starts.setdefault(cell, starts)
        self.rows += [row for row in before.rows if self.row(row.cell, row.contender) is None]

    def add(self, cell: Cell, starts: dict[str, list[Cost]], rows: list[Row]) -> None:
        """Add what was measured of a cell, in place of what was measured of the same contenders before."""
        measured = {row.contender for row in rows}
        self.rows = [row for row in self.rows if row.cell != cell or row.contender not in measured] + rows
        self.starts[cell] = starts

    def measured_before(self, cell: Cell, contender: str, tokens: int) -> Row | None:
        """Return the row of a contender that was run for so many tokens in the same situation, whatever the cell."""
        alike = (row for row in self.rows if (row.contender, row.measured_tokens) == (contender, tokens))
        situation = (cell.situation, cell.latency_ms)
        return next((row for row in alike if (row.cell.situation, row.cell.latency_ms) == situation), None)

    def wall(self, row: Row) -> float:
        """Return the median of the seconds without the start, scaled up where fewer tokens were measured."""
        return self._net(row, wall)

    def cpu(self, row: Row) -> float:
        """Return the median of the CPU seconds without the start, likewise."""
        return self._net(row, cpu)

    def _net(self, row: Row, value: Callable[[Cost], float]) -> float:
        start = median(self.starts[row.measured_in][row.start], value)
        return max(0.0, median(row.rounds, value) - start) * row.cell.tokens / row.measured_tokens

    def document(self) -> dict[str, Any]:
        """Return everything as JSON can hold it; ``read`` takes it."""
        return {
            "about": self.about,
            "cells": [
                {
                    **asdict(cell),
                    "starts": {name: [asdict(cost) for cost in costs] for name, costs in starts.items()},
                    "contenders": [self._row_document(row) for row in self.rows if row.cell == cell],
                }
                for cell, starts in self.starts.items()
            ],
        }

    def _row_document(self, row: Row) -> dict[str, Any]:
        return {
            "contender": row.contender,
            "start": row.start,
            "measured_tokens": row.measured_tokens,
            "measured_in": asdict(row.measured_in),
            "extrapolated": row.extrapolated,
            "net_wall": self.wall(row),
            "net_cpu": self.cpu(row),
            "peak_bytes": peak(row),
            "peak_of_all_bytes": row.peak_of_all_bytes,
            "calls": row.calls,
            "rounds": [asdict(cost) for cost in row.rounds],
        }


def read(document: Mapping[str, Any]) -> Results:
    """Return the results that a document of ``Results.document`` holds."""
    results = Results(about=document["about"])
    for item in document["cells"]:
        cell = Cell(item["tokens"], item["situation"], item["latency_ms"])
        results.starts[cell] = {name: _costs(costs) for name, costs in item["starts"].items()}
        for row in item["contenders"]:
            taken = {name: row[name] for name in KEPT}
            among = Cell(**row["measured_in"])
            results.rows.append(Row(cell, rounds=_costs(row["rounds"]), measured_in=among, **taken))
    return results


def _costs(documents: Iterable[Mapping[str, Any]]) -> list[Cost]:
    return [Cost(**document) for document in documents]


def median(costs: Sequence[Cost], value: Callable[[Cost], float]) -> float:
    """Return the median of one figure of several runs."""
    return statistics.median(map(value, costs))


def wall(cost: Cost) -> float:
    """Return the seconds of a run."""
    return cost.wall


def cpu(cost: Cost) -> float:
    """Return the CPU seconds of a run."""
    return cost.cpu


def peak(row: Row) -> int:
    """Return the median of the memory of the largest process."""
    return round(median(row.rounds, lambda cost: cost.peak_bytes))


def of_server(row: Row, name: str) -> float:
    """Return the median of the CPU seconds of a server in one run, 0 if it had no part in it."""
    return median(row.rounds, lambda cost: cost.servers.get(name, 0.0))


def calls_per_token(row: Row) -> tuple[float, float]:
    """Return the calls of the API and of OpenBao for one token."""
    return per_token(row.calls, row.measured_tokens)
