# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What vaults that are files of the controller share: who may write, who waits for whom, and what lasts."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import (
    VaultConflict,
    VaultCorrupt,
    VaultDenied,
    VaultError,
    VaultUnavailable,
    shown,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._core.options import Options
from ansible_collections.tokenops.ionos.plugins.plugin_utils._files.shared_file import (
    FileContent,
    FileError,
    SharedFile,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._record.model import Record
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.protocol import Controller, Version

DEFAULT_LOCK_TIMEOUT = 30

WRITE_ATTEMPTS = 10
"""How often a write is tried again while somebody without our lock, such as an editor, changes the file."""

FILE_OPTIONS: Options = {
    "ephemeral": {
        "description": """
            Accept a project checkout of AWX or ansible-runner as vault of record, although what is written there is
            forgotten after the job.
        """,
        "type": "bool",
        "default": False,
    },
    "lock_timeout": {
        "description": "Seconds to wait for another run that is writing the same file.",
        "type": "int",
        "default": DEFAULT_LOCK_TIMEOUT,
    },
}
"""The connection options of every such vault."""

FOLLOW_OPTION: Options = {
    "follow": {
        "description": "Follow a symbolic link instead of refusing it.",
        "type": "bool",
        "default": False,
    }
}
"""The option of every place in one."""

Result = TypeVar("Result")
Files = TypeVar("Files", bound="LocalFiles")

_KINDS_OF_ERRORS: dict[str, type[VaultError]] = {
    "denied": VaultDenied,
    "corrupt": VaultCorrupt,
    "unavailable": VaultUnavailable,
}


@dataclass(frozen=True)
class LocalFiles:
    """The files of one controller, with one set of options.

    :ivar ephemeral: the user knows that files in the project of AWX or ansible-runner are forgotten with the job (R18).
    :ivar lock_timeout: seconds to wait for another writer of the same file.
    """

    name: str
    controller: Controller
    ephemeral: bool
    lock_timeout: int
    monotonic: Callable[[], float]
    sleep: Callable[[float], None]

    @classmethod
    def with_options(cls: type[Files], name: str, options: Mapping[str, Any], kind: LocalFileKind, **own: Any) -> Files:
        """Return the files that :data:`FILE_OPTIONS` describe.

        :param own: what the kind's class of files has beside them.
        """
        timeout = options.get("lock_timeout")
        return cls(
            name=name,
            ephemeral=bool(options.get("ephemeral")),
            lock_timeout=DEFAULT_LOCK_TIMEOUT if timeout is None else int(timeout),
            monotonic=kind.monotonic,
            sleep=kind.sleep,
            **own,
        )

    def outlasts(self, seconds: int) -> bool:
        """Return True: there is no login."""
        return True

    def login_again(self) -> bool:
        """Return False: there is no login."""
        return False


class LocalFileKind:
    """A kind of vault that is a file.

    :param monotonic: a clock that never goes back, in seconds.
    :param sleep: waits for seconds.
    """

    def __init__(
        self, monotonic: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.monotonic = monotonic
        self.sleep = sleep


class LocalFile:
    """One file in which a token is.

    :param path: absolute.
    :param where: the place, for messages.
    """

    def __init__(self, files: LocalFiles, path: str, where: str) -> None:
        self.path = path
        self._files = files
        self._where = where
        self._file = SharedFile(path, where, monotonic=files.monotonic, sleep=files.sleep)
        self._warned = False

    def read(self) -> FileContent | None:
        """Return the content, or None if the directory is there and the file is not.

        :raises VaultDenied, VaultUnavailable, VaultCorrupt: with what the operating system says as the reason.
        """
        return _with_vault_errors(self._file.read)

    def replace(self, data: bytes, previous: FileContent | None, *, mode: int | None = None) -> bool:
        """Put a new file in the place of the old one; return False if the file is not what was read any more.

        :param mode: of the new file, or None for that of the old one.
        :raises VaultDenied, VaultUnavailable: with what the operating system says as the reason.
        """
        return _with_vault_errors(lambda: self._file.replace(data, previous, mode=mode))

    def update(self, attempt: Callable[[], Version | None]) -> Version:
        """Return what an attempt to change the file returns, made with other writers kept out.

        :param attempt: returns the new version, or None if somebody else has changed the file meanwhile.
        :raises VaultConflict: if that happens time and again.
        """
        return _with_vault_errors(lambda: self._update(attempt))

    def check_permanence(self, record: Record) -> None:
        """Refuse a record, and warn about a replica, in a project that is thrown away after the job (R18)."""
        if self._files.ephemeral or not is_in_runner_project(self.path, self._files.controller):
            return
        if not record.is_bare:
            raise VaultDenied("vault_file_ephemeral", where=self._where)
        if not self._warned:
            self._warned = True
            self._files.controller.warn(
                f"{shown(self._where)} is in a project of AWX or ansible-runner and will be forgotten with the job."
            )

    def _update(self, attempt: Callable[[], Version | None]) -> Version:
        with self._file.locked(self._files.lock_timeout):
            for _attempt in range(WRITE_ATTEMPTS):
                result = attempt()
                if result is not None:
                    return result
        raise VaultConflict("vault_changed_meanwhile", where=self._where)


def _with_vault_errors(effect: Callable[[], Result]) -> Result:
    """Return what ``effect`` returns, or raise what a file cannot do as an error of the vault that it is."""
    try:
        return effect()
    except FileError as error:
        failure = _KINDS_OF_ERRORS[error.kind](error.code, rejected=True, **error.facts)
    raise failure


def is_in_runner_project(path: str, controller: Controller) -> bool:
    """Tell whether a path is in the folder that AWX, AAP or ansible-runner made for this job.

    ansible-runner, which AWX and AAP start jobs with, sets ``AWX_ISOLATED_DATA_DIR`` to ``FOLDER/artifacts/JOB`` for
    every playbook that it runs; the checkout of the project is in ``FOLDER/project``. With the artifacts elsewhere, the
    playbook's own folder is taken for the project.

    :param path: absolute, without symbolic links in its directories.
    """
    artifacts = controller.environ.get("AWX_ISOLATED_DATA_DIR")
    if not artifacts:
        return False
    private_folder = os.path.dirname(os.path.dirname(os.path.realpath(artifacts)))
    folders = (private_folder, os.path.realpath(controller.base_directory))
    return any(folder != "/" and os.path.commonpath((folder, path)) == folder for folder in folders)
