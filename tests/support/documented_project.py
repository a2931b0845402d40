# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A folder of playbooks as the README makes it, in which examples are written and run as they stand there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from emulator import EmulatorServer
from support.examples import ROOT, Example, example_with, examples_of

README = "README.md"
CONTRACT_NUMBER = 31711111
"""The contract that examples name, where one is enough."""

VENDOR = "https://api.ionos.com"
ATTENTION = 2
"""How ansible-playbook ends where something needs attention."""


class DocumentedProject:
    """The folder, and the person who works there, with an emulator in place of the vendor.

    :param contract_numbers: the contracts of the person.
    :ivar replaced: what stands in examples for something that exists once only, such as the address of a server.
    :ivar environment: what commands get besides what every command needs.
    """

    def __init__(self, directory: Path, api: EmulatorServer, *contract_numbers: int) -> None:
        self.directory = directory
        self.api = api
        self.home = directory.with_name("home")
        self.home.mkdir()
        self.person = api.add_user(
            "ann@example.com", "some-password", contracts=contract_numbers or [CONTRACT_NUMBER], role="owner"
        )
        self.path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        self.replaced: dict[str, str] = {VENDOR: api.url}
        self.environment: dict[str, str] = {}
        for example in examples_of(README):
            if example.language == "ini":
                self.write(example)
        self.bash(example_with(README, "vault-password)").commands)

    def write(self, example: Example) -> None:
        """Write the file that a block is, replacing what stands there under the same name."""
        if example.file is None:
            raise ValueError(f"{example} names no file")
        self.write_text(example.file, self.as_here(example.text))

    def write_text(self, file: str, text: str) -> None:
        """Write a file, named as :meth:`path_of` says, that was there before somebody began to read."""
        path = self.path_of(file)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def path_of(self, file: str) -> Path:
        """Return where a file is that is named as a shell would read it."""
        return self.home / file[2:] if file.startswith("~/") else self.directory / file

    def as_here(self, text: str) -> str:
        """Return the text of an example with what is there in place of what it names."""
        for named, existing in self.replaced.items():
            text = text.replace(named, existing)
        return text

    def bash(self, script: str, typed: str = "", *, status: int = 0, **environment: str) -> str:
        """Run commands, with what a person types; return what they write.

        :param status: the exit code that they have to end with.
        """
        finished = subprocess.run(
            ["bash", "-eu", "-o", "pipefail", "-c", script],
            cwd=self.directory,
            env={**self._everywhere(), **self.environment, **environment},
            input=typed,
            capture_output=True,
            check=False,
            text=True,
        )
        assert finished.returncode == status, finished.stdout + finished.stderr
        return finished.stdout + finished.stderr

    def created_token(self, lifetime: str = "7d", contract_number: int | None = None) -> tuple[str, str]:
        """Create a token as the person does in the Token Manager; return its id and its value."""
        token, value = self.api.dcd.signed_in(self.person).create_token(lifetime, contract_number)
        return token.id, value

    def first_run(self) -> str:
        """Do the third step of the README with a token that the person has made."""
        _id, value = self.created_token()
        return self.bash(example_with(README, "export IONOS_TOKEN").commands, typed=f"{value}\n")

    def _everywhere(self) -> Mapping[str, str]:
        return {
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".cache"),
            "HOME": str(self.home),
            "IONOS_API_URL": self.api.url,
            "LC_ALL": "C.UTF-8",
            "PATH": self.path,
        }


def squeezed(output: str) -> str:
    """Return output on one line, in which a sentence is found wherever it was broken."""
    return re.sub(r"\s+", " ", output)
