# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Change the engine in small ways, one at a time, and see that the tests notice each: a sample of mutants.

A mutant is given to the tests of the engine first, which are quick. What they do not notice is given to the other unit
tests, to the faults, and to real playbooks: a survivor is a change that none of them notices.

Usage, with ``tests`` on the PYTHONPATH: ``python -m support.tools.run_mutants [--count N] [--seed N]``. The same count
and seed choose the same mutants of the same code. Works on a copy in ``.cache/mutants``. The exit status is 1 if a
mutant survives; its change is shown.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

TOOLS = Path(__file__).resolve().parent
ROOT = TOOLS.parents[2]
TREE = ROOT / ".cache" / "mutants"
SESSION = TREE / "session.sqlite"
MUTATED = [
    "plugins/plugin_utils/_rotation",
    "plugins/plugin_utils/_run",
    "plugins/plugin_utils/_record",
    "plugins/plugin_utils/_vaults/record_keeper.py",
    "plugins/module_utils/_minting",
]
QUICK_TESTS = [
    "tests/unit/plugins/plugin_utils/_rotation",
    "tests/unit/plugins/plugin_utils/_run",
    "tests/unit/plugins/plugin_utils/_vaults/test_record_keeper.py",
    "tests/unit/plugins/plugin_utils/_record",
    "tests/unit/plugins/module_utils/_minting",
    "tests/faults/test_two_runs.py",
    "tests/faults/test_malicious_api.py",
]
# Tests that see less of the engine than these are left out for the time that they take: that can add survivors only.
OTHER_TESTS = [
    "tests/unit",
    "tests/faults",
    "tests/integration/test_documentation.py",
    "tests/integration/test_handoff.py",
    "tests/integration/test_hashi_vault.py",
    "tests/integration/test_vault_contract.py",
    "tests/integration/test_token_rotation_role.py",
    "tests/integration/test_vaulted_tokens.py",
    "tests/integration/test_what_ansible_shows.py",
]
SECONDS_PER_MUTANT = 900
# So long may one test take: a mutant that never ends is noticed by then.
SECONDS_PER_TEST = 60
# What no reader would write, or what equals what stood there: equal texts and small numbers are often one object, and
# the order of random ids means nothing.
POINTLESS = re.compile(
    r"core/(ReplaceBinaryOperator_(BitOr_(?!Sub)|\w+_(Mod|Pow|Div|LShift|RShift|BitOr|BitAnd|BitXor)$)"
    r"|ReplaceComparisonOperator_((Eq|NotEq)_(Is|IsNot|Lt|LtE|Gt|GtE)$|(Lt|LtE|Gt|GtE)_(Is|IsNot|Eq|NotEq)$"
    r"|(Is|IsNot)_(?!Is))|RemoveDecorator)"
)
Position = tuple[int, int]
Span = tuple[Position, Position]


def copy_tree() -> None:
    """Make the copy that is mutated. It looks like a checkout, so that Ansible finds it as it finds one."""
    shutil.rmtree(TREE, ignore_errors=True)
    TREE.mkdir(parents=True)
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.run(listed, cwd=ROOT, check=True, capture_output=True).stdout.decode().split("\0"):
        if name and (ROOT / name).is_file():
            (TREE / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, TREE / name)
    link = TREE / ".cache" / "ansible_collections" / "tokenops" / "ionos"
    link.parent.mkdir(parents=True)
    link.symlink_to("../../..")


def configure() -> None:
    """Write the configuration of Cosmic Ray."""
    pytest = f"{sys.executable} -m pytest -x -q -m 'not heavy' -o faulthandler_timeout={SECONDS_PER_TEST}"
    quick = " ".join([pytest, *QUICK_TESTS])
    others = " ".join([pytest, "-n auto --dist loadfile", *(f"--ignore={path}" for path in QUICK_TESTS), *OTHER_TESTS])
    lines = [
        "[cosmic-ray]",
        f"module-path = {MUTATED!r}",
        f"timeout = {SECONDS_PER_MUTANT}.0",
        "excluded-modules = []",
        f'test-command = """sh -c "{quick} && {others}" """',
        "[cosmic-ray.distributor]",
        'name = "local"',
    ]
    (TREE / "mutants.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def cosmic_ray(*arguments: str) -> None:
    """Run Cosmic Ray in the copy."""
    program = ROOT / ".cache" / "venvs" / "mutants" / "bin" / "cosmic-ray"
    settings = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "ANSIBLE_COLLECTIONS_PATH": str(TREE / ".cache")}
    subprocess.run([program, *arguments], cwd=TREE, env=settings, check=True)


def equivalent_spots(path: Path) -> Iterator[Span]:
    """Yield from where to where in a file a change changes nothing that runs.

    Annotations are never evaluated. ``frozen`` forbids what mypy refuses, so without it everything goes on as before.
    """
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.arg, ast.AnnAssign)) and node.annotation:
            yield span(node.annotation)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.returns:
            yield span(node.returns)
        elif isinstance(node, ast.keyword) and node.arg == "frozen":
            yield span(node)


def binary_operators(path: Path) -> Iterator[Span]:
    """Yield where an operator stands between two operands: Cosmic Ray takes every star for one."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.BinOp):
            yield span(node.left)[1], span(node.right)[0]


def span(node: ast.expr | ast.keyword) -> Span:
    """Return where a node begins and where it ends."""
    return (node.lineno, node.col_offset), (node.end_lineno or node.lineno, node.end_col_offset or node.col_offset)


def is_within(position: Position, spans: Iterable[Span]) -> bool:
    """Tell whether a position lies in one of the spans."""
    return any(first <= position < last for first, last in spans)


@cache
def spots(path: Path) -> tuple[list[Span], list[Span]]:
    """Return the equivalent spots and the binary operators of a file."""
    return list(equivalent_spots(path)), list(binary_operators(path))


def is_worthwhile(module: str, position: Position, operator: str) -> bool:
    """Tell whether a mutant changes something that runs."""
    equivalent, operators = spots(TREE / module)
    is_operator = "ReplaceBinaryOperator" not in operator or is_within(position, operators)
    return is_operator and not POINTLESS.match(operator) and not is_within(position, equivalent)


def keep_sample(count: int, seed: int) -> int:
    """Leave ``count`` mutants of the session, chosen by ``seed``; return of how many."""
    with sqlite3.connect(SESSION) as session:
        query = (
            "SELECT module_path, start_pos_row, start_pos_col, operator_name, occurrence, operator_args, job_id "
            "FROM mutation_specs"
        )
        everything = sorted(row for row in session.execute(query) if is_worthwhile(row[0], (row[1], row[2]), row[3]))
        # A sample has to be repeatable, not secret.
        chosen = random.Random(seed).sample(everything, min(count, len(everything)))  # noqa: S311
        kept = [(row[-1],) for row in chosen]
        session.execute("CREATE TEMP TABLE kept (job_id TEXT)")
        session.executemany("INSERT INTO kept VALUES (?)", kept)
        for table in ("mutation_specs", "work_items"):
            session.execute(f"DELETE FROM {table} WHERE job_id NOT IN (SELECT job_id FROM kept)")  # noqa: S608
    return len(everything)


def results() -> list[tuple[str, str, int, str]]:
    """Return the outcome, place and difference of every mutant that was run."""
    query = (
        "SELECT coalesce(test_outcome, worker_outcome), module_path, start_pos_row, coalesce(diff, '') "
        "FROM work_results JOIN mutation_specs USING (job_id) ORDER BY 2, 3"
    )
    with sqlite3.connect(SESSION) as session:
        return list(session.execute(query))


def main() -> int:
    """Run the sample and report it; return the exit status."""
    parser = argparse.ArgumentParser(description="Run a sample of mutants of the engine.")
    parser.add_argument("--count", type=int, default=70)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    started = time.monotonic()
    copy_tree()
    configure()
    cosmic_ray("init", "mutants.toml", SESSION.name)
    total = keep_sample(arguments.count, arguments.seed)
    cosmic_ray("baseline", "mutants.toml")
    cosmic_ray("exec", "mutants.toml", SESSION.name)
    outcomes = results()
    survivors = [result for result in outcomes if "KILLED" not in result[0].upper()]
    for outcome, path, line, difference in survivors:
        print(f"{path}:{line}: {outcome}\n{difference}\n")
    counts = ", ".join(
        f"{number} {name.lower()}" for name, number in sorted(Counter(row[0] for row in outcomes).items())
    )
    print(f"{len(outcomes)} of {total} mutants (seed {arguments.seed}): {counts}; {time.monotonic() - started:.0f} s")
    return 1 if survivors or not outcomes else 0


if __name__ == "__main__":
    sys.exit(main())
