# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m emulator``: serve until a signal comes or the parent process is gone.

Prints one line of JSON: ``url``, ``auth_url``, ``cloud_url``, ``port``, ``pid``, ``ca_path``, ``fingerprint``.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from emulator.clock import Clock
from emulator.seed import load_seed
from emulator.server import EmulatorServer

PARENT_CHECK_SECONDS = 0.2


def main(arguments: list[str] | None = None) -> int:
    """Run the server; returns the exit code."""
    options = _parser().parse_args(arguments)
    started_by = os.getppid()
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: stopped.set())
    try:
        server = EmulatorServer(Clock(options.clock), tls=options.tls, port=options.port)
        if options.seed:
            load_seed(server, json.loads(options.seed.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        sys.stderr.write(f"emulator: {error}\n")
        return 2
    with server:
        _announce(server, options.port_file)
        try:
            _wait(stopped, started_by, options.parent_pid)
        finally:
            if options.port_file:
                options.port_file.unlink(missing_ok=True)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m emulator", description="The Auth API as a real HTTP server.")
    parser.add_argument("--port", type=int, default=0, help="TCP port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--tls", action="store_true", help="serve HTTPS with a certificate made now")
    parser.add_argument("--seed", type=Path, help="JSON file with users, settings and faults")
    parser.add_argument("--port-file", type=Path, help="file that gets the printed line; removed at the end")
    parser.add_argument("--clock", metavar="ISO", help="time to start at; the clock ticks on from there")
    parser.add_argument(
        "--parent-pid",
        type=int,
        help="process to end with (default: the one that started this; 0: none)",
    )
    return parser


def _announce(server: EmulatorServer, port_file: Path | None) -> None:
    document: dict[str, Any] = {
        "url": server.url,
        "auth_url": server.auth_url,
        "cloud_url": server.cloud_url,
        "port": server.port,
        "pid": os.getpid(),
        "ca_path": server.ca_path,
        "fingerprint": server.fingerprint,
    }
    line = json.dumps(document)
    if port_file:
        # Whoever waits for the file finds it complete or not at all.
        unfinished = port_file.with_name(port_file.name + ".part")
        unfinished.write_text(line + "\n", encoding="utf-8")
        unfinished.replace(port_file)
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _wait(stopped: threading.Event, started_by: int, parent_pid: int | None) -> None:
    while not stopped.wait(PARENT_CHECK_SECONDS):
        if parent_pid is None and os.getppid() != started_by:
            return
        if parent_pid and not _alive(parent_pid):
            return


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


if __name__ == "__main__":
    sys.exit(main())
