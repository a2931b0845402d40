# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""``rotation_notify``: from the arguments of a task to what was delivered, at least once and once a state.

What was found is written to the state file before a webhook hears of it, and what it has accepted afterwards. A run
that ends in between tells the same event again, with the same id.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import TokenOpsError, shown
from ansible_collections.tokenops.ionos.plugins.module_utils._http.transport import ConnectionOptions, Transport
from ansible_collections.tokenops.ionos.plugins.plugin_utils._notify.alerts import (
    Alert,
    Event,
    Memory,
    alerts,
    mark_delivered,
    observe,
    pending,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._notify.body import (
    EVENTS_IN_A_BODY,
    event_fields,
    notification_text,
    render_body,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._notify.state import (
    NotificationState,
    NotificationStateChanged,
    NotificationStateError,
    NotificationStateFile,
    NotificationStateInVault,
    TextPlace,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._notify.webhook import (
    WebhookClient,
    WebhookError,
    parse_webhook,
)

DEFAULT_DIRECTORY = os.path.join("tokenops.ionos", "notifications")

ATTEMPTS_TO_NOTE = 5
"""How often a write of the state is tried again while other runs write it."""

_MAXIMUM_FILE_NAME_LENGTH = 100
_NOT_IN_FILE_NAMES = re.compile(r"[^A-Za-z0-9._-]")

Send = Callable[[bytes], None]


@dataclass(frozen=True)
class Surroundings:
    """Where a task runs.

    :ivar host: name of the host that the task is for.
    :ivar base_directory: where relative paths start.
    :ivar ansible_home: the directory of Ansible's own files.
    :ivar state_place: the place in a vault that remembers what was told, or None where a file does.
    """

    host: str
    base_directory: str
    ansible_home: str
    state_place: TextPlace | None = None


@dataclass
class NotifyEffects:
    """Everything by which a task touches the world; tests put their own here."""

    wall_clock: Callable[[], float] = time.time
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    new_transport: Callable[[ConnectionOptions], Transport] = Transport


@dataclass
class NotifyOutcome:
    """What came of it.

    :ivar delivered: in check mode, what would be delivered.
    :ivar pending: what is left for the next run.
    :ivar not_delivered: why, if something is left because of the webhook.
    :ivar not_noted: why what was delivered could not be written down; it will be delivered again.
    """

    source: str
    delivered: list[Event] = field(default_factory=list)
    pending: list[Event] = field(default_factory=list)
    not_delivered: TokenOpsError | None = None
    not_noted: TokenOpsError | None = None

    def as_result(self) -> dict[str, Any]:
        """Return the result of the task."""
        result: dict[str, Any] = {
            "changed": bool(self.delivered),
            "told": [event_fields(event) for event in self.delivered],
            "pending": [event_fields(event) for event in self.pending],
            "text": notification_text(self.delivered, self.source),
            "delivery_error": str(self.not_delivered) if self.not_delivered else None,
            "delivery_error_code": self.not_delivered.code if self.not_delivered else None,
        }
        if self.not_noted is not None:
            result.update(failed=True, msg=str(self.not_noted), error_code=self.not_noted.code)
        return result


def notify(
    arguments: Mapping[str, Any], surroundings: Surroundings, effects: NotifyEffects, *, check_mode: bool
) -> NotifyOutcome:
    """Tell every state that began or ended since it was told last.

    :param arguments: of the task, in the types of ``NOTIFY_OPTIONS``.
    :param check_mode: find out what would be told; send and write nothing.
    :raises TokenOpsError: for arguments and state files that cannot be used; then nothing was told.
    """
    source = shown(arguments["source"] or surroundings.host)
    now = int(effects.wall_clock())
    send = _sender(arguments["webhook"], effects)
    body_format = arguments["webhook"]["body_format"] if arguments["webhook"] else "generic"
    notification = _Notification(
        source=source,
        found=alerts(arguments["tokens"], arguments["failure"], now),
        now=now,
        state=_state(arguments["state_file"], source, surroundings, effects),
        deliver=lambda events: send(render_body(events, source, now, body_format)),
    )
    return notification.predict() if check_mode else notification.tell()


class _Notification:
    """What one task has found, on its way to being told."""

    def __init__(
        self,
        *,
        source: str,
        found: Sequence[Alert],
        now: int,
        state: NotificationState,
        deliver: Callable[[Sequence[Event]], None],
    ) -> None:
        self._source = source
        self._found = found
        self._now = now
        self._state = state
        self._deliver = deliver

    def predict(self) -> NotifyOutcome:
        """Return what :meth:`tell` would tell if the webhook accepted it."""
        return NotifyOutcome(self._source, delivered=self._pending(self._observed(self._state.read())))

    def tell(self) -> NotifyOutcome:
        """Tell what is to be told, and remember it."""
        before = self._state.read()
        if self._observed(before) == before and not self._pending(before):
            return NotifyOutcome(self._source)
        with self._state.locked():
            return self._tell_while_locked()

    def _tell_while_locked(self) -> NotifyOutcome:
        memory = self._noted(self._state.read(), self._observed)
        outcome = NotifyOutcome(self._source, pending=self._pending(memory))
        for batch in _batches(outcome.pending):
            try:
                self._deliver(batch)
            except WebhookError as error:
                outcome.not_delivered = error
                return outcome
            outcome.delivered.extend(batch)
            outcome.pending = outcome.pending[len(batch) :]
            try:
                memory = self._noted(memory, partial(mark_delivered, events=batch))
            except NotificationStateError as error:
                outcome.not_noted = error
                return outcome
        return outcome

    def _noted(self, memory: Memory, change: Callable[[Memory], Memory]) -> Memory:
        """Write a change of what is remembered, on top of what another run has written meanwhile; return the result."""
        for _attempt in range(ATTEMPTS_TO_NOTE - 1):
            try:
                return self._written(change(memory))
            except NotificationStateChanged:
                memory = self._state.read()
        return self._written(change(memory))

    def _written(self, memory: Memory) -> Memory:
        self._state.write(memory)
        return memory

    def _observed(self, memory: Memory) -> Memory:
        return observe(memory, self._source, self._found, self._now)

    def _pending(self, memory: Memory) -> list[Event]:
        return pending(memory, self._source, self._found)


def _batches(events: Sequence[Event]) -> Iterator[Sequence[Event]]:
    for start in range(0, len(events), EVENTS_IN_A_BODY):
        yield events[start : start + EVENTS_IN_A_BODY]


def _sender(options: Mapping[str, Any] | None, effects: NotifyEffects) -> Send:
    """Return what sends a body; without a webhook the task's result is what tells."""
    if options is None:
        return lambda body: None
    return WebhookClient(parse_webhook(options), effects.new_transport).send


def _state(path: str | None, source: str, surroundings: Surroundings, effects: NotifyEffects) -> NotificationState:
    if surroundings.state_place is not None:
        return NotificationStateInVault(surroundings.state_place)
    if path:
        absolute = os.path.abspath(os.path.join(surroundings.base_directory, path))
    else:
        absolute = os.path.join(os.path.abspath(surroundings.ansible_home), DEFAULT_DIRECTORY, _file_name(source))
    return NotificationStateFile(absolute, creates_directory=not path, monotonic=effects.monotonic, sleep=effects.sleep)


def _file_name(source: str) -> str:
    """Return a name of a file for a source. Two sources may share one; it keeps them apart."""
    return f"source-{_NOT_IN_FILE_NAMES.sub('_', source)[:_MAXIMUM_FILE_NAME_LENGTH]}.json"
