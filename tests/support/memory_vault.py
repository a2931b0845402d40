# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A vault in memory that obeys the vault protocol, for tests that take thousands of steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, TypeVar

from ansible_collections.tokenops.ionos.plugins.module_utils._core.errors import VaultConflict, VaultUnavailable
from ansible_collections.tokenops.ionos.plugins.module_utils._core.options import Options
from ansible_collections.tokenops.ionos.plugins.plugin_utils._record.model import Record
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.entry import VaultEntry, names_of_tokens
from ansible_collections.tokenops.ionos.plugins.plugin_utils._vaults.protocol import Controller, Reading, Version

Result = TypeVar("Result")
Call = tuple[str, str]
"""What is done (``read``, ``write``, ``erase``, ``connect``) and to which path."""


@dataclass
class MemoryStore:
    """What the vault holds, by path; it outlives the runs that connect to it.

    ``before`` and ``after`` are called around every effect with what is done and the path, and may raise.
    What stands at the paths in ``plain`` can be read by everybody; at those in ``id_only`` no more than the id of the
    token and its user is told, and at those in ``without_user`` not even that.
    Without ``proves_writes`` a write that returns has to be read back.
    ``outages`` says by path which operations fail until it is over.
    ``reads_behind`` is how many reads still show what stood there before the last write, as on a standby that lags.
    """

    entries: dict[str, VaultEntry] = field(default_factory=dict)
    plain: set[str] = field(default_factory=set)
    id_only: set[str] = field(default_factory=set)
    without_user: set[str] = field(default_factory=set)
    calls: list[Call] = field(default_factory=list)
    outages: dict[str, frozenset[str]] = field(default_factory=dict)
    before: Callable[[str, str], None] = lambda operation, path: None
    after: Callable[[str, str], None] = lambda operation, path: None
    login_lasts: bool = True
    proves_writes: bool = True
    logins_left: int = 0
    reads_behind: int = 0
    clock: Callable[[], float] = lambda: 0.0
    _overwritten: dict[str, VaultEntry] = field(default_factory=dict)
    _slow_paths: set[str] = field(default_factory=set)
    _postponed: list[tuple[float, Callable[[], None]]] = field(default_factory=list)

    def postpone(self, path: str) -> None:
        """Let the next write to ``path`` be carried out two minutes later, if check-and-set still allows it then."""
        self._slow_paths.add(path)

    def replace(self, path: str, expected_version: Version, change: Callable[[VaultEntry], VaultEntry]) -> Version:
        """Write with check-and-set, or remember to do so later."""
        if path in self._slow_paths:
            self._slow_paths.remove(path)
            self._postponed.append((self.clock() + 120, lambda: self._replace_late(path, expected_version, change)))
            return expected_version
        entry = self.entry(path)
        if entry.version != expected_version:
            raise VaultConflict("vault_changed_meanwhile", where=path)
        self._overwritten[path] = entry
        self.entries[path] = change(entry)
        return self.entries[path].version

    def carry_out_postponed(self) -> None:
        """Carry out the postponed writes whose time has come."""
        now = self.clock()
        due = [write for moment, write in self._postponed if moment <= now]
        self._postponed = [(moment, write) for moment, write in self._postponed if moment > now]
        for write in due:
            write()

    def _replace_late(self, path: str, expected_version: Version, change: Callable[[VaultEntry], VaultEntry]) -> None:
        if self.entry(path).version == expected_version:
            self.entries[path] = change(self.entry(path))

    def entry(self, path: str) -> VaultEntry:
        return self.entries.get(path, VaultEntry())

    def reading(self, path: str) -> Reading:
        folder = path.rpartition("/")[0]
        beside = {
            other.rpartition("/")[2]: entry.value
            for other, entry in self.entries.items()
            if other.rpartition("/")[0] == folder and other != path
        }
        reading = self._shown(path).reading(path)
        if path in self.id_only:
            user_id = reading.token.user_id if reading.token and path not in self.without_user else None
            return replace(reading, token=None, token_id=reading.held_id, token_user_id=user_id)
        return replace(reading, beside=names_of_tokens(beside), is_plain_text=path in self.plain)

    def _shown(self, path: str) -> VaultEntry:
        if not self.reads_behind:
            return self.entry(path)
        self.reads_behind -= 1
        return self._overwritten.get(path, VaultEntry())

    def put_token(self, path: str, value: str) -> None:
        """Write a bare token behind everybody's back."""
        self.entries[path] = VaultEntry(value=value, metadata=self.entry(path).metadata)


class MemoryVaultKind:
    """The kind of vault; each test makes its own with its own store."""

    KIND: ClassVar[str] = "memory"
    DESCRIPTION: ClassVar[str] = "A vault for tests."
    CONNECTION_OPTIONS: ClassVar[Options] = {"store": {"type": "str"}}
    PLACE_OPTIONS: ClassVar[Options] = {"path": {"type": "str", "required": True}}
    READABLE: ClassVar[bool] = True

    def __init__(self, store: MemoryStore) -> None:
        self.store = store

    def connect(self, name: str, options: Mapping[str, Any], controller: Controller) -> MemoryVault:
        self.store.before("connect", name)
        vault = MemoryVault(self.store)
        self.store.after("connect", name)
        return vault


class MemoryVault:
    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    def place(self, options: Mapping[str, Any]) -> MemoryPlace:
        return MemoryPlace(self._store, options["path"])

    def outlasts(self, seconds: int) -> bool:
        return self._store.login_lasts

    def login_again(self) -> bool:
        self._store.logins_left -= 1
        return self._store.logins_left >= 0


class MemoryPlace:
    def __init__(self, store: MemoryStore, path: str) -> None:
        self._store = store
        self._path = path

    @property
    def proves_writes(self) -> bool:
        return self._store.proves_writes

    @property
    def identity(self) -> tuple[str, ...]:
        folder, _slash, name = self._path.rpartition("/")
        return ("memory", folder, name)

    def describe(self) -> str:
        return self._path

    def read(self) -> Reading:
        return self._effect("read", lambda: self._store.reading(self._path))

    def write(self, record: Record, expected_version: Version) -> Version:
        return self._effect(
            "write", lambda: self._store.replace(self._path, expected_version, lambda old: old.replaced_by(record))
        )

    def erase(self, expected_version: Version) -> None:
        self._effect("erase", lambda: self._store.replace(self._path, expected_version, lambda old: VaultEntry()))

    def _effect(self, operation: str, carry_out: Callable[[], Result]) -> Result:
        self._store.calls.append((operation, self._path))
        self._store.carry_out_postponed()
        self._store.before(operation, self._path)
        if operation in self._store.outages.get(self._path, ()):
            raise VaultUnavailable("vault_unreachable", where=self._path)
        result = carry_out()
        self._store.after(operation, self._path)
        return result
