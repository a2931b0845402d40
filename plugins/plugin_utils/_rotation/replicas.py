# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The replicas of one declared token: read once per pass, rewritten whenever they differ from the record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import (
    TokenOpsError,
    VaultConflict,
    VaultCorrupt,
    VaultError,
    VaultUnavailable,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._core.token import Token
from ansible_collections.tokenops.ionos.plugins.plugin_utils._record.model import Current, Publication, Record, bare
from ansible_collections.tokenops.ionos.plugins.plugin_utils._result.publications import Publication as Report
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.outcome import VaultOutcome
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.connections import once_more_after_denial
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.protocol import (
    Place,
    PublishedPlace,
    Publishing,
    Reading,
    Vault,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.record_keeper import read_after_write


@dataclass
class Replica:
    """One replica and what this pass has read there."""

    vault: Vault
    place: Place
    outcome: VaultOutcome
    sleep: Callable[[float], None]
    reading: Reading | None = None
    error: VaultError | None = None
    held_before: str | None = None
    """The id of the token that was replaced here."""

    @property
    def publishing(self) -> Publishing | None:
        """How a token gets there, where tasks of the user do that; None for a place that this process writes."""
        return self.place.publishing if isinstance(self.place, PublishedPlace) else None

    def read(self) -> Reading | None:
        """Return what the replica holds, read once; None if it cannot be read, with ``error`` saying why."""
        if self.reading is None and self.error is None:
            try:
                self.reading = self.place.read()
            except VaultError as error:
                self.error = error
        return self.reading

    def holds(self, current: Current) -> bool:
        """Tell whether the replica holds exactly the current token and nothing of a record.

        A place that tells no more than the id of its token is taken at its word.
        """
        reading = self.reading
        if reading is None or reading.record is not None:
            return False
        if reading.token is None:
            return reading.token_id == current.id
        return reading.token.fingerprint == current.fingerprint

    def is_published(self, current: Current, record: Record, now: int) -> bool:
        """Tell whether the current token was published in the place, so late that it still stands there."""
        publishing = self.publishing
        publication = record.publication(publishing.spot) if publishing else None
        if publishing is None or publication is None or publication.token_id != current.id:
            return False
        after = publishing.republish_after
        return after is None or now < publication.published_at + after

    def write(self, current: Current, before: Reading) -> None:
        """Write the current token over what was read before, and read it back.

        :raises VaultError: ``vault_read_back_differs`` if the place then holds something else, ``vault_write_unproven``
            if nobody knows.
        """
        once_more_after_denial(self.vault, lambda: self.place.write(bare(current), before.version))
        self.reading = read_after_write(self.place, before.version if self.place.proves_writes else None, self.sleep)
        if self.reading is None:
            raise VaultUnavailable("vault_write_unproven", where=self.place.describe())
        if not self.holds(current):
            raise VaultConflict("vault_read_back_differs", where=self.place.describe())


class Replicas:
    """All replicas of one declared token."""

    def __init__(self, replicas: list[Replica]) -> None:
        self._replicas = replicas

    def unmanaged(self, known: Callable[[Token], bool]) -> list[tuple[Replica, Token]]:
        """Return the tokens in replicas that ``known`` does not recognise, with their places (R5)."""
        found = []
        for replica in self._replicas:
            reading = replica.read()
            if reading is not None and reading.token is not None and not known(reading.token):
                found.append((replica, reading.token))
        return found

    def holding(self, token_id: str) -> Token | None:
        """Return the value of the token with this id from the first replica that holds it, or None."""
        for replica in self._replicas:
            reading = replica.read()
            if reading is not None and reading.token is not None and reading.token.id == token_id:
                return reading.token
        return None

    def note(self, reports: Sequence[Report], record: Record, now: int) -> Record:
        """Return the record with what became of publications; each place's outcome says what went wrong there.

        Nobody knows what stands in a place after tasks that failed, or after a token that is not the current one any
        more was published there, so the record forgets what it said of it.

        :param reports: of the role, which has run the tasks.
        """
        for replica, publishing in self.published:
            for report in reports:
                if report.spot == publishing.spot:
                    record = _noted(replica, report, record, now)
        return record

    def synchronize(
        self, current: Current, record: Record, holds_dead: Callable[[Reading], bool], now: int, *, dry_run: bool
    ) -> None:
        """Write the current token wherever something else stands that may be overwritten.

        Where tasks of the user do that, it is asked for.

        What goes wrong is noted in the replica's outcome, and does not keep the others from being written.

        :param record: of the vault of record: the tokens that it names may be overwritten.
        :param holds_dead: tells whether a token that the record does not name certainly does not work any more; no
            other is ever overwritten (R5).
        :param now: seconds since the epoch, by the API's clock.
        :param dry_run: only report what would be written.
        """
        for replica in self._replicas:
            if replica.publishing is not None:
                _ask_to_publish(replica, current, record, now, dry_run=dry_run)
                continue
            error = self._synchronize_one(replica, current, record, holds_dead, dry_run)
            if error is not None:
                is_known = replica.reading is not None or isinstance(error, VaultCorrupt)
                replica.outcome.fail(error, in_sync=False if is_known else None)

    @property
    def all_in_sync(self) -> bool:
        """True if every replica is known to hold the current token."""
        return all(replica.outcome.in_sync for replica in self._replicas)

    @property
    def are_only_to_be_published(self) -> bool:
        """True if nothing keeps a replica out of sync but tasks of the user that have not been run yet."""
        return all(r.outcome.in_sync or (r.outcome.to_publish and not r.outcome.error) for r in self._replicas)

    @property
    def published(self) -> list[tuple[Replica, Publishing]]:
        """The replicas in which tasks of the user publish, and how they do."""
        return [(replica, replica.publishing) for replica in self._replicas if replica.publishing is not None]

    def hold(self, current: Current, record: Record, now: int) -> bool:
        """Tell whether every replica can be read and holds the current token."""
        return all(
            replica.is_published(current, record, now)
            if replica.publishing
            else replica.read() is not None and replica.holds(current)
            for replica in self._replicas
        )

    @property
    def held_before(self) -> list[str]:
        """The ids of the tokens that have just been replaced."""
        return [replica.held_before for replica in self._replicas if replica.held_before is not None]

    @property
    def were_changed(self) -> bool:
        """True if any replica was written, or would be in a dry run."""
        return any(replica.outcome.changed for replica in self._replicas)

    @property
    def places(self) -> list[Replica]:
        """The replicas in the order of their declaration."""
        return self._replicas

    def _synchronize_one(
        self,
        replica: Replica,
        current: Current,
        record: Record,
        holds_dead: Callable[[Reading], bool],
        dry_run: bool,
    ) -> VaultError | None:
        reading = replica.read()
        if reading is None:
            return replica.error
        if replica.holds(current):
            replica.outcome.in_sync = True
            return None
        if not self._may_overwrite(replica, reading, record, holds_dead):
            return None
        replica.outcome.changed = True
        replica.held_before = reading.held_id
        replica.outcome.in_sync = not dry_run
        return None if dry_run else _write(replica, current, reading)

    @staticmethod
    def _may_overwrite(
        replica: Replica, reading: Reading, record: Record, holds_dead: Callable[[Reading], bool]
    ) -> bool:
        held_id = reading.held_id
        if held_id is None or held_id in record.known_ids or holds_dead(reading):
            return True
        replica.outcome.in_sync = False
        replica.outcome.foreign = held_id
        return False


def _noted(replica: Replica, report: Report, record: Record, now: int) -> Record:
    outcome = replica.outcome
    is_taken_away = report.what == "unpublish"
    is_current = record.current is not None and record.current.id == report.token_id
    if report.failed:
        code = "unpublication_failed" if is_taken_away else "publication_failed"
        outcome.fail(TokenOpsError(code, where=outcome.place, task=report.failed_task or "-"), in_sync=False)
        return record if is_taken_away else record.without_publications([report.spot])
    if is_taken_away or not is_current or report.token_id is None:
        if not is_taken_away:
            outcome.fail(TokenOpsError("publication_overtaken", where=outcome.place), in_sync=False)
        outcome.changed = is_taken_away
        return record.without_publications([report.spot])
    outcome.changed = True
    return record.with_publication(Publication(*report.spot, token_id=report.token_id, published_at=now))


def _ask_to_publish(replica: Replica, current: Current, record: Record, now: int, *, dry_run: bool) -> None:
    """Note what the record says of a place, and ask for what tasks of the user have to do there."""
    outcome, publishing = replica.outcome, replica.publishing
    publication = record.publication(publishing.spot) if publishing else None
    if publication is not None and publication.token_id == current.id:
        outcome.published_at = publication.published_at
    outcome.in_sync = replica.is_published(current, record, now)
    if not outcome.in_sync:
        outcome.to_publish = "publish"
        outcome.changed = dry_run


def _write(replica: Replica, current: Current, before: Reading) -> VaultError | None:
    try:
        replica.write(current, before)
        return None
    except VaultError as error:
        failure = error
    replica.outcome.changed = False
    return None if isinstance(failure, VaultConflict) and _holds_by_now(replica, current) else failure


def _holds_by_now(replica: Replica, current: Current) -> bool:
    """Tell whether another run, which was faster, has written the same token."""
    replica.reading = None
    replica.read()
    return replica.holds(current)
