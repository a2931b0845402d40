# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The record of one token in its vault of record, written with check-and-set and never assumed to be written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import (
    VaultConflict,
    VaultCorrupt,
    VaultDenied,
    VaultError,
    VaultUnavailable,
)
from ansible_collections.tokenops.ionos.plugins.plugin_utils._record.model import Record
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.connections import once_more_after_denial
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.protocol import Place, Reading, Vault, Version

READ_BACK_PAUSES = (0.2, 1.0, 3.0)
"""Seconds to wait before each further attempt at reading again after a write of unknown outcome."""


class Fate(Enum):
    """What became of a write (R1).

    ``OVERTAKEN``: it landed, and another run has written on top of it since.
    """

    LANDED = "landed"
    OVERTAKEN = "overtaken"
    REJECTED = "rejected"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Write:
    """A write's fate, and the error that it met.

    :ivar version: what the place holds, where the vault's answer alone proves that the write has landed.
    """

    fate: Fate
    error: VaultError | None = None
    version: Version | None = None


class RecordKeeper:
    """Reads and commits one token's record.

    :ivar reading: the last reading that is known to be what the vault holds.
    :param on_change: told of every record that has come to be what the vault holds.
    :param check_mode: commits are only assumed, and nothing is written.
    """

    def __init__(
        self,
        vault: Vault,
        place: Place,
        reading: Reading,
        *,
        new_write_id: Callable[[], str],
        sleep: Callable[[float], None],
        on_change: Callable[[Record], None],
        check_mode: bool,
    ) -> None:
        self._vault = vault
        self._place = place
        self._new_write_id = new_write_id
        self._sleep = sleep
        self._on_change = on_change
        self._check_mode = check_mode
        self._overwritten: Version | None = None
        self.reading = reading

    @property
    def record(self) -> Record:
        """The record as last read or committed; an empty one if there is none."""
        return self.reading.record or Record()

    @property
    def place(self) -> str:
        """The vault of record's place in a form for people, without secrets."""
        return self._place.describe()

    @property
    def holds_unmanaged_token(self) -> bool:
        """Whether there is a token that the record does not know as current (R5)."""
        return self.reading.token is not None and self.record.token is None

    def commit(self, record: Record) -> None:
        """Write ``record`` with check-and-set.

        :raises VaultError: if it did not provably land; whether it did is then for the next run to see.
        """
        if self._check_mode:
            self._assume(record)
            return
        write = self.try_commit(record)
        if write.error is not None:
            raise write.error

    def try_commit(self, record: Record) -> Write:
        """Write ``record`` under a new ``write_id``; tell what became of it (R1).

        It is read back, unless the vault's answer proves that it landed and no other token came with it: what follows a
        write of the same token builds on the version that the answer names.
        """
        stamped = replace(record, write_id=self._new_write_id())
        write = self._write(stamped)
        if isinstance(write.error, VaultDenied) and write.error.rejected and self._vault.login_again():
            write = self._write(stamped)
        self._overwritten = None if write.version is None else self.reading.version
        if write.version is None or self._brings_token(stamped):
            write = self._read_back(stamped, write)
        else:
            self.reading = replace(self.reading, record=stamped, version=write.version)
        if write.fate is Fate.LANDED:
            self.announce()
        return write

    def announce(self) -> None:
        """Tell of the record as it is known to stand in the vault."""
        self._on_change(self.record)

    def withdraw(self, record: Record) -> bool:
        """Make sure that an earlier write of unknown outcome cannot land any more.

        :param record: what is written in its stead, without what the earlier write brought.
        :returns: True once the place has moved on without it; False if that cannot be had or proven.
        """
        return self.try_commit(record).fate is Fate.LANDED

    def erase(self) -> None:
        """Remove the token and the record for good.

        :raises VaultError: if that was not done.
        """
        once_more_after_denial(self._vault, lambda: self._place.erase(self.reading.version))
        self.reading = Reading(token=None, record=None, version=self.reading.version)

    def refresh(self) -> Reading:
        """Read the place anew, which is then what further commits build on.

        :raises VaultError: what reading raises, and ``vault_write_unproven`` for what was certainly overwritten.
        """
        reading = self._place.read()
        if reading.version == self._overwritten:
            raise self._unproven()
        self.reading = reading
        return reading

    def _assume(self, record: Record) -> None:
        self.reading = Reading(token=record.token or self.reading.token, record=record, version=self.reading.version)
        self.announce()

    def _write(self, stamped: Record) -> Write:
        try:
            version = self._place.write(stamped, self.reading.version)
        except VaultError as error:
            return Write(Fate.REJECTED if error.rejected else Fate.UNKNOWN, error)
        return Write(Fate.LANDED, version=version if self._place.proves_writes else None)

    def _brings_token(self, stamped: Record) -> bool:
        """Tell whether a record comes with another token than the one that stands in the place."""
        token, held = stamped.token, self.reading.token
        return token is not None and (held is None or held.fingerprint != token.fingerprint)

    def _read_back(self, stamped: Record, write: Write) -> Write:
        reading = read_after_write(self._place, self._overwritten, self._sleep)
        if reading is None:
            return write if write.error else Write(Fate.UNKNOWN, self._unproven())
        if _holds(reading, stamped):
            self.reading = reading
            return Write(Fate.LANDED)
        if write.fate is Fate.REJECTED:
            return write
        if reading.record is not None and reading.record.write_id == stamped.write_id:
            return Write(Fate.UNKNOWN, VaultCorrupt("vault_read_back_differs", where=self._place.describe()))
        if write.fate is Fate.LANDED:
            return Write(Fate.OVERTAKEN, VaultConflict("vault_changed_meanwhile", where=self._place.describe()))
        return Write(Fate.UNKNOWN, write.error or self._unproven())

    def _unproven(self) -> VaultUnavailable:
        return VaultUnavailable("vault_write_unproven", where=self._place.describe())


def read_after_write(place: Place, overwritten: Version | None, sleep: Callable[[float], None]) -> Reading | None:
    """Return what a place holds after a write, or None if that cannot be had.

    :param overwritten: the version that the vault's own answer proves to be overwritten, or None if it proves none:
        whoever is shown it reads from a standby that lags behind.
    """
    for pause in (0.0, *READ_BACK_PAUSES):
        if pause:
            sleep(pause)
        try:
            reading = place.read()
        except VaultUnavailable:
            continue
        except VaultError:
            return None
        if reading.version != overwritten:
            return reading
    return None


def _holds(reading: Reading, stamped: Record) -> bool:
    if reading.record is None or reading.record.write_id != stamped.write_id:
        return False
    if stamped.token is None:
        return True
    return reading.token is not None and reading.token.fingerprint == stamped.token.fingerprint
