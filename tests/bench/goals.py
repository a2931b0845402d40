# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the figures are compared with. Nothing fails where a goal is missed: it is only said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bench.contenders import FEWEST, OURS, USUAL
from bench.results import PLAYBOOK, Cell, Results, Row, calls_per_token, median, peak, wall
from bench.session import ALL, NOTHING

LARGE = (1000, 10000)
MOST_OF_SCRIPT = 1.5
LEAST_OF_USUAL = 200
MOST_GROWTH = 1.2
GROWTH_FROM = 100
MOST_MEBIBYTES = 300
MOST_OF_LATENCY = 1.3
MOST_SECONDS_OF_ONE = 0.2


@dataclass(frozen=True)
class Goal:
    """Something that is aimed at.

    :ivar limit: what ``measured`` is to stay below, or to reach with ``at_least``.
    """

    what: str
    measured: float
    limit: float
    unit: str = "times"
    at_least: bool = False

    @property
    def met(self) -> bool:
        """Whether the figure is as it should be."""
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit


def goals(results: Results) -> list[Goal]:
    """Return every goal that can be judged by what was measured."""
    return [
        *_beside_script(results),
        *_beside_usual(results),
        *_growth(results),
        *_memory(results),
        *_latency(results),
        *_one_token(results),
    ]


def _ours(results: Results) -> Iterator[tuple[Cell, Row]]:
    return ((row.cell, row) for row in results.rows if row.contender == OURS)


def _beside_script(results: Results) -> Iterator[Goal]:
    for cell, ours in _ours(results):
        script = results.row(cell, FEWEST)
        if script is None or cell.tokens not in LARGE or cell.latency_ms or cell.situation not in (ALL, NOTHING):
            continue
        for what, figure in (("wall", results.wall), ("CPU", results.cpu)):
            measured = figure(ours) / figure(script) if figure(script) else float("inf")
            yield Goal(f"{what} beside the script with the {FEWEST}, {cell}", measured, MOST_OF_SCRIPT)


def _beside_usual(results: Results) -> Iterator[Goal]:
    for cell, ours in _ours(results):
        usual = results.row(cell, USUAL)
        if usual is None or cell.tokens not in LARGE or cell.latency_ms or not results.wall(ours):
            continue
        measured = results.wall(usual) / results.wall(ours)
        yield Goal(f"the {USUAL}'s wall beside ours, {cell}", measured, LEAST_OF_USUAL, at_least=True)


def _growth(results: Results) -> Iterator[Goal]:
    for situation in (ALL, NOTHING):
        rows = [
            row
            for cell, row in _ours(results)
            if cell.situation == situation and not cell.latency_ms and cell.tokens >= GROWTH_FROM
        ]
        if len(rows) < 2:
            continue
        for what, figure in (("wall", results.wall), ("CPU", results.cpu)):
            costs = [figure(row) / row.cell.tokens for row in rows]
            sizes = f"from {rows[0].cell.tokens} to {rows[-1].cell.tokens} tokens, {situation} due"
            yield Goal(
                f"{what} a token at its highest beside its lowest, {sizes}", max(costs) / min(costs), MOST_GROWTH
            )


def _memory(results: Results) -> Iterator[Goal]:
    for cell, ours in _ours(results):
        if cell.tokens == max(LARGE) and not cell.latency_ms:
            yield Goal(f"memory of the largest process, {cell}", peak(ours) / 2**20, MOST_MEBIBYTES, "MiB")


def _latency(results: Results) -> Iterator[Goal]:
    workers = results.about["workers"]
    for cell, ours in _ours(results):
        if not cell.latency_ms or cell.tokens < GROWTH_FROM:
            continue
        calls = sum(calls_per_token(ours))
        possible = cell.tokens * calls * cell.latency_ms / 1000 / workers
        yield Goal(f"wall beside what the workers allow, {cell}", results.wall(ours) / possible, MOST_OF_LATENCY)


def _one_token(results: Results) -> Iterator[Goal]:
    for cell, ours in _ours(results):
        if cell.tokens == 1 and not cell.latency_ms:
            start = median(results.starts[cell][PLAYBOOK], wall)
            longer = median(ours.rounds, wall) - start
            yield Goal(f"longer than an empty play, {cell}", longer, MOST_SECONDS_OF_ONE, "s")
