# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The results as people read them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bench.goals import Goal, goals
from bench.results import PLAYBOOK, SCRIPT, Cell, Results, Row, calls_per_token, cpu, median, of_server, peak, wall

HEADINGS = (
    "contender",
    "wall s",
    "CPU s",
    "raw wall",
    "raw CPU",
    "ms/token",
    "API calls",
    "vault calls",
    "MiB",
    "MiB all",
    "emulator s",
    "OpenBao s",
    "proxies s",
    "emulator busy",
    "rounds",
)
MEBIBYTE = 2**20
SCALED_UP = "~"
Table = list[Sequence[str]]


def render(results: Results) -> str:
    """Return all tables as text."""
    parts = [_about(results), *(_cell(results, cell) for cell in results.starts), _goals(goals(results))]
    return "\n\n".join(parts)


def _about(results: Results) -> str:
    about = results.about
    machine = about["machine"]
    versions = ", ".join(f"{name} {number}" for name, number in about["versions"].items())
    return (
        f"{machine['cores']} cores, {machine['cpu']}, {machine['memory_gib']} GiB; {versions}\n"
        f"{about['workers']} workers, a user for {about['tokens_of_a_user']} tokens, medians of some "
        "rounds. Wall and CPU without the start of an empty play or of an interpreter "
        "with requests; raw with it.\n"
        f"API and vault calls a token. MiB: the largest process; all: every process, shared pages counted once. "
        f"{SCALED_UP} scaled up from fewer tokens. The servers' CPU meanwhile is in nobody's figures. The "
        "emulator has one process, so it would hold everybody up near 100 % of a core."
    )


def _cell(results: Results, cell: Cell) -> str:
    starts = results.starts[cell]
    empty = "; ".join(
        f"{what} {median(starts[name], wall):.2f} s, CPU {median(starts[name], cpu):.2f} s"
        for name, what in ((PLAYBOOK, "empty play"), (SCRIPT, "interpreter"))
    )
    return "\n".join([f"{cell} ({empty})", *aligned(cell_table(results, cell))])


def cell_table(results: Results, cell: Cell) -> Table:
    """Return the headings and a line for each contender."""
    return [HEADINGS, *(_line(results, row) for row in results.rows if row.cell == cell)]


def _line(results: Results, row: Row) -> list[str]:
    mark = SCALED_UP if row.extrapolated else ""
    of_api, of_vault = calls_per_token(row)
    return [
        row.contender + (f" (of {row.measured_tokens})" if row.extrapolated else ""),
        f"{mark}{results.wall(row):.2f}",
        f"{mark}{results.cpu(row):.2f}",
        f"{median(row.rounds, wall):.2f}",
        f"{median(row.rounds, cpu):.2f}",
        f"{mark}{1000 * results.wall(row) / row.cell.tokens:.1f}",
        f"{of_api:.2f}",
        f"{of_vault:.2f}",
        f"{peak(row) / MEBIBYTE:.0f}",
        f"{(row.peak_of_all_bytes or 0) / MEBIBYTE:.0f}",
        f"{of_server(row, 'emulator'):.2f}",
        f"{of_server(row, 'openbao'):.2f}",
        f"{of_server(row, 'proxies'):.2f}",
        f"{100 * of_server(row, 'emulator') / median(row.rounds, wall):.0f} %",
        f"{len(row.rounds)}",
    ]


def _goals(judged: Sequence[Goal]) -> str:
    if not judged:
        return "No goal can be judged by what was measured."
    return "\n".join(["Goals", *aligned(goals_table(judged))])


def goals_table(judged: Sequence[Goal]) -> Table:
    """Return the headings and a line for each goal."""
    lines = [
        [
            goal.what,
            f"{goal.measured:.2f}",
            f"{'>=' if goal.at_least else '<='} {goal.limit:g} {goal.unit}",
            _verdict(goal),
        ]
        for goal in judged
    ]
    return [("goal", "measured", "aimed at", ""), *lines]


def _verdict(goal: Goal) -> str:
    return "met" if goal.met else "missed"


def aligned(table: Table) -> Iterator[str]:
    """Yield the lines of a table, its columns under each other, all but the first to the right."""
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for line in table:
        first, *others = (
            cell.ljust(width) if number == 0 else cell.rjust(width)
            for number, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        yield "  ".join([first, *others]).rstrip()
