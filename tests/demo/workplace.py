# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The work directory of the demo: a project as a team has it, and ``ansible-playbook`` run there."""

from __future__ import annotations

import os
import secrets
import shutil
import stat
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from .interruption import Interruption
from .presentation import Screen
from .processes import run_shown
from .servers import Servers

ROOT = Path(__file__).resolve().parents[2]
PROJECT = Path(__file__).with_name("project")
SHIFTED_CLOCK = ROOT / "tests" / "support" / "shifted_clock"


class Failed(Exception):
    """The demo did not come to its end; the text says why."""


class Workplace:
    """A directory of its own, which stays: everything that the demo writes is in it.

    :ivar project: what a user would have under version control, and the vault password beside it.
    """

    def __init__(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="ionos-demo-"))
        self.project = self.directory / "project"
        self.servers = self.directory / "servers"
        shutil.copytree(PROJECT, self.project)
        for name in ("home", "servers"):
            (self.directory / name).mkdir()
        _write_private(self.project / "vault-password", secrets.token_urlsafe(24))

    def lines(self, name: str) -> list[str]:
        """The lines of a file of the project."""
        return (self.project / name).read_text(encoding="utf-8").splitlines()

    def mode(self, name: str) -> str:
        """The mode of a file of the project, as ``ls`` writes it."""
        return stat.filemode((self.project / name).stat().st_mode)

    def play(
        self,
        arguments: str,
        servers: Servers,
        screen: Screen,
        interruption: Interruption,
        *,
        secret_environment: Mapping[str, str] | None = None,
    ) -> None:
        """Run ``ansible-playbook`` with these arguments in the project and show it; raises ``Failed``.

        Of *secret_environment* only the names are shown.
        """
        hidden = "".join(f"{name}=... " for name in secret_environment or {})
        screen.command(f"{hidden}ansible-playbook {arguments}")
        code = run_shown(
            [str(Path(sys.executable).with_name("ansible-playbook")), *arguments.split()],
            directory=self.project,
            environment={**self._environment(servers, screen), **(secret_environment or {})},
            show=screen.output,
            interruption=interruption,
        )
        if code != 0:
            raise Failed(f"ansible-playbook ended with exit code {code}.")

    def _environment(self, servers: Servers, screen: Screen) -> dict[str, str]:
        """Everything that ``ansible-playbook`` is told by its environment: nothing of the user's settings is in it."""
        return {
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".cache"),
            "ANSIBLE_FORCE_COLOR" if screen.in_colour else "ANSIBLE_NOCOLOR": "1",
            "HOME": str(self.directory / "home"),
            "IONOS_API_URL": servers.emulator.url,
            "LC_ALL": "C.UTF-8",
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]),
            "PYTHONPATH": str(SHIFTED_CLOCK),
            "SHIFTED_CLOCK_FILE": str(servers.clock_shift),
            # No folder further down: Ansible puts sockets there, whose paths must not be longer than about 100 bytes.
            "TMPDIR": str(self.directory),
            "VAULT_ADDR": servers.openbao.url,
            "VAULT_TOKEN": servers.openbao.root_token,
        }


def _write_private(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text + "\n", encoding="utf-8")
