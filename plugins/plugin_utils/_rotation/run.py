# Copyright: Contributors to the tokenops.ionos collection
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the declared tokens of one run share: clocks, the stop flag, and which token ids are in use."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from ansible_collections.tokenops.ionos.plugins.module_utils._auth_api.clock import (
    ApiClock,
    clock_warning,
    require_agreeing_clocks,
)
from ansible_collections.tokenops.ionos.plugins.module_utils._minting.ledger import MintLedger
from ansible_collections.tokenops.ionos.plugins.plugin_utils._record import Owner, Record

LEASE = 600
"""Seconds for which an intent keeps other runs away (R13)."""

SUSPECT_RETENTION = 86400
"""Seconds for which an attempt of unknown outcome is looked for (R3)."""


@dataclass
class TokenRegistry:
    """Which token ids are in use anywhere in this run (R4). Safe to use from several threads."""

    issuer_ids: frozenset[str] = frozenset()
    unread: set[str] = field(default_factory=set)
    _current: dict[str, str | None] = field(default_factory=dict)
    _known: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, name: str, record: Record) -> None:
        """Take in what the record of the declared token ``name`` says."""
        with self._lock:
            self._known.update(record.known_ids)
            self._current[name] = record.current.id if record.current else None

    def note_unread(self, name: str) -> None:
        """Remember that the record of ``name`` could not be read: what it holds is not known."""
        with self._lock:
            self.unread.add(name)

    def note_minted(self, token_id: str) -> None:
        """Remember a token of this run before any record holds it."""
        with self._lock:
            self._known.add(token_id)

    def claim(self, name: str, token_id: str) -> bool:
        """Make ``token_id`` current for the declared token ``name``, unless another one holds it (R4)."""
        with self._lock:
            if self._holder(token_id, name) is not None:
                return False
            self._current[name] = token_id
            return True

    def holder(self, token_id: str, besides: str | None = None) -> str | None:
        """Return a declared token whose record has this id as its current one, or None.

        :param besides: a declared token that does not count.
        """
        with self._lock:
            return self._holder(token_id, besides)

    def _holder(self, token_id: str, besides: str | None) -> str | None:
        return next((name for name, held in self._current.items() if held == token_id and name != besides), None)

    def is_in_use(self, token_id: str) -> bool:
        """Tell whether the id is current in any record or a configured issuer, so that it must never be retired."""
        return token_id in self.issuer_ids or self.holder(token_id) is not None

    @property
    def known_ids(self) -> frozenset[str]:
        """Every token id that some record of this run names or that an issuer has."""
        with self._lock:
            return frozenset(self._known) | self.issuer_ids


@dataclass
class Run:
    """One run over all declared tokens.

    :ivar wall_clock: the controller's own clock, seconds since the epoch.
    :ivar monotonic: seconds from an arbitrary start.
    :ivar new_write_id: gives a random id for each write of a record.
    :ivar deadline: the client's total deadline of one request in seconds.
    """

    owner: Owner
    owner_is_dead: Callable[[Owner], bool]
    clock: ApiClock
    ledger: MintLedger
    registry: TokenRegistry
    stop: threading.Event
    sleep: Callable[[float], None]
    monotonic: Callable[[], float]
    wall_clock: Callable[[], float]
    new_write_id: Callable[[], str]
    deadline: float = 60
    lease: int = LEASE
    max_lost: int = 3
    purge_expired: bool = False
    check_mode: bool = False
    _began: float = field(init=False, default=0.0)

    def __post_init__(self) -> None:
        self._began = self.monotonic()

    def began_at(self) -> int:
        """Return when the run began, before it had read any record, by the API's clock."""
        return self.now() - int(self.monotonic() - self._began)

    def now(self) -> int:
        """Return the time by the API's clock; by the controller's own only while the API has not answered at all."""
        by_api = self.clock.now()
        return int(self.wall_clock()) if by_api is None else by_api

    def require_agreeing_clocks(self) -> None:
        """Raise ApiError ``clock_skew`` where nothing may be minted or deleted, since a clock is wrong (R8)."""
        require_agreeing_clocks(self.clock)

    def clock_warning(self) -> str | None:
        """Return what to say of clocks that differ by more than a minute, or None."""
        return clock_warning(self.clock)
