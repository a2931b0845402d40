# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m support.scenario_servers FOLDER``: the emulator and OpenBao for a molecule scenario, until SIGTERM.

Once both are ready, ``servers.json`` in the folder holds ``pid``, ``api_url`` and a ``token`` of the emulator's one
user, ``bao_url`` and ``bao_token``. The file is gone when they are.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from types import FrameType

from emulator import EmulatorServer
from support.openbao_fixtures import OpenBao, development_server


def main() -> int:
    """Run both servers; returns the exit code."""
    folder = Path(sys.argv[1])
    signal.signal(signal.SIGTERM, _end)
    with EmulatorServer() as emulator, development_server(folder) as openbao:
        announcement = folder / "servers.json"
        try:
            _announce(announcement, emulator, openbao)
            signal.pause()
        finally:
            announcement.unlink(missing_ok=True)
    return 0


def _announce(file: Path, emulator: EmulatorServer, openbao: OpenBao) -> None:
    user = emulator.add_user("ann@example.com", "password-of-ann", contracts=[31711111])
    _token, value = emulator.mint(user)
    document = {
        "pid": os.getpid(),
        "api_url": emulator.url,
        "token": value,
        "bao_url": openbao.url,
        "bao_token": openbao.root_token,
    }
    # Whoever waits for the file finds it complete or not at all.
    unfinished = file.with_suffix(".part")
    unfinished.touch(mode=0o600)
    unfinished.write_text(json.dumps(document), encoding="utf-8")
    unfinished.replace(file)


def _end(_number: int, _frame: FrameType | None) -> None:
    sys.exit(0)


if __name__ == "__main__":
    sys.exit(main())
