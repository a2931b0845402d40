# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What was delivered about which token, as JSON: in a file for its owner alone, or in a vault."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from typing import Any, Protocol

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import (
    TokenOpsError,
    VaultConflict,
    VaultError,
)
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
    """The state cannot be used; it was left as it is."""


class NotificationStateChanged(NotificationStateError):
    """Somebody else has written the state since it was read."""


class NotificationState(Protocol):
    """Where it is remembered what was told."""

    def read(self) -> Memory:
        """Return what is remembered; nothing if nothing ever was.

        :raises NotificationStateError: ``notification_state_unusable``, ``notification_state_foreign``,
            ``notification_state_newer``.
        """

    def locked(self) -> AbstractContextManager[None]:
        """Keep other runs from telling the same, as far as that can be had.

        :raises NotificationStateError: ``notification_state_unusable``, also if another run takes too long.
        """

    def write(self, memory: Memory) -> None:
        """Replace what was read last.

        :raises NotificationStateChanged: if another run has written it since, and it can be tried again.
        :raises NotificationStateError: ``notification_state_unusable``.
        """


class TextPlace(Protocol):
    """One spot in a vault that holds a text, written with check-and-set."""

    def describe(self) -> str:
        """Return the place in a form for people."""

    def read_text(self) -> tuple[str | None, Any]:
        """Return the text that stands there, or None, and its version."""

    def write_text(self, text: str, expected_version: Any) -> Any:
        """Replace the text of a version and return the new version."""


class NotificationStateInVault:
    """The state in a vault: nothing is locked, and check-and-set decides who has told first."""

    def __init__(self, place: TextPlace) -> None:
        self._place = place
        self._version: Any = None

    def read(self) -> Memory:
        """Return what is remembered; see the protocol."""
        try:
            text, self._version = self._place.read_text()
        except VaultError as error:
            failure = _unusable(error)
        else:
            return {} if text is None else _parsed(text.encode(), self._place.describe())
        raise failure

    def locked(self) -> AbstractContextManager[None]:
        """Lock nothing."""
        return nullcontext()

    def write(self, memory: Memory) -> None:
        """Replace what was read last; see the protocol."""
        try:
            self._version = self._place.write_text(_rendered(memory).decode(), self._version)
        except VaultConflict:
            failure = _changed(NotificationStateChanged, self._place.describe())
        except VaultError as error:
            failure = _unusable(error)
        else:
            return
        raise failure


class NotificationStateFile:
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
        """Return what is remembered; see the protocol."""
        if self._creates_directory and not os.path.lexists(os.path.dirname(self.path)):
            return {}
        try:
            self._content = self._file.read()
        except FileError as error:
            failure = _unusable(error)
            if error.kind == "corrupt":
                failure = NotificationStateError("notification_state_foreign", path=self.path)
        else:
            return _parsed(self._content.data, self.path) if self._content else {}
        raise failure

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other runs from telling the same and from writing; see the protocol."""
        self._make_directory()
        failure = None
        with ExitStack() as held:
            try:
                held.enter_context(self._file.locked(SECONDS_TO_WAIT_FOR_LOCK))
            except FileError as error:
                failure = _unusable(error)
            if failure is not None:
                raise failure
            yield

    def write(self, memory: Memory) -> None:
        """Replace the content that was read last, in one step; see the protocol."""
        failure: NotificationStateError | None = None
        try:
            if not self._file.replace(_rendered(memory), self._content):
                # Whoever changes it does not know of the lock.
                failure = _changed(NotificationStateError, self.path)
            self._content = self._file.read()
        except FileError as error:
            failure = _unusable(error)
        if failure is not None:
            raise failure

    def _make_directory(self) -> None:
        if self._creates_directory:
            # What is wrong with it is said when the lock is made there.
            with suppress(OSError):
                os.makedirs(os.path.dirname(self.path), mode=0o700, exist_ok=True)


def _unusable(error: TokenOpsError) -> NotificationStateError:
    return NotificationStateError("notification_state_unusable", problem=error.problem, remedy=error.remedy)


def _changed(kind: type[NotificationStateError], where: str) -> NotificationStateError:
    problem = f"{where} was changed by somebody else meanwhile."
    return kind("notification_state_unusable", problem=problem, remedy="Run again.")


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
