# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Serve the emulator on loopback with one user, until Ctrl-C, and print what a shell needs in order to use it.

Usage, with ``tests`` on the PYTHONPATH: ``python -m support.tools.run_emulator [--two-factor STATE] [--port N]``.
"""

from __future__ import annotations

import argparse
import secrets
import signal
import sys

from emulator import EmulatorServer
from emulator.users import TWO_FACTOR_STATES

CONTRACT_NUMBER = 31711111
USER = "you@example.com"
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main(arguments: list[str] | None = None) -> int:
    """Serve until a signal comes; return the exit status."""
    options = _parser().parse_args(arguments)
    # Before the server's thread starts, so that the signals are for this one.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
    try:
        server = EmulatorServer(port=options.port)
    except OSError as error:
        sys.stderr.write(f"The port {options.port} cannot be used: {error.strerror}. Choose another one.\n")
        return 2
    with server:
        print(welcome(server, options.two_factor), flush=True)
        signal.sigwait(STOPPING)
    return 0


def welcome(server: EmulatorServer, two_factor: str) -> str:
    """Give the emulator a user with a token, and return what to paste into a shell.

    :param two_factor: the state of the user's two-factor authentication. Where a person is needed because of it, the
        text has the token that a person would create, as ``NEW_IONOS_TOKEN``.
    """
    user = server.add_user(USER, secrets.token_urlsafe(16), contracts=[CONTRACT_NUMBER], role="owner")
    token_manager = server.dcd.signed_in(user)
    lines = [
        "# An emulator of the IONOS Cloud Auth API runs here until Ctrl-C, and forgets everything then.",
        "# Paste this into bash in another terminal:",
        f"export IONOS_API_URL={server.url}",
        f"export IONOS_TOKEN={token_manager.create_token('7d')[1]}",
    ]
    if two_factor != "disabled":
        lines += [
            "# What a person would have created in the Token Manager of the DCD:",
            f"export NEW_IONOS_TOKEN={token_manager.create_token('90d')[1]}",
        ]
    server.dcd.set_two_factor(USER, two_factor)
    return "\n".join(lines)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make emulator", description="An emulator of the IONOS Cloud Auth API.")
    parser.add_argument("--port", type=int, default=0, help="TCP port on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--two-factor", choices=TWO_FACTOR_STATES, default="disabled")
    return parser


if __name__ == "__main__":
    sys.exit(main())
