# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m bench``: measure, print the tables, write JSON. No figure fails it."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from bench import session
from bench.about import about
from bench.contenders import NAMES, ON_HOSTS, OURS, SAME
from bench.page import RESULTS, write
from bench.processes import CommandFailed
from bench.results import Results, read
from bench.servers import running_servers
from bench.tables import render
from support.ansible_runs import COLLECTIONS

FOLDER = COLLECTIONS / "bench"
MOST_ROUNDS = 15
"""With more, tokens become due by their age while one in a hundred is measured."""

EVERYBODY = (*NAMES, *ON_HOSTS)
WHOLE = session.Choice((1, 10, 100, 1000), session.SITUATIONS, (0, 50), NAMES, rounds=5, usual_up_to=10)
QUICK = session.Choice((1, 10, 100), session.SITUATIONS, (0,), NAMES, rounds=1, usual_up_to=1)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what the options choose; returns the exit code."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.write_docs:
        RESULTS.write_text(options.write_docs.read_text(encoding="utf-8"), encoding="utf-8")
        write()
        return 0
    if options.show:
        print(render(read(json.loads(options.show.read_text(encoding="utf-8")))))
        return 0
    choice = _choice(options)
    if SAME in choice.contenders and OURS not in choice.contenders:
        parser.error(f"what makes the same calls as {OURS} needs {OURS} beside it")
    # So that nothing goes on running: servers and contenders end as with Ctrl-C.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    # A proxy cannot reach this machine's loopback.
    os.environ.update(no_proxy="127.0.0.1", NO_PROXY="127.0.0.1")
    started = time.monotonic()

    def say(what: str) -> None:
        sys.stderr.write(f"{time.monotonic() - started:7.0f} s  {what}\n")

    with running_servers(options.folder / "servers") as servers:
        results = Results(about(servers, choice))
        if options.beside:
            results.take_in(read(json.loads(options.beside.read_text(encoding="utf-8"))))

        def keep() -> None:
            options.json.parent.mkdir(parents=True, exist_ok=True)
            options.json.write_text(json.dumps(results.document(), indent=1) + "\n", encoding="utf-8")

        try:
            session.measure(choice, servers, options.folder, results, say=say, keep=keep)
        except CommandFailed as error:
            sys.stderr.write(f"{error}\n")
            return 1
    print(render(results))
    return 0


def _choice(options: argparse.Namespace) -> session.Choice:
    default = QUICK if options.quick else WHOLE
    return session.Choice(
        tokens=options.tokens or default.tokens,
        situations=options.situations,
        latencies_ms=options.latency or default.latencies_ms,
        contenders=options.contenders,
        rounds=options.rounds or default.rounds,
        usual_up_to=options.usual_up_to or default.usual_up_to,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--tokens", type=_numbers, help="how many, as in 1,10,100 (default: up to 1000)")
    parser.add_argument("--situations", type=_names(session.SITUATIONS), default=session.SITUATIONS)
    parser.add_argument("--latency", type=_numbers, metavar="MS", help="added to every request (default: 0,50)")
    parser.add_argument("--contenders", type=_names(EVERYBODY), default=NAMES, help=", ".join(EVERYBODY))
    parser.add_argument("--rounds", type=_rounds, help="the medians of so many are compared (default: 5)")
    parser.add_argument(
        "--usual-up-to",
        type=int,
        metavar="TOKENS",
        help="run the usual playbook for so many tokens and scale its cost up beyond (default: 10)",
    )
    parser.add_argument("--beside", type=Path, metavar="FILE", help="results that are kept, less what is measured anew")
    parser.add_argument("--quick", action="store_true", help="one round of 1, 10 and 100 tokens without latency")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="for what contenders and servers write")
    parser.add_argument("--json", type=Path, default=FOLDER / "bench.json", metavar="FILE")
    parser.add_argument("--show", type=Path, metavar="FILE", help="print the tables of results that are there already")
    parser.add_argument("--write-docs", type=Path, metavar="FILE", help="write the documentation's page from results")
    return parser


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(","))


def _names(known: Sequence[str]) -> Callable[[str], tuple[str, ...]]:
    def names(text: str) -> tuple[str, ...]:
        parts = tuple(part.strip() for part in text.split(","))
        found = tuple(name for name in known if any(name == part or name.split()[0] == part for part in parts))
        if len(found) != len(parts):
            raise argparse.ArgumentTypeError(f"known are {', '.join(known)}")
        return found

    return names


def _rounds(text: str) -> int:
    rounds = int(text)
    if not 1 <= rounds <= MOST_ROUNDS:
        raise argparse.ArgumentTypeError(f"from 1 to {MOST_ROUNDS}")
    return rounds


if __name__ == "__main__":
    sys.exit(main())
