# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The replicas of one declared token: read once per pass, rewritten whenever they differ from the record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import VaultConflict, VaultCorrupt, VaultError
from ansible_collections.tokenops.ionos.plugins.module_utils._core.token import Token
from ansible_collections.tokenops.ionos.plugins.plugin_utils._record import Current, Record, bare
from ansible_collections.tokenops.ionos.plugins.plugin_utils._rotation.outcome import VaultOutcome
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.connections import once_more_after_denial
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.protocol import Place, Reading, Vault


@dataclass
class Replica:
    """One replica and what this pass has read there."""

    vault: Vault
    place: Place
    outcome: VaultOutcome
    reading: Reading | None = None
    error: VaultError | None = None
    held_before: str | None = None
    """The id of the token that was replaced here."""

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

    def write(self, current: Current, before: Reading) -> None:
        """Write the current token over what was read before, and read it back.

        :raises VaultError: ``vault_read_back_differs`` if the place then holds something else.
        """
        once_more_after_denial(self.vault, lambda: self.place.write(bare(current), before.version))
        self.reading = self.place.read()
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

    def synchronize(
        self, current: Current, record: Record, holds_dead: Callable[[Reading], bool], *, dry_run: bool
    ) -> None:
        """Write the current token wherever something else stands that may be overwritten.

        What goes wrong is noted in the replica's outcome, and does not keep the others from being written.

        :param record: of the vault of record: the tokens that it names may be overwritten.
        :param holds_dead: tells whether a token that the record does not name certainly does not work any more; no
            other is ever overwritten (R5).
        :param dry_run: only report what would be written.
        """
        for replica in self._replicas:
            error = self._synchronize_one(replica, current, record, holds_dead, dry_run)
            if error is not None:
                is_known = replica.reading is not None or isinstance(error, VaultCorrupt)
                replica.outcome.fail(error, in_sync=False if is_known else None)

    @property
    def all_in_sync(self) -> bool:
        """True if every replica is known to hold the current token."""
        return all(replica.outcome.in_sync for replica in self._replicas)

    def hold(self, current: Current) -> bool:
        """Tell whether every replica can be read and holds the current token."""
        return all(replica.read() is not None and replica.holds(current) for replica in self._replicas)

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
