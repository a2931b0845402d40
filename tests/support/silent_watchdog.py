# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A watchdog for time that passes by the emulator's clock only."""

from __future__ import annotations

from collections.abc import Callable

from ansible_collections.tokenops.ionos.plugins.module_utils._http.watchdog import Watch, Watchdog


class SilentWatchdog(Watchdog):
    """Never bites."""

    def watch(self, seconds: float, callback: Callable[[], None]) -> Watch:
        return Watch(callback)
