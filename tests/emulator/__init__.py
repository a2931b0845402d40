# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Auth API as a real HTTP server, for tests."""

from __future__ import annotations

from emulator.clock import Clock
from emulator.core import Emulator
from emulator.server import EmulatorServer

__all__ = ["Clock", "Emulator", "EmulatorServer"]
