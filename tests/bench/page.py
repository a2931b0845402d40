# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of figures in the documentation, written from the results that lie beside this file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.goals import goals
from bench.results import Cell, Results, Row, calls_per_token, peak, read
from bench.session import ALL, NOTHING, ONE_IN_HUNDRED
from bench.tables import MEBIBYTE, SCALED_UP, Table, goals_table
from support.ansible_runs import ROOT

PAGE = ROOT / "docs" / "docsite" / "rst" / "benchmarks.rst"
RESULTS = Path(__file__).with_name("results.json")

INTRODUCTION = """\
..
  Copyright: Contributors to the tokenops.ionos collection
  GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
  SPDX-License-Identifier: GPL-3.0-or-later

..
  Written by python -m bench --write-docs, which keeps the results in tests/bench/results.json.

.. _ansible_collections.tokenops.ionos.docsite.benchmarks:

What a run costs
================

Four ways to keep tokens fresh, each with users and a mount of its own, in turns against the same servers: the emulator
of the Auth API and OpenBao, on one machine with them. ``make bench`` measures it on yours.

.. contents::
   :local:
   :depth: 1

What is compared
----------------

ours
    ``ansible-playbook`` with ``tokenops.ionos.vaulted_tokens``.
fewest calls
    A script in Python that makes no call that it could do without: two for a token that is not due, five for one that
    gets a new one. It has no record, no lock, no overlap, and no way back from an interruption.
same calls
    The same script with as many calls of each kind as the collection makes.
usual playbook
    What somebody writes who has ``ansible.builtin.uri`` and ``community.hashi_vault``. It is run for few tokens, and
    its cost is scaled up beyond.

Wall and CPU are what a run takes beyond an empty play, or beyond an interpreter that imports ``requests``. CPU is that
of all processes of a run, and not of the servers. Memory is that of the largest process.
"""

TITLES = {ALL: "All due", ONE_IN_HUNDRED: "One in a hundred due", NOTHING: "Nothing due"}
HEADINGS = ("Tokens", "", "Wall", "CPU", "Wall a token", "Calls of the API", "Calls of OpenBao", "Memory", "Rounds")


def write() -> None:
    """Write the page from the results beside this file."""
    PAGE.write_text(page(read(json.loads(RESULTS.read_text(encoding="utf-8")))), encoding="utf-8")


def page(results: Results) -> str:
    """Return the whole page."""
    sections = [INTRODUCTION, _setting(results)]
    for situation, title in TITLES.items():
        for latency_ms in sorted({cell.latency_ms for cell in results.starts if cell.situation == situation}):
            cells = [cell for cell in results.starts if (cell.situation, cell.latency_ms) == (situation, latency_ms)]
            full_title = f"{title}, {latency_ms} ms of latency added" if latency_ms else title
            sections += [_heading(full_title), _list_table(_table(results, cells))]
    judged = goals(results)
    if judged:
        sections += [_heading("What is aimed at"), _list_table(goals_table(judged))]
    return "\n".join(sections)


def _setting(results: Results) -> str:
    about = results.about
    machine = about["machine"]
    versions = ", ".join(f"{name} {number}" for name, number in about["versions"].items())
    return (
        f"Measured on {machine['cores']} cores ({machine['cpu']}) with {machine['memory_gib']} GiB of memory, with "
        f"{versions}; {about['workers']} workers, one user for {about['tokens_of_a_user']} tokens. Each figure is the "
        f"median of its rounds. ``{SCALED_UP}`` marks what is scaled up.\n"
    )


def _heading(title: str) -> str:
    return f"{title}\n{'-' * len(title)}\n"


def _table(results: Results, cells: Sequence[Cell]) -> Table:
    return [HEADINGS, *(_line(results, row) for cell in cells for row in results.rows if row.cell == cell)]


def _line(results: Results, row: Row) -> list[str]:
    mark = SCALED_UP if row.extrapolated else ""
    of_api, of_vault = calls_per_token(row)
    return [
        f"{row.cell.tokens}",
        row.contender,
        f"{mark}{results.wall(row):.1f} s",
        f"{mark}{results.cpu(row):.1f} s",
        f"{mark}{1000 * results.wall(row) / row.cell.tokens:.1f} ms",
        f"{of_api:.2f}",
        f"{of_vault:.2f}",
        f"{peak(row) / MEBIBYTE:.0f} MiB",
        f"{len(row.rounds)}",
    ]


def _list_table(table: Table) -> str:
    return "\n".join([".. list-table::", "   :header-rows: 1", "", *_list_lines(table), ""])


def _list_lines(table: Table) -> Iterator[str]:
    for line in table:
        for number, cell in enumerate(line):
            yield f"   {'*' if number == 0 else ' '} - {cell}".rstrip()
