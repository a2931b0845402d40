# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state file of notifications: what was delivered about which token, as JSON, for its owner alone."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import TokenOpsError
from ansible_collections.tokenops.ionos.plugins.module_utils._core.instant import format_instant, parse_instant
from ansible_collections.tokenops.ionos.plugins.module_utils._files.replace import may_be_planted
from ansible_collections.tokenops.ionos.plugins.plugin_utils._files.shared_file import (
    FileContent,
    FileError,
    SharedFile,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._notify.alerts import (
    STATES,
    Memory,
    Remembered,
    Subject,
)

COLLECTION = "tokenops.ionos"
KIND = "notification_state"
VERSION = 1
SECONDS_TO_WAIT_FOR_LOCK = 30


class NotificationStateError(TokenOpsError):
    """The state file cannot be used; it was left as it is."""


class NotificationState:
    """The state file.

    :param path: absolute; a symbolic link is followed, since nothing in the file is secret, unless another user may
        have made it to have a file written where it leads.
    :param creates_directory: make its directory if it is missing, for the owner alone, instead of refusing.
    :param monotonic: a clock that never goes back, in seconds.
    :param sleep: waits for seconds.
    """

    def __init__(
        self,
        path: str,
        *,
        creates_directory: bool,
        monotonic: Callable[[], float],
        sleep: Callable[[float], None],
    ) -> None:
        self.path = path if _is_planted(path) else os.path.realpath(path)
        self._creates_directory = creates_directory
        self._file = SharedFile(self.path, self.path, monotonic=monotonic, sleep=sleep)
        self._content: FileContent | None = None

    def read(self) -> Memory:
        """Return what is remembered; nothing if there is no file yet.

        :raises NotificationStateError: ``notification_state_unusable``, ``notification_state_foreign``,
            ``notification_state_newer``.
        """
        if self._creates_directory and not os.path.lexists(os.path.dirname(self.path)):
            return {}
        try:
            self._content = self._file.read()
        except FileError as error:
            failure = self._unusable(error)
            if error.kind == "corrupt":
                failure = NotificationStateError("notification_state_foreign", path=self.path)
        else:
            return _parsed(self._content.data, self.path) if self._content else {}
        raise failure

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other runs from telling the same and from writing.

        :raises NotificationStateError: ``notification_state_unusable``, also if another run takes too long.
        """
        self._make_directory()
        failure = None
        with ExitStack() as held:
            try:
                held.enter_context(self._file.locked(SECONDS_TO_WAIT_FOR_LOCK))
            except FileError as error:
                failure = self._unusable(error)
            if failure is not None:
                raise failure
            yield

    def write(self, memory: Memory) -> None:
        """Replace the content that was read last, in one step.

        :raises NotificationStateError: ``notification_state_unusable``.
        """
        failure = None
        try:
            if not self._file.replace(_rendered(memory), self._content):
                failure = NotificationStateError(
                    "notification_state_unusable",
                    problem=f"{self.path} was changed by somebody else meanwhile.",
                    remedy="Run again.",
                )
            self._content = self._file.read()
        except FileError as error:
            failure = self._unusable(error)
        if failure is not None:
            raise failure

    def _make_directory(self) -> None:
        if self._creates_directory:
            # What is wrong with it is said when the lock is made there.
            with suppress(OSError):
                os.makedirs(os.path.dirname(self.path), mode=0o700, exist_ok=True)

    @staticmethod
    def _unusable(error: FileError) -> NotificationStateError:
        return NotificationStateError("notification_state_unusable", problem=error.problem, remedy=error.remedy)


def _is_planted(path: str) -> bool:
    try:
        return may_be_planted(os.lstat(path), os.path.dirname(path))
    except OSError:
        return False


def _rendered(memory: Memory) -> bytes:
    entries = [
        {
            "source": subject.source,
            "token": subject.token,
            "state": known.state,
            "since": format_instant(known.since),
            "told": known.delivered,
        }
        for subject, known in sorted(memory.items(), key=lambda item: (item[0].source, item[0].token or ""))
    ]
    document = {"collection": COLLECTION, "kind": KIND, "version": VERSION, "subjects": entries}
    return (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode()


def _parsed(data: bytes, path: str) -> Memory:
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict) or (document.get("collection"), document.get("kind")) != (COLLECTION, KIND):
        raise NotificationStateError("notification_state_foreign", path=path)
    version = document.get("version")
    if isinstance(version, int) and version > VERSION:
        raise NotificationStateError("notification_state_newer", path=path)
    memory = _memory(document) if version == VERSION else None
    if memory is None:
        raise NotificationStateError("notification_state_foreign", path=path)
    return memory


def _memory(document: dict[str, Any]) -> Memory | None:
    """Return what a document remembers, or None if it is not one that was written here."""
    entries = document.get("subjects")
    if not isinstance(entries, list):
        return None
    memory: dict[Subject, Remembered] = {}
    for entry in entries:
        known = _entry(entry) if isinstance(entry, dict) else None
        if known is None or known[0] in memory:
            return None
        memory[known[0]] = known[1]
    return memory


def _entry(entry: dict[str, Any]) -> tuple[Subject, Remembered] | None:
    source, token = entry.get("source"), entry.get("token")
    state, told = entry.get("state"), entry.get("told")
    since = parse_instant(entry.get("since"))
    if not isinstance(source, str) or not (token is None or isinstance(token, str)) or since is None:
        return None
    if state not in STATES or told not in STATES:
        return None
    return Subject(source=source, token=token), Remembered(state=state, since=since, delivered=told)
