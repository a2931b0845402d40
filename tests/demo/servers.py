# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The servers of the demo on loopback, and the one clock that they and the controller go by."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from emulator import EmulatorServer
from support.openbao_fixtures import OpenBao, development_server

CONTRACT_NUMBER = 31711111
PERSON = "ann@example.com"


class Servers:
    """The emulator with one person on one contract, and OpenBao.

    :ivar clock_shift: a file with the seconds by which the clock was moved, for ``support.shifted_clock``.
    """

    def __init__(self, emulator: EmulatorServer, openbao: OpenBao, clock_shift: Path) -> None:
        self.emulator = emulator
        self.openbao = openbao
        self.clock_shift = clock_shift
        self._shift = timedelta(0)
        self._person = emulator.add_user(PERSON, secrets.token_urlsafe(16), contracts=[CONTRACT_NUMBER], role="owner")
        self._write_shift()

    def create_token_in_dcd(self, lifetime: str) -> str:
        """Create a token as the person does in the Token Manager, and return its value."""
        _token, value = self.emulator.dcd.signed_in(self._person).create_token(lifetime)
        return value

    def tokens_in_dcd(self) -> list[tuple[str, str]]:
        """What the Token Manager lists: for each token its id and a text with its dates."""
        tokens = self.emulator.dcd.signed_in(self._person).tokens()
        return [(token.id, f"created {token.created:%F}, valid until {token.expires:%F}") for token in tokens]

    def advance(self, by: timedelta) -> None:
        """Move the clock of the emulator and of every ``ansible-playbook`` from now on."""
        self.emulator.clock.advance(by.total_seconds())
        self._shift += by
        self._write_shift()

    def today(self) -> str:
        """The date that the clock shows."""
        return f"{self.emulator.clock.now():%F}"

    def operations_since(self, number: int) -> list[str]:
        """The operations that the emulator was asked for, after the first *number* of them."""
        return [entry.operation or entry.method for entry in self.emulator.journal.entries()[number:]]

    def operations_so_far(self) -> int:
        """How many operations the emulator was asked for."""
        return len(self.emulator.journal.entries())

    def _write_shift(self) -> None:
        self.clock_shift.write_text(str(self._shift.total_seconds()), encoding="ascii")


@contextmanager
def running_servers(directory: Path) -> Iterator[Servers]:
    """Run both servers; they are gone afterwards. What they write lies in *directory*."""
    # A proxy cannot reach this machine's loopback.
    os.environ.update(no_proxy="127.0.0.1", NO_PROXY="127.0.0.1")
    openbao_directory = directory / "openbao"
    openbao_directory.mkdir(parents=True)
    with EmulatorServer() as emulator, development_server(openbao_directory) as openbao:
        yield Servers(emulator, openbao, directory / "clock-shift")
