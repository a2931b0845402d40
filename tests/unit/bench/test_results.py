# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What follows from figures that were measured, and how they are kept and shown."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bench.contenders import FEWEST, OURS, USUAL
from bench.goals import Goal, goals
from bench.page import PAGE, RESULTS, page
from bench.processes import Cost
from bench.results import PLAYBOOK, SCRIPT, Cell, Results, Row, read
from bench.session import ALL, NOTHING
from bench.tables import aligned, render

ABOUT = {
    "machine": {"cores": 2, "cpu": "some processor", "memory_gib": 8.0, "system": "Linux"},
    "versions": {"Python": "3.11", "ansible-core": "2.19"},
    "workers": 16,
    "tokens_of_a_user": 25,
    "choice": {"rounds": 3},
}


def cell_of(tokens: int, situation: str = ALL, latency_ms: int = 0) -> Cell:
    return Cell(tokens, situation, latency_ms)


def row_of(cell: Cell, contender: str, *walls: float, **changes: Any) -> Row:
    rounds = [Cost(wall, cpu=wall / 2, peak_bytes=100 * 2**20, servers={"emulator": 0.5}) for wall in walls]
    return Row(
        cell=cell,
        contender=contender,
        start=SCRIPT if contender == FEWEST else PLAYBOOK,
        rounds=changes.pop("rounds", rounds),
        calls=changes.pop("calls", {"get": cell.tokens, "read secret": 3 * cell.tokens}),
        peak_of_all_bytes=120 * 2**20,
        measured_tokens=changes.pop("measured_tokens", cell.tokens),
        measured_in=changes.pop("measured_in", cell),
    )


def results_of(*rows: Row) -> Results:
    """Results with a start of 1 second of a play, and of none of a script."""
    starts = {PLAYBOOK: [Cost(1.0, 0.5, 10)], SCRIPT: [Cost(0.0, 0.0, 10)]}
    return Results(ABOUT, list(rows), {row.cell: starts for row in rows})


def judged(results: Results, beginning: str) -> Goal:
    [found] = [goal for goal in goals(results) if goal.what.startswith(beginning)]
    return found


def test_a_figure_is_the_median_of_all_rounds_without_the_start() -> None:
    row = row_of(cell_of(10), OURS, 9.0, 3.0, 4.0)
    results = results_of(row)
    assert (results.wall(row), results.cpu(row)) == (3.0, 1.5)


def test_what_is_quicker_than_the_start_alone_costs_nothing() -> None:
    row = row_of(cell_of(10), OURS, 0.9)
    assert results_of(row).wall(row) == 0


def test_what_was_measured_with_fewer_tokens_is_scaled_up_without_its_start_and_marked() -> None:
    row = row_of(cell_of(1000), USUAL, 21.0, measured_tokens=10)
    results = results_of(row)
    assert results.wall(row) == 2000
    assert row.extrapolated
    assert "usual playbook (of 10)  ~2000.00" in render(results)


def test_what_was_measured_with_another_number_of_tokens_is_held_against_the_start_of_then() -> None:
    small, large = cell_of(10), cell_of(1000)
    row = row_of(large, USUAL, 21.0, measured_tokens=10, measured_in=small)
    starts = {small: {PLAYBOOK: [Cost(11.0, 0.5, 10)]}, large: {PLAYBOOK: [Cost(1.0, 0.5, 10)]}}
    assert Results(ABOUT, [row], starts).wall(row) == 1000


def test_what_was_measured_as_it_is_has_no_mark() -> None:
    results = results_of(row_of(cell_of(10), USUAL, 21.0))
    assert "~20.00" not in render(results)
    assert "20.00" in render(results)


def test_results_outlive_json() -> None:
    results = results_of(row_of(cell_of(10), OURS, 2.0, 3.0), row_of(cell_of(10, NOTHING, 50), FEWEST, 1.0))
    kept = read(json.loads(json.dumps(results.document())))
    assert kept == results


def test_json_says_of_each_contender_what_a_reader_compares() -> None:
    [cell] = results_of(row_of(cell_of(10), OURS, 2.0)).document()["cells"]
    [contender] = cell["contenders"]
    assert {name: cell[name] for name in ("tokens", "situation", "latency_ms")} == {
        "tokens": 10,
        "situation": ALL,
        "latency_ms": 0,
    }
    assert {name: contender[name] for name in ("contender", "net_wall", "net_cpu", "peak_bytes", "extrapolated")} == {
        "contender": OURS,
        "net_wall": 1.0,
        "net_cpu": 0.5,
        "peak_bytes": 100 * 2**20,
        "extrapolated": False,
    }


def test_ours_is_held_against_the_script_with_the_fewest_calls() -> None:
    results = results_of(row_of(cell_of(1000), OURS, 4.0), row_of(cell_of(1000), FEWEST, 2.0))
    assert (judged(results, "wall beside the script").measured, judged(results, "wall beside the script").met) == (
        1.5,
        True,
    )


def test_a_goal_that_is_missed_is_said_and_nothing_more() -> None:
    results = results_of(row_of(cell_of(1000), OURS, 5.0), row_of(cell_of(1000), FEWEST, 2.0))
    assert not judged(results, "wall beside the script").met
    assert "missed" in render(results)


def test_the_usual_playbook_is_to_cost_more_by_a_factor() -> None:
    rows = (row_of(cell_of(1000), OURS, 11.0), row_of(cell_of(1000), USUAL, 41.0, measured_tokens=10))
    goal = judged(results_of(*rows), "the usual playbook")
    assert (goal.measured, goal.met) == (400, True)


def test_the_cost_a_token_is_compared_over_all_sizes_from_a_hundred_on() -> None:
    walls = {10: 90.0, 100: 1.5, 1000: 7.0, 10000: 51.0}
    results = results_of(*(row_of(cell_of(tokens), OURS, seconds) for tokens, seconds in walls.items()))
    goal = judged(results, "wall a token")
    assert (round(goal.measured, 6), goal.met) == (1.2, True)


def test_with_latency_a_run_is_held_against_what_its_calls_and_workers_allow() -> None:
    cell = cell_of(1600, NOTHING, 50)
    row = row_of(cell, OURS, 27.0, calls={"get": 1600, "read secret": 1600 * 3})
    assert judged(results_of(row), "wall beside what the workers allow").measured == pytest.approx(1.3)


def test_one_token_is_held_against_an_empty_play() -> None:
    goal = judged(results_of(row_of(cell_of(1), OURS, 1.2)), "longer than an empty play, 1 token, all")
    assert (round(goal.measured, 6), goal.unit) == (0.2, "s")


def test_nothing_is_judged_that_was_not_measured() -> None:
    assert goals(results_of(row_of(cell_of(10), OURS, 2.0), row_of(cell_of(10), FEWEST, 1.0))) == []


def test_the_page_has_a_table_for_each_situation_and_latency_and_marks_what_is_scaled_up() -> None:
    usual = row_of(cell_of(1000), USUAL, 21.0, measured_tokens=10)
    text = page(results_of(row_of(cell_of(1000), OURS, 11.0), usual, row_of(cell_of(1000, NOTHING, 50), OURS, 2.0)))
    lines = text.splitlines()
    assert [lines[number - 1] for number, line in enumerate(lines) if set(line) == {"-"}] == [
        "What is compared",
        "All due",
        "Nothing due, 50 ms of latency added",
        "What is aimed at",
    ]
    assert "   * - 1000\n     - usual playbook\n     - ~2000.0 s\n" in text
    assert "   * - 1000\n     - ours\n     - 10.0 s\n" in text
    assert text.count("     - ours\n") == 2


def test_there_is_a_page_if_there_are_results_and_it_is_as_they_say() -> None:
    found = PAGE.read_text(encoding="utf-8") if PAGE.exists() else None
    written = page(read(json.loads(RESULTS.read_text(encoding="utf-8")))) if RESULTS.exists() else None
    assert found == written


def test_columns_stand_under_each_other() -> None:
    assert list(aligned([("name", "s"), ("ours", "1.00"), ("a script", "0.1")])) == [
        "name         s",
        "ours      1.00",
        "a script   0.1",
    ]


def test_what_was_measured_before_is_kept_less_what_is_measured_anew() -> None:
    cell, other = cell_of(10), cell_of(100)
    results = results_of(row_of(cell, OURS, 2.0))
    results.take_in(results_of(row_of(cell, OURS, 9.0), row_of(cell, FEWEST, 1.0), row_of(other, OURS, 5.0)))
    assert [(row.cell, row.contender, row.rounds[0].wall) for row in results.rows] == [
        (cell, OURS, 2.0),
        (cell, FEWEST, 1.0),
        (other, OURS, 5.0),
    ]
    results.add(cell, results.starts[cell], [row_of(cell, FEWEST, 3.0)])
    assert [(row.contender, row.rounds[0].wall) for row in results.rows if row.cell == cell] == [
        (OURS, 2.0),
        (FEWEST, 3.0),
    ]
