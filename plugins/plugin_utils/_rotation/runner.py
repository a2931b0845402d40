# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A run over all declared tokens, side by side: first every record is read, then each token gets its pass (R4, R15)."""

from __future__ import annotations

import os.path
import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import (
    ConfigurationError,
    TokenOpsError,
    VaultDenied,
    VaultError,
    VaultUnavailable,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._core.token import Token
from ansible_collections.tokenops.ionos.plugins.module_utils._minting.declaration_mark import DeclarationMark
from ansible_collections.tokenops.ionos.plugins.plugin_utils._declaration.tokens import DeclaredToken
from ansible_collections.tokenops.ionos.plugins.plugin_utils._declaration.vaults import DeclaredPlace
from ansible_collections.tokenops.ionos.plugins.plugin_utils._record.model import Record
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.publications import Publication
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.context import RotationContext
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.outcome import Outcome, VaultOutcome
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.remote import RemoteTokens
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.replicas import Replica, Replicas
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.retire import Revocation
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.rotate import Rotation
from ansible_collections.tokenops.ionos.plugins.plugin_utils._run.account import AccountAccess
from ansible_collections.tokenops.ionos.plugins.plugin_utils._run.run import Run
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.protocol import Place, Reading, Vault
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.record_keeper import RecordKeeper

POLL_SECONDS = 0.5
MAXIMUM_UNASKED = 3


@dataclass
class _Work:
    """One declared token on its way through the run."""

    declared: DeclaredToken
    vault: Vault
    place: Place
    replicas: list[Replica]
    inbox: Replica | None
    outcome: Outcome
    context: RotationContext | None = None

    @property
    def places(self) -> list[Place]:
        """The vault of record, the replicas and the inbox."""
        others = [*self.replicas, *([self.inbox] if self.inbox else [])]
        return [self.place, *(replica.place for replica in others)]


class RotationRun:
    """Keeps a list of declared tokens fresh.

    :param vaults: the connected vaults by their declared names.
    :param accesses: the accounts by their names.
    :param workers: how many tokens are worked on at once.
    :param on_progress: told, by the main thread, how many tokens of how many are done.
    :param keep_going: asked by the main thread twice a second; False sets the stop flag.
    """

    def __init__(
        self,
        run: Run,
        vaults: Mapping[str, Vault],
        accesses: Mapping[str, AccountAccess],
        *,
        workers: int,
        on_progress: Callable[[int, int], None],
        keep_going: Callable[[], bool],
    ) -> None:
        self._run = run
        self._vaults = vaults
        self._accesses = accesses
        self._workers = workers
        self._on_progress = on_progress
        self._keep_going = keep_going
        self._works: list[_Work] = []
        self._reports: tuple[Publication, ...] | None = None
        self._declared_places: frozenset[tuple[str, ...]] = frozenset()

    def rotate(
        self,
        tokens: Sequence[DeclaredToken],
        only: frozenset[str] | None = None,
        reports: tuple[Publication, ...] | None = None,
    ) -> list[Outcome]:
        """Give every declared token its pass and return the outcomes in the order of the declaration.

        :param only: names of the tokens that get one, or None for all; the records of all are read (R4).
        :param reports: what became of publications that an earlier call has asked for: these tokens get a pass that
            renews nothing.
        :raises ConfigurationError: ``place_used_twice`` and what is wrong with a place, before anything is read.
        """
        self._reports = reports
        if reports is not None:
            only = frozenset(report.name for report in reports)
        self._works = [self._prepare(token) for token in tokens]
        self._declared_places = _distinct_places(self._works)
        self._side_by_side(self._works, self._read)
        chosen = [work for work in self._works if only is None or work.declared.name in only]
        ready = [work for work in chosen if work.context is not None]
        self._side_by_side(ready, self._rotate, report=True)
        self._side_by_side([work for work in ready if work.declared.revoke], self._revoke)
        return [work.outcome for work in chosen]

    def tokens_of(self, account_name: str) -> list[Token]:
        """Return a token of an account that works, or else a few that this run has not asked the API about."""
        contexts = [work.context for work in self._works if work.declared.account.name == account_name]
        live = [context.remote.live for context in contexts if context and context.remote.live]
        unasked = [
            context.records.record.token
            for context in contexts
            if context and not context.remote.live and context.records.record.token
        ]
        return live[:1] or unasked[:MAXIMUM_UNASKED]

    def _prepare(self, declared: DeclaredToken) -> _Work:
        outcome = Outcome(
            name=declared.name,
            account=declared.account.name,
            ttl=declared.ttl,
            renew_before=declared.renew_before,
            fail_before=declared.fail_before,
            predicted=self._run.check_mode,
            warnings=list(declared.warnings),
        )
        vault, place = self._locate(declared.vault)
        outcome.vaults.append(VaultOutcome(name=declared.vault.vault, place=place.describe(), role="record"))
        replicas = [self._replica(replica, number) for number, replica in enumerate(declared.replicas)]
        outcome.vaults.extend(replica.outcome for replica in replicas)
        inbox = self._replica(declared.inbox) if declared.inbox else None
        outcome.inbox = inbox.outcome.facts().place if inbox else None
        return _Work(declared, vault, place, replicas, inbox, outcome)

    def _replica(self, declared: DeclaredPlace, number: int = 0) -> Replica:
        vault, place = self._locate(declared)
        outcome = VaultOutcome(name=declared.vault, place=place.describe(), role="replica", replica=number)
        replica = Replica(vault, place, outcome, self._run.sleep)
        outcome.publishing = replica.publishing
        return replica

    def _locate(self, declared: DeclaredPlace) -> tuple[Vault, Place]:
        vault = self._vaults[declared.vault]
        return vault, vault.place(declared.options)

    def _read(self, work: _Work) -> None:
        try:
            reading = work.place.read()
        except VaultError as error:
            self._run.registry.note_unread(work.declared.name)
            work.outcome.vaults[0].fail(error, in_sync=None)
            work.outcome.action = "failed"
            if not isinstance(error, (VaultDenied, VaultUnavailable)):
                work.outcome.fail(error)
            return
        work.outcome.before = reading.record
        work.context = self._context(work, reading)
        self._run.note_record(work.declared.name, work.context.records.record)

    def _context(self, work: _Work, reading: Reading) -> RotationContext:
        run, outcome, name = self._run, work.outcome, work.declared.name

        def note(record: Record) -> None:
            run.note_record(name, record)
            outcome.record = record
            outcome.changed = True

        records = RecordKeeper(
            work.vault,
            work.place,
            reading,
            new_write_id=run.new_write_id,
            sleep=run.sleep,
            on_change=note,
            check_mode=run.check_mode,
        )
        account = self._accesses[work.declared.account.name]
        return RotationContext(
            declared=work.declared,
            account=account,
            run=run,
            vault=work.vault,
            records=records,
            remote=RemoteTokens(account, records, run, DeclarationMark([name, *work.place.identity])),
            replicas=Replicas(work.replicas),
            inbox=work.inbox,
            declared_places=self._declared_places,
            outcome=outcome,
            reports=self._reports_of(name),
        )

    def _reports_of(self, name: str) -> tuple[Publication, ...] | None:
        if self._reports is None:
            return None
        return tuple(report for report in self._reports if report.name == name)

    def _rotate(self, work: _Work) -> None:
        if self._run.stop.is_set():
            raise TokenOpsError("interrupted")
        if work.context is not None:
            Rotation(work.context).rotate()

    def _revoke(self, work: _Work) -> None:
        if work.context is not None:
            context = work.context
            Revocation(
                work.declared.name, self._run, context.records, context.remote, context.replicas, work.outcome
            ).revoke()

    def _side_by_side(self, works: Sequence[_Work], step: Callable[[_Work], None], *, report: bool = False) -> None:
        """Take one step for every token in the pool, while the main thread watches over the run."""
        if not works:
            return
        tally = _Tally(len(works))

        def take_step(work: _Work) -> None:
            try:
                _guarded(step, work)
            finally:
                tally.add()

        with ThreadPoolExecutor(max_workers=max(1, min(self._workers, len(works)))) as pool:
            for work in works:
                pool.submit(take_step, work)
            try:
                self._watch(tally, report)
            except BaseException:
                self._run.stop.set()
                raise

    def _watch(self, tally: _Tally, report: bool) -> None:
        is_complete = False
        while not is_complete:
            is_complete = tally.complete.wait(POLL_SECONDS)
            if not self._keep_going():
                self._run.stop.set()
            if report:
                self._on_progress(tally.done, tally.total)


class _Tally:
    """How many of so many steps are done; to ask all of their futures would cost more the more there are.

    :ivar complete: set once all are.
    """

    def __init__(self, total: int) -> None:
        self.total = total
        self.done = 0
        self.complete = threading.Event()
        self._lock = threading.Lock()

    def add(self) -> None:
        """Count one more."""
        with self._lock:
            self.done += 1
            if self.done == self.total:
                self.complete.set()


def _guarded(step: Callable[[_Work], None], work: _Work) -> None:
    """Keep one token's trouble from the others, whatever it is; a foreign exception's text is never shown (R23)."""
    try:
        step(work)
    except TokenOpsError as error:
        work.outcome.fail(error)
    except BaseException as error:
        frame = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{os.path.basename(frame.filename)}:{frame.lineno}"
        work.outcome.fail(TokenOpsError("internal_error", kind=type(error).__name__, where=place))


def _distinct_places(works: Sequence[_Work]) -> frozenset[tuple[str, ...]]:
    """Return what identifies every declared place.

    :raises ConfigurationError: ``place_used_twice`` for two that are the same spot, however they were written down.
    """
    holders: dict[tuple[str, ...], str] = {}
    for work in works:
        for place in work.places:
            if place.identity in holders:
                raise ConfigurationError(
                    "place_used_twice", where=f"tokens[{work.declared.name}]", other=holders[place.identity]
                )
            holders[place.identity] = work.declared.name
    return frozenset(holders)
