# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keeps declared tokens fresh, on the controller, inside the worker process. Documented in ``plugins/modules``."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

from ansible.utils.display import Display

from ansible_collections.tokenops.ionos.plugins.module_utils._policy.rules import Decision
from ansible_collections.tokenops.ionos.plugins.plugin_utils._action.arguments import (
    check_arguments,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._action.base import SecretlessAction
from ansible_collections.tokenops.ionos.plugins.plugin_utils._record.model import Job
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.console import failure_message, summarize
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.document import job_summary
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.overview import overview
from ansible_collections.tokenops.ionos.plugins.plugin_utils._report.token_table import token_table
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.earlier import EarlierResult, earlier_result
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.facts import (
    TokenFacts,
    account_facts,
    token_entry,
    token_facts,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.options import rotation_options
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.outcome import Outcome
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.task import Effects, TaskOutcome, rotate_declared
from ansible_collections.tokenops.ionos.plugins.plugin_utils._run.owner import ProcessTable
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.controller import ansible_controller
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.kinds import vault_kinds

if TYPE_CHECKING:
    from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.awx_credential.jobs import AwxJobs

COLLECTION_NAME = "tokenops.ionos"
# A worker has no terminal any more; where the action is loaded, there still may be one.
ON_TERMINAL = os.isatty(2)
PROGRESS_EVERY_SECONDS = 2 if ON_TERMINAL else 60

display = Display()

# Loaded in the parent where the strategy loads the action there, so that forked workers inherit it.
KINDS = vault_kinds()


class ActionModule(SecretlessAction):
    """The action ``tokenops.ionos.vaulted_tokens``."""

    WHEN_FAILED: ClassVar[dict[str, Any]] = {"tokens": []}
    _supports_diff = True

    _earlier: EarlierResult | None = None

    def act(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        """Keep the declared tokens fresh and return the result of the task."""
        arguments = check_arguments(rotation_options(KINDS), self._task.args)
        self._earlier = earlier_result(arguments.get("earlier_result"))
        return self._result(self._rotate(arguments), self._earlier or EarlierResult())

    def _guarded(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        """Return the result; what an earlier call has told is not lost if this one does not get to its end."""
        result: dict[str, Any] = super()._guarded(task_vars)
        if self._earlier is None or "summary" in result:
            return result
        facts = self._earlier.interrupted_by(result["msg"], result["error_code"])
        return {**_told(facts, self._earlier.accounts, int(time.time()), []), "changed": False, **self._earlier.kept}

    def _rotate(self, arguments: dict[str, Any]) -> TaskOutcome:
        stop = threading.Event()
        progress = _Progress()
        effects = Effects(
            processes=ProcessTable(job_has_ended=_Jobs(os.environ).has_ended),
            stop=stop,
            keep_going=_parent_lives(),
            on_progress=progress.show,
            on_warning=display.warning,
            on_deprecation=_announce,
        )
        with _stopping_on_signals(stop):
            return rotate_declared(
                arguments,
                KINDS,
                ansible_controller(self._loader, display.warning),
                effects,
                check_mode=bool(self._task.check_mode),
            )

    def _result(self, outcome: TaskOutcome, earlier: EarlierResult) -> dict[str, Any]:
        outcomes = outcome.tokens
        facts = earlier.followed_by([token.facts() for token in outcomes])
        accounts = outcome.accounts or earlier.accounts
        deletions = outcome.deletions
        not_deleted = [*map(str, deletions.errors), *earlier.kept.get("not_deleted", [])]
        result = _told(facts, accounts, outcome.now, not_deleted)
        result["changed"] = not earlier.changed and (
            any(token.changed for token in outcomes) or bool(deletions.deleted)
        )
        publications = [entry for token in outcomes for entry in token.publications()]
        if publications:
            result["publications"] = publications
        result.update(earlier.kept)
        if deletions.deleted or deletions.errors:
            result["deleted"] = deletions.deleted
        if self._task.diff:
            result["diff"] = [token.as_diff() for token in outcomes if token.changed]
        self._warn(outcomes, earlier)
        return result

    def _warn(self, outcomes: Sequence[Outcome], earlier: EarlierResult) -> None:
        told = {(facts.name, warning) for facts in earlier.tokens for warning in facts.warnings}
        for token in outcomes:
            for warning in token.warnings:
                if (token.name, warning) not in told:
                    display.warning(f"{token.name}: {warning}")


def _told(facts: Sequence[TokenFacts], accounts: Sequence[Any], now: int, not_deleted: Sequence[str]) -> dict[str, Any]:
    """Return what the result says of tokens and accounts.

    :param not_deleted: what is wrong with deletions of tokens that nobody declares.
    """
    entries = [token_entry(token) for token in facts]
    seen = overview(
        [token_facts(entry, number) for number, entry in enumerate(entries)],
        [account_facts(entry, number) for number, entry in enumerate(accounts)],
        now,
    )
    message = " ".join(text for text in (failure_message(seen), *not_deleted) if text) or None
    result: dict[str, Any] = {
        "failed": message is not None,
        "tokens": entries,
        "summary": summarize(seen),
        "job_summary": job_summary(seen),
    }
    if accounts:
        result["accounts"] = list(accounts)
        result["token_table"] = token_table(seen)
    if not_deleted:
        result["not_deleted"] = list(not_deleted)
    if message is not None:
        result["msg"] = message
    return result


class _Progress:
    """Tells on stderr how far a long list is, so that callbacks which print JSON stay valid (R30).

    Somebody at a terminal is told often, a log hardly ever.
    """

    def __init__(self) -> None:
        self._next = time.monotonic() + PROGRESS_EVERY_SECONDS

    def show(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now >= self._next and done < total:
            self._next = now + PROGRESS_EVERY_SECONDS
            display.display(f"vaulted_tokens: {done} of {total} declared tokens done", stderr=True)


def _announce(decision: Decision) -> None:
    date = decision.until and decision.until.isoformat()
    display.deprecated(decision.reason, date=date, collection_name=COLLECTION_NAME)


class _Jobs:
    """Asks AWX about its jobs; what that needs is loaded once there is one to ask about."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._jobs: AwxJobs | None = None

    def has_ended(self, job: Job) -> bool:
        if self._jobs is None:
            from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.awx_credential.jobs import AwxJobs

            self._jobs = AwxJobs(self._environ)
        return self._jobs.has_ended(job)


def _parent_lives() -> Any:
    """Return a function that tells whether the process that started this one is still there (R15)."""
    parent = os.getppid()
    return lambda: os.getppid() == parent


@contextmanager
def _stopping_on_signals(stop: threading.Event) -> Iterator[None]:
    """Let SIGTERM and SIGINT set the stop flag: no new mint, and what is in flight ends properly (R15)."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handled = (signal.SIGTERM, signal.SIGINT)
    before: Mapping[signal.Signals, Any] = {number: signal.getsignal(number) for number in handled}
    try:
        for number in handled:
            signal.signal(number, lambda _number, _frame: stop.set())
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
