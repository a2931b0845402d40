# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""pytest fixtures: an emulator with a URL for each test, over HTTP or HTTPS.

The package ``emulator`` describes what the fixtures yield.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from emulator import Emulator, EmulatorServer


@pytest.fixture
def emulator() -> Iterator[EmulatorServer]:
    """An emulator served over HTTP on a free port of 127.0.0.1, empty, with a ticking clock."""
    with EmulatorServer() as server:
        yield server


@pytest.fixture
def tls_emulator() -> Iterator[EmulatorServer]:
    """The same over HTTPS: ``ca_path`` and ``fingerprint`` are set."""
    with EmulatorServer(tls=True) as server:
        yield server


@pytest.fixture
def offline_emulator() -> Emulator:
    """An emulator without a server, for ``emulator.in_memory.EmulatorAdapter``; its clock is frozen."""
    core = Emulator()
    core.clock.freeze()
    return core
